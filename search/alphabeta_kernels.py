"""Alpha-beta search over native games as a compiled loop that can stop at any node and go on later.

Negamax without recursion: a frame a ply holds what a recursive call would. Principal variation search (Marsland and
Campbell 1982) expects the first move to be best and only tests the others with a null window; moves come in the order
of the transposition table (Greenblatt et al. 1967), of the game's own estimate one ply on, of killer moves and of
their history (Schaeffer 1989). Nature's nodes are averaged (expectimax; Michie 1966).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from games.core import kernels
from games.core.kernels import compiled, helper
from search.alphabeta_memory import INFINITE, LEVEL, LOWER, NODES, UNIT, UPPER, find, keep, key_of, recall

SORTED = 3  # plies still to search, from which on moves are tried in the order of the game's estimate


# -- one node ------------------------------------------------------------------------------------------------------


@helper
def units(value: Any) -> Any:
    return np.int64(np.rint(value * UNIT))


@helper
def play(rules: Any, m: Any, level: Any, mover: Any, action: Any) -> Any:
    """rows[level + 1] becomes rows[level] after a move, `rewards` what it earned; gives who acts then."""
    row, seats = m.rows[level + 1], len(m.rewards)
    m.rows[level + 1] = m.rows[level]
    m.rewards[:] = 0
    m.joint[mover] = action
    kernels.step(rules, row, m.joint, m.rewards)
    m.joint[mover] = -1
    mask = kernels.acting(rules, row)
    for seat in range(seats + 1):
        if mask >> seat == 1:
            return seat
    return -1


@helper
def make_open(f: Any) -> None:
    """None of the moves has been looked at."""
    f.floor = f.alpha
    f.best = -INFINITE
    f.mean = 0
    f.next = 0
    f.action = -1
    f.scout = False
    f.settled = True


@helper
def list_outcomes(rules: Any, m: Any, level: Any) -> None:
    """Fill moves[level] with what nature may do."""
    count = 0
    m.odds[level] = 0
    kernels.odds(rules, m.rows[level], m.odds[level])
    for outcome in range(m.odds.shape[1]):
        if m.odds[level, outcome] > 0:
            m.moves[level, count] = outcome
            count += 1
    m.frames[level].count = count


@helper
def list_moves(rules: Any, m: Any, level: Any, hint: Any) -> None:
    """Fill moves[level] and ranks[level]; `hint` is the table's move, or -1."""
    f, count = m.frames[level], 0
    if f.mover == len(m.rewards):
        list_outcomes(rules, m, level)
        return
    kernels.legal(rules, m.rows[level], f.mover, m.legal)
    for action in range(len(m.legal)):
        if not m.legal[action]:
            continue
        rank = m.history[f.mover, action]
        if action == hint:
            rank = INFINITE
        elif f.depth >= SORTED:
            if play(rules, m, level, f.mover, action) >= 0:
                kernels.estimate(rules, m.rows[level + 1], m.rewards)
            rank += units(m.rewards[f.mover]) << 24
        elif action == m.killers[level, 0] or action == m.killers[level, 1]:
            rank += INFINITE >> 1
        m.moves[level, count] = action
        m.ranks[level, count] = rank
        count += 1
    f.count = count


@helper
def enter(rules: Any, m: Any, level: Any) -> Any:
    """Begin with a position whose frame says mover, view, depth and window; True: its score is known at once."""
    f = m.frames[level]
    m.state[NODES] += 1
    f.settled = f.depth > 0 or f.mover < 0
    if f.mover < 0:
        f.best = 0
        return True
    if f.depth == 0:
        m.rewards[:] = 0
        kernels.estimate(rules, m.rows[level], m.rewards)
        f.best = min(max(units(m.rewards[f.side]), m.limits[0] + 1), m.limits[1] - 1)
        return True
    f.key = key_of(m, level)
    hint, known = recall(m, f)
    if known and level > 0:
        return True
    make_open(f)
    list_moves(rules, m, level, hint)
    return False


