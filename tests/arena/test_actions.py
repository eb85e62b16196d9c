"""Whatever can be done at a table: each action by its keys and its button, and keys of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pygame
import pytest

from arena.messages import HUMAN, Asks, Candidate, Choice, Command, Dream, Hello, Insight, Scene, Setup
from arena.record import Record
from arena.settings import settings_file, user_name
from arena.ui.actions import ACTIONS, KEYS, keymap, keys_of, possible
from arena.ui.keys import handle
from arena.ui.layout import arrange
from arena.ui.screen import draw
from arena.ui.theme import Style
from arena.ui.view import DELAYS, View
from arena.watching import chosen_style
from games.core.canvas import Disc, Rect

SIZES = [(640, 480), (800, 600), (1280, 800), (1080, 1920), (2560, 1600)]

pytestmark = pytest.mark.usefixtures("home")


def shapes(count: int) -> tuple[Any, ...]:
    board = Rect(0, 0, 4, 4, "board_light", tag="board")
    return (board, *(Disc(0.5 + i % 4, 0.5 + i // 4, 0.4, "seat0", tag=f"piece {i}") for i in range(count)))


def scene(ply: int) -> Scene:
    views = (shapes(ply), shapes(ply)[::-1])
    return Scene(ply, views, (), (ply % 2,), (0.0, 0.0), play=ply or None, movers=(1 - ply % 2,), text=f"move {ply}")


def table(mode: str = "play", people: tuple[int, ...] = (0,)) -> View:
    """A game for two in which all can be done that there is to do, at ply 4."""
    players = tuple(HUMAN if seat in people else "random" for seat in range(2))
    view = View(mode, hints=True)  # type: ignore[arg-type]
    view.apply(Hello(Setup("g", players), "G", 2, ("A", "B"), (4.0, 4.0), None, (), (-1, 1), True, solved=True), 0.0)
    for ply in range(5):
        view.apply(scene(ply), 0.0)
    thought = Insight(
        4, 0, (Candidate(1, "one", 1.0, 9, 0.5, 0.25, ("board",)),), dreams=(Dream("", None, 0.5),), line=("one", "two")
    )
    view.apply(thought, 0.0)
    view.apply(Asks(4, 0, (Choice(1, "one", ("board",)),)), 0.0)
    return view


def over() -> View:
    """A game that is."""
    view = table()
    view.record = Record("g", ("You", "random"), 0, (1, 2, 3, 4), 0, (1.0, -1.0), (1.0, 0.0), "over")
    return view


EXPECTED: dict[str, Callable[[View, list[Command]], bool]] = {
    "first": lambda view, said: view.index == 0,
    "previous": lambda view, said: view.index == 2,
    "pause": lambda view, said: view.paused and said == [Command("pause", True)],
    "next": lambda view, said: view.cursor is None and view.index == 4,
    "last": lambda view, said: view.cursor is None and view.index == 4,
    "slower": lambda view, said: said == [Command("delay", DELAYS[2])],
    "faster": lambda view, said: said == [Command("delay", DELAYS[4])],
    "take_back": lambda view, said: said == [Command("back")],
    "play_on": lambda view, said: view.branching,
    "hints": lambda view, said: not view.hints and said == [Command("hints", False)],
    "marks": lambda view, said: view.marks == "heat",
    "prior": lambda view, said: not view.prior,
    "visits": lambda view, said: not view.visits,
    "solver": lambda view, said: view.solver,
    "analyse": lambda view, said: view.analysing and said == [],
    "export": lambda view, said: view.exporting and said == [],
    "sound": lambda view, said: not view.style.sound,
    "imagination": lambda view, said: not view.imagination and not view.dreaming,
    "resign": lambda view, said: view.doubted == "resign" and said == [],
    "draw": lambda view, said: said == [Command("draw", 0)],
    "swap": lambda view, said: said == [Command("swap")],
    "flip": lambda view, said: view.side == 1,
    "new": lambda view, said: said == [Command("new")],
    "colours": lambda view, said: view.style.palette.name == "dark",
    "help": lambda view, said: view.help,
    "leave": lambda view, said: not view.open,
}
BY_KEY = [(name, key) for name, action in ACTIONS.items() for key in action.keys.split(", ")]


def press(view: View, key: str) -> list[Command]:
    name = key.removeprefix("ctrl ")
    code = pygame.key.key_code(name) if name != "?" else pygame.K_SLASH
    event = pygame.event.Event(pygame.KEYDOWN, key=code, mod=pygame.KMOD_CTRL * (name != key), unicode=name[:1])
    return handle(event, view, arrange(SIZES[2], view), 0.0)


def click(view: View, name: str, size: tuple[int, int] = SIZES[2]) -> list[Command]:
    layout = arrange(size, view)
    (box,) = [box for box, action in layout.tools if action == name]
    return handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=box.center, button=1), view, layout, 0.0)


def test_every_action_is_expected_to_do_something() -> None:
    assert EXPECTED.keys() == ACTIONS.keys() == set(possible(table())) | set(possible(over()))
    assert all(action.text and action.keys and action.help for action in ACTIONS.values())


@pytest.mark.parametrize(("name", "key"), BY_KEY)
def test_every_key_does_what_it_says(name: str, key: str) -> None:
    view = over() if name in ("analyse", "export") else table()
    view.cursor = 3 if name in ("previous", "next", "last") else None
    assert EXPECTED[name](view, press(view, key))


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("size", [SIZES[0], SIZES[2]])
def test_every_button_does_what_it_says(name: str, size: tuple[int, int]) -> None:
    view = over() if name in ("analyse", "export") else table()
    view.cursor = 3 if name in ("previous", "next", "last") else None
    assert EXPECTED[name](view, click(view, name, size))


def test_a_second_word_is_wanted_to_resign() -> None:
    view = table()
    assert (press(view, "r"), press(view, "r")) == ([], [Command("resign", 0)])
    assert (click(view, "resign"), press(view, "h")[0].order) == ([], "hints")
    assert press(view, "r") == []  # something else came between


def test_marks_go_round() -> None:
    view, seen = table(), []
    for _ in range(3):
        seen.append(view.marks)
        draw(pygame.Surface(SIZES[2]), view, 9.0)
        press(view, "g")
    assert (seen, view.marks) == (["ghosts", "heat", "arrows"], "ghosts")


def test_a_paused_game_goes_on_by_single_steps() -> None:
    view = table("watch", ())
    press(view, "space")
    assert click(view, "next") == [Command("step")]
    view.cursor = 2
    assert (click(view, "next"), view.index) == ([], 3)  # first what has been played


def test_what_makes_no_sense_is_not_offered() -> None:
    assert {"resign", "draw"}.isdisjoint(possible(table("watch", ())))
    replay = possible(table("replay", ()))
    assert {"take_back", "swap", "new", "hints"}.isdisjoint(replay)
    assert {"play_on", "solver"} <= set(replay)
    played = table()
    played.hints = False
    assert "solver" not in possible(played)  # nor are its answers given to who plays without hints
    assert press(played, "s") == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_buttons_have_room(size: tuple[int, int], scale: float) -> None:
    view = table()
    view.style = Style(scale=scale)
    layout = arrange(size, view)
    boxes = [box for box, _ in layout.tools]
    assert all(layout.footer.inflate(2, 2).contains(box) for box in boxes)
    assert not any(one.colliderect(other) for one, other in combinations(boxes, 2))


# -- help and keys of one's own ----------------------------------------------------------------------------------------


def test_help_shows_all_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    from arena.ui import help, ink

    view, written = table(), list[str]()
    press(view, "?")
    write = ink.write
    monkeypatch.setattr(help.ink, "write", lambda target, text, *more, **named: (
        written.append(text), write(target, text, *more, **named))[1])  # fmt: skip
    for size in SIZES:
        draw(pygame.Surface(size), view, 0.0)
    assert {action.help for action in ACTIONS.values()} <= set(written)
    assert {keys_of(KEYS, name) for name in ACTIONS} <= set(written)
    assert (press(view, "p"), view.help, view.branching) == ([], False, False)  # any key closes it, and does no more


def test_keys_can_be_chosen() -> None:
    settings_file().write_text(json.dumps({"keys": {"flip": "b, Ctrl Y", "pause": "return"}, "palette": "dark"}))
    style, problem = chosen_style()
    assert (problem, style.palette.name) == ("", "dark")
    assert chosen_style("safe", 2.0)[0].palette.name == "safe"
    view = table()
    view.style = style
    press(view, "b")
    assert view.side == 1
    press(view, "ctrl y")
    assert view.side == 0
    press(view, "f")
    assert view.side == 0
    assert press(view, "return") == [Command("pause", True)]
    assert (keys_of(style.keys or {}, "flip"), keys_of(style.keys or {}, "pause")) == ("B  Ctrl Y", "Return")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"jump": "j"}, "there is no action 'jump'; there are first, previous"),
        ({"pause": "spacebar"}, 'pause: there is no key "spacebar"'),
        ({"pause": 3}, "pause: there is no key 3"),
        ({"pause": ""}, 'pause: there is no key ""'),
        ({"pause": "y", "flip": "y"}, "'y' is to do two things, pause and flip"),
    ],
)
def test_bad_keys_are_one_line(keys: dict[str, Any], problem: str) -> None:
    settings_file().write_text(json.dumps({"keys": keys}))
    style, said = chosen_style()
    assert problem in said
    assert str(settings_file()) in said
    assert "\n" not in said
    assert set((style.keys or {}).values()) == set(ACTIONS)  # all can still be done


def test_a_key_taken_from_another_action_is_its_own() -> None:
    keys, problem = keymap({"flip": "h"})
    assert (keys["h"], problem) == ("flip", "")


def test_who_has_no_name_here_is_you(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", unknown)
    assert user_name() == "You"
