"""Information-set MCTS through the `Game` contract alone, for games without kernels.

The same search as `search/decoupled.py`, where its sources stand; statistics are kept by `information_key`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from games.core.game import Game, Int, Positions
from games.core.seeds import derive
from search.decoupled import SmoothUCT
from search.plan import Plan


@dataclass
class Node:
    """What a seat found out about its choices where it knows so much."""

    seat: int
    actions: npt.NDArray[np.int64]  # [n]
    visits: npt.NDArray[np.int64] = field(init=False)  # [n]
    q: npt.NDArray[np.float64] = field(init=False)  # [n] mean return of the seat
    value: npt.NDArray[np.float64] | float = 0.0  # [S] mean return
    count: int = 0  # visits, the one that made it included

    def __post_init__(self) -> None:
        self.visits, self.q = np.zeros(len(self.actions), np.int64), np.zeros(len(self.actions))


class InformationSearch:
    """Searches what one seat knows; it can be continued."""

    def __init__(self, game: Game, policy: SmoothUCT, limit: int | None = None) -> None:
        """`limit`: plies of a rollout before the game's estimate stands in; None: to the end."""
        self.game, self.policy, self.limit = game, policy, limit

    def begin(self, sample: Callable[[int], Positions], seat: int, seed: int) -> None:
        """A new search for `seat`, which is to act; `sample(n)` draws positions it takes for possible."""
        self.sample, self.seat = sample, seat
        self.nodes: dict[tuple[int, bytes], Node] = {}
        self.random = np.random.default_rng(derive(seed, "information"))
        self.low, self.high = self.game.bounds or (math.inf, -math.inf)
        self.simulations = 0

    def go_on(self, simulations: int) -> None:
        """Search on until there are that many."""
        drawn = self.sample(max(simulations - self.simulations, 0))
        for i in range(len(drawn)):
            self._simulate(drawn[i : i + 1])
            self.simulations += 1

    def plan(self) -> Plan:
        """What the root says, as for a batch of one."""
        root = next(iter(self.nodes.values()))
        actions, seats = self.game.actions, self.game.seats
        visits, q = np.zeros((1, actions), np.int64), np.full((1, actions), np.nan, np.float32)
        visits[0, root.actions] = root.visits
        q[0, root.actions] = np.where(root.visits > 0, root.q, np.nan)
        prior = np.zeros((1, actions), np.float32)
        prior[0, root.actions] = 1 / len(root.actions)
        best = root.actions[np.lexsort((root.q, root.visits))[-1]]
        return Plan(
            action=np.array([best], np.int32),
            visits=visits,
            q=q,
            prior=prior,
            value=np.broadcast_to(np.asarray(root.value, np.float32), (1, seats)).copy(),
            simulations=np.array([self.simulations]),
            policy=(visits / visits.sum() if visits.any() else prior).astype(np.float32),
        )

    def _simulate(self, position: Positions) -> None:
        """One simulation from `position` [1], in place."""
        game, opened = self.game, False
        way: list[tuple[int, Node, int]] = []  # ply, node, and place of the action (-1: the node is new)
        gains: list[npt.NDArray[np.float32]] = []
        while not opened:
            acting = game.acting(position)[0]
            if not acting.any():
                break
            joint = np.full((1, game.seats + 1), -1, np.int32)
            for i in range(game.seats):
                seat = (self.seat + i) % game.seats
                if acting[seat]:
                    node, new = self._node(position, seat)
                    place = int(self.random.integers(len(node.actions))) if new else self._choose(node)
                    joint[0, seat] = node.actions[place]
                    way.append((len(gains), node, -1 if new else place))
                    opened |= new
            if acting[game.seats]:
                odds = game.odds(position)[0].astype(np.float64)
                joint[0, game.seats] = self.random.choice(len(odds), p=odds / odds.sum())
            gains.append(game.step(position, joint)[0].copy())
        seeds = self.random.integers(2**63, size=1).astype(np.uint64)
        returns = game.rollouts(position, seeds, self.limit)[0][0].astype(np.float64)
        self._back_up(way, gains, returns)

    def _node(self, position: Positions, seat: int) -> tuple[Node, bool]:
        """The node of what `seat`, which acts there, knows, and whether it was made just now."""
        seats: Int = np.array([seat], np.int32)
        key = (seat, self.game.information_key(position, seats)[0])
        if key in self.nodes:
            return self.nodes[key], False
        node = self.nodes[key] = Node(seat, np.flatnonzero(self.game.legal(position, seats)[0]))
        return node, True

    def _choose(self, node: Node) -> int:
        """As `SmoothUCT` says."""
        policy, random = self.policy, self.random
        if not node.visits.all():
            return int(np.flatnonzero(node.visits == 0)[0])
        if random.random() >= max(policy.floor, policy.start / (1 + policy.decay * math.sqrt(node.count))):
            return int(np.searchsorted(np.cumsum(node.visits), random.integers(node.visits.sum()), side="right"))
        q = (node.q - self.low) / (self.high - self.low) if self.high > self.low else 0 * node.q
        return int(np.argmax(q + policy.c * np.sqrt(math.log(node.count) / node.visits)))

    def _back_up(
        self, way: list[tuple[int, Node, int]], gains: list[npt.NDArray[np.float32]], returns: npt.NDArray[np.float64]
    ) -> None:
        """`returns` [S] of what came after the plies, whose rewards are `gains`."""
        plies = len(gains)
        for ply, node, place in reversed(way):
            while plies > ply:
                plies -= 1
                returns = returns + gains[plies]
            node.count += 1
            node.value = node.value + (returns - node.value) / node.count
            if place >= 0:
                node.visits[place] += 1
                node.q[place] += (returns[node.seat] - node.q[place]) / node.visits[place]
                if self.game.bounds is None:
                    self.low, self.high = min(self.low, node.q[place]), max(self.high, node.q[place])
