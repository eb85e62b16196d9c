"""What shapes are painted with: the same in bands as at once, and kept up to a number of bytes."""

from __future__ import annotations

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"

import numpy as np
import pygame
import pytest

from arena.ui import ink
from arena.ui.kept import kept

WHITE, RED = (255, 255, 255), (200, 30, 30)


def painted(size: tuple[int, int]) -> np.ndarray:
    target = pygame.Surface(size)
    target.fill(WHITE)
    ink.line(target, (20, 30), (280, 190), 9, RED)
    ink.disc(target, 150, 100, 60, RED, outline=7)
    ink.polygon(target, [(10, 190), (90, 120), (200, 195)], RED, outline=3)
    return pygame.surfarray.array3d(target)


def test_bands_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for pixels in (1, 1 << 12, 1 << 30):
        monkeypatch.setattr(ink, "_BAND", pixels)
        monkeypatch.setattr(ink, "_disc", ink._disc.__wrapped__)  # type: ignore[attr-defined]
        monkeypatch.setattr(ink, "_polygon", ink._polygon.__wrapped__)  # type: ignore[attr-defined]
        results.append(painted((300, 210)).astype(int))
        monkeypatch.undo()
    assert (results[-1] != 255).any()
    for each in results[:-1]:
        assert np.abs(each - results[-1]).max() <= 2  # levels: of shrinking


@pytest.mark.parametrize("outline", [0, 3])
def test_large_rectangles_are_as_small_ones(outline: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rect, results = pygame.Rect(10, 10, 90, 60), []
    for small in (0, 1 << 14):
        monkeypatch.setattr(ink, "_SMALL", small)
        target = pygame.Surface((120, 90))
        target.fill(WHITE)
        ink.rounded(target, rect, 14, RED, outline)
        results.append(pygame.surfarray.array3d(target).astype(int))
    assert np.abs(results[0] - results[1]).max() <= 2


def test_letters_stand_on_one_line() -> None:
    """Whether a text has descenders or not."""
    tops = []
    for text in ("n", "np"):
        target = pygame.Surface((60, 40))
        target.fill(WHITE)
        ink.write(target, text, 5, 20, 12, (0, 0, 0))
        letter = pygame.surfarray.array3d(target)[5:13].sum((0, 2))
        tops.append(int(np.flatnonzero(letter < letter.max())[0]))
    assert tops[0] == tops[1]


def test_what_was_not_wanted_for_longest_is_forgotten() -> None:
    drawn: list[int] = []

    @kept(1.0)
    def draw(number: int) -> pygame.Surface:
        drawn.append(number)
        return pygame.Surface((256, 256), pygame.SRCALPHA)  # a quarter of a mebibyte

    for number in (0, 1, 2, 3, 0, 4, 0, 1):
        draw(number)
    assert drawn == [0, 1, 2, 3, 4, 1]
