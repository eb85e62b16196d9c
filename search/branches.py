"""The best-searched part of a finished tree, small enough to look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from search.tree import Tree


class Branch(NamedTuple):
    """An edge that was followed, and what was searched below it."""

    action: int  # or outcome
    mover: int  # the seat that makes it; `seats`: nature
    visits: int
    returns: tuple[float, ...]  # by seat, from this step on; NaN where only the mover's is known
    branches: tuple[Branch, ...]  # most visited first


def branches(
    tree: Tree, b: int, *, depth: int = 4, widest: int = 4, least: float = 0.015, node: int = 0
) -> tuple[Branch, ...]:
    """Of tree `b`: the `widest` most visited edges of each node, down to `depth`, as far as each has a share `least` of
    all visits."""
    n, found = tree.nodes[b, node], []
    edges = np.arange(n["first"], n["first"] + max(int(n["count"]), 0))
    enough = max(1.0, least * float(tree.nodes["visits"][b, 0]))
    for edge in edges[np.argsort(-tree.edges["visits"][b, edges], kind="stable")][:widest]:
        e = tree.edges[b, edge]
        if e["visits"] < enough:
            break
        child = int(e["child"])
        deeper: tuple[Branch, ...] = ()
        returns = np.full(tree.seats, np.nan, np.float32)
        if child > 0:  # some searches keep no children
            below = tree.nodes[b, child]
            returns = below["reward"] + below["discount"] * below["value"]
            deeper = () if depth <= 1 else branches(tree, b, depth=depth - 1, widest=widest, least=least, node=child)
        if n["mover"] < tree.seats:
            returns[n["mover"]] = e["q"]
        action, mover = int(tree.moves["action"][b, edge]), int(n["mover"])
        found.append(Branch(action, mover, int(e["visits"]), tuple(map(float, returns)), deeper))
    return tuple(found)
