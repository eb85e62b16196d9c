"""Join your two sides of a rhombus of hexagons with a chain of stones.

Rules: Piet Hein, 1942; John Nash, 1948. The first seat joins top and bottom, the second left and right; one of them
always does. With `swap` the second may begin by taking over the first stone: it becomes its own with row and column
exchanged, and so stands to its new owner's sides as it stood to the other's.
A cell, and an action, is `board_size * row + column`; the swap comes after the cells. Chains are kept by union-find
(Galler and Fischer, 1964), with the sides that a chain touches at its root, so a win shows as soon as it is there.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from games.core.canvas import Canvas, Color, Point
from games.core.game import Positions
from games.core.kernels import below, helper
from games.core.native import NativeGame
from games.core.symmetry import HALF_TURN, Symmetries, Table, grid, of_planes

LARGEST = 19
FREE = 2
ACROSS = math.sqrt(3) / 2  # height of a row, where cells of one row are 1 apart
NEIGHBOURS = np.array([(-1, 0), (-1, 1), (0, 1), (1, 0), (1, -1), (0, -1)], np.int64)  # row, column; clockwise


class Rules(NamedTuple):
    """The tag of Hex with its options."""

    size: int
    swap: bool


def position_dtype(size: int) -> np.dtype:
    """`sides` of a chain, at its root: 1 the first of its seat's two sides, 2 the second."""
    cells = size * size
    return np.dtype(
        [
            ("cells", "u1", (cells,)), ("sides", "u1", (cells,)), ("parent", "i2", (cells,)),
            ("ply", "i2"), ("last", "i2"), ("over", "u1"),
        ]
    )  # fmt: skip


@helper
def root(parent: Any, cell: Any) -> Any:
    """The cell that stands for the chain of `cell`; halves the way there."""
    while parent[cell] != cell:
        parent[cell] = parent[parent[cell]]
        cell = np.int64(parent[cell])
    return cell


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.cells[:] = FREE
    row.sides[:] = 0
    row.parent[:] = 0  # means nothing where there is no stone
    row.ply = 0
    row.last = -1
    row.over = 0


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if row.over else 1 << (row.ply & 1)


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    for cell in range(rules.size * rules.size):
        out[cell] = row.cells[cell] == FREE
    if rules.swap:
        out[rules.size * rules.size] = row.ply == 1


def choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    cells = rules.size * rules.size
    while True:  # a game ends long before free cells are hard to hit
        cell = below(random, cells + (rules.swap and row.ply == 1))
        if cell == cells or row.cells[cell] == FREE:
            return cell


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    size, seat = rules.size, row.ply & 1
    cell = np.int64(joint[seat])
    if cell == size * size:
        taken = np.int64(row.last)
        row.cells[taken] = FREE
        cell = taken % size * size + taken // size
    line, column = cell // size, cell % size
    row.cells[cell] = seat
    row.parent[cell] = cell
    along = line if seat == 0 else column
    sides = (along == 0) | (along == size - 1) << 1
    chain = cell
    for way in range(6):
        y, x = line + NEIGHBOURS[way, 0], column + NEIGHBOURS[way, 1]
        if 0 <= y < size and 0 <= x < size and row.cells[size * y + x] == seat:
            other = root(row.parent, size * y + x)
            sides |= row.sides[other]
            row.parent[chain] = other
            chain = other
    row.sides[chain] = sides
    row.ply += 1
    row.last = cell
    if sides == 3:
        row.over = 1
        rewards[seat] += 1
        rewards[1 - seat] -= 1


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """Own stones, the other's, and ones for the second seat, whose sides are left and right."""
    for cell in range(rules.size * rules.size):
        line, column = cell // rules.size, cell % rules.size
        out[0, line, column] = row.cells[cell] == seat
        out[1, line, column] = row.cells[cell] == 1 - seat
        out[2, line, column] = seat


@helper
def bridges(rules: Any, row: Any, cell: Any, seat: Any) -> Any:
    """Over how many pairs of free cells a stone reaches another of its seat, or an edge of the seat's."""
    size, found = rules.size, 0
    line, column = cell // size, cell % size
    for way in range(6):
        y1, x1 = line + NEIGHBOURS[way, 0], column + NEIGHBOURS[way, 1]
        y2, x2 = line + NEIGHBOURS[(way + 1) % 6, 0], column + NEIGHBOURS[(way + 1) % 6, 1]
        if not (0 <= y1 < size and 0 <= x1 < size and 0 <= y2 < size and 0 <= x2 < size):
            continue
        if row.cells[size * y1 + x1] != FREE or row.cells[size * y2 + x2] != FREE:
            continue
        y, x = y1 + y2 - line, x1 + x2 - column
        along = y if seat == 0 else x
        if 0 <= y < size and 0 <= x < size:
            found += row.cells[size * y + x] == seat
        elif along < 0 or along >= size:
            found += 2
    return found


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """Bridges, and stones near the middle: both are worth more than stones in a heap."""
    if row.over:
        return
    score, middle = 0.0, (rules.size - 1) / 2
    for cell in range(rules.size * rules.size):
        seat = row.cells[cell]
        if seat != FREE:
            line, column = cell // rules.size, cell % rules.size
            off = abs(line - middle) + abs(column - middle) + abs(line + column - 2 * middle)
            worth = 1.0 - off / (4 * rules.size) + 0.5 * bridges(rules, row, cell, seat)
            score += worth if seat == 0 else -worth
    out[0] += score / (4.0 + abs(score))
    out[1] -= score / (4.0 + abs(score))


def _between(first: Point, second: Point) -> Point:
    return (first[0] + second[0]) / 2, (first[1] + second[1]) / 2


