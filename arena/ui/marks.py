"""What is laid over the board about moves: candidates as ghosts, heat or arrows, and what moves are truly worth."""

from __future__ import annotations

import math
from collections.abc import Collection

import pygame

from arena.messages import Insight
from arena.ui import ink, theme
from arena.ui.layout import Layout
from arena.ui.paint import Shapes, bounds, box_around, box_of, paint_ghost
from arena.ui.theme import Look, Rgb
from arena.ui.view import View
from games.core.canvas import Disc, Point, Text

Surface = pygame.Surface
SHOWN_SHARE = 0.04  # candidates below are not worth a mark
PACE = 0.5  # seconds a move of the line of play is shown
WORTH = {1: "W", 0: "D", -1: "L"}


def rect_of(layout: Layout, shapes: Shapes, tags: Collection[str]) -> pygame.Rect | None:
    """The box around what carries one of `tags`, in the window."""
    box = box_of(shapes, tags)
    return None if box is None else layout.board.to_rect(box[0], box[1], box[2] - box[0], box[3] - box[1])


def mark_candidates(target: Surface, layout: Layout, view: View) -> None:
    """Where the most visited moves would lead, with their share."""
    insight, frame, u = view.insight, layout.board, layout.look
    if insight is None or insight.ply != view.index or not view.hints:
        return
    if view.people and not insight.hint and view.newest:
        return  # an opponent's thoughts are not a hint
    ghosts = {c.action: pieces(view.seen(c.ghost), frame.extent) for c in insight.candidates}
    if view.marks == "arrows" and _arrows(target, layout, view, insight):
        return
    if view.marks == "heat" or not any(ghosts.values()):
        _heat(target, layout, view, insight)
        return
    for candidate in reversed(insight.candidates):
        shapes = ghosts[candidate.action]
        if not shapes or candidate.share < SHOWN_SHARE:
            continue
        paint_ghost(target, shapes, frame, u.color, round(70 + 110 * candidate.share))
        piece = next((shape for shape in reversed(shapes) if isinstance(shape, Disc | Text)), shapes[-1])
        left, top, right, bottom = bounds(piece)
        x, y = frame.to_window((left + right) / 2, (top + bottom) / 2)
        _label(target, layout, f"{100 * candidate.share:.0f}%", round(x), round(y), (right - left) * frame.scale)


def _label(target: Surface, layout: Layout, text: str, x: int, y: int, room: float) -> None:
    """A text on a sheet of its own, if it fits into `room`, the width of what it stands on: it is listed anyway."""
    u, size = layout.look, layout.look(theme.SMALL)
    box = pygame.Rect(0, 0, ink.text_width(text, "bold", size) + u(10), u(22))
    box.center = x, y
    if box.width > room * 1.1:
        return
    ink.rounded(target, box, u(11), (*u.color.card, 225))
    ink.write(target, text, x, y, size, u.color.ink, "bold", "center")


def _heat(target: Surface, layout: Layout, view: View, insight: Insight) -> None:
    """Where the moves go, the hotter the more visited; several that go to one place add up."""
    u, shares = layout.look, dict[str, float]()
    for candidate in insight.candidates:
        if candidate.gesture:
            shares[candidate.gesture[-1]] = shares.get(candidate.gesture[-1], 0.0) + candidate.share
    for tag, share in shares.items():
        rect = rect_of(layout, view.shapes, (tag,))
        if rect is not None and share >= SHOWN_SHARE / 4:
            ink.rounded(target, rect.inflate(-u(4), -u(4)), u(8), (*u.color.accent, round(30 + 170 * share)))
            if share >= SHOWN_SHARE and not _written(layout, view, rect):
                _label(target, layout, f"{100 * share:.0f}%", *rect.center, rect.width)


def _written(layout: Layout, view: View, rect: pygame.Rect) -> bool:
    """Whether the game itself has written something there."""
    texts = (shape for shape in view.shapes if isinstance(shape, Text))
    return any(rect.collidepoint(layout.board.to_window(shape.x, shape.y)) for shape in texts)


def _arrows(target: Surface, layout: Layout, view: View, insight: Insight) -> bool:
    """From where to where pieces go; False where moves have no two places."""
    drawn = False
    for candidate in reversed(insight.candidates):
        if len(candidate.gesture) < 2 or candidate.share < SHOWN_SHARE:
            continue
        start, end = (rect_of(layout, view.shapes, (candidate.gesture[i],)) for i in (0, -1))
        if start is not None and end is not None and start.center != end.center:
            _arrow(target, start.center, end.center, layout.look(3 + 9 * candidate.share), layout.look.color.accent)
            drawn = True
    return drawn


def _arrow(target: Surface, start: tuple[int, int], end: tuple[int, int], width: int, color: Rgb) -> None:
    length = math.dist(start, end)
    dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    head = min(2.4 * width + 6, 0.5 * length)
    neck = end[0] - dx * head, end[1] - dy * head
    ink.line(target, start, neck, width, color)
    wide = 0.55 * head
    ink.polygon(target, [end, (neck[0] - dy * wide, neck[1] + dx * wide), (neck[0] + dy * wide, neck[1] - dx * wide)],
                color)  # fmt: skip


def ahead(view: View, now: float) -> int | None:
    """Which move of the line of play the board shows, one after the other while the mouse is over it; None: none."""
    line, insight = view.played_out, view.insight
    if (
        view.line is None
        or line is None
        or insight is None
        or (line.ply, line.actions) != (insight.ply, insight.actions)
    ):
        return None
    return min(int((now - view.line) / PACE), len(line.boards) - 1) if line.boards else None


def play_out(target: Surface, layout: Layout, view: View, now: float) -> bool:
    """Lay over the board the one that the line of play leads to, half seen through; False: none is wanted."""
    at = ahead(view, now)
    if at is None or view.played_out is None or view.insight is None or view.insight.ply != view.index:
        return False
    paint_ghost(target, view.seen(view.played_out.boards[at]), layout.board, view.style.palette, 165)
    return True


def mark_truths(target: Surface, layout: Layout, view: View) -> None:
    """Whether each move wins, draws or loses, where it is made."""
    u, truths = layout.look, view.truths.get(view.index)
    if not view.solver or truths is None or (view.people and not view.hints):
        return
    for choice, worth in truths.moves:
        rect = rect_of(layout, view.shapes, choice.gesture[-1:])
        if rect is not None:
            badge(target, rect.centerx, rect.y + u(13), worth, u, rect.width)


def badge(target: Surface, x: int, y: int, worth: int, u: Look, room: int = 1000) -> None:
    """Wins, draws or loses, as a letter on its colour; the colour alone where there is no `room` for more."""
    box = pygame.Rect(0, 0, min(u(24), max(4, room - 2)), u(18))
    box.center = x, y
    ink.rounded(target, box, u(9), {1: u.color.good, 0: u.color.muted, -1: u.color.bad}[worth])
    if box.width > u(16):
        ink.write(target, WORTH[worth], *box.center, u(theme.TINY), u.color.card, "bold", "center")


def pieces(ghost: Shapes, extent: Point) -> Shapes:
    """What of a ghost is a piece: not the highlights that come and go with it. Nothing, where half the board would
    change at once: that, half seen through, cannot be read."""
    pieces = [shape for shape in ghost if getattr(shape, "color", "").startswith("seat")]
    if pieces or not (pieces := [shape for shape in ghost if shape.tag is not None]):
        return pieces
    left, top, right, bottom = box_around(pieces)
    return pieces if right - left < extent[0] / 2 or bottom - top < extent[1] / 2 else []
