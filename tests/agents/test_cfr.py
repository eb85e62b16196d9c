"""CFR+ plays near equilibria, of native games and of OpenSpiel's alike, and keeps what it solved."""

import numpy as np
import pytest

from agents import cfr
from agents.core.agent import Turn
from agents.core.registry import make_agent
from arena.exploitability import expected_returns, exploitability, policy_of
from arena.match import Seating, play
from games.core.registry import make_game
from search.extensive import extensive


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(cfr, "cache_folder", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("game", "iterations", "most"),
    [
        ("kuhn_poker", 100, 0.005),
        ("openspiel:kuhn_poker", 100, 0.005),
        ("leduc_poker", 100, 0.05),
        ("openspiel:leduc_poker", 100, 0.05),
    ],
)
def test_it_can_hardly_be_exploited(game, iterations, most):
    spec = f"cfr(iterations={iterations})"
    assert exploitability(make_game(game), {spec: make_agent(spec)})[spec].exploitability < most


def test_three_seats_find_an_equilibrium_too():
    found = exploitability(make_game("kuhn_poker(seats=3)"), {"cfr": make_agent("cfr(iterations=300)")})["cfr"]
    assert found.nash_conv < 0.01


def test_what_took_long_is_kept_and_what_is_damaged_is_solved_again(empty_cache, monkeypatch):
    monkeypatch.setattr(cfr, "KEPT", 0.0)
    game = make_game("kuhn_poker")
    key = game.information_key(*_king(game))[0]

    def policy():
        return make_agent("cfr(iterations=50)").think(_turn(game, key)).thought.policy

    first = policy()
    (file,) = (empty_cache / "cfr").iterdir()
    solve = cfr._solve
    monkeypatch.setattr(cfr, "_solve", None)
    assert (policy() == first).all()
    monkeypatch.setattr(cfr, "_solve", solve)
    file.write_bytes(b"PK\3\4 half a file")
    assert (policy() == first).all()
    assert [path.name for path in (empty_cache / "cfr").iterdir()] == [file.name]


def _king(game):
    """The first seat holds the best card."""
    position = game.start(np.zeros(1, np.uint64))
    for card in (2, 0):
        game.step(position, np.array([[-1, -1, card]], np.int32))
    return position, np.zeros(1, np.int32)


def _turn(game, key, seed=1):
    legal = np.ones(2, np.bool_)
    return Turn(game, "m", 0, 2, seed, legal, lambda: np.zeros(1), lambda n: game.empty(n), know=lambda: key)


def test_moves_are_drawn_from_the_policy_and_the_seed_decides():
    game, agent = make_game("kuhn_poker"), make_agent("cfr(iterations=200)")
    turns = [_turn(game, game.information_key(*_king(game))[0], seed) for seed in range(2000)]
    moves = agent.act(turns)
    assert moves[0].thought.drawn
    assert np.mean([move.action for move in moves]) == pytest.approx(moves[0].thought.policy[1], abs=0.04)
    assert [move.action for move in agent.act(turns)] == [move.action for move in moves]


@pytest.mark.parametrize(
    ("game", "said"), [("tic_tac_toe", "hide"), ("openspiel:phantom_ttt", "too large"), ("pong_duel", "hide")]
)
def test_it_says_what_it_does_not_play(game, said):
    assert said in make_agent("cfr").plays(make_game(game))


def test_played_games_earn_what_the_policies_are_worth():
    game, agents = make_game("kuhn_poker"), {name: make_agent(name) for name in ("cfr(iterations=200)", "random")}
    tree, one = extensive(game), "cfr(iterations=200)"
    policies = {name: policy_of(game, tree, name, agent) for name, agent in agents.items()}
    mover, place = tree.mover[tree.source], (tree.infoset[tree.source], tree.action % 2)
    others = np.where(mover == game.seats, tree.odds, policies["random"][place])
    worth = [expected_returns(tree, np.where(mover == seat, policies[one][place], others))[seat] for seat in range(2)]
    seatings = [Seating((one, "random") if n % 2 else ("random", one), n // 2, n % 2) for n in range(1000)]
    records = play(game, agents, seatings)
    assert not any(record.forfeit is not None for record in records)
    returns = [record.returns[record.agents.index(one)] for record in records]
    assert np.mean(returns) == pytest.approx(np.mean(worth), abs=4 * np.std(returns) / len(returns) ** 0.5)
    assert min(worth) > 0
