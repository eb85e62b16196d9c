"""What each part of the search is worth: the agent with it against the agent without, 1,000 games at 20 ms a move.

By hand on a quiet machine: `pytest tests/agents/test_parts.py -m slow -s`, ten minutes a part."""

from __future__ import annotations

import numpy as np
import pytest

from agents import alphazero
from agents.core.agent import Turn
from agents.core.planner import AnySearch
from agents.uct import UCTAgent
from arena.match import Seating, play
from games.core.game import Game
from games.core.native import NativeGame
from games.core.registry import make_game
from search.search import FusedSearch
from search.uct import UCT

GAMES, SECONDS, TOGETHER = 1000, 0.02, 8


def uct() -> UCTAgent:
    return UCTAgent(400, SECONDS, 0.7, None)


class Forgetful(UCTAgent):
    """A new tree for each move."""

    def _keep(self, search: AnySearch, turn: Turn, plays: object) -> bool:
        return False


class Unproven(FusedSearch):
    """Nothing is ever proven: the flag that switches proofs off where returns have no bounds."""

    def begin(self, *arguments: object, **named: object) -> None:
        super().begin(*arguments, **named)
        self.tree.adaptive[0] = True

    def keep(self, *arguments: object) -> bool:
        kept = super().keep(*arguments)
        self.tree.adaptive[0] = True
        return kept


class Unsolving(UCTAgent):
    def make_search(self, game: Game) -> FusedSearch:
        assert isinstance(game, NativeGame)
        return Unproven(game, UCT(0.7))


def one_leaf() -> alphazero.AlphaZero:
    agent = alphazero.AlphaZero(None, 200, SECONDS)
    agent.leaves = 1
    return agent


PARTS = {
    "tree reuse": ("connect_four", uct, lambda: Forgetful(400, SECONDS, 0.7, None)),
    "solver": ("connect_four", uct, lambda: Unsolving(400, SECONDS, 0.7, None)),
    "leaf parallelism": ("connect_four", lambda: alphazero.AlphaZero(None, 200, SECONDS), one_leaf),
}


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_it_does_no_harm(part: str) -> None:
    """The lower end of the 95% interval of its score is 47% or more."""
    name, with_it, without = PARTS[part]
    game, agents = make_game(name), {"with": with_it(), "without": without()}
    if reason := agents["with"].plays(game):
        pytest.skip(reason)
    scores: list[float] = []
    for first in range(0, GAMES, TOGETHER):
        seatings = [
            Seating(("with", "without") if n % 2 == 0 else ("without", "with"), n // 2, n, opening=2)
            for n in range(first, first + TOGETHER)
        ]
        for seating, record in zip(seatings, play(game, agents, seatings), strict=True):
            scores.append((1 + record.returns[seating.agents.index("with")]) / 2)
    pairs = np.array(scores).reshape(-1, 2).mean(1)  # the two games of an opening belong together
    mean, error = pairs.mean(), 1.96 * pairs.std(ddof=1) / np.sqrt(len(pairs))
    print(f"\n{part}, {name}: {mean:.1%}, 95% interval {mean - error:.1%} to {mean + error:.1%}, {len(scores)} games")
    assert mean - error >= 0.47
