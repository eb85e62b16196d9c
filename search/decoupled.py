"""Decoupled UCT and information-set MCTS, which for native games are one compiled loop.

Whoever acts at a position, chooses by statistics of its own that are shared by all positions it cannot tell apart.
Where seats act at once, none knows the others' moves: decoupled UCT (Auger 2011; Tak et al. 2014). Where things are
hidden, each simulation first deals anew what the seat that plans does not know, and every seat's statistics belong to
its information set: information-set MCTS with many observers (Cowling et al. 2012). Their availability counts are here
the visits of the information set, since equal knowledge has equal legal actions.

UCT alone ends in cycles where equilibria are mixed; smooth UCT (Heinrich and Silver 2015) gets near them: a seat
follows UCT with a probability that falls, and else the average of its play so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.core import kernels
from games.core.batch import rollout
from games.core.game import Positions
from games.core.kernels import compiled, dispatched, helper, mix
from games.core.native import NativeGame
from search import uct
from search.kernels import expand, forget, reserve, select
from search.native import fill_prior
from search.plan import Plan, make_plan
from search.tree import Tree, bytes_of, grown, make_tree


class SmoothUCT(NamedTuple):
    """UCT while an action is untried, and then with probability max(floor, start / (1 + decay * sqrt(visits))); else an
    action in proportion to its visits. Defaults of the paper's poker."""

    c: float = 0.7
    start: float = 0.9
    decay: float = 0.001
    floor: float = 0.1


kernels.register(SmoothUCT, {"select": uct.select})


class Table(NamedTuple):
    """From what a seat knows to its node, and the way of one simulation. T: the most plies of a game."""

    slots: npt.NDArray[np.int32]  # [2^k] node + 1; 0: free
    keys: npt.NDArray[np.uint64]  # [N] hash of what the mover of a node knows
    known: npt.NDArray[np.uint8]  # [K] scratch: what a seat knows
    way: npt.NDArray[np.int32]  # [T * S, 3] ply, node, and edge (-1: none) of each choice
    gains: npt.NDArray[np.float32]  # [T, S] rewards of each ply


def _everything(rules, row, seat, out):  # type: ignore[no-untyped-def]
    pass


@dispatched(_everything)  # which kernels.know has no word for
def know(rules: Any, row: Any, seat: Any, out: Any) -> None: ...


FIRST = np.uint64(0xCBF29CE484222325)


@helper
def hash_of(state: Any, numbers: Any) -> Any:
    """FNV-1a over whole numbers, from `state` on."""
    for number in numbers:
        state = (state ^ np.uint64(number)) * np.uint64(0x100000001B3)
    return mix(state)


@helper
def find(table: Any, key: Any) -> Any:
    """The slot of `key`: taken by its node, or the free one where it belongs."""
    last = len(table.slots) - 1
    slot = np.int64(key & np.uint64(last))
    while table.slots[slot] != 0 and table.keys[table.slots[slot] - 1] != key:
        slot = (slot + 1) & last
    return slot


@helper
def choose_edge(policy: Any, tree: Any, node: Any, random: Any) -> Any:
    """As `SmoothUCT` says."""
    n = tree.nodes[0, node]
    follow = max(policy.floor, policy.start / (1 + policy.decay * np.sqrt(n.visits)))
    if n.followed < n.count or kernels.uniform(random) < follow:
        return select(policy, tree, 0, node)
    rest = kernels.below(random, n.visits - 1)  # the visit that made the node followed no edge
    edge = n.first
    while rest >= tree.edges[0, edge].visits:
        rest -= tree.edges[0, edge].visits
        edge += 1
    return edge


@helper
def node_of(rules: Any, tree: Any, table: Any, row: Any, seat: Any, past: Any, scratch: Any) -> Any:
    """(node, new): the node of what `seat`, which acts at `row`, knows there; made if need be. `past`: hash of the
    plies so far, which is all that is known where nothing is hidden."""
    table.known[:] = 0
    know(rules, row, seat, table.known)
    key = hash_of(past ^ np.uint64(seat), table.known)
    slot = find(table, key)
    if table.slots[slot] != 0:
        return table.slots[slot] - 1, False
    node = reserve(tree, 0, -1, -1)
    table.slots[slot] = node + 1
    table.keys[node] = key
    tree.nodes[0, node].mover = seat
    scratch.prior[:] = -np.inf
    fill_prior(rules, row, seat, tree.scale.shape[1], scratch.legal, scratch.odds, scratch.prior)
    expand(tree, 0, node, scratch.prior)
    return node, True


@helper
def back_up(tree: Any, way: Any, choices: Any, gains: Any, plies: Any, returns: Any) -> None:
    """Add a simulation of so many choices and plies to the statistics; returns [S] of what came after the plies."""
    seats = tree.scale.shape[1]
    for i in range(choices - 1, -1, -1):
        while plies > way[i, 0]:
            plies -= 1
            for seat in range(seats):
                returns[seat] += gains[plies, seat]
        n = tree.nodes[0, way[i, 1]]
        n.visits += 1
        for seat in range(seats):
            n.value[seat] += (returns[seat] - n.value[seat]) / np.float32(n.visits)
        if way[i, 2] >= 0:
            e = tree.edges[0, way[i, 2]]
            n.followed += e.visits == 0
            e.visits += 1
            e.q += (returns[n.mover] - e.q) / np.float32(e.visits)
            if tree.adaptive[0]:
                tree.scale[0, n.mover, 0] = min(tree.scale[0, n.mover, 0], e.q)
                tree.scale[0, n.mover, 1] = max(tree.scale[0, n.mover, 1], e.q)
    tree.simulations[0] += 1


