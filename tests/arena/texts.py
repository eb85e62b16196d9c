"""Every text that is written on a surface: whether it is whole, on its sheet, and clear of all others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pygame
import pytest

from arena.ui import ink, paint

SLACK = 3  # pixels: the box of a line of text is higher than its letters


@dataclass(frozen=True)
class Written:
    text: str
    whole: str  # before it was shortened
    box: pygame.Rect
    sheet: pygame.Rect  # what it stands on
    clip: pygame.Rect
    drawn: bool  # by a game, on its board


class Texts:
    """What is written on `surface` while it is watched, and what sheets that lie under it or were laid over it."""

    def __init__(self, surface: pygame.Surface, patch: pytest.MonkeyPatch) -> None:
        self.surface, self.all, self.half_covered = surface, list[Written](), list[str]()
        self._sheets, self._drawing = [surface.get_rect()], False
        for module, name in ((ink, "write"), (ink, "rounded"), (ink, "shadow"), (paint, "_paint_one")):
            patch.setattr(module, name, getattr(self, f"_watch_{name.strip('_')}")(getattr(module, name)))

    def _watch_write(self, write: Any) -> Any:
        def watched(target: pygame.Surface, text: str, x: float, y: float, size: int, color: Any,
                    face: str = "regular", align: str = "left", width: int | None = None) -> int:  # fmt: skip
            wide = int(write(target, text, x, y, size, color, face, align, width))
            if target is self.surface and wide:
                left = x - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
                box = pygame.Rect(round(left), round(y - size / 2), wide, size)
                shown = text if width is None else ink.shortened(text, face, size, width)
                sheet = next((sheet for sheet in reversed(self._sheets) if sheet.collidepoint(box.center)), box)
                if target.get_clip().colliderect(box):  # else nothing of it is seen
                    self.all.append(Written(shown, text, box, sheet, target.get_clip(), self._drawing))
            elif target is self.surface and text:
                self.half_covered.append(f"no room for {text!r}")
            return wide

        return watched

    def _watch_rounded(self, rounded: Any) -> Any:
        def watched(target: pygame.Surface, rect: pygame.Rect, radius: float, color: Any, outline: float = 0.0) -> None:
            rounded(target, rect, radius, color, outline)
            if target is self.surface and not outline and not self._drawing:
                self._cover(rect.clip(target.get_clip()), opaque=len(color) == 3)

        return watched

    def _watch_shadow(self, shadow: Any) -> Any:
        def watched(target: pygame.Surface, rect: pygame.Rect, *more: Any) -> None:
            shadow(target, rect, *more)
            if target is self.surface:  # a card, which may lie over others
                self.all = [each for each in self.all if not each.box.colliderect(rect)]

        return watched

    def _watch_paint_one(self, paint_one: Any) -> Any:
        def watched(target: pygame.Surface, *more: Any) -> None:
            self._drawing = True
            paint_one(target, *more)
            self._drawing = False

        return watched

    def _cover(self, rect: pygame.Rect, opaque: bool) -> None:
        self._sheets.append(rect.copy())
        if opaque:
            self.all = [each for each in self.all if not rect.contains(each.box)]
            covered = [each for each in self.all if each.box.inflate(-SLACK, -SLACK).colliderect(rect)]
            self.half_covered += [f"{each.text!r} is half covered" for each in covered if not each.drawn]

    @property
    def shortened(self) -> list[str]:
        """What was too long for its place."""
        return [each.whole for each in self.all if each.text != each.whole]

    def problems(self) -> Iterator[str]:
        """Texts that leave their sheet or the window, are cut off, or overlap."""
        yield from self.half_covered
        window = self.surface.get_rect()
        for each in self.all:
            if not window.contains(each.box):
                yield f"{each.text!r} leaves the window"
            elif not each.drawn and not each.sheet.contains(each.box.inflate(0, -SLACK)):
                yield f"{each.text!r} leaves what it stands on"
            elif not each.clip.contains(each.box.inflate(-SLACK, -SLACK)):
                yield f"{each.text!r} is cut off"
        for one, other in combinations(self.all, 2):
            if one.box.inflate(-SLACK, -SLACK).colliderect(other.box.inflate(-SLACK, -SLACK)):
                yield f"{one.text!r} overlaps {other.text!r}"
