"""Noise and temperature of PUCT, which self-play explores with."""

import numpy as np
import pytest

from games.core.registry import make_game
from search.models import GameModel, Uniform
from search.puct import PUCT
from search.search import Search

COUNT = 16


def planned(policy: PUCT, simulations: int = 60, seed: int = 0):
    game = make_game("connect_four")
    search = Search(GameModel(game, Uniform()), policy, game.bounds)
    inputs = game.start(np.arange(COUNT, dtype=np.uint64)), np.zeros(COUNT, np.int32)
    search.run(inputs, simulations, np.arange(seed, seed + COUNT, dtype=np.uint64))
    return search.plan()


def test_noise_is_mixed_into_the_prior_of_the_root_alone() -> None:
    plain, noisy, again = planned(PUCT()), planned(PUCT(noise=0.25, alpha=0.3)), planned(PUCT(noise=0.25, alpha=0.3))
    np.testing.assert_allclose(plain.prior, 1 / 7, atol=1e-6)
    np.testing.assert_allclose(noisy.prior.sum(1), 1, atol=1e-5)
    assert (noisy.prior >= 0.75 / 7 - 1e-6).all()  # three quarters are the prior's
    assert noisy.prior.max() > 0.25
    np.testing.assert_array_equal(noisy.visits, again.visits)
    assert (noisy.visits != planned(PUCT(noise=0.25), seed=99).visits).any()


@pytest.mark.parametrize("temperature", [0.25, 1.0, 2.0])
def test_temperature_spreads_the_policy(temperature: float) -> None:
    plan = planned(PUCT(noise=0.25, temperature=temperature))
    wanted = plan.visits.astype(float) ** (1 / temperature)
    np.testing.assert_allclose(plan.policy, wanted / wanted.sum(1, keepdims=True), rtol=1e-4)
    np.testing.assert_array_equal(plan.action, planned(PUCT(noise=0.25)).action)
