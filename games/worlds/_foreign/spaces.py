"""Gymnasium's spaces as the arena has them: observations as arrays, actions as numbers from a list or points of a Box.

Source: https://gymnasium.farama.org/api/spaces/
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from games.core.errors import ArenaError
from games.core.game import Array

MOST = 100_000  # actions of a seat


@dataclass(frozen=True)
class Sight:
    """How observations become arrays."""

    shape: tuple[int, ...]  # [C, H, W] or [F]
    dtype: type  # uint8 or float32
    look: Callable[[Any], Array]

    def __call__(self, seen: Any) -> Array:
        return np.ascontiguousarray(self.look(seen), self.dtype)


def sight(space: Any) -> Sight:
    """Images and boards become planes [C, H, W], bytes stay bytes, all else is a row of floats [F].

    Raises ArenaError for what has no fixed size, as graphs and sequences."""
    if isinstance(space, spaces.Box):
        dtype = np.uint8 if space.dtype == np.uint8 else np.float32
        if len(space.shape) == 2 and dtype is np.uint8:
            return Sight((1, *space.shape), dtype, lambda seen: np.asarray(seen)[None])
        if len(space.shape) == 3:
            axes = (0, 1, 2) if _channels_first(space.shape) else (2, 0, 1)
            shape = tuple(space.shape[axis] for axis in axes)
            return Sight(shape, dtype, lambda seen: np.transpose(seen, axes))
        return Sight((math.prod(space.shape),), dtype, lambda seen: np.asarray(seen).reshape(-1))
    if not isinstance(space, spaces.Space) or not space.is_np_flattenable:
        raise ArenaError(f"what it shows has no fixed size: {_brief(space)}")
    return Sight((spaces.utils.flatdim(space),), np.float32, lambda seen: np.asarray(spaces.utils.flatten(space, seen)))


def _channels_first(shape: tuple[int, ...]) -> bool:
    """Whether an image [_, _, _] has its channels in front: the two equal sides are its height and width; where no
    two are equal, the channels are the fewest."""
    first, middle, last = shape
    return middle == last != first or (len(set(shape)) == 3 and first == min(shape))


@dataclass(frozen=True)
class Moves:
    """The actions of a seat."""

    count: int  # numbers from a list; 0: points of `box`
    box: Any  # a Box [k], or None
    play: Callable[[Any], Any]  # a number or point -> what the environment takes
    text: Callable[[int], str]


def moves(space: Any) -> Moves:
    """Raises ArenaError for actions that are neither numbers from a list nor points."""
    if isinstance(space, spaces.Discrete):
        return Moves(int(space.n), None, lambda action: space.start + action, str)
    if isinstance(space, spaces.MultiDiscrete | spaces.MultiBinary):
        sizes = np.asarray(getattr(space, "nvec", np.full(space.shape, 2)))
        starts = np.asarray(getattr(space, "start", 0))
        if math.prod(sizes.reshape(-1).tolist()) > MOST:
            raise ArenaError(f"its actions have too many combinations: {_brief(space)}")

        def unravel(action: int) -> Array:
            parts = np.unravel_index(action, tuple(sizes.reshape(-1)))
            return np.array(np.reshape(parts, sizes.shape) + starts, space.dtype)

        return Moves(int(np.prod(sizes)), None, unravel, lambda action: " ".join(map(str, unravel(action).reshape(-1))))
    if isinstance(space, spaces.Box) and np.issubdtype(space.dtype, np.floating):
        box = spaces.Box(space.low.reshape(-1).astype(np.float32), space.high.reshape(-1).astype(np.float32))

        def shaped(point: Array) -> Array:
            inside = np.clip(point.reshape(space.shape), space.low, space.high)  # float32 may round past an edge
            return np.array(inside, space.dtype)

        return Moves(0, box, shaped, str)
    raise ArenaError(f"its actions are neither numbers from a list nor points of a Box: {_brief(space)}")


def _brief(space: Any) -> str:
    text = " ".join(str(space).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
