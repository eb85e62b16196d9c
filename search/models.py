"""What a tree searches: a Model keeps its states by node number and says what each is worth.

`GameModel` is the true rules with an evaluator: rollouts make it UCT's, a network AlphaZero's. Where several seats
act at once they commit one after the other, from the seat that plans: a node between two commitments is the position
before the ply with the moves chosen so far.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from games.core.game import Float, Game, Int, Positions
from games.core.native import NativeGame
from games.core.seeds import derive
from search import native
from search.solving import Solver

NEARER = 1 / 1024  # share of a solved value that each ply of the depth takes
WORTHWHILE, PATIENCE = 8, 32  # one in so many must be solved for it to be tried each time, after so many at first


class Evaluation(NamedTuple):
    """What a model says of M new nodes."""

    prior: Float  # [M, A] logits, -inf where illegal; or odds where nature moves
    value: Float  # [M, S] expected return from the node on
    reward: Float  # [M, S] earned by the step into the node
    discount: Float  # [M]
    mover: Int  # [M] seat to act; S: nature; -1: over


def _buffers(size: int, width: int, seats: int) -> Evaluation:
    """An evaluation to be written into; what a step returns is valid until the next."""
    return Evaluation(
        prior=np.empty((size, width), np.float32),
        value=np.zeros((size, seats), np.float32),
        reward=np.zeros((size, seats), np.float32),
        discount=np.ones(size, np.float32),
        mover=np.empty(size, np.int32),
    )


class Model(Protocol):
    """Anything a tree can search. Trees and nodes are numbers; node 0 is the root."""

    width: int  # A: the most edges a node can have
    seats: int  # S

    def root(self, inputs: Any, seeds: npt.NDArray[np.uint64], nodes: int) -> Evaluation:
        """The evaluation of B roots; forgets all other states and makes room for `nodes` states a tree."""

    def step(self, trees: Int, parents: Int, actions: Int, nodes: Int) -> Evaluation:
        """Make state `nodes` from `parents` by `actions`, M at once; a tree may send several leaves, or none."""

    def is_at(self, node: int, inputs: Any) -> bool:
        """Is state `node` of the lone tree what `inputs` of `root` say?"""

    def keep(self, origin: Int) -> None:
        """The lone tree has been moved: state n is now what state origin[n] was."""


class Evaluator(Protocol):
    """Says what positions are worth."""

    def evaluate(self, model: GameModel, slots: Int, movers: Int) -> tuple[Float | None, Float]:
        """Logits [M, A] (None: all alike) and values [M, S] of `model.positions[slots]`; movers [M]: -1 is over."""


class GameModel:
    """The true rules of a game with an evaluator, and if there is one with a `solver`: positions below the root that
    it can solve end there, and earn what they are worth (as tablebases do for chess programs), a little less the
    farther the end may be: a win at once is better than one some day, and a late loss than an early one."""

    def __init__(self, game: Game, evaluator: Evaluator, solver: Solver | None = None) -> None:
        self.game = game
        self.evaluator = evaluator
        self.solver = solver
        self.scratch = game.scratch() if isinstance(game, NativeGame) else None
        self.width = max(game.actions, game.outcomes)
        self.seats = game.seats
        self.capacity = 0  # states a tree; state n of tree b is row b * capacity + n
        self.positions: Positions = game.empty(0)
        self.pending: Int = np.zeros((0, game.seats + 1), np.int32)  # moves chosen so far in a ply, -1: none
        self.slots: Int = np.zeros(0, np.int32)
        self.firsts: Int = np.zeros(0, np.int32)  # [B] the seats that plan
        self.buffers = _buffers(0, self.width, self.seats)
        self.seeds: npt.NDArray[np.uint64] = np.zeros(0, np.uint64)
        self.tried = self.solved = np.zeros(0, np.int32)  # [B] nodes that the solver was asked about, and could solve

    def root(self, inputs: tuple[Positions, Int], seeds: npt.NDArray[np.uint64], nodes: int) -> Evaluation:
        """`inputs`: positions [B] and the seats [B] that plan for them."""
        positions, self.firsts = inputs
        count = len(positions)
        if len(self.positions) != count * nodes:
            self.positions = self.game.empty(count * nodes)
            self.pending = np.full((count * nodes, self.seats + 1), -1, np.int32)
        elif self.game.simultaneous:
            self.pending[:] = -1
        self.capacity, self.seeds = nodes, seeds
        self.tried, self.solved = np.zeros((2, count), np.int32)
        trees, none, zero = np.arange(count, dtype=np.int32), np.full(count, -1, np.int32), np.zeros(count, np.int32)
        self.game.copy(positions, trees, self.positions, trees * nodes)
        return self.step(trees, none, none, zero)

    def step(self, trees: Int, parents: Int, actions: Int, nodes: Int) -> Evaluation:
        size = len(trees)
        if len(self.buffers.mover) < size:
            self.buffers = _buffers(size, self.width, self.seats)
            self.slots = np.empty(size, np.int32)
        prior, rewards, discount = (b[:size] for b in (self.buffers.prior, self.buffers.reward, self.buffers.discount))
        movers = self.buffers.mover[:size]
        if isinstance(self.game, NativeGame):
            slots = self.slots[:size]
            native.step_wave(
                self.game.rules, self.positions, self.pending, self.firsts, self.capacity, trees, parents, actions,
                nodes, self.scratch, slots, rewards, prior, movers,
            )  # fmt: skip
            if self.solver is not None:
                self._settle(self.solver, trees, nodes, slots, rewards, prior, movers)
        else:
            slots = trees * np.int32(self.capacity) + nodes
            rewards[:], prior[:] = 0, -np.inf
            if (parents >= 0).any():
                self._advance(trees, trees * np.int32(self.capacity) + parents, actions, slots, rewards)
            self._priors(trees, slots, prior, movers)
        logits, values = self.evaluator.evaluate(self, slots, movers)
        if logits is not None:
            players = np.flatnonzero((movers >= 0) & (movers < self.seats))
            prior[players, : logits.shape[1]] += logits[players]
        return Evaluation(prior, values, rewards, discount, movers)

    def _settle(
        self, solver: Solver, trees: Int, nodes: Int, slots: Int, rewards: Float, prior: Float, movers: Int
    ) -> None:
        """End the game where `solver` knows what new nodes are worth. A tree in which hardly any is solved, as in
        openings, asks about every eighth alone."""
        often = WORTHWHILE * self.solved[trees] >= self.tried[trees] - PATIENCE
        below = np.flatnonzero((movers >= 0) & (nodes > 0) & (often | (nodes % WORTHWHILE == 0)))
        worth, depths = solver.look(self.positions, slots[below])
        known = ~np.isnan(worth[:, 0])
        ends = below[known]
        rewards[ends] += worth[known] * (1 - NEARER * depths[known, None])
        prior[ends], movers[ends] = -np.inf, -1
        np.add.at(self.tried, trees[below], 1)
        np.add.at(self.solved, trees[ends], 1)

    def is_at(self, node: int, inputs: tuple[Positions, Int]) -> bool:
        held, position = self.positions[node : node + 1], inputs[0]
        if isinstance(self.game, NativeGame):
            return bool(held == position)
        seats = np.arange(self.seats, dtype=np.int32)
        return all(np.array_equal(self.game.observe(held, s), self.game.observe(position, s)) for s in seats[:, None])

    def keep(self, origin: Int) -> None:
        self.game.copy(self.positions, origin, self.positions, np.arange(len(origin)))  # forward, so nothing is lost
        if self.game.simultaneous:
            self.pending[: len(origin)] = self.pending[origin]
            self.pending[len(origin) :] = -1
        self.tried[:] = self.solved[:] = 0  # what was hopeless in an opening need not be now

    def _advance(self, trees: Int, sources: Int, actions: Int, slots: Int, rewards: Float) -> None:
        """Foreign games: the same as `native.advance`, for a batch."""
        self.game.copy(self.positions, sources, self.positions, slots)
        joint = self.pending[sources]
        joint[np.arange(len(slots)), self._movers(trees, self.positions[slots], joint)] = actions
        complete = self._movers(trees, self.positions[slots], joint) < 0
        finished = self.positions[slots[complete]]
        rewards[complete] = self.game.step(finished, joint[complete])
        self.positions[slots[complete]] = finished
        joint[complete] = -1
        self.pending[slots] = joint

    def _priors(self, trees: Int, slots: Int, prior: Float, movers: Int) -> None:
        positions = self.positions[slots]
        movers[:] = self._movers(trees, positions, self.pending[slots])
        players = np.flatnonzero((movers >= 0) & (movers < self.seats))
        if len(players):
            legal = self.game.legal(positions[players], movers[players])
            prior[players, : self.game.actions] = np.where(legal, np.float32(0), np.float32(-np.inf))
        chance = np.flatnonzero(movers == self.seats)
        if len(chance):
            prior[chance] = 0
            prior[chance, : self.game.outcomes] = self.game.odds(positions[chance])

    def _movers(self, trees: Int, positions: Positions, pending: Int) -> Int:
        """[M] see `native.next_mover`."""
        waiting = self.game.acting(positions) & (pending < 0)
        order = (self.firsts[trees, None] + np.arange(self.seats)) % self.seats
        order = np.concatenate([order, np.full((len(order), 1), self.seats)], 1)  # nature last
        ordered = np.take_along_axis(waiting, order, 1)
        movers = np.take_along_axis(order, ordered.argmax(1)[:, None], 1)[:, 0]
        return np.where(waiting.any(1), movers, -1).astype(np.int32)


class Uniform:
    """All moves alike and every position worth nothing: for tests and benchmarks."""

    def evaluate(self, model: GameModel, slots: Int, movers: Int) -> tuple[Float | None, Float]:
        return None, model.buffers.value[: len(slots)]  # which nobody writes to


class Rollouts:
    """Worth what random play from there earns; after `limit` plies (None: none) the game's estimate stands in."""

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit

    def evaluate(self, model: GameModel, slots: Int, movers: Int) -> tuple[Float | None, Float]:
        game = model.game
        values = np.zeros((len(slots), model.seats), np.float32)
        seeds = model.seeds[slots // model.capacity] + (slots % model.capacity).astype(np.uint64)
        most = game.max_plies + 1 if self.limit is None else self.limit
        if isinstance(game, NativeGame):
            native.rollout_wave(game.rules, model.positions, model.pending, slots, seeds, most, model.scratch, values)
            return None, values
        playing = np.flatnonzero(movers >= 0)
        copies = game.empty(len(playing))
        game.copy(model.positions, slots[playing], copies, np.arange(len(playing)))
        values[playing] = self._finish_ply(game, copies, model.pending[slots[playing]], seeds[playing])
        values[playing] += game.rollouts(copies, seeds[playing], self.limit)[0]
        return None, values

    def _finish_ply(self, game: Game, positions: Positions, joint: Int, seeds: npt.NDArray[np.uint64]) -> Float:
        """Where some seats have committed, the others move at random; rewards [M, S]."""
        half = (joint >= 0).any(1)
        for row in np.flatnonzero(half):
            for seat in np.flatnonzero(game.acting(positions[row : row + 1])[0, : game.seats] & (joint[row, :-1] < 0)):
                legal = np.flatnonzero(game.legal(positions[row : row + 1], np.array([seat], np.int32))[0])
                joint[row, seat] = legal[derive(int(seeds[row]), "finish", int(seat)) % len(legal)]
        rewards = np.zeros((len(positions), game.seats), np.float32)
        if half.any():
            finished = positions[half]
            rewards[half] = game.step(finished, joint[half])
            positions[half] = finished
        return rewards
