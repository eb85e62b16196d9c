"""Flank discs to turn them over; the most discs at the end win.

Rules: World Othello Federation. Whoever cannot turn a disc passes; when neither can, the game is over.
A position is one bitboard a seat; bit `8 * row + column` is a square, a1 the lowest, and an action is the number of
its bit; 64 is a pass. Lines are followed on all squares at once by doubling shifts (Kogge and Stone 1973).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from games.core.bits import ONE, count, nth
from games.core.canvas import Canvas, Color
from games.core.game import Positions
from games.core.kernels import below, helper
from games.core.native import NativeGame
from games.core.symmetry import DIAGONALS, Symmetries, Table, grid, of_planes

PASS = 64
OVER = 2  # in place of the seat to move
INNER = np.uint64(0x7E7E7E7E7E7E7E7E)  # without the files a and h: what a line can run through sideways
CORNERS = np.uint64(0x8100000000000081)
NEXT_TO_CORNERS = np.uint64(0x42C300000000C342)
FIRST, SECOND = np.uint64(1 << 28 | 1 << 35), np.uint64(1 << 27 | 1 << 36)
ROW, RISING, FALLING, FILE = np.uint64(1), np.uint64(7), np.uint64(9), np.uint64(8)  # shifts to a neighbour
POSITION = np.dtype([("discs", "u8", (2,)), ("moves", "u8"), ("seat", "u1"), ("last", "i1")])


class Rules(NamedTuple):
    """The tag of Othello; it has no options."""

    size: int = 8


@helper
def beyond(own: Any, through: Any, by: Any) -> Any:
    """The squares next after unbroken lines of `through` that begin at `own`, both ways along one direction."""
    up = through & (own << by)
    down = through & (own >> by)
    ups, downs = through & (through << by), through & (through >> by)
    up |= through & (up << by)
    down |= through & (down >> by)
    twice = by + by
    up |= ups & (up << twice)
    down |= downs & (down >> twice)
    up |= ups & (up << twice)
    down |= downs & (down >> twice)
    return (up << by) | (down >> by)


@helper
def mobility(own: Any, other: Any) -> Any:
    """The squares where `own` may move."""
    inner = other & INNER
    ends = beyond(own, inner, ROW) | beyond(own, inner, RISING) | beyond(own, inner, FALLING) | beyond(own, other, FILE)
    return ends & ~(own | other)


@helper
def along(square: Any, own: Any, through: Any, by: Any) -> Any:
    """What a disc on `square` turns over along one direction, both ways."""
    up = through & (square << by)
    down = through & (square >> by)
    for _ in range(5):
        up |= through & (up << by)
        down |= through & (down >> by)
    turned = np.uint64(0)
    if (up << by) & own:
        turned |= up
    if (down >> by) & own:
        turned |= down
    return turned


@helper
def flips(square: Any, own: Any, other: Any) -> Any:
    """The discs of `other` that a disc of `own` on `square` turns over."""
    inner = other & INNER
    across = along(square, own, inner, ROW) | along(square, own, other, FILE)
    return across | along(square, own, inner, RISING) | along(square, own, inner, FALLING)


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.discs[0] = FIRST
    row.discs[1] = SECOND
    row.moves = mobility(FIRST, SECOND)  # of the seat to move
    row.seat = 0
    row.last = -1


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if row.seat == OVER else 1 << row.seat


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    for square in range(64):
        out[square] = (row.moves >> np.uint64(square)) & ONE != np.uint64(0)
    out[PASS] = row.moves == np.uint64(0)


def choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    if row.moves == np.uint64(0):
        return PASS
    return nth(row.moves, below(random, count(row.moves)))


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    seat = np.int64(row.seat)
    action = joint[seat]
    own, other = row.discs[seat], row.discs[1 - seat]
    if action != PASS:
        square = ONE << np.uint64(action)
        turned = flips(square, own, other)
        own |= square | turned
        other ^= turned
        row.discs[seat] = own
        row.discs[1 - seat] = other
    row.last = action
    row.seat = 1 - seat
    row.moves = mobility(other, own)
    if row.moves == np.uint64(0) and mobility(own, other) == np.uint64(0):
        row.seat = OVER
        lead = count(own) - count(other)
        if lead != 0:
            gain = 1 if lead > 0 else -1
            rewards[seat] += gain
            rewards[1 - seat] -= gain


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    for square in range(64):
        out[0, square >> 3, square & 7] = (row.discs[seat] >> np.uint64(square)) & ONE
        out[1, square >> 3, square & 7] = (row.discs[1 - seat] >> np.uint64(square)) & ONE


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """Corners, moves to choose from, and few discs next to corners: discs themselves come and go."""
    if row.seat == OVER:
        return
    first, second = row.discs[0], row.discs[1]
    score = 8 * (count(first & CORNERS) - count(second & CORNERS))
    score += 2 * (count(second & NEXT_TO_CORNERS) - count(first & NEXT_TO_CORNERS))
    score += count(mobility(first, second)) - count(mobility(second, first))
    out[0] += score / (20.0 + abs(score))
    out[1] -= score / (20.0 + abs(score))


class Othello(NativeGame):
    title = "Othello"
    seats, actions, max_plies = 2, 65, 120
    incidental = ("moves", "last")  # the moves follow from the discs
    openspiel = "othello"
    observation_shape, observation_dtype = (2, 8, 8), np.float32
    extent = (9.2, 9.2)
    seat_names = ("Yellow", "Red")

    def __init__(self) -> None:
        super().__init__(Rules(), POSITION, globals())

    def places(self) -> Table:
        return grid(8, 8)

    def symmetries(self) -> Symmetries:
        """Those that leave the first four discs where they are, each with its owner."""
        return of_planes(self.observation_shape, DIAGONALS, self.actions, self.places())

    def action_text(self, position: Positions, action: int) -> str:
        return "pass" if action == PASS else "abcdefgh"[action % 8] + str(action // 8 + 1)

    def reason(self, position: Positions) -> str:
        if position["seat"][0] != OVER:
            return ""
        more, fewer = sorted(self._count(position), reverse=True)
        return f"{more} discs to {fewer}"

    def _count(self, position: Positions) -> tuple[int, int]:
        first, second = (int(discs).bit_count() for discs in position["discs"][0])
        return first, second

    def standing(self, position: Positions) -> tuple[str, ...]:
        return tuple(f"{discs} discs" for discs in self._count(position))

    def text(self, position: Positions) -> str:
        owners = ["XO."[self.owner(position, square)] for square in range(64)]
        rows = [f"{row + 1} {' '.join(owners[8 * row : 8 * row + 8])}" for row in range(8)]
        first, second = self._count(position)
        return "\n".join([*rows, "  a b c d e f g h", f"X {first}, O {second}"])

    def owner(self, position: Positions, square: int) -> int:
        """The seat with a disc on a square; 2: none."""
        first, second = (int(discs) >> square & 1 for discs in position["discs"][0])
        return 0 if first else 1 if second else 2

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        canvas.rect(0.5, 0.5, 8.2, 8.2, "board", radius=0.16)
        for line in range(9):
            canvas.line(0.6, line + 0.6, 8.6, line + 0.6, 0.025, "board_dark")
            canvas.line(line + 0.6, 0.6, line + 0.6, 8.6, 0.025, "board_dark")
        for x in (2.6, 6.6):
            canvas.disc(x, 2.6, 0.07, "board_dark")
            canvas.disc(x, 6.6, 0.07, "board_dark")
        for line, letter in enumerate("abcdefgh"):
            canvas.text(line + 1.1, 0.24, letter, 0.32, "muted")
            canvas.text(0.24, line + 1.1, str(line + 1), 0.32, "muted")
        colors: tuple[Color, ...] = ("seat0", "seat1")
        for square in range(64):
            x, y = square % 8 + 1.1, square // 8 + 1.1
            owner = self.owner(position, square)
            if owner < 2:
                canvas.disc(x, y, 0.4, colors[owner], tag=f"disc {square}")
            canvas.rect(x - 0.5, y - 0.5, 1.0, 1.0, "clear", tag=f"square {square}")
        for owner, (discs, x) in enumerate(zip(self._count(position), (3.9, 5.1), strict=True)):
            canvas.disc(x - 0.25, 8.95, 0.15, colors[owner])
            canvas.text(x, 8.95, str(discs), 0.34, "ink", align="left")
        if position["seat"][0] != OVER and not position["moves"][0]:
            canvas.rect(7.4, 8.75, 1.3, 0.4, "accent", radius=0.12, tag="pass")
            canvas.text(8.05, 8.95, "Pass", 0.3, "paper")

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return ("pass",) if action == PASS else (f"square {action}",)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        last = int(position["last"][0])
        return (f"disc {last}",) if 0 <= last < PASS else ()


def game() -> Othello:
    return Othello()
