"""Five or more stones in an unbroken line win.

Rules: freestyle gomoku, in which a line of six wins too. A cell, and an action, is `board_size * row + column`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from games.core.canvas import Canvas, Color
from games.core.game import Positions
from games.core.goban import Goban
from games.core.kernels import below, helper
from games.core.native import NativeGame
from games.core.symmetry import SQUARE, Symmetries, Table, grid, of_planes

LARGEST = 19
LINE = 5
FREE = 2
LETTERS = "abcdefghijklmnopqrs"
WAYS = np.array([(0, 1), (1, 0), (1, 1), (1, -1)], np.int64)  # row, column
WORTH = np.array([0.0, 1.0, 4.0, 16.0, 64.0, 0.0])  # of a window of five with so many stones, all of one seat


class Rules(NamedTuple):
    """The tag of gomoku with its option."""

    size: int


def position_dtype(size: int) -> np.dtype:
    return np.dtype([("cells", "u1", (size * size,)), ("ply", "i2"), ("last", "i2"), ("won", "u1")])


@helper
def run(rules: Any, row: Any, cell: Any, dy: Any, dx: Any) -> Any:
    """How many stones like the one on `cell` follow it without a gap."""
    size, seat, length = rules.size, row.cells[cell], 0
    y, x = cell // size + dy, cell % size + dx
    while 0 <= y < size and 0 <= x < size and row.cells[size * y + x] == seat:
        length += 1
        y, x = y + dy, x + dx
    return length


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.cells[:] = FREE
    row.ply = 0
    row.last = -1
    row.won = 0


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if row.won or row.ply == rules.size * rules.size else 1 << (row.ply & 1)


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    for cell in range(rules.size * rules.size):
        out[cell] = row.cells[cell] == FREE


def choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    while True:  # most games end while half of the cells are free
        cell = below(random, rules.size * rules.size)
        if row.cells[cell] == FREE:
            return cell


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    seat = row.ply & 1
    cell = np.int64(joint[seat])
    row.cells[cell] = seat
    row.ply += 1
    row.last = cell
    for way in range(4):
        dy, dx = WAYS[way, 0], WAYS[way, 1]
        if 1 + run(rules, row, cell, dy, dx) + run(rules, row, cell, -dy, -dx) >= LINE:
            row.won = 1
    if row.won:
        rewards[seat] += 1
        rewards[1 - seat] -= 1


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    for cell in range(rules.size * rules.size):
        out[0, cell // rules.size, cell % rules.size] = row.cells[cell] == seat
        out[1, cell // rules.size, cell % rules.size] = row.cells[cell] == 1 - seat


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """Windows of five still open to one seat only, the nearer to complete the more; having the move counts too."""
    if row.won or row.ply == rules.size * rules.size:
        return
    size, seat, score = rules.size, row.ply & 1, 0.0
    for cell in range(size * size):
        for way in range(4):
            y, x = cell // size, cell % size
            far_y, far_x = y + (LINE - 1) * WAYS[way, 0], x + (LINE - 1) * WAYS[way, 1]
            if not (far_y < size and 0 <= far_x < size):
                continue
            own, other, by = 0, 0, size * WAYS[way, 0] + WAYS[way, 1]
            for k in range(LINE):
                stone = row.cells[cell + k * by]
                own += stone == seat
                other += stone == 1 - seat
            if other == 0:
                score += 1.5 * WORTH[own]
            if own == 0:
                score -= WORTH[other]
    out[seat] += score / (100.0 + abs(score))
    out[1 - seat] -= score / (100.0 + abs(score))


class Gomoku(NativeGame):
    title = "Gomoku"
    seats = 2
    incidental = ("last",)
    observation_dtype = np.float32
    seat_names = ("Yellow", "Red")

    def __init__(self, board_size: int) -> None:
        if not isinstance(board_size, int) or not LINE <= board_size <= LARGEST:
            raise ValueError(f"board_size is a whole number from {LINE} to {LARGEST}, not {board_size}")
        super().__init__(Rules(board_size), position_dtype(board_size), globals())
        self.size, self.goban = board_size, Goban(board_size, LETTERS)
        self.actions = self.max_plies = board_size**2
        self.openspiel = f"gomoku(size={board_size})"
        self.observation_shape = (2, board_size, board_size)
        self.extent = self.goban.extent

    def places(self) -> Table:
        return grid(self.size, self.size)

    def symmetries(self) -> Symmetries:
        return of_planes(self.observation_shape, SQUARE, self.actions, self.places())

    def action_text(self, position: Positions, action: int) -> str:
        return self.goban.name(action)

    def reason(self, position: Positions) -> str:
        if position["won"][0]:
            return "five in a row" if len(self._winning_line(position)) == LINE else "more than five in a row"
        return "board full" if position["ply"][0] == self.max_plies else ""

    def text(self, position: Positions) -> str:
        return self.goban.text("XO."[cell] for cell in position["cells"][0])

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        self.goban.draw(canvas)
        colors: tuple[Color, ...] = ("seat0", "seat1")
        for cell, owner in enumerate(position["cells"][0]):
            if owner != FREE:
                canvas.disc(*self.goban.center(cell), 0.43, colors[owner], tag=f"stone {cell}")
        self.goban.spots(canvas)
        if line := self._winning_line(position):
            canvas.line(*self.goban.center(line[0]), *self.goban.center(line[-1]), 0.12, "ink")

    def _winning_line(self, position: Positions) -> list[int]:
        """The cells, in order, of the longest line through the last stone; empty while nobody has won."""
        if not position["won"][0]:
            return []
        cells, last, best = position["cells"][0], int(position["last"][0]), [0]
        for dy, dx in WAYS.tolist():
            line = [last]
            for sign, place in ((1, len), (-1, lambda _: 0)):
                y, x = last // self.size + sign * dy, last % self.size + sign * dx
                while 0 <= y < self.size and 0 <= x < self.size and cells[self.size * y + x] == cells[last]:
                    line.insert(place(line), self.size * y + x)
                    y, x = y + sign * dy, x + sign * dx
            best = max(best, line, key=len)
        return best

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return (f"point {action}",)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        last = int(position["last"][0])
        return () if last < 0 else (f"stone {last}",)


def game(board_size: int = 15) -> Gomoku:
    return Gomoku(board_size)