class Hex(NativeGame):
    title = "Hex"
    seats = 2
    incidental = ("sides", "parent", "last")  # the chains follow from the cells
    observation_dtype = np.float32
    seat_names = ("Yellow", "Red")

    def __init__(self, board_size: int, swap: bool) -> None:
        if not isinstance(board_size, int) or not 2 <= board_size <= LARGEST:
            raise ValueError(f"board_size is a whole number from 2 to {LARGEST}, not {board_size}")
        if not isinstance(swap, bool):
            raise ValueError(f"swap is true or false, not {swap}")
        super().__init__(Rules(board_size, swap), position_dtype(board_size), globals())
        self.size = board_size
        self.actions = self.max_plies = board_size**2 + swap
        self.openspiel = f"hex(board_size={board_size}{',swap=true' if swap else ''})"
        self.observation_shape = (3, board_size, board_size)
        self.extent = (1.5 * (board_size - 1) + 2.1, ACROSS * (board_size - 1) + 2.1)

    def places(self) -> Table:
        return grid(self.size, self.size)

    def symmetries(self) -> Symmetries:
        """Only the half turn: a reflection would swap the seats' sides."""
        return of_planes(self.observation_shape, HALF_TURN, self.actions, self.places())

    def action_text(self, position: Positions, action: int) -> str:
        if action == self.size**2:
            return "swap"
        return "abcdefghijklmnopqrs"[action % self.size] + str(action // self.size + 1)

    def reason(self, position: Positions) -> str:
        if not position["over"][0]:
            return ""
        return "top and bottom joined" if position["ply"][0] % 2 else "left and right joined"

    def text(self, position: Positions) -> str:
        rows = [" ".join("XO."[cell] for cell in line) for line in position["cells"][0].reshape(self.size, self.size)]
        letters = "abcdefghijklmnopqrs"[: self.size]
        return "\n".join(["   " + " ".join(letters), *(f"{' ' * i}{i + 1:2} {row}" for i, row in enumerate(rows))])

    def _center(self, row: float, column: float) -> Point:
        return 1.3 + column + row / 2, 1.3 + ACROSS * row

    def _hexagon(self, row: int, column: int, radius: float) -> list[Point]:
        """Six corners, clockwise from the top."""
        x, y = self._center(row, column)
        turns = [math.radians(60 * corner - 90) for corner in range(6)]
        return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        self._draw_sides(canvas)
        cells, chain = position["cells"][0], self._winning_chain(position)
        for cell, owner in enumerate(cells):
            row, column = divmod(cell, self.size)
            x, y = self._center(row, column)
            canvas.polygon(self._hexagon(row, column, 0.585), "board_dark")
            canvas.polygon(self._hexagon(row, column, 0.555), "board_light")
            if owner != FREE:
                color: Color = "seat1" if owner else "seat0"
                canvas.disc(x, y, 0.39, color, tag=f"stone {cell}")
            canvas.disc(x, y, 0.5, "clear", tag=f"cell {cell}")
        for begin, end in pairwise(chain):
            canvas.line(*self._center(*divmod(begin, self.size)), *self._center(*divmod(end, self.size)), 0.12, "ink")

        if self.rules.swap and position["ply"][0] == 1:
            canvas.rect(0.1, self.extent[1] - 0.5, 1.1, 0.4, "accent", radius=0.1, tag="swap")
            canvas.text(0.65, self.extent[1] - 0.3, "swap", 0.3, "paper")

    def _draw_sides(self, canvas: Canvas) -> None:
        """A band along each side in the colour that must reach it, and the names of rows and columns."""
        last = self.size - 1
        for i in range(self.size):
            for row, column, first, seat in ((0, i, 5, 0), (last, i, 2, 0), (i, last, 0, 1), (i, 0, 3, 1)):
                corners = self._hexagon(row, column, 0.6)
                ends = [corners[(first + k) % 6] for k in range(3)]
                if (row, column) == (0, last):  # two sides share an edge of the sharp corners
                    ends[0 if seat else 2] = _between(corners[0], corners[1])
                if (row, column) == (last, 0):
                    ends[0 if seat else 2] = _between(corners[3], corners[4])
                color: Color = "seat1" if seat else "seat0"
                for begin, end in pairwise(ends):
                    canvas.line(*begin, *end, 0.3, color)
        for i in range(self.size):
            canvas.text(*self._center(-0.98, i), "abcdefghijklmnopqrs"[i], 0.4, "muted")
            canvas.text(*self._center(i, -0.98), str(i + 1), 0.4, "muted")

    def _winning_chain(self, position: Positions) -> list[int]:
        """The cells, in order, of a shortest chain that joins the winner's sides; empty while there is none."""
        if not position["over"][0]:
            return []
        size, cells = self.size, position["cells"][0].reshape(self.size, self.size)
        seat = 1 - int(position["ply"][0]) % 2
        came: dict[tuple[int, int], tuple[int, int] | None] = {}
        edge = [(0, i) if seat == 0 else (i, 0) for i in range(size)]
        came.update({spot: None for spot in edge if cells[spot] == seat})
        queue = list(came)
        for spot in queue:
            if spot[seat] == size - 1:
                chain: list[int] = []
                back: tuple[int, int] | None = spot
                while back is not None:
                    chain.append(size * back[0] + back[1])
                    back = came[back]
                return chain
            for dy, dx in NEIGHBOURS.tolist():
                near = spot[0] + dy, spot[1] + dx
                if min(near) >= 0 and max(near) < size and cells[near] == seat and near not in came:
                    came[near] = spot
                    queue.append(near)
        return []

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return ("swap",) if action == self.size**2 else (f"cell {action}",)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        last = int(position["last"][0])
        return () if last < 0 else (f"stone {last}",)


def game(board_size: int = 11, swap: bool = False) -> Hex:
    return Hex(board_size, swap)
