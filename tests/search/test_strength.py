"""What a search must find: forced wins, necessary blocks, and that tic-tac-toe is a draw."""

from functools import cache

import numpy as np
import pytest

from games.core.game import Game
from games.core.position import Position
from games.core.registry import make_game
from search.alphabeta import AlphaBeta
from search.models import GameModel, Rollouts, Uniform
from search.plan import make_plan, principal_variation
from search.puct import PUCT
from search.search import FusedSearch, Search
from search.uct import UCT
from tests.search.toys import Foreign

SEARCHES = {"uct": (UCT(), Rollouts()), "puct": (PUCT(), Rollouts()), "puct-without-values": (PUCT(), Uniform())}
PROBLEMS = [  # game, moves so far, the moves that do not throw the result away
    ("connect_four", (3, 0, 3, 0, 3, 1), {3}),  # wins at once, upwards
    ("connect_four", (0, 6, 1, 6, 2, 5), {3}),  # wins at once, along the bottom
    ("connect_four", (3, 0, 3, 0, 3), {3}),  # blocks a column
    ("connect_four", (2, 0, 3, 0, 4, 0), {0, 1, 5}),  # wins at once at 1 or 5, or blocks first and wins then
    ("connect_four", (3, 3, 2, 2), {1, 4}),  # opens both ends: wins in two
    ("connect_four", (3, 0, 2), {1, 4, 5}),  # prevents that
    ("tic_tac_toe", (0, 4, 1, 8), {2}),
    ("tic_tac_toe", (0, 4, 1), {2}),
    ("tic_tac_toe", (0, 4, 8), {1, 3, 5, 7}),  # a corner loses
    ("tic_tac_toe", (0, 1), {3, 4, 6}),  # all that wins
]


def worth(plays: tuple[int, ...]) -> int:
    """Tic-tac-toe solved: 1, 0 or -1 for the seat to act."""
    return solved(frozenset(plays[::2]), frozenset(plays[1::2]))


@cache
def solved(crosses: frozenset[int], noughts: frozenset[int]) -> int:
    rows = [{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {0, 3, 6}, {1, 4, 7}, {2, 5, 8}, {0, 4, 8}, {2, 4, 6}]
    mine, theirs = (crosses, noughts) if len(crosses) == len(noughts) else (noughts, crosses)
    if any(row <= theirs for row in rows):
        return -1
    free = set(range(9)) - mine - theirs
    ends = [(mine | {cell}, theirs) if mine is crosses else (theirs, mine | {cell}) for cell in free]
    return max((-solved(*end) for end in ends), default=0)


def some_lines(count: int) -> list[tuple[int, ...]]:
    """Random tic-tac-toe games [B] broken off before their end."""
    draw, lines = np.random.default_rng(5), []
    while len(lines) < count:
        position, plays = Position.new(make_game("tic_tac_toe")), []
        for _ in range(draw.integers(1, 7)):
            if not position.over:
                plays.append(int(draw.choice(position.legal_actions())))
                position.play(plays[-1])
        if not position.over:
            lines.append(tuple(plays))
    return lines


def search_at(game: Game, lines: list[tuple[int, ...]], kind: str, simulations: int, leaves: int = 1) -> Search:
    policy, evaluator = SEARCHES[kind]
    search = Search(GameModel(game, evaluator), policy, game.bounds)
    rows = np.concatenate([Position.replay(game, 0, plays).row for plays in lines])
    seats = np.array([len(plays) % 2 for plays in lines], np.int32)
    search.run((rows, seats), simulations, np.arange(len(lines), dtype=np.uint64), leaves)
    return search


@pytest.mark.parametrize("kind", SEARCHES)
@pytest.mark.parametrize("leaves", [1, 4])
@pytest.mark.parametrize("name", ["connect_four", "tic_tac_toe"])
def test_problems(name: str, kind: str, leaves: int) -> None:
    problems = [(plays, good) for game, plays, good in PROBLEMS if game == name]
    game = make_game(name)
    search = search_at(game, [plays for plays, _ in problems], kind, 2000, leaves)
    plan = make_plan(search.tree, game.actions)
    for b, (plays, good) in enumerate(problems):
        assert int(plan.action[b]) in good, plays


@pytest.mark.parametrize("kind", SEARCHES)
def test_proven_values_are_true(kind: str) -> None:
    """On 60 positions of tic-tac-toe no result is thrown away; what is called proven is exact (seen in some trees)."""
    game, lines = make_game("tic_tac_toe"), some_lines(60)
    tree = search_at(game, lines, kind, 4000, 2).tree
    plan = make_plan(tree, game.actions)
    for b, plays in enumerate(lines):
        assert -worth((*plays, int(plan.action[b]))) == worth(plays), plays
        path = {0: plays}
        for number in range(1, int(tree.used[b, 0]) if b % 6 == 0 else 0):
            node = tree.nodes[b, number]
            path[number] = (*path[int(node["parent"])], int(tree.moves["action"][b, node["edge"]]))
            if node["proven"]:
                line = path[number]
                value = node["value"] + (node["reward"] if node["mover"] < 0 else 0)
                assert value[len(line) % 2] == worth(line), line
    proven = tree.nodes["proven"][:, 0] == 1
    assert proven.mean() > 0.5
    values = [tree.nodes["value"][b, 0, len(plays) % 2] for b, plays in enumerate(lines) if proven[b]]
    assert values == [worth(plays) for b, plays in enumerate(lines) if proven[b]]


def test_tic_tac_toe_is_a_draw() -> None:
    game, search = make_game("tic_tac_toe"), FusedSearch(make_game("tic_tac_toe"), UCT())
    for seed in range(10):
        position = Position.new(game)
        while not position.over:
            search.begin(position.row, position.seat, 100 * seed + position.ply)
            position.play(int(make_plan(search.go_on(3000), 9).action[0]))
        assert position.returns == (0.0, 0.0), seed


@pytest.mark.parametrize("simulations", [2, 9, 40, 300])
def test_the_line_of_play_begins_with_the_move(simulations: int) -> None:
    """Also where the move is a proven win of few visits, or the most visited is a proven loss."""
    for name in ("connect_four", "tic_tac_toe"):
        game = make_game(name)
        lines = [plays for of, plays, _ in PROBLEMS if of == name] + (some_lines(40) if name == "tic_tac_toe" else [])
        for kind in SEARCHES:
            tree = search_at(game, lines, kind, simulations, 2).tree
            for b, action in enumerate(make_plan(tree, game.actions).action):
                line = principal_variation(tree, b)
                assert line[0] == action
                Position.replay(game, 0, lines[b] + line)


def test_alphabeta_solves_tic_tac_toe() -> None:
    """Compiled and over the contract alike: exact values of the best moves."""
    game, lines = make_game("tic_tac_toe"), some_lines(25)
    for plays in lines:
        row, seat = Position.replay(game, 0, plays).row, len(plays) % 2
        found = AlphaBeta(game).deepen(row, seat, 9, None)
        assert found.settled
        assert found.values[found.action] == worth(plays)
        assert -worth((*plays, found.action)) == worth(plays)
        if len(plays) > 2:
            again = AlphaBeta(Foreign(game)).deepen(row, seat, 9, None)
            assert again.settled
            assert again.values[again.action] == worth(plays) == -worth((*plays, again.action))


def test_alphabeta_on_connect_four() -> None:
    for name, plays, good in PROBLEMS[:6]:
        game = make_game(name)
        found = AlphaBeta(game).deepen(Position.replay(game, 0, plays).row, len(plays) % 2, 6, None)
        assert found.action in good
