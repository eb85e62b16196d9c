"""What a finished tree says: the move, and everything about it worth learning from or showing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.core.kernels import compiled, helper
from search.tree import PROVEN, Tree


class Plan(NamedTuple):
    """The root of B trees, read off."""

    action: npt.NDArray[np.int32]  # [B] the best if it is settled, else the most visited that is no proven loss
    visits: npt.NDArray[np.int64]  # [B, A]
    q: npt.NDArray[np.float32]  # [B, A] mean return of the mover; NaN where not tried
    prior: npt.NDArray[np.float32]  # [B, A]
    value: npt.NDArray[np.float32]  # [B, S] mean return at the root
    simulations: npt.NDArray[np.int64]  # [B]
    policy: npt.NDArray[np.float32]  # [B, A] how to spread the moves: the target of a policy network


@helper
def better(tree: Any, b: Any, node: Any, edge: Any, than: Any) -> Any:
    """Is an edge of `node` the better choice? Where the node is settled: the settled edge of greatest Q. Else: what is
    no proven loss, then the most visits, then Q."""
    e, f = tree.edges[b, edge], tree.edges[b, than]
    n = tree.nodes[b, node]
    if n.proven:
        if (e.pending == PROVEN) != (f.pending == PROVEN):
            return e.pending == PROVEN
        if e.q != f.q:
            return e.q > f.q
    elif n.mover < tree.scale.shape[1]:
        low = tree.scale[b, n.mover, 0]
        lost, other_lost = e.pending == PROVEN and e.q <= low, f.pending == PROVEN and f.q <= low
        if lost != other_lost:
            return other_lost
    return e.visits > f.visits or (e.visits == f.visits and e.q > f.q)


@compiled
def lead(tree: Any, b: int, node: int) -> int:
    """The edge of `node` to follow; -1 where there is none."""
    n = tree.nodes[b, node]
    best = n.first
    for edge in range(n.first, n.first + n.count):
        if better(tree, b, node, edge, best):
            best = edge
    return best if n.count > 0 else -1


@compiled
def _read(tree: Any, action: Any, visits: Any, q: Any, prior: Any) -> None:
    for b in range(len(action)):
        root = tree.nodes[b, 0]
        for edge in range(root.first, root.first + root.count):
            e, m = tree.edges[b, edge], tree.moves[b, edge]
            visits[b, m.action] = e.visits
            prior[b, m.action] = m.prior
            if e.visits > 0:
                q[b, m.action] = e.q
        best = lead(tree, b, 0)
        action[b] = tree.moves[b, best].action if best >= 0 else -1


def make_plan(tree: Tree, actions: int) -> Plan:
    """The plan of every tree, its policy the share of visits (the prior where nothing was searched). `actions`: A."""
    trees = len(tree.used)
    plan = Plan(
        action=np.empty(trees, np.int32),
        visits=np.zeros((trees, actions), np.int64),
        q=np.full((trees, actions), np.nan, np.float32),
        prior=np.zeros((trees, actions), np.float32),
        value=tree.nodes["value"][:, 0].copy(),
        simulations=tree.simulations.copy(),
        policy=np.zeros((trees, actions), np.float32),
    )
    _read(tree, plan.action, plan.visits, plan.q, plan.prior)
    total = plan.visits.sum(1, keepdims=True)
    plan.policy[:] = np.where(total > 0, plan.visits / np.maximum(total, 1), plan.prior)
    return plan


@compiled
def uncatchable(tree: Any, b: int, rest: float) -> bool:
    """Will tree `b` give the same action after `rest` more simulations, so far as visits decide?"""
    root = tree.nodes[b, 0]
    if root.count < 0:  # its edges are not made yet
        return False
    best = lead(tree, b, 0)
    if root.proven or root.count <= 1:
        return True
    second = 0
    for edge in range(root.first, root.first + root.count):
        if edge != best:
            second = max(second, tree.edges[b, edge].visits)
    return bool(tree.edges[b, best].visits - second > rest)


def walk(tree: Tree, b: int, actions: Sequence[int]) -> int:
    """The node that `actions` lead to from the root of tree `b`; -1: it is not in the tree."""
    node = 0
    for action in actions:
        n = tree.nodes[b, node]
        edges = slice(n["first"], n["first"] + max(n["count"], 0))
        found = np.flatnonzero(tree.moves["action"][b, edges] == action)
        child = int(tree.edges["child"][b, edges][found[0]]) if len(found) else 0
        if child == 0:
            return -1
        node = child
    return node


def priors(tree: Tree, b: int, node: int, actions: int) -> npt.NDArray[np.float32] | None:
    """[actions] what the model says of a node; None where its edges are not made, or there are none."""
    n = tree.nodes[b, node]
    if n["count"] <= 0:
        return None
    moves = tree.moves[b, n["first"] : n["first"] + n["count"]]
    policy = np.zeros(actions, np.float32)
    policy[moves["action"]] = moves["prior"]
    return policy


def main_line(tree: Tree, b: int, longest: int) -> Iterator[tuple[int, int, int]]:
    """(who moves, action or outcome, the node it leads to) along what is best, or likeliest, from the root of tree `b`
    on; node 0: the search keeps no such nodes."""
    node = 0
    for _ in range(longest):
        edge = lead(tree, b, node)
        if edge < 0 or tree.edges["visits"][b, edge] == 0:
            return
        mover, node = int(tree.nodes["mover"][b, node]), int(tree.edges["child"][b, edge])
        yield mover, int(tree.moves["action"][b, edge]), node
        if node == 0:
            return


def principal_variation(tree: Tree, b: int, longest: int = 24) -> tuple[int, ...]:
    """From the root of tree `b` on, what `Plan.action` would be, until nature moves or nothing was searched."""
    line = takewhile(lambda step: step[0] != tree.seats, main_line(tree, b, longest))
    return tuple(action for _, action, _ in line)
