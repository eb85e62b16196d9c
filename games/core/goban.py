"""A goban: the board of lines on whose points the stones of Go and of gomoku stand.

A point is `size * row + column` from the top left; people number the rows from below.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from games.core.canvas import Canvas, Point


class Goban(NamedTuple):
    size: int
    letters: str  # of the columns

    @property
    def extent(self) -> Point:
        return self.size + 1.2, self.size + 1.2

    def center(self, point: int) -> Point:
        return point % self.size + 1.4, point // self.size + 0.8

    def name(self, point: int) -> str:
        return self.letters[point % self.size] + str(self.size - point // self.size)

    def text(self, stones: Iterable[str]) -> str:
        """The board in plain characters, of which `stones` has one a point."""
        cells = list(stones)
        rows = [" ".join(cells[self.size * row : self.size * (row + 1)]) for row in range(self.size)]
        lines = [f"{self.size - i:2} {row}" for i, row in enumerate(rows)]
        return "\n".join([*lines, "   " + " ".join(self.letters[: self.size])])

    def draw(self, canvas: Canvas) -> None:
        """The board without stones."""
        size = self.size
        canvas.rect(0.75, 0.15, size + 0.3, size + 0.3, "board_light", radius=0.2)
        for i in range(size):
            canvas.line(*self.center(size * i), *self.center(size * i + size - 1), 0.04, "grid")
            canvas.line(*self.center(i), *self.center(size * (size - 1) + i), 0.04, "grid")
            canvas.text(0.34, i + 0.8, str(size - i), 0.38, "muted")
            canvas.text(i + 1.4, size + 0.85, self.letters[i], 0.38, "muted")
        near = 3 if size > 9 else 2
        stars = {near, size - 1 - near} | ({size // 2} if size % 2 else set())
        for row in stars if size >= 9 else ():
            for column in stars:
                canvas.disc(*self.center(size * row + column), 0.1, "grid")

    def spots(self, canvas: Canvas) -> None:
        """What is clicked, over everything else: `point 0`, `point 1`, ..."""
        for point in range(self.size**2):
            x, y = self.center(point)
            canvas.rect(x - 0.5, y - 0.5, 1.0, 1.0, "clear", tag=f"point {point}")
