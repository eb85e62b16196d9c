"""Chains of stones on a grid, for the kernels of games that capture what has no liberty, as Go does.

The board has a wall around it, and rows share theirs: a point is the cell `point + row + size + 2`. A chain is named
by one of its cells and has pseudo-liberties: each free cell counts once for every stone next to it, so that chains
which join just add theirs up (Łukasz Lew, libego). Boards are told apart by keys of 64 random bits (Zobrist 1970).
`rules` has the `size` of the board, and `row` the fields below.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from games.core.kernels import helper

LARGEST = 19
FREE, WALL = 0, 4  # of a cell; a stone of a seat is 1 + seat, which makes both a bit
# [size, point] and [size, cell], so that kernels need not divide
CELLS = np.array([[p + p // max(size, 1) + size + 2 for p in range(LARGEST**2)] for size in range(LARGEST + 1)])
POINTS = np.array([[c - c // (size + 1) - size - 1 for c in range((LARGEST + 2) ** 2)] for size in range(LARGEST + 1)])
KEYS = np.random.Generator(np.random.PCG64(1970)).integers(1, 2**64, (3, (LARGEST + 2) ** 2), np.uint64)


def fields(size: int) -> list[Any]:
    """Of a position's dtype: `free` has the `vacant` free cells, in any order.

    A cell with a stone has the name of its `chain`, and the cell of that name the chain's `liberties`. A free cell has
    chain 0 unless `territory` marked it, and in place of liberties where it stands in `free`. `taken` has the bits of
    the stones that were ever captured on a cell."""
    cells, small = (size + 2) * (size + 1) + 1, "u1" if size <= 11 else "u2"
    return [
        ("cells", "u1", (cells,)), ("chain", small, (cells,)), ("liberties", small, (cells,)),
        ("taken", "u1", (cells,)), ("free", small, (size**2,)), ("vacant", "u2"),
    ]  # fmt: skip


@helper
def around(rules: Any, cell: Any) -> Any:
    """The four cells next to one; as all indices here unsigned, which spares a look for negative ones."""
    width = rules.size + 1
    return np.uint64(cell - width), np.uint64(cell - 1), np.uint64(cell + 1), np.uint64(cell + width)


@helper
def cell_of(rules: Any, point: Any) -> Any:
    return CELLS[np.uint64(rules.size), np.uint64(point)]


@helper
def point_of(rules: Any, cell: Any) -> Any:
    return POINTS[np.uint64(rules.size), np.uint64(cell)]


@helper
def empty(rules: Any, row: Any) -> None:
    """Make the board one without stones."""
    row.cells[:] = WALL
    row.chain[:] = 0
    row.liberties[:] = 0
    row.taken[:] = 0
    row.vacant = rules.size * rules.size
    for point in range(rules.size * rules.size):
        cell = cell_of(rules, point)
        row.cells[cell] = FREE
        row.free[point] = cell
        row.liberties[cell] = point


@helper
def contacts(rules: Any, row: Any, cell: Any, chain: Any) -> Any:
    """How many of the cells next to one are of this chain."""
    found = 0
    for near in around(rules, cell):
        found += row.chain[near] == chain
    return found


@helper
def breathes(rules: Any, row: Any, cell: Any, stone: Any) -> Any:
    """Would a stone on this free cell have a liberty: next to it, of a chain it joins, or by capture?"""
    free = 0
    for near in around(rules, cell):
        free += row.cells[near] == FREE
    if free > 0:
        return True
    for near in around(rules, cell):
        if row.cells[near] != WALL:
            survives = row.liberties[row.chain[near]] > contacts(rules, row, cell, row.chain[near])
            if survives == (row.cells[near] == stone):
                return True
    return False


@helper
def change(rules: Any, row: Any, cell: Any, stone: Any) -> Any:
    """What a stone on this free cell would change in the key of the board, with all that it captures."""
    key, near = KEYS[stone, cell], around(rules, cell)
    for i in range(4):
        chain = row.chain[near[i]]
        if row.liberties[chain] > 4 or row.cells[near[i]] != 3 - stone:
            continue
        if row.liberties[chain] == contacts(rules, row, cell, chain):
            met = False  # in a direction before this one
            for j in range(i):
                met |= row.chain[near[j]] == chain
            if not met:
                for captured in range(len(row.chain)):  # without branches, for vector instructions
                    key ^= KEYS[3 - stone, captured] if row.chain[captured] == chain else np.uint64(0)
    return key


@helper
def place(rules: Any, row: Any, cell: Any, stone: Any) -> Any:
    """Put a stone on a free cell where it breathes, join, capture; gives the change of the board's key."""
    row.vacant -= 1
    moved, spot = row.free[row.vacant], row.liberties[cell]
    row.free[spot] = moved
    row.liberties[moved] = spot
    free, own = 0, row.chain[0]  # of a wall: no chain yet
    for near in around(rules, cell):
        free += row.cells[near] == FREE
        row.liberties[row.chain[near]] -= 1  # chain 0, of free cells and of walls, is a wall's: it means nothing
    for near in around(rules, cell):
        chain = row.chain[near]
        if row.cells[near] == stone and chain != own:
            if own != 0:
                row.liberties[chain] += row.liberties[own]
                for other in range(len(row.chain)):
                    row.chain[other] = chain if row.chain[other] == own else row.chain[other]
            own = chain
    if own == 0:
        row.chain[cell] = cell
        row.liberties[cell] = free
    else:
        row.chain[cell] = own
        row.liberties[own] += free
    row.cells[cell] = stone
    key = KEYS[stone, cell]
    for near in around(rules, cell):
        if row.liberties[row.chain[near]] == 0 and row.cells[near] == 3 - stone:
            key ^= capture(rules, row, near)
    return key


@helper
def lift(row: Any, cell: Any) -> Any:
    """Take a stone off its cell; gives its key. The liberties of its chain's neighbours stay as they were."""
    stone = row.cells[cell]
    row.taken[cell] |= stone
    row.cells[cell] = FREE
    row.chain[cell] = 0
    row.liberties[cell] = row.vacant
    row.free[row.vacant] = cell
    row.vacant += 1
    return KEYS[stone, cell]


@helper
def capture(rules: Any, row: Any, cell: Any) -> Any:
    """Take the chain of a cell off the board; gives the change of the board's key."""
    chain, done = row.chain[cell], np.int64(row.vacant)
    key = lift(row, cell)
    while done < row.vacant:  # the free cells from there on are those of the chain
        for near in around(rules, row.free[done]):
            if row.chain[near] == chain:
                key ^= lift(row, near)
            else:
                row.liberties[row.chain[near]] += 1
        done += 1
    return key


@helper
def territory(rules: Any, row: Any) -> None:
    """Give each free cell, as its chain, the bits of the stones that paths of free cells lead to from it."""
    changed = True
    while changed:
        changed = False
        for i in range(row.vacant):
            cell = row.free[i]
            reached = row.chain[cell]
            for near in around(rules, cell):
                reached |= row.chain[near] if row.cells[near] == FREE else row.cells[near] & 3
            changed |= reached != row.chain[cell]
            row.chain[cell] = reached
