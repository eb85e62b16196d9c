"""The lobby: what is chosen is what is played, every button does what it says, and everything has room."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pygame
import pytest

from arena import unfinished
from arena.exchange import write_game
from arena.messages import HUMAN, Setup
from arena.record import Record
from arena.settings import read_settings, remember, settings_file
from arena.shelf import Shelf
from arena.showcase import Broken, Fits
from arena.store import Store
from arena.ui.lobby.state import CLOCKS, Lobby, Seat
from arena.ui.screens.lobby import LobbyScreen
from arena.ui.screens.table import TableScreen
from tests.arena.states import picture

SIZES = [(640, 480), (800, 600), (1280, 800), (1080, 1920), (2560, 1600)]
HEAP = str(Path(__file__).parent / "heap.py")

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def screen() -> Iterator[LobbyScreen]:
    with Store.open(None) as store:
        opened = LobbyScreen(Shelf(store, None), {"game": "connect_four"})
        opened.draw(pygame.Surface((1280, 800)), 0.0)
        opened.lobby.hear(picture("connect_four"))
        opened.lobby.hear(Fits("connect_four", ("alphabeta", "random", "uct"), {"uct(simulations=400)": 1234.0}))
        yield opened
        opened.close()


def click(screen: LobbyScreen, *name: Any, share: float = 0.5) -> Any:
    box = screen.places().spots[name]
    point = (box.x + round(share * (box.width - 1)), box.centery)
    screen.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=point), 0.0)
    assert screen.lobby.hover == name
    following = screen.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=point, button=1), 0.0)
    screen.handle(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=point, button=1), 0.0)
    return following


def press(screen: LobbyScreen, key: int) -> Any:
    return screen.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0), 0.0)


def test_every_button_changes_the_choice(screen: LobbyScreen) -> None:
    lobby = screen.lobby
    assert lobby.seats == (Seat(HUMAN), Seat("uct"))
    assert lobby.elo(lobby.seats[1]) == 1234.0
    click(screen, "player", 0, 1)
    assert lobby.seats[0].player == "alphabeta"
    click(screen, "player", 1, -1)
    assert lobby.seats[1].player == "random"
    click(screen, "player", 1, 1)
    click(screen, "unit", 1)
    assert lobby.seats[1].unit == "simulations"
    click(screen, "slider", 1, share=1.0)
    assert lobby.seats[1].spec() == "uct(simulations=10000)"
    click(screen, "slider", 1, share=0.0)
    assert lobby.seats[1].spec() == "uct(simulations=5)"
    click(screen, "unit", 1)
    assert lobby.seats[1].unit == "seconds"
    click(screen, "opening", 1)
    click(screen, "opening", 1)
    click(screen, "opening", -1)
    click(screen, "clock", 1)
    assert (lobby.opening, lobby.clock) == (1, 1)
    click(screen, "game", 0)
    assert lobby.game == "breakthrough"


def test_the_wheel_shows_more_games_and_seats(screen: LobbyScreen) -> None:
    screen.lobby.hear(picture("connect_four", 10))
    screen.draw(pygame.Surface((640, 480)), 0.0)
    assert 9 not in screen.places().seats
    screen.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=screen.places().heading.center), 0.0)
    for _ in range(20):
        screen.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=-1), 0.0)
    assert (9 in screen.places().seats, screen.lobby.scroll) == (True, 0)
    click(screen, "player", 9, 1)
    assert [seat.player for seat in screen.lobby.seats[7:]] == ["uct", "uct", HUMAN]
    click(screen, "game", 0)
    assert 0 in screen.places().seats


def test_the_slider_follows_the_mouse(screen: LobbyScreen) -> None:
    box = screen.places().spots["slider", 1]
    screen.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=box.midleft, button=1), 0.0)
    screen.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=(box.right + 300, 0)), 0.0)
    assert screen.lobby.seats[1].spec() == "uct(simulations=10000)"  # hard
    screen.handle(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=(0, 0), button=1), 0.0)
    screen.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=box.midleft), 0.0)
    assert screen.lobby.seats[1].place == 2


def test_keys(screen: LobbyScreen) -> None:
    lobby = screen.lobby
    press(screen, pygame.K_RIGHT)
    assert lobby.game == "game_2048"
    press(screen, pygame.K_DOWN)
    press(screen, pygame.K_UP)
    press(screen, pygame.K_LEFT)
    assert lobby.game == "connect_four"
    for palette in ("dark", "safe", "light"):
        press(screen, pygame.K_t)
        assert screen.style.palette.name == palette
    press(screen, pygame.K_o)
    assert lobby.page == "files"
    press(screen, pygame.K_s)
    assert lobby.page == "stored"
    press(screen, pygame.K_ESCAPE)
    assert (lobby.page, lobby.open) == ("games", True)
    screen.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=-1), 0.0)
    assert lobby.scroll == 1
    press(screen, pygame.K_q)
    assert not screen.open


def test_what_is_chosen_is_played_and_remembered(screen: LobbyScreen) -> None:
    click(screen, "clock", 1)
    table = press(screen, pygame.K_RETURN)
    assert isinstance(table, TableScreen)
    setup = table.setup
    assert (setup.game, setup.players, setup.clock) == ("connect_four", (HUMAN, "uct(simulations=400)"), CLOCKS[1])
    again = Lobby()
    again.recall(read_settings()[0].lobby)
    assert again.to_json() == screen.lobby.to_json()
    click(screen, "player", 0, 1)
    watched = click(screen, "start")
    assert (watched.view.mode, watched.view.hints) == ("watch", True)


def test_colours_and_sound_are_remembered_if_they_were_switched(screen: LobbyScreen) -> None:
    settings_file().write_text('{"palette": "safe", "keys": {"flip": "b"}}')
    screen.close()
    assert read_settings()[0].palette == "safe"
    press(screen, pygame.K_t)
    screen.style = replace(screen.style, sound=False)  # as a table hands it back
    screen.close()
    kept = read_settings()[0]
    assert (kept.palette, kept.sound, kept.keys, kept.lobby["game"]) == ("dark", False, {"flip": "b"}, "connect_four")


def test_who_does_not_play_is_not_seated(screen: LobbyScreen) -> None:
    screen.lobby.seat(1, Seat("cfr", "iterations", 1))
    assert screen.lobby.misfit() == ""  # not asked yet
    screen.lobby.hear(replace(screen.lobby.fits["connect_four"], complete=True))
    assert press(screen, pygame.K_RETURN) is None
    assert "cfr does not play" in screen.lobby.remark
    screen.lobby.hear(Broken("connect_four", "no such board"))
    assert screen.lobby.misfit() == "no such board"


@pytest.mark.parametrize(("seats", "tick"), [(1, False), (4, False), (10, False), (2, True)])
def test_seats_follow_the_game(screen: LobbyScreen, seats: int, tick: bool) -> None:
    screen.lobby.hear(picture("connect_four", seats, tick))
    setup = screen.lobby.setup(1, "me")
    assert len(setup.players) == seats
    assert tick is (("clock", 1) not in screen.places().spots)
    if seats == 2:
        assert setup.players[1] == "uct(simulations=16)"


def test_games_are_replayed_and_imported(screen: LobbyScreen, tmp_path: Path) -> None:
    record = Record("tic_tac_toe", ("a", "b"), 1, (0, 3, 1, 4, 2), 0, (1.0, -1.0), (1.0, 0.0), "three in a row")
    write_game(tmp_path / "won.json", record)
    click(screen, "files")
    shown = click(screen, "row", 0)
    assert (shown.view.mode, shown.setup.record.plays) == ("replay", record.plays)
    click(screen, "stored")
    assert "tic_tac_toe: a – b" in screen.lobby.rows[0][0]
    assert click(screen, "row", 0).setup.record.plays == record.plays
    click(screen, "back")
    (tmp_path / "bad.json").write_text("{}")
    assert screen.handle(pygame.event.Event(pygame.DROPFILE, file=str(tmp_path / "bad.json")), 0.0) is None
    assert "bad.json" in screen.lobby.remark


def test_programs_of_the_users_own_are_seated_and_chosen(screen: LobbyScreen, tmp_path: Path) -> None:
    (tmp_path / "my_bot.py").write_text("def agent(depth: int = 2):\n    pass\n")
    (tmp_path / "my_game.py").write_text("def game():\n    pass\n")
    (tmp_path / "setup.py").write_text("print('no game, no agent')\n")
    click(screen, "files")
    assert {text: detail.partition("  ")[0] for text, detail, _ in screen.lobby.rows} == {
        "my_bot.py": "a bot of yours", "my_game.py": "a game of yours"}  # fmt: skip
    click(screen, "row", [text for text, *_ in screen.lobby.rows].index("my_bot.py"))
    assert (screen.lobby.page, screen.lobby.seats[1].player) == ("games", "./my_bot.py")
    assert screen.lobby.seats[1].units == ("level", "depth")
    assert screen.lobby.misfit() == ""
    setup = press(screen, pygame.K_RETURN).setup
    assert setup.players[1].startswith("./my_bot.py@")
    assert setup.players[1].endswith("(depth=4)")
    drop = pygame.event.Event(pygame.DROPFILE, file=str(tmp_path / "my_game.py"))
    screen.handle(drop, 0.0)
    assert (screen.lobby.game, screen.lobby.title) == ("./my_game.py", "My game")
    again = Lobby()
    again.recall(screen.lobby.to_json())
    assert (again.game, again.players, again.guests) == ("./my_game.py", screen.lobby.players, ("./my_bot.py",))
    screen.handle(pygame.event.Event(pygame.DROPFILE, file=str(tmp_path / "setup.py")), 0.0)
    assert "no function agent" in screen.lobby.remark
    (tmp_path / "my_bot.py").unlink()
    assert press(screen, pygame.K_RETURN) is None
    assert "there is no file" in screen.lobby.remark
    forgetful = Lobby()
    forgetful.recall(screen.lobby.to_json())
    assert forgetful.guests == ()


def test_an_unfinished_game_goes_on(screen: LobbyScreen) -> None:
    setup = Setup("connect_four", (HUMAN, "random"), seed=7, human="you", clock=(60.0, 1.0))
    unfinished.leave(setup, [3, 3, 2], finished=False)
    found = unfinished.pick_up()
    assert found is not None
    assert (found.plays, found.clock, found.players, found.human) == ((3, 3, 2), (60.0, 1.0), (HUMAN, "random"), "you")
    screen.lobby.unfinished = found
    table = press(screen, pygame.K_c)
    assert table.setup.plays == (3, 3, 2)
    unfinished.leave(setup, [3] * 9, finished=True)
    assert unfinished.pick_up() is None
    unfinished.unfinished_file().write_text("[1")
    assert unfinished.pick_up() is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"palette": "pink"}', "no palette 'pink'"),
        ('{"scale": 9}', "not between"),
        ('{"scale": "big"}', "scale cannot be"),
        ('{"colour": 1}', "no setting 'colour'"),
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
    ],
)
def test_bad_settings_are_one_line(text: str, problem: str) -> None:
    settings_file().write_text(text)
    settings, said = read_settings()
    assert problem in said
    assert "\n" not in said
    assert (settings.palette, settings.scale) == ("light", 1.0)
    remember(lobby={"game": "go"})
    kept = json.loads(settings_file().read_text()) if text != "{" else text
    assert kept == text or "palette" in text or kept == [] or kept["lobby"] == {"game": "go"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seats", [1, 2, 10])
def test_what_can_be_clicked_stays_apart(screen: LobbyScreen, size: tuple[int, int], seats: int) -> None:
    screen.lobby.hear(picture("connect_four", seats))
    screen.lobby.unfinished = Setup("connect_four", (HUMAN, "random"), plays=(1, 2))
    for act in ((), ("stored",), ("files",)):
        if act:
            screen.act(act, 0.0)
        screen.draw(pygame.Surface(size), 0.0)
        spots = [box for name, box in screen.places().spots.items() if name[0] not in ("game", "row")]
        assert not any(one.colliderect(other) for one, other in combinations(spots, 2))


def test_the_showcase_plays_by_itself(screen: LobbyScreen) -> None:
    screen.lobby.games, screen.lobby.chosen = ("tic_tac_toe", HEAP), 0
    screen.lobby.pictures.clear()
    pictures = set()
    end = time.monotonic() + 40.0
    screen.lobby.fits.clear()
    while time.monotonic() < end and not (len(pictures) > 2 and "uct" in screen.lobby.able):
        screen.tick(time.monotonic())
        if "tic_tac_toe" in screen.lobby.pictures:
            pictures.add(screen.lobby.pictures["tic_tac_toe"].shapes)
        time.sleep(0.01)
    screen.draw(pygame.Surface((800, 600)), time.monotonic())
    assert len(pictures) > 2
    assert "uct" in screen.lobby.fits["tic_tac_toe"].agents
    assert HEAP in screen.lobby.pictures
