"""One game for people: look, list the moves, play one, see who won.

>>> position = Position.new(make_game("tic_tac_toe"))
>>> for action in (0, 3, 1, 4, 2):
...     position.play(action)
>>> position.outcome().winner
0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from games.core.canvas import Canvas
from games.core.errors import ArenaError
from games.core.game import Game, Positions
from games.core.joint import joint_of_points

# The sole actor's action, or one entry a seat (-1 idle) where several act at once; a point is its numbers.
Play = int | Sequence[Any]


@dataclass(frozen=True)
class Outcome:
    """How a game ended."""

    returns: tuple[float, ...]  # the sum of rewards, a seat
    winner: int | None  # the seat with the greatest return; None: shared
    reason: str

    def __str__(self) -> str:
        who = "draw" if self.winner is None else f"seat {self.winner} wins"
        return f"{who} ({self.reason})" if self.reason else who


class Position:
    """A batch of one, with the history that led to it."""

    def __init__(self, game: Game, row: Positions, returns: Sequence[float] | None = None, ply: int = 0) -> None:
        self.game = game
        self.row = row  # [1]
        self.returns = tuple(returns) if returns is not None else (0.0,) * game.seats
        self.ply = ply

    @classmethod
    def new(cls, game: Game, seed: int = 0) -> Position:
        return cls(game, game.start(np.array([seed], np.uint64)))

    @classmethod
    def replay(cls, game: Game, seed: int, plays: Sequence[Play]) -> Position:
        """The position after `plays`, nature's among them. Raises ArenaError at the first that is not legal."""
        position = cls.new(game, seed)
        for play in plays:
            position.play(play)
        return position

    def copy(self) -> Position:
        """An independent copy. Raises ArenaError where the game cannot be copied."""
        if not self.game.forkable:
            raise ArenaError(f"{self.game.name} cannot be copied")
        row = self.game.empty(1)
        zero = np.zeros(1, np.int64)
        self.game.copy(self.row, zero, row, zero)
        return Position(self.game, row, self.returns, self.ply)

    @property
    def acting(self) -> list[int]:
        """The seats that act now; `game.seats` stands for nature; empty when the game is over."""
        return [int(seat) for seat in np.flatnonzero(self.game.acting(self.row)[0])]

    @property
    def over(self) -> bool:
        return not self.game.acting(self.row)[0].any()

    @property
    def seat(self) -> int:
        """The one seat to act. Raises ArenaError if none or several do."""
        acting = self.acting
        if len(acting) != 1:
            raise ArenaError("the game is over" if not acting else "several seats act at once")
        return acting[0]

    def legal_actions(self, seat: int | None = None) -> list[int]:
        """What `seat` (by default the one to act) may do; for nature, the outcomes that can happen."""
        seat = self.seat if seat is None else seat
        if seat == self.game.seats:
            return [int(a) for a in np.flatnonzero(self.game.odds(self.row)[0] > 0)]
        return [int(a) for a in np.flatnonzero(self.game.legal(self.row, np.array([seat], np.int32))[0])]

    def play(self, play: Play) -> None:
        """Play one action, or one a seat. Raises ArenaError if it is not legal."""
        joint = self.joint(play)
        rewards = self.game.step(self.row, joint)[0]
        self.returns = tuple(total + float(reward) for total, reward in zip(self.returns, rewards, strict=True))
        self.ply += 1

    def joint(self, play: Play) -> np.ndarray:
        """[1, seats + 1] the play as `Game.step` takes it, checked."""
        acting, joint = self.acting, np.full((1, self.game.seats + 1), -1, np.int32)
        if not acting:
            raise ArenaError("the game is over")
        if self.game.action_space is not None:
            return joint_of_points(self.game, acting, play)
        if max(map(abs, play if isinstance(play, Sequence) else [play]), default=0) >= 2**31:
            raise ArenaError(f"{play} is not an action")
        if isinstance(play, int | np.integer):
            if len(acting) != 1:
                raise ArenaError(f"seats {acting} act at once: give one action a seat")
            joint[0, acting[0]] = play
        else:
            joint[0, : len(play)] = list(play)[: self.game.seats + 1]
        for seat in range(self.game.seats + 1):
            action = int(joint[0, seat])
            if (seat in acting) != (action >= 0) or (seat in acting and action not in self.legal_actions(seat)):
                raise ArenaError(f"action {action} is not legal for seat {seat} at ply {self.ply}")
        return joint

    def text(self) -> str:
        return self.game.text(self.row)

    def action_text(self, action: int) -> str:
        nature = self.acting == [self.game.seats]
        return (self.game.outcome_text if nature else self.game.action_text)(self.row, action)

    def draw(self, seat: int = 0) -> Canvas:
        canvas = Canvas()
        self.game.draw(canvas, self.row, seat)
        return canvas

    def outcome(self) -> Outcome | None:
        """How the game ended; None while it goes on."""
        if not self.over:
            return None
        best = max(self.returns)
        winners = [seat for seat, value in enumerate(self.returns) if value == best]
        winner = winners[0] if len(winners) == 1 and self.game.seats > 1 else None
        return Outcome(self.returns, winner, self.game.reason(self.row))
