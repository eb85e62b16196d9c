"""Who knows the best moves: for each game that can be graded, a judge of positions and the bins they fall into."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from agents.solver import boards, columns_worth, plies_left, solver
from games.connect_four import ConnectFour
from games.core.errors import ArenaError
from games.core.game import Bool, Float, Game, Positions
from games.core.native import NativeGame
from games.core.position import Position
from games.hex import Hex
from games.othello import Othello
from games.tic_tac_toe import TicTacToe
from search.solving import solve

Scores = npt.NDArray[np.int64]
LARGEST_HEX = 4  # cells a side
MOST_EMPTIES = 10  # of an Othello board


class Judge(ABC):
    """Knows what positions are worth.

    `stages`: the numbers of plies that positions are drawn at, a range for each part of the game, with its bins.
    `whole`: do they come from all of the game?"""

    name: str
    whole = True
    stages: Sequence[tuple[range, tuple[str, ...]]]

    @abstractmethod
    def scores(self, positions: Positions) -> Scores:
        """[B] what each is worth to the seat to act under perfect play: it wins above 0 and draws at 0."""

    def knows(self, position: Positions) -> bool:
        """Whether `position` [1] can be judged in a time worth waiting for."""
        return True

    @abstractmethod
    def mistakes(self, positions: Positions, scores: Scores) -> Bool:
        """[B, actions] the legal actions that give away a win, or a draw; `scores` [B] are those of `positions`."""

    @abstractmethod
    def bin(self, position: Positions, ply: int, score: int) -> str | None:
        """The bin of `position` [1] after `ply` plies; None: it has none."""


class ConnectFourJudge(Judge):
    """BitBully, and the bins of Pascal Pons ("Solving Connect 4", part 2: the test protocol).

    Begin, middle, end: at most 14, at most 28, more plies played; easy, medium, hard: at most 14, at most 28, more
    plies to come if both play perfectly. Positions where a line of four can be completed at once are in none, as in
    his files.
    """

    name = "bitbully"
    stages = (
        (range(29, 42), ("end-easy",)),
        (range(15, 29), ("middle-easy", "middle-medium")),
        (range(15), ("begin-easy", "begin-medium", "begin-hard")),
    )

    def __init__(self, game: ConnectFour) -> None:
        self.game = game

    def scores(self, positions: Positions) -> Scores:
        return np.array([solver().mtdf(board) for board in boards(self.game, positions)], np.int64)

    def mistakes(self, positions: Positions, scores: Scores) -> Bool:
        out = np.zeros((len(positions), self.game.actions), np.bool_)
        for row, board in enumerate(boards(self.game, positions)):
            if scores[row] >= 0:  # where all is lost no move makes it worse
                out[row, board.legal_moves()] = True
                out[row, columns_worth(board, int(np.sign(scores[row])))] = False
        return out

    def bin(self, position: Positions, ply: int, score: int) -> str | None:
        left = plies_left(score, ply)
        if left == 1 and score > 0:
            return None
        stage = "begin" if ply <= 14 else "middle" if ply <= 28 else "end"
        return f"{stage}-{'easy' if left <= 14 else 'medium' if left <= 28 else 'hard'}"


class SearchJudge(Judge):
    """The house's alpha-beta, to the end: for small games, and for big ones that are nearly over."""

    name = "alphabeta"

    def __init__(self, game: NativeGame, plies: range, belongs: Callable[[Positions], bool] = lambda position: True):
        """`plies` that are played where positions are drawn, and which of those `belongs` to the only bin."""
        self.game, self.belongs = game, belongs
        self.stages, self.whole = ((plies, ("all",)),), plies.start == 0

    def scores(self, positions: Positions) -> Scores:
        seats = self.game.acting(positions).argmax(axis=1)
        return self._worth(positions, seats).astype(np.int64)

    def mistakes(self, positions: Positions, scores: Scores) -> Bool:
        seats = self.game.acting(positions).argmax(axis=1).astype(np.int32)
        legal = self.game.legal(positions, seats)
        rows, actions = np.nonzero(legal & (scores[:, None] >= 0))
        after, joint = positions[rows], np.full((len(rows), self.game.seats + 1), -1, np.int32)
        joint[np.arange(len(rows)), seats[rows]] = actions
        gains = self.game.step(after, joint)[np.arange(len(rows)), seats[rows]]
        out = np.zeros(legal.shape, np.bool_)
        out[rows, actions] = np.sign(gains + self._worth(after, seats[rows])) < scores[rows]
        return out

    def bin(self, position: Positions, ply: int, score: int) -> str | None:
        return "all" if self.belongs(position) else None

    def knows(self, position: Positions) -> bool:
        return self.belongs(position)

    def _worth(self, positions: Positions, seats: npt.NDArray[np.integer]) -> Float:
        """[B] the sign of what each of `seats` [B] still gets."""
        returns: Float = solve(self.game, positions)
        worth: Float = np.sign(returns[np.arange(len(positions)), seats])
        if np.isnan(worth).any():
            raise ArenaError(f"a position of {self.game.name} is too hard for the judge to solve")
        return worth


PONS = {  # the published file of each bin
    "end-easy": "Test_L3_R1",
    "middle-easy": "Test_L2_R1",
    "middle-medium": "Test_L2_R2",
    "begin-easy": "Test_L1_R1",
    "begin-medium": "Test_L1_R2",
    "begin-hard": "Test_L1_R3",
}
GRADED = f"connect_four, tic_tac_toe, hex(board_size=2 to {LARGEST_HEX}), othello with {MOST_EMPTIES} empty squares"


def judge_of(game: Game) -> Judge:
    """Who judges a game. Raises ArenaError if nobody does."""
    if isinstance(game, ConnectFour):
        return ConnectFourJudge(game)
    if isinstance(game, TicTacToe):
        return SearchJudge(game, range(9))
    if isinstance(game, Hex) and game.size <= LARGEST_HEX:
        return SearchJudge(game, range(game.max_plies))
    if isinstance(game, Othello):
        return SearchJudge(game, range(60 - MOST_EMPTIES, 60), nearly_over)
    raise ArenaError(f"nobody knows the best moves of {game.name}; what can be graded: {GRADED}")


def judge_at_hand(game: Game) -> Judge | None:
    """Who judges a game, if anybody does and is installed."""
    try:
        judge = judge_of(game)
    except ArenaError:
        return None
    return judge if not isinstance(judge, ConnectFourJudge) or find_spec("bitbully") else None


def true_values(judge: Judge, position: Position) -> dict[int, int]:
    """What each legal action is worth to the seat to act under perfect play: 1 a win, 0 a draw, -1 a loss. Empty where
    the judge does not know."""
    if position.over or not judge.knows(position.row):
        return {}
    seat, found = position.seat, dict[int, int]()
    for action in position.legal_actions():
        after = position.copy()
        after.play(action)
        worth = after.returns[seat] if after.over else float(judge.scores(after.row)[0])
        found[action] = int(np.sign(worth if after.over or after.seat == seat else -worth))
    return found


def nearly_over(position: Positions) -> bool:
    """Is an Othello position [1] one of the last before the board is full?"""
    first, second = position["discs"][0]
    return 64 - int(first | second).bit_count() <= MOST_EMPTIES