@helper
def follow(rules: Any, m: Any, level: Any) -> None:
    """Make the frame of the next child."""
    f, c = m.frames[level], m.frames[level + 1]
    seats, moves, ranks = len(m.rewards), m.moves[level], m.ranks[level]
    low, high = -INFINITE, INFINITE
    if f.mover < seats:
        first = f.next
        for i in range(f.next + 1, f.count):
            if ranks[i] > ranks[first]:
                first = i
        moves[f.next], moves[first] = moves[first], moves[f.next]
        ranks[f.next], ranks[first] = ranks[first], ranks[f.next]
        low, high = f.alpha, f.alpha + 1 if f.scout else f.beta
    c.mover = play(rules, m, level, f.mover, moves[f.next])
    f.gain = units(m.rewards[f.side])
    c.side = 0 if c.mover < 0 or c.mover == seats else c.mover
    c.depth = f.depth - 1
    same = c.side == f.side
    c.alpha = low - f.gain if same else f.gain - high
    c.beta = high - f.gain if same else f.gain - low


@helper
def absorb(m: Any, level: Any) -> Any:
    """Take in the score of the child; True: the node is done."""
    f, c = m.frames[level], m.frames[level + 1]
    action = m.moves[level, f.next]
    score = f.gain + (c.best if c.side == f.side else -c.best)
    if f.mover == len(m.rewards):
        f.mean += m.odds[level, action] * score
        f.best = np.int64(np.rint(f.mean))
    elif f.scout and f.alpha < score < f.beta:
        f.scout = False  # better than expected: search it again with the whole window
        return False
    else:
        if level == 0:
            m.scores[action] = score
            m.exact[action] = f.alpha < score or score <= m.limits[0]
        if score > f.best:
            f.best = score
            f.action = action
        if score >= f.beta:
            f.settled = c.settled
            m.history[f.mover, action] += f.depth * f.depth
            if m.killers[level, 0] != action:
                m.killers[level, 1] = m.killers[level, 0]
                m.killers[level, 0] = action
            keep(m, f, LOWER)
            return True
        f.alpha = max(f.alpha, score)
        f.scout = f.beta - f.alpha > 1
    f.settled = f.settled and c.settled
    f.next += 1
    if f.next < f.count:
        return False
    exact = f.best > f.floor or f.mover == len(m.rewards)
    keep(m, f, LOWER | UPPER if exact else UPPER)
    return True


# -- the loop ------------------------------------------------------------------------------------------------------


@helper
def make_root(rules: Any, m: Any, depth: Any) -> None:
    """The frame of rows[0], to be searched to `depth` with the whole window."""
    f, mask = m.frames[0], kernels.acting(rules, m.rows[0])
    f.mover = 0
    while mask >> f.mover != 1:
        f.mover += 1
    f.side = f.mover if f.mover < len(m.rewards) else 0
    f.depth = depth
    f.alpha = m.limits[0]
    f.beta = m.limits[1]
    m.state[LEVEL] = 0


@compiled
def begin(rules: Any, m: Any, depth: int) -> None:
    """Search rows[0] to `depth`, which `go_on` does."""
    make_root(rules, m, depth)
    m.exact[:] = False


@compiled
def go_on(rules: Any, m: Any, most: int) -> bool:
    """Search until the root is done, or until `most` positions are visited: then False, and it can go on."""
    level = m.state[LEVEL]
    while m.state[NODES] < most:
        done = enter(rules, m, level)
        while done and level > 0:
            level -= 1
            done = absorb(m, level)
        if done:
            return True
        follow(rules, m, level)
        level += 1
        m.state[LEVEL] = level
    return False


@compiled
def line(rules: Any, m: Any, action: int, out: Any) -> int:
    """The moves from the root on that the table expects, beginning with `action`, into `out`; gives their number."""
    last, count = len(m.rows) - 2, 0
    mover = m.frames[0].mover
    m.rows[last] = m.rows[0]
    while action >= 0 and count < len(out):
        out[count] = action
        count += 1
        mover = play(rules, m, last, mover, action)
        m.rows[last] = m.rows[last + 1]
        bucket, i = find(m, key_of(m, last))
        action = int(m.table[bucket, i].action) if i >= 0 and 0 <= mover < len(m.rewards) else -1
    return count
