"""Where things stand in the window of a tournament: a function of its size and of what there is to show."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from arena.ui import theme
from arena.ui.layout import SMALLEST
from arena.ui.theme import Look
from arena.ui.tournament.state import Tournament
from arena.ui.widgets import headline_height

Box = pygame.Rect
CAPTION, ROW, LEAST_ROW, CELL = 19, 42, 22, 24  # heights: a line below a board, a standing, a line of the cross-table
TILE = 116  # least width of a board in the grid


@dataclass(frozen=True)
class Places:
    look: Look
    main: Box  # the card at the left
    header: Box
    progress: Box
    field: Box  # what is below: boards in a grid, one board, or the cross-table
    standings: Box
    cross: Box  # of no height where there is no room for it
    footer: Box
    tiles: dict[int, Box]  # by table: its board, the captions below it included

    def at(self, point: tuple[int, int]) -> int | None:
        """The table under the mouse."""
        return next((table for table, box in self.tiles.items() if box.collidepoint(point)), None)


def arrange(size: tuple[int, int], state: Tournament) -> Places:
    """The boxes of a window of this size."""
    width, height = max(size[0], SMALLEST[0]), max(size[1], SMALLEST[1])
    u = Look.fitting((width, height), state.style)
    margin, gap, footer = u(theme.MARGIN), u(theme.GAP), u(theme.FOOTER)
    column = min(u(theme.COLUMN), max(u(theme.NARROW), round(0.44 * width)))
    bottom = height - footer - u(16)
    main = Box(margin, margin, width - 2 * margin - gap - column, bottom - margin)
    inner = main.inflate(-2 * u(theme.PADDING), -2 * u(theme.PADDING))
    header = Box(inner.x, inner.y, inner.width, headline_height(state.error, inner.width, u))
    progress = Box(inner.x, header.bottom + u(8), inner.width, u(6))
    top = progress.bottom + u(16)
    field = Box(inner.x, top, inner.width, inner.bottom - top)
    standings, cross = _column(Box(main.right + gap, margin, column, bottom - margin), len(state.agents), gap, u)
    foot = Box(margin, bottom + u(8), width - 2 * margin, footer)
    alone = state.chosen is not None or state.crossed
    tiles = {} if alone else _tiles(field, state, u)
    return Places(u, main, header, progress, field, standings, cross, foot, tiles)


def _column(box: Box, players: int, gap: int, u: Look) -> tuple[Box, Box]:
    """The standings, and below them the cross-table as far as there is room."""
    around = 2 * u(theme.PADDING) + u(26)
    low = around + u(CELL) * (players + 1)
    high = min(around + u(16) + u(ROW) * players, box.height)
    least = min(around + u(16) + u(LEAST_ROW) * players, box.height)
    if high + gap + low > box.height:
        high = max(least, box.height - gap - low)
    rest = box.height - high - gap
    if rest < around + 3 * u(CELL):
        return box, Box(box.x, box.bottom, box.width, 0)
    return Box(box.x, box.y, box.width, high), Box(box.x, box.y + high + gap, box.width, min(rest, low))


def _tiles(field: Box, state: Tournament, u: Look) -> dict[int, Box]:
    """As many boards as can still be made out, as large as can be."""
    tables, gap = sorted(state.tables), u(14)
    for shown in range(len(tables), 0, -1):
        grids = [_grid(field, shown, columns, state.extent, gap, u) for columns in range(1, shown + 1)]
        width, height, columns = max(grids)
        if width >= u(TILE) or shown == 1:
            break
    else:
        return {}
    first = max(0, min(state.first, len(tables) - shown))
    rows = -(-shown // columns)
    left = field.x + (field.width - columns * width - (columns - 1) * gap) // 2
    top = field.y + max(0, (field.height - rows * height - (rows - 1) * gap) // 2)
    found = {}
    for place, table in enumerate(tables[first : first + shown]):
        row, column = divmod(place, columns)
        found[table] = Box(left + column * (width + gap), top + row * (height + gap), width, height)
    return found


def _grid(field: Box, shown: int, columns: int, extent: tuple[float, float], gap: int, u: Look) -> tuple[int, int, int]:
    """Width and height of a tile where so many stand in so many columns; and the columns."""
    rows, captions = -(-shown // columns), 2 * u(CAPTION) + u(4)
    widest = (field.width - (columns - 1) * gap) / columns
    highest = (field.height - (rows - 1) * gap) / rows - captions
    scale = max(0.0, min(widest / extent[0], highest / extent[1]))
    return int(scale * extent[0]), int(scale * extent[1]) + captions, columns
