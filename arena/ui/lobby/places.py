"""Where things stand in the lobby. What can be clicked has a name: ('game', 3), ('player', 0, 1), ('start',)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pygame

from arena.ui import theme
from arena.ui.layout import SMALLEST
from arena.ui.lobby.state import Lobby
from arena.ui.theme import Look, Style

Box = pygame.Rect
Name = tuple[Any, ...]
TILE, LINE = 178, 46  # width of a thumbnail, height of a list's row
SEAT, HUMBLE = 70, 44  # heights of a seat: with a slider, without
BUTTON = 40


@dataclass(frozen=True)
class Places:
    look: Look
    left: Box  # the card with games, or a list
    inner: Box  # of it, what scrolls
    right: Box  # the card with the choice
    heading: Box
    seats: dict[int, Box]  # those in sight, by number
    options: tuple[tuple[str, Box], ...]
    footer: Box
    spots: dict[Name, Box]  # what can be clicked
    columns: int
    most_scroll: int

    def at(self, point: tuple[int, int]) -> Name | None:
        """What is under the mouse."""
        inside = self.inner.collidepoint(point)
        for name, box in self.spots.items():
            if box.collidepoint(point) and (inside or name[0] not in ("game", "row")):
                return name
        return None


def arrange(size: tuple[int, int], lobby: Lobby, style: Style) -> Places:
    """The boxes of a window of this size."""
    width, height = max(size[0], SMALLEST[0]), max(size[1], SMALLEST[1])
    u = Look.fitting((width, height), style)
    margin, gap, footer = u(theme.MARGIN), u(theme.GAP), u(theme.FOOTER)
    column = min(u(theme.COLUMN), max(u(theme.NARROW), round(0.44 * width)))
    bottom = height - footer - u(16)
    left = Box(margin, margin, width - 2 * margin - gap - column, bottom - margin)
    right = Box(left.right + gap, margin, column, bottom - margin)
    foot = Box(margin, bottom + u(8), width - 2 * margin, footer)
    inner = left.inflate(-2 * u(theme.PADDING), -2 * u(theme.PADDING))
    inner = Box(inner.x, inner.y + u(theme.HEADER), inner.width, inner.height - u(theme.HEADER))
    spots: dict[Name, Box] = {}
    columns, most = _left(spots, inner, lobby, u)
    heading, seats, options = _right(spots, right.inflate(-2 * u(theme.PADDING), -2 * u(theme.PADDING)), lobby, u)
    return Places(u, left, inner, right, heading, seats, options, foot, spots, columns, most)


def _left(spots: dict[Name, Box], inner: Box, lobby: Lobby, u: Look) -> tuple[int, int]:
    """Tiles or rows, as far as they are in sight; how many stand in a row, and how far it scrolls."""
    gap = u(12)
    if lobby.page == "games":
        columns = max(2, (inner.width + gap) // (u(TILE) + gap))
        width = (inner.width - gap * (columns - 1)) // columns
        deep, names = round(width * 0.86) + u(26), [("game", i) for i in range(len(lobby.games))]
    else:
        columns, width, deep = 1, inner.width, u(LINE)
        names = [("row", i) for i in range(len(lobby.rows))]
        gap = u(4)
        spots["back",] = Box(inner.right - u(90), inner.y - u(theme.HEADER), u(90), u(34))
    rows = -(-len(names) // columns)
    most = max(0, rows - max(1, (inner.height + gap) // (deep + gap)))
    first = min(lobby.scroll, most)
    for i, name in enumerate(names):
        row, place = divmod(i, columns)
        box = Box(inner.x + place * (width + gap), inner.y + (row - first) * (deep + gap), width, deep)
        if row >= first and (box.y if lobby.page == "games" else box.bottom - 1) < inner.bottom:
            spots[name] = box
    return columns, most


def _right(
    spots: dict[Name, Box], inner: Box, lobby: Lobby, u: Look
) -> tuple[Box, dict[int, Box], tuple[tuple[str, Box], ...]]:
    """The choice, from top to bottom: title, seats, opening and clock, buttons."""
    heading = Box(inner.x, inner.y, inner.width, u(56))
    gap, high = u(8), u(BUTTON)
    half = (inner.width - gap) // 2
    files = Box(inner.x, inner.bottom - high, half, high)
    spots["files",] = files
    spots["stored",] = files.move(half + gap, 0)
    y = files.y - gap - high
    if lobby.unfinished is not None:
        spots["continue",] = Box(inner.x, y, inner.width, high)
        y -= gap + high
    spots["start",] = Box(inner.x, y - u(6), inner.width, high + u(6))
    options, top = list[tuple[str, Box]](), y - u(6) - u(12)
    for name in () if lobby.real_time else ("clock", "opening"):
        top -= u(36)
        box = Box(inner.x, top, inner.width, u(34))
        options.insert(0, (name, box))
        spots[name, -1] = Box(box.right - u(170), box.y, u(34), u(34))
        spots[name, 1] = Box(box.right - u(34), box.y, u(34), u(34))
    seats, y = dict[int, Box](), heading.bottom
    for seat in range(min(lobby.first, len(lobby.seats) - 1), len(lobby.seats)):
        box = Box(inner.x, y, inner.width, u(SEAT if lobby.seats[seat].units else HUMBLE))
        if box.bottom > top - u(4):
            break
        seats[seat] = box
        spots["player", seat, -1] = Box(box.x + u(30), box.y + u(5), u(30), u(32))
        spots["player", seat, 1] = Box(box.right - u(30), box.y + u(5), u(30), u(32))
        if lobby.seats[seat].units:
            spots["unit", seat] = Box(box.x + u(30), box.y + u(42), u(96), u(26))
            left = box.x + u(140)
            spots["slider", seat] = Box(left, box.y + u(42), box.right - u(78) - left, u(26))
        y = box.bottom + u(4)
    return heading, seats, tuple(options)
