"""Tree search with random rollouts; needs no training.

UCT is of Kocsis and Szepesvari (2006). It plays any game that can be copied and hides nothing.
Native games are searched by one compiled loop, foreign ones in batches over all turns that are due. Where seats act at
once, a native game is searched by decoupled UCT; in a foreign one they commit one after the other.
"""

from __future__ import annotations

from agents.core.agent import Agent
from agents.core.options import check_positive
from agents.core.planner import AnySearch, Planner
from games.core.game import Game
from games.core.native import NativeGame
from search.decoupled import DecoupledSearch, SmoothUCT
from search.models import GameModel, Rollouts
from search.search import FusedSearch, Search, bounds_of
from search.uct import UCT


class UCTAgent(Planner):
    """Spends `simulations` on a move, or `seconds` if they are given."""

    def __init__(self, simulations: int, seconds: float | None, c: float, rollout: int | None) -> None:
        check_positive(c=c)
        if rollout is not None and (not isinstance(rollout, int) or isinstance(rollout, bool) or rollout < 0):
            raise ValueError(f"rollout={rollout} is not a number of plies")
        super().__init__(simulations, seconds)
        self.rollout, self.policy = rollout, UCT(c)

    def make_search(self, game: Game) -> AnySearch:
        limit = self.rollout if self.rollout is not None else 10 if game.tick is not None else None
        if isinstance(game, NativeGame) and game.simultaneous:
            return DecoupledSearch(game, SmoothUCT(self.policy.c), limit)
        if isinstance(game, NativeGame):
            return FusedSearch(game, self.policy, limit)
        return Search(GameModel(game, Rollouts(limit)), self.policy, bounds_of(game))


def agent(simulations: int = 400, seconds: float | None = None, c: float = 0.7, rollout: int | None = None) -> Agent:
    """`c`: exploration; `rollout`: plies before the game's estimate stands in (by default to the end, but 10 in
    real-time games)."""
    return UCTAgent(simulations, seconds, c, rollout)
