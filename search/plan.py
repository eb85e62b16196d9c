"""What a finished tree says: the move, and everything about it worth learning from or showing."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.core.kernels import compiled, helper
from search.tree import PROVEN, Tree


class Plan(NamedTuple):
    """The root of B trees, read off."""

    action: npt.NDArray[np.int32]  # [B] a proven win, or else the most visited that is no proven loss
    visits: npt.NDArray[np.int64]  # [B, A]
    q: npt.NDArray[np.float32]  # [B, A] mean return of the mover; NaN where not tried
    prior: npt.NDArray[np.float32]  # [B, A]
    value: npt.NDArray[np.float32]  # [B, S] mean return at the root
    simulations: npt.NDArray[np.int64]  # [B]

    @property
    def policy(self) -> npt.NDArray[np.float32]:
        """[B, A] the share of visits; the prior where nothing was searched."""
        total = self.visits.sum(1, keepdims=True)
        return np.where(total > 0, self.visits / np.maximum(total, 1), self.prior).astype(np.float32)


@helper
def better(tree: Any, b: Any, mover: Any, edge: Any, than: Any) -> Any:
    """Is an edge of the root the better choice: what is proven first, then visits, then Q."""
    e, f = tree.edges[b, edge], tree.edges[b, than]
    certain, known = certainty(tree, b, mover, e), certainty(tree, b, mover, f)
    if certain != known:
        return certain > known
    return e.visits > f.visits or (e.visits == f.visits and e.q > f.q)


@helper
def certainty(tree: Any, b: Any, mover: Any, e: Any) -> Any:
    """1: the greatest return is proven; -1: the least; 0: neither."""
    if e.pending != PROVEN or mover == tree.scale.shape[1]:
        return 0
    return 1 if e.q >= tree.scale[b, mover, 1] else -1 if e.q <= tree.scale[b, mover, 0] else 0


@compiled
def _read(tree: Any, action: Any, visits: Any, q: Any, prior: Any) -> None:
    for b in range(len(action)):
        root = tree.nodes[b, 0]
        best = root.first
        for edge in range(root.first, root.first + root.count):
            e, m = tree.edges[b, edge], tree.moves[b, edge]
            visits[b, m.action] = e.visits
            prior[b, m.action] = m.prior
            if e.visits > 0:
                q[b, m.action] = e.q
            if better(tree, b, root.mover, edge, best):
                best = edge
        action[b] = tree.moves[b, best].action if root.count > 0 else -1


def make_plan(tree: Tree, actions: int) -> Plan:
    """The plan of every tree; `actions` is A."""
    trees = len(tree.used)
    plan = Plan(
        action=np.empty(trees, np.int32),
        visits=np.zeros((trees, actions), np.int64),
        q=np.full((trees, actions), np.nan, np.float32),
        prior=np.zeros((trees, actions), np.float32),
        value=tree.nodes["value"][:, 0].copy(),
        simulations=tree.simulations.copy(),
    )
    _read(tree, plan.action, plan.visits, plan.q, plan.prior)
    return plan


def principal_variation(tree: Tree, b: int, longest: int = 24) -> tuple[int, ...]:
    """From the root of tree `b` on, what `Plan.action` would be, until nature moves or nothing was searched."""
    line: list[int] = []
    node = 0
    while len(line) < longest:
        n = tree.nodes[b, node]
        if n["count"] <= 0 or n["mover"] == tree.seats:
            break
        edges = tree.edges[b, n["first"] : n["first"] + n["count"]]
        low, high = tree.scale[b, n["mover"]]
        certain = (edges["pending"] == PROVEN) * ((edges["q"] >= high) * 1 - (edges["q"] <= low))
        best = int(np.lexsort((-np.arange(len(edges)), edges["q"], edges["visits"], certain))[-1])
        if edges["visits"][best] == 0:
            break
        line.append(int(tree.moves["action"][b, n["first"] + best]))
        node = int(edges["child"][best])
    return tuple(line)
