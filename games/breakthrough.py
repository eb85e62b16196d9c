"""A race of pawns: forward or diagonally, capturing diagonally; the first to the far side wins.

Rules: Dan Troyka, 2000. Boards of six or more rows begin with two rows of pieces a seat, smaller ones with one.
A position is one bitboard a seat, always eight bits a row, with the first seat's home row lowest. An action is
numbered as in OpenSpiel: ((square * 6) + direction) * 2 + capture, where a square is `columns * row + column` and the
directions are left, straight and right of the first seat (0-2), then of the second (3-5).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from games.core.bits import ONE, count, nth
from games.core.canvas import Canvas, Color
from games.core.game import Positions
from games.core.kernels import below, helper
from games.core.native import NativeGame
from games.core.symmetry import MIRROR, Symmetries, Table, grid, of_planes

EDGE = np.uint64(0x0101010101010101)  # the file a
ROW, LEFT, RIGHT = np.uint64(8), np.uint64(7), np.uint64(9)  # shifts of the first seat's moves
POSITION = np.dtype(
    [("pieces", "u8", (2,)), ("seat", "u1"), ("over", "u1"), ("origin", "i1"), ("target", "i1")]
)  # ends of the last move: bits, -1 before it


class Rules(NamedTuple):
    """The tag of Breakthrough with its options."""

    rows: int
    columns: int


@helper
def board(rules: Any) -> Any:
    """All squares."""
    row = (ONE << np.uint64(rules.columns)) - ONE
    return (EDGE * row) & (~np.uint64(0) >> np.uint64(64 - 8 * rules.rows))


@helper
def targets(rules: Any, row: Any, seat: Any, side: Any) -> Any:
    """The squares that pieces of `seat` reach to the left (side 0), straight on (1) or to the right (2)."""
    own, squares = row.pieces[seat], board(rules)
    left, right = own & ~EDGE, own & ~(EDGE << np.uint64(rules.columns - 1))
    if side == 1:
        ahead = own << ROW if seat == 0 else own >> ROW
        return ahead & squares & ~(row.pieces[0] | row.pieces[1])
    if side == 0:
        ahead = left << LEFT if seat == 0 else left >> RIGHT
    else:
        ahead = right << RIGHT if seat == 0 else right >> LEFT
    return ahead & squares & ~own


@helper
def action_to(rules: Any, row: Any, seat: Any, side: Any, bit: Any) -> Any:
    """The number of the move of `seat` to a bit from the given side."""
    origin_row = (bit >> 3) - (1 if seat == 0 else -1)
    square = origin_row * rules.columns + (bit & 7) - (side - 1)
    capture = np.int64((row.pieces[1 - seat] >> np.uint64(bit)) & ONE)
    return (square * 6 + 3 * seat + side) * 2 + capture


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    deep = 2 if rules.rows >= 6 else 1
    home = board(rules) & ((ONE << np.uint64(8 * deep)) - ONE)
    row.pieces[0] = home
    row.pieces[1] = home << np.uint64(8 * (rules.rows - deep))
    row.seat = 0
    row.over = 0
    row.origin = -1
    row.target = -1


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if row.over else 1 << row.seat


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    out[:] = False
    for side in range(3):
        reached = targets(rules, row, seat, side)
        while reached:
            out[action_to(rules, row, seat, side, nth(reached, 0))] = True
            reached &= reached - ONE


def choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    left, ahead = targets(rules, row, seat, 0), targets(rules, row, seat, 1)
    right = targets(rules, row, seat, 2)
    lefts, aheads = count(left), count(ahead)
    pick = below(random, lefts + aheads + count(right))
    if pick < lefts:
        return action_to(rules, row, seat, 0, nth(left, pick))
    if pick < lefts + aheads:
        return action_to(rules, row, seat, 1, nth(ahead, pick - lefts))
    return action_to(rules, row, seat, 2, nth(right, pick - lefts - aheads))


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    seat = np.int64(row.seat)
    code = joint[seat] // 2
    square, side = code // 6, code % 3
    origin_row, origin_column = square // rules.columns, square % rules.columns
    target_row = origin_row + (1 if seat == 0 else -1)
    origin, target = 8 * origin_row + origin_column, 8 * target_row + origin_column + side - 1
    row.pieces[seat] ^= ONE << np.uint64(origin)
    row.pieces[seat] |= ONE << np.uint64(target)
    row.pieces[1 - seat] &= ~(ONE << np.uint64(target))
    row.origin = origin
    row.target = target
    row.seat = 1 - seat
    if target_row == (rules.rows - 1 if seat == 0 else 0) or row.pieces[1 - seat] == np.uint64(0):
        row.over = 1
        rewards[seat] += 1
        rewards[1 - seat] -= 1


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """Own pieces, the other's, and ones for the second seat, which moves down the planes."""
    for line in range(rules.rows):
        for column in range(rules.columns):
            bit = np.uint64(8 * line + column)
            out[0, rules.rows - 1 - line, column] = (row.pieces[seat] >> bit) & ONE
            out[1, rules.rows - 1 - line, column] = (row.pieces[1 - seat] >> bit) & ONE
            out[2, rules.rows - 1 - line, column] = seat


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """Pieces, and how far they are: the square of the way counts, for the front runner wins."""
    if row.over:
        return
    score = 4 * rules.rows * (count(row.pieces[0]) - count(row.pieces[1]))
    for line in range(rules.rows):
        rank = np.uint64(255) << np.uint64(8 * line)
        score += line * line * count(row.pieces[0] & rank)
        score -= (rules.rows - 1 - line) ** 2 * count(row.pieces[1] & rank)
    out[0] += score / (100.0 + abs(score))
    out[1] -= score / (100.0 + abs(score))


