"""Slide all tiles to one side; equal ones that meet become one of twice the worth, which is the score.

Rules: Cirulli, 2014; the game ends at a tile of `max_tile`, and as in OpenSpiel after 4 * max_tile plies. A new tile is
a 2 nine times out of ten, else a 4, on a cell that is empty; two of them begin the game.
An action is 0 up, 1 right, 2 down, 3 left; nature's is 2 * cell, and 1 more for a 4; a cell is 4 * row + column.

The board is 16 hexadecimal digits, the exponents of the tiles, the cell 0 lowest; lines slide by looking them up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from games.core.bits import ONE, count, nth
from games.core.canvas import Canvas, Color
from games.core.game import Positions
from games.core.kernels import below, helper
from games.core.native import NativeGame
from games.core.symmetry import SQUARE, Symmetries, of_planes

UP, RIGHT, DOWN, LEFT = range(4)
NATURE, OVER = 1, 2  # in place of the seat to act
LARGEST = 15  # exponent of a tile
DIGIT, LINE = np.uint64(15), np.uint64(0xFFFF)
ONES = np.uint64(0x1111111111111111)
RAMP: tuple[Color, ...] = ("ramp0", "ramp1", "ramp2", "ramp3", "ramp4", "ramp5", "ramp6", "ramp7", "ramp8", "ramp9")


class Rules(NamedTuple):
    """The tag of 2048 with its option as an exponent."""

    goal: int


POSITION = np.dtype(
    [
        ("board", "u8"), ("ply", "u4"), ("seat", "u1"), ("moves", "u1"),  # bit a: action a is legal
        ("before", "u8"), ("action", "i1"), ("cell", "i1"),  # the last slide, and the last cell filled
    ]
)  # fmt: skip


def _tables() -> tuple[np.ndarray, ...]:
    """For all lines of four digits [65536]: slid to the lowest digit, to the highest, what that scores, bit 0 if the
    first changes the line and bit 1 if the second does, and by how much neighbours differ in worth, all together."""
    lines = np.arange(1 << 16)
    digits = lines[:, None] >> np.arange(0, 16, 4) & 15
    slid, gain = np.zeros_like(digits), np.zeros_like(lines)
    placed, merged = np.zeros_like(lines), np.zeros(len(lines), bool)  # how many tiles; the last of them by merging
    for digit in digits.T:
        merging = (digit > 0) & (slid[lines, placed - 1] == digit) & ~merged & (placed > 0)
        staying = (digit > 0) & ~merging
        slid[lines[merging], placed[merging] - 1] = np.minimum(digit[merging] + 1, LARGEST)
        slid[lines[staying], placed[staying]] = digit[staying]
        gain += np.where(merging, 2 << digit, 0)
        placed += staying
        merged = np.where(digit > 0, merging, merged)
    weights = 1 << np.arange(0, 16, 4)
    mirrored = digits[:, ::-1] @ weights
    low, high = slid @ weights, (slid[:, ::-1] @ weights)[mirrored]
    changed = (low != lines) + 2 * (high != lines)
    apart = np.abs(np.diff(np.where(digits > 0, 1 << digits, 0))).sum(1)
    types = np.uint16, np.uint16, np.uint32, np.uint8, np.float32
    return tuple(table.astype(kind) for table, kind in zip((low, high, gain, changed, apart), types, strict=True))


LOW, HIGH, GAIN, CHANGED, APART = _tables()


# -- rules ---------------------------------------------------------------------------------------------------------


@helper
def transpose(board: Any) -> Any:
    """Rows become columns: cells, then blocks of four, change places across the diagonal (Knuth, TAOCP 7.1.3)."""
    cells = (board ^ (board >> np.uint64(12))) & np.uint64(0x0000F0F00000F0F0)
    board ^= cells ^ (cells << np.uint64(12))
    blocks = (board ^ (board >> np.uint64(24))) & np.uint64(0x00000000FF00FF00)
    return board ^ blocks ^ (blocks << np.uint64(24))


@helper
def line_of(board: Any, number: Any) -> Any:
    """Row `number` as an index of the tables."""
    return np.int64((board >> np.uint64(16 * number)) & LINE)


@helper
def changes(board: Any) -> Any:
    """Bit a: action a moves something."""
    rows, columns, turned = 0, 0, transpose(board)
    for number in range(4):
        rows |= CHANGED[line_of(board, number)]
        columns |= CHANGED[line_of(turned, number)]
    return (columns & 1) << UP | (rows >> 1) << RIGHT | (columns >> 1) << DOWN | (rows & 1) << LEFT


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.board = 0
    row.ply = 0
    row.seat = NATURE
    row.moves = 0
    row.before = 0
    row.action = -1
    row.cell = -1


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if row.seat == OVER else 1 << row.seat


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    for action in range(4):
        out[action] = (row.moves >> action) & 1 != 0


def choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    moves = np.int64(row.moves)
    pick = below(random, (moves & 1) + (moves >> 1 & 1) + (moves >> 2 & 1) + (moves >> 3))
    for action in range(4):
        if (moves >> action) & 1:
            if pick == 0:
                return action
            pick -= 1
    return -1


@helper
def empty(board: Any) -> Any:
    """Bit 4 * cell is set where a cell is empty."""
    board |= board >> np.uint64(2)
    return ~(board | board >> ONE) & ONES


def odds(rules, row, out):  # type: ignore[no-untyped-def]
    free = empty(row.board)
    for cell in range(16):
        if (free >> np.uint64(4 * cell)) & ONE:
            out[2 * cell] = 0.9 / count(free)
            out[2 * cell + 1] = 0.1 / count(free)


def chance(rules, row, random, scratch):  # type: ignore[no-untyped-def]
    free = empty(row.board)
    pick = below(random, 10 * count(free))
    return nth(free, pick // 10) >> 1 | (pick % 10 == 0)


@helper
def slide(board: Any, action: Any) -> Any:
    """The board after `action`, and the score of it."""
    if action in (UP, DOWN):
        board = transpose(board)
    slid, gain = np.uint64(0), np.int64(0)
    for number in range(4):
        line = line_of(board, number)
        moved = LOW[line] if action in (UP, LEFT) else HIGH[line]
        slid |= np.uint64(moved) << np.uint64(16 * number)
        gain += GAIN[line]
    return (transpose(slid) if action in (UP, DOWN) else slid), gain


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    row.ply += 1
    if row.seat == NATURE:
        cell, four = joint[NATURE] >> 1, joint[NATURE] & 1
        row.board |= np.uint64(1 + four) << np.uint64(4 * cell)
        row.cell = cell
        if row.ply > 1:
            row.moves = changes(row.board)
            row.seat = 0 if row.moves else OVER
    else:
        row.before = row.board
        row.action = joint[0]
        row.board, gain = slide(row.board, joint[0])
        row.seat = OVER if empty(row.board ^ (ONES * np.uint64(rules.goal))) else NATURE  # a digit is the goal
        rewards[0] += gain
    if row.ply >= 4 << rules.goal:
        row.seat = OVER


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """A plane of ones where it is empty, then one for each worth of a tile: 2, 4, 8, ..."""
    for cell in range(16):
        out[np.int64((row.board >> np.uint64(4 * cell)) & DIGIT), cell >> 2, cell & 3] = 1


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """About what the way to the goal is worth, less what keeps tiles from merging: neighbours that differ."""
    if row.seat == OVER:
        return
    out[0] += np.float32(5 << rules.goal)
    turned = transpose(row.board)
    for number in range(4):
        out[0] -= APART[line_of(row.board, number)] + APART[line_of(turned, number)]


# -- for people ----------------------------------------------------------------------------------------------------


class Game2048(NativeGame):
    title = "2048"
    seats, actions, outcomes = 1, 4, 32
    zero_sum = False
    bounds = None
    incidental = ("before", "action", "cell")
    observation_shape, observation_dtype = (LARGEST + 1, 4, 4), np.float32
    extent = (6.0, 6.0)
    seat_names = ("Player",)

    def __init__(self, max_tile: int) -> None:
        tiles = [1 << exponent for exponent in range(3, LARGEST + 1)]
        if not isinstance(max_tile, int) or max_tile not in tiles:
            raise ValueError(f"max_tile is a power of two from {tiles[0]} to {tiles[-1]}, not {max_tile}")
        super().__init__(Rules(max_tile.bit_length() - 1), POSITION, globals())
        self.max_tile, self.max_plies = max_tile, 4 * max_tile
        self.openspiel = f"2048(max_tile={max_tile})"

    def symmetries(self) -> Symmetries:
        """All eight of the square; directions turn as if they stood at its sides."""
        compass = [[4, UP, 4], [LEFT, 4, RIGHT], [4, DOWN, 4]]  # 4: no action, always its own picture
        observation, actions = of_planes(self.observation_shape, SQUARE, 5, compass)
        return Symmetries(observation, actions[:, :4])

    def action_text(self, position: Positions, action: int) -> str:
        return ("up", "right", "down", "left")[action]

    def outcome_text(self, position: Positions, action: int) -> str:
        return f"{2 + 2 * (action % 2)} at " + "abcd"[action // 2 % 4] + str(4 - action // 8)

    def reason(self, position: Positions) -> str:
        if position["seat"][0] != OVER:
            return ""
        if self.exponents(position["board"][0]).max() == self.rules.goal:
            return f"reached {self.max_tile}"
        return "time is up" if position["ply"][0] >= self.max_plies else "nothing moves"

    @staticmethod
    def exponents(board: int) -> np.ndarray:
        """[4, 4] of the tiles; 0: empty."""
        return np.array([int(board) >> 4 * cell & 15 for cell in range(16)]).reshape(4, 4)

    def text(self, position: Positions) -> str:
        worths = [[1 << e if e else 0 for e in line] for line in self.exponents(position["board"][0]).tolist()]
        return "\n".join(" ".join(f"{worth or '.':>5}" for worth in line) for line in worths)

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        """A board with an arrow on each side. A tile is named after its cell before the next slide, and again after
        that by where it came from: so it glides."""
        row = position[0]
        canvas.rect(0.7, 0.7, 4.6, 4.6, "board_dark", radius=0.15)
        for cell in range(16):
            canvas.rect(*_corner(cell), 1.0, 1.0, "board_light", radius=0.1)
        board, ways = self.exponents(row["board"]).reshape(-1), [(cell, cell) for cell in range(16)]
        if row["ply"] % 2 == 1 and row["action"] >= 0:  # a slide is the latest thing that happened
            ways = _ways(self.exponents(row["before"]).reshape(-1), int(row["action"]))
        for source, target in ways:
            if board[target]:
                self._draw_tile(canvas, target, int(board[target]), f"tile {row['ply'] // 2 % 2} {source}")
        for action in range(4):
            self._draw_arrow(canvas, action, bool(row["moves"] >> action & 1) and row["seat"] == 0)

    def _draw_tile(self, canvas: Canvas, cell: int, exponent: int, tag: str) -> None:
        x, y = _corner(cell)
        color = RAMP[exponent - 1] if exponent <= len(RAMP) else "ink" if exponent > 11 else "accent"
        text = str(1 << exponent)
        canvas.rect(x, y, 1.0, 1.0, color, radius=0.1, tag=tag)
        size = min(0.56, 1.5 / (len(text) + 0.3))
        canvas.text(x + 0.5, y + 0.5, text, size, "ink" if exponent <= 5 else "paper", tag=tag)

    def _draw_arrow(self, canvas: Canvas, action: int, legal: bool) -> None:
        """At the side of the board, where the tiles will go."""
        dx, dy = ((0, -1), (1, 0), (0, 1), (-1, 0))[action]
        x, y = 3 + 2.65 * dx, 3 + 2.65 * dy
        tip, sides = (x + 0.16 * dx, y + 0.16 * dy), (0.36 * dy, 0.36 * dx)
        foot = x - 0.12 * dx, y - 0.12 * dy
        points = [tip, (foot[0] + sides[0], foot[1] + sides[1]), (foot[0] - sides[0], foot[1] - sides[1])]
        canvas.polygon(points, "accent" if legal else "board_light")
        canvas.rect(x - 0.3 - 2 * abs(dy), y - 0.3 - 2 * abs(dx), 0.6 + 4 * abs(dy), 0.6 + 4 * abs(dx), "clear",
                    tag=f"action {action}")  # fmt: skip

    def last_move(self, position: Positions) -> tuple[str, ...]:
        row = position[0]
        return (f"tile {row['ply'] // 2 % 2} {row['cell']}",) if row["ply"] % 2 == 0 and row["ply"] else ()


def _corner(cell: int) -> tuple[float, float]:
    """The left and upper edge of a cell."""
    return 0.85 + 1.1 * (cell % 4), 0.85 + 1.1 * (cell // 4)


def _ways(before: np.ndarray, action: int) -> list[tuple[int, int]]:
    """Which cell every tile of `before` [16] slides from and to."""
    cells = np.arange(16).reshape(4, 4)
    cells = cells.T if action in (UP, DOWN) else cells
    ways = []
    for line in (cells if action in (UP, LEFT) else cells[:, ::-1]).tolist():
        place, last = -1, 0  # last: the tile at `place`, 0 if it cannot merge
        for cell in line:
            if before[cell]:
                merging = before[cell] == last
                place += not merging
                last = 0 if merging else int(before[cell])
                ways.append((cell, line[place]))
    return ways


def game(max_tile: int = 2048) -> Game2048:
    return Game2048(max_tile)
