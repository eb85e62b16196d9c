"""Alpha-beta against plain minimax; what it must find, and that equal searches are equal."""

import time
from typing import Any, NamedTuple

import numpy as np
import pytest

from games.core.game import Game, Positions
from games.core.native import NativeGame
from games.core.position import Position
from games.core.registry import GAMES, make_game
from search.alphabeta import AlphaBeta, Native, reason_against
from search.alphabeta_memory import NODES
from search.solving import solve
from tests.search.toys import ODDS, PAID, Foreign, gamble

LATE = {  # plies of random play before the positions, so that minimax can still see the end
    "tic_tac_toe": (0, 2, 4),
    "connect_four": (32, 34, 36),
    "hex(board_size=3)": (1, 2, 4),
    "nim(piles='1 2 3')": (0, 1, 2),
    "nim(piles='2 2 3', misere=false)": (0, 1, 2),
    "breakthrough(rows=4, columns=3)": (0, 2, 4),
    "gomoku(board_size=5)": (17, 18, 20),
    "ultimate_tic_tac_toe": (61, 62, 64),
    "othello": (53, 54, 56),
}
# The number of positions visited in SIGNED, all told. It changes whenever the search does other work, be it the order
# of moves or a game's estimate: whoever means to change that writes the new number here.
SIGNATURE = 294_429
SIGNED = [
    ("tic_tac_toe", 9, 0), ("connect_four", 10, 0), ("connect_four", 9, 9), ("connect_four", 8, 20),
    ("hex(board_size=4)", 16, 0), ("breakthrough", 5, 8), ("othello", 6, 10), ("othello", 11, 49),
    ("ultimate_tic_tac_toe", 6, 15), ("nim", 16, 0),
]  # fmt: skip  # game, depth, plies of random play


def some_position(game: Game, plies: int, seed: int) -> Position:
    """After random play, nature's included; not over."""
    draw = np.random.default_rng(seed)
    while True:
        position = Position.new(game, seed)
        while not position.over and position.ply < plies:
            position.play(int(draw.choice(position.legal_actions())))
        if not position.over:
            return position


def late(spec: str) -> list[Position]:
    game = make_game(spec)
    return [some_position(game, plies, seed) for plies in LATE[spec] for seed in range(4)]


def minimax(position: Position, depth: int, seen: dict[Any, tuple[float, ...]]) -> tuple[float, ...]:
    """What each seat gets from here on, by definition: `seen` spares looking at equal rows twice."""
    game, key = position.game, (position.row.tobytes(), depth)
    if key not in seen:
        if position.over:
            seen[key] = (0.0,) * game.seats
        elif depth == 0:
            seen[key] = tuple(game.estimate(position.row)[0].tolist())
        else:
            seen[key] = chosen(position, depth, seen)
    return seen[key]


def chosen(position: Position, depth: int, seen: dict[Any, tuple[float, ...]]) -> tuple[float, ...]:
    """The best of the children, or nature's mean."""
    seat, ends = position.seat, children(position, depth, seen)
    if seat < position.game.seats:
        return max(ends.values(), key=lambda values: values[seat])
    odds = position.game.odds(position.row)[0]
    return tuple(np.sum([odds[outcome] * np.array(end) for outcome, end in ends.items()], 0).tolist())


def children(position: Position, depth: int, seen: dict[Any, tuple[float, ...]]) -> dict[int, tuple[float, ...]]:
    ends = {}
    for action in position.legal_actions():
        child = position.copy()
        child.returns = (0.0,) * position.game.seats
        child.play(action)
        ends[action] = tuple(np.add(child.returns, minimax(child, depth - 1, seen)).tolist())
    return ends


# -- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", LATE)
def test_solved_values_are_those_of_minimax(spec: str) -> None:
    """Of all positions in one call, and of every move that the search says it knows; with hardly any table too."""
    positions, seen = late(spec), {}
    game = positions[0].game
    values = solve(game, np.concatenate([position.row for position in positions]))
    searches = AlphaBeta(game), AlphaBeta(game, table=1)
    for position, value in zip(positions, values, strict=True):
        assert tuple(value) == minimax(position, game.max_plies, seen)
        ends = children(position, game.max_plies, seen)
        for search in searches:
            found = search.deepen(position.row, position.seat, game.max_plies)
            assert found.settled
            assert ends[found.action] == tuple(value)
            won = value[position.seat] == game.bounds[1]  # then the rest is not looked at to the end
            for action in [found.action] if won else np.flatnonzero(~np.isnan(found.values)):
                assert found.values[action] == ends[int(action)][position.seat]
            line = position.copy()
            for action in found.line:
                line.play(action)


@pytest.mark.parametrize(
    ("spec", "depth", "plies"),
    [("connect_four", 4, 1), ("hex(board_size=4)", 3, 1), ("othello", 4, 2), ("gomoku(board_size=6)", 2, 4)],
)
def test_values_at_a_horizon_are_those_of_minimax(spec: str, depth: int, plies: int) -> None:
    """Before any game can end a search of some depth is worth what plain minimax to that depth says."""
    position = some_position(make_game(spec), plies, 3)
    expected = minimax(position, depth, {})[position.seat]
    for game in (position.game, Foreign(position.game)):
        found = AlphaBeta(game).deepen(position.row, position.seat, depth)
        assert (found.depth, found.settled) == (depth, False)
        assert found.values[found.action] == np.nanmax(found.values) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("spec", LATE)
