"""The table in its own process: what it says, what it obeys, and that nothing of it stays behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from arena.live import Session
from arena.messages import (
    HUMAN,
    Asks,
    Back,
    Command,
    Ended,
    Failed,
    Ghost,
    Hello,
    Insight,
    Message,
    Remark,
    Scene,
    Setup,
)
from arena.record import Record

HERE = Path(__file__).parent
HEAP = str(HERE / "heap.py")
BOTS = str(HERE / "bots.py")
TWELVE = f"{HEAP}(stones=12)"


def bot(kind: str, seconds: float = 0.0) -> str:
    return f"{BOTS}(kind={kind}, seconds={seconds})"


class Heard:
    """A session, and all that was heard of it."""

    def __init__(self, session: Session) -> None:
        self.session, self.all = session, list[Message]()

    def until(self, wanted: Callable[[Message], bool], seconds: float = 20.0) -> Message:
        """The first message from now on that is `wanted`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in self.session.poll():
                self.all.append(message)
            seen = getattr(self, "_seen", 0)
            for i in range(seen, len(self.all)):
                if wanted(self.all[i]):
                    self._seen = i + 1
                    return self.all[i]
            self._seen = len(self.all)
            time.sleep(0.005)
        raise AssertionError(f"not said within {seconds} s; heard {[type(m).__name__ for m in self.all]}")

    def kind(self, wanted: type, seconds: float = 20.0) -> Message:
        return self.until(lambda message: isinstance(message, wanted), seconds)

    @property
    def scenes(self) -> list[Scene]:
        return [message for message in self.all if isinstance(message, Scene)]


@pytest.fixture
def sit() -> Iterator[Callable[..., Heard]]:
    """Opens tables, and holds that closing them leaves no process behind."""
    opened: list[Session] = []

    def start(
        *players: str, game: str = HEAP, patience: float = 3.0, patience_of_agents: float = 60.0, **more: object
    ) -> Heard:
        setup = Setup(game, players, **{"delay": 0.0, "patience": patience_of_agents, **more})  # type: ignore[arg-type]
        opened.append(Session(setup, patience))
        return Heard(opened[-1])

    yield start
    for session in opened:
        pid = session.pid
        session.close()
        assert _ends(pid)


def _alive(pid: int | None) -> bool:
    try:
        os.kill(pid or 0, 0)
    except OSError:
        return False
    return True


def _ends(pid: int | None) -> bool:
    """Whether a process is gone, or goes soon: a signal is sent, not obeyed, when `kill` returns."""
    late = time.monotonic() + 5.0
    while _alive(pid) and time.monotonic() < late:
        multiprocessing.active_children()  # buries the dead
        time.sleep(0.01)
    return not _alive(pid)


def test_plays_a_game_and_tells_it(sit: Callable[..., Heard]) -> None:
    heard = sit(bot("aloud", 0.25), "random", seed=4)
    record = heard.kind(Ended).record  # type: ignore[union-attr]
    assert isinstance(heard.all[0], Hello)
    assert [scene.ply for scene in heard.scenes] == list(range(len(record.plays) + 1))
    assert record.reason == "last stone"
    assert sorted(record.points) == [0.0, 1.0]
    assert sum(1 + play for play in record.plays) == 12
    thoughts = [message for message in heard.all if isinstance(message, Insight)]
    assert len(thoughts) >= 3  # several while one move is thought about
    assert thoughts[0].candidates[0].text.startswith("take")
    assert thoughts[0].line[0] == thoughts[0].candidates[0].text
    assert heard.scenes[1].insights
    assert record.values[0] == heard.scenes[1].values[0]


def test_same_seed_same_game_as_in_a_match(sit: Callable[..., Heard]) -> None:
    from agents.core.registry import make_agent
    from arena.match import Seating, play
    from games.core.registry import make_game

    record = sit("random", "random", seed=9, opening=2).kind(Ended).record  # type: ignore[union-attr]
    seating = Seating(("random", "random"), 9, 0, 2)
    (other,) = play(make_game(HEAP), {"random": make_agent("random")}, [seating])
    assert (record.plays, record.points, record.opening) == (other.plays, other.points, other.opening)


def test_pause_step_and_new_game_with_seats_swapped(sit: Callable[..., Heard]) -> None:
    heard = sit("random", bot("aloud"), paused=True)
    heard.kind(Scene)
    time.sleep(0.2)
    assert not any(isinstance(message, Scene) for message in heard.session.poll())
    for ply in (1, 2):
        heard.session.send(Command("step"))
        assert heard.kind(Scene).ply == ply  # type: ignore[union-attr]
    heard.session.send(Command("new"))
    hello = heard.kind(Hello)
    assert hello.setup.players == (bot("aloud"), "random")  # type: ignore[union-attr]
    heard.session.send(Command("pause", False))
    assert heard.kind(Ended).record.agents == (bot("aloud"), "random")  # type: ignore[union-attr]


