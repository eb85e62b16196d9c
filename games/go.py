"""Surround points and capture stones; whoever has the larger area at the end wins.

Rules: Tromp and Taylor, 1995, but suicide is illegal. A move may not bring back any earlier board, whoever is to move
(positional superko; boards are compared by 64-bit keys). Two passes in a row end the game, and so does its last ply,
`max_plies`. The area of a seat is its stones, and the free points from which paths of free points lead to its stones
and not to the other's. An action is a point, `board_size * row + column` from the top left; the pass comes last.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.core import chains
from games.core.canvas import Canvas, Color
from games.core.chains import FREE, LARGEST, around, breathes, cell_of, change, place, point_of, territory
from games.core.game import Positions
from games.core.goban import Goban
from games.core.kernels import below, helper
from games.core.native import NativeGame
from games.core.symmetry import SQUARE, Symmetries, Table, grid, of_planes

LETTERS = "ABCDEFGHJKLMNOPQRST"  # no I
COLORS: tuple[Color, ...] = ("ink", "paper")


class Rules(NamedTuple):
    """The tag of Go with its options."""

    size: int
    komi: float  # points that White is given


def most_plies(size: int) -> int:
    """Two a point, as usual, but enough for tiny boards, where captures go round for long."""
    return max(2 * size**2, 50)


def position_dtype(size: int) -> np.dtype:
    """`boards` has the key of the board at each ply so far; `lead` is Black's area less White's, at the end."""
    boards = ("boards", "u8", (most_plies(size),))
    others = [("ply", "u2"), ("last", "i2"), ("lead", "i2"), ("passes", "u1")]
    return np.dtype([boards, *chains.fields(size), *others])


@helper
def is_over(row: Any) -> Any:
    return row.passes == 2 or row.ply == len(row.boards)


@helper
def repeats(rules: Any, row: Any, cell: Any, stone: Any) -> Any:
    """Would a stone on this free cell bring back an earlier board?"""
    if row.taken[cell] & stone == 0:  # the earlier board had it there
        return False
    board, found = row.boards[row.ply] ^ change(rules, row, cell, stone), False
    for ply in range(len(row.boards)):  # later ones are 0; always all, for vector instructions
        found |= row.boards[ply] == board
    return found


@helper
def allowed(rules: Any, row: Any, cell: Any, stone: Any) -> Any:
    """May a stone be put on this free cell?"""
    return breathes(rules, row, cell, stone) and not repeats(rules, row, cell, stone)


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    chains.empty(rules, row)
    row.boards[:] = 0
    row.ply = 0
    row.last = -1
    row.lead = 0
    row.passes = 0


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if is_over(row) else 1 << (row.ply & 1)


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    for point in range(rules.size * rules.size):
        cell = cell_of(rules, point)
        out[point] = row.cells[cell] == FREE and allowed(rules, row, cell, 1 + seat)
    out[rules.size * rules.size] = True


def choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    while True:
        pick = below(random, row.vacant + 1)
        if pick == row.vacant:
            return rules.size * rules.size
        cell = np.int64(row.free[pick])
        if allowed(rules, row, cell, 1 + seat):
            return point_of(rules, cell)


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    seat = row.ply & 1
    action, board = np.int64(joint[seat]), row.boards[row.ply]
    if action == rules.size * rules.size:
        row.passes += 1
    else:
        row.passes = 0
        board ^= place(rules, row, cell_of(rules, action), 1 + seat)
    row.last = action
    row.ply += 1
    if row.ply < len(row.boards):
        row.boards[row.ply] = board
    if is_over(row):
        territory(rules, row)
        lead = np.int64(0)
        for cell in range(len(row.cells)):
            owner = row.chain[cell] if row.cells[cell] == FREE else row.cells[cell]
            lead += (owner == 1) - np.int64(owner == 2)
        row.lead = lead
        gain = np.sign(lead - rules.komi)
        rewards[0] += gain
        rewards[1] -= gain


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """Own stones, the other's, points that superko alone forbids the mover, ones after a pass, ones for White."""
    mover = 1 + (row.ply & 1)
    for point in range(rules.size * rules.size):
        y, x, cell = point // rules.size, point % rules.size, cell_of(rules, point)
        out[0, y, x] = row.cells[cell] == 1 + seat
        out[1, y, x] = row.cells[cell] == 2 - seat
        if row.cells[cell] == FREE and not is_over(row) and breathes(rules, row, cell, mover):
            out[2, y, x] = repeats(rules, row, cell, mover)
        out[3, y, x] = row.passes > 0
        out[4, y, x] = seat


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """Stones, free points next to stones of one seat only, and komi."""
    if is_over(row):
        return
    lead = -rules.komi
    for point in range(rules.size * rules.size):
        cell = cell_of(rules, point)
        owner = row.cells[cell]
        if owner == FREE:
            for near in around(rules, cell):
                owner |= row.cells[near] & 3
        lead += np.int64(owner == 1) - np.int64(owner == 2)
    out[0] += lead / (2 * rules.size + abs(lead))
    out[1] -= lead / (2 * rules.size + abs(lead))


