"""Every screen in every state, at every size and in every palette: whole texts, clear of each other, a way out."""

from __future__ import annotations

import pygame
import pytest

from arena.ui.screens.core import Screen
from arena.ui.theme import LIGHT, PALETTES, Style
from tests.arena.seated import LATER
from tests.arena.states import STATES
from tests.arena.texts import Texts

SIZES = [(640, 480), (800, 600), (1280, 800), (1920, 1080), (2560, 1600)]
STYLES = [(size, Style(palette)) for palette in PALETTES.values() for size in SIZES]
STYLES += [((1080, 1920), Style()), *((size, Style(scale=1.5)) for size in [(1280, 800), (1920, 1080)])]
TIGHT = [((800, 600), Style(scale=1.5)), ((640, 480), Style(scale=3.0))]
ODD = [(1, 1), (200, 900), (1024, 600), (800, 1200)]
NAMES = ("uct", "alphazero", "Elo ", "/home/", "Anyone")  # what may be cut short: names are as long as users like

pytestmark = pytest.mark.usefixtures("home")


def drawn(screen: Screen, size: tuple[int, int], style: Style) -> Texts:
    """What is written when the screen is drawn."""
    surface, screen.style = pygame.Surface(size), style
    with pytest.MonkeyPatch.context() as patch:
        texts = Texts(surface, patch)
        screen.draw(surface, LATER)
    assert surface.get_at((0, 0))[:3] == style.palette.background
    return texts


@pytest.mark.parametrize("state", STATES)
def test_everything_has_room(state: str) -> None:
    screen = STATES[state]()
    for size, style in STYLES:
        texts = drawn(screen, size, style)
        where = (size, style.palette.name, style.scale)
        assert ([*texts.problems()], where) == ([], where)
        cut = [text for text in texts.shortened if not any(name in text for name in NAMES)]
        assert (cut, where) == ([], where)
        assert any(each.text in ("Leave", "leave") or "leaves" in each.text or state in WARNED for each in texts.all)
    for size, style in TIGHT:  # larger letters than the window has room for are cut, but do not overlap
        assert [*drawn(screen, size, style).problems()] == []


WARNED = ("lobby, misfit", "lobby, bad settings")  # for a moment, in the place of the keys


@pytest.mark.parametrize("state", ["table, thinking", "table, unset", "lobby", "tournament, grid", "training"])
def test_any_size_is_drawn(state: str) -> None:
    screen = STATES[state]()
    for size in ODD:
        for scale in (0.5, 1.0, 2.0):
            drawn(screen, size, Style(LIGHT, scale))


def test_palettes_differ_in_nothing_but_colours() -> None:
    """No state hides what it says in one palette."""
    screen = STATES["table, analysis"]()
    texts = [[each.whole for each in drawn(screen, SIZES[2], Style(palette)).all] for palette in PALETTES.values()]
    told = [[text.replace("Blue", "Red") for text in of] for of in texts]  # a seat's name is that of its colour
    assert told[0] == told[1] == told[2]
