"""Surround points and capture stones; whoever has the larger area at the end wins.

Rules: Tromp and Taylor, 1995, but suicide is illegal. A move may not bring back any earlier board, whoever is to move
(positional superko). Two passes in a row end the game, and so does its last ply (`max_plies`). A free point is in the
area of a seat if paths of free points lead from it to stones of that seat alone.
An action is a point, `board_size * row + column` from the top left, or after those the pass. In a position the board
has a wall around it, and rows share theirs: a point is the cell `point + row + board_size + 2`. Chains are named by
one of their cells and have pseudo-liberties, each free point counted once a stone next to it, which simply add up
where chains join (Łukasz Lew, libego). Boards are told apart by keys of 64 random bits (Zobrist 1970).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from games.core.canvas import Canvas
from games.core.game import Positions
from games.core.kernels import below, helper
from games.core.native import NativeGame
from games.core.symmetry import SQUARE, Symmetries, of_planes

LARGEST = 19
LETTERS = "ABCDEFGHJKLMNOPQRST"  # no I
FREE, WALL = 0, 4  # of a cell; a stone of a seat is 1 + seat, which makes both a bit
KEYS = np.random.Generator(np.random.PCG64(1970)).integers(1, 2**64, (3, (LARGEST + 2) ** 2), np.uint64)


class Rules(NamedTuple):
    """The tag of Go with its options."""

    size: int
    komi: float  # points that White is given


def position_dtype(size: int) -> np.dtype:
    """`boards` has the key of the board at each ply so far, `free` the `vacant` free cells in any order.

    A cell with a stone has the name of its `chain`, and the cell of that name its `liberties`. A free cell has chain
    0, but once the game is over the bits of the stones that it reaches, and in place of liberties where it stands in
    `free`. `taken` has the bits of the stones that were ever captured on a cell."""
    cells, small = (size + 2) * (size + 1) + 1, "u1" if size <= 11 else "u2"
    return np.dtype(
        [
            ("boards", "u8", (max(2 * size**2, 50),)), ("cells", "u1", (cells,)), ("chain", small, (cells,)),
            ("liberties", small, (cells,)), ("taken", "u1", (cells,)), ("free", small, (size**2,)),
            ("vacant", "u2"), ("ply", "u2"), ("last", "i2"), ("lead", "i2"), ("passes", "u1"),
        ]
    )  # fmt: skip  # `lead`: at the end, Black's area less White's


@helper
def around(rules: Any, cell: Any) -> Any:
    """The four cells next to one; unsigned, which spares a look for negative indices."""
    width = rules.size + 1
    return np.uint64(cell - width), np.uint64(cell - 1), np.uint64(cell + 1), np.uint64(cell + width)


@helper
def cell_of(rules: Any, point: Any) -> Any:
    return point + point // rules.size + rules.size + 2


@helper
def is_over(row: Any) -> Any:
    return row.passes == 2 or row.ply == len(row.boards)


@helper
def contacts(rules: Any, row: Any, cell: Any, chain: Any) -> Any:
    """How many of the cells next to one are of this chain."""
    found = 0
    for near in around(rules, cell):
        found += row.chain[near] == chain
    return found


@helper
def breathes(rules: Any, row: Any, cell: Any, stone: Any) -> Any:
    """Would a stone on this free cell have a liberty: next to it, of a chain it joins, or by capture?"""
    free = 0
    for near in around(rules, cell):
        free += row.cells[near] == FREE
    if free > 0:
        return True
    for near in around(rules, cell):
        if row.cells[near] != WALL:
            survives = row.liberties[row.chain[near]] > contacts(rules, row, cell, row.chain[near])
            if survives == (row.cells[near] == stone):
                return True
    return False


@helper
def repeats(rules: Any, row: Any, cell: Any, stone: Any) -> Any:
    """Would a stone on this free cell bring back an earlier board?"""
    if row.taken[cell] & stone == 0:  # the earlier board had it there
        return False
    board, near = row.boards[row.ply] ^ KEYS[stone, cell], around(rules, cell)
    for i in range(4):
        chain = row.chain[near[i]]
        if row.cells[near[i]] == 3 - stone and row.liberties[chain] == contacts(rules, row, cell, chain):
            met = False  # in a direction before this one
            for j in range(i):
                met |= row.chain[near[j]] == chain
            if not met:
                for captured in range(len(row.chain)):
                    if row.chain[captured] == chain:
                        board ^= KEYS[3 - stone, captured]
    found = False
    for ply in range(row.ply):  # without an early end, for vector instructions
        found |= row.boards[ply] == board
    return found


@helper
def capture(rules: Any, row: Any, chain: Any) -> Any:
    """Take a chain off the board; gives the change of the board's key."""
    key, first = np.uint64(0), np.int64(row.vacant)
    for cell in range(len(row.chain)):
        if row.chain[cell] == chain:
            key ^= KEYS[row.cells[cell], cell]
            row.taken[cell] |= row.cells[cell]
            row.cells[cell] = FREE
            row.chain[cell] = 0
            row.free[row.vacant] = cell
            row.liberties[cell] = row.vacant
            row.vacant += 1
    for i in range(first, row.vacant):
        for near in around(rules, row.free[i]):
            row.liberties[row.chain[near]] += 1  # chain 0, of free cells and walls, is a wall's: it means nothing
    return key


