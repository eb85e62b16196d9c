"""UCT: the upper confidence bound applied to trees (Kocsis and Szepesvari 2006), every action tried once first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.core.kernels import register
from search.kernels import inverse, inverse_root, root_log, scale_of
from search.plan import Plan, make_plan
from search.tree import PROVEN, Tree


class UCT(NamedTuple):
    """Q in [0, 1] plus `c` * sqrt(log(parent visits) / visits)."""

    c: float = 0.7

    def begin(self, tree: Tree, seeds: npt.NDArray[np.uint64], simulations: int) -> UCT:
        return self

    def plan(self, tree: Tree, actions: int) -> Plan:
        return make_plan(tree, actions)


def select(policy, tree, b, node):  # type: ignore[no-untyped-def]
    n = tree.nodes[b, node]
    if n.followed < n.count:  # in order, so the next is the first without a child
        return n.first + n.followed
    low, factor = scale_of(tree, b, n.mover)
    explore = np.float32(policy.c) * root_log(n.visits)
    best, best_score = n.first, np.float32(-np.inf)
    for edge in range(n.first, n.first + n.count):
        e = tree.edges[b, edge]
        visits = e.visits
        q = (e.q - low) * factor
        score = q
        if e.pending > 0:  # a descent that is waiting counts as a loss
            waiting = visits + e.pending
            score = q * np.float32(visits) * inverse(waiting) + explore * inverse_root(waiting)
        elif e.pending != PROVEN:
            score += explore * inverse_root(visits)
        if score > best_score:
            best, best_score = edge, score
    return best


register(UCT, {"select": select})
