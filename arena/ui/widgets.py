"""The few things the panels are made of: cards, pills, chips, bars, keycaps, a graph."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pygame

from arena.ui import ink, theme
from arena.ui.theme import Look, Rgb

Surface = pygame.Surface
Box = pygame.Rect


def card(target: Surface, box: Box, u: Look) -> Box:
    """A white sheet with a soft shadow; what is left inside its padding."""
    ink.shadow(target, box, u(theme.RADIUS), u(7), 34, u.color.shadow)
    ink.rounded(target, box, u(theme.RADIUS), u.color.card)
    return box.inflate(-2 * u(theme.PADDING), -2 * u(theme.PADDING))


def heading(target: Surface, box: Box, u: Look, title: str, detail: str = "") -> Box:
    """A card's first line; what is left below it."""
    y = box.y + u(8)
    width = ink.write(target, title, box.x, y, u(theme.SMALL), u.color.ink, "bold", width=box.width)
    room = box.width - width - u(12)
    ink.write(target, detail, box.right, y, u(theme.SMALL), u.color.muted, align="right", width=max(0, room))
    return Box(box.x, box.y + u(26), box.width, box.height - u(26))


def pill(
    target: Surface,
    right: int,
    middle: int,
    text: str,
    u: Look,
    color: Rgb,
    back: Rgb,
    room: int,
    dot: Rgb | None = None,
) -> Box:
    """A rounded label that ends at `right`, at most `room` wide, with a coloured dot in front if given."""
    size, pad = u(theme.SMALL), u(14)
    lead = u(18) if dot is not None else 0
    text = ink.shortened(text, "bold", size, max(0, room - 2 * pad - lead))
    width = ink.text_width(text, "bold", size) + 2 * pad + lead
    box = Box(right - width, middle - u(16), width, u(32))
    ink.rounded(target, box, u(16), back)
    if dot is not None:
        ink.disc(target, box.x + pad + u(4), middle, u(5), dot)
    ink.write(target, text, box.x + pad + lead, middle, size, color, "bold")
    return box


def chip(target: Surface, x: float, y: float, radius: float, seat: int, u: Look) -> None:
    """A seat's colour as a little piece."""
    color = u.seat(seat)
    ink.disc(target, x, y, radius, theme.mix(color, (0, 0, 0), 0.16))
    ink.disc(target, x, y, radius * 0.86, color)


def bar(target: Surface, box: Box, share: float, color: Rgb, u: Look) -> None:
    """A share of 1 as a filled part of a well."""
    ink.rounded(target, box, box.height // 2, u.color.well)
    width = round(box.width * max(0.0, min(share, 1.0)))
    if width >= 2:
        ink.rounded(target, Box(box.x, box.y, max(width, box.height), box.height), box.height // 2, color)


def button(target: Surface, box: Box, text: str, u: Look) -> None:
    """Something to click."""
    ink.rounded(target, box, u(9), u.color.accent_soft)
    size, room = u(theme.BODY), box.width - u(12)
    ink.write(target, text, box.centerx, box.centery, size, u.color.accent, "bold", "center", room)


def tool(target: Surface, box: Box, text: str, on: bool, u: Look) -> None:
    """A small button, lit where what it stands for is on."""
    ink.rounded(target, box.move(0, u(1.5)), u(7), theme.mix(u.color.hair, u.color.ink, 0.12))
    ink.rounded(target, box, u(7), u.color.accent_soft if on else u.color.card)
    color = u.color.accent if on else u.color.ink
    ink.write(target, text, box.centerx, box.centery, u(theme.TINY), color, "bold", "center", box.width - u(6))


def keycaps(target: Surface, box: Box, keys: Sequence[tuple[str, str]], u: Look) -> None:
    """Keys and what they do, in a row; the last ones are left out if they do not fit."""
    size, x = u(theme.TINY), box.x + u(2)
    for key, label in keys:
        cap = max(u(24), ink.text_width(key, "bold", size) + u(14))
        width = cap + u(7) + ink.text_width(label, "regular", size)
        if x + width > box.right:
            break
        place = Box(x, box.centery - u(11), cap, u(22))
        ink.rounded(target, place.move(0, u(1.5)), u(6), theme.mix(u.color.hair, u.color.ink, 0.12))
        ink.rounded(target, place, u(6), u.color.card)
        ink.write(target, key, place.centerx, place.centery, size, u.color.ink, "bold", "center")
        ink.write(target, label, place.right + u(7), box.centery, size, u.color.muted)
        x += width + u(20)


def plot_of(box: Box, labels: Sequence[tuple[float, str]], u: Look) -> Box:
    """Where the curves of a graph run."""
    left = max(ink.text_width(text, "regular", u(theme.TINY)) for _, text in labels) + u(10)
    return Box(box.x + left, box.y + u(6), box.width - left - u(8), box.height - u(24))


def span_of(last: int, rate: float) -> float:
    """How many plies a graph is wide."""
    return max(last, 8 * rate)


def graph(
    target: Surface,
    box: Box,
    lines: Sequence[tuple[Rgb, Sequence[tuple[float, float]]]],
    labels: Sequence[tuple[float, str]],
    last: int,
    cursor: int,
    u: Look,
    rate: float = 1.0,
    dots: Sequence[tuple[float, float]] = (),
) -> None:
    """Curves over plies 0..last; heights in [0, 1] from the bottom, `labels` at heights of the axis. `rate`: plies in a
    unit of the axis below. `dots`: what was bad, at its ply and height."""
    size = u(theme.TINY)
    plot = plot_of(box, labels, u)
    for height, text in labels:
        y = plot.bottom - height * plot.height
        ink.line(target, (plot.x, y), (plot.right, y), 1, u.color.hair)
        ink.write(target, text, plot.x - u(10), y, size, u.color.muted, align="right")
    span = span_of(last, rate)

    def place(ply: float, height: float) -> tuple[float, float]:
        return plot.x + ply / span * plot.width, plot.bottom - max(0.0, min(height, 1.0)) * plot.height

    units = int(span / rate)
    step = next(s for s in (2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if units / s <= 6)
    for unit in range(0, units + 1, step):
        x, _ = place(unit * rate, 0)
        ink.write(target, str(unit), x, box.bottom - u(5), size, u.color.faint, align="center")
    x, _ = place(min(cursor, span), 0)
    ink.line(target, (x, plot.y), (x, plot.bottom), u(1.5), theme.mix(u.color.accent, u.color.card, 0.45))
    for color, points in lines:
        spots = [place(*point) for point in points]
        for start, end in pairwise(spots):
            ink.line(target, start, end, u(2.4), color)
        if spots:
            ink.disc(target, *spots[-1], u(6), u.color.card)
            ink.disc(target, *spots[-1], u(4.4), color)
    for spot in dots:
        ink.disc(target, *place(*spot), u(5.5), u.color.bad)
        ink.disc(target, *place(*spot), u(2.8), u.color.card)
