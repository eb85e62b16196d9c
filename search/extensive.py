"""The whole of a small game: every position that can come about, what leads where, and who knows what.

Breadth first, a level of positions at a time. Where a game hides things this is its tree of histories, the extensive
form (Kuhn 1953), with information sets by `information_key`. Where it hides nothing, equal positions of a level are
one node, and each is an information set of its own. Seats that act at once commit in seat order, nature last, and
none knows what the others have chosen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.core.errors import ArenaError
from games.core.game import Bool, Game, Int, Positions
from games.core.native import NativeGame

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
MOST = 1_000_000  # nodes


class Extensive(NamedTuple):
    """N nodes by level, the root first; E edges by their source; I information sets of the players."""

    level: Numbers  # [N]
    mover: Numbers  # [N] seat to choose; `seats`: nature; -1: over
    infoset: Numbers  # [N] -1 where no player chooses
    entry: Numbers  # [N] one of the edges that lead here; -1 at the root
    source: Numbers  # [E]
    target: Numbers  # [E]
    action: Numbers  # [E] or outcome
    odds: Reals  # [E] of nature's outcomes; 1 for actions
    reward: Reals  # [E, S]
    joint: Int  # [E, S + 1] the moves of the ply that this edge completes; all -1 if it completes none
    seat: Numbers  # [I] who chooses
    node: Numbers  # [I] one of its nodes
    keys: list[bytes]  # [I] what the seat knows; empty where nothing is hidden
    legal: Bool  # [I, A]
    positions: Positions  # [I] of `node`

    def path(self, node: int) -> list[int]:
        """The edges from the root to `node`."""
        edges: list[int] = []
        while self.entry[node] >= 0:
            edges.append(int(self.entry[node]))
            node = int(self.source[edges[-1]])
        return edges[::-1]


def extensive(game: Game, most: int = MOST) -> Extensive:
    """All of `game`. Raises ArenaError if it has more than `most` nodes, or chance that is no move of nature's."""
    _check(game)
    infosets: dict[tuple[int, bytes], int] = {}
    nodes: list[tuple[Numbers, ...]] = []  # a level: level, mover, infoset, entry
    edges: list[tuple[np.ndarray, ...]] = []  # a level: source, target, action, odds, reward, joint
    found: list[tuple[Numbers, Numbers, Bool, Positions]] = []  # a level's new infosets: seat, node, legal, positions
    positions, joint = game.start(np.zeros(1, np.uint64)), np.full((1, game.seats + 1), -1, np.int32)
    origin, entry = np.zeros(1, np.int64), np.full(1, -1)  # node where the ply began; edge that leads here
    first, count = 0, 0  # nodes and edges so far
    while len(positions):
        size = len(positions)
        mover = _movers(game, positions, joint)
        choices = _choices(game, positions, mover)
        infoset, new = _know(game, positions, mover, origin, infosets)
        nodes.append((np.full(size, len(nodes)), mover, infoset, entry))
        found.append((mover[new], first + new, choices[new, : game.actions] > 0, _some(game, positions, new)))
        source, action = np.nonzero(choices)
        if first + size + len(source) > most + game.seats:
            raise ArenaError(f"{game.name} is too large to be written out: more than {most} nodes")
        odds = np.where(mover[source] == game.seats, choices[source, action], 1.0)
        after, joints = _some(game, positions, source), joint[source]
        joints[np.arange(len(source)), mover[source]] = action
        waiting = _movers(game, after, joints) >= 0
        reward, played = np.zeros((len(source), game.seats)), np.where(waiting[:, None], np.int32(-1), joints)
        if not waiting.all():
            finished = _some(game, after, np.flatnonzero(~waiting))
            reward[~waiting] = game.step(finished, joints[~waiting])
            game.copy(finished, np.arange(len(finished)), after, np.flatnonzero(~waiting))
        joints[~waiting] = -1
        kept, target = _merge(game, after, joints)
        edges.append((first + source, first + size + target, action, odds, reward, played))
        origin = np.where(waiting[kept], origin[source[kept]], first + size + np.arange(len(kept)))
        positions, joint, entry = _some(game, after, kept), joints[kept], count + kept
        first, count = first + size, count + len(source)
    level, mover, infoset, entry = (np.concatenate(parts) for parts in zip(*nodes, strict=True))
    source, target, action, odds, reward, played = (np.concatenate(parts) for parts in zip(*edges, strict=True))
    seat, node, legal, rows = (np.concatenate(parts) for parts in zip(*found, strict=True))
    keys = [key for _, key in infosets] if game.hidden else []
    return Extensive(
        level, mover, infoset, entry, source, target, action, odds, reward, played, seat, node, keys, legal, rows
    )


