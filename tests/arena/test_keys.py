"""Lobby, tournament, training and the mouse at a table: each key that the foot of a screen names and whatever can be
clicked does something, and what it says."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pygame
import pytest

from arena.messages import HUMAN, Command
from arena.record import Record
from arena.ui.curves import ply_at
from arena.ui.keys import handle
from arena.ui.layout import arrange, cells
from arena.ui.lobby import picture as lobby_picture
from arena.ui.screens.core import Screen
from arena.ui.screens.lobby import LobbyScreen
from arena.ui.screens.table import TableScreen
from arena.ui.tournament.picture import legend as tournament_legend
from arena.ui.training.picture import legend as training_legend
from arena.ui.view import View
from tests.arena.seated import LATER, MIDDLE, UCT, Seated
from tests.arena.states import lobby, shown, tournament, training

SIZE = (1280, 800)
CODES = {
    "Enter": [pygame.K_RETURN],
    "Esc": [pygame.K_ESCAPE],
    "← →": [pygame.K_LEFT, pygame.K_RIGHT],
    "← ↑ → ↓": [pygame.K_LEFT, pygame.K_UP, pygame.K_RIGHT, pygame.K_DOWN],
}
WON = Record("tic_tac_toe", ("a", "b"), 1, (0, 3, 1, 4, 2), 0, (1.0, -1.0), (1.0, 0.0), "three in a row")
Check = Callable[[Any, Screen | None], bool]

pytestmark = pytest.mark.usefixtures("home")


def press(screen: Screen, key: int) -> Screen | None:
    screen.draw(pygame.Surface(SIZE), LATER)
    return screen.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0), LATER)


def click(screen: Screen, point: tuple[int, int]) -> Screen | None:
    screen.draw(pygame.Surface(SIZE), LATER)
    screen.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=point), LATER)
    following = screen.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=point, button=1), LATER)
    screen.handle(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=point, button=1), LATER)
    return following


def named(legend: Any) -> set[int]:
    """The keys of a foot."""
    return {key for name, _ in legend for key in CODES.get(name) or [pygame.key.key_code(name.lower())]}


# -- keys --------------------------------------------------------------------------------------------------------------

DARK: Check = lambda screen, following: screen.style.palette.name == "dark"  # noqa: E731
LEFT: Check = lambda screen, following: not screen.open  # noqa: E731
LOBBY: dict[int, Check] = {
    pygame.K_RETURN: lambda screen, following: isinstance(following, TableScreen),
    pygame.K_LEFT: lambda screen, following: screen.lobby.chosen == 5,
    pygame.K_RIGHT: lambda screen, following: screen.lobby.chosen == 7,
    pygame.K_UP: lambda screen, following: screen.lobby.chosen == 6 - screen.places().columns,
    pygame.K_DOWN: lambda screen, following: screen.lobby.chosen == 6 + screen.places().columns,
    pygame.K_o: lambda screen, following: screen.lobby.page == "files",
    pygame.K_s: lambda screen, following: screen.lobby.page == "stored",
    pygame.K_t: DARK,
    pygame.K_q: LEFT,
    pygame.K_ESCAPE: LEFT,
    pygame.K_c: lambda screen, following: following.setup.plays == (1,) * 117,
}
TOURNAMENT: dict[int, Check] = {  # at the board of table 4
    pygame.K_LEFT: lambda screen, following: screen.state.chosen == 3,
    pygame.K_RIGHT: lambda screen, following: screen.state.chosen == 5,
    pygame.K_RETURN: lambda screen, following: screen.state.chosen == 5,
    pygame.K_SPACE: lambda screen, following: screen.state.chosen == 5,
    pygame.K_x: lambda screen, following: screen.state.crossed and screen.state.chosen is None,
    pygame.K_ESCAPE: lambda screen, following: screen.open and screen.state.chosen is None,
    pygame.K_t: DARK,
    pygame.K_q: LEFT,
}
TRAINING: dict[int, Check] = {  # at the chart of losses
    pygame.K_LEFT: lambda screen, following: screen.state.chosen == "Mistakes",
    pygame.K_RIGHT: lambda screen, following: screen.state.chosen == "Positions a second",
    pygame.K_SPACE: lambda screen, following: screen.state.chosen == "Positions a second",
    pygame.K_RETURN: lambda screen, following: following.setup.players == (UCT, UCT),
    pygame.K_p: lambda screen, following: following.setup.players == (HUMAN, UCT),
    pygame.K_ESCAPE: lambda screen, following: screen.open and screen.state.chosen is None,
    pygame.K_t: DARK,
    pygame.K_q: LEFT,
}


def test_no_foot_names_a_key_that_is_not_tested() -> None:
    assert named(lobby_picture.LEGEND) <= LOBBY.keys()
    for state in (tournament(), shown(tournament(), 4), shown(tournament(), crossed=True)):
        assert named(tournament_legend(state.state)) <= TOURNAMENT.keys()
    for chart in (None, "Losses"):
        assert named(training_legend(training(chart).state)) <= TRAINING.keys()


@pytest.mark.parametrize("key", LOBBY, ids=pygame.key.name)
def test_keys_of_the_lobby(key: int) -> None:
    screen = lobby()
    screen.lobby.choose(6)
    assert LOBBY[key](screen, press(screen, key))


@pytest.mark.parametrize("key", TOURNAMENT, ids=pygame.key.name)
def test_keys_of_a_tournament(key: int) -> None:
    screen = shown(tournament(), 4)
    assert TOURNAMENT[key](screen, press(screen, key))


@pytest.mark.parametrize("key", TRAINING, ids=pygame.key.name)
def test_keys_of_a_training(key: int) -> None:
    screen = training("Losses")
    assert TRAINING[key](screen, press(screen, key))


# -- the mouse ---------------------------------------------------------------------------------------------------------


def opened(page: str) -> LobbyScreen:
    """A lobby with something to do everywhere."""
    screen = lobby(page=page, opening=3, clock=2)
    screen.lobby.rows = [("a game", "", WON)] * 3 if page != "games" else []
    screen.lobby.first, screen.lobby.scroll = 0, 0
    screen.draw(pygame.Surface(SIZE), LATER)
    return screen


@pytest.mark.parametrize("page", ["games", "stored", "files"])
def test_whatever_can_be_clicked_in_the_lobby_does_something(page: str) -> None:
    names = opened(page).places().spots
    kinds = {"player", "unit", "slider", "opening", "clock", "start", "continue", "files", "stored"}
    assert {name[0] for name in names} == kinds | ({"game"} if page == "games" else {"row", "back"})
    for name, box in names.items():
        screen = opened(page)
        before = copy.deepcopy((screen.lobby.to_json(), screen.lobby.page))
        seen = box.clip(screen.places().inner) if name[0] in ("game", "row") else box
        following = click(screen, (seen.right - 1, seen.centery) if name[0] == "slider" else seen.center)
        same = (screen.lobby.to_json(), screen.lobby.page) == before
        its_own = name in ((page,), ("game", 1))  # shown already, chosen already
        assert (following is None and same) is its_own, name


def table(**more: Any) -> Seated:
    return Seated("connect_four", (UCT, UCT), MIDDLE, **more)


def do(view: View, kind: int, **told: Any) -> list[Command]:
    return handle(pygame.event.Event(kind, **told), view, arrange(SIZE, view), LATER)


def test_the_wheel_turns_the_pages_of_a_game() -> None:
    view = table().view
    do(view, pygame.MOUSEWHEEL, y=1)
    do(view, pygame.MOUSEWHEEL, y=1)
    assert view.index == 7
    do(view, pygame.MOUSEWHEEL, y=-3)
    assert (view.index, view.newest, view.cursor) == (9, True, None)


@pytest.mark.parametrize("mode", ["watch", "replay"])
def test_a_click_on_the_graph_goes_there(mode: str) -> None:
    view = table(mode=mode).view
    graph = arrange(SIZE, view).graph
    plies = [ply_at(arrange(SIZE, view), view, (x, graph.centery)) for x in range(graph.left, graph.right)]
    assert plies[0] is None  # left of the axis
    assert set(plies) - {None} == set(range(10))
    do(view, pygame.MOUSEBUTTONDOWN, pos=(graph.left + plies.index(4), graph.centery), button=1)
    assert view.index == 4


def test_a_click_on_the_score_of_a_real_time_game_goes_there() -> None:
    view = Seated("pong_duel", ("random", "random")).random(60).view
    graph = arrange(SIZE, view).graph
    do(view, pygame.MOUSEBUTTONDOWN, pos=(graph.left + graph.width // 4, graph.centery), button=1)
    assert 0 < view.index < 60


def test_a_click_on_the_board_comes_back_to_the_game() -> None:
    view = table().view
    view.go_to(3)
    do(view, pygame.MOUSEBUTTONDOWN, pos=arrange(SIZE, view).board.rect.center, button=1)
    assert view.newest


def test_a_click_closes_the_keys_and_does_no_more() -> None:
    at = table().does("help")
    ((box, ply), *_) = cells(arrange(SIZE, at.view), at.view)
    do(at.view, pygame.MOUSEBUTTONDOWN, pos=box.center, button=1)
    assert (at.view.help, at.view.index) == (False, 9)
    do(at.view, pygame.MOUSEBUTTONDOWN, pos=box.center, button=1)
    assert at.view.index == ply


def test_other_buttons_of_the_mouse_do_nothing() -> None:
    view = table().view
    for _, name in (tools := arrange(SIZE, view).tools):
        assert name
    for button in (2, 3):
        assert do(view, pygame.MOUSEBUTTONDOWN, pos=tools[0][0].center, button=button) == []
    assert view.newest
