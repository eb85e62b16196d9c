"""A board of light and dark squares with coordinates, as chess and checkers are played on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_lowercase

from games.core.canvas import Canvas, Point

_MARGIN = 0.6


def name(file: int, rank: int) -> str:
    """The square in column `file` and row `rank`, both counted from 0: (4, 1) is e2."""
    return f"{ascii_lowercase[file]}{rank + 1}"


@dataclass(frozen=True)
class Squares:
    """A board seen from the side of rank 1, or from the other if `flipped`."""

    files: int
    ranks: int
    flipped: bool = False

    @property
    def extent(self) -> tuple[float, float]:
        return self.files + 2 * _MARGIN, self.ranks + 2 * _MARGIN

    def center(self, file: int, rank: int) -> Point:
        if self.flipped:
            file, rank = self.files - 1 - file, self.ranks - 1 - rank
        return _MARGIN + file + 0.5, _MARGIN + self.ranks - rank - 0.5

    def draw(self, canvas: Canvas) -> None:
        """The board itself, below the pieces."""
        edge = 0.08
        width, height = self.files + 2 * edge, self.ranks + 2 * edge
        canvas.rect(_MARGIN - edge, _MARGIN - edge, width, height, "grid", radius=edge)
        for file, rank in self:
            x, y = self.center(file, rank)
            canvas.rect(x - 0.5, y - 0.5, 1, 1, "board_light" if (file + rank) % 2 else "board_dark")
        for file in range(self.files):
            canvas.text(self.center(file, 0)[0], self.extent[1] - 0.3, ascii_lowercase[file], 0.32, "muted")
        for rank in range(self.ranks):
            canvas.text(0.28, self.center(0, rank)[1], str(rank + 1), 0.32, "muted")

    def targets(self, canvas: Canvas) -> None:
        """What a person clicks, above the pieces: each square is tagged with its name."""
        for file, rank in self:
            x, y = self.center(file, rank)
            canvas.rect(x - 0.5, y - 0.5, 1, 1, "clear", tag=name(file, rank))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return ((file, rank) for rank in range(self.ranks) for file in range(self.files))
