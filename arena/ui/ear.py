"""What there is to hear at a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pygame

from arena.messages import Command, Scene
from arena.record import Record
from arena.ui.layout import Layout
from arena.ui.sound import Name
from arena.ui.view import View
from games.core.canvas import Shape


class Ear:
    """Follows a view and says what its last change sounds like."""

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._record: Record | None = None

    def hear(self, view: View) -> Name | None:
        """The sound of what has changed since the last call: a game that ended, or a ply made."""
        before, scene = self._scene, view.scene
        ended = view.record is not None and view.record is not self._record and view.mode != "replay"
        self._scene, self._record = scene, view.record
        if ended:
            return _end(view)
        if before is None or scene is None or scene.ply != before.ply + 1:
            return None
        if view.tick:
            return "score" if scene.returns != before.returns else None
        return "capture" if _taken(view.seen(before.views), view.seen(scene.views)) else "place"


def _end(view: View) -> Name:
    record = view.record
    assert record is not None
    best = max(record.points)
    if record.points.count(best) > 1 and len(record.points) > 1:
        return "draw"
    here = [record.points[seat] for seat in view.people]
    return "lose" if here and max(here) < best else "win"


def _taken(before: Sequence[Shape], after: Sequence[Shape]) -> bool:
    """Whether somebody has fewer pieces than before."""
    had, has = _pieces(before), _pieces(after)
    return any(has[color] < count for color, count in had.items())


def _pieces(shapes: Sequence[Shape]) -> Counter[str]:
    colors = (getattr(shape, "color", "") for shape in shapes if shape.tag is not None)
    return Counter(color for color in colors if color.startswith("seat"))


def refused(event: pygame.event.Event, layout: Layout, before: View, after: View, commands: Sequence[Command]) -> bool:
    """Whether a person who has a move to make has clicked on the board where nothing can be done."""
    if event.type != pygame.MOUSEBUTTONDOWN or event.button != 1 or not layout.board.rect.collidepoint(event.pos):
        return False
    same = (before.picked, before.cursor, before.help) == (after.picked, after.cursor, after.help)
    return bool(before.choices) and not commands and same
