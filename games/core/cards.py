"""Card games: the deck for their kernels, and the table for their drawings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from games.core.canvas import Canvas, Color
from games.core.kernels import below, helper

NONE = 255  # in place of a card that is not dealt
HAND = (2.2, 3.9)  # width and height of what `draw_hand` paints
_CARD, _CHIP = (1.4, 1.96), 0.13
_SEATS: tuple[Color, ...] = ("seat0", "seat1", "seat2", "seat3")


# -- for kernels ---------------------------------------------------------------------------------------------------


@helper
def is_dealt(cards: Any, card: Any) -> Any:
    """Whether `card` is one of `cards` uint8 [N]."""
    found = False
    for i in range(len(cards)):
        found |= cards[i] == card
    return found


@helper
def deal_odds(cards: Any, out: Any) -> None:
    """Every card of the deck that is not among `cards` [N] comes next as often; out float32 [deck], zero on entry."""
    left = 0
    for card in range(len(out)):
        left += not is_dealt(cards, card)
    for card in range(len(out)):
        if not is_dealt(cards, card):
            out[card] = 1.0 / left


@helper
def draw_card(cards: Any, deck: Any, random: Any) -> Any:
    """A card of 0 to deck - 1 that is not among `cards` [N], each as often; random uint64 [1]."""
    left = 0
    for card in range(deck):
        left += not is_dealt(cards, card)
    pick = below(random, left)
    for card in range(deck):
        if not is_dealt(cards, card):
            if pick == 0:
                return card
            pick -= 1
    return NONE


# -- for people ----------------------------------------------------------------------------------------------------


def draw_face(canvas: Canvas, x: float, y: float, text: str | None, tag: str) -> None:
    """A card with its middle at x, y that flies in from above; text None: face down. Hearts are red."""
    width, height = _CARD
    left, top = x - width / 2, y - height / 2

    def plate(edge: float, color: Color, **more: float) -> None:
        place = left + edge, top + edge
        size = width - 2 * edge, height - 2 * edge
        canvas.rect(*place, *size, color, tag=tag, origin=(place[0], place[1] - y - height), **more)

    def word(at: float, down: float, what: str, size: float, color: Color) -> None:
        canvas.text(at, down, what, size, color, tag=tag, origin=(at, down - y - height))

    plate(0, "paper" if text else "board_light", radius=0.14)
    if text is None:
        plate(0.1, "accent", radius=0.08)
        plate(0.22, "board_light", outline=0.03)
        return
    color: Color = "bad" if "♥" in text else "ink"
    word(x, y, text[0], 1.1, color)
    word(left + 0.25, top + 0.28, text[1:] or text[0], 0.36, color)
    word(left + width - 0.25, top + height - 0.28, text[1:] or text[0], 0.36, color)


def draw_hand(
    canvas: Canvas, x: float, y: float, seat: int, name: str, card: str | None, chips: int, said: str
) -> None:
    """The place of `seat` with its middle at x, y: its name, its card (None: face down, '': not dealt yet), the chips
    that it has paid, and what it said last."""
    color = _SEATS[seat] if seat < len(_SEATS) else "muted"
    top = y - HAND[1] / 2
    canvas.rect(x - HAND[0] / 2 + 0.1, top + 0.1, HAND[0] - 0.2, HAND[1] - 0.2, "board_dark", radius=0.2,
                tag=f"hand {seat}")  # fmt: skip
    canvas.text(x, top + 0.42, name, 0.34, "ink")
    if card != "":
        draw_face(canvas, x, top + 1.68, card, f"card {seat}")
    for chip in range(chips):  # side by side, each half over the one before
        left = x + (chip - (chips - 1) / 2) * min(_CHIP, 1.5 / max(chips, 1))
        canvas.disc(left, top + 2.95, _CHIP, "paper", tag=f"chip {seat} {chip}", origin=(left, top + 1.68))
        canvas.disc(left, top + 2.95, _CHIP - 0.03, color, tag=f"chip {seat} {chip}", origin=(left, top + 1.68))
    canvas.text(x, top + 3.42, said, 0.32, "ink")


def draw_buttons(canvas: Canvas, y: float, texts: Mapping[int, str], width: float) -> None:
    """Buttons side by side on a canvas of `width`, tagged as `Game.gesture` says by default."""
    for place, (action, text) in enumerate(texts.items()):
        x = width / 2 + (place - (len(texts) - 1) / 2) * 1.5
        canvas.rect(x - 0.68, y - 0.3, 1.36, 0.6, "accent", radius=0.15, tag=f"action {action}")
        canvas.text(x, y, text, 0.34, "paper")
