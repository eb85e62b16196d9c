"""The window of a tournament, driven by events under SDL's dummy driver."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame
import pytest

from arena.hall import Boards, Over
from arena.schedule import Event
from arena.store import Store
from arena.ui.screens.tournament import TournamentScreen
from arena.ui.tournament.places import Places, arrange
from arena.ui.tournament.state import briefly
from tests.arena.states import board, tournament

SIZES = [(640, 480), (800, 600), (1280, 800), (1080, 1920), (2560, 1600)]


@pytest.fixture(autouse=True)
def _display() -> Iterator[None]:
    pygame.display.init()
    yield
    pygame.display.quit()


def places(of: TournamentScreen, size: tuple[int, int] = (1280, 800)) -> Places:
    of.draw(pygame.Surface(size), 1.0)
    return arrange(size, of.state)


def press(on: TournamentScreen, *keys: int) -> None:
    for key in keys:
        on.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0), 1.0)


def click(on: TournamentScreen, point: tuple[int, int]) -> None:
    on.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=point, button=1), 1.0)


def test_a_click_enlarges_a_board_and_another_goes_back() -> None:
    at = tournament()
    tile = places(at).tiles[4]
    click(at, tile.center)
    assert at.state.chosen == 4
    assert places(at).tiles == {}
    click(at, places(at).field.center)
    assert at.state.chosen is None
    at.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=tile.center), 1.0)
    assert at._hover == 4


def test_keys() -> None:
    at = tournament()
    press(at, pygame.K_RIGHT)
    assert at.state.chosen == 0
    press(at, pygame.K_RIGHT)
    assert at.state.chosen == 1
    press(at, pygame.K_LEFT, pygame.K_LEFT)
    assert at.state.chosen == 8
    press(at, pygame.K_x)
    assert (at.state.chosen, at.state.crossed) == (None, True)
    press(at, pygame.K_ESCAPE)
    assert (at.state.crossed, at.open) == (False, True)
    press(at, pygame.K_t)
    assert at.style.palette.name == "dark"
    click(at, places(at).cross.center)
    assert at.state.crossed
    press(at, pygame.K_ESCAPE, pygame.K_ESCAPE)
    assert not at.open
    at = tournament()
    press(at, pygame.K_q)
    assert not at.open


def test_the_enlarged_board_follows_its_table() -> None:
    at = tournament()
    at.state.choose(2, 0.0)
    before = at.state.motion.after
    at.state.hear(Boards({2: board(77, at.state.agents[:2])}), 5.0)
    assert at.state.board is not None
    assert at.state.board.number == 77
    assert at.state.motion.after is not before
    assert at.state.moving(5.1)
    assert not at.state.moving(6.0)


def test_more_boards_than_fit_are_scrolled_to() -> None:
    at = tournament(games=60)
    shown = places(at, (640, 480)).tiles
    assert 0 < len(shown) < 60
    for _ in range(100):
        at.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=-1, x=0), 1.0)
    assert max(places(at, (640, 480)).tiles) == 59


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("players", [2, 5, 14])
@pytest.mark.parametrize("trouble", ["", "the disk is full; nothing stored before is lost " * 4])
def test_cards_and_boards_stay_apart(size: tuple[int, int], players: int, trouble: str) -> None:
    at = tournament(players, 16)
    at.state.error = trouble
    found = arrange(size, at.state)
    cards = [found.main, found.standings, found.footer, *([found.cross] if found.cross.height else [])]
    assert all(pygame.Rect((0, 0), size).contains(box) for box in cards)
    assert not any(first.colliderect(second) for first, second in combinations(cards, 2))
    assert all(found.field.contains(box) for box in found.tiles.values())
    assert not any(first.colliderect(second) for first, second in combinations(found.tiles.values(), 2))


def test_names_are_short_where_they_stay_apart() -> None:
    names = (
        "uct(simulations=400)",
        'alphazero(weights="runs/c4/best", simulations=200)',
        "random",
        "./my_bot.py(depth=2)",
    )
    assert list(briefly(names).values()) == ["uct 400", "alphazero best 200", "random", "my_bot 2"]
    alike = ("uct(c=1)", "uct(simulations=1)")
    assert list(briefly(alike).values()) == list(alike)


def test_a_whole_tournament_is_watched(tmp_path: Path) -> None:
    event = Event.of("tournament", "tic_tac_toe", ["random", "uct(simulations=10)"], 20, 1)
    at, end, slowest = TournamentScreen(event, str(tmp_path / "arena.db"), 1), time.monotonic() + 60, 0.0
    surface = pygame.Surface((800, 600))
    while not at.state.over:
        assert time.monotonic() < end
        assert not at.state.error
        begin = time.perf_counter()
        at.tick(time.monotonic())
        slowest = max(slowest, time.perf_counter() - begin)
        at.draw(surface, time.monotonic())
        time.sleep(0.005)
    assert slowest < 0.2  # the window never waits
    assert at.state.played == at.state.total == 20
    assert at.state.tables
    at.close()
    assert not multiprocessing.active_children()
    with Store.open(tmp_path / "arena.db", create=False) as kept:
        assert len(kept.records()) == 20


def test_a_hall_that_dies_is_told(tmp_path: Path) -> None:
    event = Event.of("tournament", "tic_tac_toe", ["random", "uct(simulations=3000)"], 2000, 1)
    at, end = TournamentScreen(event, str(tmp_path / "arena.db"), 2), time.monotonic() + 60
    while not at.state.tables and time.monotonic() < end:
        at.tick(time.monotonic())
        time.sleep(0.01)
    assert at._hall is not None
    at._hall.process.kill()
    while not at.state.error and time.monotonic() < end:
        at.tick(time.monotonic())
        time.sleep(0.01)
    assert at.state.error == "its process died (killed by signal 9); what was played is stored"
    at.state.hear(Over(), 0.0)
    at.close()
    assert not multiprocessing.active_children()
