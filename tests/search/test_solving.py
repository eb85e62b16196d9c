"""What positions are worth: against alpha-beta with estimates; few nodes, small tables, equal calls.

`test_alphabeta.py` holds the same values to plain minimax, chance included."""

import numpy as np
import pytest

from games.core.errors import ArenaError
from games.core.game import Array, Float, Int, Positions
from games.core.position import Position
from games.core.registry import make_game
from search.alphabeta import AlphaBeta
from search.alphabeta_memory import NODES
from search.models import GameModel
from search.network import NetworkEvaluator
from search.puct import PUCT
from search.search import Search, bounds_of
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


# -- in a tree -----------------------------------------------------------------------------------------------------


def flat(observations: Array) -> tuple[Float, Float]:
    """A network that knows nothing."""
    return np.zeros((len(observations), 7), np.float32), np.zeros((len(observations), 1), np.float32)


def searched(rows: Positions, seats: Int, simulations: int, solver: Solver | None) -> Search:
    game = make_game("connect_four")
    search = Search(GameModel(game, NetworkEvaluator(game, flat), solver), PUCT(), bounds_of(game))
    search.run((rows, seats), simulations, np.zeros(len(rows), np.uint64))
    return search


def late(plies: int, count: int) -> tuple[list[Position], Positions, Int]:
    positions = [some_position(make_game("connect_four"), plies, seed) for seed in range(count)]
    rows = np.concatenate([position.row for position in positions])
    return positions, rows, np.array([position.seat for position in positions], np.int32)


def test_a_tree_ends_where_its_solver_knows_the_rest() -> None:
    """A few new nodes suffice for the move of perfect play, and for its value where it is proven."""
    positions, rows, seats = late(22, 12)
    search = searched(rows, seats, 32, Solver(positions[0].game, 10**6))
    plan, exact, proven = search.plan(), solve(positions[0].game, rows), search.tree.nodes["proven"][:, 0] == 1
    assert proven.sum() > 8
    np.testing.assert_allclose(plan.value[proven], exact[proven], atol=0.05)  # a far end is worth a little less
    for position, action, value in zip(positions, plan.action, exact, strict=True):
        position.play(int(action))
        np.testing.assert_array_equal(position.returns + solve(position.game, position.row)[0], value)


def test_a_tree_with_a_solver_does_not_depend_on_the_others() -> None:
    positions, rows, seats = late(16, 6)
    together = searched(rows, seats, 60, Solver(positions[0].game, 500)).plan()
    for b in range(len(rows)):
        alone = searched(rows[b : b + 1], seats[b : b + 1], 60, Solver(positions[0].game, 500)).plan()
        np.testing.assert_array_equal(alone.visits[0], together.visits[b])


def test_a_solved_position_that_is_reached_is_searched_anew() -> None:
    """In the tree it has no moves, at the table somebody has to move there."""
    reached = 0
    for position in late(20, 12)[0]:
        seat = np.array([position.seat], np.int32)
        search = searched(position.row, seat, 8, Solver(position.game, 10**6))
        action = int(search.plan().action[0])
        position.play(action)
        if not position.over:
            reached += 1
            assert not search.keep([action], (position.row, 1 - seat), np.zeros(1, np.uint64))
    assert reached > 3


def wins_at_once(position: Position) -> list[int]:
    """The moves after which the game is over and won."""
    seat, wins = position.seat, []
    for action in np.flatnonzero(position.game.legal(position.row, np.array([seat], np.int32))[0]):
        after = position.copy()
        after.play(int(action))
        wins += [int(action)] if after.over and after.returns[seat] > 0 else []
    return wins


def test_a_win_at_once_is_taken_and_a_loss_at_once_is_put_off() -> None:
    """Though all that wins, and all that loses in the end, is solved."""
    positions, rows, seats = late(20, 150)
    plan = searched(rows, seats, 200, Solver(positions[0].game, 10_000)).plan()
    winning = losing = 0
    for position, action in zip(positions, plan.action, strict=True):
        if wins := wins_at_once(position):
            winning += 1
            assert int(action) in wins
            continue
        legal = np.flatnonzero(position.game.legal(position.row, np.array([position.seat], np.int32))[0])
        safe = []
        for each in legal:
            after = position.copy()
            after.play(int(each))
            safe += [int(each)] if after.over or not wins_at_once(after) else []
        if safe and len(safe) < len(legal):
            losing += 1
            assert int(action) in safe
    assert winning > 20
    assert losing > 10
