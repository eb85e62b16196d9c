"""The canvas: how a game says what it looks like without knowing who draws it.

A game draws in units of its own (`Game.extent`, x to the right, y down). Colours are roles, which a theme turns into
paint, so that one drawing serves light, dark and colour-blind-safe windows. A shape with a `tag` can be clicked
(`Game.gesture` names tags) and is the same thing from one picture to the next: what carries an equal tag glides from
its old place to its new one, and a shape with `origin` flies in from there when its tag first appears.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal, get_args

Color = Literal[
    "seat0", "seat1", "seat2", "seat3",  # whose pieces
    "paper", "board", "board_dark", "board_light", "grid",  # what they stand on
    "ink", "muted", "accent", "good", "bad", "clear",  # what is written; `clear` is not painted, only clicked
    "ramp0", "ramp1", "ramp2", "ramp3", "ramp4", "ramp5", "ramp6", "ramp7", "ramp8", "ramp9",  # from little to much
]  # fmt: skip
Point = tuple[float, float]
COLORS = frozenset(get_args(Color))


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    color: Color
    tag: str | None = None
    radius: float = 0.0
    outline: float = 0.0  # thickness of the edge; 0 fills the shape
    origin: Point | None = None


@dataclass(frozen=True)
class Disc:
    x: float  # of the centre
    y: float
    radius: float
    color: Color
    tag: str | None = None
    outline: float = 0.0
    origin: Point | None = None


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    color: Color
    tag: str | None = None


@dataclass(frozen=True)
class Polygon:
    points: tuple[Point, ...]
    color: Color
    tag: str | None = None
    outline: float = 0.0


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str
    size: float  # height of a line
    color: Color
    tag: str | None = None
    align: Literal["left", "center", "right"] = "center"  # y is always the middle
    mono: bool = False
    origin: Point | None = None


@dataclass(frozen=True)
class Sprite:
    """An image, for worlds that render themselves: uint8 [H, W, 3]."""

    x: float
    y: float
    width: float
    height: float
    pixels: Any
    tag: str | None = None


Shape = Rect | Disc | Line | Polygon | Text | Sprite


class Canvas:
    """A list of shapes, painted in order. One method a shape, with the fields above as arguments; what nobody could
    paint, a colour that does not exist or a place that is no number, is a ValueError."""

    def __init__(self) -> None:
        self.shapes: list[Shape] = []

    def rect(self, x: float, y: float, width: float, height: float, color: Color, **more: Any) -> None:
        self._add(Rect(x, y, width, height, color, **more), x, y, width, height)

    def disc(self, x: float, y: float, radius: float, color: Color, **more: Any) -> None:
        self._add(Disc(x, y, radius, color, **more), x, y, radius)

    def line(self, x1: float, y1: float, x2: float, y2: float, width: float, color: Color, **more: Any) -> None:
        self._add(Line(x1, y1, x2, y2, width, color, **more), x1, y1, x2, y2, width)

    def polygon(self, points: list[Point] | tuple[Point, ...], color: Color, **more: Any) -> None:
        self._add(Polygon(tuple(points), color, **more), *chain.from_iterable(points))

    def text(self, x: float, y: float, text: str, size: float, color: Color, **more: Any) -> None:
        self._add(Text(x, y, str(text), size, color, **more), x, y, size)

    def sprite(self, x: float, y: float, width: float, height: float, pixels: Any, **more: Any) -> None:
        self.shapes.append(Sprite(x, y, width, height, pixels, **more))

    def _add(self, shape: Rect | Disc | Line | Polygon | Text, *numbers: float) -> None:
        if shape.color not in COLORS:
            raise ValueError(f"there is no colour {shape.color!r}")
        if not all(map(math.isfinite, numbers)):
            raise ValueError(f"nothing can be drawn at {numbers}")
        self.shapes.append(shape)

    @property
    def tags(self) -> set[str]:
        """All tags drawn so far."""
        return {shape.tag for shape in self.shapes if shape.tag is not None}
