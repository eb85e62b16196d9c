"""The search: one loop that drives B trees over any model, and its fused form for rollouts of native games."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from games.core.errors import ArenaError
from games.core.game import Game, Int, Positions
from games.core.native import NativeGame
from search import kernels, native
from search.models import Evaluation, Model
from search.plan import Plan, make_plan, walk
from search.tree import Tree, bytes_of, grown, make_tree

Seeds = npt.NDArray[np.uint64]


class Rule(Protocol):
    """A selection rule, a NamedTuple with a kernel `select`, and how a finished tree becomes a plan."""

    def plan(self, tree: Tree, actions: int) -> Plan:
        """What the trees say; `actions` is A."""


class Policy(Protocol):
    """The settings of a selection rule."""

    def begin(self, tree: Tree, seeds: Seeds, simulations: int) -> Rule:
        """The rule for a run of that many simulations from evaluated roots; seeds [B]."""


class Search:
    """Searches B positions at once. Keep the object: its buffers serve the next call."""

    def __init__(self, model: Model, policy: Policy, bounds: tuple[float, float] | None) -> None:
        """`bounds`: the least and greatest return, None: found while searching."""
        self.model = model
        self.width = model.width
        self.policy = policy
        self.bounds = bounds
        self.tree = make_tree(0, 0, 0, model.seats, bounds)
        self.spare = self.tree  # what `keep` moves a tree to
        self.returns = np.zeros(model.seats, np.float32)

    @property
    def bytes(self) -> int:
        """Of memory that the trees take."""
        return bytes_of(self.tree) + bytes_of(self.spare)

    def run(self, inputs: Any, simulations: int, seeds: Seeds, leaves: int = 1) -> Tree:
        """`simulations` in each tree, `leaves` of each evaluated at once; valid until the next run."""
        self.begin(inputs, seeds, simulations, leaves)
        return self.go_on(simulations)

    def begin(self, inputs: Any, seeds: Seeds, room: int, leaves: int = 1) -> None:
        """New trees with evaluated roots, and room for that many simulations each."""
        trees = len(seeds)
        self._make_room(trees, room + 1, leaves)
        self.wave = np.empty((4, trees * leaves), np.int32)
        of, _, _, new = self.wave
        kernels.clear(self.tree, of, new)
        self.used = self._attach(of, new, trees, False, self.model.root(inputs, seeds, room + 1))
        self.rule = self.policy.begin(self.tree, seeds, room)
        self.leaves, self.room = leaves, room
        self.most = np.full(trees, room, np.int64)

    def go_on(self, simulations: int, heed: Callable[[], bool] | None = None) -> Tree:
        """Search on until every tree has that many, or has no room for more; or until `heed`, asked after each wave,
        says no."""
        of, parents, actions, new = self.wave
        reach = self.leaves * self.model.width
        most = np.minimum(simulations, self.most)
        while True:
            if self.used + reach > self.tree.edges.shape[1]:
                self.tree = grown(self.tree, 0, 2 * self.tree.edges.shape[1] + reach)
            m = kernels.select_wave(self.rule, self.tree, self.leaves, most, self.returns, of, parents, actions, new)
            if m > 0:
                evaluation = self.model.step(of[:m], parents[:m], actions[:m], new[:m])
                self.used = max(self.used, self._attach(of, new, m, self.leaves > 1, evaluation))
                if heed is not None and not heed():
                    return self.tree
            elif (self.tree.simulations >= most).all():
                return self.tree

    def stop(self, trees: Sequence[bool]) -> None:
        """Search no further in those trees [B]."""
        self.most[:] = np.where(trees, self.tree.simulations, self.most)

    def keep(self, actions: Sequence[int], inputs: Any, seeds: Seeds) -> bool:
        """Go on from where `actions` (nature's among them) lead in the one tree, with room for as many simulations as
        it began with; False if it was not searched, or what it holds there is not what `inputs` say (as where noise
        has come between)."""
        node = walk(self.tree, 0, actions)
        if node <= 0 or self.tree.nodes["count"][0, node] <= 0 or not self.model.is_at(node, inputs):
            return False
        self.tree, self.spare, origin = _below(self.tree, node, self.spare, self.bounds)
        self.model.keep(origin)
        self.rule = self.policy.begin(self.tree, seeds, self.room)
        self.used = int(self.tree.used[0, 1])
        return True

    def plan(self) -> Plan:
        """What the trees say so far."""
        return self.rule.plan(self.tree, self.width)

    def _attach(self, of: Int, new: Int, size: int, virtual: bool, evaluation: Evaluation) -> int:
        used = int(kernels.attach_wave(self.tree, of, new, size, virtual, self.returns, *evaluation))
        if used < 0:
            raise ArenaError("the prior of a position is no distribution: it gives no legal action a chance, or is NaN")
        return used

    def _make_room(self, trees: int, nodes: int, leaves: int) -> None:
        """Edges are given room for a typical game and grow when a tree needs more."""
        edges = nodes * min(self.model.width, 48) + (leaves + 1) * self.model.width
        if self.tree.used.shape[0] != trees or self.tree.nodes.shape[1] < nodes:
            self.tree = make_tree(trees, nodes, edges, self.model.seats, self.bounds)
        elif self.bounds is None:
            self.tree.scale[:] = (np.inf, -np.inf)


def _below(tree: Tree, node: int, spare: Tree, bounds: tuple[float, float] | None) -> tuple[Tree, Tree, Int]:
    """The lone tree below `node` moved to `spare`, made anew where it is too small; (tree, spare, what number each
    node had)."""
    if spare is tree or spare.nodes.shape != tree.nodes.shape or spare.edges.shape != tree.edges.shape:
        spare = make_tree(1, tree.nodes.shape[1], tree.edges.shape[1], tree.seats, bounds)
    kernels.empty(spare)
    origin = np.empty(tree.nodes.shape[1], np.int32)
    size = kernels.transplant(tree, 0, node, spare, origin)
    return spare, tree, origin[:size]


def bounds_of(game: Game) -> tuple[float, float] | None:
    """The bounds to search a game with. None where several seats act at once: there a later seat's reply to what it
    cannot know must prove nothing."""
    return None if game.simultaneous else game.bounds


class FusedSearch:
    """Rollout search of one position of a native game in a single compiled loop; it can be continued."""

    def __init__(self, game: NativeGame, policy: Any, limit: int | None = None) -> None:
        """`limit`: plies of a rollout before the game's estimate stands in; None: to the end."""
        self.game = game
        self.bounds = bounds_of(game)
        self.policy = policy
        self.limit = game.max_plies + 1 if limit is None else limit
        self.width = max(game.actions, game.outcomes)
        self.scratch = game.scratch()
        self.tree = self.spare = make_tree(0, 0, 0, game.seats, self.bounds)
        self.positions = game.empty(0)
        self._make_room(64)
        self.seat, self.seed = 0, np.uint64(0)

    @property
    def bytes(self) -> int:
        """Of memory that the tree and its positions take."""
        return bytes_of(self.tree) + bytes_of(self.spare) + self.positions.nbytes

    def begin(self, position: Positions, seat: int, seed: int, nodes: int = 64) -> None:
        """A new tree for `seat` at `position` [1], with room for `nodes` before it has to grow."""
        if len(self.positions) < nodes:
            self._make_room(nodes)
        self.game.copy(position, np.zeros(1, np.int64), self.positions, np.zeros(1, np.int64))
        self.pending[:] = -1
        kernels.empty(self.tree)
        if self.bounds is None:
            self.tree.scale[:] = (np.inf, -np.inf)
        self.seat, self.seed = seat, np.uint64(seed)

    def go_on(self, simulations: int) -> Tree:
        """Search on until the tree has that many."""
        game = self.game
        while not native.fused(
            game.rules, self.policy, self.tree, 0, self.positions, self.pending, self.seat, self.scratch,
            self.seed, simulations, self.limit,
        ):  # fmt: skip
            self._grow()
        return self.tree

    def keep(self, actions: Sequence[int], position: Positions, seat: int, seed: int) -> bool:
        """Go on from where `actions` (nature's among them) lead; False if it was not searched, or `position` [1] is
        not what the tree holds there (as where noise has come between)."""
        node = walk(self.tree, 0, actions)
        if node <= 0 or self.tree.nodes["count"][0, node] == 0 or self.positions[node : node + 1] != position:
            return False
        self.tree, self.spare, origin = _below(self.tree, node, self.spare, self.bounds)
        self.game.copy(self.positions, origin, self.positions, np.arange(len(origin)))  # forward, so nothing is lost
        self.seat, self.seed = seat, np.uint64(seed)
        return True

    def plan(self) -> Plan:
        """What the tree says so far."""
        return make_plan(self.tree, self.width)

    def _make_room(self, nodes: int) -> None:
        edges = nodes * min(self.width, 48) + self.width
        self.tree = make_tree(1, nodes, edges, self.game.seats, self.bounds)
        self.positions = self.game.empty(nodes)
        self.pending = np.full((nodes, self.game.seats + 1), -1, np.int32)

    def _grow(self) -> None:
        nodes = len(self.positions)
        if self.tree.used[0, 0] == nodes:
            self.positions = np.concatenate([self.positions, self.game.empty(nodes)])
            self.pending = np.concatenate([self.pending, np.full_like(self.pending, -1)])
        self.tree = grown(self.tree, len(self.positions), 2 * self.tree.edges.shape[1])
