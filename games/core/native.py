"""Native games: one-row kernels (see `kernels.py`) made into the batched `Game` contract.

A game file defines its dtype, its tag, its kernels, and a class derived from `NativeGame` with the constants, the
texts and the drawing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.core import batch, kernels
from games.core.game import Array, Bool, Float, Game, Int, Positions, Seats, Seeds

KERNELS = (
    "start", "acting", "legal", "step", "observe", "choose", "odds", "chance", "reseed", "estimate", "know", "redeal",
)  # fmt: skip


class NativeGame(Game):
    """A game whose rules are kernels in the module that defines it."""

    rules: Any  # the tag, a NamedTuple
    dtype: npt.DTypeLike  # of a position
    incidental: tuple[str, ...] = ()  # its fields that have no bearing on what may follow, as the last move
    knowledge: int = 0  # hidden games: how many bytes say all that a seat knows

    def __init__(self, rules: NamedTuple, dtype: npt.DTypeLike, functions: dict[str, Callable[..., Any]]) -> None:
        """`functions` is the globals() of the game's file. Raises ValueError where a hidden game lacks kernels."""
        self.rules = rules
        self.dtype = np.dtype(dtype)
        found = {key: functions[key] for key in KERNELS if inspect.isfunction(functions.get(key))}
        if self.hidden and not {"know", "redeal"} <= found.keys():
            raise ValueError("a game that hides something needs the kernels know and redeal")
        kernels.register(type(rules), found)

    def start(self, seeds: Seeds) -> Positions:
        positions = self.empty(len(seeds))
        self.restart(positions, np.arange(len(seeds)), seeds)
        return positions

    def empty(self, count: int) -> Positions:
        return np.zeros(count, self.dtype)

    def copy(self, source: Positions, rows: Array, target: Positions, slots: Array) -> None:
        batch.copy(self.rules, source, np.asarray(rows, np.int64), target, np.asarray(slots, np.int64))

    def restart(self, positions: Positions, rows: Array, seeds: Seeds) -> None:
        batch.start(self.rules, positions, np.asarray(rows, np.int64), np.asarray(seeds, np.uint64))

    def reseed(self, positions: Positions, seeds: Seeds) -> None:
        batch.reseed(self.rules, positions, np.asarray(seeds, np.uint64))

    def acting(self, positions: Positions) -> Bool:
        out = np.empty((len(positions), self.seats + 1), np.bool_)
        batch.acting(self.rules, positions, out)
        return out

    def legal(self, positions: Positions, seats: Seats) -> Bool:
        out = np.empty((len(positions), self.actions), np.bool_)
        batch.legal(self.rules, positions, np.asarray(seats, np.int32), out)
        return out

    def odds(self, positions: Positions) -> Float:
        out = np.zeros((len(positions), self.outcomes), np.float32)
        if self.outcomes:
            batch.odds(self.rules, positions, self.seats, out)
        return out

    def step(self, positions: Positions, joint: Int, out: Float | None = None) -> Float:
        out = np.empty((len(positions), self.seats), np.float32) if out is None else out
        batch.step(self.rules, positions, np.asarray(joint, np.int32), out)
        return out

    def observe(self, positions: Positions, seats: Seats, out: Array | None = None) -> Array:
        if out is None:
            out = np.empty((len(positions), *self.observation_shape), self.observation_dtype)
        batch.observe(self.rules, positions, np.asarray(seats, np.int32), out)
        return out

    def information_key(self, positions: Positions, seats: Seats) -> list[bytes]:
        if not self.hidden:
            return super().information_key(positions, seats)
        out = np.empty((len(positions), self.knowledge), np.uint8)
        batch.know(self.rules, positions, np.asarray(seats, np.int32), out)
        return [row.tobytes() for row in out]

    def resample(self, positions: Positions, seats: Seats, seeds: Seeds) -> Positions:
        drawn, rows = self.empty(len(positions)), np.arange(len(positions))
        self.copy(positions, rows, drawn, rows)
        some = np.asarray(seats, np.int32), np.asarray(seeds, np.uint64)
        batch.redeal(self.rules, drawn, *some, np.zeros(1, np.uint64))
        return drawn

    def estimate(self, positions: Positions) -> Float:
        out = np.zeros((len(positions), self.seats), np.float32)
        batch.estimate(self.rules, positions, out)
        return out

    def scratch(self) -> kernels.Scratch:
        """The memory that compiled loops over this game need."""
        return kernels.make_scratch(self.dtype, self.seats, self.actions, self.outcomes)

    def rollouts(self, positions: Positions, seeds: Seeds, limit: int | None = None) -> tuple[Float, int]:
        """Random play from every row, in place: returns [B, seats] and how many plies were played.

        After `limit` plies (None: none) the game's estimate stands for the rest."""
        out = np.empty((len(positions), self.seats), np.float32)
        most = self.max_plies + 1 if limit is None else limit
        plies = batch.rollouts(self.rules, positions, np.asarray(seeds, np.uint64), most, self.scratch(), out)
        return out, plies
