"""A network as the evaluator of positions, with a cache in front of it.

The network is any function of a batch of observations; this file knows nothing of how it is made. Native games are
cached by what the mover sees, in the one of its pictures (see `games/core/symmetry.py`) with the least hash: each is
asked about once, also if it turns up twice in one batch, and all its pictures get the same answer.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from games.core import kernels
from games.core.errors import ArenaError
from games.core.game import Array, Float, Game, Int
from games.core.kernels import compiled, helper, mix
from games.core.native import NativeGame
from search.models import GameModel

STRIDE = np.uint64(0x9E3779B97F4A7C15)
FREE = -1  # in `Cache.row`: nobody waits for the answer


class Network(Protocol):
    def __call__(self, observations: Array, /) -> tuple[Float, Float]:
        """Observations [M, *shape] -> logits [M, A] and values [M, V] from the mover on: entry k is the return of
        seat (mover + k) % seats; V = 1 where two seats play for one sum."""


def values_of(game: Game) -> int:
    """How many values V a network for `game` gives."""
    return 1 if game.seats == 2 and game.zero_sum else game.seats


def by_seat(values: Float, movers: Int, seats: int) -> Float:
    """[M, seats] what each seat is to expect, of values [M, V] as seen by `movers` [M]."""
    if values.shape[1] < seats:
        values = np.concatenate([values, -values], 1)
    return np.take_along_axis(values, (np.arange(seats) - movers[:, None]) % seats, 1)


def by_mover(returns: Float, movers: Int, values: int) -> Float:
    """[M, values] the value targets of `movers` [M] where the seats' returns are [M, seats]; undoes `by_seat`."""
    seats = returns.shape[1]
    return np.take_along_axis(returns, (np.arange(values) + movers[:, None]) % seats, 1)


class Cache(NamedTuple):
    """A table of N answers, each at the place that its key says; the latest stays."""

    keys: npt.NDArray[np.uint64]  # [N] 0: empty
    row: npt.NDArray[np.int32]  # [N] the row of the batch that will answer, or FREE
    logits: Float  # [N, A]
    values: Float  # [N, V]


class Pictures(NamedTuple):
    """The symmetries of a game, and room for one observation."""

    source: npt.NDArray[np.int32]  # [S, F] where each entry of a picture comes from
    target: npt.NDArray[np.int32]  # [S, F] and where each entry goes
    actions: npt.NDArray[np.int32]  # [S, A]
    seen: Array  # [*observation_shape] scratch
    flat: Array  # [F] the same memory
    bits: Array  # [F] the same memory as unsigned integers
    keys: npt.NDArray[np.uint64]  # [S] scratch