def test_foreign_games_are_solved_alike(spec: str) -> None:
    for position in late(spec)[-6:]:
        game, values = position.game, []
        for kind in (game, Foreign(game)):
            found = AlphaBeta(kind).deepen(position.row, position.seat, game.max_plies)
            assert found.settled
            values.append(found.values[found.action])
        assert values[0] == values[1]


def test_what_cannot_be_searched() -> None:
    assert "one seat to move at a time" in str(reason_against(make_game("pong_duel")))
    assert "opposite aims" in str(reason_against(gamble_of_three()))


def gamble_of_three() -> Game:
    game = gamble(None)
    game.seats = 3
    return game


# -- wins, losses and the line of play -----------------------------------------------------------------------------


def test_the_shortest_win() -> None:
    """Three in a row on the bottom line of Connect Four, open at both ends: found at the depth it takes, and no more
    is searched; the line of play goes to the end."""
    game = make_game("connect_four")
    search = AlphaBeta(game)
    for plays, plies, value in (((3, 3, 2, 2), 3, 1), ((3, 3, 2, 2, 4), 2, -1), ((3, 3, 2, 2, 4, 1), 1, 1)):
        position = Position.replay(game, 0, plays)
        found = search.deepen(position.row, position.seat, 20)
        assert (found.settled, found.depth, found.values[found.action]) == (True, plies, value)
        if value > 0:
            assert Position.replay(game, 0, plays + found.line).returns[position.seat] == 1


def test_a_lost_game_is_played_on() -> None:
    """Where all moves of tic-tac-toe lose it takes the one that does not lose at once."""
    game = make_game("tic_tac_toe")
    position = Position.replay(game, 0, (0, 1, 4))  # crosses threaten the corner 8, and any block loses later
    found = AlphaBeta(game).deepen(position.row, 1, 9)
    assert (found.action, found.settled, found.values[found.action]) == (8, True, -1)


# -- what a search is, and how it is broken off --------------------------------------------------------------------


def test_signature() -> None:
    """One number pins the whole search (as Stockfish's bench does)."""
    nodes = []
    for spec, depth, plies in SIGNED:
        position = some_position(make_game(spec), plies, 7)
        nodes.append(AlphaBeta(position.game).deepen(position.row, position.seat, depth).nodes)
    assert sum(nodes) == SIGNATURE, nodes


@pytest.mark.parametrize("spec", ["connect_four", "othello"])
def test_breaking_off_changes_nothing(spec: str) -> None:
    """Neither what was searched before, nor how often it stops on the way."""
    game = make_game(spec)
    positions = [some_position(game, 12, seed) for seed in range(3)]
    search = AlphaBeta(game)
    for position in positions:
        fresh = AlphaBeta(game).deepen(position.row, position.seat, 6)
        again = search.deepen(position.row, position.seat, 6)
        engine = Native(game, 2**19)
        engine.start(position.row, position.seat)
        for depth in range(1, 7):
            engine.begin(depth)
            while not engine.go_on(engine.nodes + 7):
                assert engine.memory.state[NODES] % 7 == 0 or engine.nodes > 0
        for other in (again, engine.found(6)):
            np.testing.assert_array_equal(other.values, fresh.values)
            assert (other.action, other.nodes, other.line) == (fresh.action, fresh.nodes, fresh.line)


@pytest.mark.parametrize("kind", ["native", "foreign"])
def test_it_answers_when_told_to(kind: str) -> None:
    game: Any = make_game("connect_four")
    game = Foreign(game) if kind == "foreign" else game
    search, start = AlphaBeta(game), game.start(np.zeros(1, np.uint64))
    search.deepen(start, 0, 2)
    for seconds, heard in ((0.1, lambda found: True), (None, lambda found: found.nodes < 5000), (1e-9, lambda _: True)):
        begin = time.perf_counter()
        found = search.deepen(start, 0, 42, seconds, heard)
        assert time.perf_counter() - begin < 5
        assert found.depth >= 1
        assert found.line[0] == found.action
        assert not np.isnan(found.values[found.action])


SMALL = {"hex": "hex(board_size=3)", "gomoku": "gomoku(board_size=5)", "nim": "nim(piles='2 3')"}


@pytest.mark.parametrize("name", GAMES.names())
def test_positions_with_equal_keys_have_equal_futures(name: str) -> None:
    """What a game calls incidental is: the same moves, observations and rewards follow, whatever it holds."""
    game = make_game(SMALL.get(name, name))
    if not isinstance(game, NativeGame) or not game.incidental:
        pytest.skip("every field matters")
    known = [field for field in np.dtype(game.dtype).names or () if field not in game.incidental]
    met: dict[tuple[bytes, ...], Position] = {}
    equal = 0
    for seed in range(200):
        draw, position = np.random.default_rng(seed), Position.new(game, 1)
        while not position.over and position.ply < 5:
            position.play(int(draw.choice(position.legal_actions())))
            twin = met.setdefault(tuple(position.row[field].tobytes() for field in known), position.copy())
            if equal < 50 and twin.row.tobytes() != position.row.tobytes():
                equal += 1
                go_on_alike(position.copy(), twin.copy(), draw)
    if equal == 0:
        pytest.skip("no two lines of play led to one position")


