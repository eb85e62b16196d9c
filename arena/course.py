"""The course of one game as a table keeps it: made, taken back, repeated. The rules are those of `arena/match.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from arena.match import Seating, Table, advance, make_record, play_of_chance
from arena.record import Record
from arena.score import AGREED
from games.core.game import Game, Positions
from games.core.joint import moved, nobody
from games.core.position import Play, Position


class Course:
    """A position, the plays that led to it, and who made them."""

    def __init__(self, game: Game, seating: Seating) -> None:
        self.game, self.seating = game, seating
        self._restart()

    def _restart(self) -> None:
        game = self.game
        self.row: Positions = game.start(np.array([self.seating.seed], np.uint64))  # [1]
        self.movers: list[tuple[int, ...]] = []  # of each ply; `seats` is nature
        self._table = Table(self.seating, returns=np.zeros(game.seats), seconds=np.zeros(game.seats))

    @property
    def ply(self) -> int:
        return len(self._table.plays)

    @property
    def plays(self) -> list[Play]:
        return self._table.plays

    @property
    def returns(self) -> tuple[float, ...]:
        return tuple(float(value) for value in self._table.returns)

    @property
    def spent(self) -> tuple[float, ...]:
        """Seconds that each seat has thought so far."""
        return tuple(float(value) for value in self._table.seconds)

    @property
    def value(self) -> float | None:
        """What the one who moved last expected for itself, if it said so."""
        return self._table.values[-1] if self._table.values else None

    @property
    def forfeit(self) -> tuple[int, str] | None:
        """Who lost by breaking a rule, failing or resigning, and how."""
        return self._table.forfeit

    @property
    def acting(self) -> tuple[int, ...]:
        """The seats that act now."""
        return tuple(int(seat) for seat in np.flatnonzero(self.game.acting(self.row)[0]))

    def legal(self, seat: int) -> np.ndarray:
        """[actions] what a seat may do."""
        legal: np.ndarray = self.game.legal(self.row, np.array([seat], np.int32))[0]
        return legal

    def copy_row(self) -> Positions:
        """[1] a copy of the position; itself where it cannot be copied."""
        if not self.game.forkable:
            return self.row
        row, zero = self.game.empty(1), np.zeros(1, np.int64)
        self.game.copy(self.row, zero, row, zero)
        return row

    def begin_ply(self) -> np.ndarray:
        """[1, seats + 1] a joint action with nature's part, and in the opening everybody's, filled in."""
        joint = nobody(self.game, 1)
        play_of_chance(self.game, self.row, self._table, self.game.acting(self.row)[0], joint[0])
        return joint

    def make(self, joint: np.ndarray, value: float | None = None) -> None:
        """Play a whole joint action; `value` is the return that the first mover expected for itself."""
        self.movers.append(tuple(int(seat) for seat in np.flatnonzero(moved(joint[0]))))
        advance(self.game, self.row, [self._table], joint, {} if value is None else {0: value})

    def joint(self, play: Play) -> np.ndarray:
        """[1, seats + 1] a play that was made before, as `make` takes it."""
        position = Position(self.game, self.row)
        if position.acting != [self.game.seats] and self._table.decided < self.seating.opening:
            self._table.opening = self.ply + 1
        return position.joint(play)

    def give_up(self, seat: int, reason: str) -> None:
        """`seat` loses."""
        self._table.forfeit = (seat, reason)

    def spend(self, seat: int, seconds: float) -> None:
        """`seat` has thought so long."""
        self._table.seconds[seat] += seconds

    def take_back(self, people: Sequence[int]) -> bool:
        """Back to where one of `people` moved last, or where there are none, by a move of each; False if nobody did."""
        kept, wanted = self.ply, 1 if people else min(2, self.game.seats)
        while wanted and kept > self._table.opening:
            kept -= 1
            by = self.movers[kept]
            wanted -= int(bool(set(by) & set(people)) if people else by != (self.game.seats,))
        if kept == self.ply or (wanted and people):
            return False
        plays, values, seconds = self.plays[:kept], self._table.values[:kept], self._table.seconds
        self._restart()
        for play in plays:
            self.make(self.joint(play))
        self._table.values, self._table.seconds = values, seconds
        return True

    def record(self, agreed: bool = False) -> Record:
        """The game as it is stored; `agreed`: given up as a draw."""
        record = make_record(self.game, self._table, self.row)
        if not agreed:
            return record
        share = 1.0 / self.game.seats
        return replace(record, points=(share,) * self.game.seats, reason=AGREED)
