"""Screens look as they did when their pictures in `golden/` were kept. `python -m tests.arena.test_golden_pictures`
keeps them anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

import numpy as np
import numpy.typing as npt
import pygame
import pytest
from PIL import Image
from scipy.ndimage import uniform_filter

from arena.ui import ink, screen, widgets
from arena.ui.reel import save_png
from arena.ui.theme import PALETTES, Style
from tests.arena.seated import LATER
from tests.arena.states import STATES

Pixels = npt.NDArray[np.float32]  # [height, width, 3] in 0..255
FOLDER = Path(__file__).parent / "golden"
SMALL, ROOMY = (640, 480), (960, 640)  # in the small one, some of a table's cards have no room
SHOWN = {
    "lobby": ("light", SMALL),
    "lobby, stored games": ("dark", SMALL),
    "table, thinking": ("dark", ROOMY),
    "table, finished": ("safe", SMALL),
    "table, keys": ("light", SMALL),
    "table, arcade": ("dark", SMALL),
    "table, analysis": ("light", ROOMY),
    "table, imagination": ("safe", ROOMY),
    "tournament, grid": ("light", SMALL),
    "tournament, cross-table": ("safe", SMALL),
    "training": ("dark", ROOMY),
}
BLOCK = 16  # pixels
TOLERANCE = 12.0  # levels of 255 that a block may differ by


def picture(state: str) -> pygame.Surface:
    """A screen as it is drawn here and now."""
    palette, size = SHOWN[state]
    shown, surface = STATES[state](), pygame.Surface(size)
    shown.style = Style(PALETTES[palette])
    shown.draw(surface, LATER)
    return surface


def file_of(state: str) -> Path:
    return FOLDER / f"{state.replace(', ', '_').replace(' ', '_')}.png"


def soft(surface: pygame.Surface) -> Pixels:
    """The picture, each pixel the mean of itself and its neighbours."""
    return uniform_filter(pygame.surfarray.array3d(surface).swapaxes(0, 1).astype(np.float32), (3, 3, 1))


def differences(one: pygame.Surface, other: pygame.Surface) -> Pixels:
    """[rows, columns] how far blocks of two pictures are apart: the mean over their pixels of a channel's difference,
    after one has been moved by up to a pixel. Versions of FreeType differ by so much: weight and place of a letter."""
    assert one.get_size() == other.get_size()
    (width, height), first = one.get_size(), soft(one)
    padded = np.pad(soft(other), ((1, 1), (1, 1), (0, 0)), mode="edge")
    apart = [np.abs(first - padded[y : y + height, x : x + width]) for y in range(3) for x in range(3)]
    blocks = [each.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3).mean((1, 3)).max(-1) for each in apart]
    return np.asarray(np.min(blocks, 0))


def golden(state: str) -> pygame.Surface:
    return pygame.image.load(file_of(state))


@pytest.mark.parametrize("state", SHOWN)
def test_screens_look_as_they_did(state: str, tmp_path: Path) -> None:
    drawn = picture(state)
    apart = differences(drawn, golden(state))
    if apart.max() > TOLERANCE:
        pygame.image.save(drawn, tmp_path / "drawn.png")
        blocks = [(BLOCK * int(x), BLOCK * int(y)) for y, x in np.argwhere(apart > TOLERANCE)]
        pytest.fail(f"{tmp_path / 'drawn.png'} differs from {file_of(state)} by up to {apart.max():.0f} at {blocks}")


def test_every_palette_is_shown() -> None:
    assert {palette for palette, _ in SHOWN.values()} == set(PALETTES)


# -- what the comparison sees ------------------------------------------------------------------------------------------


def retouched(how: Callable[[pygame.Surface], pygame.Surface]) -> Callable[..., pygame.Surface]:
    text = ink._text
    return lambda *of: how(text(*of))


def beside(image: pygame.Surface) -> pygame.Surface:
    """A pixel to the right."""
    moved = pygame.Surface(image.get_size(), pygame.SRCALPHA)
    moved.blit(image, (1, 0))
    return moved


def heavier(image: pygame.Surface) -> pygame.Surface:
    bold = image.copy()
    alpha = pygame.surfarray.pixels_alpha(bold)
    alpha[:] = 255 * (alpha / 255) ** 0.7
    return bold


@pytest.mark.parametrize("how", [beside, heavier])
@pytest.mark.parametrize("state", ["lobby", "table, keys", "tournament, cross-table", "training"])
def test_another_rendering_of_letters_is_no_difference(
    state: str, how: Callable[[pygame.Surface], pygame.Surface], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ink, "_text", retouched(how))
    assert differences(picture(state), golden(state)).max() < TOLERANCE


@pytest.mark.parametrize("part", ["draw_board", "draw_players", "draw_graph", "draw_thinking", "draw_moves"])
@pytest.mark.parametrize("by", [(3, 0), (0, 3)])
def test_a_part_that_moved_is_a_difference(part: str, by: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    draw = getattr(screen, part)

    def moved(target: pygame.Surface, *rest: object) -> None:
        apart = pygame.Surface(target.get_size(), pygame.SRCALPHA)
        draw(apart, *rest)
        target.blit(apart, by)

    monkeypatch.setattr(screen, part, moved)
    assert differences(picture("table, thinking"), golden("table, thinking")).max() > TOLERANCE


@pytest.mark.parametrize("missing", ["Prior", "Take back", "Win expectation", "Moves"])
def test_a_text_that_is_missing_is_a_difference(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write = ink.write

    def partly(target: pygame.Surface, text: str, *rest: object, **more: object) -> int:
        return write(target, "" if text == missing else text, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ink, "write", partly)
    assert differences(picture("table, thinking"), golden("table, thinking")).max() > TOLERANCE


def test_a_button_that_is_missing_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    tool = screen.tool
    monkeypatch.setattr(screen, "tool", lambda target, box, text, on, u: text == "?" or tool(target, box, text, on, u))
    assert differences(picture("table, thinking"), golden("table, thinking")).max() > TOLERANCE


def test_a_card_that_is_missing_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widgets.ink, "rounded", lambda *of: None)
    assert differences(picture("table, thinking"), golden("table, thinking")).max() > TOLERANCE


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in SHOWN:
        save_png(file_of(name), Image.frombytes("RGB", SHOWN[name][1], pygame.image.tobytes(picture(name), "RGB")))
