"""Visit counts equal to those of DeepMind's mctx on the same random models, 32 trees at a time.

The recordings are data; `record_mctx.py` makes them anew."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from search.gumbel import Gumbel
from search.puct import PUCT
from search.search import Search
from tests.search.tables import BATCH, TableModel, make_tables

RECORDINGS = sorted((Path(__file__).parent / "mctx").glob("*.npz"))
BOUNDS = (-4.0, 4.0)


def ours(search: str, kind: str, actions: int, simulations: int) -> Any:
    model = TableModel(kind, make_tables(kind, actions, seed=actions))
    policy = Gumbel(noise=0.0) if search == "gumbel" else PUCT()
    searching = Search(model, policy, BOUNDS)
    searching.run(None, simulations, np.zeros(BATCH, np.uint64))
    return searching.plan()


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_visit_counts_are_those_of_mctx(path: Path) -> None:
    search, kind, actions, simulations = path.stem.split("-")
    recorded, plan = np.load(path), ours(search, kind, int(actions), int(simulations))
    np.testing.assert_array_equal(plan.visits[:, : int(actions)], recorded["visits"])
    np.testing.assert_allclose(plan.value[:, 0], recorded["value"], atol=1e-5)
    # mctx scales Q over all actions, illegal ones among them, which we do not have: the policies of roots that lack
    # an action may differ where all of its actions were visited
    rows = ~make_tables(kind, int(actions), int(actions)).illegal.any(1) if search == "gumbel" else slice(None)
    np.testing.assert_allclose(plan.policy[rows, : int(actions)], recorded["weights"][rows], atol=1e-5)


def test_there_are_recordings() -> None:
    assert len(RECORDINGS) == 19
