"""What alpha-beta search over native games works on: a frame a ply, and the transposition table.

Scores are whole numbers of 1 / UNIT, for the seat to act, or for seat 0 where nature acts. A score is settled when no
estimate went into it: then it holds at any depth. Estimates stay inside a game's bounds, so a settled win is better,
and a settled loss worse, than any of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.core.kernels import helper, mix
from games.core.native import NativeGame

UNIT = 1 << 20
INFINITE = 1 << 60
DEEPEST = 250  # plies
LOWER, UPPER, SETTLED = 1, 2, 4  # bits of `bound`: the value is at least, at most the score; no estimate is in it
LEVEL, NODES, SEARCH = 0, 1, 2  # in `state`: the ply at work, positions visited, the number of this search

ENTRY = np.dtype(  # of the transposition table
    [
        ("key", "u8"),
        ("score", "i8"),
        ("search", "u4"),  # what another search found is not used, so that equal searches find equal things
        ("action", "i2"),
        ("depth", "u1"),  # plies searched
        ("bound", "u1"),
    ]
)
FRAME = np.dtype(
    [
        ("key", "u8"),
        ("alpha", "i8"),
        ("beta", "i8"),
        ("floor", "i8"),  # alpha on entry
        ("best", "i8"),  # the score so far, and in the end
        ("gain", "i8"),  # what the step to the child earned
        ("mean", "f8"),  # of nature's outcomes so far
        ("depth", "i4"),  # plies still to search
        ("mover", "i4"),  # seat to act; `seats`: nature; -1: over
        ("side", "i4"),  # the seat whose score it is
        ("count", "i4"),  # moves
        ("next", "i4"),  # the one at work
        ("action", "i4"),  # the best so far
        ("settled", "u1"),
        ("scout", "u1"),  # is the child searched with a null window?
    ],
    align=True,
)


class Memory(NamedTuple):
    """All that a search works on, made once; D frames, A the most moves a position has, S seats."""

    rows: npt.NDArray[Any]  # [D] positions; the last two are for `line`
    words: npt.NDArray[np.uint64]  # [D, W] the same memory
    mask: npt.NDArray[np.uint64]  # [W] the bits in which positions differ
    frames: npt.NDArray[Any]  # FRAME [D]
    moves: npt.NDArray[np.int32]  # [D, A]
    ranks: npt.NDArray[np.int64]  # [D, A] the higher the earlier
    killers: npt.NDArray[np.int32]  # [D, 2] what last cut at this ply
    odds: npt.NDArray[np.float32]  # [D, outcomes]
    history: npt.NDArray[np.int64]  # [S, A] what cut anywhere, weighed by depth
    table: npt.NDArray[Any]  # ENTRY [2^n, 2] the first keeps the deeper search, the second the latest
    legal: npt.NDArray[np.bool_]  # [actions]
    joint: npt.NDArray[np.int32]  # [S + 1], all -1 between uses
    rewards: npt.NDArray[np.float32]  # [S]
    scores: npt.NDArray[np.int64]  # [A] of the moves at the root
    exact: npt.NDArray[np.bool_]  # [A] are those more than bounds?
    limits: npt.NDArray[np.int64]  # [2] the least and the greatest return
    state: npt.NDArray[np.int64]  # [3]


def make_memory(game: NativeGame, table_size: int) -> Memory:
    """`table_size`: pairs of entries in the transposition table, a power of two."""
    frames, most = min(DEEPEST, game.max_plies) + 3, max(game.actions, game.outcomes)
    low, high = game.bounds or (-INFINITE / UNIT, INFINITE / UNIT)
    dtype = np.dtype(game.dtype)
    words = np.zeros((frames, -(-dtype.itemsize // 8)), np.uint64)
    return Memory(
        rows=np.ndarray(frames, dtype, words, strides=words.strides[:1]),
        words=words,
        mask=_mask(dtype, game.incidental),
        frames=np.zeros(frames, FRAME),
        moves=np.zeros((frames, most), np.int32),
        ranks=np.zeros((frames, most), np.int64),
        killers=np.zeros((frames, 2), np.int32),
        odds=np.zeros((frames, game.outcomes), np.float32),
        history=np.zeros((game.seats, most), np.int64),
        table=np.zeros((table_size, 2), ENTRY),
        legal=np.zeros(game.actions, np.bool_),
        joint=np.full(game.seats + 1, -1, np.int32),
        rewards=np.zeros(game.seats, np.float32),
        scores=np.zeros(most, np.int64),
        exact=np.zeros(most, np.bool_),
        limits=np.rint(np.array([low, high]) * UNIT).astype(np.int64),
        state=np.zeros(3, np.int64),
    )


def _mask(dtype: np.dtype[Any], incidental: tuple[str, ...]) -> npt.NDArray[np.uint64]:
    """[W] ones in the bytes of all fields but the incidental ones."""
    mask = np.zeros(-(-dtype.itemsize // 8) * 8, np.uint8)
    for name, (field, offset, *_) in (dtype.fields or {}).items():
        if name not in incidental:
            mask[offset : offset + field.itemsize] = 255
    return mask.view(np.uint64)


# -- the transposition table ---------------------------------------------------------------------------------------


@helper
def key_of(m: Any, level: Any) -> Any:
    """A hash of all that matters of a position: equal keys are taken for equal positions."""
    key = np.uint64(0)
    for word in range(len(m.mask)):
        if m.mask[word] != np.uint64(0):
            key = mix(key ^ (m.words[level, word] & m.mask[word])) + np.uint64(word)
    return key


@helper
def find(m: Any, key: Any) -> Any:
    """The bucket of a key, and which entry of it is the key's; -1: none."""
    bucket = np.int64(key & np.uint64(len(m.table) - 1))
    for i in range(2):
        e = m.table[bucket, i]
        if e.key == key and e.search == m.state[SEARCH]:
            return bucket, i
    return bucket, -1


@helper
def recall(m: Any, f: Any) -> Any:
    """(the table's move for a node, or -1; whether it knows enough for the node's depth and window: then the node has
    its score)."""
    bucket, i = find(m, f.key)
    if i < 0:
        return np.int64(-1), False
    e = m.table[bucket, i]
    settled, lower, upper = e.bound & SETTLED != 0, e.bound & LOWER != 0, e.bound & UPPER != 0
    enough = (lower and upper) or (lower and e.score >= f.beta) or (upper and e.score <= f.alpha)
    if not (enough and (settled or e.depth >= f.depth)):
        return np.int64(e.action), False
    f.best = e.score
    f.settled = settled
    return np.int64(e.action), True


@helper
def keep(m: Any, f: Any, bound: Any) -> None:
    """Write what was found out about a node into the table."""
    bucket, i = find(m, f.key)
    first = m.table[bucket, 0]
    if i < 0:
        i = 0 if first.search != m.state[SEARCH] or f.depth >= first.depth else 1
    e = m.table[bucket, i]
    e.key = f.key
    e.score = f.best
    e.search = m.state[SEARCH]
    e.action = f.action
    e.depth = f.depth
    e.bound = bound | (SETTLED if f.settled else 0)