class Breakthrough(NativeGame):
    title = "Breakthrough"
    seats = 2
    incidental = ("origin", "target")
    observation_dtype = np.float32
    seat_names = ("Yellow", "Red")

    def __init__(self, rows: int, columns: int) -> None:
        for name, number, least in (("rows", rows, 3), ("columns", columns, 2)):
            if not isinstance(number, int) or not least <= number <= 8:
                raise ValueError(f"{name} is a whole number from {least} to 8, not {number}")
        super().__init__(Rules(rows, columns), POSITION, globals())
        self.rows, self.columns = rows, columns
        self.actions = rows * columns * 12
        steps = rows - 2 if rows < 6 else 2 * rows - 5  # of the pieces of one file, none of them to the last row
        self.max_plies = 2 * columns * steps + 1
        self.openspiel = f"breakthrough(rows={rows},columns={columns})"
        self.observation_shape = (3, rows, columns)
        self.extent = (columns + 1.2, rows + 1.2)

    def places(self) -> Table:
        """The squares moved from; the planes have the first row at the bottom."""
        return grid(self.rows, self.columns)[::-1]

    def symmetries(self) -> Symmetries:
        """Left and right change places, of squares and of directions."""
        actions = np.arange(self.actions).reshape(self.rows, self.columns, 2, 3, 2)  # seat, direction, capture
        places = actions.transpose(2, 4, 0, 1, 3).reshape(2, 2, self.rows, 3 * self.columns)
        return of_planes(self.observation_shape, MIRROR, self.actions, places)

    def _square(self, row: int, column: int) -> str:
        return f"{'abcdefgh'[column]}{row + 1}"

    def _ends(self, action: int) -> tuple[str, str]:
        """The squares an action goes from and to."""
        square, direction = divmod(action // 2, 6)
        row, column = divmod(square, self.columns)
        return self._square(row, column), self._square(row + (1 if direction < 3 else -1), column + direction % 3 - 1)

    def action_text(self, position: Positions, action: int) -> str:
        return "".join(self._ends(action))

    def reason(self, position: Positions) -> str:
        if not position["over"][0]:
            return ""
        return "reached the far side" if position["pieces"][0].all() else "all pieces captured"

    def standing(self, position: Positions) -> tuple[str, ...]:
        return tuple(f"{int(pieces).bit_count()} pieces" for pieces in position["pieces"][0])

    def owner(self, position: Positions, row: int, column: int) -> int:
        """The seat with a piece on a square; 2: none."""
        first, second = (int(pieces) >> 8 * row + column & 1 for pieces in position["pieces"][0])
        return 0 if first else 1 if second else 2

    def text(self, position: Positions) -> str:
        rows = [
            f"{row + 1} {' '.join('XO.'[self.owner(position, row, column)] for column in range(self.columns))}"
            for row in reversed(range(self.rows))
        ]
        return "\n".join([*rows, "  " + " ".join("abcdefgh"[: self.columns])])

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        squares = [(row, column) for row in range(self.rows) for column in range(self.columns)]
        canvas.rect(0.52, 0.52, self.columns + 0.16, self.rows + 0.16, "grid", radius=0.08)
        for row, column in squares:
            color: Color = "board_light" if (row + column) % 2 else "board_dark"
            canvas.rect(column + 0.6, self.rows - row - 0.4, 1, 1, color)
        for column in range(self.columns):
            canvas.text(column + 1.1, self.rows + 0.92, "abcdefgh"[column], 0.32, "muted")
        for row in range(self.rows):
            canvas.text(0.26, self.rows - row + 0.1, str(row + 1), 0.32, "muted")
        moved = {int(position["target"][0]): int(position["origin"][0])}
        for row, column in squares:
            x, y, bit = column + 1.1, self.rows - row + 0.1, 8 * row + column
            owner = self.owner(position, row, column)
            if owner < 2:
                came = moved.get(bit, -1)
                origin = None if came < 0 else (came % 8 + 1.1, self.rows - came // 8 + 0.1)
                side: Color = "seat1" if owner else "seat0"
                canvas.disc(x, y, 0.37, side, tag=f"piece {owner} {self._square(row, column)}", origin=origin)
        for row, column in squares:
            canvas.rect(column + 0.6, self.rows - row - 0.4, 1, 1, "clear", tag=self._square(row, column))

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return self._ends(action)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        ends = [int(position[end][0]) for end in ("origin", "target")]
        return () if ends[0] < 0 else tuple(self._square(*divmod(bit, 8)) for bit in ends)


def game(rows: int = 8, columns: int = 8) -> Breakthrough:
    return Breakthrough(rows, columns)
