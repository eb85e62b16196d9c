"""A perfect player of Connect Four: the solver BitBully, an outsider to be installed apart.

Source: Thill, BitBully (github.com/MarkusThill/BitBully, AGPL); `pip install 'planning-arena[solver]'`.
It wins as soon and loses as late as it can; among moves that are equally good the seed decides.
"""

from __future__ import annotations

import time
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from agents.core.agent import Agent, Move, Thought, Turn
from games.connect_four import COLUMNS, ROWS, ConnectFour
from games.core.errors import ArenaError
from games.core.game import Game, Positions

MISSING = "bitbully is not installed: pip install 'planning-arena[solver]'"
TOKENS = np.array([1, 2, 0])  # BitBully's numbers for the seats and an empty cell


class Solver(Agent):
    """Holds nothing: the solver and its opening book are shared by the whole process."""

    def plays(self, game: Game) -> str | None:
        if not isinstance(game, ConnectFour):
            return "it knows Connect Four alone"
        return None if find_spec("bitbully") else MISSING

    def think(self, turn: Turn) -> Move:
        assert turn.position is not None
        assert isinstance(turn.game, ConnectFour)
        begin = time.perf_counter()
        board = boards(turn.game, turn.position.row)[0]
        score = solver().mtdf(board)
        best = columns_worth(board, score)
        action = best[turn.seed % len(best)]
        policy, value = np.zeros(COLUMNS, np.float32), np.full(2, -np.sign(score), np.float32)
        policy[best] = 1 / len(best)
        value[turn.seat] *= -1
        result, left = ("draw", "win", "loss")[int(np.sign(score))], plies_left(score, turn.position.ply)
        note, seconds = f"{result} in {left} plies", time.perf_counter() - begin
        return Move(action, Thought(policy=policy, value=value, pv=(action,), seconds=seconds, note=note))


def columns_worth(board: Any, score: int) -> list[int]:
    """The moves after which a board of BitBully is still worth at least `score` to the seat to act."""
    found = []
    for column in board.legal_moves():
        after = board.play_on_copy(column)  # after a good move worth at most -score to the opponent
        if after.has_win() or (0 if after.is_full() else solver().negamax(after, -score, 1 - score)) <= -score:
            found.append(column)
    return found


def plies_left(score: int, ply: int) -> int:
    """How many plies a game goes on whose score is `score` at `ply`, if both play perfectly."""
    if score == 0:
        return ROWS * COLUMNS - ply
    stones = ROWS * COLUMNS // 2 + 1 - abs(score)  # of the winner, at the end
    first = (ply % 2 == 0) == (score > 0)  # does the first seat win?
    return 2 * stones - first - ply


def boards(game: ConnectFour, positions: Positions) -> list[Any]:
    """Positions as BitBully has them. Raises ArenaError if it is not installed."""
    solver()
    from bitbully import Board

    return [Board(TOKENS[game.cells(positions[row : row + 1])].tolist()) for row in range(len(positions))]


@cache
def solver() -> Any:
    """BitBully with its book of all positions after twelve plies. Raises ArenaError if it is not installed.

    Its scores are those of Pons, for the seat to act: 0 is a draw; a win with one's last stone counts 1, with the one
    before 2, and so on; losses count the same below 0."""
    if find_spec("bitbully") is None:
        raise ArenaError(MISSING)
    from bitbully import BitBully

    return BitBully()


def agent() -> Agent:
    return Solver()
