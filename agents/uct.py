"""Tree search with random rollouts; needs no training.

UCT is of Kocsis and Szepesvari (2006). It plays any game that can be copied and hides nothing.
Native games are searched by one compiled loop, foreign ones in batches over all turns that are due.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np

from agents.core.agent import Agent, Move, Thought, Turn
from agents.core.options import check_positive
from games.core.game import Game
from games.core.native import NativeGame
from search.models import GameModel, Rollouts
from search.plan import Plan, principal_variation
from search.search import FusedSearch, Search, bounds_of
from search.tree import Tree
from search.uct import UCT

REPORT_EVERY = 0.05  # seconds
FASTEST = 100_000  # simulations a second that a foreign game never reaches
ROOM = 200_000  # simulations of a foreign game at most, where seconds decide


class UCTAgent(Agent):
    """Spends `simulations` on a move, or `seconds` if they are given."""

    def __init__(self, simulations: int, seconds: float | None, c: float, rollout: int | None) -> None:
        check_positive(simulations=simulations, seconds=seconds, c=c)
        if rollout is not None and (not isinstance(rollout, int) or isinstance(rollout, bool) or rollout < 0):
            raise ValueError(f"rollout={rollout} is not a number of plies")
        self.simulations, self.seconds, self.rollout = simulations, seconds, rollout
        self.policy = UCT(c)
        self._searches: dict[str, FusedSearch | Search] = {}

    def plays(self, game: Game) -> str | None:
        if game.hidden:
            return "it needs to see everything"
        return None if game.forkable else "the game cannot be copied"

    def act(self, turns: Sequence[Turn]) -> Sequence[Move]:
        search = self._search(turns[0].game)
        if isinstance(search, Search) and self.seconds is None and all(turn.seconds is None for turn in turns):
            return self._batch(search, turns)
        return [self.think(turn) for turn in turns]

    def think(self, turn: Turn) -> Move:
        search, position = self._search(turn.game), turn.position
        assert position is not None
        limit = min((s for s in (self.seconds, turn.seconds) if s is not None), default=math.inf)
        begin = time.perf_counter()
        if isinstance(search, FusedSearch):
            search.begin(position.row, turn.seat, turn.seed)
        else:
            room = self.simulations if self.seconds is None else int(min(limit * FASTEST, ROOM))
            search.begin((position.row, np.array([turn.seat], np.int32)), np.array([turn.seed], np.uint64), room)
        most, chunk = (self.simulations if self.seconds is None else 2**31 - 1), 32
        while True:
            before = time.perf_counter()
            tree = search.go_on(min(most, int(search.tree.simulations[0]) + chunk))
            now = time.perf_counter()
            done = int(tree.simulations[0])
            if now - before < REPORT_EVERY / 2:
                chunk *= 2
            left = limit - (now - begin)
            full = isinstance(search, Search) and done >= search.room
            settled = left < math.inf and tree.nodes["proven"][0, 0]  # when it is seen depends on the clock
            if done >= most or left <= 0 or full or settled:
                return _move(turn, search.plan(), tree, 0, now - begin)
            if left < math.inf:
                chunk = max(1, min(chunk, int(done / (now - begin) * left * 0.7)))
            if now - begin > REPORT_EVERY and not turn.report(
                _thought(turn, search.plan(), tree, 0, now - begin)
            ):
                most = done

    def _batch(self, search: Search, turns: Sequence[Turn]) -> list[Move]:
        """All turns in lockstep."""
        rows = np.concatenate([turn.position.row for turn in turns if turn.position is not None])
        begin = time.perf_counter()
        seats = np.array([turn.seat for turn in turns], np.int32)
        search.begin((rows, seats), np.array([turn.seed for turn in turns], np.uint64), self.simulations)
        tree = search.tree
        for done in range(32, self.simulations + 32, 32):
            tree = search.go_on(min(done, self.simulations))
            if len(turns) == 1:
                seconds = time.perf_counter() - begin
                if not turns[0].report(_thought(turns[0], search.plan(), tree, 0, seconds)):
                    break
        seconds = (time.perf_counter() - begin) / len(turns)
        plan = search.plan()
        return [_move(turn, plan, tree, b, seconds) for b, turn in enumerate(turns)]

    def _search(self, game: Game) -> FusedSearch | Search:
        if game.name not in self._searches:
            limit = self.rollout if self.rollout is not None else 10 if game.tick is not None else None
            if isinstance(game, NativeGame):
                self._searches[game.name] = FusedSearch(game, self.policy, limit)
            else:
                self._searches[game.name] = Search(GameModel(game, Rollouts(limit)), self.policy, bounds_of(game))
        return self._searches[game.name]


def _move(turn: Turn, plan: Plan, tree: Tree, b: int, seconds: float) -> Move:
    return Move(int(plan.action[b]), _thought(turn, plan, tree, b, seconds))


def _thought(turn: Turn, plan: Plan, tree: Tree, b: int, seconds: float) -> Thought:
    actions = len(turn.legal)
    return Thought(
        policy=plan.policy[b, :actions],
        value=plan.value[b],
        visits=plan.visits[b, :actions],
        q=plan.q[b, :actions],
        pv=principal_variation(tree, b),
        simulations=int(plan.simulations[b]),
        seconds=seconds,
    )


def agent(simulations: int = 400, seconds: float | None = None, c: float = 0.7, rollout: int | None = None) -> Agent:
    """`c`: exploration; `rollout`: plies before the game's estimate stands in (by default to the end, but 10 in
    real-time games)."""
    return UCTAgent(simulations, seconds, c, rollout)