@compiled
def simulate(
    rules: Any, policy: Any, tree: Any, table: Any, root: Any, first: int, hidden: bool, scratch: Any,
    seed: Any, most: int, limit: int,
) -> bool:  # fmt: skip
    """Search on for seat `first` at `root` [1] to `most` simulations; False if it first ran out of room."""
    seats = tree.scale.shape[1]
    row, joint, random, returns = scratch.row[0], scratch.joint, scratch.random, scratch.returns
    while tree.simulations[0] < most:
        room = tree.edges.shape[1] - tree.used[0, 1]
        if tree.used[0, 0] + seats > len(table.keys) or room < seats * len(scratch.prior):
            return False
        random[0] = mix(seed + np.uint64(tree.simulations[0]))
        scratch.row[0] = root[0]
        if hidden:
            kernels.redeal(rules, row, first, random)
            kernels.reseed(rules, row, kernels.next_bits(random))
        plies, choices, opened, past = 0, 0, False, FIRST
        mask = kernels.acting(rules, row)
        while mask != 0:
            for i in range(seats):
                seat = (first + i) % seats
                if (mask >> seat) & 1:
                    node, new = node_of(rules, tree, table, row, seat, past, scratch)
                    edge = -1 if new else choose_edge(policy, tree, node, random)
                    opened |= new
                    table.way[choices, 0] = plies
                    table.way[choices, 1] = node
                    table.way[choices, 2] = edge
                    joint[seat] = -1 if new else tree.moves[0, edge].action
                    choices += 1
            if opened:
                break
            if mask >> seats:
                scratch.odds[:] = 0
                kernels.odds(rules, row, scratch.odds)
                joint[seats] = kernels.draw(random, scratch.odds)
            table.gains[plies] = 0
            kernels.step(rules, row, joint, table.gains[plies])
            if not hidden:
                past = hash_of(past, joint)
            joint[:] = -1
            plies += 1
            mask = kernels.acting(rules, row)
        returns[:] = 0
        rollout(rules, row, limit, scratch, returns)
        joint[:] = -1
        back_up(tree, table.way, choices, table.gains, plies, returns)
    return True


@compiled
def clear(rules: Any, tree: Any, table: Any) -> None:
    forget(tree, 0)
    tree.simulations[0] = 0
    table.slots[:] = 0


@compiled
def refill(rules: Any, tree: Any, table: Any) -> None:
    """Put all nodes into empty slots."""
    for node in range(tree.used[0, 0]):
        table.slots[find(table, table.keys[node])] = node + 1


class DecoupledSearch:
    """Searches one position of a native game; it can be continued. In its tree node 0 is what the seat that plans
    knows; nodes have no parents and edges no children."""

    def __init__(self, game: NativeGame, policy: SmoothUCT, limit: int | None = None) -> None:
        """`limit`: plies of a rollout before the game's estimate stands in; None: to the end."""
        self.game, self.policy = game, policy
        self.limit = game.max_plies + 1 if limit is None else limit
        self.width = max(game.actions, game.outcomes)
        self.scratch = game.scratch()
        self.tree = make_tree(1, 0, 0, game.seats, game.bounds)
        self.table = self._make_table(0)
        self.root, self.seat, self.seed = game.empty(1), 0, np.uint64(0)

    @property
    def bytes(self) -> int:
        """Of memory that the tree and its table take."""
        return bytes_of(self.tree) + sum(array.nbytes for array in self.table)

    def begin(self, position: Positions, seat: int, seed: int) -> None:
        """A new search for `seat`, which acts at `position` [1]."""
        self.game.copy(position, np.zeros(1, np.int64), self.root, np.zeros(1, np.int64))
        self.scratch.joint[:] = -1
        clear(self.game.rules, self.tree, self.table)
        if self.game.bounds is None:
            self.tree.scale[:] = (np.inf, -np.inf)
        self.seat, self.seed = seat, np.uint64(seed)

    def go_on(self, simulations: int) -> Tree:
        """Search on until there are that many."""
        game = self.game
        while not simulate(
            game.rules, self.policy, self.tree, self.table, self.root, self.seat, game.hidden, self.scratch,
            self.seed, simulations, self.limit,
        ):  # fmt: skip
            nodes = max(64, 2 * len(self.table.keys))
            keys = self.table.keys
            self.tree = grown(self.tree, nodes, nodes * min(self.width, 48) + game.seats * self.width)
            self.table = self._make_table(nodes)
            self.table.keys[: len(keys)] = keys
            refill(game.rules, self.tree, self.table)
        return self.tree

    def plan(self) -> Plan:
        """What the search says so far."""
        return make_plan(self.tree, self.width)

    def keep(self, plays: Sequence[int], position: Positions, seat: int, seed: int) -> bool:
        """Whether the search could go on below the root by `plays`: no part of it is kept."""
        return False

    def _make_table(self, nodes: int) -> Table:
        game, plies = self.game, self.game.max_plies + 1
        return Table(
            slots=np.zeros(max(4 * nodes, 4), np.int32),
            keys=np.zeros(nodes, np.uint64),
            known=np.zeros(game.knowledge, np.uint8),
            way=np.zeros((plies * game.seats, 3), np.int32),
            gains=np.zeros((plies, game.seats), np.float32),
        )
