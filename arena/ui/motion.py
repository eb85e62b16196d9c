"""From one picture to the next: pieces glide, fly in and fall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from arena.ui.paint import Shapes
from games.core.canvas import Disc, Line, Point, Polygon, Rect, Shape, Sprite, Text


@dataclass(frozen=True)
class Motion:
    """On the way from one picture to the next."""

    before: Shapes = ()
    after: Shapes = ()
    start: float = 0.0
    seconds: float = 0.0
    steady: bool = False

    def at(self, now: float) -> Shapes:
        if self.seconds <= 0:
            return self.after
        return blend(self.before, self.after, max(0.0, (now - self.start) / self.seconds), self.steady)


def ease(t: float) -> float:
    """Starts fast, arrives gently."""
    return 1 - (1 - t) ** 3


def drop(t: float) -> float:
    """Falls, and bounces once."""
    fall = 0.72
    if t < fall:
        return (t / fall) ** 2
    rest = (t - fall) / (1 - fall)
    return 1 - 0.16 * rest * (1 - rest)


def blend(before: Shapes, after: Shapes, t: float, steady: bool = False) -> Shapes:
    """The picture at `t` in [0, 1] on the way from one to the next. `steady`: at constant speed, far jumps at once."""
    if t >= 1.0 or not before:
        return after
    known = dict(_numbered(before))
    picture: list[Shape] = []
    for key, shape in _numbered(after):
        old = known.get(key) if key[0] is not None else None
        if old is not None and old != shape:
            picture.append(_between(old, shape, t if steady else ease(t), steady))
        elif old is None and isinstance(shape, Rect | Disc | Text) and shape.tag is not None and shape.origin:
            x, y = shape.origin
            share = drop(t) if x == shape.x and y < shape.y else ease(t)
            picture.append(replace(shape, x=x + (shape.x - x) * share, y=y + (shape.y - y) * share))
        else:
            picture.append(shape)
    return picture


def _numbered(shapes: Shapes) -> Iterable[tuple[tuple[str | None, type, int], Shape]]:
    """Each shape with its tag, kind and number among its like."""
    seen: Counter[tuple[str | None, type]] = Counter()
    for shape in shapes:
        kind = (shape.tag, type(shape))
        yield (*kind, seen[kind]), shape
        seen[kind] += 1


def _between(old: Shape, new: Shape, share: float, steady: bool) -> Shape:
    if isinstance(old, Sprite) or isinstance(new, Sprite):
        return new
    if isinstance(old, Polygon) and isinstance(new, Polygon):
        if len(old.points) != len(new.points):
            return new
        return replace(new, points=tuple(_toward(a, b, share) for a, b in zip(old.points, new.points, strict=True)))
    names = ("x1", "y1", "x2", "y2") if isinstance(new, Line) else ("x", "y")
    values = {name: getattr(old, name) + (getattr(new, name) - getattr(old, name)) * share for name in names}
    return replace(new, **values)  # type: ignore[arg-type]


def _toward(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
