"""The window of a training run, driven by events under SDL's dummy driver; the runs are files made up here."""

from __future__ import annotations

import multiprocessing
import os
import queue
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame
import pytest

from agents.core.run import Run
from arena.curves import Point
from arena.following import Follower, planned
from arena.messages import Failed
from arena.record import Record
from arena.store import Store
from arena.ui.screens.lobby import LobbyScreen
from arena.ui.screens.table import TableScreen
from arena.ui.screens.training import TrainingScreen
from arena.ui.training.charts import layout, point_text
from arena.ui.training.places import Places, arrange
from arena.watching import watch_run
from games.core.errors import ArenaError
from tests.arena.states import progress

HERE = Path(__file__).parent
SIZE = (1280, 800)


@pytest.fixture(autouse=True)
def _display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ARENA_HOME", str(tmp_path / "home"))
    pygame.display.init()
    yield
    pygame.display.quit()


def made(path: Path, agent: str = "alphazero", game: str = "tic_tac_toe") -> Run:
    """A run of no iteration yet."""
    return Run.create(path, {"agent": agent, "game": game, "plan": {"minutes": 10.0, "seed": 1}})


def learn(run: Run, iteration: int, **more: float) -> None:
    counted = {"games": 100 * iteration, "positions": 1000 * iteration, "core_hours": 0.1 * iteration}
    run.log(iteration=iteration, minutes=float(iteration), policy=1 / iteration, value=0.5, **counted, **more)


def checkpoint(run: Run, number: int) -> None:
    (run.path / "checkpoints" / f"{number:06d}").mkdir()


def screen(**more: Any) -> TrainingScreen:
    """A run that no process follows."""
    at = TrainingScreen("/runs/mine")
    at.state.hear(progress(**more))
    return at


def places(of: TrainingScreen, size: tuple[int, int] = SIZE) -> Places:
    of.draw(pygame.Surface(size), 1.0)
    return arrange(size, of.state)


def press(on: TrainingScreen, *keys: int) -> Any:
    return [on.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0), 1.0) for key in keys][-1]


def click(on: TrainingScreen, point: tuple[int, int]) -> Any:
    return on.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=point, button=1), 1.0)


