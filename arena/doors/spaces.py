"""What the doors' environments declare, and the games behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from games.core.errors import ArenaError
from games.core.game import Game
from games.core.registry import make_game
from games.core.specs import parse

Legal = npt.NDArray[np.bool_]


class LegalActions(spaces.Discrete):
    """All actions of a seat. A sample for which no mask is given is one that is legal now.

    So who samples without knowing of masks, as checkers and random baselines do, still plays by the rules."""

    legal: Legal | None = None  # [actions]

    def sample(self, mask: Any = None, probability: Any = None) -> np.int64:
        if mask is None and probability is None and self.legal is not None:
            mask = self.legal.astype(np.int8)
        return np.int64(super().sample(mask, probability))


class LegalBatch(spaces.MultiDiscrete):
    """An action for each of B rows; samples as LegalActions does."""

    legal: Legal | None = None  # [B, actions]

    def sample(self, mask: Any = None, probability: Any = None) -> npt.NDArray[np.int64]:
        if mask is None and probability is None and self.legal is not None:
            return np.asarray(np.argmax(self.np_random.random(self.legal.shape) * self.legal, axis=1))
        return np.asarray(super().sample(mask, probability))


def seen(game: Game) -> spaces.Box:
    """The observations of a seat. Games do not promise bounds of floats."""
    if np.issubdtype(game.observation_dtype, np.integer):
        limits = np.iinfo(game.observation_dtype)
        return spaces.Box(limits.min, limits.max, game.observation_shape, game.observation_dtype)
    return spaces.Box(-np.inf, np.inf, game.observation_shape, game.observation_dtype)


def configured(game: str, options: Mapping[str, Any]) -> Game:
    """The game that a name and options given as keywords stand for. Raises ArenaError with what exists."""
    spec = parse(game)
    made = make_game(replace(spec, options={**spec.options, **options}))
    if made.action_space is not None or not made.forkable:
        raise ArenaError(f"{made.name} has no door out: its actions are points, or it cannot be copied")
    return made
