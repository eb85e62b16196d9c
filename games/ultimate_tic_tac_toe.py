"""Nine small boards of noughts and crosses; your cell names the board where the other must play.

A win on a small board marks it, and three marks in a row win. Whoever is sent to a board that is decided plays on any
other; a game without three marks in a row is a draw when all are decided.
A position is one bitboard a seat and small board, nine bits each. An action is `9 * board + cell`; boards and cells
are numbered row by row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from games.core.canvas import Canvas, Color
from games.core.game import Positions
from games.core.kernels import below, helper
from games.core.native import NativeGame
from games.core.symmetry import SQUARE, Symmetries, Table, grid, of_planes

LINES = np.array([0o007, 0o070, 0o700, 0o111, 0o222, 0o444, 0o421, 0o124], np.int16)  # octal: three bits a row
WON = np.array([any(bits & line == line for line in LINES.tolist()) for bits in range(512)])
FULL, ANY = 0o777, -1
POSITION = np.dtype(
    [
        ("stones", "i2", (2, 9)), ("marks", "i2", (2,)), ("closed", "i2"),
        ("board", "i1"), ("ply", "u1"), ("won", "u1"), ("last", "i1"),
    ]
)  # fmt: skip  # `marks` and `closed` are bitboards of small boards; `board` is where to play


class Rules(NamedTuple):
    """The tag of ultimate tic-tac-toe; it has no options."""

    size: int = 9


@helper
def playable(row, board):  # type: ignore[no-untyped-def]
    """May the seat to move play on this small board?"""
    return (row.board == ANY or row.board == board) and (row.closed >> board) & 1 == 0


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.stones[:] = 0
    row.marks[:] = 0
    row.closed = 0
    row.board = ANY
    row.ply = 0
    row.won = 0
    row.last = -1


def acting(rules, row):  # type: ignore[no-untyped-def]
    return 0 if row.won or row.closed == FULL else 1 << (row.ply & 1)


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    for board in range(9):
        free = ~(row.stones[0, board] | row.stones[1, board]) if playable(row, board) else 0
        for cell in range(9):
            out[9 * board + cell] = (free >> cell) & 1


def choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    while True:
        action = 9 * np.int64(row.board) + below(random, 9) if row.board != ANY else below(random, 81)
        board, cell = action // 9, action % 9
        if playable(row, board) and ((row.stones[0, board] | row.stones[1, board]) >> cell) & 1 == 0:
            return action


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    seat = row.ply & 1
    board, cell = joint[seat] // 9, joint[seat] % 9
    row.stones[seat, board] |= 1 << cell
    row.ply += 1
    row.last = joint[seat]
    if WON[row.stones[seat, board]]:
        row.marks[seat] |= 1 << board
        row.closed |= 1 << board
        if WON[row.marks[seat]]:
            row.won = 1
            rewards[seat] += 1
            rewards[1 - seat] -= 1
    elif row.stones[0, board] | row.stones[1, board] == FULL:
        row.closed |= 1 << board
    row.board = ANY if (row.closed >> cell) & 1 else cell


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """On the 9 by 9 grid: own stones, the other's, own marks, the other's, where the seat to move may play."""
    for board in range(9):
        open_ = playable(row, board)
        for cell in range(9):
            y, x = 3 * (board // 3) + cell // 3, 3 * (board % 3) + cell % 3
            for side in range(2):
                owner = seat if side == 0 else 1 - seat
                out[side, y, x] = (row.stones[owner, board] >> cell) & 1
                out[2 + side, y, x] = (row.marks[owner] >> board) & 1
            out[4, y, x] = open_


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """Marks, and lines of marks or of stones still open to one seat only; a line of marks is worth the most."""
    if row.won or row.closed == FULL:
        return
    score = 0.0
    for seat in range(2):
        sign = 1.0 - 2.0 * seat
        lost = row.closed & ~row.marks[seat]
        for line in LINES:
            if lost & line == 0:
                held = row.marks[seat] & line
                score += sign * (0 if held == 0 else 8 if held & (held - 1) == 0 else 24)
            for board in range(9):
                if (row.closed >> board) & 1 == 0 and row.stones[1 - seat, board] & line == 0:
                    held = row.stones[seat, board] & line
                    score += sign * (0 if held == 0 else 0.5 if held & (held - 1) == 0 else 2)
    out[0] += score / (40.0 + abs(score))
    out[1] -= score / (40.0 + abs(score))


class UltimateTicTacToe(NativeGame):
    title = "Ultimate tic-tac-toe"
    seats, actions, max_plies = 2, 81, 81
    incidental = ("last",)
    observation_shape, observation_dtype = (5, 9, 9), np.float32
    extent = (10.0, 10.0)
    seat_names = ("Crosses", "Noughts")

    def __init__(self) -> None:
        super().__init__(Rules(), POSITION, globals())

    def places(self) -> Table:
        boards = grid(9, 9).reshape(3, 3, 3, 3)  # row and column of the small board, then of the cell
        return boards.swapaxes(1, 2).reshape(9, 9)

    def symmetries(self) -> Symmetries:
        return of_planes(self.observation_shape, SQUARE, self.actions, self.places())

    def _place(self, action: int) -> tuple[int, int]:
        """Row and column on the 9 by 9 grid."""
        board, cell = divmod(action, 9)
        return 3 * (board // 3) + cell // 3, 3 * (board % 3) + cell % 3

    def action_text(self, position: Positions, action: int) -> str:
        row, column = self._place(action)
        return "abcdefghi"[column] + str(9 - row)

    def reason(self, position: Positions) -> str:
        if position["won"][0]:
            return "three boards in a row"
        return "all boards decided" if position["closed"][0] == FULL else ""

    def owner(self, position: Positions, action: int) -> int:
        """The seat on a cell; 2: empty."""
        first, second = (int(stones[action // 9]) >> action % 9 & 1 for stones in position["stones"][0])
        return 0 if first else 1 if second else 2

    def mark(self, position: Positions, board: int) -> int:
        """The seat that won a small board; 2: nobody."""
        first, second = (int(marks) >> board & 1 for marks in position["marks"][0])
        return 0 if first else 1 if second else 2

    def text(self, position: Positions) -> str:
        grid = [["."] * 9 for _ in range(9)]
        for action in range(81):
            row, column = self._place(action)
            grid[row][column] = "XO."[self.owner(position, action)]
        rows = [f"{9 - i} {''.join(r[:3])} {''.join(r[3:6])} {''.join(r[6:])}" for i, r in enumerate(grid)]
        marks = "".join("XO."[self.mark(position, board)] for board in range(9))
        blocks = ["\n".join(rows[i : i + 3]) for i in (0, 3, 6)]
        return "\n\n".join([*blocks, f"  abc def ghi\n  boards {marks[:3]} {marks[3:6]} {marks[6:]}"])

    def _center(self, action: int) -> tuple[float, float]:
        row, column = self._place(action)
        return 0.66 + column * 0.98 + 0.2 * (column // 3) + 0.49, 0.06 + row * 0.98 + 0.2 * (row // 3) + 0.49

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        over = bool(position["won"][0])
        for board in range(9):
            x, y = self._center(9 * board + 4)
            to_play = (
                not over and int(position["board"][0]) in (ANY, board) and not int(position["closed"][0]) >> board & 1
            )
            if to_play:
                canvas.rect(x - 1.52, y - 1.52, 3.04, 3.04, "accent", radius=0.2)
            canvas.rect(x - 1.46, y - 1.46, 2.92, 2.92, "paper" if to_play else "board_light", radius=0.15)
            for i in (-0.49, 0.49):
                canvas.line(x + i, y - 1.3, x + i, y + 1.3, 0.03, "grid")
                canvas.line(x - 1.3, y + i, x + 1.3, y + i, 0.03, "grid")
        for action in range(81):
            x, y = self._center(action)
            self._symbol(canvas, x, y, 0.27, self.owner(position, action), f"stone {action}")
            canvas.rect(x - 0.48, y - 0.48, 0.96, 0.96, "clear", tag=f"cell {action}")
        for board in range(9):
            x, y = self._center(9 * board + 4)
            if self.mark(position, board) < 2:
                canvas.rect(x - 1.46, y - 1.46, 2.92, 2.92, "board_light", radius=0.15)
                self._symbol(canvas, x, y, 1.05, self.mark(position, board), f"mark {board}")
        for i, letter in enumerate("abcdefghi"):
            canvas.text(self._center(self._action(8, i))[0], 9.75, letter, 0.34, "muted")
            canvas.text(0.3, self._center(self._action(i, 0))[1], str(9 - i), 0.34, "muted")
        for line in LINES.tolist():
            if any(int(marks) & line == line for marks in position["marks"][0]):
                boards = [board for board in range(9) if line >> board & 1]
                canvas.line(*self._center(9 * boards[0] + 4), *self._center(9 * boards[-1] + 4), 0.14, "ink")

    def _action(self, row: int, column: int) -> int:
        return 27 * (row // 3) + 9 * (column // 3) + 3 * (row % 3) + column % 3

    def _symbol(self, canvas: Canvas, x: float, y: float, size: float, owner: int, tag: str) -> None:
        """A cross or a nought."""
        colors: tuple[Color, ...] = ("seat0", "seat1")
        if owner == 0:
            for slope in (-1, 1):
                arm = 0.85 * size
                canvas.line(
                    x - arm, y - arm * slope, x + arm, y + arm * slope, 0.4 * size, colors[0], tag=f"{tag} {slope}"
                )
        elif owner == 1:
            canvas.disc(x, y, 1.05 * size, colors[1], outline=0.38 * size, tag=tag)

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return (f"cell {action}",)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        last = int(position["last"][0])
        return () if last < 0 else (f"cell {last}",)


def game() -> UltimateTicTacToe:
    return UltimateTicTacToe()
