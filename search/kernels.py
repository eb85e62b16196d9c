"""What happens in one tree: go down, put in a node, pass its value up. Batched and fused search both call these.

A selection rule is a NamedTuple registered with a kernel `select(policy, tree, b, node) -> edge`; at chance nodes
the outcome furthest behind its odds is taken, which visits outcomes in proportion (as mctx's stochastic search does).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from games.core.kernels import compiled, dispatched, helper
from search.tree import PROVEN, WAITING

# Reciprocals and roots of small visit counts: computing them took half of the time of a descent.
SMALL = 8192
INVERSE = np.concatenate([np.zeros(1), 1 / np.arange(1, SMALL)]).astype(np.float32)
ROOT = np.sqrt(np.arange(SMALL)).astype(np.float32)
INVERSE_ROOT = np.concatenate([np.zeros(1), 1 / np.sqrt(np.arange(1, SMALL))]).astype(np.float32)
ROOT_LOG = np.concatenate([np.zeros(1), np.sqrt(np.log(np.arange(1, SMALL)))]).astype(np.float32)


@helper
def inverse(visits: Any) -> Any:
    """1 / visits, visits >= 1."""
    return INVERSE[visits] if visits < SMALL else np.float32(1) / np.float32(visits)


@helper
def root(visits: Any) -> Any:
    """sqrt(visits)."""
    return ROOT[visits] if visits < SMALL else np.sqrt(np.float32(visits))


@helper
def log_of_one_and(x: Any) -> Any:
    """log(1 + x); by its series where x is small, as it nearly always is."""
    if x < np.float32(0.02):
        return x * (np.float32(1) - x * (np.float32(0.5) - x * np.float32(1 / 3)))
    return np.log(np.float32(1) + x)


@helper
def inverse_root(visits: Any) -> Any:
    """1 / sqrt(visits), visits >= 1."""
    return INVERSE_ROOT[visits] if visits < SMALL else np.float32(1) / np.sqrt(np.float32(visits))


@helper
def root_log(visits: Any) -> Any:
    """sqrt(log(visits)), visits >= 1."""
    return ROOT_LOG[visits] if visits < SMALL else np.sqrt(np.log(np.float32(visits)))


@dispatched()
def select(policy: Any, tree: Any, b: Any, node: Any) -> Any:
    """The edge that `policy` follows from `node` of tree `b`."""


@helper
def scale_of(tree: Any, b: Any, seat: Any) -> Any:
    """(low, factor): (q - low) * factor maps the Q of that seat to [0, 1]; to 0 while nothing is known."""
    low, high = tree.scale[b, seat, 0], tree.scale[b, seat, 1]
    if high > low:
        return low, np.float32(1) / (high - low)
    return np.float32(0), np.float32(0)


@helper
def likely_outcome(tree: Any, b: Any, node: Any) -> Any:
    """At a chance node: the edge with the greatest prior / (visits + 1)."""
    first = tree.nodes[b, node].first
    best, best_score = first, np.float32(-1)
    for edge in range(first, first + tree.nodes[b, node].count):
        e = tree.edges[b, edge]
        score = tree.moves[b, edge].prior / np.float32(e.visits + max(e.pending, 0) + 1)
        if score > best_score:
            best, best_score = edge, score
    return best


@helper
def descend(policy: Any, tree: Any, b: Any, node: Any, virtual: Any) -> Any:
    """From `node` down to a place for a new one: (parent, edge); or (node, -1) where the game is over or decided.

    With `virtual`, the way is marked so that later descents of the same wave avoid it."""
    nodes, edges = tree.nodes, tree.edges
    seats = tree.scale.shape[1]
    while nodes[b, node].count > 0:
        edge = likely_outcome(tree, b, node) if nodes[b, node].mover == seats else select(policy, tree, b, node)
        if virtual and edges[b, edge].pending != PROVEN:
            edges[b, edge].pending += 1
        child = edges[b, edge].child
        if child == 0:
            return node, edge
        node = child
        if nodes[b, node].proven:
            break
    return node, -1


@helper
def unmark(tree: Any, b: Any, node: Any) -> None:
    """Take back the marks of a descent that ended at `node`."""
    while node > 0:
        tree.edges[b, tree.nodes[b, node].edge].pending -= 1
        node = tree.nodes[b, node].parent


@helper
def reserve(tree: Any, b: Any, parent: Any, edge: Any) -> Any:
    """A new node below `edge` (-1: the root), still to be evaluated."""
    node = tree.used[b, 0]
    tree.used[b, 0] = node + 1
    n = tree.nodes[b, node]
    n.parent = parent
    n.edge = edge
    n.count = WAITING
    n.visits = 0
    n.followed = 0
    n.tried = 0
    n.proven = 0
    n.discount = 1
    for seat in range(tree.scale.shape[1]):
        n.value[seat] = 0
        n.reward[seat] = 0
    if edge >= 0:
        tree.edges[b, edge].child = node
        tree.nodes[b, parent].followed += 1
        tree.nodes[b, parent].tried += tree.moves[b, edge].prior
    return node


@helper
def expand(tree: Any, b: Any, node: Any, prior: Any) -> None:
    """Give `node` its edges. prior [A]: logits, -inf where illegal; or odds where nature moves."""
    n = tree.nodes[b, node]
    first = tree.used[b, 1]
    last = first
    chance = n.mover == tree.scale.shape[1]
    nothing = np.float32(0) if chance else np.float32(-np.inf)
    greatest = np.float32(-np.inf)
    if n.mover >= 0:
        for action in range(len(prior)):
            if prior[action] > nothing:
                m = tree.moves[b, last]
                m.action = action
                m.prior = prior[action]
                greatest = max(greatest, m.prior)
                last += 1
    if not chance:
        total = np.float32(0)
        for edge in range(first, last):
            m = tree.moves[b, edge]
            m.prior = np.float32(1) if m.prior == greatest else max(np.exp(m.prior - greatest), np.float32(1e-30))
            total += m.prior
        share = np.float32(1) / total
        for edge in range(first, last):
            tree.moves[b, edge].prior *= share
    n.first = first
    n.count = last - first
    tree.used[b, 1] = last


@helper
def back_up(tree: Any, b: Any, node: Any, virtual: Any, returns: Any) -> None:
    """Pass `returns` [S] from `node` up to the root; they are overwritten, and replaced by what is proven."""
    nodes, edges, scale = tree.nodes, tree.edges, tree.scale
    seats = scale.shape[1]
    adaptive = tree.adaptive[0]
    while True:
        n = nodes[b, node]
        n.visits += 1
        if n.proven:
            for seat in range(seats):
                returns[seat] = n.value[seat]
        else:
            share = inverse(n.visits)
            for seat in range(seats):
                n.value[seat] += (returns[seat] - n.value[seat]) * share
        if n.parent < 0:
            break
        mover = nodes[b, n.parent].mover
        e = edges[b, n.edge]
        e.visits += 1
        if virtual and e.pending > 0:
            e.pending -= 1
        if mover < seats:
            e.q = n.reward[mover] + n.discount * n.value[mover]
            if adaptive:
                scale[b, mover, 0] = min(scale[b, mover, 0], e.q)
                scale[b, mover, 1] = max(scale[b, mover, 1], e.q)
        if n.proven and e.pending == 0:
            e.pending = PROVEN
            prove(tree, b, n.parent)
        for seat in range(seats):
            returns[seat] = n.reward[seat] + n.discount * returns[seat]
        node = n.parent
    tree.simulations[b] += 1


@helper
def prove(tree: Any, b: Any, node: Any) -> None:
    """Settle `node` if its mover can force the greatest return, or if all that can happen there is settled
    (MCTS-Solver: Winands et al. 2008)."""
    n = tree.nodes[b, node]
    seats = tree.scale.shape[1]
    best, best_q, open_edges = -1, np.float32(-np.inf), 0
    for edge in range(n.first, n.first + n.count):
        e = tree.edges[b, edge]
        if e.pending != PROVEN:
            open_edges += 1
        elif n.mover == seats or e.q > best_q:
            best, best_q = edge, e.q
    forced = n.mover < seats and seats <= 2 and best_q >= tree.scale[b, n.mover, 1]
    if n.proven or best < 0 or (open_edges > 0 and not forced):
        return
    n.proven = 1
    for seat in range(seats):
        n.value[seat] = 0
    for edge in range(n.first, n.first + n.count):
        if edge == best or n.mover == seats:
            c = tree.nodes[b, tree.edges[b, edge].child]
            weight = tree.moves[b, edge].prior if n.mover == seats else np.float32(1)
            for seat in range(seats):
                n.value[seat] += weight * (c.reward[seat] + c.discount * c.value[seat])


@compiled
def select_wave(
    policy: Any, tree: Any, leaves: int, most: Any, returns: Any, trees: Any, parents: Any, actions: Any, new: Any
) -> int:
    """Up to `leaves` new nodes in every tree that has fewer than most [B] simulations; gives their number M.

    The first M entries of the four int32 arrays are filled: the tree, the node and action to start from, the new
    node. Descents that end where the game is over are backed up at once. returns [S] is scratch."""
    virtual = leaves > 1
    size = 0
    for b in range(tree.used.shape[0]):
        waiting = 0
        while waiting < leaves and tree.simulations[b] + waiting < most[b]:
            parent, edge = descend(policy, tree, b, 0, virtual)
            if edge < 0 and tree.nodes[b, parent].count == WAITING:
                unmark(tree, b, parent)
                break
            if edge < 0:
                returns[:] = 0
                back_up(tree, b, parent, virtual, returns)
                if waiting == 0:
                    continue
                break
            trees[size] = b
            parents[size] = parent
            actions[size] = tree.moves[b, edge].action
            new[size] = reserve(tree, b, parent, edge)
            size += 1
            waiting += 1
    return size


@compiled
def attach_wave(
    tree: Any, trees: Any, new: Any, size: int, virtual: bool, returns: Any,
    prior: Any, value: Any, reward: Any, discount: Any, mover: Any,
) -> int:  # fmt: skip
    """Expand and back up the nodes of a wave with what the model said of them: `Evaluation` in `models.py`.

    returns [S] is scratch. Gives the greatest number of edges that a tree now uses; -1: a mover has no action."""
    seats = tree.scale.shape[1]
    most = 0
    for i in range(size):
        b, node = trees[i], new[i]
        n = tree.nodes[b, node]
        n.discount = discount[i]
        n.mover = mover[i]
        for seat in range(seats):
            n.reward[seat] = reward[i, seat]
            n.raw[seat] = value[i, seat]
            returns[seat] = value[i, seat] if mover[i] >= 0 else np.float32(0)
        n.proven = mover[i] < 0 and not tree.adaptive[0]
        expand(tree, b, node, prior[i])
        if n.count == 0 and mover[i] >= 0:
            return -1
        back_up(tree, b, node, virtual, returns)
        most = max(most, tree.used[b, 1])
    return most


@helper
def forget(tree: Any, b: Any) -> None:
    """Empty tree `b`."""
    for edge in range(tree.used[b, 1]):
        e = tree.edges[b, edge]
        e.child = 0
        e.visits = 0
        e.pending = 0
        e.q = 0
    tree.used[b, 0] = 0
    tree.used[b, 1] = 0
    tree.simulations[b] = -1  # evaluating the root is not a simulation


@compiled
def empty(tree: Any) -> None:
    """Empty all trees."""
    for b in range(len(tree.used)):
        forget(tree, b)


@compiled
def clear(tree: Any, trees: Any, new: Any) -> None:
    """Make all trees a lone root, waiting to be evaluated."""
    for b in range(tree.used.shape[0]):
        forget(tree, b)
        trees[b] = b
        new[b] = reserve(tree, b, -1, -1)


@compiled
def transplant(source: Any, b: int, node: int, target: Any, origin: Any) -> int:
    """Tree `b` of the empty `target` becomes what stands below `node`, which is its root; gives its number of nodes.

    origin int32 [nodes + 1] gets the number that each node had, and is scratch."""
    seats = source.scale.shape[1]
    for old in range(node, source.used[b, 0]):
        origin[old] = -1
    size = 0
    for old in range(node, source.used[b, 0]):  # parents come before their children
        n = source.nodes[b, old]
        if old != node and (n.parent < node or origin[n.parent] < 0):
            continue
        new = target.nodes[b, size]
        target.nodes[b, size] = n
        if old == node:
            new.parent, new.edge = -1, -1
        else:
            new.parent = origin[n.parent]
            new.edge = target.nodes[b, new.parent].first + n.edge - source.nodes[b, n.parent].first
            target.edges[b, new.edge].child = size
        if n.count > 0:
            new.first = target.used[b, 1]
            for k in range(n.count):
                target.moves[b, new.first + k] = source.moves[b, n.first + k]
                target.edges[b, new.first + k] = source.edges[b, n.first + k]
            target.used[b, 1] += n.count
        origin[old] = size
        size += 1
    for seat in range(seats):
        for end in range(2):
            target.scale[b, seat, end] = source.scale[b, seat, end]
    target.used[b, 0] = size
    target.simulations[b] = target.nodes[b, 0].visits - 1
    for old in range(node, source.used[b, 0]):  # turned around; new numbers are never greater than old ones
        if origin[old] >= 0:
            kept = origin[old]
            origin[old] = -1
            origin[kept] = old
    return size
