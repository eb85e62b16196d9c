"""Where everything stands: a function of the window's size and of what there is to show."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from arena.messages import Choice
from arena.ui import ink, theme
from arena.ui.actions import ACTIONS, possible
from arena.ui.paint import Frame
from arena.ui.theme import Look
from arena.ui.view import View

SMALLEST = (640, 480)
ROW, MOVES_PER_ROW = 25, 2  # of the move list
DREAM = (184, 92)  # of one imagined board with its numbers, at the least


@dataclass(frozen=True)
class Layout:
    look: Look
    table: pygame.Rect  # the card around the board
    header: pygame.Rect
    board: Frame
    dreams: pygame.Rect  # beside or below the board: what an agent imagines; of no size where it is not shown
    strip: pygame.Rect  # below the board: choices that are not drawn on it
    players: pygame.Rect  # this and the next three are of no height where there is no room for them
    graph: pygame.Rect
    thinking: pygame.Rect
    moves: pygame.Rect
    footer: pygame.Rect
    tools: tuple[tuple[pygame.Rect, str], ...] = ()  # a button for an action


def arrange(size: tuple[int, int], view: View) -> Layout:
    """The boxes of a window of this size; of one smaller than `SMALLEST`, a part is seen."""
    width, height = max(size[0], SMALLEST[0]), max(size[1], SMALLEST[1])
    u = Look.fitting((width, height), view.style)
    margin, gap = u(theme.MARGIN), u(theme.GAP)
    tools, footer = _tools(view, width - 2 * margin, u)
    column = min(u(theme.COLUMN), max(u(theme.NARROW), round(0.44 * width)))
    top, bottom = margin, height - footer - u(16)
    table = pygame.Rect(margin, top, width - 2 * margin - gap - column, bottom - top)
    inner = table.inflate(-2 * u(theme.PADDING), -2 * u(theme.PADDING))
    header = pygame.Rect(inner.x, inner.y, inner.width, u(theme.HEADER))
    strip = pygame.Rect(inner.x, inner.bottom, inner.width, 0)
    if undrawn(view):
        strip = pygame.Rect(inner.x, inner.bottom - u(theme.STRIP), inner.width, u(theme.STRIP))
    place = pygame.Rect(inner.x, header.bottom + u(12), inner.width, max(8, strip.top - header.bottom - u(12)))
    extent = view.hello.extent if view.hello is not None else (1.0, 1.0)
    place, dreams = _beside(place, extent, u) if view.dreaming else (place, pygame.Rect(place.topright, (0, 0)))
    left, y, boxes = table.right + gap, top, list[pygame.Rect]()
    for each in _heights(view, bottom - top, gap, u):
        boxes.append(pygame.Rect(left, y, column, each))
        y += each + gap if each else 0
    foot = pygame.Rect(margin, bottom + u(8), width - 2 * margin, footer)
    players, graph, thinking, moves = boxes
    shown = tuple((box.move(foot.topleft), name) for box, name in tools)
    board = Frame.fitting(extent, place)
    return Layout(u, table, header, board, dreams, strip, players, graph, thinking, moves, foot, shown)


def _tools(view: View, room: int, u: Look) -> tuple[list[tuple[pygame.Rect, str]], int]:
    """The buttons below, in as many rows as they need, from the upper left corner; how high they are in all."""
    x, y, high, found = 0, 0, u(theme.FOOTER), list[tuple[pygame.Rect, str]]()
    for name in possible(view):
        text = "Ghosts" if name == "marks" else ACTIONS[name].text  # one width, whatever is on it
        width = ink.text_width(text, "bold", u(theme.TINY)) + u(11)
        if x + width > room:
            x, y = 0, y + high + u(6)
        found.append((pygame.Rect(x, y, width, high), name))
        x += width + u(5)
    return found, y + high


def _beside(place: pygame.Rect, extent: tuple[float, float], u: Look) -> tuple[pygame.Rect, pygame.Rect]:
    """The room of the board divided: what is left of it, and a panel where the board gives the least for it."""
    gap, free = u(theme.GAP), (place.width - place.height * extent[0] / extent[1])
    wide = max(u(DREAM[0]), min(round(free) - gap, u(1.3 * DREAM[0])))
    high = max(
        u(DREAM[1]) + u(36), min(round(place.height - place.width * extent[1] / extent[0]) - gap, place.height // 2)
    )
    side = pygame.Rect(place.x, place.y, place.width - wide - gap, place.height)
    over = pygame.Rect(place.x, place.y, place.width, place.height - high - gap)
    if Frame.fitting(extent, side).scale >= Frame.fitting(extent, over).scale:
        return side, pygame.Rect(side.right + gap, place.y, wide, place.height)
    return over, pygame.Rect(place.x, over.bottom + gap, place.width, high)


def _heights(view: View, room: int, gap: int, u: Look) -> list[int]:
    """Of the cards on the right: players, graph, thoughts, moves. 0: there is no room for it."""
    seats = view.hello.seats if view.hello is not None else 2
    least = [u(14 + 48 * seats), u(120), u(80 if view.tick else 160), u(96)]
    wanted = [least[0], u(230 if view.tick else 150), u(112 if view.tick else 268), room]
    for dropped in (1, 3, 2):
        if sum(least) + gap * (sum(map(bool, least)) - 1) > room:
            least[dropped] = wanted[dropped] = 0
    heights = [min(height, room) for height in least]
    for card in (2, 1, 3):
        spare = room - sum(heights) - gap * (sum(map(bool, heights)) - 1)
        heights[card] = min(wanted[card], heights[card] + max(0, spare))
    return heights


def undrawn(view: View) -> list[Choice]:
    """The choices that no click on the board can make: no shape carries their tag, or several share a gesture."""
    drawn = {shape.tag for shape in view.shapes}
    depth, found = len(view.picked), []
    for choice in view.choices:
        if choice.gesture[:depth] != view.picked:
            continue
        rest = choice.gesture[depth:]
        if not rest or rest[0] not in drawn:
            found.append(choice)
    return found


def buttons(layout: Layout, view: View) -> list[tuple[pygame.Rect, Choice]]:
    """The buttons for the undrawn choices, as many as there is room for."""
    choices, u, box = undrawn(view), layout.look, layout.strip
    if not choices:
        return []
    widest = max(len(choice.text) for choice in choices)
    gap, width = u(8), u(24 + 9 * min(widest, 24))
    fits = max(1, (box.width + gap) // (width + gap))
    shown = choices[:fits]
    left = box.centerx - (len(shown) * (width + gap) - gap) // 2
    return [
        (pygame.Rect(left + i * (width + gap), box.bottom - u(36), width, u(36)), choice)
        for i, choice in enumerate(shown)
    ]


def cells(layout: Layout, view: View) -> list[tuple[pygame.Rect, int]]:
    """The move list: where each ply that is in sight stands, scrolled so that the ply shown is among them."""
    u, box = layout.look, layout.moves
    if not box.height:
        return []
    inner = pygame.Rect(box.x + u(16), box.y + u(42), box.width - u(32), box.height - u(54))
    rows = max(1, inner.height // u(ROW))
    total = -(-(len(view.scenes) - 1) // MOVES_PER_ROW)
    current = max(0, view.index - 1) // MOVES_PER_ROW
    first = max(0, min(current - rows // 2, total - rows))
    width = (inner.width - u(38)) // MOVES_PER_ROW
    found = []
    for ply in range(first * MOVES_PER_ROW + 1, min((first + rows) * MOVES_PER_ROW, len(view.scenes) - 1) + 1):
        row, place = divmod(ply - 1, MOVES_PER_ROW)
        left = inner.x + u(38) + place * width
        found.append((pygame.Rect(left, inner.y + (row - first) * u(ROW), width - u(6), u(ROW) - u(2)), ply))
    return found


def line_of_play(layout: Layout, view: View) -> pygame.Rect:
    """Where the line of play stands; of no size where there is none."""
    insight, box = view.insight, layout.thinking
    if insight is None or not insight.line or view.tick or not box.height or (view.mode == "play" and not view.hints):
        return pygame.Rect(0, 0, 0, 0)
    u = layout.look
    inner = box.inflate(-2 * u(theme.PADDING), -2 * u(theme.PADDING))
    return pygame.Rect(inner.x, inner.bottom - u(44), inner.width, u(44))
