"""What positions of native games are worth if all play best.

The question is put as null windows, "is it worth at least that much?" (MTD; Plaat et al. 1996), to a depth that grows
by half and two: short wins are found early, and there are few depths before the end of the game. The compiled loop is
in `solving_kernels.py`; it works for all games that alpha-beta can search.

What was tried, on 120 positions of Connect Four self-play at ply 18: the share solved with 100,000 positions looked at.
Order of moves by history .29, by replies that cut .42, by the share of times they cut .51 (with killer moves before
history .15); by the game's estimate in eight plies as well .54, and no more at equal times. A look at all of the
opponent's answers at once finds wins a ply earlier, but at equal times no more of them, so it is left out: .67. Cutoffs
by what the table knows of children: without .12, with .15 (killers still in). To know the value beforehand and to ask
for it first: .54 instead of .51. Depths: straight to the end .62, each depth .33, every second .41, every fourth .47,
growing by half and two .60. Straight to the end is best there, but in Hex 7 after 24 random plies it solved 2 of 30 in
150 ms, with estimates for its order, where each depth solves 22 and the growing ones 18. A table of a pair of entries
for 64 positions looked at fits a core's cache: it solves as much as one 16 times as large in a third of the time. Not
tried: symmetric positions, since after 16 plies hardly any has a picture that can still come up; proof numbers.

Against depth after depth with estimates, in turns, on 100 such positions a ply: at plies 14, 16, 18, 20, 22 it solves
.07, .22, .48, .84, 1.00 in 7 ms where the other needs 60 ms for .07, .15, .31, .64, .97. Othello with 14 squares
empty takes 32 ms instead of 120, with 10 1.7 instead of 2.3; gomoku on 5 by 5 after ten plies 62 instead of 183. Not so
good: Hex 4 from the start 58 ms instead of 42, breakthrough on 5 by 5 1.6 instead of 1.1, and Hex 7 at ply 24 in 150 ms
.60 instead of .70 (in 7 ms .50 instead of .33).
"""

from __future__ import annotations

import numpy as np

from games.core.errors import ArenaError
from games.core.game import Float, Int, Positions
from games.core.native import NativeGame
from search import solving_kernels as kernels
from search.alphabeta import reason_against
from search.alphabeta_memory import DEEPEST, make_memory

LARGEST = 2**16  # pairs of entries: 3 MB
REPLIES = 2**14  # places to count them in


class Solver:
    """Finds what positions of one game are worth; equal calls find equal things."""

    def __init__(self, game: NativeGame, nodes: int, table: int | None = None) -> None:
        """`nodes`: looked at for one position at most; `table`: pairs of entries in the transposition table, a power
        of two (None: to suit `nodes`). Raises ArenaError for games that alpha-beta cannot search."""
        if reason := reason_against(game):
            raise ArenaError(f"{game.name} cannot be solved: {reason}")
        self.game, self.nodes = game, nodes
        self.memory = make_memory(game, table or min(LARGEST, 1 << (nodes // 64).bit_length()))
        self.replies = np.zeros((min(REPLIES, 1 << nodes.bit_length()), 2), np.int64)

    def __call__(self, positions: Positions) -> Float:
        """[B, seats] what each seat gets from `positions` [B] on if all play best; NaN where the nodes do not
        suffice. What one is worth does not depend on the others."""
        values = np.zeros((len(positions), self.game.seats), np.float32)
        going = np.flatnonzero(self.game.acting(positions).any(1)).astype(np.int32)
        values[going], _ = self.look(positions, going)
        return values

    def look(self, positions: Positions, slots: Int) -> tuple[Float, Int]:
        """([M, seats] as above, of positions[slots] [M], none of which is over; [M] to which depth it had to see)."""
        depths = np.zeros(len(slots), np.int32)
        values = np.empty((len(slots), self.game.seats), np.float32)
        last = min(self.game.max_plies, DEEPEST)
        kernels.solve(self.game.rules, self.memory, self.replies, self.nodes, last, positions, slots, values, depths)
        return values, depths


def solve(game: NativeGame, positions: Positions, nodes: int = 10**9) -> Float:
    """What a new `Solver` says."""
    return Solver(game, nodes)(positions)