def go_on_alike(one: Position, two: Position, draw: np.random.Generator) -> None:
    one.returns = two.returns = (0.0,) * one.game.seats
    while True:
        assert (one.acting, one.returns) == (two.acting, two.returns)
        seats = np.arange(one.game.seats, dtype=np.int32)
        for seat in seats:
            np.testing.assert_array_equal(*(one.game.observe(of.row, seats[seat : seat + 1]) for of in (one, two)))
        if one.over:
            return
        assert one.legal_actions() == two.legal_actions()
        action = int(draw.choice(one.legal_actions()))
        one.play(action)
        two.play(action)


# -- chance --------------------------------------------------------------------------------------------------------


class Stakes(NamedTuple):
    """The tag of a game of dice: stake one or two, or pass; nature pays none, one or two times the stake, less 0.9;
    who is paid twice stakes again. What seat 0 wins, seat 1 loses, if there is one."""

    seats: int
    plies: int


def start(rules, row, seed):
    row.ply, row.seat, row.stake = 0, 0, 0


def acting(rules, row):
    if row.ply == rules.plies:
        return 0
    return 1 << (row.seat if row.stake == 0 else rules.seats)


def legal(rules, row, seat, out):
    out[0], out[1], out[2] = True, True, row.ply > 2


def odds(rules, row, out):
    out[0], out[1], out[2] = 0.5, 0.25 + 0.03 * row.ply, 0.25 - 0.03 * row.ply


def step(rules, row, joint, rewards):
    row.ply += 1
    if row.stake == 0:
        row.stake = joint[row.seat]
        if row.stake == 0:
            row.seat = (row.seat + 1) % rules.seats
        return
    paid = joint[rules.seats]
    gain = row.stake * (paid - 0.9)
    rewards[row.seat] += gain
    if rules.seats == 2:
        rewards[1 - row.seat] -= gain
    if paid < 2:
        row.seat = (row.seat + 1) % rules.seats
    row.stake = 0


def observe(rules, row, seat, out):
    out[0] = row.ply


def estimate(rules, row, out):
    out[0] += 0.1 * row.stake
    if rules.seats == 2:
        out[1] -= 0.1 * row.stake


class Dice(NativeGame):
    title, name, bounds = "Stakes", "stakes", None
    actions, outcomes, max_plies = 3, 3, 9
    observation_shape = (1,)

    def __init__(self, seats: int, plies: int) -> None:
        self.seats, self.zero_sum = seats, seats == 2
        super().__init__(Stakes(seats, plies), np.dtype([("ply", "u1"), ("seat", "u1"), ("stake", "u1")]), globals())

    def action_text(self, position: Positions, action: int) -> str:
        return str(action)

    def text(self, position: Positions) -> str:
        return str(position)

    def draw(self, canvas: Any, position: Positions, seat: int) -> None:
        pass


@pytest.mark.parametrize("seats", [1, 2])
def test_chance_is_averaged(seats: int) -> None:
    """With rewards on the way, and where a seat may move twice; for one seat alone too (expectimax)."""
    game, seen = Dice(seats, 9), {}
    for plies in range(9):
        position = some_position(game, plies, plies)
        if position.seat == seats:
            assert solve(game, position.row)[0] == pytest.approx(minimax(position, 9, seen), abs=1e-5)
            continue
        for depth in range(1, 9):
            expected = minimax(position, depth, seen)
            for kind in (game, Foreign(game)):
                found = AlphaBeta(kind).deepen(position.row, position.seat, depth)
                assert found.values[found.action] == pytest.approx(expected[position.seat], abs=1e-4)
                assert found.settled or depth < 9 - plies


def test_a_gamble_of_one() -> None:
    game = gamble(bounds=(0.0, 1.0))
    found = AlphaBeta(game).deepen(game.at(()), 0, 5)
    assert (found.action, found.settled) == (1, True)
    assert found.values[1] == pytest.approx(np.dot(ODDS, PAID))


def test_2048_looks_ahead() -> None:
    """Expectimax over three plies scores more in whole games than the best slide at once."""
    game = make_game("game_2048(max_tile=1024)")
    search, scores = AlphaBeta(game), {}
    for depth in (1, 3):
        scores[depth] = 0.0
        for seed in range(5):
            position, draw = Position.new(game), np.random.default_rng(seed)
            while not position.over:
                if position.seat == game.seats:
                    odds = game.odds(position.row)[0].astype(float)
                    position.play(int(draw.choice(game.outcomes, p=odds / odds.sum())))
                else:
                    position.play(search.deepen(position.row, 0, depth).action)
            scores[depth] += position.returns[0]
    assert scores[3] > scores[1] > 0