def until(at: TrainingScreen, wanted: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end, (at.state.error, at.state.view.error)
        at.tick(time.monotonic())
        time.sleep(0.01)


# -- what is read ------------------------------------------------------------------------------------------------------


def test_a_run_is_told_as_it_grows(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    follower = Follower(str(run.path))
    assert follower.look() is None
    learn(run, 1)
    first = follower.look()
    assert first is not None
    assert (first.title, first.facts, first.share) == ("alphazero learns Tic-tac-toe", "1 of 10 minutes", 0.1)
    assert (first.player, first.beat, dict(first.figures)["games"]) == (None, 60.0, "100")
    assert [chart.title for chart in first.charts] == ["Losses", "Positions a second"]
    assert follower.look() is None
    learn(run, 2)
    run.log(iteration=2, mistakes=0.1, mistakes_network=0.2)
    run.log(iteration=2, elo_low=300.0)
    checkpoint(run, 2)
    second = follower.look()
    assert second is not None
    charts = {chart.title: chart.curves for chart in second.charts}
    assert charts["Losses"]["policy"] == (Point(1.0, 1.0), Point(2.0, 0.5))
    assert charts["Mistakes"] == {"16 simulations": (Point(2.0, 0.1),), "network alone": (Point(2.0, 0.2),)}
    assert charts["Elo of the checkpoints"] == {"checkpoints": (Point(2.0, 300.0, 300.0, None),)}
    assert second.player is not None
    assert "checkpoints/000002" in second.player
    assert charts["Positions a second"]["self-play and learning"][-1] == Point(2.0, 1000 / 60)


def test_the_ladder_is_fitted_anew(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    learn(run, 1)
    run.log(iteration=1, elo=1.0, elo_low=0.0, elo_high=2.0)
    with Store.open(run.path / "ladder.db") as store:
        event = store.event("e", "ladder", "tic_tac_toe", {})
        for number in range(40):
            won = number % 4 > 0
            points = (1.0, 0.0) if won else (0.0, 1.0)
            returns = (1.0, -1.0) if won else (-1.0, 1.0)
            names = ("alphazero/000001", "random")
            store.add(event, number, Record("tic_tac_toe", names, 1, (0,), 0, returns, points, "so"))
    told = Follower(str(run.path)).look()
    assert told is not None
    chart = told.charts[0]
    (point,) = chart.curves["checkpoints"]
    assert 150 < point.y < 240
    assert point.low is not None
    assert point.high is not None
    assert chart.references == {"random": 0.0}


@pytest.mark.parametrize(
    ("plan", "share", "words"),
    [
        ({"minutes": 60.0}, 0.5, "30 of 60 minutes"),
        ({"minutes": 20.0}, 1.0, "20 of 20 minutes"),
        ({"steps": 12, "minutes": 60.0}, 0.25, "3 of 12 iterations"),
        ({}, 0.0, "30 minutes"),
    ],
)
def test_plans(plan: dict[str, float], share: float, words: str) -> None:
    assert planned(plan, {"minutes": 30.0, "iteration": 3}) == (share, words)


def test_cut_off_and_strange_lines_do_no_harm(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    learn(run, 1)
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"iteration": 7, "mistakes": 0.1}\n{"iterat')
    told = Follower(str(run.path)).look()
    assert told is not None
    assert "Mistakes" not in [chart.title for chart in told.charts]


# -- what is done ------------------------------------------------------------------------------------------------------


def test_a_click_enlarges_a_chart_and_another_goes_back() -> None:
    at = screen()
    box = places(at).charts["Losses"]
    click(at, box.center)
    assert at.state.chosen == "Losses"
    assert list(places(at).charts) == ["Losses"]
    click(at, places(at).field.center)
    assert at.state.chosen is None
    at.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=box.center), 1.0)
    assert places(at).at(at.state.hover) == "Losses"


def test_keys() -> None:
    at = screen()
    press(at, pygame.K_RIGHT)
    assert at.state.chosen == "Elo of the checkpoints"
    press(at, pygame.K_SPACE, pygame.K_LEFT, pygame.K_LEFT)
    assert at.state.chosen == "Positions a second"
    press(at, pygame.K_t)
    assert at.style.palette.name == "dark"
    press(at, pygame.K_ESCAPE)
    assert (at.state.chosen, at.open) == (None, True)
    press(at, pygame.K_q)
    assert not at.open


def test_the_board_leads_to_a_table_of_its_own() -> None:
    at = screen()
    assert press(at, pygame.K_RETURN) is None  # there is no checkpoint
    at = screen(player="alphazero(simulations=16)", checkpoint=3)
    for table in (press(at, pygame.K_RETURN), click(at, places(at).board.center)):
        assert isinstance(table, TableScreen)
        assert table.setup.players == ("alphazero(simulations=16)",) * 2


def test_charts_that_do_not_fit_are_scrolled_to() -> None:
    at = screen()
    shown = places(at, (640, 480)).charts
    assert 0 < len(shown) < 4
    for _ in range(9):
        at.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=-1, x=0), 1.0)
    assert "Positions a second" in places(at, (640, 480)).charts


def test_the_mouse_reads_a_curve() -> None:
    at = screen()
    chart, box = at.state.charts[2], places(at).charts["Losses"]
    plot = layout(chart, box, places(at).look)
    curve = chart.curves["policy"]
    assert plot.nearest(curve, None) is curve[-1]
    assert plot.nearest(curve, plot.across(4.2)) is curve[3]
    assert point_text(Point(1.0, 300.0, 250.0, 350.0), "Elo") == "300 ± 50"
    assert point_text(Point(1.0, 300.0, 300.0), "Elo") == "> 300"
    assert point_text(Point(1.0, -300.0, None, -300.0), "Elo") == "< −300"


