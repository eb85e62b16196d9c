"""Drop discs into a 7 by 6 grid; four in a row win.

Rules: Milton Bradley, 1974.
A position is two bitboards, seven bits a column with the lowest cell first and an empty bit on top, which lets
shifts find lines without running over the edge (Tromp; Pons, "Solving Connect 4").
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from games.core.canvas import Canvas
from games.core.game import Positions
from games.core.kernels import below, helper
from games.core.native import NativeGame
from games.core.symmetry import MIRROR, Symmetries, of_planes

ROWS, COLUMNS, STRIDE = 6, 7, 7  # STRIDE: bits a column
BOTTOM = np.array([1 << STRIDE * column for column in range(COLUMNS)], np.uint64)
TOP = BOTTOM << np.uint64(ROWS - 1)
POSITION = np.dtype([("own", "u8"), ("all", "u8"), ("ply", "u1"), ("won", "u1"), ("last", "i1")])


class Rules(NamedTuple):
    """The tag of Connect Four; it has no options."""

    rows: int = ROWS


@helper
def four(stones: Any) -> Any:
    """Is there a line of four among `stones`?"""
    across = stones & (stones >> np.uint64(7))
    up = stones & (stones >> np.uint64(1))
    rising = stones & (stones >> np.uint64(8))
    falling = stones & (stones >> np.uint64(6))
    lines = across & (across >> np.uint64(14)) | up & (up >> np.uint64(2))
    lines |= rising & (rising >> np.uint64(16)) | falling & (falling >> np.uint64(12))
    return lines != np.uint64(0)


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.own = np.uint64(0)  # the stones of the seat to move
    row.all = np.uint64(0)
    row.ply = 0
    row.won = 0
    row.last = -1


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if row.won or row.ply == ROWS * COLUMNS else 1 << (row.ply & 1)


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    for column in range(COLUMNS):
        out[column] = row.all & TOP[column] == np.uint64(0)


def choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    while True:
        column = below(random, COLUMNS)
        if row.all & TOP[column] == np.uint64(0):
            return column


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    seat = row.ply & 1
    column = joint[seat]
    other = row.own ^ row.all
    row.all |= row.all + BOTTOM[column]  # the carry lands on the lowest empty cell
    mine = row.all ^ other
    row.own = other
    row.ply += 1
    row.last = column
    if four(mine):
        row.won = 1
        rewards[seat] += 1
        rewards[1 - seat] -= 1


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    own = row.own if (row.ply & 1) == seat else row.own ^ row.all
    for column in range(COLUMNS):
        for height in range(ROWS):
            bit = BOTTOM[column] << np.uint64(height)
            out[0, ROWS - 1 - height, column] = (own & bit) != np.uint64(0)
            out[1, ROWS - 1 - height, column] = ((row.all ^ own) & bit) != np.uint64(0)


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """Lines of four still open to one side only, the nearer to complete the more they count."""
    score = 0.0
    own, other = row.own, row.own ^ row.all
    for column in range(COLUMNS):
        for height in range(ROWS):
            for shift in (1, 6, 7, 8):
                across = 0 if shift == 1 else 1
                rise = 3 if shift == 1 or shift == 8 else (-3 if shift == 6 else 0)
                if column + 3 * across >= COLUMNS or not 0 <= height + rise < ROWS:
                    continue
                mine, theirs = 0, 0
                for k in range(4):
                    bit = BOTTOM[column] << np.uint64(height + k * shift)
                    mine += (own & bit) != np.uint64(0)
                    theirs += (other & bit) != np.uint64(0)
                if theirs == 0:
                    score += mine * mine
                if mine == 0:
                    score -= theirs * theirs
    seat = row.ply & 1
    out[seat] += score / (40.0 + abs(score))
    out[1 - seat] -= score / (40.0 + abs(score))


class ConnectFour(NativeGame):
    title = "Connect Four"
    seats, actions, max_plies = 2, COLUMNS, ROWS * COLUMNS
    incidental = ("last",)
    openspiel = "connect_four"
    observation_shape, observation_dtype = (2, ROWS, COLUMNS), np.float32
    extent = (7.4, 6.9)
    seat_names = ("Yellow", "Red")

    def __init__(self) -> None:
        super().__init__(Rules(), POSITION, globals())

    def symmetries(self) -> Symmetries:
        return of_planes(self.observation_shape, MIRROR, self.actions, np.arange(COLUMNS)[None])

    def action_text(self, position: Positions, action: int) -> str:
        return str(action + 1)

    def reason(self, position: Positions) -> str:
        if position["won"][0]:
            return "four in a row"
        return "board full" if position["ply"][0] == self.max_plies else ""

    def text(self, position: Positions) -> str:
        rows = [" ".join("XO."[int(cell)] for cell in line) for line in self.cells(position)]
        return "\n".join([*rows, " ".join(str(column + 1) for column in range(COLUMNS))])

    def cells(self, position: Positions) -> np.ndarray:
        """[6, 7] the seat on each cell, top row first; 2: empty."""
        first, second = self.observe(position, np.array([0], np.int32))[0]
        return np.where(first > 0, 0, np.where(second > 0, 1, 2))

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        canvas.rect(0.0, 0.2, 7.4, 6.4, "board", radius=0.3)
        for row, line in enumerate(self.cells(position)):
            for column, owner in enumerate(line):
                x, y = column + 0.7, row + 0.9
                canvas.disc(x, y, 0.41, "paper")
                if owner < 2:
                    color = "seat0" if owner == 0 else "seat1"
                    canvas.disc(x, y, 0.41, color, tag=f"disc {column} {row}", origin=(x, -0.3))  # type: ignore[arg-type]
        for column in range(COLUMNS):
            canvas.rect(column + 0.2, 0.2, 1.0, 6.4, "clear", tag=f"column {column}")
        for line_ in self._winning_line(position):
            canvas.line(*line_, 0.12, "ink")

    def _winning_line(self, position: Positions) -> list[tuple[float, float, float, float]]:
        cells = self.cells(position)
        for row in range(ROWS):
            for column in range(COLUMNS):
                for dy, dx in ((0, 1), (1, 0), (1, 1), (-1, 1)):
                    end_row, end_column = row + 3 * dy, column + 3 * dx
                    if cells[row, column] == 2 or not (0 <= end_row < ROWS and end_column < COLUMNS):
                        continue
                    if all(cells[row + k * dy, column + k * dx] == cells[row, column] for k in range(4)):
                        return [(column + 0.7, row + 0.9, end_column + 0.7, end_row + 0.9)]
        return []

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return (f"column {action}",)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        column = int(position["last"][0])
        if column < 0:
            return ()
        row = int(np.argmax(self.cells(position)[:, column] < 2))
        return (f"disc {column} {row}",)


def game() -> ConnectFour:
    return ConnectFour()
