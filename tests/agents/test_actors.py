"""Processes that play for a learner end with it, and say why they end before it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from agents.core.actors import Actors
from games.core.errors import ArenaError

START = """
import sys
from agents.core.actors import Actors
from tests.agents.test_actors import idle

if __name__ == "__main__":
    actors = Actors(idle, 1)
    print(actors.processes[0].pid, flush=True)
    sys.stdin.read()
"""


def idle(index: int, stopped: Any) -> None:
    stopped.wait()


def broken(index: int, stopped: Any) -> None:
    raise ArenaError("games/000001-1.npz cannot be written: No space left on device")


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("after", [0.0, 5.0], ids=["while it starts", "while it plays"])
def test_an_actor_ends_with_a_learner_that_was_killed(after: float) -> None:
    command = [sys.executable, "-c", START]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as learner:
        assert learner.stdout is not None
        actor = int(learner.stdout.readline())
        time.sleep(after)
        assert alive(actor)
        learner.send_signal(signal.SIGKILL)
    until = time.monotonic() + 60
    while alive(actor) and time.monotonic() < until:
        time.sleep(0.1)
    if alive(actor):
        os.kill(actor, signal.SIGKILL)
        pytest.fail("it plays on for nobody")


def test_the_learner_says_why_an_actor_has_ended(capfd: pytest.CaptureFixture[str]) -> None:
    actors = Actors(broken, 1)
    try:
        actors.processes[0].join(60)
        with pytest.raises(ArenaError, match=r"has ended \(games/000001-1.npz cannot be written"):
            actors.check()
    finally:
        actors.close()
    assert "Traceback" not in capfd.readouterr().err
