"""A tournament that is watched: told as it goes on, left at any moment, and whole afterwards."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from arena.hall import Boards, Hall, Opened, Over, Standings, serve
from arena.messages import Failed
from arena.schedule import Event, run
from arena.store import Store
from arena.worker import Worker

HERE = Path(__file__).parent
AGENTS = ("random", "uct(simulations=10)", "alphabeta(depth=1)")


def event(games: int = 4, agents: tuple[str, ...] = AGENTS, game: str = "tic_tac_toe") -> Event:
    return Event.of("tournament", game, agents, games, seed=3)


def heard(worker: Worker, until: type, seconds: float = 60.0) -> list[Any]:
    """What a hall says, up to the first word of a kind."""
    words, end = [], time.monotonic() + seconds
    while not words or not isinstance(words[-1], until):
        assert time.monotonic() < end, words
        if worker.said.empty():
            time.sleep(0.01)
        else:
            words.append(worker.said.get_nowait())
            assert words[-1] is not None, "it ended"
    return words


def test_boards_are_seen_and_change_no_game() -> None:
    shown: list[Any] = []
    watched = [game for some in run(event(), set(), 1, lambda worker, boards: shown.append(boards)) for game in some]
    unseen = [game for some in run(event(), set(), 1) for game in some]
    assert [(n, r.plays) for n, r in sorted(watched)] == [(n, r.plays) for n, r in sorted(unseen)]
    last = shown[-1]
    assert all(not board.acting and board.reason and sum(board.points) == 1.0 for board in last)
    assert all(board.shapes for board in last)


def test_a_hall_tells_how_it_stands() -> None:
    words: list[Any] = []
    with Store.open("sqlite://") as store:
        Hall(event(), words.append).hold(store, 1)
        assert len(store.records()) == 12
    assert isinstance(words[0], Opened)
    assert (words[0].title, words[0].total, words[0].stored) == ("Tic-tac-toe", 12, 0)
    assert isinstance(words[-1], Over)
    standings = [word for word in words if isinstance(word, Standings)]
    assert (standings[0].played, standings[0].players) == (0, ())
    assert standings[-1].played == 12
    assert {player.name for player in standings[-1].players} == set(AGENTS)
    pairs = standings[-1].pairs
    assert pairs is not None
    assert all(games == 4 and points + pairs[b, a][0] == 4 for (a, b), (points, games) in pairs.items())
    assert any(isinstance(word, Boards) and word.tables for word in words)


def test_left_in_the_midst_it_goes_on_where_it_was(tmp_path: Path) -> None:
    store = str(tmp_path / "arena.db")
    worker = Worker.start(serve, event(400), store, 2, name="hall", alone=False)
    words = heard(worker, Boards)
    words += heard(worker, Standings)
    worker.tell("leave")
    worker.stop(5.0)
    assert not worker.process.is_alive()
    assert worker.process.exitcode == 0
    with Store.open(store, create=False) as kept:
        stored = len(kept.records())
    assert 0 < stored < 1200
    worker = Worker.start(serve, event(400), store, 1, name="hall", alone=False)
    words = heard(worker, Opened)
    worker.stop(0.0)
    assert words[-1].stored == stored


def test_a_hall_that_cannot_go_on_says_why(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_text("no database")
    worker = Worker.start(serve, event(), str(tmp_path / "other.db"), 1, name="hall", alone=False)
    words = heard(worker, Failed)
    worker.stop(0.0)
    assert "corrupt" in words[-1].text
