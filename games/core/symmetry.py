"""Symmetries of games as index tables, for training on every picture of a position and for averaging over them.

A symmetry maps every position that can be reached to one that can be reached too, the start to itself, and moves to
moves of the same worth. It takes an observation and a policy (or legal moves, or visits) to those of its picture by

    observation.flat[i] of the picture = observation.flat[table.observation[s, i]] of the position
    policy[i]           of the picture = policy[table.actions[s, i]]               of the position

so the picture of a single action `a` is the `i` with `table.actions[s, i] == a`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.int32]
Turn = Callable[[Table], Table]  # moves the entries of [..., H, W] within each [H, W]


class Symmetries(NamedTuple):
    """S symmetries of a game, the identity first; each row of a table is a permutation."""

    observation: Table  # [S, F] of the F entries of one flattened observation
    actions: Table  # [S, A]


def _keep(board: Table) -> Table:
    return board


def _mirror(board: Table) -> Table:
    """Left and right change places."""
    return board[..., ::-1]


def _half_turn(board: Table) -> Table:
    return board[..., ::-1, ::-1]


def _transpose(board: Table) -> Table:
    return np.swapaxes(board, -1, -2)


def _after(second: Turn, first: Turn) -> Turn:
    return lambda board: second(first(board))


MIRROR: tuple[Turn, ...] = (_keep, _mirror)
HALF_TURN: tuple[Turn, ...] = (_keep, _half_turn)
DIAGONALS: tuple[Turn, ...] = (*HALF_TURN, _transpose, _after(_half_turn, _transpose))  # squares only, as the next
SQUARE: tuple[Turn, ...] = (*DIAGONALS, *(_after(_mirror, turn) for turn in DIAGONALS))


def grid(height: int, width: int) -> Table:
    """[height, width] cells numbered row by row."""
    return np.arange(height * width, dtype=np.int32).reshape(height, width)


def identity(entries: int, actions: int) -> Symmetries:
    """The one symmetry of a game that has no other: `entries` of an observation and `actions` stay in place."""
    return Symmetries(np.arange(entries, dtype=np.int32)[None], np.arange(actions, dtype=np.int32)[None])


def of_planes(shape: tuple[int, ...], turns: Sequence[Turn], actions: int, places: npt.ArrayLike) -> Symmetries:
    """The symmetries `turns` of a game whose observation is planes [C, H, W] = `shape` of its board.

    places [..., h, w]: the number of each action that stands somewhere on the board, there; an action that stands
    nowhere, such as a pass, is its own picture."""
    entries, placed = np.arange(np.prod(shape), dtype=np.int32).reshape(shape), np.asarray(places, np.int32)
    symmetries = Symmetries(*(np.tile(table, (len(turns), 1)) for table in identity(entries.size, actions)))
    for s, turn in enumerate(turns):
        symmetries.observation[s] = turn(entries).reshape(-1)
        symmetries.actions[s, placed.reshape(-1)] = turn(placed).reshape(-1)
    return symmetries
