"""Information-set Monte Carlo tree search: plans under hidden information and simultaneous moves; needs no training.

Of Cowling, Powley and Whitehouse (2012), with many observers: each simulation deals anew what the seat does not know,
and statistics belong to what the mover knows. Choices are those of smooth UCT (Heinrich and Silver 2015), and the move
is drawn in proportion to visits: where an equilibrium is mixed, always the same move could be exploited. More
simulations need not lead to an equilibrium: opponents are searched against what the seat really holds alone.
"""

from __future__ import annotations

import math
import time

from agents.core.agent import Agent, Move, Thought, Turn
from agents.core.hidden import cannot_deal, draw
from agents.core.options import check_positive
from games.core.game import Game
from games.core.native import NativeGame
from search.decoupled import DecoupledSearch, SmoothUCT
from search.information import InformationSearch
from search.plan import Plan

REPORT_EVERY = 0.05  # seconds


class ISMCTS(Agent):
    """Spends `simulations` on a move, or `seconds` if they are given."""

    def __init__(self, simulations: int, seconds: float | None, c: float) -> None:
        check_positive(simulations=simulations, seconds=seconds, c=c)
        self.simulations, self.seconds, self.policy = simulations, seconds, SmoothUCT(c)
        self._searches: dict[str, DecoupledSearch | InformationSearch] = {}

    def plays(self, game: Game) -> str | None:
        if not game.hidden and not game.simultaneous:
            return "it is for games that hide something"
        return cannot_deal(game)

    def think(self, turn: Turn) -> Move:
        search = self._search(turn.game)
        if isinstance(search, DecoupledSearch):
            search.begin(turn.sample(1), turn.seat, turn.seed)
        else:
            search.begin(turn.sample, turn.seat, turn.seed)
        limit = min((s for s in (self.seconds, turn.seconds) if s is not None), default=math.inf)
        most, chunk = (self.simulations if self.seconds is None else 2**31 - 1), 8
        begin, done = time.perf_counter(), 0
        while True:
            before = time.perf_counter()
            done = min(most, done + chunk)
            search.go_on(done)
            plan = search.plan()
            now = time.perf_counter()
            if now - before < REPORT_EVERY / 2:
                chunk *= 2
            left = limit - (now - begin)
            thought = _thought(turn, plan, now - begin)
            if done >= most or left <= 0 or (now - begin > REPORT_EVERY and not turn.report(thought)):
                assert thought.policy is not None
                return Move(draw(turn, thought.policy), thought)
            if left < math.inf:
                chunk = max(1, min(chunk, int(done / (now - begin) * left * 0.7)))

    def _search(self, game: Game) -> DecoupledSearch | InformationSearch:
        if game.name not in self._searches:
            limit = 10 if game.tick is not None else None
            search = DecoupledSearch if isinstance(game, NativeGame) else InformationSearch
            self._searches[game.name] = search(game, self.policy, limit)  # type: ignore[arg-type]
        return self._searches[game.name]


def _thought(turn: Turn, plan: Plan, seconds: float) -> Thought:
    actions, action = len(turn.legal), int(plan.action[0])
    return Thought(
        policy=plan.policy[0, :actions],
        drawn=True,
        value=plan.value[0],
        visits=plan.visits[0, :actions],
        q=plan.q[0, :actions],
        pv=(action,),
        simulations=int(plan.simulations[0]),
        seconds=seconds,
    )


def agent(simulations: int = 400, seconds: float | None = None, c: float = 0.7) -> Agent:
    """`c`: exploration."""
    return ISMCTS(simulations, seconds, c)
