"""OpenSpiel's own Monte Carlo tree search in C++: an outsider to measure against.

Source: Lanctot et al., 2019. It plays every native game that OpenSpiel has too, and every `openspiel:` game.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyspiel

from agents.core.agent import Agent, Move, Thought, Turn
from agents.core.options import check_positive
from games.core.game import Game

UNBOUNDED = 100_000_000  # simulations, where seconds decide
MEMORY = 2000  # megabytes a tree may take


class OpenSpielMCTS(Agent):
    """A new bot a move, with its solver on, as OpenSpiel's own example plays."""

    def __init__(self, simulations: int, seconds: float | None, c: float, solve: bool) -> None:
        check_positive(simulations=simulations, seconds=seconds, c=c)
        self.simulations, self.seconds, self.c, self.solve = simulations, seconds, c, solve
        self._games: dict[str, Any] = {}

    def plays(self, game: Game) -> str | None:
        searched = game.openspiel is not None and not game.hidden and not game.simultaneous
        return None if searched else "OpenSpiel has no such game for its search"

    def think(self, turn: Turn) -> Move:
        state = self._state(turn)
        limit = min((s for s in (self.seconds, turn.seconds) if s is not None), default=None)
        bot = pyspiel.MCTSBot(
            state.get_game(),
            pyspiel.RandomRolloutEvaluator(1, turn.seed % 2**31),
            self.c,
            self.simulations if self.seconds is None else UNBOUNDED,
            MEMORY,
            self.solve,
            turn.seed % 2**31,
            False,
            max_wall_clock_time=-1.0 if limit is None else limit,
        )
        begin = time.perf_counter()
        root = bot.mcts_search(state)
        return Move(int(root.best_child().action), _thought(turn, root, time.perf_counter() - begin))

    def _state(self, turn: Turn) -> Any:
        assert turn.position is not None
        assert turn.history is not None
        assert turn.game.openspiel is not None
        row = turn.position.row[0]
        if isinstance(row, pyspiel.State):
            return row.clone()
        if turn.game.name not in self._games:
            self._games[turn.game.name] = pyspiel.load_game(turn.game.openspiel)
        state = self._games[turn.game.name].new_initial_state()
        for play in turn.history:
            state.apply_action(int(play))  # type: ignore[arg-type]
        return state


def _thought(turn: Turn, root: Any, seconds: float) -> Thought:
    actions = len(turn.legal)
    visits, q = np.zeros(actions, np.int64), np.full(actions, np.nan, np.float32)
    for child in root.children:
        visits[child.action] = child.explore_count
        if child.explore_count:
            q[child.action] = child.outcome[child.player] if child.outcome else child.total_reward / child.explore_count
    best = root.best_child()
    value = float(q[best.action])
    return Thought(
        policy=(visits / max(visits.sum(), 1)).astype(np.float32),
        value=np.array([value if seat == turn.seat else -value for seat in range(2)], np.float32)
        if turn.game.seats == 2
        else None,
        visits=visits,
        q=q,
        pv=(int(best.action),),
        simulations=int(visits.sum()),
        seconds=seconds,
    )


def agent(simulations: int = 1000, seconds: float | None = None, c: float = 2.0, solve: bool = True) -> Agent:
    return OpenSpielMCTS(simulations, seconds, c, solve)
