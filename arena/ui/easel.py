"""A position by itself, without the table around it: as an array of pixels, or in a small window of its own."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
import numpy as np
import numpy.typing as npt
import pygame

from arena.doctor import has_display
from arena.ui.paint import Frame, paint
from arena.ui.theme import LIGHT
from games.core.errors import ArenaError
from games.core.position import Position

LONGEST = 480  # pixels of the longer side
MARGIN = 0.04  # of it, around the board

Pixels = npt.NDArray[np.uint8]  # [H, W, 3]


def picture(position: Position, seat: int) -> Pixels:
    """The position as `seat` may see it. Sides are even, as encoders of films ask for."""
    extent, margin = position.game.extent, round(LONGEST * MARGIN)
    scale = (LONGEST - 2 * margin) / max(extent)
    width, height = (2 * round((side * scale + 2 * margin) / 2) for side in extent)
    surface = pygame.Surface((width, height), 0, 32)
    surface.fill(LIGHT.mat)
    inner = pygame.Rect(margin, margin, width - 2 * margin, height - 2 * margin)
    paint(surface, position.draw(seat).shapes, Frame.fitting(extent, inner), LIGHT)
    return np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8).reshape(height, width, 3).copy()


class Easel:
    """The window, opened by the first picture shown."""

    def __init__(self, title: str, rate: float) -> None:
        """`rate`: pictures a second, at most."""
        self._title, self._rate = title, rate
        self._clock: Any = None

    def show(self, pixels: Pixels) -> None:
        """Raises ArenaError where there is no display."""
        size = (pixels.shape[1], pixels.shape[0])
        if self._clock is None:
            self._open(size)
        surface = pygame.display.get_surface()
        assert surface is not None
        surface.blit(pygame.image.frombuffer(pixels.tobytes(), size, "RGB"), (0, 0))
        pygame.event.pump()
        pygame.display.flip()
        self._clock.tick(self._rate)

    def _open(self, size: tuple[int, int]) -> None:
        if not has_display() and "SDL_VIDEODRIVER" not in os.environ:
            raise ArenaError("there is no display to open a window on; render_mode='rgb_array' works without")
        try:
            pygame.display.init()
            pygame.display.set_mode(size)
        except pygame.error as error:
            pygame.display.quit()
            raise ArenaError(f"no window can be opened ({error}); render_mode='rgb_array' works without") from error
        pygame.display.set_caption(self._title)
        self._clock = pygame.time.Clock()

    def close(self) -> None:
        if self._clock is not None:
            self._clock = None
            pygame.display.quit()