class Go(NativeGame):
    title = "Go"
    seats = 2
    observation_dtype = np.float32
    seat_names = ("Black", "White")
    incidental = ("last",)

    def __init__(self, size: int, komi: float) -> None:
        if not isinstance(size, int) or not 2 <= size <= LARGEST:
            raise ValueError(f"board_size is a whole number from 2 to {LARGEST}, not {size}")
        if not isinstance(komi, int | float) or isinstance(komi, bool) or (2 * komi) % 1 or abs(komi) > LARGEST**2:
            raise ValueError(f"komi is in whole or half points from -{LARGEST**2} to {LARGEST**2}, not {komi}")
        super().__init__(Rules(size, float(komi)), position_dtype(size), globals())
        self.size, self.komi, self.goban = size, float(komi), Goban(size, LETTERS)
        self.actions, self.max_plies = size**2 + 1, most_plies(size)
        self.observation_shape = (5, size, size)
        self.extent = (self.goban.extent[0], self.goban.extent[1] + 0.7)

    def places(self) -> Table:
        return grid(self.size, self.size)

    def symmetries(self) -> Symmetries:
        return of_planes(self.observation_shape, SQUARE, self.actions, self.places())

    def action_text(self, position: Positions, action: int) -> str:
        return "pass" if action == self.size**2 else self.goban.name(action)

    def reason(self, position: Positions) -> str:
        row = position[0]
        if row["passes"] < 2 and row["ply"] < self.max_plies:
            return ""
        lead = float(row["lead"]) - self.komi
        score = f"{'Black' if lead > 0 else 'White'} by {abs(lead):g}" if lead else "a tie"
        return score if row["passes"] == 2 else f"{score} at the last ply"

    def points(self, position: Positions, field: str) -> npt.NDArray[np.int64]:
        """[points] of a field that has an entry a cell."""
        entries: npt.NDArray[np.int64] = position[field][0].astype(np.int64)
        cells: npt.NDArray[np.int64] = cell_of(self.rules, np.arange(self.size**2))
        return entries[cells]

    def text(self, position: Positions) -> str:
        return self.goban.text(".XO"[stone] for stone in self.points(position, "cells"))

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        over = bool(self.reason(position))
        self.goban.draw(canvas)
        for point, (stone, reached) in enumerate(
            zip(self.points(position, "cells"), self.points(position, "chain"), strict=True)
        ):
            x, y = self.goban.center(point)
            if stone:
                canvas.disc(x, y, 0.45, "ink")
                canvas.disc(x, y, 0.42, COLORS[stone - 1], tag=f"stone {point}")
            elif over and reached in (1, 2):
                canvas.rect(x - 0.15, y - 0.15, 0.3, 0.3, "ink")
                canvas.rect(x - 0.12, y - 0.12, 0.24, 0.24, COLORS[reached - 1])
        self.goban.spots(canvas)
        if not over:
            canvas.rect(self.size / 2 + 0.3, self.size + 1.25, 1.2, 0.5, "accent", radius=0.14, tag="pass")
            canvas.text(self.size / 2 + 0.9, self.size + 1.5, "Pass", 0.34, "paper")

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return ("pass",) if action == self.size**2 else (f"point {action}",)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        last = int(position["last"][0])
        return (f"stone {last}",) if 0 <= last < self.size**2 else ()


def game(board_size: int = 9, komi: float = 7.5) -> Go:
    return Go(board_size, komi)
