"""Alpha-beta search (Knuth and Moore 1975), deeper and deeper, for two seats with opposite aims or one alone; chance
is averaged.

Native games are searched by the compiled loop of `alphabeta_kernels.py`, foreign ones in Python without its table and
its order of moves. Values are returns from the side of the seat to act.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import NamedTuple, Protocol

import numpy as np

from games.core.game import Float, Game, Positions
from games.core.native import NativeGame
from search import alphabeta_kernels as kernels
from search.alphabeta_memory import DEEPEST, NODES, SEARCH, UNIT, make_memory

TABLE = 2**19  # pairs of entries: 24 MB, of which small searches touch little
REPORT_EVERY = 0.1  # seconds
LONGEST = 40  # moves of a line
DOUBT = 1 / UNIT  # estimates keep that far inside a game's bounds


class Deepening(NamedTuple):
    """What a search has found out about its root."""

    action: int
    values: Float  # [actions] of the seat to act; NaN where illegal, or only known not to be better
    depth: int  # plies
    nodes: int  # positions visited
    settled: bool  # no estimate is in the value: it is exact
    line: tuple[int, ...]  # of play, from the action on


class Engine(Protocol):
    """A search of one depth after the other that can be interrupted."""

    @property
    def nodes(self) -> int:
        """Visited since the start."""

    def start(self, position: Positions, seat: int) -> None:
        """A new search, from `position` [1] on."""

    def begin(self, depth: int) -> None:
        """The next depth."""

    def go_on(self, most: int) -> bool:
        """Is the depth done? Stops when `most` nodes are visited."""

    def found(self, depth: int) -> Deepening:
        """As far as it got."""


def reason_against(game: Game) -> str | None:
    """Why alpha-beta cannot search a game; None: it can."""
    if game.hidden or game.simultaneous:
        return "it needs one seat to move at a time, seeing everything"
    if game.seats > 2 or (game.seats == 2 and not game.zero_sum):
        return "it needs two seats with opposite aims, or one alone"
    if game.action_space is not None:
        return "it needs actions that can be counted"
    return None if game.forkable else "the game cannot be copied"


class AlphaBeta:
    """Searches one position at a time; equal searches find equal things. Keep the object: its memory serves again."""

    def __init__(self, game: Game, table: int = TABLE) -> None:
        """`table`: pairs of entries in the transposition table, a power of two."""
        self.game = game
        self.engine: Engine = Native(game, table) if isinstance(game, NativeGame) else Foreign(game)
        self.deepest = min(game.max_plies, DEEPEST)

    def deepen(
        self,
        position: Positions,
        seat: int,
        depth: int,
        seconds: float | None = None,
        heard: Callable[[Deepening], bool] = lambda found: True,
    ) -> Deepening:
        """Depth 1, 2, ... `depth` at most, until the value is settled, `seconds` are over, or `heard`, told about ten
        times a second, says stop. The first depth is always finished. Of settled losses the longest is taken."""
        engine, begin, best = self.engine, time.perf_counter(), None
        engine.start(position, seat)
        told, chunk = begin, 64
        for level in range(1, min(depth, self.deepest) + 1):
            engine.begin(level)
            done = False
            while not done:
                done = engine.go_on(engine.nodes + chunk)
                found, now = engine.found(level) if done else None, time.perf_counter()
                if found is not None:
                    best = _better(best, found, self.game)
                left = np.inf if seconds is None else seconds - (now - begin)
                chunk = max(64, int(engine.nodes / (now - begin) * min(REPORT_EVERY / 2, left)))
                if best is None or (left > 0 and now - told < REPORT_EVERY):
                    continue
                told = now
                if left <= 0 or not heard(best._replace(nodes=engine.nodes)):
                    return best if done else _so_far(best, engine.found(level))
            if best is not None and best.settled:
                break
        assert best is not None
        return best


def _better(best: Deepening | None, found: Deepening, game: Game) -> Deepening:
    """The deeper search, but of lost moves the one that a shallower search held to be best."""
    if best is None or game.bounds is None or not found.settled or found.values[found.action] > game.bounds[0]:
        return found
    return found._replace(action=best.action, line=best.line)


def _so_far(best: Deepening, found: Deepening) -> Deepening:
    """A depth broken off counts if it has tried the best move of the last."""
    if np.isnan(found.values[best.action]):
        return best._replace(nodes=found.nodes)
    return found._replace(depth=best.depth, settled=False)


class Native:
    """The compiled search."""

    def __init__(self, game: NativeGame, table: int) -> None:
        self.game = game
        self.memory = make_memory(game, table)

    @property
    def nodes(self) -> int:
        return int(self.memory.state[NODES])

    def start(self, position: Positions, seat: int) -> None:
        self.memory.state[SEARCH] += 1  # nothing found before counts from now on
        self.memory.history[:] = 0
        self.memory.killers[:] = -1
        self.memory.state[NODES] = 0
        self.memory.rows[0] = position[0]

    def begin(self, depth: int) -> None:
        kernels.begin(self.game.rules, self.memory, depth)

    def go_on(self, most: int) -> bool:
        return bool(kernels.go_on(self.game.rules, self.memory, most))

    def found(self, depth: int) -> Deepening:
        m, root, actions = self.memory, self.memory.frames[0], self.game.actions
        values = np.where(m.exact, m.scores / UNIT, np.nan).astype(np.float32)[:actions]
        line = np.empty(LONGEST, np.int64)
        length = kernels.line(self.game.rules, m, int(root["action"]), line)
        settled = bool(root["settled"])
        return Deepening(int(root["action"]), values, depth, self.nodes, settled, tuple(line[:length].tolist()))


Value = Generator[None, None, tuple[float, bool, tuple[int, ...]]]  # score, whether it is settled, line of play


class Foreign:
    """Plain alpha-beta over the batched contract, one position at a time. The generators yield once a node, which is
    where they can be interrupted."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.low, self.high = game.bounds or (-np.inf, np.inf)
        self.nodes = 0

    def start(self, position: Positions, seat: int) -> None:
        self.nodes, self.seat, self.position = 0, seat, position
        self.order = np.flatnonzero(self.game.legal(position, np.array([seat], np.int32))[0])

    def begin(self, depth: int) -> None:
        self.values = np.full(self.game.actions, np.nan, np.float32)
        self.best, self.settled = -np.inf, True
        self.line: tuple[int, ...] = ()
        self.work = self._root(depth)

    def go_on(self, most: int) -> bool:
        return all(self.nodes < most for _ in self.work)  # stops before the next node otherwise

    def found(self, depth: int) -> Deepening:
        action = self.line[0] if self.line else -1
        return Deepening(action, self.values, depth, self.nodes, self.settled, self.line)

    def _root(self, depth: int) -> Generator[None, None, None]:
        """Every action in the order of the last depth."""
        scores = np.full(self.game.actions, -np.inf)
        for action in self.order:
            child, gain = self._play(self.position, self.seat, int(action))
            alpha = max(self.best, self.low)
            value, settled, line = yield from self._value(child, depth - 1, alpha - gain, self.high - gain)
            scores[action] = value + gain
            if value + gain > alpha or value + gain <= self.low:
                self.values[action] = value + gain
            if value + gain > self.best:
                self.best, self.line = value + gain, (int(action), *line)
            self.settled &= settled
            if value + gain >= self.high:
                self.settled = settled
                break
        self.order = self.order[np.argsort(-scores[self.order], kind="stable")]

    def _value(self, row: Positions, depth: int, alpha: float, beta: float) -> Value:
        """The score of a position for the seat that plans, exact between alpha and beta."""
        self.nodes += 1
        yield
        acting = np.flatnonzero(self.game.acting(row)[0])
        if not len(acting):
            return 0.0, True, ()
        if depth == 0:
            guess = float(self.game.estimate(row)[0, self.seat])
            return min(max(guess, self.low + DOUBT), self.high - DOUBT), False, ()
        mover = int(acting[0])
        if mover == self.game.seats:
            return (yield from self._mean(row, depth))
        sign = 1 if mover == self.seat else -1
        best, all_settled = -np.inf, True
        line: tuple[int, ...] = ()
        for action in np.flatnonzero(self.game.legal(row, np.array([mover], np.int32))[0]):
            child, gain = self._play(row, mover, int(action))
            value, settled, rest = yield from self._value(child, depth - 1, alpha - gain, beta - gain)
            value += gain
            if sign * value > best:
                best, line = sign * value, (int(action), *rest)
            if value >= beta if sign > 0 else value <= alpha:
                return value, settled, line
            alpha, beta = (max(alpha, value), beta) if sign > 0 else (alpha, min(beta, value))
            all_settled &= settled
        return sign * best, all_settled, line

    def _mean(self, row: Positions, depth: int) -> Value:
        """The score where nature acts."""
        mean, all_settled = 0.0, True
        odds = self.game.odds(row)[0]
        for outcome in np.flatnonzero(odds):
            child, gain = self._play(row, self.game.seats, int(outcome))
            value, settled, _ = yield from self._value(child, depth - 1, -np.inf, np.inf)
            mean += float(odds[outcome]) * (value + gain)
            all_settled &= settled
        return mean, all_settled, ()

    def _play(self, row: Positions, mover: int, action: int) -> tuple[Positions, float]:
        """The position after an action and what it earned the seat that plans."""
        child, zero = self.game.empty(1), np.zeros(1, np.int64)
        self.game.copy(row, zero, child, zero)
        joint = np.full((1, self.game.seats + 1), -1, np.int32)
        joint[0, mover] = action
        return child, float(self.game.step(child, joint)[0, self.seat])
