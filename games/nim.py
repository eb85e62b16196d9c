"""Take any number of things from one pile; in misère play, whoever takes the last one loses.

Rules and solution: Bouton, 1901. An action is numbered as in OpenSpiel: (taken - 1) * number of piles + pile.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from games.core.canvas import Canvas
from games.core.game import Positions
from games.core.kernels import helper
from games.core.native import NativeGame

MOST_PILES, LARGEST = 8, 20
LETTERS = "abcdefgh"


class Rules(NamedTuple):
    """The tag of nim with its options."""

    piles: tuple[int, ...]
    largest: int
    misere: bool


def position_dtype(piles: int) -> np.dtype:
    """`left` things a pile; `last` pile taken from, -1 before the first move."""
    return np.dtype([("left", "u1", (piles,)), ("seat", "u1"), ("last", "i1")])


@helper
def things(row: Any) -> Any:
    """How many are left."""
    total = 0
    for pile in range(len(row.left)):
        total += row.left[pile]
    return total


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    for pile in range(len(rules.piles)):
        row.left[pile] = rules.piles[pile]
    row.seat = 0
    row.last = -1


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if things(row) == 0 else 1 << row.seat


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    piles = len(rules.piles)
    for taken in range(1, rules.largest + 1):
        for pile in range(piles):
            out[(taken - 1) * piles + pile] = taken <= row.left[pile]


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    piles, seat = len(rules.piles), np.int64(row.seat)
    pile = joint[seat] % piles
    row.left[pile] -= joint[seat] // piles + 1
    row.seat = 1 - seat
    row.last = pile
    if things(row) == 0:
        winner = 1 - seat if rules.misere else seat
        rewards[winner] += 1
        rewards[1 - winner] -= 1


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """One row a pile, filled with ones from the left; then one that says whether it is the seat's turn."""
    for pile in range(len(rules.piles)):
        for thing in range(row.left[pile]):
            out[pile * rules.largest + thing] = 1
    out[len(rules.piles) * rules.largest] = row.seat == seat


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """Bouton's rule, which is no guess: the mover loses if the piles' exclusive or is 0.

    In misère play it is the other way round once no pile has more than one thing."""
    if things(row) == 0:
        return
    balance, large = np.int64(0), False
    for pile in range(len(rules.piles)):
        balance ^= np.int64(row.left[pile])
        large |= row.left[pile] > 1
    wins = balance != 0 if large or not rules.misere else balance == 0
    seat = np.int64(row.seat)
    out[seat] += 0.9 if wins else -0.9  # a win itself is worth more than the way to it
    out[1 - seat] -= 0.9 if wins else -0.9


class Nim(NativeGame):
    title = "Nim"
    seats = 2
    incidental = ("last",)
    observation_dtype = np.float32
    seat_names = ("Yellow", "Red")

    def __init__(self, piles: tuple[int, ...], misere: bool) -> None:
        rules = Rules(piles, max(piles), misere)
        super().__init__(rules, position_dtype(len(piles)), globals())
        self.piles, self.misere = piles, misere
        self.actions = len(piles) * max(piles)
        self.max_plies = sum(piles)
        sizes = ";".join(str(size) for size in piles)
        if len(piles) > 1:  # OpenSpiel reads a single size as a number, and wants text
            self.openspiel = f"nim(pile_sizes={sizes},is_misere={'true' if misere else 'false'})"
        self.observation_shape = (len(piles) * max(piles) + 1,)
        self.extent = (max(piles) + 1.6, len(piles) + 1.2)

    def action_text(self, position: Positions, action: int) -> str:
        return f"{LETTERS[action % len(self.piles)]}{action // len(self.piles) + 1}"

    def reason(self, position: Positions) -> str:
        if position["left"][0].any():
            return ""
        return "the other took the last one" if self.misere else "took the last one"

    def text(self, position: Positions) -> str:
        left = position["left"][0]
        return "\n".join(f"{LETTERS[pile]} {'|' * int(left[pile])}".rstrip() for pile in range(len(self.piles)))

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        width = max(self.piles)
        canvas.rect(0.1, 0.1, width + 1.4, len(self.piles) + 0.3, "paper", radius=0.2)
        for pile, size in enumerate(self.piles):
            y, left = pile + 0.75, int(position["left"][0][pile])
            canvas.text(0.55, y, LETTERS[pile], 0.4, "muted")
            for thing in range(size):
                x = thing + 1.45
                if thing < left:
                    canvas.rect(x - 0.14, y - 0.36, 0.28, 0.72, "board", radius=0.14, tag=f"thing {pile} {thing}")
                else:
                    canvas.rect(x - 0.12, y - 0.34, 0.24, 0.68, "board_dark", radius=0.12, outline=0.03)
                canvas.rect(x - 0.5, y - 0.5, 1.0, 1.0, "clear", tag=f"place {pile} {thing}")
        rule = "whoever takes the last one loses" if self.misere else "whoever takes the last one wins"
        canvas.text(self.extent[0] / 2, len(self.piles) + 0.8, rule, 0.3, "muted")

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        """The leftmost of the things taken: it goes with all to its right."""
        taken, pile = divmod(action, len(self.piles))
        return (f"place {pile} {int(position['left'][0][pile]) - taken - 1}",)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        pile = int(position["last"][0])
        return () if pile < 0 else (f"place {pile} {int(position['left'][0][pile])}",)


def game(piles: str = "1 3 5 7", misere: bool = True) -> Nim:
    sizes = str(piles).split()
    if not all(size.isascii() and size.isdigit() for size in sizes) or not 1 <= len(sizes) <= MOST_PILES:
        raise ValueError(f"piles are 1 to {MOST_PILES} sizes with spaces between, as in '1 3 5 7', not '{piles}'")
    if not all(1 <= int(size) <= LARGEST for size in sizes):
        raise ValueError(f"a pile is of 1 to {LARGEST} things; piles are '{piles}'")
    if not isinstance(misere, bool):
        raise ValueError(f"misere is true or false, not {misere}")
    return Nim(tuple(int(size) for size in sizes), misere)
