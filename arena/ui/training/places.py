"""Where things stand in the window of a training run: a function of its size and of what there is to show."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from arena.ui import theme
from arena.ui.layout import SMALLEST
from arena.ui.theme import Look
from arena.ui.training.state import Training
from arena.ui.widgets import headline_height

Box = pygame.Rect
WIDE, HIGH = 190, 118  # least size of a chart in the grid
CAPTION, LINE = 44, 24  # heights: what stands above the board, a figure


@dataclass(frozen=True)
class Places:
    look: Look
    main: Box  # the card at the left
    header: Box
    progress: Box
    field: Box  # what is below: charts in a grid, or one
    table: Box  # the card of the board
    board: Box  # the room for it
    figures: Box  # of no height where there is no room for it
    footer: Box
    charts: dict[str, Box]  # by title

    def at(self, point: tuple[int, int] | None) -> str | None:
        """The title of the chart under the mouse."""
        return next((name for name, box in self.charts.items() if point and box.collidepoint(point)), None)


def arrange(size: tuple[int, int], state: Training) -> Places:
    """The boxes of a window of this size."""
    width, height = max(size[0], SMALLEST[0]), max(size[1], SMALLEST[1])
    u = Look.fitting((width, height), state.style)
    margin, gap, pad, footer = u(theme.MARGIN), u(theme.GAP), u(theme.PADDING), u(theme.FOOTER)
    column = min(u(theme.COLUMN), max(u(theme.NARROW), round(0.44 * width)))
    bottom = height - footer - u(16)
    main = Box(margin, margin, width - 2 * margin - gap - column, bottom - margin)
    inner = main.inflate(-2 * pad, -2 * pad)
    header = Box(inner.x, inner.y, inner.width, headline_height(state.error, inner.width, u))
    progress = Box(inner.x, header.bottom + u(8), inner.width, u(6))
    top = progress.bottom + u(16)
    field = Box(inner.x, top, inner.width, inner.bottom - top)
    right = Box(main.right + gap, margin, column, bottom - margin)
    high, count = _heights(right, state, gap, u)
    table = Box(right.x, right.y, column, high)
    board = Box(table.x + pad, table.y + pad + u(CAPTION), column - 2 * pad, high - 2 * pad - u(CAPTION))
    figures = Box(right.x, table.bottom + gap, column, count)
    foot = Box(margin, bottom + u(8), width - 2 * margin, footer)
    return Places(u, main, header, progress, field, table, board, figures, foot, _charts(field, state, u))


def _heights(right: Box, state: Training, gap: int, u: Look) -> tuple[int, int]:
    """Of the board's card, and of the figures' below it as far as there is room."""
    around, pad = 2 * u(theme.PADDING) + u(CAPTION), 2 * u(theme.PADDING)
    wanted = around + round((right.width - pad) * state.extent[1] / state.extent[0])
    lines = len(state.progress.figures) if state.progress is not None else 0
    figures = pad + u(26) + u(LINE) * lines
    board = min(wanted, max(right.height - gap - figures, round(0.6 * right.height)))
    rest = right.height - board - gap
    if not lines or rest < pad + u(26) + 2 * u(LINE):
        return right.height, 0
    return board, min(figures, rest)


def _charts(field: Box, state: Training, u: Look) -> dict[str, Box]:
    """As many charts as can still be read, as large as can be; or the one chosen."""
    if state.chart is not None:
        return {state.chart.title: field}
    titles, gap = [chart.title for chart in state.charts], u(22)
    for shown in range(len(titles), 0, -1):
        grids = [(columns, -(-shown // columns)) for columns in range(1, shown + 1)]
        sizes = [((field.width + gap) // c - gap, (field.height + gap) // r - gap, c) for c, r in grids]
        width, height, columns = max(sizes, key=lambda size: min(size[0] / 1.7, size[1]))
        if (width >= u(WIDE) and height >= u(HIGH)) or shown == 1:
            break
    else:
        return {}
    first = max(0, min(state.first, len(titles) - shown))
    found = {}
    for place, title in enumerate(titles[first : first + shown]):
        row, column = divmod(place, columns)
        last = shown - row * columns == 1 and columns > 1 and column == 0  # alone in its row: as wide as all
        box = Box(field.x + column * (width + gap), field.y + row * (height + gap), width, height)
        found[title] = Box(box.x, box.y, field.width if last else width, height)
    return found
