"""Alpha-beta that only asks what a position is worth, as a compiled loop; see `solving.py`.

It differs from `alphabeta_kernels.py` in what it looks at first. A node plays all its moves before it searches any:
one that ends the game, or one whose position the table knows well enough, may settle it (enhanced transposition
cutoffs; Plaat et al. 1996). The rest are tried in the order of how often each cut as a reply to the move before
(countermoves, Uiterwijk 1992, as shares of the times it was tried; the relative history of Winands et al. 2006). No
estimate is asked for: beyond the horizon a position is worth 0, and not settled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from games.core import kernels
from games.core.kernels import compiled, helper, mix
from search.alphabeta_kernels import follow, list_outcomes, make_open, make_root, play, units
from search.alphabeta_memory import INFINITE, LOWER, NODES, SEARCH, SETTLED, UNIT, UPPER, find, keep, key_of, recall

CUT, TRIED = 0, 1  # in `replies` int64 [2^n, 2]: how often a move, after the one before it, cut and was tried
SHARE = 1 << 12  # what a reply counts that has always cut


@helper
def reply(m: Any, replies: Any, level: Any, action: Any) -> Any:
    """Where `replies` counts an action of the seat to act; a few share one place, which does no harm."""
    before, most = np.int64(0), m.moves.shape[1]
    if level > 0:
        before = 1 + np.int64(m.moves[level - 1, m.frames[level - 1].next])
    number = (before * len(m.rewards) + m.frames[level].mover) * most + action
    return np.int64(mix(np.uint64(number)) & np.uint64(len(replies) - 1))


@helper
def list_moves(rules: Any, m: Any, replies: Any, level: Any, hint: Any) -> Any:
    """Fill moves[level] and ranks[level] with what must be searched; True: nothing has to. `hint` is the table's move,
    or -1."""
    f, count = m.frames[level], 0
    f.count = 0
    kernels.legal(rules, m.rows[level], f.mover, m.legal)
    for action in range(len(m.legal)):
        if not m.legal[action]:
            continue
        m.state[NODES] += 1
        if weigh(m, level, action, play(rules, m, level, f.mover, action)):
            if f.best >= f.beta:
                return True
            continue
        place = reply(m, replies, level, action)
        m.moves[level, count] = action
        m.ranks[level, count] = SHARE * replies[place, CUT] // (replies[place, TRIED] + 1)
        if action == hint:
            m.ranks[level, count] = INFINITE
        count += 1
    f.count = count
    return count == 0


@helper
def weigh(m: Any, level: Any, action: Any, mover: Any) -> Any:
    """Is the position in rows[level + 1], where `mover` acts, known well enough? Then the node takes its score in."""
    f, gain, settled = m.frames[level], units(m.rewards[m.frames[level].side]), True
    score = gain
    if mover >= 0:
        bucket, i = find(m, key_of(m, level + 1))
        if i < 0:
            return False
        e = m.table[bucket, i]
        same = f.side == (mover if mover < len(m.rewards) else 0)
        score = gain + (e.score if same else -e.score)
        settled = e.bound & SETTLED != 0
        wins = score >= f.beta and e.bound & (LOWER if same else UPPER) != 0
        fails = score <= f.alpha and e.bound & (UPPER if same else LOWER) != 0
        if not (wins or fails) or not (settled or e.depth >= f.depth - 1):
            return False
    if score > f.best:
        f.best = score
        f.action = action
    f.alpha = max(f.alpha, score)
    f.settled = settled and (f.settled or score >= f.beta)
    return True


@helper
def enter(rules: Any, m: Any, replies: Any, level: Any) -> Any:
    """Begin with a position whose frame says mover, side, depth and window; True: its score is known at once."""
    f = m.frames[level]
    f.settled = f.depth > 0 or f.mover < 0
    if not f.settled or f.mover < 0:
        f.best = 0
        return True
    f.key = key_of(m, level)
    hint, known = recall(m, f)
    if known:
        return True
    make_open(f)
    if f.mover == len(m.rewards):
        list_outcomes(rules, m, level)
        return False
    if list_moves(rules, m, replies, level, hint):
        close(m, f)
        return True
    return False


@helper
def close(m: Any, f: Any) -> None:
    """Write into the table what a node has found."""
    lower = f.best > f.floor or f.mover == len(m.rewards)
    upper = f.best < f.beta or f.mover == len(m.rewards)
    keep(m, f, (LOWER if lower else 0) | (UPPER if upper else 0))


@helper
def absorb(m: Any, replies: Any, level: Any) -> Any:
    """Take in the score of the child; True: the node is done."""
    f, c = m.frames[level], m.frames[level + 1]
    action = m.moves[level, f.next]
    score = f.gain + (c.best if c.side == f.side else -c.best)
    f.settled = f.settled and c.settled
    if f.mover == len(m.rewards):
        f.mean += m.odds[level, action] * score
        f.best = np.int64(np.rint(f.mean))
    else:
        if score > f.best:
            f.best = score
            f.action = action
        if score >= f.beta:
            f.settled = c.settled
            for i in range(f.next + 1):
                replies[reply(m, replies, level, m.moves[level, i]), TRIED] += 1
            replies[reply(m, replies, level, action), CUT] += 1
            close(m, f)
            return True
        f.alpha = max(f.alpha, score)
    f.next += 1
    if f.next < f.count:
        return False
    close(m, f)
    return True


@helper
def search(rules: Any, m: Any, replies: Any, most: Any) -> Any:
    """Search rows[0] as frames[0] says; False: `most` positions were looked at before it was done."""
    level = 0
    while m.state[NODES] < most:
        done = enter(rules, m, replies, level)
        while done and level > 0:
            level -= 1
            done = absorb(m, replies, level)
        if done:
            return True
        follow(rules, m, level)
        level += 1
    return False


@helper
def narrow(rules: Any, m: Any, replies: Any, most: Any, depth: Any, low: Any, high: Any) -> Any:
    """(closer bounds low and high of the value of rows[0], from all that can be seen to `depth`; False: there were too
    few nodes)."""
    least, greatest, guess, root = low, high, min(max(0, low), high), m.frames[0]
    while least < greatest:
        make_root(rules, m, depth)
        root.beta = guess + 1 if guess == least else guess
        root.alpha = root.beta - 1
        if not search(rules, m, replies, most):
            return low, high, False
        guess = root.best
        if guess < root.beta:
            greatest = guess
            if root.settled:
                high = min(high, guess)
        else:
            least = guess
            if root.settled:
                low = max(low, guess)
    return low, high, True


@compiled
def solve(
    rules: Any, m: Any, replies: Any, most: int, last: int, positions: Any, slots: Any, values: Any, depths: Any
) -> None:  # fmt: skip
    """values [M, S]: what positions[slots] [M], none of them over, are worth; NaN where `most` nodes each or a depth of
    `last` do not suffice. depths [M]: to which plies had to be seen. What is found of one does not depend on the
    others."""
    for i in range(len(slots)):
        m.state[SEARCH] += 1  # nothing found before counts from now on
        m.state[NODES] = 0
        for place in range(len(replies)):
            replies[place, CUT], replies[place, TRIED] = 0, 0
        m.rows[0] = positions[slots[i]]
        low, high, depth, enough = m.limits[0], m.limits[1], 2, True
        while low < high and enough:
            reach = min(depth, last)
            low, high, enough = narrow(rules, m, replies, most, reach, low, high)
            enough = enough and depth < last
            depths[i] = reach
            depth += depth // 2 + 2
        value = np.float32(low / UNIT) if low == high else np.float32(np.nan)
        for seat in range(values.shape[1]):
            values[i, seat] = value if seat == m.frames[0].side else np.float32(0) - value
