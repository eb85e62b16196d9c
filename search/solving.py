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
from games.core.game import Float, Positions
from games.core.native import NativeGame
from search import alphabeta_kernels
from search import solving_kernels as kernels
from search.alphabeta import reason_against
from search.alphabeta_memory import DEEPEST, NODES, SEARCH, UNIT, make_memory

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
        self.replies = np.zeros((REPLIES, 2), np.int64)

    def __call__(self, positions: Positions) -> Float:
        """[B, seats] what each seat gets from `positions` [B] on if all play best; NaN where the nodes do not
        suffice."""
        values = np.full((len(positions), self.game.seats), np.nan, np.float32)
        self.memory.state[SEARCH] += 1  # nothing found before counts from now on
        self.replies[:] = 0
        for b, acting in enumerate(self.game.acting(positions)):
            values[b] = self._solve(positions[b : b + 1]) if acting.any() else 0
        return values

    def _solve(self, position: Positions) -> Float:
        """[seats] the value of `position` [1], or NaN."""
        self.memory.state[NODES] = 0
        self.memory.rows[0] = position[0]
        low, high = (int(limit) for limit in self.memory.limits)  # of what the value is known to be
        depth, last = 2, min(self.game.max_plies, DEEPEST)
        while low < high:
            found = self._narrow(min(depth, last), low, high)
            if found is None or (depth >= last and found[0] < found[1]):
                return np.full(self.game.seats, np.nan, np.float32)
            low, high = found
            depth += depth // 2 + 2
        value = np.full(self.game.seats, 0 - low / UNIT, np.float32)
        value[self.memory.frames[0]["side"]] = low / UNIT
        return value

    def _narrow(self, depth: int, low: int, high: int) -> tuple[int, int] | None:
        """Closer bounds of the value, from all that can be seen to `depth`; None: there are too few nodes."""
        rules, memory, root = self.game.rules, self.memory, self.memory.frames[0]
        least, most, guess = low, high, min(max(0, low), high)
        while least < most:
            alphabeta_kernels.begin(rules, memory, depth)
            root["beta"] = guess + 1 if guess == least else guess
            root["alpha"] = root["beta"] - 1
            if not kernels.go_on(rules, memory, self.replies, self.nodes):
                return None
            guess, fails = int(root["best"]), root["best"] < root["beta"]
            least, most = (least, guess) if fails else (guess, most)
            if root["settled"]:
                low, high = (low, min(high, guess)) if fails else (max(low, guess), high)
        return low, high


def solve(game: NativeGame, positions: Positions, nodes: int = 10**9) -> Float:
    """What a new `Solver` says."""
    return Solver(game, nodes)(positions)
