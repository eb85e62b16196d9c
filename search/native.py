"""Search over native games at machine speed: the steps of `GameModel` as compiled loops, and the fused search.

The fused search keeps one tree, its positions and its rollouts in a single compiled loop. It calls the same kernels
with the same seeds as the batched search, so both make the same tree.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from games.core import kernels
from games.core.batch import rollout
from games.core.kernels import compiled, helper, mix
from search.kernels import back_up, descend, expand, reserve
from search.tree import UNOPENED


@helper
def next_mover(rules: Any, row: Any, pending: Any, first: Any) -> Any:
    """Who is to choose now: of the seats that act and have not committed in `pending` [S + 1], the next one counted
    from seat `first`; nature comes last; -1: none."""
    mask = kernels.acting(rules, row)
    if mask & (mask - 1) == 0:  # at most one acts
        seat = -1
        while mask:
            mask >>= 1
            seat += 1
        return seat
    seats = len(pending) - 1
    for i in range(seats):
        seat = (first + i) % seats
        if (mask >> seat) & 1 and pending[seat] < 0:
            return seat
    return seats if (mask >> seats) & 1 and pending[seats] < 0 else -1


@helper
def advance(
    rules: Any, positions: Any, pending: Any, first: Any, source: Any, action: Any, slot: Any, rewards: Any
) -> None:
    """State `slot` becomes state `source` after its mover's `action`; adds to rewards [S]. pending[slot] is all -1
    on entry, or the game always has several seats acting."""
    positions[slot] = positions[source]
    row, joint = positions[slot], pending[slot]
    mask = kernels.acting(rules, row)
    if mask & (mask - 1) == 0:  # only one acts: nothing is ever pending
        seat = 0
        while mask >> seat != 1:
            seat += 1
        joint[seat] = action
        kernels.step(rules, row, joint, rewards)
        joint[seat] = -1
        return
    for seat in range(pending.shape[1]):
        joint[seat] = pending[source, seat]
    joint[next_mover(rules, row, joint, first)] = action
    if next_mover(rules, row, joint, first) < 0:  # all have chosen
        kernels.step(rules, row, joint, rewards)
        for seat in range(pending.shape[1]):
            joint[seat] = -1


@helper
def fill_prior(rules: Any, row: Any, mover: Any, seats: Any, legal: Any, odds: Any, prior: Any) -> None:
    """Logits 0 and -inf for the legal actions of `mover`, or the odds of nature; prior [A]. Scratch: legal bool
    [actions], odds float32 [outcomes]."""
    if 0 <= mover < seats:
        kernels.legal(rules, row, mover, legal)
        for action in range(len(legal)):
            prior[action] = np.float32(0) if legal[action] else np.float32(-np.inf)
    elif mover == seats:
        odds[:] = 0
        kernels.odds(rules, row, odds)
        prior[:] = 0
        for outcome in range(len(odds)):
            prior[outcome] = odds[outcome]


@compiled
def step_wave(
    rules: Any, positions: Any, pending: Any, firsts: Any, capacity: int, trees: Any, parents: Any, actions: Any,
    nodes: Any, scratch: Any, slots: Any, rewards: Any, prior: Any, movers: Any,
) -> None:  # fmt: skip
    """The native part of `GameModel.step`; fills slots [M], rewards [M, S], prior [M, A], movers [M].

    A parent of -1 leaves the state of the node as it is (roots)."""
    seats = rewards.shape[1]
    for i in range(len(trees)):
        slot = trees[i] * capacity + nodes[i]
        slots[i] = slot
        for seat in range(seats):
            rewards[i, seat] = 0
        if parents[i] >= 0:
            source = trees[i] * capacity + parents[i]
            advance(rules, positions, pending, firsts[trees[i]], source, actions[i], slot, rewards[i])
        movers[i] = next_mover(rules, positions[slot], pending[slot], firsts[trees[i]])
        if len(scratch.legal) < prior.shape[1] or movers[i] < 0:
            prior[i] = np.float32(-np.inf)
        fill_prior(rules, positions[slot], movers[i], seats, scratch.legal, scratch.odds, prior[i])


@helper
def rollout_from(
    rules: Any, positions: Any, pending: Any, slot: Any, seed: Any, limit: Any, scratch: Any, returns: Any
) -> None:
    """Add to returns [S] what random play earns from state `slot`, which stays."""
    scratch.row[0] = positions[slot]
    for seat in range(len(scratch.joint)):
        scratch.joint[seat] = pending[slot, seat]
    scratch.random[0] = mix(seed)
    rollout(rules, scratch.row[0], limit, scratch, returns)
    scratch.joint[:] = -1


@compiled
def rollout_wave(
    rules: Any, positions: Any, pending: Any, slots: Any, seeds: Any, limit: int, scratch: Any, values: Any
) -> None:
    """Rollouts from M states; values [M, S]."""
    for i in range(len(slots)):
        rollout_from(rules, positions, pending, slots[i], seeds[i], limit, scratch, values[i])


@compiled
def fused(
    rules: Any, policy: Any, tree: Any, b: int, positions: Any, pending: Any, first: int, scratch: Any,
    seed: Any, most: int, limit: int,
) -> bool:  # fmt: skip
    """Search tree `b` to `most` simulations; False if it first ran out of room. positions [N], pending [N, S + 1].

    A tree with no node yet begins with `positions[0]` as its root. Edges are made when a node is visited for the
    second time: most nodes never are."""
    seats = tree.scale.shape[1]
    returns, prior = scratch.returns, scratch.prior
    while tree.simulations[b] < most:
        if tree.used[b, 0] == len(positions) or tree.used[b, 1] + len(prior) > tree.edges.shape[1]:
            return False
        returns[:] = 0
        if tree.used[b, 0] == 0:
            node = reserve(tree, b, -1, -1)
        else:
            parent, edge = descend(policy, tree, b, 0, False)
            while edge < 0 and tree.nodes[b, parent].count == UNOPENED:
                prior[:] = -np.inf
                mover = tree.nodes[b, parent].mover
                fill_prior(rules, positions[parent], mover, seats, scratch.legal, scratch.odds, prior)
                expand(tree, b, parent, prior)
                parent, edge = descend(policy, tree, b, parent, False)
            if edge < 0:
                back_up(tree, b, parent, False, returns)
                continue
            node = reserve(tree, b, parent, edge)
            action, reward = tree.moves[b, edge].action, tree.nodes[b, node].reward
            advance(rules, positions, pending, first, parent, action, node, reward)
        n = tree.nodes[b, node]
        n.mover = next_mover(rules, positions[node], pending[node], first)
        n.count = UNOPENED if n.mover >= 0 else 0
        n.proven = n.mover < 0 and not tree.adaptive[0]
        rollout_from(rules, positions, pending, node, seed + np.uint64(node), limit, scratch, returns)
        for seat in range(seats):
            n.raw[seat] = returns[seat]
        back_up(tree, b, node, False, returns)
    return True
