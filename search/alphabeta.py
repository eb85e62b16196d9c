"""Alpha-beta search (Knuth and Moore 1975) with iterative deepening, for two-seat zero-sum games; chance is averaged.

Native games run in one compiled recursion over a stack of rows, foreign ones in Python over batches of one. Values
are returns from the side of the seat to act.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.core import kernels
from games.core.game import Game, Positions
from games.core.kernels import compiled
from games.core.native import NativeGame

INFINITE = 1e9
DOUBT = 0.005  # of a game's bounds: a value nearer to one is a forced win or loss; estimates keep away twice as far


class Deepening(NamedTuple):
    """What one depth found out about the root."""

    action: int
    values: npt.NDArray[np.float32]  # [actions] of the seat to act; NaN where illegal, an upper bound where cut
    depth: int
    nodes: int


class Stack(NamedTuple):
    """Memory of the compiled recursion, one row a depth."""

    rows: npt.NDArray[Any]  # [D + 2]
    legal: npt.NDArray[np.bool_]  # [D + 2, actions]
    joint: npt.NDArray[np.int32]  # [D + 2, seats + 1]
    rewards: npt.NDArray[np.float32]  # [D + 2, seats]
    odds: npt.NDArray[np.float32]  # [D + 2, outcomes]
    nodes: npt.NDArray[np.int64]  # [2] visited, allowed
    trust: npt.NDArray[np.float64]  # [2] estimates are kept between these, so that none looks like a proof


@compiled
def _value(rules: Any, stack: Any, level: int, depth: int, seat: int, alpha: float, beta: float) -> float:
    """The value of stack.rows[level] for `seat`, exact between alpha and beta."""
    stack.nodes[0] += 1
    row = stack.rows[level]
    mask = kernels.acting(rules, row)
    if mask == 0 or stack.nodes[0] > stack.nodes[1]:
        return 0.0
    rewards = stack.rewards[level]
    if depth == 0:
        rewards[:] = 0
        kernels.estimate(rules, row, rewards)
        return float(min(max(rewards[seat], stack.trust[0]), stack.trust[1]))
    mover = 0
    while mask >> mover != 1:
        mover += 1
    chance = mover == len(rewards)
    joint, count = stack.joint[level], len(stack.legal[level])
    if chance:
        stack.odds[level, :] = 0
        kernels.odds(rules, row, stack.odds[level])
        count = len(stack.odds[level])
    else:
        kernels.legal(rules, row, mover, stack.legal[level])
    best = 0.0 if chance else (-INFINITE if mover == seat else INFINITE)
    for action in range(count):
        if (stack.odds[level, action] == 0) if chance else not stack.legal[level, action]:
            continue
        stack.rows[level + 1] = row
        joint[:] = -1
        joint[mover] = action
        rewards[:] = 0
        kernels.step(rules, stack.rows[level + 1], joint, rewards)
        gain = float(rewards[seat])
        if chance:
            best += stack.odds[level, action] * (
                gain + _value(rules, stack, level + 1, depth - 1, seat, -INFINITE, INFINITE)
            )
            continue
        value = gain + _value(rules, stack, level + 1, depth - 1, seat, alpha - gain, beta - gain)
        if mover == seat:
            best = max(best, value)
            alpha = max(alpha, best)
        else:
            best = min(best, value)
            beta = min(beta, best)
        if alpha >= beta:
            break
    return best


def _foreign_value(
    game: Game, row: Positions, depth: int, seat: int, alpha: float, beta: float, nodes: Any, trust: Any
) -> float:
    """The same as `_value` over the batched contract."""
    nodes[0] += 1
    acting = np.flatnonzero(game.acting(row)[0])
    if not len(acting) or nodes[0] > nodes[1]:
        return 0.0
    if depth == 0:
        return float(min(max(game.estimate(row)[0, seat], trust[0]), trust[1]))
    mover, chance = int(acting[0]), bool(acting[0] == game.seats)
    weights = game.odds(row)[0] if chance else game.legal(row, np.array([mover], np.int32))[0].astype(np.float32)
    best = 0.0 if chance else (-INFINITE if mover == seat else INFINITE)
    for action in np.flatnonzero(weights):
        child, gain = _child(game, row, mover, int(action), seat)
        if chance:
            value = _foreign_value(game, child, depth - 1, seat, -INFINITE, INFINITE, nodes, trust)
            best += float(weights[action]) * (gain + value)
            continue
        value = gain + _foreign_value(game, child, depth - 1, seat, alpha - gain, beta - gain, nodes, trust)
        if mover == seat:
            best = max(best, value)
            alpha = max(alpha, best)
        else:
            best = min(best, value)
            beta = min(beta, best)
        if alpha >= beta:
            break
    return best


def _child(game: Game, row: Positions, mover: int, action: int, seat: int) -> tuple[Positions, float]:
    """The position after an action and what it earned `seat`."""
    child, zero = game.empty(1), np.zeros(1, np.int64)
    game.copy(row, zero, child, zero)
    joint = np.full((1, game.seats + 1), -1, np.int32)
    joint[0, mover] = action
    return child, float(game.step(child, joint)[0, seat])


class AlphaBeta:
    """Searches one position at a time, deeper and deeper."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.stack: Stack | None = None
        low, high = game.bounds or (-INFINITE, INFINITE)
        doubt = DOUBT * (high - low)
        self.trust = np.array([low + 2 * doubt, high - 2 * doubt])
        self.lost, self.won = low + doubt, high - doubt  # beyond these a value is proven

    def deepen(
        self,
        position: Positions,
        seat: int,
        depth: int,
        seconds: float | None,
        heard: Callable[[Deepening], bool] = lambda found: True,
    ) -> Deepening:
        """Depth 1, 2, ... `depth`, or until `seconds` are over, or `heard` (told of each depth) says stop.

        Stops at a proven win; of proven losses the longest is taken."""
        begin = time.perf_counter()
        actions = np.flatnonzero(self.game.legal(position, np.array([seat], np.int32))[0])
        best: Deepening | None = None
        total = 0
        for level in range(1, depth + 1):
            elapsed = time.perf_counter() - begin
            allowed = 2**62 if seconds is None or best is None else int(total / elapsed * (seconds - elapsed))
            if allowed <= 0:
                break
            nodes = np.array([0, allowed], np.int64)
            values = self._root(position, seat, level, actions, nodes)
            total += int(nodes[0])
            if nodes[0] > nodes[1]:  # out of time within this depth
                break
            order = np.argsort(-values[actions], kind="stable")
            if best is not None and values[actions].max() <= self.lost:
                best = best._replace(values=values, nodes=total)
                break
            actions = actions[order]
            best = Deepening(int(actions[0]), values, level, total)
            if values[actions[0]] >= self.won or len(actions) == 1 or not heard(best):
                break
        assert best is not None
        return best

    def _root(self, position: Positions, seat: int, depth: int, actions: Any, nodes: Any) -> npt.NDArray[np.float32]:
        """The value of every action, best first of the last depth; later ones are cut by the best so far."""
        values = np.full(self.game.actions, np.nan, np.float32)
        alpha = -INFINITE
        for action in actions:
            child, gain = _child(self.game, position, seat, int(action), seat)
            value = gain + self._search(child, depth - 1, seat, alpha - gain - 1e-6, nodes)
            values[action] = value
            alpha = max(alpha, value)
        return values

    def _search(self, child: Positions, depth: int, seat: int, alpha: float, nodes: Any) -> float:
        if not isinstance(self.game, NativeGame):
            return _foreign_value(self.game, child, depth, seat, alpha, INFINITE, nodes, self.trust)
        if self.stack is None or len(self.stack.rows) < depth + 2:
            g, d = self.game, depth + 2
            self.stack = Stack(
                rows=g.empty(d),
                legal=np.zeros((d, g.actions), np.bool_),
                joint=np.full((d, g.seats + 1), -1, np.int32),
                rewards=np.zeros((d, g.seats), np.float32),
                odds=np.zeros((d, g.outcomes), np.float32),
                nodes=nodes,
                trust=self.trust,
            )
        stack = self.stack._replace(nodes=nodes)
        stack.rows[0] = child[0]
        return float(_value(self.game.rules, stack, 0, depth, seat, alpha, INFINITE))
