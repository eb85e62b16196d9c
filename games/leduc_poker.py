"""Poker with six cards: two rounds of betting, one card each and one for all; a pair beats the higher card.

Rules: Southey et al., "Bayes' Bluff", 2005. The deck is jack, queen and king in two suits. Both ante a chip; a raise is
2 chips in the first round, 4 in the second, at most two a round; the first seat begins both rounds.
An action is numbered as in OpenSpiel: 0 folds, 1 checks or calls, 2 bets or raises; a card is 2 * rank + suit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from games.core.canvas import Canvas
from games.core.cards import HAND, NONE, deal_odds, draw_buttons, draw_card, draw_face, draw_hand
from games.core.game import Positions
from games.core.kernels import helper
from games.core.native import NativeGame

DECK, LONGEST = 6, 4  # plies of a round
FOLD, CALL, RAISE = 0, 1, 2
NATURE, OVER = 2, 3  # in place of the seat to act
PUBLIC = 2  # the place of the card for all, after those of the seats
SIZES = np.array([2, 4], np.int64)  # chips of a raise, a round
MOST_RAISES = 2  # a round


class Rules(NamedTuple):
    """The tag of Leduc poker, which has no options."""


POSITION = np.dtype(
    [
        ("cards", "u1", (3,)), ("dealt", "u1"),
        ("plays", "u1", (2, LONGEST)), ("plies", "u1", (2,)),  # a round; a play is its action + 1
        ("raises", "u1"), ("paid", "u1", (2,)), ("seat", "u1"), ("last", "i1"),  # raises of this round
    ]
)  # fmt: skip


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.cards[:] = NONE
    for stage in range(2):
        for ply in range(LONGEST):
            row.plays[stage, ply] = 0
    row.plies[:] = 0
    row.paid[:] = 1
    row.dealt = 0
    row.raises = 0
    row.seat = NATURE
    row.last = -1


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if row.seat == OVER else 1 << row.seat


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    out[FOLD] = row.paid[1 - seat] > row.paid[seat]
    out[CALL] = True
    out[RAISE] = row.raises < MOST_RAISES


def odds(rules, row, out):  # type: ignore[no-untyped-def]
    deal_odds(row.cards, out)


def chance(rules, row, random, scratch):  # type: ignore[no-untyped-def]
    return draw_card(row.cards, DECK, random)


@helper
def showdown(row: Any) -> Any:
    """The seat with the better hand; -1: none."""
    first, second, public = row.cards[0] // 2, row.cards[1] // 2, row.cards[PUBLIC] // 2
    if first == second:
        return -1
    return 0 if first == public or (second != public and first > second) else 1


@helper
def finish(row: Any, winner: Any, rewards: Any) -> None:
    """The winner gets what the other has paid; nobody does if it is -1."""
    row.seat = OVER
    if winner >= 0:
        rewards[winner] += row.paid[1 - winner]
        rewards[1 - winner] -= row.paid[1 - winner]


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    if row.seat == NATURE:
        row.cards[row.dealt] = joint[NATURE]
        row.dealt += 1
        row.raises = 0
        row.seat = NATURE if row.dealt < 2 else 0
        return
    seat, stage = np.int64(row.seat), np.int64(row.dealt) - 2
    action = joint[seat]
    row.plays[stage, row.plies[stage]] = action + 1
    row.plies[stage] += 1
    row.seat = 1 - seat
    row.last = seat
    if action == FOLD:
        finish(row, 1 - seat, rewards)
    elif action == RAISE:
        row.paid[seat] = row.paid[1 - seat] + SIZES[stage]
        row.raises += 1
    else:
        row.paid[seat] = row.paid[1 - seat]
        if row.plies[stage] > 1 and stage == 0:
            row.seat = NATURE
        elif row.plies[stage] > 1:
            finish(row, showdown(row), rewards)


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """One-hot: the seat, its card, the card for all; and for each ply of both rounds whether it was a call, a raise."""
    out[seat] = 1
    if row.cards[seat] != NONE:
        out[2 + row.cards[seat]] = 1
    if row.cards[PUBLIC] != NONE:
        out[2 + DECK + row.cards[PUBLIC]] = 1
    for stage in range(2):
        for ply in range(row.plies[stage]):
            play = row.plays[stage, ply]
            if play > FOLD + 1:
                out[2 + 2 * DECK + 2 * (LONGEST * stage + ply) + play - CALL - 1] = 1


def know(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """The seat, its card and the one for all (0: none yet), how many are dealt, and the plays of both rounds."""
    out[0] = seat
    out[1] = 0 if row.cards[seat] == NONE else row.cards[seat] + 1
    out[2] = 0 if row.cards[PUBLIC] == NONE else row.cards[PUBLIC] + 1
    out[3] = row.dealt
    for stage in range(2):
        for ply in range(row.plies[stage]):
            out[4 + LONGEST * stage + ply] = row.plays[stage, ply]


def redeal(rules, row, seat, random):  # type: ignore[no-untyped-def]
    other = 1 - seat
    if row.cards[other] != NONE:
        row.cards[other] = NONE
        row.cards[other] = draw_card(row.cards, DECK, random)


class LeducPoker(NativeGame):
    title = "Leduc Poker"
    seats, actions, outcomes = 2, 3, DECK
    hidden = True
    incidental = ("last",)
    max_plies = 3 + 2 * LONGEST
    bounds = (-13.0, 13.0)
    openspiel = "leduc_poker"
    observation_shape, observation_dtype = (2 + 2 * DECK + 2 * 2 * LONGEST,), np.float32
    knowledge = 4 + 2 * LONGEST
    extent = (3 * HAND[0] + 0.2, HAND[1] + 1.5)

    def __init__(self) -> None:
        super().__init__(Rules(), POSITION, globals())

    def action_text(self, position: Positions, action: int) -> str:
        paid = position["paid"][0]
        if action == CALL:
            return "check" if paid[0] == paid[1] else "call"
        return "fold" if action == FOLD else "raise" if position["raises"][0] else "bet"

    def outcome_text(self, position: Positions, action: int) -> str:
        return f"{self._card(action)} to {('first', 'second', 'both')[int(position['dealt'][0])]}"

    def _card(self, card: int) -> str:
        return "JQK"[card // 2] + "♠♥"[card % 2]

    def reason(self, position: Positions) -> str:
        if position["seat"][0] != OVER:
            return ""
        if (position["plays"][0] == FOLD + 1).any():
            return "fold"
        cards = position["cards"][0] // 2
        if cards[0] == cards[1]:
            return "equal hands"
        return "pair" if cards[PUBLIC] in cards[:2] else "higher card"

    def _said(self, position: Positions) -> list[list[str]]:
        """[2 rounds] the plays in words."""
        rounds = []
        for plays in position["plays"][0].tolist():
            words: list[str] = []
            for play in plays:
                bet = "bet" in words
                if play:
                    words.append(("fold", "call" if bet else "check", "raise" if bet else "bet")[play - 1])
            rounds.append(words)
        return rounds

    def text(self, position: Positions) -> str:
        cards = ["-" if card == NONE else self._card(card) for card in position["cards"][0].tolist()]
        paid = position["paid"][0]
        lines = [f"{self.seat_names[seat]}: {cards[seat]}, paid {paid[seat]}" for seat in range(2)]
        rounds = [", ".join(words) for words in self._said(position) if words]
        return "\n".join([*lines, f"Both: {cards[PUBLIC]}", *rounds])

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        """The other's card lies face down while the game goes on."""
        width, height = self.extent
        canvas.rect(0.1, 0.1, width - 0.2, height - 0.2, "board", radius=0.4)
        over, cards, paid = position["seat"][0] == OVER, position["cards"][0].tolist(), position["paid"][0].tolist()
        words = self._said(position)[max(0, int(position["dealt"][0]) - 2)]
        for other in range(2):
            face = "" if cards[other] == NONE else self._card(cards[other]) if over or other == seat else None
            said = words[other::2][-1] if words[other::2] else ""
            x = width / 2 + (2 * other - 1) * HAND[0]
            draw_hand(canvas, x, 0.1 + HAND[1] / 2, other, self.seat_names[other], face, paid[other], said)
        if cards[PUBLIC] != NONE:
            draw_face(canvas, width / 2, 1.78, self._card(cards[PUBLIC]), "card both")
        canvas.text(width / 2, height - 1.2, f"pot {sum(paid)}", 0.32, "paper")
        legal = np.flatnonzero(self.legal(position, np.array([seat], np.int32))[0])
        draw_buttons(canvas, height - 0.6, {int(a): self.action_text(position, int(a)) for a in legal}, width)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        last = int(position["last"][0])
        return () if last < 0 else (f"hand {last}",)


def game() -> LeducPoker:
    return LeducPoker()
