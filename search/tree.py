"""B search trees that grow in lockstep, in flat arrays allocated once.

Node 0 of a tree is its root. A node has one edge for each legal action (or possible outcome, at a chance node) and
no more, next to each other in the tree's pool of edges. Values are vectors with one entry a seat, so nothing is ever
negated: whoever moves at a node reads its own entry.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

WAITING = -1  # the model is being asked about the node
PROVEN = -1  # in `pending`: what the edge leads to is settled, nothing will ever be pending there
UNOPENED = -2  # evaluated, but its edges are made only when a second simulation comes


def node_dtype(seats: int) -> np.dtype[Any]:
    """All about a node side by side: with two seats it fills one cache line."""
    return np.dtype(
        [
            ("parent", "i4"),  # node; -1 at the root
            ("edge", "i4"),  # the edge that leads here; -1 at the root
            ("first", "i4"),  # its first edge in the pool
            ("count", "i4"),  # how many edges; 0: the game is over here; or WAITING, UNOPENED
            ("visits", "i4"),  # simulations that came through, the one that made it included
            ("mover", "i4"),  # seat to act; `seats`: nature; -1: over
            ("discount", "f4"),  # of what comes after the step into this node
            ("followed", "i4"),  # how many of its edges have a child
            ("tried", "f4"),  # the prior of those together
            ("proven", "i4"),  # 1: `value` is exact under best play
            ("value", "f4", (seats,)),  # mean return from the node on
            ("reward", "f4", (seats,)),  # earned by the step into the node
            ("raw", "f4", (seats,)),  # the model's own value of the node
        ],
        align=True,
    )


MOVE = np.dtype(
    [
        ("action", "i4"),  # or outcome
        ("prior", "f4"),  # probability: the policy's, or the odds at a chance node
    ]
)
EDGE = np.dtype(  # all zero until the edge is followed
    [
        ("child", "i4"),  # node; 0: none yet (the root is nobody's child)
        ("visits", "i4"),  # simulations through this edge
        ("pending", "i4"),  # descents through it whose leaf is being evaluated (virtual loss); or PROVEN
        ("q", "f4"),  # mean return of the mover: reward + discount * value of the child
    ]
)


class Tree(NamedTuple):
    """B trees with room for N nodes and E edges each, for S seats."""

    nodes: npt.NDArray[Any]  # node_dtype(S) [B, N]
    moves: npt.NDArray[Any]  # MOVE [B, E] what the edges stand for: written once, when a node is evaluated
    edges: npt.NDArray[Any]  # EDGE [B, E] what the search found out about them
    used: npt.NDArray[np.int32]  # [B, 2] nodes and edges in use
    scale: npt.NDArray[np.float32]  # [B, S, 2] the least and the greatest Q, which are mapped to 0 and 1
    adaptive: npt.NDArray[np.bool_]  # [1] whether `scale` follows what the search meets
    simulations: npt.NDArray[np.int64]  # [B] done so far

    @property
    def seats(self) -> int:
        return int(self.scale.shape[1])


def _zeros(trees: int, width: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """[trees, width] that begin at a cache line: a node that straddles two costs a second miss."""
    size = trees * width * dtype.itemsize
    memory = np.zeros(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(dtype).reshape(trees, width)


def make_tree(trees: int, nodes: int, edges: int, seats: int, bounds: tuple[float, float] | None) -> Tree:
    """Empty trees. `bounds`: the least and greatest return; None: found while searching (MuZero's min-max)."""
    scale = np.empty((trees, seats, 2), np.float32)
    scale[:] = (np.inf, -np.inf) if bounds is None else bounds
    return Tree(
        nodes=_zeros(trees, nodes, node_dtype(seats)),
        moves=_zeros(trees, edges, MOVE),
        edges=_zeros(trees, edges, EDGE),
        used=np.zeros((trees, 2), np.int32),
        scale=scale,
        adaptive=np.array([bounds is None]),
        simulations=np.zeros(trees, np.int64),
    )


def grown(tree: Tree, nodes: int, edges: int) -> Tree:
    """The same trees with room for at least `nodes` and `edges` each."""

    def wider(array: npt.NDArray[Any], width: int) -> npt.NDArray[Any]:
        if array.shape[1] >= width:
            return array
        bigger = _zeros(array.shape[0], width, array.dtype)
        bigger[:, : array.shape[1]] = array
        return bigger

    return tree._replace(nodes=wider(tree.nodes, nodes), moves=wider(tree.moves, edges), edges=wider(tree.edges, edges))


def bytes_of(tree: Tree) -> int:
    """The memory that its arrays take."""
    return sum(array.nbytes for array in tree)
