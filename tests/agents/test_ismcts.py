"""Agents that plan without seeing everything: ismcts and its yardstick pimc."""

import time

import numpy as np
import pytest

from agents.core.registry import make_agent
from arena.exploitability import exploitability
from arena.match import Seating, ask, make_turns, play
from games.core.errors import ArenaError
from games.core.registry import make_game

GAMES = ["kuhn_poker", "leduc_poker", "openspiel:kuhn_poker", "kuhn_poker(seats=3)"]
AGENTS = ["ismcts(simulations=60)", "pimc(simulations=60, worlds=6)"]


def turns_of(game, count=1, seed=3):
    """Turns of the first seat that acts, after what nature does by `seed`."""
    positions = game.start(np.arange(count, dtype=np.uint64))
    draw = np.random.default_rng(seed)
    while game.acting(positions)[0, game.seats]:
        joint = np.full((count, game.seats + 1), -1, np.int32)
        joint[:, -1] = [draw.choice(game.outcomes, p=odds / odds.sum()) for odds in game.odds(positions)]
        game.step(positions, joint)
    seat = int(game.acting(positions)[0].argmax())
    return make_turns(game, positions, [(Seating(("x",) * game.seats, n), seat, 2, ()) for n in range(count)])


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("agent", AGENTS)
def test_a_move_follows_from_the_turn_alone(game, agent):
    made = make_game(game)
    batch, again = make_agent(agent), make_agent(agent)
    actions = [move.action for move in ask(batch, turns_of(made, 8))]
    assert actions == [ask(again, [turn])[0].action for turn in turns_of(made, 8)]


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("game", ["kuhn_poker", "leduc_poker"])
def test_what_is_not_seen_does_not_change_the_move(game, agent):
    """The same turn with other cards in the other hand."""
    made, player = make_game(game), make_agent(agent)
    worlds = turns_of(made)[0].sample(20)
    assert len({row.tobytes() for row in worlds}) > 1
    due = [(Seating(("x", "x"), 1), 0, 2, ())] * len(worlds)
    policies = [move.thought.policy for move in player.act(make_turns(made, worlds, due))]
    assert (np.array(policies) == policies[0]).all()


@pytest.mark.parametrize("game", ["kuhn_poker", "leduc_poker"])
def test_the_order_of_exploitability(game):
    names = ["cfr(iterations=100)", "ismcts(simulations=1000)", "random"]
    found = exploitability(make_game(game), {name: make_agent(name) for name in names})
    numbers = [found[name].exploitability for name in names]
    assert numbers == sorted(numbers)
    assert numbers[1] < numbers[2] / 2


def test_the_policy_is_the_one_it_plays_from():
    game, agent = make_game("kuhn_poker"), make_agent("ismcts(simulations=200)")
    moves = agent.act(turns_of(game, 400))
    assert all(move.thought.drawn for move in moves)
    mean = np.mean([move.thought.policy for move in moves], axis=0)
    assert np.mean([move.action == 1 for move in moves]) == pytest.approx(mean[1], abs=0.06)


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("game", GAMES)
def test_whole_games(game, agent):
    made = make_game(game)
    agents = {agent: make_agent(agent), "random": make_agent("random")}
    line = (agent,) + ("random",) * (made.seats - 1)
    records = play(made, agents, [Seating(line[n % 2 :] + line[: n % 2], n) for n in range(10)])
    assert not any(record.forfeit is not None for record in records)


def test_it_sees_a_sure_win():
    """With the best card against a bet, calling is worth 2 and folding loses 1."""
    game, agent = make_game("kuhn_poker"), make_agent("ismcts(simulations=2000)")
    positions = game.start(np.zeros(1, np.uint64))
    for joint in ([-1, -1, 0], [-1, -1, 2], [1, -1, -1]):
        game.step(positions, np.array([joint], np.int32))
    thought = agent.act(make_turns(game, positions, [(Seating(("x", "x"), 1), 1, 3, ())]))[0].thought
    assert thought.q == pytest.approx([-1, 2])
    assert thought.policy[1] > 0.95
    assert thought.value[1] == pytest.approx(2, abs=0.2)


def test_simultaneous_games_are_played_too():
    game = make_game("pong_duel(points=1)")
    agents = {name: make_agent(name) for name in ("ismcts(simulations=30)", "random")}
    records = play(game, agents, [Seating(tuple(agents), 1)])
    assert records[0].forfeit is None


def test_it_keeps_to_its_seconds():
    game, agent = make_game("leduc_poker"), make_agent("ismcts(seconds=0.2)")
    agent.act(turns_of(game))
    begin = time.perf_counter()
    thought = agent.act(turns_of(game))[0].thought
    assert time.perf_counter() - begin < 2
    assert thought.simulations > 1000


@pytest.mark.parametrize(
    ("agent", "game", "said"),
    [
        ("ismcts", "tic_tac_toe", "hide"),
        ("pimc", "tic_tac_toe", "hide"),
        ("pimc", "pong_duel", "hide"),
        ("uct", "kuhn_poker", "see everything"),
        ("ismcts", "openspiel:battleship", "cannot draw"),
        ("pimc", "openspiel:battleship", "cannot draw"),
    ],
)
def test_they_say_what_they_do_not_play(agent, game, said):
    assert said in make_agent(agent).plays(make_game(game))


@pytest.mark.parametrize("spec", ["pimc(worlds=0)", "pimc(simulations=5)", "ismcts(simulations=2.5)", "ismcts(c=0)"])
def test_bad_options_are_told(spec):
    with pytest.raises(ArenaError):
        make_agent(spec)
