"""The boards of games under way, as those who watch a tournament see them: drawn where they are played."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arena.record import points_of
from games.core.canvas import Canvas, Shape
from games.core.game import Game, Positions

if TYPE_CHECKING:
    from arena.match import Table

SECONDS = 0.1  # between two looks


@dataclass(frozen=True)
class Board:
    """A game as it stands."""

    number: int  # within its event
    agents: tuple[str, ...]  # by seat
    shapes: tuple[Shape, ...]
    marks: tuple[str, ...]  # tags of the last move
    ply: int
    acting: tuple[int, ...]  # seats to move now; none: it is over
    returns: tuple[float, ...]
    points: tuple[float, ...] = ()  # by seat, once it is over
    reason: str = ""  # how it ended


class Watcher:
    """Looks at games played in lockstep, about ten times a second, and shows what has changed."""

    def __init__(self, game: Game, show: Callable[[Sequence[Board]], None]) -> None:
        self._game, self._show = game, show
        self._next = 0.0
        self._drawn: dict[int, Board] = {}  # by number

    def __call__(self, positions: Positions, tables: Sequence[Table]) -> None:
        """A ply was made everywhere. The last of all is always shown: nobody may look again soon."""
        over = not self._game.acting(positions).any()
        if time.monotonic() < self._next and not over:
            return
        boards = [self._board(positions[row : row + 1], table) for row, table in enumerate(tables)]
        self._drawn = {board.number: board for board in boards}
        self._show(boards)
        self._next = time.monotonic() + SECONDS

    def _board(self, position: Positions, table: Table) -> Board:
        acting = () if table.forfeit else tuple(int(seat) for seat in np.flatnonzero(self._game.acting(position)[0]))
        known = self._drawn.get(table.seating.number)
        if known is not None and (known.ply, known.acting) == (len(table.plays), acting):
            return known
        canvas, returns = Canvas(), tuple(float(value) for value in table.returns)
        self._game.draw(canvas, position, 0)
        ended = "" if acting else f"forfeit: {table.forfeit[1]}" if table.forfeit else self._game.reason(position)
        return Board(
            number=table.seating.number,
            agents=table.seating.agents,
            shapes=tuple(canvas.shapes),
            marks=self._game.last_move(position),
            ply=len(table.plays),
            acting=acting,
            returns=returns,
            points=() if acting else points_of(returns, table.forfeit[0] if table.forfeit else None),
            reason=ended,
        )
