"""The board, and what is marked on it: the last move, candidate moves, what the mouse may do."""

from __future__ import annotations

from collections.abc import Collection

import pygame

from arena.ui import ink, theme
from arena.ui.layout import Layout, buttons
from arena.ui.paint import Shapes, bounds, box_of, paint, paint_ghost
from arena.ui.view import View
from arena.ui.widgets import button
from games.core.canvas import Disc, Text

Surface = pygame.Surface
SHOWN_SHARE = 0.04  # candidates below are not worth a mark


def draw_board(target: Surface, layout: Layout, view: View, now: float) -> None:
    """The picture at this instant with its marks."""
    frame, clip = layout.board, target.get_clip()
    target.set_clip(layout.table)
    paint(target, view.motion.at(now), frame, view.style.palette)
    if not view.moving(now) or view.tick:
        _mark_last_move(target, layout, view)
    if not view.tick:
        _mark_candidates(target, layout, view)
        _mark_gestures(target, layout, view)
    target.set_clip(clip)
    for rect, choice in buttons(layout, view):
        button(target, rect, choice.text, layout.look)


def _rect(layout: Layout, shapes: Shapes, tags: Collection[str]) -> pygame.Rect | None:
    """The box around what carries one of `tags`, in the window."""
    box = box_of(shapes, tags)
    return None if box is None else layout.board.to_rect(box[0], box[1], box[2] - box[0], box[3] - box[1])


def _mark_last_move(target: Surface, layout: Layout, view: View) -> None:
    """A dot on a piece, a frame around anything else."""
    frame, u, scene = layout.board, layout.look, view.scene
    assert scene is not None
    for tag in scene.marks:
        piece = next((s for s in view.shapes if s.tag == tag and isinstance(s, Disc) and not s.outline), None)
        if piece is not None:
            x, y = frame.to_window(piece.x, piece.y)
            ink.disc(target, x, y, piece.radius * frame.scale * 0.2, (255, 255, 255, 235))
        elif (rect := _rect(layout, view.shapes, (tag,))) is not None:
            ink.rounded(target, rect.inflate(-u(4), -u(4)), u(6), (*u.color.accent, 190), u(3))


def _mark_candidates(target: Surface, layout: Layout, view: View) -> None:
    """Where the most visited moves would lead, with their share."""
    insight, frame, u = view.insight, layout.board, layout.look
    if insight is None or insight.ply != view.index or not view.hints:
        return
    if view.people and not insight.hint and view.newest:
        return  # an opponent's thoughts are not a hint
    for candidate in reversed(insight.candidates):
        shapes = _pieces(view.seen(candidate.ghost))
        if not shapes or candidate.share < SHOWN_SHARE:
            continue
        paint_ghost(target, shapes, frame, u.color, round(70 + 110 * candidate.share))
        piece = next((shape for shape in reversed(shapes) if isinstance(shape, Disc | Text)), shapes[-1])
        left, top, right, bottom = bounds(piece)
        x, y = frame.to_window((left + right) / 2, (top + bottom) / 2)
        text, size = f"{100 * candidate.share:.0f}%", u(theme.SMALL)
        label = pygame.Rect(0, 0, ink.text_width(text, "bold", size) + u(14), u(22))
        label.center = round(x), round(y)
        ink.rounded(target, label, u(11), (*u.color.card, 225))
        ink.write(target, text, x, y, size, u.color.ink, "bold", "center")


def _pieces(ghost: Shapes) -> Shapes:
    """What of a ghost is a piece: not the highlights that come and go with it."""
    pieces = [shape for shape in ghost if getattr(shape, "color", "").startswith("seat")]
    return pieces or [shape for shape in ghost if shape.tag is not None]


def _mark_gestures(target: Surface, layout: Layout, view: View) -> None:
    """What may be clicked: starts of a gesture faintly, then its targets; and what is under the mouse."""
    clickable, u, shapes = view.clickable(), layout.look, view.shapes
    for tag in view.picked:
        if (rect := _rect(layout, shapes, (tag,))) is not None:
            ink.rounded(target, rect.inflate(-u(2), -u(2)), u(7), u.color.accent, u(4))
    for tag, choices in clickable.items():
        rect = _rect(layout, shapes, (tag,))
        if rect is None or tag == view.hover:
            continue
        if view.picked:
            ink.disc(target, *rect.center, max(4, min(rect.size) * 0.13), (*u.color.accent, 190))
        elif len(choices[0].gesture) > 1:
            ink.rounded(target, rect.inflate(-u(4), -u(4)), u(7), (*u.color.accent, 70), u(2))
    if view.hover is not None and view.hover in clickable:
        _mark_hover(target, layout, view)


def _mark_hover(target: Surface, layout: Layout, view: View) -> None:
    u, choices = layout.look, view.clickable()[view.hover or ""]
    rect = _rect(layout, view.shapes, (view.hover or "",))
    ghost = _pieces(view.seen(view.ghosts.get(choices[0].action, ()))) if len(choices) == 1 else ()
    if rect is not None:
        ink.rounded(target, rect.inflate(-u(2), -u(2)), u(8), (255, 255, 255, 28))
    if ghost:
        paint_ghost(target, ghost, layout.board, u.color, 160)
    elif rect is not None:
        ink.rounded(target, rect.inflate(-u(2), -u(2)), u(7), (*u.color.accent, 200), u(3))
