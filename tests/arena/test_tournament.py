"""Tournaments: equal whoever plays them, and whole however often they are killed."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from arena.schedule import Event, run
from arena.store import Store
from arena.tournament import hold, summary
from games.core.errors import ArenaError

AGENTS = ("random", "uct(simulations=20)", "alphabeta(depth=2)")


def event(games=6, agents=AGENTS, game="connect_four"):
    return Event.of("tournament", game, agents, games, seed=3)


def records(games):
    return {number: replace(record, seconds=()) for some in games for number, record in some}


def test_every_pair_plays_each_opening_from_both_seats():
    seatings = sorted(event().seatings(), key=lambda seating: seating.number)
    assert [seating.number for seating in seatings] == list(range(18))
    for first, second in event().pairs:
        met = [s for s in seatings if set(s.agents) == {first, second}]
        assert [s.agents for s in met] == [(first, second), (second, first)] * 3
        assert [s.seed for s in met[::2]] == [s.seed for s in met[1::2]]
    assert len({seating.seed for seating in seatings}) == 9


def test_one_worker_and_two_play_the_same_games():
    alone, together = records(run(event(), set(), 1)), records(run(event(), set(), 2))
    assert len(alone) == 18
    assert alone == together


def test_what_is_done_is_not_played_again():
    done = {0, 1, 2, 17}
    assert set(records(run(event(), done, 1))) == set(range(18)) - done
    assert list(run(event(), set(range(18)), 2)) == []


def test_more_games_continue_an_event():
    assert event(6).key == event(10).key
    short, long = records(run(event(2), set(), 1)), records(run(event(4), set(), 1))
    assert short.items() <= long.items()


def test_a_failing_agent_loses_and_the_tournament_goes_on(tmp_path):
    bot = tmp_path / "bot.py"
    bot.write_text(
        "from agents.core.agent import Agent\n"
        "class Bad(Agent):\n    def think(self, turn):\n        raise RuntimeError('no idea')\n"
        "def agent():\n    return Bad()\n"
    )
    broken = event(2, ("random", "alphabeta(depth=1)", str(bot)))
    with Store.open(tmp_path / "store.db") as store:
        board = hold(broken, store, 1, None)
        kept = store.records()
    assert len(kept) == 6
    reasons = [game.record.reason for game in kept if game.record.forfeit is not None]
    assert reasons == ["forfeit: RuntimeError: no idea"] * 4
    assert board.ratings.players[-1].name.startswith(f"{bot}@")


def test_summary_counts_by_agent_not_by_seat():
    match = Event.of("match", "tic_tac_toe", ("alphabeta(depth=9)", "random"), 8, seed=1)
    found = sorted((game for some in run(match, set(), 1) for game in some), key=lambda game: game[0])
    result = summary(match, [record for _, record in found], 1.0)
    assert result["wins"][0] + result["wins"][1] + result["draws"] == 8
    assert result["score"][0] > 0.8


def tournament(store, games, *more):
    words = ["tournament", "connect_four", *AGENTS, "--games", games, "--workers", 2, "--store", store, "--json", *more]
    return [sys.executable, "-m", "arena.cli", *map(str, words)]


@pytest.mark.parametrize(
    "instants", [(1.6, 2.4), pytest.param((1.0, 1.3, 1.6, 1.9, 2.2, 2.5, 2.8), marks=pytest.mark.slow)]
)
def test_killed_and_started_again_it_ends_as_if_nothing_had_been(tmp_path, instants):
    whole = json.loads(subprocess.run(tournament(tmp_path / "whole.db", 80), capture_output=True, check=True).stdout)
    store = tmp_path / "killed.db"
    for instant in instants:
        process = subprocess.Popen(tournament(store, 80), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(instant)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    finished = subprocess.run(tournament(store, 80), capture_output=True, check=True)
    assert json.loads(finished.stdout) == whole
    with Store.open(store) as kept:
        assert len(kept.records()) == 240


def test_an_edited_bot_is_another_player(tmp_path):
    bot = tmp_path / "bot.py"
    text = (
        "from agents.core.agent import Agent, Move\n"
        "class Bot(Agent):\n    def think(self, turn):\n        return Move(int(turn.actions[WHICH]))\n"
        "def agent():\n    return Bot()\n"
    )
    names = []
    with Store.open(tmp_path / "store.db") as store:
        for which in ("0", "-1"):
            bot.write_text(text.replace("WHICH", which))
            made = event(2, ("random", str(bot)))
            names.append(made.agents[1])
            hold(made, store, 1, None)
        assert len(store.records()) == 4
    assert names[0] != names[1]
    assert all(name.startswith(f"{bot}@") for name in names)
    with pytest.raises(ArenaError, match="not what it was"):
        event(2, ("random", names[0]))
