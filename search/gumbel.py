"""Gumbel search: a policy improvement at any number of simulations (Danihelka et al., ICLR 2022).

At the root a few actions are drawn without replacement (Gumbel top-k) and the simulations are dealt out by
sequential halving; below, actions are followed so that visit counts approach the improved policy
softmax(logits + sigma(completed Q)), where sigma(q) = (c_visit + greatest visit count) * c_scale * q and an action
not tried yet has the mixed value of its node (Appendix D of the paper).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.core.kernels import compiled, helper, mix, register
from search.kernels import inverse, scale_of
from search.plan import Plan, make_plan
from search.tree import Tree

Float = npt.NDArray[np.float32]


class Gumbel(NamedTuple):
    """The settings. `rescale` maps the Q of each node's actions to [0, 1], as MuZero needs it; without it the
    bounds of the game do. `noise`: 0 plays what looks best, 1 samples, as for training."""

    considered: int = 16  # actions that the root looks at
    c_visit: float = 50.0
    c_scale: float = 0.1
    rescale: bool = True
    noise: float = 1.0

    def begin(self, tree: Tree, seeds: npt.NDArray[np.uint64], simulations: int) -> Halving:
        """The rule for one run from evaluated roots: draws the noise and lays down the schedule."""
        width = int(tree.nodes["count"][:, 0].max(initial=1))
        base = np.zeros((len(seeds), width), np.float32)
        _draw(tree, seeds, self.noise, base)
        schedule = considered_visits(self.considered, simulations)
        scratch = np.zeros(tree.moves.shape[1], np.float32)
        return Halving(self.c_visit, self.c_scale, self.rescale, base, schedule, scratch)


class Halving(NamedTuple):
    """The selection rule of one run over B trees."""

    c_visit: float
    c_scale: float
    rescale: bool
    base: Float  # [B, most edges of a root] Gumbel noise plus logits, the greatest logit being 0
    schedule: npt.NDArray[np.int32]  # [considered + 1, simulations] see `considered_visits`
    scratch: Float  # [most edges of a node]

    def plan(self, tree: Tree, actions: int) -> Plan:
        """The action is the best of the most visited by noise + logits + Q; the policy is the improved one."""
        plan = make_plan(tree, actions)
        policy = np.zeros((len(plan.action), actions), np.float32)
        _improve(self, tree, plan.action, policy)
        return plan._replace(policy=policy)


@lru_cache(maxsize=64)
def considered_visits(considered: int, simulations: int) -> npt.NDArray[np.int32]:
    """[considered + 1, simulations] with m actions drawn, simulation t goes to one visited as often as entry [m, t]
    says: rounds of equal visits, after each of which the better half stays."""
    table = np.tile(np.arange(simulations, dtype=np.int32), (considered + 1, 1))
    for m in range(2, considered + 1):
        rounds = math.ceil(math.log2(m))
        sequence: list[int] = []
        visits, left = 0, m
        while len(sequence) < simulations:
            for _ in range(max(1, simulations // (rounds * left))):
                sequence += [visits] * left
                visits += 1
            left = max(2, left // 2)
        table[m] = sequence[:simulations]
    return table


_STRIDE = np.uint64(0x9E3779B97F4A7C15)


@compiled
def _draw(tree: Any, seeds: Any, scale: float, base: Any) -> None:
    """Fill base[b, k] for the k-th edge of root b."""
    for b in range(len(seeds)):
        n = tree.nodes[b, 0]
        greatest = np.float32(0)
        for k in range(n.count):
            greatest = max(greatest, tree.moves[b, n.first + k].prior)
        for k in range(n.count):
            base[b, k] = np.log(tree.moves[b, n.first + k].prior / greatest)
            if scale > 0:
                bits = mix(seeds[b] + np.uint64(k + 1) * _STRIDE) >> np.uint64(11)
                base[b, k] -= np.float32(scale * np.log(-np.log((bits + 0.5) / 9007199254740992.0)))


@helper
def complete(rule: Any, tree: Any, b: Any, node: Any) -> Any:
    """(mixed value, greatest completed Q, factor, simulations) of a node: sigma(q) = (q - greatest) * factor.

    Descents that are waiting count as simulations whose value is not known yet."""
    n = tree.nodes[b, node]
    total, most, known, tried = 0, 0, 0, 0
    weight, weighted = np.float32(0), np.float32(0)
    least, greatest = np.float32(np.inf), np.float32(-np.inf)
    for edge in range(n.first, n.first + n.count):
        e = tree.edges[b, edge]
        visits = e.visits + max(e.pending, 0)
        total += visits
        most = max(most, visits)
        known += e.visits
        tried += e.visits > 0
        weight += tree.moves[b, edge].prior if e.visits > 0 else np.float32(0)
        weighted += tree.moves[b, edge].prior * e.q  # which is 0 where not tried
        least = e.q if e.visits > 0 and e.q < least else least
        greatest = e.q if e.visits > 0 and e.q > greatest else greatest
    mixed = n.raw[n.mover]
    if known > 0:
        mixed = (mixed + np.float32(known) * weighted / weight) * inverse(known + 1)
    if tried < n.count:
        least, greatest = min(least, mixed), max(greatest, mixed)
    factor = (np.float32(rule.c_visit) + np.float32(most)) * np.float32(rule.c_scale)
    if rule.rescale:
        return mixed, greatest, factor / max(greatest - least, np.float32(1e-8)), total
    return mixed, greatest, factor * scale_of(tree, b, n.mover)[1], total


def select(rule, tree, b, node):  # type: ignore[no-untyped-def]
    n = tree.nodes[b, node]
    mixed, greatest, factor, total = complete(rule, tree, b, node)
    best, best_score = -1, np.float32(-np.inf)
    if node == 0 and total < rule.schedule.shape[1]:
        wanted = rule.schedule[min(n.count, rule.schedule.shape[0] - 1), total]
        for k in range(n.count):
            e = tree.edges[b, n.first + k]
            if e.visits + max(e.pending, 0) == wanted:
                q = e.q if e.visits > 0 else mixed
                score = max(rule.base[b, k] + (q - greatest) * factor, np.float32(-1e9))
                if score > best_score:
                    best, best_score = n.first + k, score
        if best >= 0:
            return best
    sum_, untried = np.float32(0), np.exp((mixed - greatest) * factor)
    for k in range(n.count):
        e = tree.edges[b, n.first + k]
        weight = np.exp((e.q - greatest) * factor) if e.visits > 0 else untried
        rule.scratch[k] = tree.moves[b, n.first + k].prior * weight
        sum_ += rule.scratch[k]
    share, part = np.float32(1) / sum_, inverse(total + 1)
    for k in range(n.count):
        e = tree.edges[b, n.first + k]
        score = rule.scratch[k] * share - np.float32(e.visits + max(e.pending, 0)) * part
        if score > best_score:
            best, best_score = n.first + k, score
    return best


register(Halving, {"select": select})


@compiled
def _improve(rule: Any, tree: Any, action: Any, policy: Any) -> None:
    """Fill action [B], except where the root is settled, and policy [B, A]."""
    for b in range(len(action)):
        n = tree.nodes[b, 0]
        if n.count <= 0 or n.mover == tree.scale.shape[1]:
            continue
        mixed, greatest, factor, _ = complete(rule, tree, b, 0)
        most, best, best_score = 0, -1, np.float32(-np.inf)
        for edge in range(n.first, n.first + n.count):
            most = max(most, tree.edges[b, edge].visits)
        sum_ = np.float32(0)
        for k in range(n.count):
            e, m = tree.edges[b, n.first + k], tree.moves[b, n.first + k]
            sigma = ((e.q if e.visits > 0 else mixed) - greatest) * factor
            policy[b, m.action] = m.prior * np.exp(sigma)
            sum_ += policy[b, m.action]
            if e.visits == most and rule.base[b, k] + sigma > best_score:
                best, best_score = m.action, rule.base[b, k] + sigma
        for k in range(n.count):
            policy[b, tree.moves[b, n.first + k].action] /= sum_
        if not n.proven:
            action[b] = best