class NetworkEvaluator:
    """Says what a network thinks of positions. `asked` and `answered` count positions and those found in the cache."""

    def __init__(self, game: Game, network: Network, entries: int = 1 << 18) -> None:
        """`entries`: size of the cache, a power of two."""
        self.game, self.network = game, network
        self.asked = self.answered = 0
        self.values = values_of(game)
        if isinstance(game, NativeGame):
            self.pictures = _pictures(game)
            self.cache = Cache(
                np.zeros(entries, np.uint64),
                np.full(entries, FREE, np.int32),
                np.zeros((entries, game.actions), np.float32),
                np.zeros((entries, self.values), np.float32),
            )

    @property
    def hit_rate(self) -> float:
        """The share of positions that the cache has answered."""
        return self.answered / max(self.asked, 1)

    def forget(self) -> None:
        """Empty the cache, as when the network has changed."""
        if isinstance(self.game, NativeGame):
            self.cache.keys[:] = 0  # the answers stay where they are: new memory would cost more than the search
            self.cache.row[:] = FREE

    def evaluate(self, model: GameModel, slots: Int, movers: Int) -> tuple[Float, Float]:
        """Logits [M, A] and values [M, seats]; at chance nodes as the planning seat sees them.
        Raises ArenaError if the network's answer is not finite."""
        logits = np.zeros((len(slots), self.game.actions), np.float32)
        values = np.zeros((len(slots), self.game.seats), np.float32)
        viewers = np.where(movers == self.game.seats, model.firsts[slots // max(model.capacity, 1)], movers)
        if isinstance(self.game, NativeGame):
            self._cached(self.game, model, slots, viewers, logits, values)
            return logits, values
        rows = np.flatnonzero(movers >= 0)
        if len(rows):
            logits[rows], worth = self._ask(self.game.observe(model.positions[slots[rows]], viewers[rows]))
            values[rows] = by_seat(worth, viewers[rows], self.game.seats)
        self.asked += len(rows)
        return logits, values

    def _cached(
        self, game: NativeGame, model: GameModel, slots: Int, viewers: Int, logits: Float, values: Float
    ) -> None:
        count = len(slots)
        observations: Array = np.empty((count, *game.observation_shape), game.observation_dtype)
        link, picture, keys = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.uint64)
        misses, hits = _look_up(
            game.rules, model.positions, slots, viewers, self.pictures, self.cache,
            observations.reshape(count, -1), link, picture, keys, logits, values,
        )  # fmt: skip
        self.asked += int((viewers >= 0).sum())
        self.answered += hits
        if misses:
            try:
                answer, worth = self._ask(observations[:misses])
            except BaseException:
                self.forget()  # rows that wait for an answer will not get it
                raise
            _store(viewers, self.pictures, self.cache, link, picture, keys, answer, worth, logits, values)

    def _ask(self, observations: Array) -> tuple[Float, Float]:
        answer, worth = self.network(observations)
        if not (np.isfinite(answer).all() and np.isfinite(worth).all()):
            raise ArenaError(f"the network's answer for {self.game.name} is not finite (NaN or infinity)")
        return answer, worth


def _pictures(game: NativeGame) -> Pictures:
    symmetries = game.symmetries()
    seen: Array = np.zeros(game.observation_shape, game.observation_dtype)
    flat = seen.reshape(-1)
    return Pictures(
        symmetries.observation, np.argsort(symmetries.observation, 1).astype(np.int32), symmetries.actions,
        seen, flat, flat.view(f"u{flat.itemsize}"), np.zeros(len(symmetries.actions), np.uint64),
    )  # fmt: skip


@helper
def give(value: Any, seat: Any, out: Any) -> None:
    """Hand value [V], from `seat` on, to the seats of out [S]."""
    seats = len(out)
    for k in range(seats):
        out[(seat + k) % seats] = value[k] if k < len(value) else -value[0]


@helper
def name(pictures: Any) -> Any:
    """(key, picture) of the observation in `pictures.seen`: the least of the hashes of all its pictures."""
    for s in range(len(pictures.keys)):
        pictures.keys[s] = 0
    for i in range(len(pictures.bits)):
        if pictures.bits[i] != 0:
            for s in range(len(pictures.keys)):
                place = np.uint64(pictures.target[s, i] + 1) * STRIDE
                pictures.keys[s] += mix(mix(place) ^ np.uint64(pictures.bits[i]))
    best = 0
    for s in range(1, len(pictures.keys)):
        if pictures.keys[s] < pictures.keys[best]:
            best = s
    return max(pictures.keys[best], np.uint64(1)), best


@compiled
def _look_up(
    rules: Any, positions: Any, slots: Any, viewers: Any, pictures: Any, cache: Any, observations: Any, link: Any,
    picture: Any, keys: Any, logits: Any, values: Any,
) -> Any:  # fmt: skip
    """Fill in what the cache knows and line up the rest: (how many to ask about, how many were known).

    link [M] is the row of observations [M, F] that answers, or FREE; picture and keys [M] say how it is stored."""
    misses, hits = 0, 0
    for i in range(len(slots)):
        link[i] = FREE
        if viewers[i] < 0:
            continue
        for j in range(len(pictures.flat)):
            pictures.flat[j] = 0
        kernels.observe(rules, positions[slots[i]], viewers[i], pictures.seen)
        keys[i], picture[i] = name(pictures)
        place = np.int64(keys[i] & np.uint64(len(cache.keys) - 1))
        if cache.keys[place] == keys[i]:
            hits += 1
            link[i] = cache.row[place]
            if link[i] == FREE:
                for k in range(logits.shape[1]):
                    logits[i, pictures.actions[picture[i], k]] = cache.logits[place, k]
                give(cache.values[place], viewers[i], values[i])
            continue
        cache.keys[place], cache.row[place], link[i] = keys[i], misses, misses
        for j in range(len(pictures.flat)):
            observations[misses, j] = pictures.flat[pictures.source[picture[i], j]]
        misses += 1
    return misses, hits


@compiled
def _store(
    viewers: Any, pictures: Any, cache: Any, link: Any, picture: Any, keys: Any, answer: Any, worth: Any, logits: Any,
    values: Any,
) -> None:  # fmt: skip
    """Hand the network's answers to all that wait for them, and to the cache."""
    for i in range(len(link)):
        row = link[i]
        if row == FREE:
            continue
        for k in range(logits.shape[1]):
            logits[i, pictures.actions[picture[i], k]] = answer[row, k]
        give(worth[row], viewers[i], values[i])
        place = np.int64(keys[i] & np.uint64(len(cache.keys) - 1))
        if cache.keys[place] == keys[i] and cache.row[place] == row:
            cache.row[place] = FREE
            for k in range(logits.shape[1]):
                cache.logits[place, k] = answer[row, k]
            for k in range(worth.shape[1]):
                cache.values[place, k] = worth[row, k]
