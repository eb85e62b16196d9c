"""One card each and one chip to bet: the smallest poker, in which bluffing pays.

Rules and solution for two: Kuhn, 1950; for more: Abou Risk and Szafron, 2010. The deck has one card more than there are
seats. Everyone antes a chip and in turn passes or bets another; after the first bet the others call it or fold.
An action is numbered as in OpenSpiel: 0 is check or fold, 1 bet or call. Nature deals to each seat in turn.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from games.core.canvas import Canvas
from games.core.cards import HAND, NONE, deal_odds, draw_buttons, draw_card, draw_hand
from games.core.game import Positions
from games.core.kernels import helper
from games.core.native import NativeGame

MOST_SEATS = 10
PASS, BET = 0, 1
NAMES = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
RANKS = "3456789TJQK"  # of the largest deck; smaller ones have the highest


class Rules(NamedTuple):
    """The tag of Kuhn poker with its option."""

    seats: int


def position_dtype(seats: int) -> np.dtype:
    """`plays` in order, each the action + 1, then zeros; `bettor` the seat that bet first, -1: none yet."""
    return np.dtype(
        [("cards", "u1", (seats,)), ("dealt", "u1"), ("plays", "u1", (2 * seats - 1,)), ("ply", "u1"), ("bettor", "i1")]
    )


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.cards[:] = NONE
    row.plays[:] = 0
    row.dealt = 0
    row.ply = 0
    row.bettor = -1


@helper
def is_over(rules: Any, row: Any) -> Any:
    """After a bet all the others have answered it; without one, all have passed."""
    return row.ply == rules.seats + row.bettor if row.bettor >= 0 else row.ply == rules.seats


@helper
def has_bet(rules: Any, row: Any, seat: Any) -> Any:
    """Whether `seat` has bet or called."""
    again = seat + rules.seats
    return row.plays[seat] == BET + 1 or (again < len(row.plays) and row.plays[again] == BET + 1)


def acting(rules, row):  # type: ignore[no-untyped-def]
    if row.dealt < rules.seats:
        return 1 << rules.seats
    return 0 if is_over(rules, row) else 1 << (row.ply % rules.seats)


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    out[:] = True


def odds(rules, row, out):  # type: ignore[no-untyped-def]
    deal_odds(row.cards, out)


def chance(rules, row, random, scratch):  # type: ignore[no-untyped-def]
    return draw_card(row.cards, rules.seats + 1, random)


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    seats = rules.seats
    if row.dealt < seats:
        row.cards[row.dealt] = joint[seats]
        row.dealt += 1
        return
    seat = row.ply % seats
    row.plays[row.ply] = joint[seat] + 1
    row.ply += 1
    if joint[seat] == BET and row.bettor < 0:
        row.bettor = seat
    if not is_over(rules, row):
        return
    winner, pot = -1, 0
    for seat in range(seats):
        stays = row.bettor < 0 or has_bet(rules, row, seat)
        if stays and (winner < 0 or row.cards[seat] > row.cards[winner]):
            winner = seat
        pot += 1 + has_bet(rules, row, seat)
        rewards[seat] -= 1 + has_bet(rules, row, seat)
    rewards[winner] += pot


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """One-hot: the seat, its card, and each play so far."""
    seats = rules.seats
    out[seat] = 1
    if row.cards[seat] != NONE:
        out[seats + row.cards[seat]] = 1
    for ply in range(row.ply):
        out[2 * seats + 1 + 2 * ply + row.plays[ply] - 1] = 1


def know(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """The seat, its card (0: none yet), how many are dealt, and the plays."""
    out[0] = seat
    out[1] = 0 if row.cards[seat] == NONE else row.cards[seat] + 1
    out[2] = row.dealt
    for ply in range(row.ply):
        out[3 + ply] = row.plays[ply]


def redeal(rules, row, seat, random):  # type: ignore[no-untyped-def]
    for other in range(row.dealt):
        if other != seat:
            row.cards[other] = NONE
    for other in range(row.dealt):
        if other != seat:
            row.cards[other] = draw_card(row.cards, rules.seats + 1, random)


class KuhnPoker(NativeGame):
    title = "Kuhn Poker"
    actions = 2
    hidden = True
    observation_dtype = np.float32

    def __init__(self, seats: int) -> None:
        if not isinstance(seats, int) or isinstance(seats, bool) or not 2 <= seats <= MOST_SEATS:
            raise ValueError(f"seats is a whole number from 2 to {MOST_SEATS}, not {seats}")
        super().__init__(Rules(seats), position_dtype(seats), globals())
        self.seats, self.outcomes = seats, seats + 1
        self.seat_names = NAMES[:seats]
        self.max_plies = seats + 2 * seats - 1
        self.bounds = (-2.0, 2.0 * (seats - 1))
        self.openspiel = f"kuhn_poker(players={seats})"
        self.observation_shape = (2 * seats + 1 + 2 * (2 * seats - 1),)
        self.knowledge = 3 + 2 * seats - 1
        self.columns = min(seats, 5)
        lines = -(-seats // 5)
        self.extent = (max(self.columns * HAND[0], 4.0) + 0.2, lines * HAND[1] + 1.5)

    def action_text(self, position: Positions, action: int) -> str:
        if position["bettor"][0] >= 0:
            return ("fold", "call")[action]
        return ("check", "bet")[action]

    def outcome_text(self, position: Positions, action: int) -> str:
        return f"{self._card(action)} to {NAMES[int(position['dealt'][0])].lower()}"

    def _card(self, card: int) -> str:
        return RANKS[-self.outcomes :][card]

    def _said(self, position: Positions) -> list[str]:
        """[seats] what each has said last."""
        said, bet = [""] * self.seats, False
        for ply, play in enumerate(position["plays"][0][: int(position["ply"][0])].tolist()):
            said[ply % self.seats] = (("check", "bet"), ("fold", "call"))[bet][play - 1]
            bet |= play == BET + 1
        return said

    def _over(self, position: Positions) -> bool:
        return not self.acting(position)[0].any()

    def reason(self, position: Positions) -> str:
        if not self._over(position):
            return ""
        return "the others folded" if self._said(position).count("fold") == self.seats - 1 else "showdown"

    def text(self, position: Positions) -> str:
        said = self._said(position)
        cards = ["-" if card == NONE else self._card(card) for card in position["cards"][0].tolist()]
        return "\n".join(f"{NAMES[seat]}: {cards[seat]} {said[seat]}".rstrip() for seat in range(self.seats))

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        """The cards of the others lie face down while the game goes on."""
        width, height = self.extent
        canvas.rect(0.1, 0.1, width - 0.2, height - 0.2, "board", radius=0.4)
        said, over = self._said(position), self._over(position)
        paid = [1 + (words in ("bet", "call")) for words in said]
        for other, card in enumerate(position["cards"][0].tolist()):
            line, column = divmod(other, self.columns)
            x = width / 2 + (column - (self.columns - 1) / 2) * HAND[0]
            y = 0.1 + (line + 0.5) * HAND[1]
            face = "" if card == NONE else self._card(card) if over or other == seat else None
            draw_hand(canvas, x, y, other, NAMES[other], face, paid[other], said[other])
        canvas.text(width / 2, height - 1.2, f"pot {sum(paid)}", 0.32, "paper")
        if self.acting(position)[0, seat]:
            draw_buttons(canvas, height - 0.6, {a: self.action_text(position, a) for a in range(2)}, width)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        ply = int(position["ply"][0])
        return (f"hand {(ply - 1) % self.seats}",) if ply else ()


def game(seats: int = 2) -> KuhnPoker:
    return KuhnPoker(seats)
