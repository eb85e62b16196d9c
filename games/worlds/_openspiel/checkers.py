"""Checkers as a board. A jump is a ply of its own; one that captures again is followed by another of the same seat."""

from __future__ import annotations

from typing import Any

from games.core.canvas import Canvas, Color, Point
from games.worlds._openspiel.skin import Skin, plain
from games.worlds._openspiel.squares import Squares, name

_SEATS = {"o": 0, "8": 0, "+": 1, "*": 1}
_STEPS = ((-1, 1), (1, 1), (1, -1), (-1, -1))  # (files, ranks) of OpenSpiel's four directions


class CheckersSkin(Skin):
    def __init__(self, files: int, ranks: int) -> None:
        self._squares = Squares(files, ranks)
        self.extent = self._squares.extent

    def reason(self, state: Any) -> str:
        left = {_SEATS[letter] for letter in self._pieces(state).values()}
        if any(state.returns()):
            return "no move left" if len(left) == 2 else "no piece left"
        return (
            "move limit"
            if len(state.history()) >= state.get_game().max_game_length()
            else "forty plies without a capture"
        )

    def gesture(self, state: Any, action: int) -> tuple[str, ...]:
        start, end = self._move(action)
        return name(*start), name(*end)

    def last_move(self, state: Any) -> tuple[str, ...]:
        return self.gesture(state, state.history()[-1]) if state.history() else ()

    def draw(self, canvas: Canvas, state: Any, seat: int) -> None:
        squares = Squares(self._squares.files, self._squares.ranks, flipped=seat == 1)
        squares.draw(canvas)
        moved = self._move(state.history()[-1]) if state.history() else None
        for square, letter in self._pieces(state).items():
            origin = squares.center(*moved[0]) if moved and square == moved[1] else None
            _piece(canvas, letter, squares.center(*square), name(*square), origin)
        squares.targets(canvas)

    def _pieces(self, state: Any) -> dict[tuple[int, int], str]:
        """(file, rank) -> o or +, as a king 8 or *."""
        files, ranks = self._squares.files, self._squares.ranks
        rows = [line[-files:] for line in plain(state).splitlines()[:ranks]]
        letters = {(file, ranks - 1 - i): letter for i, row in enumerate(rows) for file, letter in enumerate(row)}
        return {square: letter for square, letter in letters.items() if letter in _SEATS}

    def _move(self, action: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Square from and square to, as OpenSpiel numbers them: ((row * files + file) * 4 + direction) * 2 + jump."""
        rest, jump = divmod(action, 2)
        rest, direction = divmod(rest, 4)
        row, file = divmod(rest, self._squares.files)
        rank, far = self._squares.ranks - 1 - row, 1 + jump
        return (file, rank), (file + far * _STEPS[direction][0], rank + far * _STEPS[direction][1])


def _piece(canvas: Canvas, letter: str, at: Point, square: str, origin: Point | None) -> None:
    color: Color = "seat1" if _SEATS[letter] else "seat0"
    x, y = at
    tag = f"piece {letter} {square}"
    canvas.disc(x, y, 0.41, "ink", tag=f"{tag} edge", origin=origin)
    canvas.disc(x, y, 0.39, color, tag=tag, origin=origin)
    if letter in "8*":
        canvas.text(x, y, "♛", 0.52, "ink", tag=f"{tag} crown", origin=origin)
