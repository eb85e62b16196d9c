"""Against DeepMind's mctx on the same processor: `pip install "planning-arena[peers]"` and `pytest tests/benchmarks
--benchmark-only`. Both search the same model, which says nothing: seven actions, all alike, every state worth 0."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from search.gumbel import Gumbel
from search.models import Evaluation
from search.puct import PUCT
from search.search import Policy, Search

pytest.importorskip("mctx", reason="mctx is not installed: pip install 'planning-arena[peers]'")

TREES, SIMULATIONS, ACTIONS, ROUNDS = 256, 64, 7, 30
Race = Callable[..., float]


class Nothing:
    """A model of one seat in which all is alike."""

    width, seats = ACTIONS, 1

    def __init__(self) -> None:
        self.answer = Evaluation(
            np.zeros((TREES, ACTIONS), np.float32), np.zeros((TREES, 1), np.float32),
            np.zeros((TREES, 1), np.float32), np.ones(TREES, np.float32), np.zeros(TREES, np.int32),
        )  # fmt: skip

    def root(self, inputs: Any, seeds: Any, nodes: int) -> Evaluation:
        return self.answer

    def step(self, trees: Any, parents: Any, actions: Any, nodes: Any) -> Evaluation:
        return Evaluation(*(array[: len(trees)] for array in self.answer))


def their_search(policy: str) -> Callable[[], None]:
    import jax
    import jax.numpy as jnp
    import mctx

    root = mctx.RootFnOutput(
        prior_logits=jnp.zeros((TREES, ACTIONS)), value=jnp.zeros(TREES), embedding=jnp.zeros((TREES, 1))
    )

    def step(params: Any, key: Any, action: Any, embedding: Any) -> Any:
        count = action.shape[0]
        ones = jnp.ones(count)
        return mctx.RecurrentFnOutput(
            reward=0 * ones, discount=ones, prior_logits=jnp.zeros((count, ACTIONS)), value=0 * ones
        ), embedding

    search = {"puct": mctx.muzero_policy, "gumbel": mctx.gumbel_muzero_policy}[policy]
    compiled = jax.jit(lambda key: search((), key, root, step, SIMULATIONS).action)
    keys = iter(jax.random.split(jax.random.PRNGKey(0), 10_000))
    return lambda: compiled(next(keys)).block_until_ready()


@pytest.mark.parametrize(("name", "policy", "bound"), [("puct", PUCT(), 15), ("gumbel", Gumbel(), 5)])
def test_batched_search(race: Race, name: str, policy: Policy, bound: float) -> None:
    """256 trees of 64 simulations: 15 times as fast with PUCT, 5 times with Gumbel, or more."""
    search, seeds = Search(Nothing(), policy, (-1.0, 1.0)), np.arange(TREES, dtype=np.uint64)
    work = TREES * SIMULATIONS
    assert race(lambda: search.run(None, SIMULATIONS, seeds), their_search(name), work, work, ROUNDS) >= bound