def _check(game: Game) -> None:
    if not game.forkable:
        raise ArenaError(f"{game.name} cannot be copied, so it cannot be written out")
    rows = game.start(np.arange(4, dtype=np.uint64))
    if isinstance(game, NativeGame):
        game.reseed(rows, np.arange(4, dtype=np.uint64))
        if len({row.tobytes() for row in rows}) > 1:
            raise ArenaError(f"{game.name} cannot be written out: it has chance that is not nature's moves")


def _some(game: Game, positions: Positions, rows: Numbers) -> Positions:
    copies = game.empty(len(rows))
    game.copy(positions, rows, copies, np.arange(len(rows)))
    return copies


def _movers(game: Game, positions: Positions, joint: Int) -> Numbers:
    """[n] of those who act and have not chosen in `joint` [n, S + 1], the first; -1: none."""
    waiting = game.acting(positions) & (joint < 0)
    return np.where(waiting.any(1), waiting.argmax(1), -1)


def _choices(game: Game, positions: Positions, mover: Numbers) -> Reals:
    """[n, max(A, outcomes)] the probabilities of what nature may do, and 1 for what players may."""
    choices = np.zeros((len(positions), max(game.actions, game.outcomes)))
    players, nature = np.flatnonzero((mover >= 0) & (mover < game.seats)), np.flatnonzero(mover == game.seats)
    if len(players):
        legal = game.legal(_some(game, positions, players), mover[players].astype(np.int32))
        choices[players, : game.actions] = legal
    if len(nature):
        odds = game.odds(_some(game, positions, nature)).astype(np.float64)
        choices[nature, : game.outcomes] = odds / odds.sum(1, keepdims=True)
    return choices


def _know(
    game: Game, positions: Positions, mover: Numbers, origin: Numbers, infosets: dict[tuple[int, bytes], int]
) -> tuple[Numbers, Numbers]:
    """The information set of each position, and which of them are the first of a new one. Fills `infosets`."""
    infoset, new = np.full(len(positions), -1), []
    players = np.flatnonzero((mover >= 0) & (mover < game.seats))
    if game.hidden and len(players):
        keys = game.information_key(_some(game, positions, players), mover[players].astype(np.int32))
    else:
        keys = [int(node).to_bytes(8, "little") for node in origin[players]]
    for row, seat, key in zip(players, mover[players], keys, strict=True):
        known = len(infosets)
        infoset[row] = infosets.setdefault((int(seat), key), known)
        if infoset[row] == known:
            new.append(row)
    return infoset, np.array(new, np.int64)


def _merge(game: Game, positions: Positions, joint: Int) -> tuple[Numbers, Numbers]:
    """Which of n positions to keep as nodes, and for each the number of its node among them."""
    if game.hidden or not isinstance(game, NativeGame) or not len(positions):
        return np.arange(len(positions)), np.arange(len(positions))
    parts = [np.ascontiguousarray(array).view(np.uint8).reshape(len(positions), -1) for array in (positions, joint)]
    rows = np.ascontiguousarray(np.concatenate(parts, 1))
    _, kept, target = np.unique(rows.view(f"V{rows.shape[1]}").ravel(), return_index=True, return_inverse=True)
    return kept, target
