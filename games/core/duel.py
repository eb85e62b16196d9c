"""A score duel: two agents play the same seeded episodes of a solo game, each alone, and the higher score wins.

For the arena it is a game for two like any other, in which both seats act at once, each on its own board; a position
is a pair of solo positions, [B, 2]. What nature does on both boards is one outcome of a pair, drawn so that boards with
equal odds get the same: an episode goes as it would go by itself with the same seed. The agents know nothing of it:
`own` gives them their board, on which they are seat 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from games.core.canvas import Canvas, Disc, Line, Polygon, Rect, Sprite, Text
from games.core.game import Array, Bool, Float, Game, Int, Positions, Seats, Seeds
from games.core.joint import as_play
from games.core.position import Play

_GAP = 0.06  # between the boards, of a board's width
_LEFT_HAND = {"up": "w", "left": "a", "down": "s", "right": "d", "space": "left shift"}


def seated(game: Game, players: int) -> Game:
    """The game as `players` play it: a solo game is a duel for two."""
    return Duel(game) if game.seats == 1 and players == 2 else game


class Duel(Game):
    """Two boards of a solo game."""

    seats = 2
    zero_sum = False
    simultaneous = True
    seat_names = ("Left", "Right")

    def __init__(self, solo: Game) -> None:
        self.solo = solo
        self.name, self.title, self.openspiel = solo.name, solo.title, None
        self.actions, self.max_plies, self.forkable = solo.actions, solo.max_plies, solo.forkable
        self.hidden, self.bounds, self.tick, self.idle = solo.hidden, solo.bounds, solo.tick, solo.idle
        self.action_space = solo.action_space
        self.observation_shape, self.observation_dtype = solo.observation_shape, solo.observation_dtype
        self.keys = tuple(_left_hand(keys) for keys in solo.keys) + solo.keys
        self.choices = solo.outcomes + 1  # of nature on one board; the last: none
        self.outcomes = self.choices**2 if solo.outcomes else 0
        self.extent = ((2 + _GAP) * solo.extent[0], solo.extent[1])

    # -- positions -------------------------------------------------------------------------------------------------

    def start(self, seeds: Seeds) -> Positions:
        return self.solo.start(np.repeat(seeds, 2)).reshape(-1, 2)

    def empty(self, count: int) -> Positions:
        return self.solo.empty(2 * count).reshape(-1, 2)

    def copy(self, source: Positions, rows: Array, target: Positions, slots: Array) -> None:
        both = [2 * np.asarray(numbers)[:, None] + np.arange(2) for numbers in (rows, slots)]
        self.solo.copy(source.reshape(-1), both[0].reshape(-1), target.reshape(-1), both[1].reshape(-1))

    def reseed(self, positions: Positions, seeds: Seeds) -> None:
        self.solo.reseed(positions.reshape(-1), np.repeat(seeds, 2))

    def own(self, positions: Positions, seats: Seats) -> Positions:
        """[B] the solo positions of `seats` [B]."""
        boards: Positions = positions[np.arange(len(positions)), seats]
        return boards

    # -- rules -----------------------------------------------------------------------------------------------------

    def acting(self, positions: Positions) -> Bool:
        acting = self.solo.acting(positions.reshape(-1)).reshape(-1, 2, 2)
        return np.concatenate([acting[:, :, 0], acting[:, :, 1].any(1, keepdims=True)], axis=1)

    def legal(self, positions: Positions, seats: Seats) -> Bool:
        return self.solo.legal(self.own(positions, seats), np.zeros_like(seats))

    def odds(self, positions: Positions) -> Float:
        """Each pair as often as one number in [0, 1) falls on both of its outcomes, laid end to end."""
        odds = self.solo.odds(positions.reshape(-1)).astype(np.float64)
        ends = np.cumsum(np.column_stack([odds, odds.sum(1) == 0]), axis=1)
        ends = (ends / ends[:, -1:]).reshape(-1, 2, self.choices)
        begins = np.concatenate([np.zeros_like(ends[:, :, :1]), ends[:, :, :-1]], axis=2)
        last = np.minimum(ends[:, 0, :, None], ends[:, 1, None, :])
        first = np.maximum(begins[:, 0, :, None], begins[:, 1, None, :])
        pairs = np.maximum(last - first, 0).reshape(len(positions), -1).astype(np.float32)
        pairs[:, -1] = 0  # nature does nothing on either board
        odds_of_pairs: Float = pairs[:, : self.outcomes]
        return odds_of_pairs

    def step(self, positions: Positions, joint: Int, out: Float | None = None) -> Float:
        out = np.empty((len(positions), 2), np.float32) if out is None else out
        parts = self.parts(joint).reshape(-1, 2, *joint.shape[2:])
        self.solo.step(positions.reshape(-1), parts, out.reshape(-1, 1))
        return out

    def parts(self, joint: Array) -> Array:
        """[B, 2, 2, ...] the joint actions on each board of `joint` [B, 3, ...]."""
        parts = np.stack([joint[:, :2], joint[:, [2, 2]]], axis=2)
        if self.outcomes:
            pairs = joint[:, 2]
            numbers = np.stack([pairs // self.choices, pairs % self.choices], axis=1)
            parts[:, :, 1] = np.where((pairs[:, None] >= 0) & (numbers < self.solo.outcomes), numbers, -1)
        return parts

    def observe(self, positions: Positions, seats: Seats) -> Array:
        return self.solo.observe(self.own(positions, seats), np.zeros_like(seats))

    def information_key(self, positions: Positions, seats: Seats) -> list[bytes]:
        return self.solo.information_key(self.own(positions, seats), np.zeros_like(seats))

    def resample(self, positions: Positions, seats: Seats, seeds: Seeds) -> Positions:
        """The other's board stays as it is: it has no bearing on one's own."""
        drawn, rows = self.empty(len(positions)), np.arange(len(positions))
        self.copy(positions, rows, drawn, rows)
        boards = self.solo.resample(self.own(positions, seats), np.zeros_like(seats), seeds)
        self.solo.copy(boards, rows, drawn.reshape(-1), 2 * rows + seats)
        return drawn

    def estimate(self, positions: Positions) -> Float:
        return self.solo.estimate(positions.reshape(-1)).reshape(-1, 2)

    # -- for people ------------------------------------------------------------------------------------------------

    def history(self, plays: Sequence[Play], seat: int) -> list[Play]:
        """The plays of the episode of `seat`, which is not over, from those of the duel (see `written`)."""
        if self.action_space is not None:
            return [_point_of(play, seat) for play in plays]
        joints = np.full((len(plays), 3), -1)
        for row, play in zip(joints, plays, strict=True):
            row[: len(play)] = play  # type: ignore[arg-type]
        return [int(play) for play in self.parts(joints)[:, seat].max(-1)]

    def written(self, joint: Array) -> Play:
        """A joint action [3, ...] as a play: one entry a seat even where one acts alone, so that it says who."""
        return as_play(joint) if joint.ndim > 1 else tuple((joint if joint[2] >= 0 else joint[:2]).tolist())

    def action_text(self, position: Positions, action: int) -> str:
        return self.solo.action_text(self._board(position, action), action)

    def _board(self, position: Positions, action: int) -> Positions:
        """[1] the first board on which `action` is legal."""
        second = not self.legal(position, np.array([0], np.int32))[0, action]
        return position[:, int(second)]  # type: ignore[no-any-return]

    def outcome_text(self, position: Positions, action: int) -> str:
        numbers = divmod(action, self.choices)
        texts = [self.solo.outcome_text(position[:, seat], number) for seat, number in enumerate(numbers)
                 if number < self.solo.outcomes]  # fmt: skip
        return " / ".join(dict.fromkeys(texts))

    def reason(self, position: Positions) -> str:
        if self.acting(position).any():
            return ""
        return " / ".join(dict.fromkeys(self.solo.reason(position[:, seat]) for seat in range(2)))

    def text(self, position: Positions) -> str:
        return "\n\n".join(self.solo.text(position[:, seat]) for seat in range(2))

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        """Both boards; only what is on that of `seat` can be clicked."""
        for side in range(2):
            board = Canvas()
            self.solo.draw(board, position[:, side], 0)
            for shape in board.shapes:
                tag = shape.tag if side == seat or shape.tag is None else f"{shape.tag} of the other"
                canvas.shapes.append(_moved(replace(shape, tag=tag), side * (1 + _GAP) * self.solo.extent[0]))

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return self.solo.gesture(self._board(position, action), action)


def _left_hand(keys: Mapping[str, int]) -> dict[str, int]:
    """The keys of who sits at the left of the keyboard."""
    return {"+".join(_LEFT_HAND.get(key, key) for key in chord.split("+")): action for chord, action in keys.items()}


def _point_of(play: Any, seat: int) -> Play:
    """The point of `seat` in a play of points, which stands alone once the other's episode is over."""
    point: Play = play[seat] if play and isinstance(play[0], Sequence) else play
    return point


def _moved(shape: Any, right: float) -> Any:
    """A shape so far to the right."""
    match shape:
        case Line():
            return replace(shape, x1=shape.x1 + right, x2=shape.x2 + right)
        case Polygon():
            return replace(shape, points=tuple((x + right, y) for x, y in shape.points))
        case Sprite():
            return replace(shape, x=shape.x + right)
        case Rect() | Disc() | Text():
            origin = shape.origin and (shape.origin[0] + right, shape.origin[1])
            return replace(shape, x=shape.x + right, origin=origin)
