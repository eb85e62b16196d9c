"""Search in a learned model, 32 simulations for each of 256 positions of Connect Four: how much of the time is the
networks', and what DeepMind's mctx takes with the same ones. `pytest tests/benchmarks --benchmark-only`."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from agents.core.backends import Crowd
from agents.core.latent import Settings, network_of
from agents.core.world import World, WorldNet
from games.core.registry import make_game
from search.gumbel import Gumbel
from search.latent import LatentModel
from search.search import Search
from tests.benchmarks.peers import Layers

BATCH, SIMULATIONS, ROUNDS = 256, 32, 8
GAME = make_game("connect_four")
Race = Callable[..., float]


@pytest.fixture(scope="module")
def network() -> Any:
    """New, but for the value head, and for who follows: always the other seat."""
    torch.manual_seed(0)
    net = network_of(GAME, Settings(blocks=4, channels=64, dynamics=1), WorldNet).eval()
    torch.nn.init.normal_(net.values.weight, 0, 0.1)
    with torch.no_grad():
        net.followers.out.bias[1] = 1
    return net


def observations() -> Any:
    return (np.random.default_rng(0).random((BATCH, *GAME.observation_shape)) < 0.3).astype(np.float32)


class Timed:
    """A world that keeps account of its time."""

    def __init__(self, world: World) -> None:
        self.world, self.seconds = world, 0.0

    def represent(self, *asked: Any) -> Any:
        return self._ask(self.world.represent, asked)

    def imagine(self, *asked: Any) -> Any:
        return self._ask(self.world.imagine, asked)

    def _ask(self, part: Callable[..., Any], asked: Any) -> Any:
        begin = time.perf_counter()
        answer = part(*asked)
        self.seconds += time.perf_counter() - begin
        return answer


def searcher(network: Any) -> tuple[Callable[[], Any], Timed]:
    timed = Timed(World(network, Crowd))
    search = Search(LatentModel(timed, GAME.seats, GAME.actions, 1.0), Gumbel(), None)
    sight = observations(), np.ones((BATCH, GAME.actions), np.bool_), np.zeros(BATCH, np.int32)
    seeds = np.arange(BATCH, dtype=np.uint64)
    return lambda: search.run(sight, SIMULATIONS, seeds), timed


def test_the_time_is_the_networks(benchmark: Any, network: Any) -> None:
    """90% of it or more."""
    run, timed = searcher(network)
    run()
    shares = []
    for _ in range(ROUNDS):
        begin, timed.seconds = time.perf_counter(), 0.0
        run()
        shares.append(timed.seconds / (time.perf_counter() - begin))
    benchmark.pedantic(run, rounds=1)
    benchmark.extra_info["share inside the networks"] = round(statistics.median(shares), 4)
    assert statistics.median(shares) >= 0.9


def test_against_mctx(race: Race, network: Any) -> None:
    """The same networks in jax, float32 on the same processor; Gumbel on both sides: twice as fast or more."""
    pytest.importorskip("mctx", reason="mctx is not installed: pip install 'planning-arena[peers]'")
    run, _ = searcher(network)
    assert race(run, mctx_search(network), BATCH, BATCH, ROUNDS) >= 2


def mctx_search(network: Any) -> Callable[[], Any]:
    """The same search as a compiled function of jax."""
    import jax
    import jax.numpy as jnp
    import mctx

    layers, a = Layers(network), network.architecture
    conv, dense, relu = layers.conv, layers.dense, jax.nn.relu
    edge = np.sqrt(a.largest + 1) - 1 + 0.001 * a.largest
    support = jnp.linspace(-edge, edge, a.bins)

    def expected(logits: Any) -> Any:
        y = (jax.nn.softmax(logits) * support).sum(-1)
        root = jnp.sqrt(1 + 0.004 * (jnp.abs(y) + 1.001))
        return jnp.sign(y) * (((root - 1) / 0.002) ** 2 - 1)

    def scaled(x: Any) -> Any:
        low, high = x.min((1, 2, 3), keepdims=True), x.max((1, 2, 3), keepdims=True)
        return (x - low) / jnp.maximum(high - low, 1e-5)

    def predict(x: Any) -> Any:
        logits, values = layers.two_headed(x)
        return logits, expected(values)

    def head(x: Any, name: str) -> Any:
        hidden = relu(dense(relu(conv(x, f"{name}.narrow")).reshape(len(x), -1), f"{name}.hidden"))
        return dense(hidden, f"{name}.out")

    def represent(seen: Any) -> Any:
        return scaled(layers.tower(relu(conv(seen, "stem")), "blocks", a.blocks))

    def step(params: Any, key: Any, action: Any, latents: Any) -> Any:
        planes = dense(jax.nn.one_hot(action, a.actions), "dynamics.choice")
        planes = planes.reshape(len(action), -1, *latents.shape[2:])
        x = relu(conv(jnp.concatenate([latents, planes], 1), "dynamics.join") + latents)
        after = scaled(layers.tower(x, "dynamics.blocks", a.dynamics))
        logits, value = predict(after)
        over = head(after, "followers").argmax(1) == a.seats
        return mctx.RecurrentFnOutput(
            reward=expected(head(after, "rewards")),
            discount=jnp.where(over, 0.0, -1.0),
            prior_logits=logits,
            value=value,
        ), after

    seen = jnp.asarray(observations())
    ours = World(network, lambda part: Crowd(part)).represent(observations())
    latents = represent(seen)
    for mine, theirs in zip(ours, (latents, *predict(latents)), strict=True):  # they are the same networks
        np.testing.assert_allclose(np.asarray(theirs).reshape(mine.shape), mine, atol=0.05)

    def search(key: Any) -> Any:
        latents = represent(seen)
        logits, value = predict(latents)
        root = mctx.RootFnOutput(prior_logits=logits, value=value, embedding=latents)
        return mctx.gumbel_muzero_policy((), key, root, step, SIMULATIONS).action

    compiled, keys = jax.jit(search), iter(jax.random.split(jax.random.PRNGKey(0), 1000))
    return lambda: compiled(next(keys)).block_until_ready()
