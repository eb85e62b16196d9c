"""PUCT: the policy's prior guides the search (Rosin 2011; Silver et al. 2018), as in AlphaZero and MuZero."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.core.kernels import helper, register
from search.kernels import inverse, log_of_one_and, root, scale_of
from search.plan import Plan, make_plan
from search.tree import PROVEN, Tree


class PUCT(NamedTuple):
    """Q in [0, 1] plus pb_c * prior * sqrt(parent visits) / (visits + 1), where pb_c is
    c_init + log((parent visits + 1 + c_base) / c_base).

    An action not tried yet has the value of the node less `fpu` * sqrt(prior tried so far): first-play urgency as in
    Leela Chess Zero and KataGo. With `noise`, that share of a root's prior is drawn from a Dirichlet distribution of
    concentration `alpha`, as AlphaZero explores in self-play. The policy of a plan spreads as
    visits^(1 / `temperature`)."""

    c_init: float = 1.25
    c_base: float = 19652.0
    fpu: float = 0.2
    noise: float = 0.0
    alpha: float = 0.3
    temperature: float = 1.0

    def begin(self, tree: Tree, seeds: npt.NDArray[np.uint64], simulations: int) -> PUCT:
        for b, seed in enumerate(seeds if self.noise > 0 else ()):
            root = tree.nodes[b, 0]
            if root["mover"] < tree.seats:
                prior = tree.moves["prior"][b, root["first"] : root["first"] + root["count"]]
                drawn = np.random.default_rng(int(seed)).dirichlet(np.full(len(prior), self.alpha))
                prior += np.float32(self.noise) * (drawn.astype(np.float32) - prior)
        return self

    def plan(self, tree: Tree, actions: int) -> Plan:
        plan = make_plan(tree, actions)
        if self.temperature == 1.0:
            return plan
        least = np.float32(1e-30)  # where the game is over there are no visits
        share = plan.policy / np.maximum(plan.policy.max(1, keepdims=True), least)
        spread = share ** np.float32(1 / self.temperature)
        return plan._replace(policy=spread / np.maximum(spread.sum(1, keepdims=True), least))


@helper
def unusual(q: Any, e: Any, explore: Any) -> Any:
    """The score of an edge that is proven, or where descents are waiting, which count as losses."""
    if e.pending == PROVEN:
        return q
    count = e.visits + e.pending
    return q * np.float32(e.visits) * inverse(count) + explore * inverse(count + 1)


def select(policy, tree, b, node):  # type: ignore[no-untyped-def]
    n = tree.nodes[b, node]
    low, factor = scale_of(tree, b, n.mover)
    growth = log_of_one_and(np.float32(n.visits + 1) / np.float32(policy.c_base))
    explore = (np.float32(policy.c_init) + growth) * root(n.visits)  # visits: one more than its edges have together
    untried = (n.value[n.mover] - low) * factor - np.float32(policy.fpu) * np.sqrt(n.tried)
    best, best_score = n.first, np.float32(-np.inf)
    for edge in range(n.first, n.first + n.count):
        e = tree.edges[b, edge]
        q = (e.q - low) * factor
        q = q if e.visits > 0 else untried
        score = q + explore * tree.moves[b, edge].prior / np.float32(e.visits + 1)
        if e.pending != 0:
            score = unusual(q, e, explore * tree.moves[b, edge].prior)
        if score > best_score:
            best, best_score = edge, score
    return best


register(PUCT, {"select": select})