@helper
def place(rules: Any, row: Any, cell: Any, stone: Any) -> Any:
    """Put a stone on a free cell, join its chains, capture; gives the change of the board's key."""
    row.vacant -= 1
    moved, spot = row.free[row.vacant], row.liberties[cell]
    row.free[spot] = moved
    row.liberties[moved] = spot
    key = KEYS[stone, cell]
    row.cells[cell] = stone
    row.chain[cell] = cell
    row.liberties[cell] = 0
    for near in around(rules, cell):
        row.liberties[cell] += row.cells[near] == FREE
        row.liberties[row.chain[near]] -= 1
    for near in around(rules, cell):
        chain, own = row.chain[near], row.chain[cell]
        if row.cells[near] == stone and chain != own:
            row.liberties[chain] += row.liberties[own]
            for other in range(len(row.chain)):
                row.chain[other] = chain if row.chain[other] == own else row.chain[other]
        elif row.cells[near] == 3 - stone and row.liberties[chain] == 0:
            key ^= capture(rules, row, chain)
    return key


@helper
def settle(rules: Any, row: Any) -> Any:
    """Black's area less White's; gives each free cell the bits of the stones that it reaches as its chain."""
    lead, changed = 0, True
    while changed:
        changed = False
        for i in range(row.vacant):
            cell = row.free[i]
            reached = row.chain[cell]
            for near in around(rules, cell):
                reached |= row.chain[near] if row.cells[near] == FREE else row.cells[near] & 3
            changed |= reached != row.chain[cell]
            row.chain[cell] = reached
    for cell in range(len(row.cells)):
        owner = row.chain[cell] if row.cells[cell] == FREE else row.cells[cell]
        lead += np.int64(owner == 1) - np.int64(owner == 2)
    return lead


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.boards[:] = 0
    row.cells[:] = WALL
    row.chain[:] = 0
    row.liberties[:] = 0
    row.taken[:] = 0
    row.vacant = rules.size * rules.size
    for point in range(rules.size * rules.size):
        cell = cell_of(rules, point)
        row.cells[cell] = FREE
        row.free[point] = cell
        row.liberties[cell] = point
    row.ply = 0
    row.last = -1
    row.lead = 0
    row.passes = 0


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if is_over(row) else 1 << (row.ply & 1)


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    stone = 1 + seat
    for point in range(rules.size * rules.size):
        cell = cell_of(rules, point)
        fits = row.cells[cell] == FREE and breathes(rules, row, cell, stone)
        out[point] = fits and not repeats(rules, row, cell, stone)
    out[rules.size * rules.size] = True


def choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    while True:
        pick = below(random, row.vacant + 1)
        if pick == row.vacant:
            return rules.size * rules.size
        cell = np.int64(row.free[pick])
        if breathes(rules, row, cell, 1 + seat) and not repeats(rules, row, cell, 1 + seat):
            return cell - cell // (rules.size + 1) - rules.size - 1


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
        row.lead = settle(rules, row)
        gain = np.sign(row.lead - rules.komi)
        rewards[0] += gain
        rewards[1] -= gain


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """Own stones, the other's, points that superko alone forbids the mover, ones after a pass, ones for White."""
    stone = 1 + (row.ply & 1)
    for point in range(rules.size * rules.size):
        y, x, cell = point // rules.size, point % rules.size, cell_of(rules, point)
        out[0, y, x] = row.cells[cell] == 1 + seat
        out[1, y, x] = row.cells[cell] == 2 - seat
        if row.cells[cell] == FREE and not is_over(row) and breathes(rules, row, cell, stone):
            out[2, y, x] = repeats(rules, row, cell, stone)
        out[3, y, x] = row.passes > 0
        out[4, y, x] = seat


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """Stones, and free points next to stones of one seat only; komi."""
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
        self.size, self.komi = size, float(komi)
        self.actions = size**2 + 1
        self.max_plies = max(2 * size**2, 50)
        self.observation_shape = (5, size, size)
        self.extent = (size + 1.2, size + 1.9)

    def symmetries(self) -> Symmetries:
        points = np.arange(self.size**2).reshape(self.size, self.size)
        return of_planes(self.observation_shape, SQUARE, self.actions, points)

    def action_text(self, position: Positions, action: int) -> str:
        if action == self.size**2:
            return "pass"
        return LETTERS[action % self.size] + str(self.size - action // self.size)

    def reason(self, position: Positions) -> str:
        row = position[0]
        if row["passes"] < 2 and row["ply"] < self.max_plies:
            return ""
        lead = float(row["lead"]) - self.komi
        score = f"{'Black' if lead > 0 else 'White'} by {abs(lead):g}" if lead else "a tie"
        return score if row["passes"] == 2 else f"{score} at the last ply"

    def _grid(self, position: Positions, field: str) -> np.ndarray:
        """[size, size] of a field with a value a cell, without the walls."""
        return position[field][0][:-1].reshape(self.size + 2, self.size + 1)[1:-1, 1:].astype(int)

    def text(self, position: Positions) -> str:
        rows = [" ".join(".XO"[cell] for cell in line) for line in self._grid(position, "cells")]
        lines = [f"{self.size - i:2} {row}" for i, row in enumerate(rows)]
        return "\n".join([*lines, "   " + " ".join(LETTERS[: self.size])])

    def _center(self, row: int, column: int) -> tuple[float, float]:
        return column + 1.4, row + 0.8

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        size = self.size
        canvas.rect(0.75, 0.15, size + 0.3, size + 0.3, "board_dark", radius=0.2)
        for i in range(size):
            canvas.line(*self._center(i, 0), *self._center(i, size - 1), 0.03, "board")
            canvas.line(*self._center(0, i), *self._center(size - 1, i), 0.03, "board")
            canvas.text(0.34, i + 0.8, str(size - i), 0.38, "muted")
            canvas.text(i + 1.4, size + 0.85, LETTERS[i], 0.38, "muted")
        for row, column in self._stars():
            canvas.disc(*self._center(row, column), 0.1, "board")
        over = bool(self.reason(position))
        owners = self._grid(position, "chain") if over else np.zeros((size, size), int)
        for (row, column), stone in np.ndenumerate(self._grid(position, "cells")):
            x, y = self._center(row, column)
            if stone:
                tag = f"stone {size * row + column}"
                canvas.disc(x, y, 0.46, "ink", tag=None if stone == 2 else tag)
                if stone == 2:
                    canvas.disc(x, y, 0.43, "paper", tag=tag)
            elif owners[row, column] in (1, 2):
                canvas.rect(x - 0.13, y - 0.13, 0.26, 0.26, "ink" if owners[row, column] == 1 else "paper")
            canvas.rect(x - 0.5, y - 0.5, 1.0, 1.0, "clear", tag=f"point {size * row + column}")
        if not over:
            canvas.rect(size / 2 + 0.3, size + 1.25, 1.2, 0.5, "accent", radius=0.14, tag="pass")
            canvas.text(size / 2 + 0.9, size + 1.5, "Pass", 0.34, "paper")

    def _stars(self) -> list[tuple[int, int]]:
        """The points that boards mark: near the corners, in the middle, on large boards also near the sides."""
        near, middle = 3 if self.size > 11 else 2, self.size // 2
        lines = [near, self.size - 1 - near] if self.size >= 7 else []
        stars = [(row, column) for row in lines for column in lines]
        if self.size % 2:
            stars.append((middle, middle))
            if self.size >= 15:
                stars += [spot for line in lines for spot in ((line, middle), (middle, line))]
        return stars

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return ("pass",) if action == self.size**2 else (f"point {action}",)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        last = int(position["last"][0])
        return (f"stone {last}",) if 0 <= last < self.size**2 else ()


def game(board_size: int = 9, komi: float = 7.5) -> Go:
    return Go(board_size, komi)
