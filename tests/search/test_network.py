"""A network behind its cache answers as it would without, and what is no answer is an error."""

from typing import Any

import numpy as np
import pytest

from games.core.errors import ArenaError
from games.core.registry import make_game
from search.gumbel import Gumbel, considered_visits
from search.models import Evaluation, GameModel
from search.network import NetworkEvaluator
from search.puct import PUCT
from search.search import Search

NAMES = ["connect_four", "othello", "hex(board_size=4)", "breakthrough", "openspiel:tic_tac_toe", "kuhn_poker(seats=3)"]


class Linear:
    """A network without symmetry: every entry of an observation counts in its own way."""

    def __init__(self, game: Any, values: int) -> None:
        draw = np.random.default_rng(1)
        size = int(np.prod(game.observation_shape))
        self.policy = draw.normal(size=(size, game.actions)).astype(np.float32) / 4
        self.value = draw.normal(size=(size, values)).astype(np.float32) / 4
        self.asked = 0

    def __call__(self, observations: Any) -> Any:
        self.asked += len(observations)
        flat = observations.reshape(len(observations), -1).astype(np.float32)
        return flat @ self.policy, np.tanh(flat @ self.value)


def positions_of(game: Any, count: int, plies: int) -> Any:
    """[count] positions and their movers after random plies; -1 where the game is over."""
    rows, dice = game.start(np.arange(count, dtype=np.uint64)), np.random.default_rng(2)
    for _ in range(plies):
        acting = game.acting(rows)
        joint = np.full((count, game.seats + 1), -1, np.int32)
        for seat in range(game.seats + 1):
            choices = game.odds(rows) if seat == game.seats else game.legal(rows, np.full(count, seat, np.int32))
            if choices.shape[1]:
                picks = np.where(choices > 0, dice.random(choices.shape), -1).argmax(1)
                joint[acting[:, seat], seat] = picks[acting[:, seat]]
        game.step(rows, joint)
    acting = game.acting(rows)
    return rows, np.where(acting.any(1), acting.argmax(1), -1).astype(np.int32)


def evaluated(game: Any, evaluator: NetworkEvaluator, rows: Any) -> Any:
    model = GameModel(game, evaluator)
    seeds = np.zeros(len(rows), np.uint64)
    answer = model.root((rows, np.zeros(len(rows), np.int32)), seeds, 1)
    return answer.prior.copy(), answer.value.copy()


