"""Decoupled search: near equilibria where seats act at once, the contract's own form of it, and its bookkeeping."""

import numpy as np
import pytest

from games.core.registry import make_game
from search.decoupled import DecoupledSearch, SmoothUCT
from search.information import InformationSearch
from search.plan import make_plan
from search.search import FusedSearch
from search.uct import UCT
from tests.search.matrix import (
    BIASED_PENNIES,
    BIASED_ROCK_PAPER_SCISSORS,
    MATCHING_PENNIES,
    ROCK_PAPER_SCISSORS,
    MatrixGame,
)

SEEDS = range(5)


def policies(search, game, simulations, seed):
    """The average policy of each seat's own search."""
    for seat in range(2):
        search.begin(game.start(np.zeros(1, np.uint64)), seat, seed)
        yield make_plan(search.go_on(simulations), game.actions).policy[0]


def gain(search, game, simulations):
    """The mean over some seeds of what best responses to both seats' policies win."""
    return np.mean([game.gain(*policies(search, game, simulations, seed)) for seed in SEEDS])


@pytest.mark.parametrize("table", [ROCK_PAPER_SCISSORS, MATCHING_PENNIES, BIASED_PENNIES, BIASED_ROCK_PAPER_SCISSORS])
def test_the_average_policy_comes_near_an_equilibrium(table):
    game = MatrixGame(table)
    assert gain(DecoupledSearch(game, SmoothUCT()), game, 100_000) < 0.05


@pytest.mark.parametrize("table", [BIASED_PENNIES, BIASED_ROCK_PAPER_SCISSORS])
def test_it_comes_nearer_than_seats_that_commit_one_after_the_other(table):
    game = MatrixGame(table)
    decoupled = gain(DecoupledSearch(game, SmoothUCT()), game, 100_000)
    assert decoupled < gain(FusedSearch(game, UCT()), game, 100_000) / 2


def test_no_seat_thinks_that_the_other_sees_its_move():
    game = MatrixGame(ROCK_PAPER_SCISSORS)
    position = game.start(np.zeros(1, np.uint64))
    one_by_one, at_once = FusedSearch(game, UCT()), DecoupledSearch(game, SmoothUCT())
    for search in one_by_one, at_once:
        search.begin(position, 0, 1)
    assert make_plan(one_by_one.go_on(5000), 3).value[0, 0] < -0.9
    assert abs(make_plan(at_once.go_on(5000), 3).value[0, 0]) < 0.1


def test_values_are_sums_over_rounds():
    game = MatrixGame(BIASED_PENNIES, rounds=3)
    search = DecoupledSearch(game, SmoothUCT())
    search.begin(game.start(np.zeros(1, np.uint64)), 1, 3)
    plan = make_plan(search.go_on(50_000), 2)
    assert plan.value[0] == pytest.approx([0.3, -0.3], abs=0.1)
    assert plan.visits.sum() == 50_000 - 1


def test_a_search_can_be_continued_and_grows_without_a_trace():
    game = make_game("pong_duel")
    position = game.start(np.array([5], np.uint64))
    at_once, in_steps = DecoupledSearch(game, SmoothUCT(), 10), DecoupledSearch(game, SmoothUCT(), 10)
    at_once.begin(position, 1, 7)
    at_once.go_on(3000)
    for _ in range(2):  # a second search forgets the first
        in_steps.begin(position, 1, 7)
        for simulations in (1, 50, 51, 1000, 3000):
            tree = in_steps.go_on(simulations)
        assert (make_plan(tree, 3).visits == make_plan(at_once.tree, 3).visits).all()
    assert tree.simulations[0] == 3000
    assert tree.nodes["mover"][0, 0] == 1


def test_the_compiled_search_and_the_one_by_contract_agree():
    game = make_game("kuhn_poker")
    position = game.start(np.zeros(1, np.uint64))
    for card in (2, 0):
        game.step(position, np.array([[-1, -1, card]], np.int32))
    compiled, plain = DecoupledSearch(game, SmoothUCT()), InformationSearch(game, SmoothUCT())
    compiled.begin(position, 0, 1)
    of_kernels = make_plan(compiled.go_on(3000), 2)

    def sample(count):
        return game.resample(np.repeat(position, count), np.zeros(count, np.int32), np.arange(count, dtype=np.uint64))

    plain.begin(sample, 0, 1)
    plain.go_on(3000)
    by_contract = plain.plan()
    assert of_kernels.value == pytest.approx(by_contract.value, abs=0.1)
    assert of_kernels.q == pytest.approx(by_contract.q, abs=0.2)
    assert of_kernels.visits.sum() == by_contract.visits.sum() == 2999
    assert len(plain.nodes) == compiled.tree.used[0, 0]
