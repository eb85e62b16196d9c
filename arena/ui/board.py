"""The board, and what is marked on it: the last move, candidate moves, what the mouse may do."""

from __future__ import annotations

import pygame

from arena.ui import ink, theme
from arena.ui.layout import Layout, buttons
from arena.ui.marks import mark_candidates, mark_truths, pieces, play_out, rect_of
from arena.ui.paint import paint, paint_ghost
from arena.ui.view import View
from arena.ui.widgets import button
from games.core.canvas import Disc, Text

Surface = pygame.Surface


def draw_board(target: Surface, layout: Layout, view: View, now: float) -> None:
    """The picture at this instant with its marks."""
    frame, palette, clip = layout.board, view.style.palette, target.get_clip()
    target.set_clip(layout.table)
    ink.rounded(target, frame.rect.inflate(layout.look(12), layout.look(12)), layout.look(theme.RADIUS), palette.mat)
    paint(target, view.motion.at(now), frame, palette)
    if not view.moving(now) or view.tick:
        _mark_last_move(target, layout, view)
    if not view.tick:
        if not play_out(target, layout, view, now):
            mark_candidates(target, layout, view)
            mark_truths(target, layout, view)
        _mark_gestures(target, layout, view)
    target.set_clip(clip)
    for rect, choice in buttons(layout, view):
        button(target, rect, choice.text, layout.look)


def _mark_last_move(target: Surface, layout: Layout, view: View) -> None:
    """A dot on a piece, a frame around anything else."""
    frame, u, scene = layout.board, layout.look, view.scene
    assert scene is not None
    for tag in scene.marks:
        piece = next((s for s in view.shapes if s.tag == tag and isinstance(s, Disc) and not s.outline), None)
        if piece is not None:
            x, y = frame.to_window(piece.x, piece.y)
            ink.disc(target, x, y, piece.radius * frame.scale * 0.2, (255, 255, 255, 235))
        elif (rect := rect_of(layout, view.shapes, (tag,))) is not None:
            ink.rounded(target, rect.inflate(-u(4), -u(4)), u(6), (*u.color.accent, 190), u(3))


def _mark_gestures(target: Surface, layout: Layout, view: View) -> None:
    """What may be clicked: starts of a gesture faintly, then its targets; and what is under the mouse."""
    clickable, u, shapes = view.clickable(), layout.look, view.shapes
    for tag in view.picked:
        if (rect := rect_of(layout, shapes, (tag,))) is not None:
            ink.rounded(target, rect.inflate(-u(2), -u(2)), u(7), u.color.accent, u(4))
    for tag, choices in clickable.items():
        rect = rect_of(layout, shapes, (tag,))
        if rect is None or tag == view.hover:
            continue
        if view.picked and _occupied(layout, view, rect):  # a ring, so that what is captured is seen
            ink.disc(target, *rect.center, min(rect.size) * 0.46, (*u.color.accent, 190), min(rect.size) * 0.07)
        elif view.picked:
            ink.disc(target, *rect.center, max(4, min(rect.size) * 0.13), (*u.color.accent, 190))
        elif len(choices[0].gesture) > 1:
            ink.rounded(target, rect.inflate(-u(4), -u(4)), u(7), (*u.color.accent, 70), u(2))
    if view.hover is not None and view.hover in clickable:
        _mark_hover(target, layout, view)


def _occupied(layout: Layout, view: View, rect: pygame.Rect) -> bool:
    """Whether a piece stands there."""
    stands = (shape for shape in view.shapes if isinstance(shape, Disc | Text) and shape.tag is not None)
    return any(rect.collidepoint(layout.board.to_window(shape.x, shape.y)) for shape in stands)


def _mark_hover(target: Surface, layout: Layout, view: View) -> None:
    u, choices = layout.look, view.clickable()[view.hover or ""]
    rect = rect_of(layout, view.shapes, (view.hover or "",))
    ghost = view.seen(view.ghosts.get(choices[0].action, ())) if len(choices) == 1 else ()
    ghost = pieces(ghost, layout.board.extent)
    if rect is not None:
        ink.rounded(target, rect.inflate(-u(2), -u(2)), u(8), (255, 255, 255, 28))
    if ghost:
        paint_ghost(target, ghost, layout.board, u.color, 160)
    elif rect is not None:
        ink.rounded(target, rect.inflate(-u(2), -u(2)), u(7), (*u.color.accent, 200), u(3))
