"""The loops over rows of native games; what `games/core/native.py` calls."""

from __future__ import annotations

from typing import Any

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
        out[i] = 0
        if (kernels.acting(rules, positions[i]) >> seats) & 1:
            kernels.odds(rules, positions[i], out[i])


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


@compiled
def know(rules: Any, positions: Any, seats: Any, out: Any) -> None:
    for i in range(len(positions)):
        out[i] = 0
        kernels.know(rules, positions[i], seats[i], out[i])


@compiled
def redeal(rules: Any, positions: Any, seats: Any, seeds: Any, random: Any) -> None:
    for i in range(len(positions)):
        random[0] = kernels.mix(seeds[i])
        kernels.redeal(rules, positions[i], seats[i], random)
        kernels.reseed(rules, positions[i], seeds[i])


@helper
def choose_all(rules: Any, row: Any, mask: Any, scratch: Any) -> None:
    """A random choice for every seat of `mask`, nature among them, that has none in scratch.joint yet."""
    joint = scratch.joint
    seats = len(joint) - 1
    for seat in range(seats):
        if (mask >> seat) & 1 and joint[seat] < 0:
            joint[seat] = kernels.choose(rules, row, seat, scratch.random, scratch.legal)
    if mask >> seats:
        joint[seats] = kernels.chance(rules, row, scratch.random, scratch.odds)


@helper
def rollout(rules: Any, row: Any, limit: Any, scratch: Any, returns: Any) -> Any:
    """Random play from `row`, in place, to the end or for `limit` plies and then the game's estimate.

    Adds what each seat earns to `returns` [seats]; gives the number of plies. The generator is scratch.random; what
    stands in scratch.joint is already committed for the first ply."""
    joint = scratch.joint
    seats = len(joint) - 1
    for ply in range(limit):
        mask = kernels.acting(rules, row)
        if mask == 0:
            return ply
        if mask & (mask - 1) == 0 and mask >> seats == 0:  # one player: most plies of most games
            seat = 0
            while mask >> seat != 1:
                seat += 1
            joint[seat] = kernels.choose(rules, row, seat, scratch.random, scratch.legal)
            kernels.step(rules, row, joint, returns)
            joint[seat] = -1
        else:
            choose_all(rules, row, mask, scratch)
            kernels.step(rules, row, joint, returns)
            joint[:] = -1
    kernels.estimate(rules, row, returns)
    return limit


@compiled
def rollouts(rules: Any, positions: Any, seeds: Any, limit: int, scratch: Any, returns: Any) -> int:
    """A rollout from every row, in place; returns [B, seats] is overwritten; gives the number of plies played."""
    plies = 0
    for i in range(len(positions)):
        returns[i] = 0
        scratch.random[0] = seeds[i]
        plies += rollout(rules, positions[i], limit, scratch, returns[i])
    return plies
