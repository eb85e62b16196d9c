"""The positions of the latest games, from which a network learns.

The window grows with the data, slower than they do (KataGo: Wu 2019, appendix C): early games are forgotten soon,
and later ones serve longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt


class Arrays(Protocol):
    """A NamedTuple of arrays with an entry a position."""

    @property
    def observations(self) -> Any: ...
    @property
    def size(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...


AnySamples = TypeVar("AnySamples", bound=Arrays)


class Replay(Generic[AnySamples]):
    """A ring of samples that doubles as the window outgrows it."""

    def __init__(self, smallest: int) -> None:
        """`smallest`: the window to begin with."""
        self.smallest = smallest
        self.total = 0  # samples ever added
        self.ring: AnySamples | None = None

    @property
    def window(self) -> int:
        """How many of the latest samples count."""
        growth = ((max(self.total, self.smallest) / self.smallest) ** 0.75 - 1) / 0.75
        return min(self.total, int(self.smallest * (1 + 0.4 * growth)))

    def add(self, samples: AnySamples) -> None:
        size, total = samples.size, self.total + samples.size
        self.total = total
        room = 0 if self.ring is None else self.ring.size
        if room < max(self.window, size):
            self._grow(samples, max(2 * room, self.window, size, self.smallest), total - size)
        assert self.ring is not None
        places = np.arange(total - size, total) % self.ring.size
        for ours, theirs in zip(self.ring, samples, strict=True):
            ours[places] = theirs

    def _grow(self, like: AnySamples, room: int, total: int) -> None:
        bigger = type(like)(*(np.zeros((room, *array.shape[1:]), array.dtype) for array in like))
        if self.ring is not None:
            known = np.arange(max(0, total - self.ring.size), total)
            for new, old in zip(bigger, self.ring, strict=True):
                new[known % room] = old[known % self.ring.size]
        self.ring = bigger

    def draw(self, count: int, dice: np.random.Generator) -> AnySamples:
        """`count` samples from the window, drawn evenly."""
        assert self.ring is not None
        ages: npt.NDArray[np.int64] = dice.integers(1, self.window + 1, count)
        places = (self.total - ages) % self.ring.size
        return type(self.ring)(*(array[places] for array in self.ring))

    def repeats(self) -> float:
        """The share of the window's positions that stand in it more than once."""
        assert self.ring is not None
        ages = np.arange(1, min(self.window, 50_000) + 1)
        seen = self.ring.observations[(self.total - ages) % self.ring.size].reshape(len(ages), -1)
        rows = np.ascontiguousarray(seen).view(np.uint8).reshape(len(ages), -1)
        return 1 - len({row.tobytes() for row in rows}) / len(ages)
