"""Three in a row on a 3 by 3 board.

A position is one bitboard a seat; bit `3 * row + column` is a cell, and an action is the number of its bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from games.core.canvas import Canvas
from games.core.game import Positions
from games.core.kernels import below
from games.core.native import NativeGame
from games.core.symmetry import SQUARE, Symmetries, Table, grid, of_planes

LINES = np.array([0o007, 0o070, 0o700, 0o111, 0o222, 0o444, 0o421, 0o124], np.int64)  # octal: three bits a row
SETS = np.arange(512)  # of cells
WON = np.any(SETS[:, None] & LINES == LINES, 1)  # [512] is there a line in the set?
COUNT = np.array([cells.bit_count() for cells in range(512)])
ABSENT = (~SETS[:, None] >> np.arange(9)) & 1  # [512, 9] is the cell not in the set?
NTH = np.argsort(ABSENT, 1, kind="stable").astype(np.int8)  # [512, 9] the cells of the set, then the others
POSITION = np.dtype([("stones", "i8", (2,)), ("ply", "u1"), ("won", "u1"), ("last", "i1")])


class Rules(NamedTuple):
    """The tag of tic-tac-toe; it has no options."""

    size: int = 3


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.stones[:] = 0
    row.ply = 0
    row.won = 0
    row.last = -1


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if row.won or row.ply == 9 else 1 << (row.ply & 1)


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    taken = row.stones[0] | row.stones[1]
    for cell in range(9):
        out[cell] = (taken >> cell) & 1 == 0


def choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    free = ~(row.stones[0] | row.stones[1]) & 511
    return np.int64(NTH[free, below(random, COUNT[free])])


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    seat = row.ply & 1
    row.stones[seat] |= 1 << joint[seat]
    row.last = joint[seat]
    row.ply += 1
    if WON[row.stones[seat]]:
        row.won = 1
        rewards[seat] += 1
        rewards[1 - seat] -= 1


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    for cell in range(9):
        out[0, cell // 3, cell % 3] = (row.stones[seat] >> cell) & 1
        out[1, cell // 3, cell % 3] = (row.stones[1 - seat] >> cell) & 1


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """Lines still open to one side only."""
    for seat in range(2):
        for line in LINES:
            if row.stones[1 - seat] & line == 0 and row.stones[seat] & line != 0:
                out[seat] += 0.1
                out[1 - seat] -= 0.1


class TicTacToe(NativeGame):
    title = "Tic-tac-toe"
    seats, actions, max_plies = 2, 9, 9
    incidental = ("last",)
    openspiel = "tic_tac_toe"
    observation_shape, observation_dtype = (2, 3, 3), np.float32
    extent = (3.2, 3.2)
    seat_names = ("Crosses", "Noughts")

    def __init__(self) -> None:
        super().__init__(Rules(), POSITION, globals())

    def places(self) -> Table:
        return grid(3, 3)

    def symmetries(self) -> Symmetries:
        return of_planes(self.observation_shape, SQUARE, self.actions, self.places())

    def action_text(self, position: Positions, action: int) -> str:
        return "abc"[action % 3] + str(3 - action // 3)

    def reason(self, position: Positions) -> str:
        if position["won"][0]:
            return "three in a row"
        return "board full" if position["ply"][0] == 9 else ""

    def text(self, position: Positions) -> str:
        rows = ["".join("XO."[self.owner(position, 3 * row + column)] for column in range(3)) for row in range(3)]
        return "\n".join(rows)

    def owner(self, position: Positions, cell: int) -> int:
        """The seat on a cell; 2: empty."""
        crosses, noughts = (int(stones) >> cell & 1 for stones in position["stones"][0])
        return 0 if crosses else 1 if noughts else 2

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        for i in (1, 2):
            canvas.line(i + 0.1, 0.2, i + 0.1, 3.0, 0.04, "grid")
            canvas.line(0.2, i + 0.1, 3.0, i + 0.1, 0.04, "grid")
        for cell in range(9):
            x, y = cell % 3 + 0.6, cell // 3 + 0.6
            owner = self.owner(position, cell)
            if owner == 0:
                for slope in (-1, 1):
                    canvas.line(
                        x - 0.26,
                        y - 0.26 * slope,
                        x + 0.26,
                        y + 0.26 * slope,
                        0.13,
                        "seat0",
                        tag=f"stone {cell} {slope}",
                    )
            elif owner == 1:
                canvas.disc(x, y, 0.32, "seat1", outline=0.12, tag=f"stone {cell}")
            canvas.rect(x - 0.5, y - 0.5, 1.0, 1.0, "clear", tag=f"cell {cell}")
        for line in LINES:
            for stones in position["stones"][0]:
                if int(stones) & int(line) == int(line):
                    cells = [cell for cell in range(9) if int(line) >> cell & 1]
                    ends = [(cell % 3 + 0.6, cell // 3 + 0.6) for cell in (cells[0], cells[-1])]
                    canvas.line(*ends[0], *ends[1], 0.06, "ink")

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return (f"cell {action}",)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        last = int(position["last"][0])
        return () if last < 0 else (f"cell {last}",)


def game() -> TicTacToe:
    return TicTacToe()
