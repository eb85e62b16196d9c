"""Agents that search a tree before they move: how long, in which batches, and what they tell of it.

Given a number of simulations, a move is a function of the position and the seed alone, in whatever batch it is asked
for. On a clock it depends on the machine; there the tree is kept from move to move.
"""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.core.agent import Agent, Move, Thought, Turn
from agents.core.options import check_positive
from games.core.game import Game
from search.branches import branches
from search.decoupled import DecoupledSearch
from search.plan import Plan, principal_variation, uncatchable
from search.search import FusedSearch, Search

AnySearch = FusedSearch | DecoupledSearch | Search
REPORT_EVERY = 0.05  # seconds
FASTEST = 100_000  # simulations a second that a search in steps never reaches
ROOM = 200_000  # simulations of a search in steps at most, where seconds decide
MEMORY = 4e9  # bytes of trees that are kept between moves
TOGETHER = 256  # turns at most that are searched in lockstep
LOOKS = 16  # times that a search with a number of simulations is looked at: may it stop early?


def _seeds(turns: Sequence[Turn]) -> npt.NDArray[np.uint64]:
    return np.array([turn.seed for turn in turns], np.uint64)


class Planner(Agent):
    """Spends `simulations` on a move, or `seconds` if they are given; less where the choice cannot change any more."""

    def __init__(self, simulations: int, seconds: float | None, leaves: int = 1) -> None:
        """`leaves`: how many a tree evaluates at once (virtual loss)."""
        check_positive(simulations=simulations, seconds=seconds)
        self.simulations, self.seconds, self.leaves = simulations, seconds, leaves
        self._shared: dict[str, AnySearch] = {}
        self._kept: dict[tuple[str, int], tuple[AnySearch, int]] = {}  # the match's tree, from which ply on

    @abstractmethod
    def make_search(self, game: Game) -> AnySearch:
        """What searches `game`."""

    def inputs(self, turns: Sequence[Turn]) -> Any:
        """What the model of a `Search` begins with: positions and seats [B]."""
        rows = np.concatenate([turn.position.row for turn in turns if turn.position is not None])
        return rows, np.array([turn.seat for turn in turns], np.int32)

    def plays(self, game: Game) -> str | None:
        if game.hidden:
            return "the game hides things, and it needs to see everything"
        return None if game.forkable else "the game cannot be copied"

    def act(self, turns: Sequence[Turn]) -> Sequence[Move]:
        if self.seconds is None and all(turn.seconds is None for turn in turns):
            search = self._shared_search(turns[0].game)
            if isinstance(search, Search):
                parts = [turns[begin : begin + TOGETHER] for begin in range(0, len(turns), TOGETHER)]
                return [move for part in parts for move in self._batch(search, part)]
        return [self.think(turn) for turn in turns]

    def think(self, turn: Turn) -> Move:
        self._shared_search(turn.game)  # what takes long to load is no part of the thinking
        begin = told = time.perf_counter()
        limit = min((s for s in (self.seconds, turn.seconds) if s is not None), default=math.inf)
        search = self._search(turn) if limit == math.inf else self._continued(turn, limit)
        at_first = int(search.tree.simulations[0])
        most = max(at_first, 0) + self.simulations if self.seconds is None else 2**31 - 1
        chunk, look = max(4, self.leaves), max(32, self.simulations // LOOKS)
        while True:
            before, done = time.perf_counter(), int(search.tree.simulations[0])
            step = chunk if limit < math.inf else min(chunk, look - done % look)
            tree = search.go_on(min(most, done + step))
            now, done = time.perf_counter(), int(tree.simulations[0])
            left, speed = limit - (now - begin), (done - at_first) / (now - begin)
            stop = done >= most or left <= 0 or (isinstance(search, Search) and done >= search.room)
            known = done % look == 0 if limit == math.inf else left < 0.75 * limit  # at first the speed is a guess
            if known and not turn.thorough:
                stop = stop or uncatchable(tree, 0, min(most - done, left * speed))
            if stop:
                return self._move(turn, search, search.plan(), 0, now - begin)
            if now - before > 2 * REPORT_EVERY:
                chunk = max(self.leaves, chunk // 2)
            elif now - before < REPORT_EVERY / 2 and step == chunk:
                chunk *= 2
            if left < math.inf:
                chunk = max(1, min(chunk, int(speed * left * 0.7)))
            if now - told > REPORT_EVERY:
                told = now
                if not turn.report(self._thought(turn, search, search.plan(), 0, now - begin)):
                    most = done

    def end(self, match: str) -> None:
        for key in [key for key in self._kept if key[0] == match]:
            del self._kept[key]

    def _batch(self, search: Search, turns: Sequence[Turn]) -> list[Move]:
        """All turns in lockstep."""
        inputs, begin = self.inputs(turns), time.perf_counter()
        search.begin(inputs, _seeds(turns), self.simulations, self.leaves)
        step, told, wanted = max(self.leaves, 32, self.simulations // LOOKS), begin, True

        def heed() -> bool:
            nonlocal told, wanted
            now = time.perf_counter()
            if now - told > REPORT_EVERY:
                told = now
                wanted = turns[0].report(self._thought(turns[0], search, search.plan(), 0, now - begin))
            return wanted

        for done in range(step, self.simulations + step, step):
            tree = search.go_on(min(done, self.simulations), heed if len(turns) == 1 else None)
            if not wanted:
                break
            rest = self.simulations - done
            search.stop([not turn.thorough and uncatchable(tree, b, rest) for b, turn in enumerate(turns)])
        seconds = (time.perf_counter() - begin) / len(turns)
        plan = search.plan()
        return [self._move(turn, search, plan, b, seconds) for b, turn in enumerate(turns)]

    # -- trees -----------------------------------------------------------------------------------------------------

    def _shared_search(self, game: Game) -> AnySearch:
        if game.name not in self._shared:
            self._shared[game.name] = self.make_search(game)
        return self._shared[game.name]

    def _search(self, turn: Turn) -> AnySearch:
        """A new tree for this turn."""
        search = self._shared_search(turn.game)
        self._begin(search, turn, self.simulations)
        return search

    def _continued(self, turn: Turn, limit: float) -> AnySearch:
        """The tree of this seat's last move, as far as it was played into; else a new one."""
        key, history = (turn.match, turn.seat), turn.history or ()
        search, ply = self._kept.get(key, (None, 0))
        plays = [play for play in history[ply:] if isinstance(play, int)]
        if search is None or len(plays) < len(history) - ply or not self._keep(search, turn, plays):
            search = search or self.make_search(turn.game)
            self._begin(search, turn, int(min(limit * FASTEST, ROOM)))
        self._kept.pop(key, None)
        self._kept[key] = (search, len(history))
        while len(self._kept) > 1 and sum(kept.bytes for kept, _ in self._kept.values()) > MEMORY:
            del self._kept[next(iter(self._kept))]  # the one not asked for the longest
        return search

    def _begin(self, search: AnySearch, turn: Turn, room: int) -> None:
        if isinstance(search, Search):
            search.begin(self.inputs([turn]), _seeds([turn]), room, self.leaves)
        else:
            assert turn.position is not None
            search.begin(turn.position.row, turn.seat, turn.seed)

    def _keep(self, search: AnySearch, turn: Turn, plays: Sequence[int]) -> bool:
        if isinstance(search, Search):
            return search.keep(plays, self.inputs([turn]), _seeds([turn]))
        assert turn.position is not None
        return search.keep(plays, turn.position.row, turn.seat, turn.seed)

    # -- what it tells ---------------------------------------------------------------------------------------------

    def _move(self, turn: Turn, search: AnySearch, plan: Plan, b: int, seconds: float) -> Move:
        thought = self._thought(turn, search, plan, b, seconds)
        thought.branches = branches(search.tree, b) if turn.branches else ()
        return Move(int(plan.action[b]), thought)

    def _thought(self, turn: Turn, search: AnySearch, plan: Plan, b: int, seconds: float) -> Thought:
        actions = len(turn.legal)
        return Thought(
            policy=plan.policy[b, :actions],
            value=plan.value[b],
            visits=plan.visits[b, :actions],
            q=plan.q[b, :actions],
            prior=plan.prior[b, :actions],
            pv=principal_variation(search.tree, b),
            simulations=int(plan.simulations[b]),
            seconds=seconds,
        )
