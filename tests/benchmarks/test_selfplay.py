"""Self-play of Connect Four at 32 simulations with a 4x64 network: positions a second, against one game at a time as in
alpha-zero-general, and against mctx; `pytest tests/benchmarks --benchmark-only`. All are given the same network."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
import torch

from agents.core.backends import Crowd, Eager
from agents.core.networks import Tower, make_network
from agents.core.selfplay import Endgame, SelfPlay
from games.core.registry import make_game
from search.gumbel import Gumbel
from tests.benchmarks.peers import OneByOne, mctx_self_play

GAMES, SIMULATIONS, ROUNDS = 256, 32, 6
GAME = make_game("connect_four")
Race = Callable[..., float]


class Timed:
    """A network that keeps account of its time."""

    def __init__(self, network: Any) -> None:
        self.network, self.seconds = network, 0.0

    def __call__(self, observations: Any) -> Any:
        begin = time.perf_counter()
        answer = self.network(observations)
        self.seconds += time.perf_counter() - begin
        return answer


@pytest.fixture(scope="module")
def network() -> Any:
    torch.manual_seed(0)
    return make_network(GAME, Tower(4, 64)).eval()


class Plies:
    """Self-play that goes on ply by ply, without endgames solved, which the others do not do either."""

    def __init__(self, network: Any) -> None:
        self.timed = Timed(Crowd(network))
        policy = Gumbel(rescale=False, c_scale=0.5)
        self.player = SelfPlay(GAME, self.timed, policy, GAMES, (0.8, 12), Endgame(0, 0, 1.0), 0)
        self.player.play(SIMULATIONS, 1)  # until the first games end: from then on they are of all lengths

    def __call__(self) -> int:
        self.player.evaluator.forget()
        before = self.player.plies
        self.player.play(SIMULATIONS, GAMES)
        return (self.player.plies - before) * GAMES


def rate(run: Callable[[], int]) -> float:
    """Positions a second."""
    begin = time.perf_counter()
    return run() / (time.perf_counter() - begin)


def faster(benchmark: Any, ours: Callable[[], int], theirs: Callable[[], int]) -> float:
    """The median of the ratios of rounds that alternate."""
    theirs()
    pairs = [(rate(theirs), rate(ours)) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / other for other, mine in pairs)
    benchmark.pedantic(ours, rounds=1)
    benchmark.extra_info["ratio"] = round(ratio, 2)
    benchmark.extra_info["ours_per_second"] = round(statistics.median(mine for _, mine in pairs))
    benchmark.extra_info["theirs_per_second"] = round(statistics.median(other for other, _ in pairs), 1)
    return ratio


def test_against_one_game_at_a_time(benchmark: Any, network: Any) -> None:
    """8 times the positions a second, or more."""
    assert faster(benchmark, Plies(network), OneByOne(Eager(network, 1), SIMULATIONS).game) >= 8


def test_against_mctx(benchmark: Any, network: Any) -> None:
    """Twice the positions a second, or more."""
    pytest.importorskip("mctx", reason="mctx is not installed: pip install 'planning-arena[peers]'")
    assert faster(benchmark, Plies(network), mctx_self_play(network, GAMES, SIMULATIONS)) >= 2


def test_the_time_is_the_networks(benchmark: Any, network: Any) -> None:
    """90% of it or more."""
    ours, shares = Plies(network), []
    for _ in range(ROUNDS):
        begin, ours.timed.seconds = time.perf_counter(), 0.0
        ours()
        shares.append(ours.timed.seconds / (time.perf_counter() - begin))
    benchmark.pedantic(ours, rounds=1)
    benchmark.extra_info["share inside the network"] = round(statistics.median(shares), 4)
    assert statistics.median(shares) >= 0.9