def test_a_run_that_writes_nothing_is_at_rest() -> None:
    at = screen(written=1000.0, beat=10.0)
    assert not at.state.rest(1100.0)
    assert at.state.rest(1200.0)
    assert at.state.resting


# -- with processes ----------------------------------------------------------------------------------------------------


def test_a_run_is_followed_while_it_goes_on(tmp_path: Path) -> None:
    run = made(tmp_path / "run", agent="random")
    learn(run, 1)
    at = TrainingScreen(str(run.path))
    until(at, lambda: at.state.progress is not None)
    at._seat()
    assert at._session is None  # nobody can play yet
    learn(run, 2)
    until(at, lambda: at.state.progress is not None and at.state.progress.facts.startswith("2 of"))
    at.close()
    assert not multiprocessing.active_children()


def test_the_latest_checkpoint_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arena.ui.screens.training.DELAY", 0.0)
    monkeypatch.setattr("arena.ui.screens.training.PAUSE", 0.1)
    heap = str(HERE / "heap.py")
    at = screen(player="random", checkpoint=3, game=heap)
    at._follower = StillWorker()  # type: ignore[assignment]
    until(at, lambda: at.state.view.record is not None)
    assert (at.state.playing, at.state.error) == (3, "")
    at.draw(pygame.Surface(SIZE), time.monotonic())
    at.state.hear(progress(player="random", checkpoint=5, game=heap))
    until(at, lambda: at.state.playing == 5 and len(at.state.view.scenes) > 1)
    at.close()
    assert not multiprocessing.active_children()


def test_who_cannot_play_does_not_stop_the_curves() -> None:
    at = screen(player="nobody(weights=x)", checkpoint=3)
    at._follower = StillWorker()  # type: ignore[assignment]
    until(at, lambda: bool(at.state.view.error))
    at.draw(pygame.Surface(SIZE), time.monotonic())
    assert "nobody" in at.state.view.error
    assert not at.state.error
    at.close()


class StillWorker:
    """A follower that says nothing."""

    def __init__(self) -> None:
        self.said: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def stop(self, grace: float) -> None:
        pass


def test_a_follower_that_fails_is_told(tmp_path: Path) -> None:
    run = made(tmp_path / "run", game="no_such_game")
    at = TrainingScreen(str(run.path))
    until(at, lambda: bool(at.state.error))
    assert "no_such_game" in at.state.error
    at.draw(pygame.Surface(SIZE), 1.0)
    at.close()
    at.state.hear(Failed("gone"))
    assert at.state.error == "gone"


def test_what_is_no_run_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="holds no run"):
        watch_run(str(tmp_path), TrainingScreen("").style)


def test_the_lobby_lists_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from arena.shelf import Shelf

    monkeypatch.chdir(tmp_path)
    made(tmp_path / "runs" / "mine")
    made(tmp_path / "home" / "runs" / "other")
    with Store.open(None) as store:
        lobby = LobbyScreen(Shelf(store, None), {"game": "connect_four"})
        lobby.draw(pygame.Surface(SIZE), 0.0)
        lobby.act(("files",), 0.0)
        assert {text for text, _, _ in lobby.lobby.rows} == {"mine", "other"}
        assert lobby.lobby.rows[0][1].startswith("training run")
        followed = lobby.act(("row", 0), 0.0)
        assert isinstance(followed, TrainingScreen)
        dropped = lobby.handle(pygame.event.Event(pygame.DROPFILE, file=str(tmp_path / "runs" / "mine")), 0.0)
        assert isinstance(dropped, TrainingScreen)
        assert lobby.handle(pygame.event.Event(pygame.DROPFILE, file=str(tmp_path)), 0.0) is None
        assert "holds no run" in lobby.lobby.remark


def test_the_window_loads_no_torch() -> None:
    code = "import arena.ui.screens.training, sys; sys.exit('torch' in sys.modules or 'numba' in sys.modules)"
    root = str(HERE.parents[1])
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": root}).returncode == 0


def test_a_run_is_never_written_to(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    learn(run, 1)
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    Follower(str(run.path)).look()
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before
