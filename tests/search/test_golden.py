"""Recorded trees: a search makes the same tree, node by node, as the day it was recorded.

Whoever means to change a search, or a game below, records anew with `python -m tests.search.test_golden` and looks at
what differs.
"""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from games.core.position import Position
from games.core.registry import make_game
from search.decoupled import DecoupledSearch, SmoothUCT
from search.gumbel import Gumbel
from search.information import InformationSearch
from search.models import GameModel, Rollouts, Uniform
from search.puct import PUCT
from search.search import Search, bounds_of
from search.tree import Tree
from search.uct import UCT
from tests.search.toys import Guess

FOLDER = Path(__file__).parent / "golden"
SEARCHES = {
    "puct": (PUCT(), Uniform()),
    "puct-noise": (PUCT(noise=0.25), Guess()),
    "gumbel": (Gumbel(), Guess()),
    "uct": (UCT(), Rollouts(20)),
}
POSITIONS: list[tuple[str, tuple[Any, ...]]] = [
    ("tic_tac_toe", ()),
    ("tic_tac_toe", (0, 4, 1)),
    ("connect_four", (3, 3, 2)),
    ("pong_duel", ((1, 2),) * 16),  # both act at once
    ("game_2048", (0, 10, 1, 20)),  # nature acts, one seat earns points on the way
]
KNOWLEDGE = {"decoupled": 3550965655, "information": 1545249083}  # signatures; `knowledge` says what of
SIMULATIONS = 32  # of the trees written down
MANY = 400  # of those that the signature is of


def grow(search: str, spec: str, plays: tuple[Any, ...], simulations: int) -> Tree:
    game = make_game(spec)
    policy, evaluator = SEARCHES[search]
    position = Position.replay(game, 1, plays)
    inputs = position.row, np.array([0 if game.simultaneous else position.seat], np.int32)
    return Search(GameModel(game, evaluator), policy, bounds_of(game)).run(inputs, simulations, np.ones(1, np.uint64))


def rows(tree: Tree) -> list[list[Any]]:
    """A node a row: its parent, the action that led there (-1 at the root), visits, who moves, the value of each
    seat."""
    nodes = tree.nodes[0, : tree.used[0, 0]]
    actions = np.where(nodes["edge"] < 0, -1, tree.moves["action"][0, nodes["edge"]])
    values = [[round(float(value), 4) + 0.0 for value in node["value"]] for node in nodes]
    table = zip(nodes["parent"], actions, nodes["visits"], nodes["mover"], strict=True)
    return [[*map(int, row), value] for row, value in zip(table, values, strict=True)]


def signature(search: str) -> int:
    """One number for the shape of larger trees, from all positions."""
    number = 0
    for spec, plays in POSITIONS:
        shape = [row[:4] for row in rows(grow(search, spec, plays, MANY))]
        number = zlib.crc32(np.array(shape, np.int32).tobytes(), number)
    return number


@pytest.mark.parametrize("number", range(len(POSITIONS)))
@pytest.mark.parametrize("search", SEARCHES)
def test_the_tree_is_as_recorded(search: str, number: int) -> None:
    spec, plays = POSITIONS[number]
    recorded = json.loads((FOLDER / f"{search}.json").read_text())["trees"][number]
    assert (recorded["game"], recorded["plays"]) == (spec, json.loads(json.dumps(plays)))
    found = rows(grow(search, spec, plays, SIMULATIONS))
    for node, (now, before) in enumerate(zip(found, recorded["nodes"], strict=True)):
        assert now[:4] == before[:4], node
        assert now[4] == pytest.approx(before[4], rel=1e-4, abs=2e-4), node


@pytest.mark.parametrize("search", SEARCHES)
def test_the_signature_is_as_recorded(search: str) -> None:
    assert signature(search) == json.loads((FOLDER / f"{search}.json").read_text())["signature"]


def knowledge(search: str) -> int:
    """One number for the visits of the first move of games that hide something, or in which both act at once."""
    number = 0
    for spec in ("kuhn_poker", "leduc_poker", "pong_duel"):
        game = make_game(spec)
        position = Position.new(game, 1)
        while game.acting(position.row)[0, game.seats]:
            position.play(int(game.odds(position.row)[0].argmax()))

        def sample(count: int, game: Any = game, row: Any = position.row) -> Any:
            seeds = np.arange(count, dtype=np.uint64)
            return game.resample(np.repeat(row, count), np.zeros(count, np.int32), seeds)

        if search == "decoupled":
            compiled = DecoupledSearch(game, SmoothUCT(), 10)
            compiled.begin(position.row, 0, 1)
            compiled.go_on(MANY)
            plan = compiled.plan()
        elif game.hidden:
            plain = InformationSearch(game, SmoothUCT(), 10)
            plain.begin(sample, 0, 1)
            plain.go_on(MANY)
            plan = plain.plan()
        else:
            continue
        number = zlib.crc32(plan.visits.astype(np.int32).tobytes(), number)
    return number


@pytest.mark.parametrize("search", KNOWLEDGE)
def test_searches_of_what_a_seat_knows_are_as_recorded(search: str) -> None:
    assert knowledge(search) == KNOWLEDGE[search]


def record() -> None:
    """Write all trees down, a node a line, so that differences can be read."""
    for search in SEARCHES:
        trees = []
        for spec, plays in POSITIONS:
            nodes = ",\n".join(f"  {json.dumps(row)}" for row in rows(grow(search, spec, plays, SIMULATIONS)))
            trees.append(f'{{"game": "{spec}", "plays": {json.dumps(plays)}, "nodes": [\n{nodes}\n]}}')
        text = f'{{"signature": {signature(search)}, "trees": [\n' + ",\n".join(trees) + "\n]}\n"
        (FOLDER / f"{search}.json").write_text(text)


if __name__ == "__main__":
    record()
