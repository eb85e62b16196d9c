"""A learned model as what a tree searches: latents by node number (MuZero: Schrittwieser et al. 2020).

Nothing here knows a rule. At the root a seat says what it sees and what it may do; below, every action may be taken,
and the network says what it earns, who moves next, and whether that is the end, from where nothing goes on. What a
network gives is seen by who moves, or by who moved: entry k is for seat (mover + k) % seats, as in
`search/network.py`.

With chance (Stochastic MuZero: Antonoglou et al. 2022) an action leads to an afterstate, where nature draws one of a
few codes, and the code to the next state. Where seats act at once the network learns them one after the other, from
the seat that plans, so nothing is different here.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from games.core.game import Array, Bool, Float, Int
from search.models import Evaluation
from search.network import by_seat

TOGETHER = 64  # states at a time: so many latents stay in the cache, on their way to the network and back
Sight = tuple[Array, Bool, Int]  # observations [B, *shape], legal actions [B, A], seats [B] that see and move
Prediction = tuple[Float, Float, Float]  # latents [M, *L], logits [M, A], values [M, V] from the mover on
Transition = tuple[Float, Float, Float, Float, Float]  # and rewards [M, V] from who moved on, followers [M, S + 1]


class WorldModel(Protocol):
    """The networks. A follower is a score: of seat (who moved + k) % seats for k < seats, and last of the end."""

    def represent(self, observations: Array) -> Prediction:
        """What is seen [M, *shape] as latents."""

    def imagine(self, latents: Float, actions: Float) -> Transition:
        """Where actions [M, A], one-hot, lead from latents [M, *L]."""


class StochasticWorldModel(Protocol):
    """The networks where chance plays; values and followers as seen by who made the action."""

    def represent(self, observations: Array) -> Prediction: ...

    def act(self, latents: Float, actions: Float) -> Prediction:
        """Afterstates of actions [M, A], one-hot; the logits [M, codes] are those of nature's codes."""

    def imagine(self, afterstates: Float, codes: Float) -> Transition:
        """Where codes [M, codes], one-hot, lead from afterstates [M, *L]."""


