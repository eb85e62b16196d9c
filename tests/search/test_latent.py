"""A model that is learned is searched like any other: held to mctx visit by visit where it says what a table says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from games.core.errors import ArenaError
from search.gumbel import Gumbel
from search.latent import LatentModel, StochasticLatentModel, one_hot
from search.puct import PUCT
from search.search import Search
from tests.search.tables import BATCH, OUTCOMES, Tables, make_tables

RECORDINGS = sorted((Path(__file__).parent / "mctx").glob("*.npz"))


class Learned:
    """Networks whose latents are the numbers of the tables' states."""

    def __init__(self, tables: Tables, kind: str) -> None:
        self.tables, self.seats, self.chance = tables, 2 if kind == "duel" else 1, kind == "chance"

    def represent(self, observations: Any) -> Any:
        states = observations[:, 0].astype(np.int64)
        return observations.astype(np.float32), self.tables.logits[states], self.tables.values[states, None]

    def act(self, latents: Any, actions: Any) -> Any:
        after = self.tables.follow[latents[:, 0].astype(np.int64), actions.argmax(1)]
        return after[:, None].astype(np.float32), self.tables.odds[after], self.tables.values[after, None]

    def imagine(self, latents: Any, actions: Any) -> Any:
        before = latents[:, 0].astype(np.int64)
        after = (self.tables.dealt if self.chance else self.tables.follow)[before, actions.argmax(1)]
        rewards = self.tables.rewards[after, 0] if self.chance else self.tables.rewards[before, actions.argmax(1)]
        followers = one_hot(np.full(len(after), self.seats - 1), self.seats + 1)
        found = after[:, None].astype(np.float32), self.tables.logits[after], self.tables.values[after, None]
        return *found, rewards[:, None], followers


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_visit_counts_are_those_of_mctx(path: Path) -> None:
    search, kind, actions, simulations = path.stem.split("-")
    tables = make_tables(kind, int(actions), seed=int(actions))
    network = Learned(tables, kind)
    model: LatentModel = LatentModel(network, network.seats, int(actions), tables.discount)
    if kind == "chance":
        model = StochasticLatentModel(network, 1, int(actions), OUTCOMES, tables.discount)
    policy = Gumbel(noise=0.0) if search == "gumbel" else PUCT()
    searching = Search(model, policy, (-4.0, 4.0))
    sight = np.arange(BATCH, dtype=np.float32)[:, None], ~tables.illegal, np.zeros(BATCH, np.int32)
    searching.run(sight, int(simulations), np.zeros(BATCH, np.uint64))
    recorded = np.load(path)
    np.testing.assert_array_equal(searching.plan().visits[:, : int(actions)], recorded["visits"])


class Corridor:
    """Alone: each step earns 1 and doubles the latent; the end comes after three."""

    def represent(self, observations: Any) -> Any:
        return self._said(observations.astype(np.float32))

    def imagine(self, latents: Any, actions: Any) -> Any:
        assert (latents < 8).all(), "it went on from the end"
        after = 2 * latents
        ends = after[:, 0] >= 8
        return *self._said(after), np.ones((len(after), 1), np.float32), np.stack([~ends, ends], 1).astype(np.float32)

    def _said(self, latents: Any) -> Any:
        return latents, np.zeros((len(latents), 2), np.float32), np.full((len(latents), 1), 9, np.float32)


@pytest.mark.parametrize("leaves", [1, 4])
def test_ends_absorb(leaves: int) -> None:
    """Where the network sees an end nothing is worth anything any more, and nothing goes on."""
    search = Search(LatentModel(Corridor(), 1, 2, 0.5), PUCT(), None)
    sight = np.ones((3, 1), np.float32), np.ones((3, 2), bool), np.zeros(3, np.int32)
    search.run(sight, 400, np.zeros(3, np.uint64), leaves)
    np.testing.assert_allclose(search.plan().value[:, 0], 1 + 0.5 + 0.25, atol=0.1)
    np.testing.assert_array_equal(search.model.latent(1, 0), [1])


def test_only_legal_actions_at_the_root_and_all_below() -> None:
    search = Search(LatentModel(Corridor(), 1, 2, 1.0), PUCT(), None)
    legal = np.array([[True, False], [False, True]])
    tree = search.run((np.ones((2, 1), np.float32), legal, np.zeros(2, np.int32)), 30, np.zeros(2, np.uint64))
    np.testing.assert_array_equal(search.plan().visits > 0, legal)
    assert tree.nodes["count"][:, :2].tolist() == [[1, 2], [1, 2]]


def test_a_tree_that_was_imagined_is_not_what_happened() -> None:
    search = Search(LatentModel(Corridor(), 1, 2, 1.0), PUCT(), None)
    sight = np.ones((1, 1), np.float32), np.ones((1, 2), bool), np.zeros(1, np.int32)
    search.run(sight, 10, np.zeros(1, np.uint64))
    assert not search.keep([0], sight, np.zeros(1, np.uint64))


class Broken(Corridor):
    def _said(self, latents: Any) -> Any:
        return latents, np.full((len(latents), 2), np.nan, np.float32), np.zeros((len(latents), 1), np.float32)


def test_a_policy_that_is_none_is_an_error() -> None:
    search = Search(LatentModel(Broken(), 1, 2, 1.0), PUCT(), None)
    with pytest.raises(ArenaError, match="NaN"):
        search.run((np.ones((1, 1)), np.ones((1, 2), bool), np.zeros(1, np.int32)), 10, np.zeros(1, np.uint64))
