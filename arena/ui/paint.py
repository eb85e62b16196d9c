"""Paints the shapes of a canvas, and finds what is under the mouse."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pygame

from arena.ui import ink
from arena.ui.theme import Palette, Rgb, mix
from games.core.canvas import Disc, Line, Point, Polygon, Rect, Shape, Sprite, Text

Shapes = Sequence[Shape]
_LINE_HEIGHT = 1.17  # of the bundled font, in font sizes


@dataclass(frozen=True)
class Frame:
    """Where a game's canvas lies in the window."""

    left: float
    top: float
    scale: float
    extent: Point

    @classmethod
    def fitting(cls, extent: Point, rect: pygame.Rect) -> Frame:
        """As large as fits into `rect`, in its middle."""
        scale = min(rect.width / extent[0], rect.height / extent[1])
        left = rect.x + (rect.width - extent[0] * scale) / 2
        return cls(left, rect.y + (rect.height - extent[1] * scale) / 2, scale, extent)

    @property
    def rect(self) -> pygame.Rect:
        return self.to_rect(0, 0, *self.extent)

    def to_window(self, x: float, y: float) -> Point:
        return self.left + x * self.scale, self.top + y * self.scale

    def to_game(self, x: float, y: float) -> Point:
        return (x - self.left) / self.scale, (y - self.top) / self.scale

    def to_rect(self, x: float, y: float, width: float, height: float) -> pygame.Rect:
        """Whole pixels; edges that touch in the game touch in the window."""
        left, top = (round(v) for v in self.to_window(x, y))
        right, bottom = (round(v) for v in self.to_window(x + width, y + height))
        return pygame.Rect(left, top, right - left, bottom - top)


# -- painting ----------------------------------------------------------------------------------------------------------


def paint(target: pygame.Surface, shapes: Shapes, frame: Frame, palette: Palette) -> None:
    """All shapes in order."""
    for shape in shapes:
        if isinstance(shape, Sprite):
            _paint_sprite(target, shape, frame)
        elif shape.color != "clear":
            _paint_one(target, shape, frame, palette.canvas[shape.color])


def paint_ghost(target: pygame.Surface, shapes: Shapes, frame: Frame, palette: Palette, alpha: int) -> None:
    """Shapes that are not there, but could be: all of them together as if on one sheet of glass."""
    left, top, right, bottom = box_around(shapes)
    box = frame.to_rect(left, top, right - left, bottom - top).inflate(6, 6)
    sheet = pygame.Surface(box.size, pygame.SRCALPHA)
    paint(sheet, shapes, replace(frame, left=frame.left - box.x, top=frame.top - box.y), palette)
    sheet.set_alpha(alpha)
    target.blit(sheet, box)


def _paint_one(target: pygame.Surface, shape: Shape, frame: Frame, color: Rgb) -> None:
    scale = frame.scale
    if isinstance(shape, Disc):
        x, y = frame.to_window(shape.x, shape.y)
        if shape.color.startswith("seat") and not shape.outline and shape.radius * scale > 7:
            _paint_piece(target, x, y, shape.radius * scale, color)
        else:
            ink.disc(target, x, y, shape.radius * scale, color, shape.outline * scale)
    elif isinstance(shape, Rect):
        rect = frame.to_rect(shape.x, shape.y, shape.width, shape.height)
        ink.rounded(target, rect, shape.radius * scale, color, shape.outline * scale)
    elif isinstance(shape, Line):
        start, end = frame.to_window(shape.x1, shape.y1), frame.to_window(shape.x2, shape.y2)
        ink.line(target, start, end, shape.width * scale, color)
    elif isinstance(shape, Polygon):
        points = [frame.to_window(*point) for point in shape.points]
        ink.polygon(target, points, color, shape.outline * scale)
    elif isinstance(shape, Text):
        size = max(6, round(shape.size * scale / _LINE_HEIGHT))
        x, y = frame.to_window(shape.x, shape.y)
        ink.write(target, shape.text, x, y, size, color, "mono" if shape.mono else "regular", shape.align)


def _paint_piece(target: pygame.Surface, x: float, y: float, radius: float, color: Rgb) -> None:
    """A disc that looks like a piece: a darker rim and a turned ring within. It just covers the hole it lies in."""
    rim, face = mix(color, (0, 0, 0), 0.16), mix(color, (255, 255, 255), 0.04)
    ring = mix(color, (0, 0, 0), 0.08)
    for part, share in ((rim, 1.0), (face, 0.9), (ring, 0.66), (color, 0.58)):
        ink.disc(target, x, y, (radius + 0.75) * share, part)


def _paint_sprite(target: pygame.Surface, shape: Sprite, frame: Frame) -> None:
    rect = frame.to_rect(shape.x, shape.y, shape.width, shape.height)
    image = pygame.surfarray.make_surface(np.ascontiguousarray(np.swapaxes(shape.pixels, 0, 1)))
    whole = rect.width % image.get_width() == 0 and rect.height % image.get_height() == 0
    scaled = pygame.transform.scale(image, rect.size) if whole else pygame.transform.smoothscale(image, rect.size)
    target.blit(scaled, rect)


# -- finding -----------------------------------------------------------------------------------------------------------


def bounds(shape: Shape) -> tuple[float, float, float, float]:
    """The box around a shape: left, top, right, bottom in the game's units."""
    if isinstance(shape, Disc):
        return shape.x - shape.radius, shape.y - shape.radius, shape.x + shape.radius, shape.y + shape.radius
    if isinstance(shape, Rect | Sprite):
        return shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    if isinstance(shape, Text):
        half, width = shape.size / 2, 0.6 * shape.size * len(shape.text)
        left = shape.x - width * {"left": 0.0, "center": 0.5, "right": 1.0}[shape.align]
        return left, shape.y - half, left + width, shape.y + half
    points = shape.points if isinstance(shape, Polygon) else ((shape.x1, shape.y1), (shape.x2, shape.y2))
    pad = shape.width / 2 if isinstance(shape, Line) else 0.0
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) - pad, min(ys) - pad, max(xs) + pad, max(ys) + pad


def hit(shapes: Shapes, point: Point, tags: Collection[str]) -> str | None:
    """The topmost of `tags` at a point of the game's canvas."""
    for shape in reversed(shapes):
        if shape.tag in tags:
            left, top, right, bottom = bounds(shape)
            if not (left <= point[0] <= right and top <= point[1] <= bottom):
                continue
            if not isinstance(shape, Disc) or math.dist(point, (shape.x, shape.y)) <= shape.radius:
                return shape.tag
    return None


def box_around(shapes: Shapes) -> tuple[float, float, float, float]:
    """The box around all of `shapes`, at least one."""
    boxes = [bounds(shape) for shape in shapes]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def box_of(shapes: Shapes, tags: Collection[str]) -> tuple[float, float, float, float] | None:
    """The box around what carries one of `tags`."""
    tagged = [shape for shape in shapes if shape.tag in tags]
    return box_around(tagged) if tagged else None
