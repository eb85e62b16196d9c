"""Real-time games: keyboards, two at one of them, game controllers, worlds with frames of their own, smooth motion."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame
import pytest

from arena.messages import HUMAN, Command, Hello, Scene, Setup
from arena.ui import window
from arena.ui.controls import keys_of, names_of
from arena.ui.keys import handle
from arena.ui.layout import arrange
from arena.ui.screens.table import TableScreen
from arena.ui.view import View
from games.core.canvas import Disc, Sprite
from games.core.duel import seated
from games.core.registry import make_game

HEAP = str(Path(__file__).parent / "heap.py")
SIZE = (1280, 800)
WAYS = ({"w": 1, "s": 2}, {"up": 1, "down": 2, "space": 3, "up+space": 4, "down+space": 5})


@pytest.fixture(autouse=True)
def _display() -> Iterator[None]:
    pygame.display.init()
    yield
    pygame.display.quit()


@pytest.fixture
def sit() -> Iterator[Callable[..., TableScreen]]:
    opened: list[TableScreen] = []

    def start(game: str, *players: str, **more: object) -> TableScreen:
        setup = Setup(game, players, **{"delay": 0.0, **more})  # type: ignore[arg-type]
        opened.append(TableScreen(setup, View("play" if HUMAN in players else "watch")))
        opened[-1].draw(pygame.Surface(SIZE), 0.0)
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def until(screen: TableScreen, wanted: Callable[[View], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not wanted(screen.view):
        assert time.monotonic() < end, (screen.view.error, len(screen.view.scenes))
        screen.tick(time.monotonic())
        time.sleep(0.005)


def arcade(*people: int) -> View:
    """A real-time game for two, at play."""
    view = View("play")
    players = tuple(HUMAN if seat in people else "random" for seat in range(2))
    view.apply(Hello(Setup("g", players), "G", 2, (), (1.0, 1.0), 20.0, WAYS, None, True), 0.0)
    view.apply(Scene(0, ((Disc(0, 0, 0.1, "paper", tag="ball"),),), (), (0, 1), (0.0, 0.0)), 0.0)
    return view


def key(view: View, name: str, up: bool = False) -> list[Command]:
    event = pygame.event.Event(pygame.KEYUP if up else pygame.KEYDOWN, key=pygame.key.key_code(name), mod=0)
    return handle(event, view, arrange(SIZE, view), 0.0)


def stick(view: View, kind: int, pad: int = 0, **told: object) -> dict[int, int | None] | None:
    commands = handle(pygame.event.Event(kind, instance_id=pad, **told), view, arrange(SIZE, view), 0.0)
    return commands[-1].value if commands else None


# -- the keyboard ------------------------------------------------------------------------------------------------------


def test_two_people_at_one_keyboard() -> None:
    view = arcade(0, 1)
    assert key(view, "w")[0].value == {0: 1, 1: None}
    assert key(view, "down")[0].value == {0: 1, 1: 2}
    assert key(view, "s")[0].value == {0: 2, 1: 2}  # the later of two that exclude each other
    assert key(view, "s", up=True)[0].value == {0: 1, 1: 2}
    assert key(view, "w", up=True)[0].value == {0: None, 1: 2}
    assert handle(pygame.event.Event(pygame.WINDOWFOCUSLOST), view, arrange(SIZE, view), 0.0)[0].value == {
        0: None, 1: None}  # fmt: skip


def test_keys_are_held_together() -> None:
    view = arcade(1)
    assert key(view, "space")[0].value == {1: 3}
    assert key(view, "up")[0].value == {1: 4}
    assert key(view, "down")[0].value == {1: 5}
    assert key(view, "space", up=True)[0].value == {1: 2}
    assert names_of(view, 1) == ["w", "s", "up", "down", "space"]  # alone, one may use all


def test_keys_that_play_do_nothing_else() -> None:
    view = arcade(1)
    key(view, "space")
    key(view, "s")
    assert (view.paused, view.solver) == (False, False)
    view.cursor = 0
    view.apply(Scene(1, view.scenes[0].views, (), (0, 1), (0.0, 0.0)), 0.0)
    assert key(view, "space") == [Command("pause", True)]  # while one looks back nothing is played


def test_who_sits_at_the_left_has_keys_at_the_left() -> None:
    pytest.importorskip("ale_py")
    duel = seated(make_game("atari:Tennis"), 2)
    assert duel.keys[1]["up+space"] == duel.keys[0]["w+left shift"]
    view = arcade(0, 1)
    assert set(keys_of(view, 0)).isdisjoint(keys_of(view, 1))


# -- controllers -------------------------------------------------------------------------------------------------------


def test_a_controller_plays() -> None:
    view = arcade(1)
    assert stick(view, pygame.JOYAXISMOTION, axis=1, value=-0.9) == {1: 1}
    assert stick(view, pygame.JOYBUTTONDOWN, button=2) == {1: 4}
    assert stick(view, pygame.JOYAXISMOTION, axis=1, value=0.1) == {1: 3}
    assert stick(view, pygame.JOYAXISMOTION, axis=3, value=1.0) is None  # not the stick that steers
    assert stick(view, pygame.JOYBUTTONUP, button=2) == {1: None}
    assert stick(view, pygame.JOYHATMOTION, hat=0, value=(0, -1)) == {1: 2}
    assert stick(view, pygame.JOYHATMOTION, hat=0, value=(1, -1)) is None  # right is no key here
    assert stick(view, pygame.JOYDEVICEREMOVED) == {1: None}


def test_two_controllers_play_two_seats() -> None:
    view = arcade(0, 1)
    stick(view, pygame.JOYHATMOTION, pad=3, hat=0, value=(0, 0))
    stick(view, pygame.JOYHATMOTION, pad=7, hat=0, value=(0, 0))
    assert stick(view, pygame.JOYAXISMOTION, pad=3, axis=1, value=1.0) == {0: 2, 1: None}
    assert stick(view, pygame.JOYAXISMOTION, pad=7, axis=1, value=-1.0) == {0: 2, 1: 1}


def test_controllers_do_nothing_at_a_board() -> None:
    view = View("play")
    assert stick(view, pygame.JOYAXISMOTION, axis=0, value=1.0) is None


# -- motion ------------------------------------------------------------------------------------------------------------


def test_what_moves_is_between_two_ticks() -> None:
    view = arcade()
    view.apply(Scene(1, ((Disc(1, 0, 0.1, "paper", tag="ball"),),), (), (0, 1), (0.0, 0.0), play=0), 10.0)
    places = [round(view.motion.at(10.0 + share / 20)[0].x, 3) for share in (0.0, 0.25, 0.5, 1.0)]  # type: ignore[union-attr]
    assert places == [0.0, 0.25, 0.5, 1.0]


def test_logic_keeps_its_tick_while_pictures_are_drawn_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """20 ticks a second, each with several pictures of what is between. A quiet machine draws 60 a second."""
    screen = TableScreen(Setup("pong_duel", ("random", "random"), seed=1), View("watch"))
    shown: list[tuple[float, int, tuple[object, ...]]] = []
    show = window._show

    def noting(screen: TableScreen, now: float) -> None:
        show(screen, now)
        shown.append((now, len(screen.view.scenes), tuple(screen.view.motion.at(now))))
        if len(screen.view.scenes) > 60:
            pygame.event.post(pygame.event.Event(pygame.QUIT))

    monkeypatch.setattr(window, "_show", noting)
    window.run(screen)
    played = [each for each in shown if each[1] > 20]
    seconds, ticks = played[-1][0] - played[0][0], played[-1][1] - played[0][1]
    print(f"{ticks / seconds:.1f} ticks and {len(played) / seconds:.1f} pictures a second")
    assert 15 < ticks / seconds < 25
    assert len({picture for _, _, picture in played}) > 1.5 * ticks  # moments that no tick has


# -- worlds with frames of their own -----------------------------------------------------------------------------------


@pytest.mark.parametrize("game", ["atari:Pong", "gymnasium:CartPole-v1"])
def test_a_world_shows_its_own_frames(sit: Callable[..., TableScreen], game: str) -> None:
    pytest.importorskip("ale_py" if game.startswith("atari") else "gymnasium")
    screen = sit(game, "random")
    until(screen, lambda view: len(view.scenes) > 3)
    assert any(isinstance(shape, Sprite) for shape in screen.view.shapes)
    surface = pygame.Surface(SIZE)
    screen.draw(surface, time.monotonic())
    assert len(set(pygame.image.tobytes(surface.subsurface(screen_place(screen)), "RGB"))) > 8


def screen_place(screen: TableScreen) -> pygame.Rect:
    return arrange(SIZE, screen.view).board.rect


def test_atari_is_played_at_the_keyboard(sit: Callable[..., TableScreen]) -> None:
    pytest.importorskip("ale_py")
    screen = sit("atari:Pong", HUMAN)
    until(screen, lambda view: len(view.scenes) > 3)
    keys = keys_of(screen.view, 0)
    assert {"right", "left", "space", "right+space", "left+space"} == set(keys)
    screen.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RIGHT, mod=0), 0.0)
    screen.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_SPACE, mod=0), 0.0)
    until(screen, lambda view: view.scenes[-1].play == keys["right+space"])


def test_two_people_take_stones(sit: Callable[..., TableScreen]) -> None:
    screen = sit(f"{HEAP}(stones=400, tick=40.0)", HUMAN, HUMAN)
    until(screen, lambda view: len(view.scenes) > 3)
    for name in ("d", "right"):
        screen.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(name), mod=0), 0.0)
    until(screen, lambda view: view.scenes[-1].play == (1, 1))
