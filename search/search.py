"""The search: one loop that drives B trees over any model, and its fused form for rollouts of native games."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from games.core.errors import ArenaError
from games.core.game import Game, Int, Positions
from games.core.native import NativeGame
from search import kernels, native
from search.models import Evaluation, Model
from search.plan import Plan, make_plan
from search.tree import Tree, grown, make_tree

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
        self.returns = np.zeros(model.seats, np.float32)

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

    def go_on(self, simulations: int) -> Tree:
        """Search on until every tree has that many, or has no room for more."""
        of, parents, actions, new = self.wave
        reach = self.leaves * self.model.width
        most = min(simulations, self.room)
        while True:
            if self.used + reach > self.tree.edges.shape[1]:
                self.tree = grown(self.tree, 0, 2 * self.tree.edges.shape[1] + reach)
            m = kernels.select_wave(self.rule, self.tree, self.leaves, most, self.returns, of, parents, actions, new)
            if m > 0:
                evaluation = self.model.step(of[:m], parents[:m], actions[:m], new[:m])
                self.used = max(self.used, self._attach(of, new, m, self.leaves > 1, evaluation))
            elif self.tree.simulations.min() >= most:
                return self.tree

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
        self._make_room(64)
        self.seat, self.seed = 0, np.uint64(0)

    def begin(self, position: Positions, seat: int, seed: int, nodes: int = 64) -> None:
        """A new tree for `seat` at `position` [1], with room for `nodes` before it has to grow."""
        if len(self.positions) < nodes:
            self._make_room(nodes)
        self.game.copy(position, np.zeros(1, np.int64), self.positions, np.zeros(1, np.int64))
        self.pending[:] = -1
        native.empty(self.game.rules, self.tree)
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
