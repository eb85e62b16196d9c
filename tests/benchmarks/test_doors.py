"""Steps of the learner a second, all rows as one batch, against Gymnasium's SyncVectorEnv of the single environment:
`pytest tests/benchmarks/test_doors.py --benchmark-only`."""

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest

import arena.doors  # registers the games
from agents.core.agent import Agent, Move, Turn

ROWS, STEPS, THEIRS, ROUNDS = 256, 20, 2, 15
assert arena.doors


def player(envs: Any, steps: int) -> Callable[[], None]:
    """Plays on at random, episode after episode."""
    draw, latest = np.random.default_rng(0), envs.reset(seed=0)[1]

    def play() -> None:
        nonlocal latest
        for _ in range(steps):
            mask = latest["action_mask"]
            latest = envs.step(np.argmax(draw.random(mask.shape) * mask, axis=1))[-1]

    return play


class Lowest(Agent):
    """Costs nothing but the asking."""

    def think(self, turn: Turn) -> Move:
        return Move(int(turn.legal.argmax()))


@pytest.mark.parametrize(
    ("name", "opponent", "least"),
    [
        ("connect_four", "random", 20),
        ("pong_duel", "random", 20),
        ("leduc_poker", "random", 20),
        ("game_2048", None, 20),
        ("connect_four", Lowest(), 4),
    ],
    ids=["connect_four", "pong_duel", "leduc_poker", "game_2048", "connect_four, agent"],
)
def test_steps_of_a_batch(race: Callable[..., float], name: str, opponent: str | Agent | None, least: float) -> None:
    """Random opponents are drawn with the batch; agents are asked in a batch, a turn each, which takes most of the
    time."""
    ours = gymnasium.make_vec(f"arena/{name}-v0", num_envs=ROWS, opponent=opponent)
    theirs = gymnasium.make_vec(f"arena/{name}-v0", num_envs=ROWS, opponent=opponent, vectorization_mode="sync")
    assert race(player(ours, STEPS), player(theirs, THEIRS), ROWS * STEPS, ROWS * THEIRS, ROUNDS) >= least
