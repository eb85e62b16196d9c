"""The few things the panels are made of: cards, pills, chips, bars, keycaps, a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pygame

from arena.ui import ink, theme
from arena.ui.theme import Look, Rgb

Surface = pygame.Surface
Box = pygame.Rect
LINE = 18  # height of a line of small print


def card(target: Surface, box: Box, u: Look) -> Box:
    """A white sheet with a soft shadow; what is left inside its padding."""
    ink.shadow(target, box, u(theme.RADIUS), u(7), 34, u.color.shadow)
    ink.rounded(target, box, u(theme.RADIUS), u.color.card)
    return box.inflate(-2 * u(theme.PADDING), -2 * u(theme.PADDING))


def heading(target: Surface, box: Box, u: Look, title: str, detail: str = "") -> Box:
    """A card's first line; what is left below it. Of `detail` as many parts as have room."""
    y, size = box.y + u(8), u(theme.SMALL)
    width = ink.write(target, title, box.x, y, size, u.color.ink, "bold", width=box.width)
    detail = ink.fitting(detail, "regular", size, max(0, box.width - width - u(12)))
    ink.write(target, detail, box.right, y, size, u.color.muted, align="right")
    return Box(box.x, box.y + u(26), box.width, box.height - u(26))


def paragraph(target: Surface, box: Box, text: str, color: Rgb, u: Look) -> None:
    """A text in the middle of a box, in as many lines as it needs and the box has."""
    size, step = u(theme.SMALL), u(LINE)
    lines = ink.wrapped(text, "regular", size, box.width)[: max(1, box.height // step)]
    for row, line in enumerate(lines):
        y = box.centery + round((row - (len(lines) - 1) / 2) * step)
        ink.write(target, line, box.centerx, y, size, color, align="center", width=box.width)


@dataclass(frozen=True)
class Said:
    """How it stands, in a few words, for a label in these colours, with a coloured dot in front if given."""

    text: str
    color: Rgb
    back: Rgb
    dot: Rgb | None = None


def headline(target: Surface, box: Box, title: str, facts: Sequence[str], said: Said, u: Look) -> None:
    """The top of a screen's first card: a title, `facts` in small print below it, and how it stands: beside the title,
    or, where the two have no room in one line, below it, and then as many parts of the facts as are left room for.
    Several lines of facts have that below for themselves."""
    size, gap = u(theme.TITLE), u(12)
    lead = pill_width(said, u) + gap if len(facts) > 1 else 0
    while size > u(theme.SMALL) and ink.text_width(title, "bold", size) + lead > box.width:
        size -= 1
    room = box.width // 2 if len(facts) > 1 else box.width - ink.text_width(title, "bold", size) - gap
    brief = replace(said, text=said.text.partition(ink.DOT)[0])  # what is left where not even a line is enough
    wanted = said if pill_width(said, u) <= box.width else brief
    beside = len(facts) > 1 or pill_width(wanted, u) <= room
    place = pill(target, box.right, box.y + u(20 if beside else 44), said, u, room if beside else box.width)
    room = place.left - gap - box.x
    ink.write(target, title, box.x, box.y + u(15), size, u.color.ink, "bold", width=room if beside else box.width)
    small = u(theme.SMALL)
    for line, text in enumerate(facts):
        text = ink.fitting(text, "regular", small, box.width if beside else room) if beside or room > u(60) else ""
        ink.write(target, text, box.x, box.y + u(44 + LINE * line), small, u.color.muted)


def notice(target: Surface, line: Box, text: str, u: Look, bad: bool = False) -> None:
    """A remark laid over a line of the window, and over what is above that as far as it needs more."""
    size, pad = u(theme.SMALL), u(14)
    lines = ink.wrapped(text, "regular", size, line.width - 2 * pad)[:6]
    height = u(LINE) * len(lines) + u(12)
    box = Box(line.x, line.bottom - height, line.width, height)
    ink.shadow(target, box, u(9), u(5), 34, u.color.shadow)
    ink.rounded(target, box, u(9), u.color.bad_soft if bad else u.color.accent_soft)
    for row, part in enumerate(lines):
        ink.write(target, part, box.x + pad, box.y + u(15 + LINE * row), size, u.color.bad if bad else u.color.ink)


def told(text: str, width: int, u: Look) -> list[str]:
    """A message of any length in lines of a headline."""
    return ink.wrapped(text, "regular", u(theme.SMALL), width)[:6]


def headline_height(error: str, width: int, u: Look) -> int:
    """Of a headline that tells an error, if there is one."""
    return u(theme.HEADER) + u(LINE) * max(0, len(told(error, width, u)) - 1)


def pill_width(said: Said, u: Look) -> int:
    """How wide a label is that has all the room it wants."""
    return ink.text_width(said.text, "bold", u(theme.SMALL)) + 2 * u(14) + (u(18) if said.dot is not None else 0)


def pill(target: Surface, right: int, middle: int, said: Said, u: Look, room: int) -> Box:
    """A rounded label that ends at `right`, at most `room` wide: smaller, and without its last parts, to fit."""
    size, pad, dot = u(theme.SMALL), u(14), said.dot
    lead = u(18) if dot is not None else 0
    if pill_width(said, u) > room:
        size = u(theme.TINY)
    text = ink.fitting(said.text, "bold", size, max(0, room - 2 * pad - lead))
    width = ink.text_width(text, "bold", size) + 2 * pad + lead
    box = Box(right - width, middle - u(16), width, u(32))
    ink.rounded(target, box, u(16), said.back)
    if dot is not None:
        ink.disc(target, box.x + pad + u(4), middle, u(5), dot)
    ink.write(target, text, box.x + pad + lead, middle, size, said.color, "bold")
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
