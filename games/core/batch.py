"""The loops over rows of native games; what `games/core/native.py` calls."""

from __future__ import annotations

from typing import Any

import numpy as np

from games.core import kernels
from games.core.kernels import compiled, helper


@compiled
def start(rules: Any, positions: Any, rows: Any, seeds: Any) -> None:
    for i in range(len(rows)):
        kernels.start(rules, positions[rows[i]], seeds[i])


@compiled
def reseed(rules: Any, positions: Any, seeds: Any) -> None:
    for i in range(len(positions)):
        kernels.reseed(rules, positions[i], seeds[i])


@compiled
def copy(rules: Any, source: Any, rows: Any, target: Any, slots: Any) -> None:
    for i in range(len(rows)):
        target[slots[i]] = source[rows[i]]


@compiled
def acting(rules: Any, positions: Any, out: Any) -> None:
    for i in range(len(positions)):
        mask = kernels.acting(rules, positions[i])
        for seat in range(out.shape[1]):
            out[i, seat] = (mask >> seat) & 1 != 0


@compiled
def legal(rules: Any, positions: Any, seats: Any, out: Any) -> None:
    for i in range(len(positions)):
        if (kernels.acting(rules, positions[i]) >> seats[i]) & 1:
            kernels.legal(rules, positions[i], seats[i], out[i])
        else:
            out[i] = False


@compiled
def odds(rules: Any, positions: Any, seats: int, out: Any) -> None:
    for i in range(len(positions)):
        if (kernels.acting(rules, positions[i]) >> seats) & 1:
            kernels.odds(rules, positions[i], out[i])
        else:
            out[i] = 0


@compiled
def step(rules: Any, positions: Any, joint: Any, out: Any) -> None:
    for i in range(len(positions)):
        out[i] = 0
        idle = True
        for seat in range(joint.shape[1]):
            idle &= joint[i, seat] < 0
        if not idle and kernels.acting(rules, positions[i]) != 0:
            kernels.step(rules, positions[i], joint[i], out[i])


@compiled
def observe(rules: Any, positions: Any, seats: Any, out: Any) -> None:
    for i in range(len(positions)):
        out[i] = 0
        kernels.observe(rules, positions[i], seats[i], out[i])


@compiled
def estimate(rules: Any, positions: Any, out: Any) -> None:
    for i in range(len(positions)):
        out[i] = 0
        kernels.estimate(rules, positions[i], out[i])


@helper
def rollout(rules: Any, row: Any, random: Any, limit: Any, joint: Any, scratch: Any, chances: Any, returns: Any) -> Any:
    """Random play from `row`, in place, to the end or for `limit` plies and then the game's estimate.

    Adds what each seat earns to `returns` [seats]; gives the number of plies. Buffers: joint int32 [seats + 1],
    -1 but for what is already committed for the first ply, and so left; scratch bool [actions]; chances float32 [outcomes]."""
    seats = len(joint) - 1
    for ply in range(limit):
        mask = kernels.acting(rules, row)
        if mask == 0:
            return ply
        seat = 0
        while mask >> seat:
            if (mask >> seat) & 1 and joint[seat] < 0:
                if seat < seats:
                    joint[seat] = kernels.choose(rules, row, seat, random, scratch)
                else:
                    kernels.odds(rules, row, chances)
                    joint[seat] = kernels.draw(random, chances)
            seat += 1
        kernels.step(rules, row, joint, returns)
        while seat:
            seat -= 1
            joint[seat] = -1
    kernels.estimate(rules, row, returns)
    return limit


@compiled
def rollouts(rules: Any, positions: Any, seeds: Any, limit: int, actions: int, outcomes: int, returns: Any) -> int:
    """A rollout from every row, in place; returns [B, seats] is overwritten; gives the number of plies played."""
    seats = returns.shape[1]
    joint = np.full(seats + 1, -1, np.int32)
    scratch = np.zeros(actions, np.bool_)
    chances = np.zeros(outcomes, np.float32)
    random = np.zeros(1, np.uint64)
    plies = 0
    for i in range(len(positions)):
        returns[i] = 0
        random[0] = seeds[i]
        plies += rollout(rules, positions[i], random, limit, joint, scratch, chances, returns[i])
    return plies
