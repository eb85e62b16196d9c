"""What positions are worth: against alpha-beta with estimates; few nodes, small tables, equal calls.

`test_alphabeta.py` holds the same values to plain minimax, chance included."""

import numpy as np
import pytest

from games.core.errors import ArenaError
from games.core.position import Position
from games.core.registry import make_game
from search.alphabeta import AlphaBeta
from search.alphabeta_memory import NODES
from search.solving import Solver, solve
from tests.search.test_alphabeta import some_position

LATE = [  # game, plies of random play
    ("tic_tac_toe", 1), ("connect_four", 24), ("hex(board_size=5)", 12), ("hex(board_size=7)", 32), ("othello", 50),
    ("gomoku(board_size=5)", 15), ("breakthrough(rows=4, columns=3)", 2), ("ultimate_tic_tac_toe", 56),
]  # fmt: skip
# Positions looked at, all told: it changes whenever the solver does other work, and is then written here anew.
SIGNATURE = 43_938


@pytest.mark.parametrize(("spec", "plies"), LATE)
def test_values_are_those_of_alphabeta(spec: str, plies: int) -> None:
    positions = [some_position(make_game(spec), plies, seed) for seed in range(6)]
    game, rows = positions[0].game, np.concatenate([position.row for position in positions])
    values = solve(game, rows)
    for position, value in zip(positions, values, strict=True):
        found = AlphaBeta(game).deepen(position.row, position.seat, game.max_plies)
        assert (found.settled, found.values[found.action]) == (True, value[position.seat])
    np.testing.assert_array_equal(Solver(game, 10**9, table=1)(rows[:2]), values[:2])


def test_equal_calls_find_equal_things() -> None:
    """What was solved before neither helps nor hurts: of hard positions the same ones are left."""
    game = make_game("connect_four")
    rows = np.concatenate([some_position(game, 20, seed).row for seed in range(20)])
    solver = Solver(game, 3000)
    values = solver(rows)
    assert 0 < np.isnan(values[:, 0]).sum() < len(rows)
    solver(rows[::-1].copy())
    np.testing.assert_array_equal(solver(rows), values)
    exact = solve(game, rows)
    known = ~np.isnan(values)
    np.testing.assert_array_equal(values[known], exact[known])


def test_signature() -> None:
    """One number pins the whole search."""
    nodes = []
    for spec, plies in LATE:
        position = some_position(make_game(spec), plies, 7)
        solver = Solver(position.game, 10**9)
        assert not np.isnan(solver(position.row)).any()
        nodes.append(int(solver.memory.state[NODES]))
    assert sum(nodes) == SIGNATURE, nodes


def test_small_boards_are_solved() -> None:
    """Tic-tac-toe is a draw; Hex is won by the first seat (Nash 1949)."""
    for spec, worth in (("tic_tac_toe", 0), ("hex(board_size=3)", 1), ("hex(board_size=4)", 1)):
        game = make_game(spec)
        assert solve(game, game.start(np.zeros(1, np.uint64))).tolist() == [[worth, -worth]]


def test_too_few_nodes_are_no_value() -> None:
    game = make_game("connect_four")
    over = Position.replay(game, 0, (0, 1, 0, 1, 0, 1, 0)).row
    values = solve(game, np.concatenate([game.start(np.zeros(1, np.uint64)), over]), nodes=1000)
    assert np.isnan(values[0]).all()
    assert values[1].tolist() == [0, 0]


def test_what_cannot_be_solved() -> None:
    with pytest.raises(ArenaError, match="pong_duel cannot be solved: it needs one seat"):
        solve(make_game("pong_duel"), make_game("pong_duel").start(np.zeros(1, np.uint64)))
