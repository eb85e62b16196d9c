"""Moves drawn from a policy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agents.core.agent import Turn
from games.core.seeds import derive


def draw(turn: Turn, policy: npt.NDArray[np.floating]) -> int:
    """A legal action in proportion to `policy` [actions], which the turn's seed decides."""
    weights = np.where(turn.legal, policy, 0).astype(np.float64)
    sums = np.cumsum(weights)
    return int(np.searchsorted(sums, derive(turn.seed, "draw") / 2**63 * sums[-1], side="right"))
