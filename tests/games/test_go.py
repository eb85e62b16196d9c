"""Go against OpenSpiel, against a slow reading of the rules, and in positions set up by hand."""

from collections.abc import Iterator

import numpy as np
import pyspiel
import pytest

from games.core.errors import ArenaError
from games.core.game import Positions
from games.core.position import Position
from games.core.registry import make_game

BLACK, WHITE, FREE = "XO."


# -- the rules as Tromp and Taylor word them, with boards as strings --------------------------------------------------


class Slow:
    """A game in which every board so far is kept and every chain is found anew."""

    def __init__(self, size: int) -> None:
        self.size, self.board, self.mover, self.passes = size, FREE * size**2, BLACK, 0
        self.boards = {self.board}

    def near(self, point: int) -> list[int]:
        row, column = divmod(point, self.size)
        spots = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
        return [self.size * y + x for y, x in spots if 0 <= y < self.size and 0 <= x < self.size]

    def region(self, board: str, point: int) -> tuple[set[int], str]:
        """The points joined to `point` that are as it is, and all that lies around them."""
        inside, edge, waiting = {point}, "", [point]
        while waiting:
            for near in self.near(waiting.pop()):
                if board[near] != board[point]:
                    edge += board[near]
                elif near not in inside:
                    inside.add(near)
                    waiting.append(near)
        return inside, edge

    def cleared(self, board: str, color: str) -> str:
        """The board without the stones of `color` that have no liberty."""
        alive, dead = set[int](), set[int]()
        for point, stone in enumerate(board):
            if stone == color and point not in alive | dead:
                chain, edge = self.region(board, point)
                (alive if FREE in edge else dead).update(chain)
        return "".join(FREE if point in dead else stone for point, stone in enumerate(board))

    def after(self, point: int) -> str | None:
        """The board once the mover has played there, were it not for superko; None where it may not even so."""
        if self.board[point] != FREE:
            return None
        placed = self.board[:point] + self.mover + self.board[point + 1 :]
        cleared = self.cleared(placed, WHITE if self.mover == BLACK else BLACK)
        return cleared if self.cleared(cleared, self.mover) == cleared else None

    def play(self, action: int) -> None:
        if action == self.size**2:
            self.passes += 1
        else:
            board = self.after(action)
            assert board is not None
            assert board not in self.boards
            self.board, self.passes = board, 0
            self.boards.add(board)
        self.mover = WHITE if self.mover == BLACK else BLACK

    def lead(self) -> int:
        """Black's area less White's."""
        lead = 0
        for point, stone in enumerate(self.board):
            reached = set(self.region(self.board, point)[1] if stone == FREE else stone)
            lead += (reached == {BLACK}) - (reached == {WHITE})
        return lead


def board_of(text: str) -> str:
    """The stones in the text of a position."""
    return "".join(line[3:].replace(" ", "") for line in text.splitlines()[:-1])


def random_games(spec: str, count: int) -> Iterator[tuple[Position, np.random.Generator]]:
    """Positions at the start, each with a generator for the moves."""
    game = make_game(spec)
    for seed in range(count):
        yield Position.new(game, seed), np.random.default_rng(seed)


@pytest.mark.parametrize(("size", "count"), [(2, 600), (3, 300), (4, 120), (5, 60)])
def test_the_same_as_the_slow_rules(size: int, count: int) -> None:
    """Boards, legal moves, ends and scores of random games; superko forbids a move in many of them."""
    forbidden = 0
    for position, draw in random_games(f"go(board_size={size}, komi=0.5)", count):
        slow, plies = Slow(size), 0
        while not position.over:
            assert board_of(position.text()) == slow.board
            afters = [slow.after(point) for point in range(size**2)]
            ko = [after in slow.boards for after in afters]
            legal = [p for p in range(size**2) if afters[p] is not None and not ko[p]] + [size**2]
            assert position.legal_actions() == legal
            seen = position.game.observe(position.row, np.array([position.seat], np.int32))[0]
            assert (seen[2].ravel() == ko).all()
            assert (seen[3] == (slow.passes > 0)).all()
            forbidden += sum(ko)
            action = int(draw.choice(legal[:-1] if len(legal) > 1 and draw.random() < 0.8 else legal))
            slow.play(action)
            position.play(action)
            plies += 1
            assert position.over == (slow.passes == 2 or plies == position.game.max_plies)
        assert board_of(position.text()) == slow.board
        lead = slow.lead() - 0.5
        assert position.returns == ((1, -1) if lead > 0 else (-1, 1))
        assert position.game.reason(position.row).startswith(f"{'Black' if lead > 0 else 'White'} by {abs(lead):g}")
    assert forbidden > count / 10