def test_person_moves_takes_back_the_reply_too_and_resigns(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, bot("remembers"), human="you", game=TWELVE)
    asks = heard.kind(Asks)
    assert [choice.text for choice in asks.choices] == ["take 1", "take 2"]  # type: ignore[union-attr]
    heard.session.send(Command("ghost", 1, 0))
    heard.kind(Ghost)
    heard.session.send(Command("move", 1, 0))
    assert heard.kind(Asks).ply == 2  # type: ignore[union-attr]
    assert heard.scenes[-1].insights[0].note == "ended 0"
    assert len(heard.session.plays) == 2
    heard.session.send(Command("back"))
    assert heard.kind(Back).ply == 0  # type: ignore[union-attr]
    assert len(heard.session.plays) == 0  # it shrank by two
    heard.kind(Asks)
    heard.session.send(Command("move", 0, 0))
    heard.kind(Asks)
    assert heard.scenes[-1].insights[0].note == "ended 1"  # type: ignore[union-attr]
    heard.session.send(Command("move", 0, 0))  # for a position that is gone
    heard.session.send(Command("resign", 0))
    record = heard.kind(Ended).record  # type: ignore[union-attr]
    assert (record.agents[0], record.forfeit, record.points) == ("you", 0, (0.0, 1.0))
    assert len(record.plays) == 2


def test_hints_think_for_the_person(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, bot("aloud", 0.2), hints=True)
    heard.kind(Asks)
    hint = heard.kind(Insight)
    assert (hint.hint, hint.seat) == (True, 0)  # type: ignore[union-attr]
    heard.session.send(Command("move", 0, 0))
    assert heard.until(lambda m: isinstance(m, Asks) and m.ply == 2)


@pytest.mark.parametrize("opponent", [HUMAN, "random"])
def test_hints_come_where_no_opponent_thinks(sit: Callable[..., Heard], opponent: str) -> None:
    heard = sit(HUMAN, opponent, game="tic_tac_toe", hints=True)
    heard.kind(Asks)
    hint = heard.kind(Insight, 60.0)
    assert (hint.hint, len(hint.candidates)) == (True, 8)  # type: ignore[union-attr]
    heard.session.send(Command("move", 4, 0))
    heard.until(lambda m: isinstance(m, Asks) and m.ply == (1 if opponent == HUMAN else 2))


def test_where_nobody_can_give_hints_that_is_said(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, "random", game="pettingzoo:classic/tictactoe_v3", hints=True)
    heard.kind(Asks)
    assert "No hints: " in heard.kind(Remark).text  # type: ignore[union-attr]
    assert "cannot be copied" in heard.all[-1].text  # type: ignore[union-attr]
    heard.session.send(Command("move", 0, 0))
    assert heard.until(lambda m: isinstance(m, Asks) and m.ply == 2)


def test_real_time_runs_by_the_clock_and_heeds_keys(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, "random", game=f"{HEAP}(stones=30, tick=50.0)")
    heard.kind(Scene)
    begin = time.monotonic()
    heard.session.send(Command("held", {0: 1}))
    record: Record = heard.kind(Ended).record  # type: ignore[union-attr]
    assert 0.4 < time.monotonic() - begin < 3.0  # 30 plies at 50 a second
    assert len(record.plays) == 30
    assert sum(play[0] for play in record.plays) > 15  # type: ignore[index]


def test_a_thought_that_makes_no_sense_harms_nothing(sit: Callable[..., Heard]) -> None:
    heard = sit("random", bot("muddled"))
    assert heard.kind(Ended).record.forfeit is None  # type: ignore[union-attr]
    assert "in its thought" in heard.scenes[2].insights[0].note


def test_a_hint_that_dies_does_not_end_the_game(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, bot("dies"), hints=True)
    assert "No more hints" in heard.kind(Remark).text  # type: ignore[union-attr]
    heard.kind(Asks)
    heard.session.send(Command("move", 1, 0))
    assert heard.kind(Ended).record.forfeit == 1  # type: ignore[union-attr]


def test_a_person_may_think_longer_than_an_agent(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, "random", patience_of_agents=0.3)
    heard.kind(Asks)
    time.sleep(0.6)
    assert heard.session.poll() == []


def test_swapped_seats_go_on_with_the_game(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, "random", human="you", game=TWELVE)
    heard.kind(Asks)
    heard.session.send(Command("move", 1, 0))
    assert heard.kind(Asks).ply == 2  # type: ignore[union-attr]
    heard.session.send(Command("swap"))
    asks = heard.until(lambda m: isinstance(m, Asks) and m.ply > 2)
    assert (asks.ply, asks.seat) == (3, 1)  # type: ignore[union-attr]
    assert heard.session.setup.names == ("random", "you")


def test_a_draw_is_agreed_among_people_and_declined_by_who_is_winning(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, HUMAN)
    heard.kind(Asks)
    heard.session.send(Command("draw", 0))
    record = heard.kind(Ended).record  # type: ignore[union-attr]
    assert (record.points, record.reason, record.agents) == ((0.5, 0.5), "draw agreed", ("You", "Guest"))
    heard = sit(HUMAN, "random")
    heard.kind(Asks)
    heard.session.send(Command("draw", 0))
    assert "declined" in heard.kind(Remark).text  # type: ignore[union-attr]


