"""The tree of the last move is gone on from: what stays is what was there."""

import numpy as np
import pytest

from games.core.position import Position
from games.core.registry import make_game
from search.models import GameModel, Rollouts
from search.plan import make_plan, uncatchable, walk
from search.puct import PUCT
from search.search import FusedSearch, Search
from search.tree import Tree
from search.uct import UCT

ZERO = np.zeros(1, np.int32)
SEED = np.array([5], np.uint64)


def described(tree: Tree, node: int = 0) -> object:
    """What stands below a node, without numbers of nodes and edges."""
    n = tree.nodes[0, node]
    below = []
    for edge in range(n["first"], n["first"] + max(n["count"], 0)):
        e, m = tree.edges[0, edge], tree.moves[0, edge]
        child = described(tree, int(e["child"])) if e["child"] else None
        below.append((int(m["action"]), float(m["prior"]), int(e["visits"]), float(e["q"]), int(e["pending"]), child))
    return int(n["visits"]), n["value"].tolist(), int(n["mover"]), int(n["proven"]), below


@pytest.mark.parametrize("name", ["connect_four", "tic_tac_toe", "game_2048", "othello"])
@pytest.mark.parametrize("fused", [True, False])
def test_what_is_kept_is_what_was_there(name: str, fused: bool) -> None:
    game = make_game(name)
    position = Position.new(game, seed=3)
    while game.acting(position.row)[0, game.seats]:
        position.play(int(game.odds(position.row)[0].argmax()))
    seat = int(game.acting(position.row)[0].argmax())
    search: FusedSearch | Search
    if fused:
        search = FusedSearch(game, UCT(), 20)  # type: ignore[arg-type]
        search.begin(position.row, seat, 5)
    else:
        search = Search(GameModel(game, Rollouts(20)), PUCT(), game.bounds)
        search.begin((position.row, ZERO + seat), SEED, 2000)
    tree = search.go_on(500)
    first = int(make_plan(tree, search.width).action[0])
    node = walk(tree, 0, [first])
    second = int(tree.moves["action"][0, tree.nodes["first"][0, node]])
    before = described(tree, walk(tree, 0, [first, second]))
    after = position.copy()
    after.play(first)
    after.play(second)
    if fused:
        assert isinstance(search, FusedSearch)
        assert not search.keep([first], after.row, seat, 6)  # that is another position
        assert search.keep([first, second], after.row, seat, 6)
    else:
        assert isinstance(search, Search)
        assert not search.keep([first], (after.row, ZERO + seat), SEED)
        assert search.keep([first, second], (after.row, ZERO + seat), SEED)
    assert described(search.tree) == before
    kept = int(search.tree.simulations[0])
    assert search.go_on(kept + 300).simulations[0] == kept + 300
    for _ in range(3):  # and again, while the two trees take turns
        legal = np.flatnonzero(search.plan().visits[0])
        if not len(legal):
            break
        after.play(int(legal[0]))
        below = described(search.tree, walk(search.tree, 0, [int(legal[0])]))
        if isinstance(search, FusedSearch):
            kept_on = search.keep([int(legal[0])], after.row, seat, 7)
        else:
            kept_on = search.keep([int(legal[0])], (after.row, ZERO + seat), SEED)
        if not kept_on:  # too few visits there
            break
        assert described(search.tree) == below
        search.go_on(int(search.tree.simulations[0]) + 50)


def test_a_leader_out_of_reach_ends_the_search() -> None:
    game = make_game("tic_tac_toe")
    position = Position.replay(game, 0, [0, 3, 1, 4])  # the next move wins
    search = FusedSearch(game, UCT(), None)  # type: ignore[arg-type]
    search.begin(position.row, 0, 1)
    tree = search.go_on(100)
    assert uncatchable(tree, 0, 10.0)
    search.begin(Position.new(game).row, 0, 1)
    tree = search.go_on(20)
    assert not uncatchable(tree, 0, 1000.0)


def test_stopped_trees_are_left_alone() -> None:
    game = make_game("connect_four")
    rows = game.start(np.arange(3, dtype=np.uint64))
    search = Search(GameModel(game, Rollouts()), PUCT(), game.bounds)
    search.begin((rows, np.zeros(3, np.int32)), np.arange(3, dtype=np.uint64), 100)
    search.go_on(20)
    search.stop([False, True, False])
    assert search.go_on(60).simulations.tolist() == [60, 20, 60]