@pytest.mark.parametrize("name", NAMES)
def test_the_cache_gives_what_the_network_gives_for_a_picture(name: str) -> None:
    """Exactly what some picture of the position gets, and one and the same for all pictures and at all times."""
    game = make_game(name)
    rows, movers = positions_of(game, 64, 5)
    network = Linear(game, 1 if game.seats == 2 and game.zero_sum else game.seats)
    evaluator = NetworkEvaluator(game, network, entries=64)  # so small that answers are pushed out
    prior, value = evaluated(game, evaluator, rows)
    again, same = evaluated(game, evaluator, rows)
    np.testing.assert_allclose(prior, again, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(value, same, rtol=1e-4, atol=1e-5)
    symmetries = game.symmetries()
    for row in np.flatnonzero((movers >= 0) & (movers < game.seats)):
        seen = game.observe(rows[row : row + 1], movers[row : row + 1])
        pictures = seen.reshape(1, -1)[:, symmetries.observation][0]
        logits, worth = network(pictures.reshape(-1, *game.observation_shape))
        wanted = np.empty_like(logits)
        np.put_along_axis(wanted, symmetries.actions.astype(np.int64), logits, 1)
        legal = game.legal(rows[row : row + 1], movers[row : row + 1])[0]
        close = [np.allclose(prior[row, : game.actions][legal], one[legal], atol=1e-4) for one in wanted]
        assert any(close)
        own = worth[close.index(True)]
        seats = [(movers[row] + k) % game.seats for k in range(game.seats)]
        expected = own if len(own) == game.seats else [own[0], -own[0]]
        np.testing.assert_allclose(value[row, seats], expected, atol=1e-4)


def test_equal_positions_and_their_pictures_are_asked_about_once() -> None:
    game = make_game("connect_four")
    rows = game.start(np.zeros(8, np.uint64))
    joint = np.full((8, 3), -1, np.int32)
    joint[:, 0] = [0, 6, 0, 6, 1, 5, 3, 3]
    game.step(rows, joint)
    network = Linear(game, 1)
    evaluator = NetworkEvaluator(game, network)
    model = GameModel(game, evaluator)
    answer = model.root((rows, np.ones(8, np.int32)), np.zeros(8, np.uint64), 1)
    assert network.asked == 3
    assert evaluator.hit_rate == 5 / 8
    np.testing.assert_array_equal(answer.prior[0], answer.prior[1][::-1])
    evaluator.forget()
    model.root((rows, np.ones(8, np.int32)), np.zeros(8, np.uint64), 1)
    assert network.asked == 6


class Broken(Linear):
    def __init__(self, game: Any, answers: float, worth: float) -> None:
        super().__init__(game, 1)
        self.answers, self.worth = answers, worth

    def __call__(self, observations: Any) -> Any:
        logits, values = super().__call__(observations)
        return logits + np.float32(self.answers), values + np.float32(self.worth)


@pytest.mark.parametrize("name", ["connect_four", "openspiel:connect_four"])
@pytest.mark.parametrize("broken", [(np.nan, 0.0), (0.0, np.nan), (-np.inf, 0.0), (np.inf, 0.0)])
def test_an_answer_that_is_not_finite_is_one_clear_line(name: str, broken: tuple[float, float]) -> None:
    game = make_game(name)
    network = Broken(game, *broken)
    evaluator = NetworkEvaluator(game, network)
    search = Search(GameModel(game, evaluator), PUCT(), game.bounds)
    inputs, seeds = (game.start(np.zeros(2, np.uint64)), np.zeros(2, np.int32)), np.zeros(2, np.uint64)
    with pytest.raises(ArenaError, match="not finite"):
        search.run(inputs, 10, seeds)
    network.answers = network.worth = 0.0  # mended: nothing of the failure is left in the cache
    search.run(inputs, 10, seeds)


class Silent:
    """A model whose prior gives no action a chance from its second state on."""

    width, seats = 3, 1

    def root(self, inputs: Any, seeds: Any, nodes: int) -> Evaluation:
        return self._say(len(seeds), 0.0)

    def step(self, trees: Any, parents: Any, actions: Any, nodes: Any) -> Evaluation:
        return self._say(len(trees), -np.inf)

    def _say(self, size: int, logit: float) -> Evaluation:
        zeros = np.zeros((size, 1), np.float32)
        return Evaluation(
            np.full((size, 3), logit, np.float32), zeros, zeros, np.ones(size, np.float32), np.zeros(size, np.int32)
        )


@pytest.mark.parametrize("policy", [PUCT(), Gumbel()])
def test_a_prior_of_all_zeros_is_one_clear_line(policy: Any) -> None:
    search = Search(Silent(), policy, (-1.0, 1.0))
    with pytest.raises(ArenaError, match="gives no legal action a chance"):
        search.run(None, 5, np.zeros(2, np.uint64))


def test_sequential_halving_deals_out_all_simulations() -> None:
    """The schedule for 16 simulations over 4 actions, by hand: 2 rounds of 4, then of 2 of the better half."""
    assert considered_visits(4, 16)[4].tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert considered_visits(4, 5)[1].tolist() == [0, 1, 2, 3, 4]


def test_gumbel_improves_on_its_prior() -> None:
    """Its policy is worth no less than the prior's by the search's own Q, at two simulations as at many."""
    game = make_game("connect_four")
    rows, movers = positions_of(game, 128, 8)
    rows, movers = rows[movers >= 0], movers[movers >= 0]
    evaluator = NetworkEvaluator(game, Linear(game, 1))
    for simulations in (2, 8, 50):
        search = Search(GameModel(game, evaluator), Gumbel(rescale=False), game.bounds)
        search.run((rows, movers), simulations, np.arange(len(rows), dtype=np.uint64))
        plan = search.plan()
        np.testing.assert_allclose(plan.policy.sum(1), 1, atol=1e-5)
        known = np.where(np.isnan(plan.q), 0, plan.q)
        mass = np.where(np.isnan(plan.q), 0, 1)
        ours = (plan.policy * known).sum(1) / np.maximum((plan.policy * mass).sum(1), 1e-9)
        before = (plan.prior * known).sum(1) / np.maximum((plan.prior * mass).sum(1), 1e-9)
        assert (ours >= before - 1e-4).all()
