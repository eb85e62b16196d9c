"""Every text that is written on a surface, and whether any two of them overlap."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pygame
import pytest

from arena.ui import ink

SLACK = 3  # pixels: the box of a line of text is higher than its letters


class Texts:
    """What has been written on `surface` since it was watched, with boxes."""

    def __init__(self, surface: pygame.Surface, patch: pytest.MonkeyPatch) -> None:
        self.boxes: list[tuple[str, pygame.Rect]] = []
        write = ink.write

        def watched(target: pygame.Surface, text: str, *args: Any, **more: Any) -> int:
            wide = write(target, text, *args, **more)
            if target is surface and wide:
                x, y, size = args[:3]
                align = more.get("align") or (args[5] if len(args) > 5 else "left")
                left = x - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
                self.boxes.append((text, pygame.Rect(round(left), round(y - size / 2), wide, size)))
            return wide

        patch.setattr(ink, "write", watched)
        self.surface = surface

    def check(self) -> None:
        """Nothing leaves the window or covers another text."""
        window = self.surface.get_rect()
        assert [text for text, box in self.boxes if not window.contains(box)] == []
        clashes = [
            (first[0], second[0])
            for first, second in combinations(self.boxes, 2)
            if first[1].inflate(-SLACK, -SLACK).colliderect(second[1].inflate(-SLACK, -SLACK))
        ]
        assert clashes == []
