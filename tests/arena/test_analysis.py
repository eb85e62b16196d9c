"""The analysis at the table: a game gone over in a process of its own, its mistakes marked wherever it is shown."""

from __future__ import annotations

import multiprocessing
import time
from itertools import product

import pygame
import pytest

from arena.messages import HUMAN, Asks, Choice, Hello, Insight, Judged, Scene, Setup
from arena.record import Record
from arena.ui import ink
from arena.ui.curves import expected
from arena.ui.ear import refused
from arena.ui.keys import act, handle
from arena.ui.layout import arrange
from arena.ui.screen import draw, status
from arena.ui.screens.table import TableScreen
from arena.ui.theme import PALETTES, Style
from arena.ui.verdicts import lost, made, summary
from arena.ui.view import View
from games.core.canvas import Rect

# the second move loses: an edge in answer to the centre
GAME = Record("tic_tac_toe", ("ann", "bob"), 0, (4, 1, 0, 8, 6, 3, 2), 0, (1.0, -1.0), (1.0, 0.0), "three in a row")
SIZES = [(640, 480), (800, 600), (1280, 800), (1080, 1920), (2560, 1600)]

pytestmark = pytest.mark.usefixtures("home")


def until(screen: TableScreen, wanted, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not wanted(screen.view):
        assert time.monotonic() < end, (screen.view.error, screen.view.toast, len(screen.view.judged))
        screen.tick(time.monotonic())
        time.sleep(0.01)


@pytest.fixture(scope="module")
def analysed() -> View:
    """A replay that has been gone over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDL_VIDEODRIVER", "dummy")
        screen = TableScreen(Setup(GAME.game, GAME.agents, record=GAME), View("replay"))
        until(screen, lambda view: view.record is not None and len(view.scenes) == 8)
        act("analyse", screen.view, 0.0)
        until(screen, lambda view: len(view.judged) == 7 and not view.reviewing)
        screen.close()
    assert not [child for child in multiprocessing.active_children() if "review" in child.name]
    return screen.view


def test_mistakes_are_marked_where_they_were_made(analysed: View) -> None:
    assert [ply for ply in range(1, 8) if lost(analysed, ply)] == [2]
    assert summary(analysed) == "mistakes: 0 – 1"
    analysed.go_to(2)
    judged = made(analysed, 2)
    assert judged is not None
    said = f"Mistake: {judged.played_text} turns a draw into a loss  ·  better {judged.best_text}"
    assert status(analysed) == (said, "bad", 1)
    analysed.go_to(3)
    assert status(analysed)[0] == "Looking at ply 3 of 7"
    analysed.go_to(7)
    assert status(analysed)[0].startswith("ann wins")


def test_the_agents_thoughts_are_shown_at_each_ply(analysed: View) -> None:
    analysed.go_to(1)
    assert analysed.insight is not None
    assert (analysed.insight.ply, analysed.insight.seat) == (1, 1)
    assert analysed.insight.candidates[0].ghost
    assert len(expected(analysed, 0)) == 4
    assert len(expected(analysed, 1)) == 3
    analysed.go_to(7)
    assert analysed.insight is None


def test_switched_off_nothing_of_it_is_shown(analysed: View) -> None:
    act("analyse", analysed, 0.0)
    analysed.go_to(2)
    assert (lost(analysed, 2), expected(analysed, 0), analysed.insight) == ("", [], None)
    assert status(analysed)[0] == "Looking at ply 2 of 7"
    act("analyse", analysed, 0.0)
    assert lost(analysed, 2) == "−1.00"


@pytest.mark.parametrize(("size", "palette"), product(SIZES, PALETTES))
def test_it_is_drawn_at_every_size(
    size: tuple[int, int], palette: str, analysed: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed.style = Style.named(palette, 1.0)
    analysed.go_to(2)
    written: list[str] = []
    write = ink.write

    def listening(target, text, *args, **more):
        written.append(text)
        return write(target, text, *args, **more)

    monkeypatch.setattr(ink, "write", listening)
    draw(pygame.Surface(size), analysed, 9.0)
    assert any(text.startswith("Mistake:") for text in written)
    layout = arrange(size, analysed)
    assert ("−1.00" in written) == bool(layout.moves.height)
    assert (summary(analysed) in written) == bool(layout.graph.height)


def test_who_cannot_go_over_a_game_says_so() -> None:
    record = Record("tic_tac_toe", ("ann", "bob"), 0, (), 0, (0.0, 0.0), (0.0, 1.0), "forfeit: resigned", 0)
    screen = TableScreen(Setup(record.game, record.agents, record=record), View("replay"))
    until(screen, lambda view: view.record is not None)
    act("analyse", screen.view, 0.0)
    until(screen, lambda view: view.toast != "")
    assert screen.view.toast == "No analysis: nobody chose a move in this game"
    screen.close()


def test_left_in_the_middle_no_process_stays() -> None:
    screen = TableScreen(Setup(GAME.game, GAME.agents, record=GAME), View("replay"))
    until(screen, lambda view: view.record is not None)
    act("analyse", screen.view, 0.0)
    screen.tick(time.monotonic())
    assert status(screen.view)[0].startswith("Going over the game")
    screen.close()
    assert not [child for child in multiprocessing.active_children() if "review" in child.name]


def test_of_several_that_moved_at_once_the_worst_is_told() -> None:
    view = View("replay", analysing=True)
    for seat, loss in ((0, 0.1), (1, 0.7)):
        view.apply(Judged(0, seat, "x", 0, "a", 1, "b", Insight(0, seat), 0.5, 0.5 - loss, loss, loss > 0.5), 0.0)
    judged = made(view, 1)
    assert judged is not None
    assert (judged.seat, lost(view, 1)) == (1, "−0.70")


def test_a_click_where_nothing_can_be_done_is_refused() -> None:
    view = View("play")
    view.apply(Hello(Setup("g", (HUMAN, "random")), "G", 2, ("A", "B"), (4.0, 4.0), None, (), (-1, 1), True), 0.0)
    shapes = (Rect(0, 0, 2, 4, "board", tag="left"), Rect(2, 0, 2, 4, "board", tag="right"))
    view.apply(Scene(0, (shapes,), (), (0,), (0.0, 0.0)), 0.0)
    layout = arrange(SIZES[2], view)
    heard = []
    for choices, x in ((True, 1.0), (True, 3.0), (False, 1.0)):
        if choices:
            view.apply(Asks(0, 0, (Choice(1, "one", ("right",)),)), 0.0)
        before = View(**vars(view))
        point = layout.board.to_window(x, 2.0)
        event = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(round(point[0]), round(point[1])), button=1)
        heard.append(refused(event, layout, before, view, handle(event, view, layout, 0.0)))
    assert heard == [True, False, False]
