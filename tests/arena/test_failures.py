"""Agents that fail at the table in every way: the window goes on, says what happened, has a result, and when it is left
nothing is left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame
import pytest

from arena.messages import HUMAN, Setup
from arena.record import Record
from arena.ui.keys import act
from arena.ui.screen import status
from arena.ui.screens.table import TableScreen
from arena.ui.view import View
from games.core.canvas import Canvas
from tests.arena.seated import BOTS, HEAP
from tests.arena.texts import Texts

SIZE = (1280, 800)
REAL_TIME = f"{HEAP}(stones=400, tick=20.0)"
FORFEITS = {
    "raises": "RuntimeError: lost my way",
    "stammers": "RuntimeError:",
    "exits": "SystemExit: enough",
    "illegal": "illegal move 10000",
    "silent": "answered None instead of a Move",
    "bare": "answered namespace(action=0) instead of a Move",
    "unspeakable": "instead of a Move",
    "eats": "MemoryError",
    "dies": "its process died (exit code 7)",
    "litters": "its process died (exit code 7)",
    "crashes": "its process died (killed by signal 11)",
    "hangs": "no answer for 1 s",
}


class At:
    """A table in the window, watched for whether it ever stands still."""

    def __init__(self, screen: TableScreen, records: list[Record]) -> None:
        self.screen, self.view, self.records = screen, screen.view, records
        self.surface, self.slowest, self.groups = pygame.Surface(SIZE), 0.0, set[int]()

    def until(self, wanted: Callable[[View], bool], seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not wanted(self.view):
            assert time.monotonic() < end, (status(self.view), self.view.error, len(self.view.scenes))
            self.frame()
            time.sleep(0.005)

    def frame(self) -> None:
        begin = time.perf_counter()
        self.screen.tick(time.monotonic())
        self.screen.draw(self.surface, time.monotonic())
        self.slowest = max(self.slowest, time.perf_counter() - begin)
        if self.screen._session is not None and self.screen._session.pid is not None:
            self.groups.add(self.screen._session.pid)

    def read(self) -> str:
        """All that is written in the window."""
        with pytest.MonkeyPatch.context() as patch:
            texts = Texts(self.surface, patch)
            self.screen.draw(self.surface, time.monotonic())
        return " ".join(each.whole for each in texts.all)


@pytest.fixture
def sit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., At]]:
    monkeypatch.setenv("ARENA_HOME", str(tmp_path))
    pygame.display.init()
    opened: list[At] = []

    def start(*players: str, game: str = HEAP, hints: bool = True, **more: Any) -> At:
        setup = Setup(game, players, **{"delay": 0.0, "patience": 60.0, **more})
        records: list[Record] = []
        view = View("play" if HUMAN in players else "watch", hints=hints)
        opened.append(At(TableScreen(setup, view, records.append), records))
        return opened[-1]

    yield start
    for at in opened:
        at.screen.close()
        assert at.slowest < 1.0  # seconds; a wait for an agent would be longer
        end = time.monotonic() + 5.0  # a signal is sent, not obeyed, when `kill` returns
        while _running(at.groups) and time.monotonic() < end:
            time.sleep(0.01)
        assert _running(at.groups) == []
    assert not multiprocessing.active_children()
    pygame.display.quit()


def _running(groups: set[int]) -> list[str]:
    """The processes of these groups that still run; the dead ones, which init has yet to bury, do not count."""
    running = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, leader = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            running += [entry.name] if int(leader) in groups and state != "Z" else []
    return running


def bot(kind: str, seconds: float = 0.0) -> str:
    return f"{BOTS}(kind={kind}, seconds={seconds})"


def is_over(view: View) -> bool:
    return view.record is not None


# -- agents ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORFEITS)
def test_who_fails_loses_and_the_window_says_how(sit: Callable[..., At], kind: str) -> None:
    at = sit("random", bot(kind), patience=1.0 if kind == "hangs" else 60.0)
    at.until(is_over)
    (record,) = at.records  # stored, once
    assert (record.forfeit, record.points, len(record.plays)) == (1, (1.0, 0.0), 1)
    assert FORFEITS[kind] in record.reason
    assert status(at.view)[0].startswith("bots forfeits  ·  ")
    assert FORFEITS[kind] in at.read()
    at.screen.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_n, mod=0), time.monotonic())
    at.until(lambda view: view.hello is not None and view.hello.setup.players[0] == bot(kind))  # a new game, swapped


@pytest.mark.parametrize("kind", ["raises", "illegal", "dies", "hangs"])
def test_who_fails_in_real_time_loses(sit: Callable[..., At], kind: str) -> None:
    at = sit(bot(kind), "random", game=REAL_TIME, patience=1.0)
    at.until(is_over)
    (record,) = at.records
    assert (record.forfeit, record.points) == (0, (0.0, 1.0))
    assert FORFEITS[kind] in record.reason
    assert FORFEITS[kind] in at.read()


@pytest.mark.parametrize("kind", ["raises", "dies", "hangs"])
def test_who_fails_in_a_score_duel_loses(sit: Callable[..., At], kind: str) -> None:
    at = sit("random", bot(kind), game="game_2048", patience=2.0)
    at.until(is_over)
    assert (at.records[0].forfeit, at.records[0].points) == (1, (1.0, 0.0))


def test_who_tells_nonsense_plays_on(sit: Callable[..., At]) -> None:
    at = sit(bot("raves"), bot("raves"), game="tic_tac_toe")
    at.until(is_over)
    assert at.records[0].forfeit is None
    for ply in range(len(at.view.scenes)):
        at.view.go_to(ply)
        for marks in ("ghosts", "heat", "arrows"):
            at.view.marks = marks  # type: ignore[assignment]
            at.frame()
    assert "in its thought" in " ".join(insight.note for scene in at.view.scenes for insight in scene.insights)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("stillborn", "no weights"),
        ("dies at birth", "its process died (exit code 7)"),
        ("unborn", "nothing was heard of the game for 2 s"),
    ],
)
def test_who_cannot_even_be_seated_ends_the_game(
    sit: Callable[..., At], kind: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arena.live.LAYING", 2.0 if kind == "unborn" else 60.0)
    at = sit("random", f'{BOTS}(kind="{kind}")')
    at.until(lambda view: bool(view.error))
    assert said in at.read()
    assert (status(at.view)[0], at.records) == ("Stopped", [])


def test_a_silence_is_told_while_it_lasts(sit: Callable[..., At]) -> None:
    at = sit("random", bot("hangs"))
    at.until(lambda view: len(view.scenes) == 2)
    at.view.silence = 30.0
    assert status(at.view)[0] == "No word from bots for 30 s"


@pytest.mark.parametrize("kind", ["raises", "dies", "hangs"])
def test_a_person_goes_on_with_the_next_game(sit: Callable[..., At], kind: str) -> None:
    at = sit(HUMAN, bot(kind), hints=False, patience=1.0)
    at.until(lambda view: view.asks is not None)
    (move,) = at.view.choose(at.view.choices[0])
    at.screen._session.send(move)  # type: ignore[union-attr]
    at.until(is_over)
    assert at.records[0].forfeit == 1
    at.screen.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_n, mod=0), time.monotonic())
    at.until(lambda view: view.people == (1,))


# -- who helps ---------------------------------------------------------------------------------------------------------


def kill(worker: Any) -> None:
    os.kill(worker.process.pid, signal.SIGKILL)


def test_helpers_that_die_are_told(sit: Callable[..., At]) -> None:
    plays = (0, 3, 1, 4, 2)
    record = Record("tic_tac_toe", ("a", "b"), 1, plays, 0, (1.0, -1.0), (1.0, 0.0), "three in a row")
    at = sit("a", "b", game="tic_tac_toe", record=record)
    at.view.mode = "replay"
    at.until(is_over)
    act("solver", at.view, 0.0)
    at.until(lambda view: at.screen._oracle is not None)
    kill(at.screen._oracle)
    at.until(lambda view: "No true values: their process died" in view.toast)
    assert not at.view.solver
    act("analyse", at.view, 0.0)
    at.until(lambda view: at.screen._reviewer._worker is not None)
    kill(at.screen._reviewer._worker)
    at.until(lambda view: "No analysis: its process died (killed by signal 9)" in view.toast)


# -- games -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (lambda canvas: canvas.rect(0, 0, 1, 1, "pink"), "no colour 'pink'"),
        (lambda canvas: canvas.disc(0, float("nan"), 1, "ink"), "nothing can be drawn at"),
        (lambda canvas: canvas.polygon([(0, 0), (1, float("inf")), (1, 1)], "ink"), "nothing can be drawn at"),
    ],
)
def test_what_cannot_be_painted_fails_where_it_is_drawn(shape: Callable[[Canvas], None], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        shape(Canvas())
