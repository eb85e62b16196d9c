"""Search with a 4x64 residual network, 32 simulations for each of 256 positions of Connect Four: how much of the time
is the network's, and what others take for the same. `pytest tests/benchmarks --benchmark-only`."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyspiel
import pytest
import torch

from agents.core.backends import Crowd, Eager, make_backend
from agents.core.networks import Tower, make_network
from games.core.registry import make_game
from search.gumbel import Gumbel
from search.models import GameModel
from search.network import NetworkEvaluator
from search.search import Search
from tests.benchmarks.peers import InJax

BATCH, SIMULATIONS, ROUNDS = 256, 32, 8
GAME = make_game("connect_four")
Race = Callable[..., float]


@pytest.fixture(scope="module")
def network() -> Any:
    torch.manual_seed(0)
    return make_network(GAME, Tower(4, 64)).eval()


def some_positions() -> Any:
    """[256] positions after eight random plies, all different in time of search."""
    rows, dice = GAME.start(np.arange(BATCH, dtype=np.uint64)), np.random.default_rng(0)
    for ply in range(8):
        legal = GAME.legal(rows, np.full(BATCH, ply % 2, np.int32))
        joint = np.full((BATCH, 3), -1, np.int32)
        joint[:, ply % 2] = np.where(legal, dice.random(legal.shape), -1).argmax(1)
        GAME.step(rows, joint)
    return rows[GAME.acting(rows)[:, 0]][:BATCH]


class Timed:
    """A network that keeps account of its time."""

    def __init__(self, backend: Any) -> None:
        self.backend, self.seconds, self.asked = backend, 0.0, 0

    def __call__(self, observations: Any) -> Any:
        begin = time.perf_counter()
        answer = self.backend(observations)
        self.seconds += time.perf_counter() - begin
        self.asked += len(observations)
        return answer


def searcher(network: Any) -> tuple[Callable[[], Any], Timed, NetworkEvaluator, int]:
    rows = some_positions()
    timed = Timed(Crowd(network))
    evaluator = NetworkEvaluator(GAME, timed)
    search = Search(GameModel(GAME, evaluator), Gumbel(), GAME.bounds)
    inputs, seeds = (rows, np.zeros(len(rows), np.int32)), np.arange(len(rows), dtype=np.uint64)

    def run() -> None:
        evaluator.forget()
        search.run(inputs, SIMULATIONS, seeds)

    return run, timed, evaluator, len(rows)


def test_the_time_is_the_networks(benchmark: Any, network: Any) -> None:
    """95% of it or more; and positions are evaluated at 0.95 of the rate of forward passes alone, or more."""
    run, timed, _, _ = searcher(network)
    observations = np.random.default_rng(0).integers(0, 2, (64, *GAME.observation_shape)).astype(np.float32)
    run()
    shares, ratios = [], []
    for _ in range(ROUNDS):
        begin, timed.seconds, timed.asked = time.perf_counter(), 0.0, 0
        run()
        whole, inside, asked = time.perf_counter() - begin, timed.seconds, timed.asked
        begin = time.perf_counter()
        for _ in range(asked // 64):
            timed.backend.large(observations)
        alone = (asked // 64) * 64 / (time.perf_counter() - begin)
        shares.append(inside / whole)
        ratios.append(asked / whole / alone)
    benchmark.pedantic(run, rounds=1)
    benchmark.extra_info["share inside the network"] = round(statistics.median(shares), 4)
    benchmark.extra_info["of the raw rate"] = round(statistics.median(ratios), 4)
    assert statistics.median(shares) >= 0.95
    assert statistics.median(ratios) >= 0.95


def test_against_mctx(race: Race, network: Any) -> None:
    """The same network and game in jax, float32 on the same processor; Gumbel on both sides. Listed, no bound."""
    pytest.importorskip("mctx", reason="mctx is not installed: pip install 'planning-arena[peers]'")
    run, _, _, count = searcher(network)
    assert race(run, mctx_search(network, count), count, count, ROUNDS) > 1


def test_against_openspiel_in_python(race: Race, network: Any) -> None:
    """One position after the other with OpenSpiel's MCTS in Python and the network in eager torch. Listed."""
    from open_spiel.python.algorithms import mcts

    eager = Eager(network, 1)

    class Evaluator(mcts.Evaluator):  # type: ignore[misc]
        def _ask(self, state: Any) -> Any:
            planes = np.array(state.observation_tensor(state.current_player()), np.float32).reshape(3, 6, 7)
            return eager(planes[None, :2])

        def evaluate(self, state: Any) -> Any:
            value = float(self._ask(state)[1][0, 0])
            return np.array([value, -value] if state.current_player() == 0 else [-value, value])

        def prior(self, state: Any) -> Any:
            logits, legal = self._ask(state)[0][0], state.legal_actions()
            weights = np.exp(logits[legal])
            return list(zip(legal, weights / weights.sum(), strict=True))

    game = pyspiel.load_game("connect_four")
    bot = mcts.MCTSBot(game, 1.25, SIMULATIONS, Evaluator(), child_selection_fn=mcts.SearchNode.puct_value)
    state = game.new_initial_state()
    run, _, _, count = searcher(network)
    assert race(run, lambda: bot.mcts_search(state), count, 1, ROUNDS) > 1


def mctx_search(network: Any, count: int) -> Callable[[], Any]:
    """The same search as a compiled function of jax."""
    import jax
    import jax.numpy as jnp

    rules = InJax(network)
    planes = GAME.observe(some_positions(), np.zeros(count, np.int32))
    board = jnp.asarray((planes[:, 0] - planes[:, 1]).astype(np.int32))
    ours, theirs = make_backend(network, 64, "eager")(planes), rules.answer(board)
    legal = planes[:, :, 0].sum(1) == 0
    np.testing.assert_allclose(np.asarray(theirs[0])[legal], ours[0][legal], atol=1e-3)  # it is the same network
    np.testing.assert_allclose(np.asarray(theirs[1]), ours[1][:, 0], atol=1e-3)
    compiled = jax.jit(lambda key: rules.search(board, key, SIMULATIONS).action)
    keys = iter(jax.random.split(jax.random.PRNGKey(0), 1000))
    return lambda: compiled(next(keys)).block_until_ready()
