"""Alpha-beta search, deeper and deeper, with the game's own estimate at the horizon.

Source: Knuth and Moore, 1975.

Plays any two-seat zero-sum game without hidden or simultaneous moves; dice are averaged over.
"""

from __future__ import annotations

import time

import numpy as np

from agents.core.agent import Agent, Move, Thought, Turn
from agents.core.options import check_positive
from games.core.game import Game
from search.alphabeta import AlphaBeta, Deepening

DEEPEST = 200


class AlphaBetaAgent(Agent):
    """Searches to `depth` plies, or as deep as `seconds` allow."""

    def __init__(self, depth: int, seconds: float | None) -> None:
        check_positive(depth=depth, seconds=seconds)
        self.depth, self.seconds = depth, seconds
        self._searches: dict[str, AlphaBeta] = {}

    def plays(self, game: Game) -> str | None:
        if game.hidden or game.simultaneous:
            return "it needs one seat to move at a time, seeing everything"
        if game.seats != 2 or not game.zero_sum:
            return "it needs two seats with opposite aims"
        return None if game.forkable else "the game cannot be copied"

    def think(self, turn: Turn) -> Move:
        assert turn.position is not None
        search = self._searches.setdefault(turn.game.name, AlphaBeta(turn.game))
        limit = min((s for s in (self.seconds, turn.seconds) if s is not None), default=None)
        depth = self.depth if self.seconds is None else DEEPEST
        begin = time.perf_counter()

        def heard(found: Deepening) -> bool:
            return turn.report(_thought(turn, found, time.perf_counter() - begin))

        found = search.deepen(turn.position.row, turn.seat, depth, limit, heard)
        return Move(found.action, _thought(turn, found, time.perf_counter() - begin))


def _thought(turn: Turn, found: Deepening, seconds: float) -> Thought:
    value = np.zeros(turn.game.seats, np.float32)
    best = float(found.values[found.action])
    value[turn.seat], value[1 - turn.seat] = best, -best
    policy = np.zeros(turn.game.actions, np.float32)
    policy[found.action] = 1
    return Thought(
        policy=policy,
        value=value,
        q=found.values,
        pv=(found.action,),
        simulations=found.nodes,
        depth=found.depth,
        seconds=seconds,
    )


def agent(depth: int = 5, seconds: float | None = None) -> Agent:
    return AlphaBetaAgent(depth, seconds)