def test_who_runs_out_of_time_loses(sit: Callable[..., Heard]) -> None:
    record = sit(HUMAN, "random", clock=(0.3, 0.0)).kind(Ended).record  # type: ignore[union-attr]
    assert (record.forfeit, record.reason) == (0, "forfeit: out of time")


def test_an_agent_that_runs_out_of_time_loses(sit: Callable[..., Heard]) -> None:
    record = sit("random", bot("dawdles"), clock=(0.3, 0.0)).kind(Ended).record  # type: ignore[union-attr]
    assert (record.forfeit, record.reason, len(record.plays)) == (1, "forfeit: out of time", 1)


def test_a_failing_game_is_reported_and_the_next_can_begin(sit: Callable[..., Heard]) -> None:
    heard = sit("random", "random", game=f"{HEAP}(fails=true)")
    assert "the stones rolled away" in heard.kind(Failed).text  # type: ignore[union-attr]
    heard.session.send(Command("new"))
    assert heard.kind(Hello)


def test_an_unknown_agent_is_one_line(sit: Callable[..., Heard]) -> None:
    assert "no agent is called 'nobody'" in sit("random", "nobody").kind(Failed).text  # type: ignore[union-attr]


def test_a_hanging_agent_does_not_hold_up_a_take_back(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, bot("hangs"), patience=1.5)
    heard.kind(Asks)
    heard.session.send(Command("move", 0, 0))
    heard.until(lambda m: isinstance(m, Scene) and m.ply == 1)
    hung = heard.session.pid
    heard.session.send(Command("back"))
    assert heard.until(lambda m: isinstance(m, Back) and m.ply == 0)
    assert heard.kind(Asks)
    assert _ends(hung)
    heard.session.send(Command("move", 0, 0))
    heard.until(lambda m: isinstance(m, Scene) and m.ply == 1)
    begin = time.monotonic()
    heard.session.close()  # while it hangs
    assert time.monotonic() - begin < 3.0


def test_a_table_that_is_replaced_while_it_is_laid_loses_no_move() -> None:
    session = Session(Setup(HEAP, (HUMAN, HUMAN), delay=0.0))
    try:
        heard = Heard(session)
        for ply, action in enumerate((1, 0, 1)):
            heard.until(lambda m, ply=ply: isinstance(m, Asks) and m.ply == ply)  # type: ignore[misc]
            session.send(Command("move", action, ply))
        heard.until(lambda m: isinstance(m, Asks) and m.ply == 3)
        session._replace([])
        session._note(replace(heard.all[0], setup=replace(session.setup, plays=(1, 0, 1))))  # type: ignore[type-var]
        session._note(heard.scenes[0])
        assert session.plays == [1, 0, 1]
    finally:
        session.close()


def test_a_hanging_hint_does_not_swallow_a_move(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, bot("hangs"), patience=1.5, hints=True)
    heard.kind(Asks)
    time.sleep(0.2)
    heard.session.send(Command("move", 1, 0))
    assert heard.until(lambda m: isinstance(m, Scene) and m.ply == 1 and m.play == 1)


def test_a_window_that_breaks_down_leaves_no_process(tmp_path: Path) -> None:
    """Not even one that ignores being asked to end, as those do in which SDL has run."""
    script = tmp_path / "broken.py"
    script.write_text(f"""
import time
from arena.live import Session
from arena.messages import Scene, Setup

if __name__ == "__main__":
    session = Session(Setup({HEAP!r}, ("random", {bot("deaf")!r}), delay=0.0))
    while not any(isinstance(message, Scene) and message.ply == 1 for message in session.poll()):
        time.sleep(0.01)
    time.sleep(0.5)
    print(session.pid)
    raise RuntimeError("the window is broken")
""")
    root = str(HERE.parents[1])
    run = subprocess.run([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": root}, capture_output=True,
                         text=True, timeout=60)  # fmt: skip
    assert "the window is broken" in run.stderr
    assert not _alive(int(run.stdout.split()[-1]))


def test_a_killed_table_is_reported(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, "random")
    heard.kind(Asks)
    os.kill(heard.session.pid or 0, signal.SIGKILL)
    assert "signal 9" in heard.kind(Failed).text  # type: ignore[union-attr]


def test_goes_on_from_plays(sit: Callable[..., Heard]) -> None:
    heard = sit(HUMAN, "random", plays=(1, 0, 1, 0))
    assert heard.kind(Asks).ply == 4  # type: ignore[union-attr]
    assert [scene.ply for scene in heard.scenes] == [0, 1, 2, 3, 4]
    assert heard.session.plays == [1, 0, 1, 0]


def test_replay_shows_every_ply(sit: Callable[..., Heard]) -> None:
    record = Record(
        HEAP, ("a", "b"), 1, (1,) * 6, 0, (-1.0, 1.0), (0.0, 1.0), "last stone", values=(0.5,) + (None,) * 5
    )
    heard = sit("a", "b", record=record)
    heard.kind(Ended)
    assert [scene.ply for scene in heard.scenes] == list(range(7))
    assert heard.scenes[1].values == (0.5, None)
