"""Random models made of fixed tables: 256 states, A actions, everything drawn once from a frozen generator."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from search.models import Evaluation

STATES, BATCH, OUTCOMES = 256, 32, 5


class Tables(NamedTuple):
    """`kind`: solo (rewards, discount), duel (two seats, alternating) or chance (nature answers every action)."""

    logits: npt.NDArray[np.float32]  # [STATES, A]
    values: npt.NDArray[np.float32]  # [STATES] of the mover, in [-1, 1]
    rewards: npt.NDArray[np.float32]  # [STATES, A] for a step into a state by an action (or outcome)
    follow: npt.NDArray[np.int32]  # [STATES, A] the next state
    odds: npt.NDArray[np.float32]  # [STATES, OUTCOMES] logits of nature
    dealt: npt.NDArray[np.int32]  # [STATES, OUTCOMES] the state after nature's move
    illegal: npt.NDArray[np.bool_]  # [BATCH, A] at the roots only
    discount: float


def make_tables(kind: str, actions: int, seed: int) -> Tables:
    """RandomState, whose numbers never change from one version of numpy to the next."""
    draw = np.random.RandomState(seed)
    shape = (STATES, actions)
    illegal = draw.uniform(size=(BATCH, actions)) < 0.25
    illegal[:, 0] = False
    return Tables(
        logits=draw.normal(size=shape).astype(np.float32),
        values=draw.uniform(-1, 1, STATES).astype(np.float32),
        rewards=(draw.uniform(-0.3, 0.3, shape) if kind != "duel" else np.zeros(shape)).astype(np.float32),
        follow=draw.randint(0, STATES, shape).astype(np.int32),
        odds=draw.normal(size=(STATES, OUTCOMES)).astype(np.float32),
        dealt=draw.randint(0, STATES, (STATES, OUTCOMES)).astype(np.int32),
        illegal=illegal,
        discount=1.0 if kind == "duel" else 0.9,
    )


class TableModel:
    """The tables as a model to search; the root of tree b is state b."""

    def __init__(self, kind: str, tables: Tables) -> None:
        self.kind, self.tables = kind, tables
        self.seats = 2 if kind == "duel" else 1
        self.width = max(tables.logits.shape[1], OUTCOMES if kind == "chance" else 0)

    def root(self, inputs: Any, seeds: npt.NDArray[np.uint64], nodes: int) -> Evaluation:
        self.state = np.zeros((BATCH, nodes), np.int32)
        self.mover = np.zeros((BATCH, nodes), np.int32)
        self.state[:, 0] = np.arange(BATCH)
        trees = np.arange(BATCH)
        evaluation = self._evaluate(trees, np.zeros(BATCH, np.int32), np.zeros(BATCH, np.float32))
        evaluation.prior[:, : self.tables.illegal.shape[1]][self.tables.illegal] = -np.inf
        return evaluation

    def step(self, trees: Any, parents: Any, actions: Any, nodes: Any) -> Evaluation:
        before, mover = self.state[trees, parents], self.mover[trees, parents]
        dealt = mover == self.seats
        after = np.where(
            dealt,
            self.tables.dealt[before, np.minimum(actions, OUTCOMES - 1)],
            self.tables.follow[before, np.minimum(actions, self.tables.follow.shape[1] - 1)],
        )
        if self.kind == "chance":
            self.mover[trees, nodes] = np.where(dealt, 0, 1)
            rewards = np.where(dealt, self.tables.rewards[after, 0], np.float32(0))
        else:
            self.mover[trees, nodes] = (mover + 1) % self.seats
            rewards = self.tables.rewards[before, actions]
        self.state[trees, nodes] = after
        return self._evaluate(trees, nodes, rewards)

    def _evaluate(self, trees: Any, nodes: Any, rewards: Any) -> Evaluation:
        states, movers = self.state[trees, nodes], self.mover[trees, nodes]
        size = len(states)
        prior = np.full((size, self.width), -np.inf, np.float32)
        prior[:, : self.tables.logits.shape[1]] = self.tables.logits[states]
        chance = movers == self.seats
        if chance.any():
            odds = np.exp(self.tables.odds[states[chance]])
            prior[chance] = 0
            prior[chance, :OUTCOMES] = odds / odds.sum(1, keepdims=True)
        value, reward = np.zeros((size, self.seats), np.float32), np.zeros((size, self.seats), np.float32)
        value[:, 0], reward[:, 0] = self.tables.values[states], rewards
        if self.kind == "duel":
            value = np.where(movers[:, None] == np.arange(2), value[:, :1], -value[:, :1])
        discount = np.full(size, self.tables.discount, np.float32)
        if self.kind == "chance":
            discount[chance] = 1  # nature's answer belongs to the same step
        return Evaluation(prior, value, reward, discount, movers.astype(np.int32))
