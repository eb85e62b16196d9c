"""What a table tells beside the moves: thoughts and what they imagine, lines of play, true values, clocks, branches."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pygame
import pytest

from agents.core.agent import Imagined, Thought
from arena.course import Course
from arena.exchange import export_game, read_game
from arena.glimpse import Glimpse
from arena.match import Seating
from arena.messages import HUMAN, Command, Insight, Setup
from arena.oracle import truths
from arena.record import Record
from arena.shelf import Shelf
from arena.store import BRANCH, Store
from arena.ui import ink
from arena.ui.keys import act
from arena.ui.layout import arrange, line_of_play
from arena.ui.marks import PACE, ahead
from arena.ui.panels import clock_of
from arena.ui.screens.table import TableScreen
from arena.ui.view import View
from arena.unfinished import pick_up
from games.core.errors import ArenaError
from games.core.registry import make_game

SIZE = (1280, 800)
SIZES = [(640, 480), (800, 600), SIZE, (1080, 1920), (2560, 1600)]
BOTS = str(Path(__file__).parent / "bots.py")
DREAMER = f"{BOTS}(kind=dreams, seconds=0.3)"
WON = (0, 3, 1, 4, 2)  # tic-tac-toe: three in the top row

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def sit() -> Iterator[Callable[..., TableScreen]]:
    """Opens tables, and holds that leaving them leaves no process behind."""
    opened: list[TableScreen] = []

    def start(game: str, *players: str, mode: str = "watch", hints: bool = True, **more: object) -> TableScreen:
        setup = Setup(game, players, **{"delay": 0.0, **more})  # type: ignore[arg-type]
        opened.append(TableScreen(setup, View(mode, hints=hints)))  # type: ignore[arg-type]
        opened[-1].draw(pygame.Surface(SIZE), 0.0)
        return opened[-1]

    yield start
    for each in opened:
        each.close()
    assert not multiprocessing.active_children()


def until(screen: TableScreen, wanted: Callable[[View], bool], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not wanted(screen.view):
        assert time.monotonic() < end, (screen.view.error, screen.view.toast, len(screen.view.scenes))
        screen.tick(time.monotonic())
        time.sleep(0.005)


def point_at(screen: TableScreen, point: tuple[int, int]) -> None:
    screen.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=point), time.monotonic())


# -- what is imagined --------------------------------------------------------------------------------------------------


def insight_of(game: str, imagined: tuple[Imagined, ...], plays: tuple[int, ...] = (), seat: int = 0) -> Insight:
    made = make_game(game)
    course = Course(made, Seating(("a", "b"), 0))
    for play in plays:
        course.make(course.joint(play))
    return Glimpse(made, []).insight(course, seat, Thought(pv=(0,), imagined=imagined))


def test_what_is_imagined_is_told_in_words_and_planes() -> None:
    board, policy = np.zeros((2, 3, 3), np.float32), np.linspace(0, 0.2, 9, dtype=np.float32)
    board[1, 0, 0] = 0.5
    worth = np.array([0.25, -0.25], np.float32)
    steps = (
        Imagined(value=worth, policy=policy),
        Imagined(4, worth, worth, policy, board),
        Imagined(4, worth, worth, policy),
    )
    now, then, strange = insight_of("tic_tac_toe", steps, (0,), 1).dreams
    assert (now.text, now.value, now.reward, now.planes, now.seat) == ("", -0.25, None, None, 1)
    assert now.policy[0] == ("c1", pytest.approx(0.2))
    assert (then.text, then.value, then.reward, then.seat) == ("b2", -0.25, -0.25, 0)
    assert (then.planes.dtype, then.planes.shape, then.planes[1, 0, 0]) == (np.uint8, (2, 3, 3), 127)
    assert (strange.text, strange.seat, strange.policy[0][0]) == ("#4", 1, "#8")  # the rules say no, the model does not


def test_what_is_no_board_is_not_drawn_as_one() -> None:
    flat, lost = Imagined(board=np.zeros(9, np.float32)), Imagined(board=np.full((2, 3, 3), np.nan, np.float32))
    assert [dream.planes for dream in insight_of("tic_tac_toe", (flat, lost)).dreams] == [None, None]
    tiles = np.zeros((16, 4, 4), np.float32)
    tiles[0], tiles[:, 0, 0], tiles[15, 0, 0] = 1, 0, 1
    (solo,) = insight_of("game_2048", (Imagined(board=tiles),)).dreams
    assert (solo.planes.shape, solo.planes[0, 0, 0], solo.planes[0, 3, 3]) == ((1, 4, 4), 255, 0)


def test_imagination_stands_beside_the_board(sit: Callable[..., TableScreen], monkeypatch: pytest.MonkeyPatch) -> None:
    screen = sit("connect_four", DREAMER, DREAMER)
    until(screen, lambda view: view.insight is not None and len(view.scenes) > 3 and len(view.insight.dreams) > 4)
    view, written = screen.view, list[str]()
    write = ink.write
    monkeypatch.setattr(ink, "write", lambda target, text, *more, **named: (
        written.append(text), write(target, text, *more, **named))[1])  # fmt: skip
    for size in SIZES:
        layout = arrange(size, view)
        assert layout.table.contains(layout.dreams)
        assert layout.dreams.width > 0
        assert not layout.dreams.colliderect(layout.board.rect)
        assert not layout.dreams.colliderect(layout.header)
        assert min(layout.board.rect.size) > 0.2 * min(size)
        written.clear()
        screen.draw(pygame.Surface(size), time.monotonic())
        assert {"now", "value", "+0.10"} <= set(written)
    act("imagination", view, 0.0)
    assert arrange(SIZE, view).dreams.size == (0, 0)
    act("imagination", view, 0.0)
    view.mode, view.hints = "play", False
    assert not view.dreaming  # what an opponent imagines is no more for its eyes than what it considers


def test_who_imagines_nothing_takes_no_room(sit: Callable[..., TableScreen]) -> None:
    screen = sit("connect_four", "random", "random")
    until(screen, lambda view: len(view.scenes) > 3)
    assert arrange(SIZE, screen.view).dreams.size == (0, 0)
    assert not act("imagination", screen.view, 0.0)


# -- lines of play -----------------------------------------------------------------------------------------------------


def test_the_line_of_play_is_played_out_under_the_mouse(sit: Callable[..., TableScreen]) -> None:
    screen = sit("connect_four", f"{BOTS}(kind=aloud, seconds=30.0)", "random", opening=4)
    until(screen, lambda view: view.thinking is not None and len(view.thinking.line) > 3)
    view = screen.view
    place = line_of_play(arrange(SIZE, view), view)
    point_at(screen, place.center)
    until(screen, lambda view: view.played_out is not None)
    line, insight = view.played_out, view.insight
    assert line is not None
    assert insight is not None
    assert line.ply == 4
    assert len(line.boards) == len(line.actions)
    discs = [sum(shape.color.startswith("seat") for shape in board[0]) for board in line.boards]
    assert discs == [5 + i for i in range(len(discs))]  # a stone more each
    view.thinking, begun = insight, view.line
    assert begun is not None
    if insight.actions == line.actions:
        assert [ahead(view, begun + PACE * ply) for ply in (0.5, 1.5, 99.0)] == [0, 1, len(discs) - 1]
    screen.draw(pygame.Surface(SIZE), begun + 1.2)
    point_at(screen, (2, 2))
    assert (view.line, ahead(view, begun)) == (None, None)


def test_lines_of_what_is_hidden_are_not_played_out() -> None:
    glimpse = Glimpse(make_game("leduc_poker"), [])
    assert glimpse.played_out(0, (), (1, 1)).boards == ()
    assert Glimpse(make_game("tic_tac_toe"), []).played_out(0, (0,), (0,)).boards == ()  # it cannot be played


# -- true values -------------------------------------------------------------------------------------------------------


def test_true_values_are_looked_up_in_a_process_of_its_own(sit: Callable[..., TableScreen]) -> None:
    record = Record("tic_tac_toe", ("a", "b"), 1, WON, 0, (1.0, -1.0), (1.0, 0.0), "three in a row")
    screen = sit("tic_tac_toe", "a", "b", mode="replay", record=record)
    until(screen, lambda view: len(view.scenes) == 6)
    screen.view.go_to(4)
    act("solver", screen.view, 0.0)
    until(screen, lambda view: 4 in view.truths)
    worth = {choice.action: worth for choice, worth in screen.view.truths[4].moves}
    assert worth[2] == 1  # wins at once
    assert worth[5] <= 0
    for size in SIZES:
        screen.draw(pygame.Surface(size), time.monotonic())
    screen.view.go_to(0)
    until(screen, lambda view: 0 in view.truths)
    assert {worth for _, worth in screen.view.truths[0].moves} == {0}  # a draw, whatever one does


def test_what_nobody_knows_is_said(sit: Callable[..., TableScreen]) -> None:
    screen = sit("othello", "random", "random", delay=5.0)
    until(screen, lambda view: bool(view.scenes))
    assert screen.view.hello is not None
    act("solver", screen.view, 0.0)
    until(screen, lambda view: "near the end" in view.toast)
    with pytest.raises(ArenaError, match="nobody knows"):
        truths(make_game("go"), 0, ())


def test_true_values_agree_with_those_of_the_replies() -> None:
    game, dice = make_game("othello"), np.random.default_rng(5)
    for seed in range(3):
        course = Course(game, Seating(("a", "b"), seed))
        while course.acting and course.ply < 55:
            course.make(course.joint(int(dice.choice(np.flatnonzero(course.legal(course.acting[0]))))))
        for choice, worth in truths(game, seed, course.plays).moves if course.acting else ():
            replies = [value for _, value in truths(game, seed, [*course.plays, choice.action]).moves]
            assert not replies or worth == -max(replies)


# -- clocks, branches, draws -------------------------------------------------------------------------------------------


def test_clocks_run_for_who_is_to_move(sit: Callable[..., TableScreen]) -> None:
    screen = sit("tic_tac_toe", HUMAN, "random", mode="play", clock=(60.0, 5.0))
    until(screen, lambda view: view.asks is not None)
    view = screen.view
    assert [clock_of(view, seat, view.since + 1.0) for seat in range(2)] == ["0:59", "1:00"]
    assert clock_of(view, 0, view.since + 45.0) == "15.0"
    assert clock_of(view, 0, view.since + 99.0) == "0.0"
    for command in view.choose(view.choices[0]):
        screen._session.send(command)  # type: ignore[union-attr]
    until(screen, lambda view: view.asks is not None and len(view.scenes) == 3)
    assert clock_of(view, 0, view.since) in ("1:04", "1:05")  # five more for the move


@pytest.mark.parametrize(
    ("agents", "players"),
    [
        (("random", "uct(simulations=10)"), ("random", HUMAN)),
        (("somebody", "uct(simulations=10)"), (HUMAN, "uct(simulations=10)")),
        (("somebody", "another"), (HUMAN, HUMAN)),
    ],
)
def test_a_replay_is_played_on_from_any_ply(
    sit: Callable[..., TableScreen], agents: tuple[str, ...], players: tuple[str, ...]
) -> None:
    record = Record("tic_tac_toe", agents, 1, WON, 0, (1.0, -1.0), (1.0, 0.0), "three in a row")
    screen = sit("tic_tac_toe", *agents, mode="replay", record=record)
    until(screen, lambda view: len(view.scenes) == 6)
    press = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_p, mod=0)
    screen.view.go_to(5)
    assert screen.handle(press, 0.0) is None
    assert "over there" in screen.view.toast
    screen.view.go_to(3)  # the second seat is to move
    branch = screen.handle(press, 0.0)
    assert isinstance(branch, TableScreen)
    assert (branch.setup.players, branch.setup.plays) == (players, WON[:3])
    if players == ("random", HUMAN):
        until(branch, lambda view: view.asks is not None and len(view.scenes) == 4)
        (move,) = branch.view.choose(branch.view.choices[0])
        branch._session.send(move)  # type: ignore[union-attr]
        until(branch, lambda view: len(view.scenes) == 6 or view.record is not None)
    branch.close()
    screen.view.branching = False


def test_a_game_played_on_is_stored_and_not_rated(sit: Callable[..., TableScreen], tmp_path: Path) -> None:
    with Store.open(tmp_path / "arena.db") as store:
        shelf = Shelf(store, None)
        plays = (0, 3, 1, 4, 8, 5)
        record = Record("tic_tac_toe", ("random", "uct(simulations=10)"), 1, plays, 0, (-1.0, 1.0), (0.0, 1.0), "won")
        screen = sit("tic_tac_toe", *record.agents, mode="replay", record=record)
        screen._on_branch = shelf.keeper(BRANCH)
        until(screen, lambda view: len(view.scenes) == 7)
        screen.view.go_to(4)
        branch = screen.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_p, mod=0), 0.0)
        assert isinstance(branch, TableScreen)
        branch.setup = replace(branch.setup, human="You")
        until(branch, lambda view: view.asks is not None and len(view.scenes) == 5)
        (win,) = [choice for choice in branch.view.choices if choice.action == 2]  # three in a row
        for command in branch.view.choose(win):
            branch._session.send(command)  # type: ignore[union-attr]
        until(branch, lambda view: view.record is not None)
        branch.close()
        (stored,) = store.records()
        assert (stored.record.plays, stored.record.agents) == ((0, 3, 1, 4, 2), ("You", "uct(simulations=10)"))
        assert stored.record.points == (1.0, 0.0)
        assert store.results("tic_tac_toe") == []
        assert shelf.stored(9)[0][2] == stored.record
        assert pick_up() is None


def test_a_finished_game_is_written_to_a_file(
    sit: Callable[..., TableScreen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    record = Record("tic_tac_toe", ("a", "b"), 1, WON, 0, (1.0, -1.0), (1.0, 0.0), "three in a row")
    screen = sit("tic_tac_toe", "a", "b", mode="replay", record=record)
    until(screen, lambda view: view.record is not None)
    for number in (1, 2):
        act("export", screen.view, 0.0)
        until(screen, lambda view, name=f"Written to tic_tac_toe-{number}.json": view.toast == name)  # type: ignore[misc]
        assert read_game(tmp_path / f"tic_tac_toe-{number}.json").plays == WON
        until(screen, lambda view: screen._exporter._worker is None)
    assert export_game(replace(record, game="othello", plays=(19, 18)), tmp_path).name == "othello-1.sgf"
    assert export_game(replace(record, game="openspiel:chess", plays=()), tmp_path).suffix == ".pgn"


@pytest.mark.parametrize(("opponent", "said"), [(HUMAN, "draw agreed"), ("random", "declined")])
def test_draws_are_offered(sit: Callable[..., TableScreen], opponent: str, said: str) -> None:
    screen = sit("tic_tac_toe", HUMAN, opponent, mode="play")
    until(screen, lambda view: view.asks is not None)
    press = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_d, mod=0)
    screen.handle(press, time.monotonic())
    if opponent == HUMAN:
        assert "Once more" in screen.view.toast  # the other one has a say
        screen.handle(press, time.monotonic())
        until(screen, lambda view: view.record is not None)
        assert screen.view.record is not None
        assert screen.view.record.points == (0.5, 0.5)
    else:
        until(screen, lambda view: said in view.toast)


def test_sides_are_swapped(sit: Callable[..., TableScreen]) -> None:
    screen = sit("tic_tac_toe", HUMAN, "random", mode="play")
    until(screen, lambda view: view.asks is not None)
    screen.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_x, mod=0), time.monotonic())
    until(screen, lambda view: view.people == (1,) and view.asks is not None)
    assert (len(screen.view.scenes), screen.view.asks.seat) == (2, 1)  # type: ignore[union-attr]


def test_the_table_obeys_while_an_agent_thinks(sit: Callable[..., TableScreen]) -> None:
    screen = sit("tic_tac_toe", f"{BOTS}(kind=aloud, seconds=30.0)", "random")
    until(screen, lambda view: view.thinking is not None)
    assert screen._session is not None
    screen._session.send(Command("line", (0, 1), 0))
    until(screen, lambda view: view.played_out is not None and view.played_out.actions == (0, 1), 5.0)
