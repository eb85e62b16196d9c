"""The palettes: text can be read on whatever it stands on, and the safe one is told apart with every kind of sight."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from arena.ui.theme import PALETTES, SAFE, Look, Palette, Rgb, Style
from games.core.errors import ArenaError

READABLE = 4.5  # contrast that WCAG 2.2 asks for, level AA
LARGE = 3.0  # of large text, and of what is no text but must be seen
APART = 20.0  # in CIELAB; 2.3 is a just noticeable difference
SIGHTS = {  # of linear RGB, Machado et al. 2009, severity 1
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(color: Rgb) -> np.ndarray:
    share = np.array(color) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(first: Rgb, second: Rgb) -> float:
    dark, light = sorted(float((TO_XYZ @ linear(color))[1]) for color in (first, second))
    return (light + 0.05) / (dark + 0.05)


def lab(color: Rgb, sight: np.ndarray) -> np.ndarray:
    white = TO_XYZ @ np.ones(3)
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ np.clip(sight @ linear(color), 0, 1) / white, 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_text_can_be_read(palette: Palette) -> None:
    pairs = [(text, ground) for text in ("ink", "muted") for ground in ("card", "background", "well")]
    pairs += [("ink", "accent_soft"), ("accent", "card"), ("accent", "accent_soft"), ("on_accent", "accent")]
    pairs += [("bad", "card"), ("bad", "bad_soft"), ("good", "card"), ("ink", "bad_soft"), ("muted", "bad_soft")]
    found = {pair: contrast(getattr(palette, pair[0]), getattr(palette, pair[1])) for pair in pairs}
    assert {pair: round(value, 2) for pair, value in found.items() if value < READABLE} == {}
    assert contrast(palette.faint, palette.card) >= LARGE
    canvas = palette.canvas
    assert contrast(canvas["ink"], canvas["paper"]) >= READABLE
    assert contrast(canvas["muted"], palette.mat) >= LARGE


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_safe_palette_is_told_apart(sight: str) -> None:
    matrix, colors = SIGHTS[sight], {name: lab(color, SIGHTS[sight]) for name, color in SAFE.canvas.items()}
    pairs = [*combinations(("seat0", "seat1", "seat2", "seat3"), 2), ("good", "bad"), ("board_dark", "board_light")]
    pairs += [(f"seat{seat}", ground) for seat in range(2) for ground in ("board", "paper", "board_light")]
    close = {pair: float(np.linalg.norm(colors[pair[0]] - colors[pair[1]])) for pair in pairs}
    assert {pair: round(value) for pair, value in close.items() if value < APART} == {}
    assert np.linalg.norm(lab(SAFE.good, matrix) - lab(SAFE.bad, matrix)) > APART
    steps = [colors[f"ramp{step}"][0] for step in range(10)]
    assert all(before > after for before, after in pairwise(steps))  # ever darker


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_all_palettes_have_the_same_colours(palette: Palette) -> None:
    assert palette.canvas.keys() == SAFE.canvas.keys()


def test_sizes_follow_the_window_and_the_user() -> None:
    look = Look.fitting((1280, 800))
    assert look.factor == 1.0
    assert Look.fitting((1280, 800), Style(scale=1.5)).factor == 1.5
    assert Look.fitting((2560, 1600)).factor == 2.0
    assert 0.8 <= Look.fitting((640, 480)).factor <= 1.0  # smaller text could not be read
    assert Look.fitting((640, 480), Style(scale=3.0)).factor < 1.3  # larger, and nothing would fit


def test_styles_are_named() -> None:
    assert Style.named("dark", 1.0).palette.name == "dark"
    with pytest.raises(ArenaError, match="light, dark, safe"):
        Style.named("pink", 1.0)
