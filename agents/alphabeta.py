"""Alpha-beta search, deeper and deeper, with the game's own estimate at the horizon.

Source: Knuth and Moore, 1975.

Plays games of two seats with opposite aims, or of one, without hidden or simultaneous moves; dice are averaged over.
It stops when it knows the result for certain.
"""

from __future__ import annotations

import time

import numpy as np

from agents.core.agent import Agent, Move, Thought, Turn
from agents.core.options import check_positive
from games.core.game import Game
from search.alphabeta import AlphaBeta, Deepening, reason_against
from search.alphabeta_memory import DEEPEST


class AlphaBetaAgent(Agent):
    """Searches to `depth` plies, or as deep as `seconds` allow."""

    def __init__(self, depth: int, seconds: float | None) -> None:
        check_positive(depth=depth, seconds=seconds)
        self.depth, self.seconds = depth, seconds
        self._searches: dict[str, AlphaBeta] = {}

    def plays(self, game: Game) -> str | None:
        return reason_against(game)

    def think(self, turn: Turn) -> Move:
        assert turn.position is not None
        if turn.game.name not in self._searches:
            self._searches[turn.game.name] = AlphaBeta(turn.game)
        search = self._searches[turn.game.name]
        limit = min((s for s in (self.seconds, turn.seconds) if s is not None), default=None)
        depth = 1 if len(turn.actions) == 1 else self.depth if self.seconds is None else DEEPEST
        begin = time.perf_counter()

        def heard(found: Deepening) -> bool:
            return turn.report(_thought(turn, found, time.perf_counter() - begin))

        found = search.deepen(turn.position.row, turn.seat, depth, limit, heard)
        return Move(found.action, _thought(turn, found, time.perf_counter() - begin))


def _thought(turn: Turn, found: Deepening, seconds: float) -> Thought:
    value = np.full(turn.game.seats, 0 - found.values[found.action], np.float32)
    value[turn.seat] = found.values[found.action]
    policy = np.zeros(turn.game.actions, np.float32)
    policy[found.action] = 1
    return Thought(
        policy=policy,
        value=value,
        q=found.values,
        pv=found.line,
        simulations=found.nodes,
        depth=found.depth,
        seconds=seconds,
        note="solved" if found.settled else "",
    )


def agent(depth: int = 5, seconds: float | None = None) -> Agent:
    return AlphaBetaAgent(depth, seconds)
