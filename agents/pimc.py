"""Perfect-information Monte Carlo: plans as if all were seen, in many worlds that may be the true one.

As Ginsberg's bridge player (2001); also called determinised UCT. Worlds are drawn among the positions that the seat
cannot tell apart, UCT searches each, and the visits are added up. In a world everybody knows everything, so it neither
hides nor looks for information (strategy fusion: Frank and Basin 1998): a yardstick for `ismcts`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from agents.core.agent import Agent, Move, Thought, Turn
from agents.core.hidden import cannot_deal
from agents.core.options import check_positive
from games.core.game import Game
from games.core.native import NativeGame
from games.core.seeds import derive
from search.models import GameModel, Rollouts
from search.plan import Plan, make_plan
from search.search import FusedSearch, Search, bounds_of
from search.uct import UCT

REPORT_EVERY = 0.05  # seconds


class PIMC(Agent):
    """Spends `simulations` on a move, as many in each of `worlds`."""

    def __init__(self, simulations: int, worlds: int, c: float) -> None:
        check_positive(simulations=simulations, worlds=worlds, c=c)
        if simulations < worlds:
            raise ValueError(f"simulations={simulations} is less than one in each of {worlds} worlds")
        self.simulations, self.worlds, self.policy = simulations, worlds, UCT(c)
        self._searches: dict[str, FusedSearch | Search] = {}

    def plays(self, game: Game) -> str | None:
        if not game.hidden:
            return "it is for games that hide something"
        return cannot_deal(game)

    def think(self, turn: Turn) -> Move:
        begin = told = time.perf_counter()
        plans = list[Plan]()
        for plan in self._plans(turn):
            plans.append(plan)
            if time.perf_counter() - told > REPORT_EVERY:
                told = time.perf_counter()
                if not turn.report(_thought(turn, plans, told - begin)):
                    break
        thought = _thought(turn, plans, time.perf_counter() - begin)
        return Move(thought.pv[0], thought)

    def _plans(self, turn: Turn) -> Iterator[Plan]:
        """What the searches of all worlds say: one plan a world, or one for all."""
        search, each = self._search(turn.game), self.simulations // self.worlds
        rows = turn.sample(self.worlds)
        seeds = np.array([derive(turn.seed, "world", i) for i in range(self.worlds)], np.uint64)
        if isinstance(search, Search):
            tree = search.run((rows, np.full(self.worlds, turn.seat, np.int32)), each, seeds)
            yield make_plan(tree, search.width)
            return
        for i in range(self.worlds):
            search.begin(rows[i : i + 1], turn.seat, int(seeds[i]))
            yield make_plan(search.go_on(each), search.width)

    def _search(self, game: Game) -> FusedSearch | Search:
        if game.name not in self._searches:
            if isinstance(game, NativeGame):
                self._searches[game.name] = FusedSearch(game, self.policy)
            else:
                self._searches[game.name] = Search(GameModel(game, Rollouts()), self.policy, bounds_of(game))
        return self._searches[game.name]


def _thought(turn: Turn, plans: Sequence[Plan], seconds: float) -> Thought:
    """The plans of all worlds so far, added up."""
    actions = len(turn.legal)
    visits, total = np.zeros(actions, np.int64), np.zeros(actions)
    for plan in plans:
        visits += plan.visits.sum(0)[:actions]
        total += (plan.visits * np.nan_to_num(plan.q)).sum(0)[:actions]
    with np.errstate(invalid="ignore"):
        q = (total / visits).astype(np.float32)
    return Thought(
        policy=(visits / visits.sum()).astype(np.float32),
        value=np.concatenate([plan.value for plan in plans]).mean(0),
        visits=visits,
        q=q,
        pv=(int(np.lexsort((np.nan_to_num(q), visits))[-1]),),
        simulations=int(sum(plan.simulations.sum() for plan in plans)),
        seconds=seconds,
    )


def agent(simulations: int = 400, worlds: int = 20, c: float = 0.7) -> Agent:
    """`c`: exploration."""
    return PIMC(simulations, worlds, c)