class LatentModel:
    """A `Model` of B trees with a state a node: a latent, who moves there, and from whose side it is seen."""

    def __init__(self, network: WorldModel, seats: int, actions: int, discount: float) -> None:
        self.network: Any = network
        self.seats, self.width, self.discount = seats, actions, np.float32(discount)
        self.capacity = 0  # states a tree; state n of tree b is row b * capacity + n
        self.latents: Float = np.zeros((0, 0), np.float32)
        self.movers: Int = np.zeros(0, np.int32)
        self.viewers: Int = np.zeros(0, np.int32)
        self.taken: Float = np.zeros((0, 0), np.float32)  # latents from which a step goes

    def root(self, inputs: Sight, seeds: npt.NDArray[np.uint64], nodes: int) -> Evaluation:
        observations, legal, seats = inputs
        latents, logits, values = self.network.represent(observations)
        count, shape = len(latents), latents.shape[1:]
        if self.latents.shape != (count * nodes, *shape):
            self.latents = np.empty((count * nodes, *shape), np.float32)
            self.movers, self.viewers = np.empty((2, count * nodes), np.int32)
            self.taken = np.empty((TOGETHER, *shape), np.float32)
        self.capacity = nodes
        rows = np.arange(count) * nodes
        self.latents[rows], self.movers[rows], self.viewers[rows] = latents, seats, seats
        prior = np.full((count, self.width), -np.inf, np.float32)
        prior[:, : logits.shape[1]] = np.where(legal, logits, -np.inf)
        nothing = np.zeros((count, self.seats), np.float32)
        value = by_seat(values, seats, self.seats)
        return Evaluation(prior, value, nothing, np.ones(count, np.float32), seats.astype(np.int32))

    def step(self, trees: Int, parents: Int, actions: Int, nodes: Int) -> Evaluation:
        first = trees.astype(np.int64) * self.capacity
        source, rows = first + parents, first + nodes
        viewers = self.viewers[source]
        evaluation = self._advance(source, rows, viewers, actions)
        self.movers[rows] = evaluation.mover
        self.viewers[rows] = np.where(evaluation.mover == self.seats, viewers, evaluation.mover)
        return evaluation

    def is_at(self, node: int, inputs: Sight) -> bool:
        """What was imagined is never what has happened: a new tree begins with what is seen."""
        return False

    def keep(self, origin: Int) -> None:
        for states in (self.latents, self.movers, self.viewers):
            states[: len(origin)] = states[origin]

    def latent(self, tree: int, node: int) -> Float:
        """[*L] of a node."""
        found: Float = self.latents[tree * self.capacity + node]
        return found

    def _advance(self, source: Int, rows: Int, viewers: Int, actions: Int) -> Evaluation:
        """From the states at `source` [M] by actions [M]: what is there; the latents there are put at `rows`."""
        said = self._ask(self.network.imagine, source, one_hot(actions, self.width), rows)
        return self._arrive(viewers, *said)

    def _ask(self, network: Any, source: Int, choices: Float, rows: Int) -> list[Array]:
        """What the network says of choices [M, n] at `source` [M], but for the latents, which are put at `rows`."""
        answers = []
        for begin in range(0, len(source), TOGETHER):
            part = slice(begin, begin + TOGETHER)
            taken = self.taken[: len(source[part])]
            self.latents.take(source[part], 0, taken, "clip")  # new memory would cost more
            latents, *said = network(taken, choices[part])
            self.latents[rows[part]] = latents
            answers.append(said)
        return answers[0] if len(answers) == 1 else [np.concatenate(parts) for parts in zip(*answers, strict=True)]

    def _arrive(self, viewers: Int, logits: Float, values: Float, rewards: Float, followers: Float) -> Evaluation:
        """What the network said of a step that `viewers` [M] began."""
        who = followers.argmax(1)
        after = np.where(who == self.seats, -1, (viewers + who) % self.seats).astype(np.int32)
        prior = logits
        if logits.shape[1] < self.width:
            prior = np.full((len(logits), self.width), -np.inf, np.float32)
            prior[:, : logits.shape[1]] = logits
        discount = np.full(len(after), self.discount, np.float32)
        value = by_seat(values, after, self.seats)
        return Evaluation(prior, value, by_seat(rewards, viewers, self.seats), discount, after)


class StochasticLatentModel(LatentModel):
    """The same with nature's answer to every action: a chance node, seen from the side of who acted."""

    def __init__(self, network: StochasticWorldModel, seats: int, actions: int, codes: int, discount: float) -> None:
        super().__init__(network, seats, max(actions, codes), discount)  # type: ignore[arg-type]
        self.actions, self.codes = actions, codes

    def _advance(self, source: Int, rows: Int, viewers: Int, actions: Int) -> Evaluation:
        size, movers = len(source), self.movers[source]
        whole = Evaluation(
            prior=np.zeros((size, self.width), np.float32),
            value=np.empty((size, self.seats), np.float32),
            reward=np.zeros((size, self.seats), np.float32),
            discount=np.ones(size, np.float32),  # an action and nature's answer are one step
            mover=np.full(size, self.seats, np.int32),
        )
        at = np.flatnonzero(movers == self.seats)
        if len(at):
            said = self._ask(self.network.imagine, source[at], one_hot(actions[at], self.codes), rows[at])
            for ours, theirs in zip(whole, self._arrive(viewers[at], *said), strict=True):
                ours[at] = theirs
        at = np.flatnonzero(movers < self.seats)
        if len(at):
            choices = one_hot(actions[at], self.actions)
            logits, values = self._ask(self.network.act, source[at], choices, rows[at])
            odds = np.exp(logits - logits.max(1, keepdims=True))
            whole.prior[at, : self.codes] = odds / odds.sum(1, keepdims=True)
            whole.value[at] = by_seat(values, viewers[at], self.seats)
        return whole


def one_hot(numbers: Int, count: int) -> Float:
    """[M, count]."""
    out = np.zeros((len(numbers), count), np.float32)
    out[np.arange(len(numbers)), numbers] = 1
    return out
