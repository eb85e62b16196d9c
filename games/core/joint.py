"""Joint actions: what every seat and nature do in one ply.

Where actions are numbers from a list, a joint action is int32 [B, seats + 1], -1 for who does not act. Where they are
points of a Gymnasium Box (`Game.action_space`), it is float32 [B, seats + 1, k], NaN for who does not act.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from games.core.errors import ArenaError
from games.core.game import Array, Bool, Game

if TYPE_CHECKING:
    from games.core.position import Play


def nobody(game: Game, count: int) -> Array:
    """[count, seats + 1, ...] in which nobody acts."""
    if game.action_space is None:
        return np.full((count, game.seats + 1), -1, np.int32)
    return np.full((count, game.seats + 1, *game.action_space.shape), np.nan, np.float32)


def moved(joint: Array) -> Bool:
    """[..., seats + 1] who acts in `joint`."""
    acts: Bool = np.asarray(joint >= 0 if joint.dtype.kind == "i" else ~np.isnan(joint).any(-1))
    return acts


def as_play(joint: Array) -> Play:
    """How a joint action [seats + 1, ...] is written down: the sole actor's action, or a tuple with one entry a seat
    (-1, or an empty one, for who does not act). A point is a tuple of its numbers."""
    actors = np.flatnonzero(moved(joint))
    points = joint.ndim > 1
    if len(actors) == 1:
        return tuple(joint[actors[0]].tolist()) if points else int(joint[actors[0]])
    if points:
        return tuple(tuple(joint[seat].tolist()) if seat in actors else () for seat in range(len(joint) - 1))
    return tuple(int(a) for a in (joint if joint[-1] >= 0 else joint[:-1]))


def joint_of_points(game: Game, acting: list[int], play: Any) -> Array:
    """[1, seats + 1, k] the play as `Game.step` takes it, for actions that are points. Raises ArenaError."""
    joint, points = nobody(game, 1), [play] if len(acting) == 1 else play
    seats = acting if len(acting) == 1 else range(game.seats)
    try:
        for seat, point in zip(seats, points, strict=True):
            if len(point):
                joint[0, seat] = point
    except (TypeError, ValueError):
        raise ArenaError(f"{play} is not an action: they are points of {game.action_space}") from None
    for seat in range(game.seats):
        if moved(joint)[0, seat] != (seat in acting) or (seat in acting and joint[0, seat] not in game.action_space):
            raise ArenaError(f"{play} is not an action of seat {seat}: they are points of {game.action_space}")
    return joint


def draw_point(space: Any, seed: int) -> Array:
    """[k] a random point of a Gymnasium Box, a function of the seed."""
    drawn = type(space)(space.low, space.high, dtype=space.dtype, seed=seed % 2**32).sample()
    return np.asarray(drawn, np.float32)
