"""Against OpenSpiel in C++ on the same machine at the same moment: `pytest tests/benchmarks --benchmark-only`."""

import random
from collections.abc import Callable

import numpy as np
import pyspiel
import pytest

from games.core.registry import make_game
from search.models import GameModel, Uniform
from search.puct import PUCT
from search.search import FusedSearch, Search
from search.uct import UCT

ROUNDS = 60
Race = Callable[..., float]


def their_search(simulations: int) -> Callable[[], None]:
    """OpenSpiel's C++ search from the empty Connect Four board."""
    game = pyspiel.load_game("connect_four")
    bot = pyspiel.MCTSBot(game, pyspiel.RandomRolloutEvaluator(1, 1), 2.0, simulations, 100, False, 1, False)
    state = game.new_initial_state()
    return lambda: bot.mcts_search(state)


def test_uct_from_the_empty_board(race: Race) -> None:
    """1,000 simulations with rollouts, ours fused: 15 times as fast as OpenSpiel's or more."""
    game = make_game("connect_four")
    search, empty, seeds = FusedSearch(game, UCT()), game.start(np.zeros(1, np.uint64)), iter(range(1000))

    def ours() -> None:
        for _ in range(10):
            search.begin(empty, 0, next(seeds))
            search.go_on(1000)

    assert race(ours, their_search(1000), 10_000, 1_000, ROUNDS) >= 15


def test_puct_over_many_trees(race: Race) -> None:
    """256 trees of 64 simulations with an evaluator that costs nothing: 20 times OpenSpiel's rate or more."""
    game = make_game("connect_four")
    search = Search(GameModel(game, Uniform()), PUCT(), game.bounds)
    seeds = np.arange(256, dtype=np.uint64)
    inputs = game.start(seeds), np.zeros(256, np.int32)
    assert race(lambda: search.run(inputs, 64, seeds), their_search(1000), 256 * 64, 1_000, ROUNDS) >= 20


@pytest.mark.parametrize(
    ("name", "theirs", "count", "least"),
    [
        ("connect_four", "connect_four", 20_000, 100), ("tic_tac_toe", "tic_tac_toe", 20_000, 100),
        ("othello", "othello", 2_000, 100), ("go", "go(board_size=9,komi=7.5)", 2_000, 30), ("hex", "hex", 2_000, 0),
        ("breakthrough", "breakthrough", 2_000, 0), ("ultimate_tic_tac_toe", "ultimate_tic_tac_toe", 5_000, 0),
        ("nim", "nim", 20_000, 0), ("game_2048", "2048", 1_000, 0),
        ("kuhn_poker", "kuhn_poker", 50_000, 0), ("leduc_poker", "leduc_poker", 50_000, 0),
    ],
)  # fmt: skip
def test_random_play(race: Race, name: str, theirs: str, count: int, least: float) -> None:
    """Whole random games, against a plain loop over OpenSpiel's states in Python: `least` times as many or more."""
    game, foreign, few = make_game(name), pyspiel.load_game(theirs), 100
    seeds = np.arange(count, dtype=np.uint64)
    begun, rows, numbers = game.start(seeds), game.empty(count), np.arange(count)
    generator = random.Random(1)

    def ours() -> None:
        game.copy(begun, numbers, rows, numbers)
        game.rollouts(rows, seeds)

    def their_loop() -> None:
        for _ in range(few):
            state = foreign.new_initial_state()
            while not state.is_terminal():
                if game.outcomes and state.is_chance_node():
                    outcomes, odds = zip(*state.chance_outcomes(), strict=True)
                    state.apply_action(generator.choices(outcomes, odds)[0])
                else:
                    state.apply_action(generator.choice(state.legal_actions()))
            state.returns()

    assert race(ours, their_loop, count, few, ROUNDS) >= least
