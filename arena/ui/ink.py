"""Antialiased paint: discs, rounded rectangles, lines, polygons, shadows and text, each drawn once and kept.

pygame draws hard edges, so shapes are drawn larger and shrunk. Kept pieces make a frame cheap: it is little more than
copying. Of what may be as large as the window, no more than corners and edges are kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import pygame

from arena.ui.kept import kept

Color = tuple[int, ...]  # red, green, blue and, if not opaque, alpha
DOT = "  ·  "  # between the parts of a line
FONTS = Path(__file__).parent / "fonts"
_FACES = {"regular": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "mono": "DejaVuSansMono.ttf"}
LONGEST = 1000  # letters of a line of text
FINE = 4  # shapes are drawn so much larger and shrunk
_BAND = 1 << 18  # pixels that are drawn enlarged at a time
_SMALL = 1 << 14  # pixels of a rectangle that is kept whole


def _rgba(color: Color) -> Color:
    return color if len(color) == 4 else (*color, 255)


def _fine(width: int, height: int, color: Color, paint: Callable[[pygame.Surface, int], None]) -> pygame.Surface:
    """What `paint` paints, enlarged by `FINE` and moved up by so many pixels, shrunk: in bands, so that a large shape
    takes no more memory than a small one."""
    image = pygame.Surface((width, height), pygame.SRCALPHA)
    rows = max(1, _BAND // (width * FINE * FINE))
    for top in range(0, height, rows):
        high = min(rows, height - top)
        band = pygame.Surface((width * FINE, high * FINE), pygame.SRCALPHA)
        band.fill((*color[:3], 0))  # transparent, but of the shape's colour, or its edge would come out dark
        paint(band, top * FINE)
        shrunk = pygame.transform.smoothscale(band, (width, high))
        image.blit(shrunk, (0, top), special_flags=pygame.BLEND_RGBA_MAX)
    return image


def _circle(side: int, radius: float, outline: float, color: Color) -> pygame.Surface:
    """A disc or ring in the middle of a square."""
    middle, thick = side * FINE / 2, round(outline * FINE)

    def paint(band: pygame.Surface, up: int) -> None:
        pygame.draw.circle(band, color, (middle, middle - up), radius * FINE, thick)

    return _fine(side, side, color, paint)


@kept(2)
def _disc(radius: float, outline: float, color: Color) -> pygame.Surface:
    return _circle(math.ceil(2 * radius) + 2, radius, outline, color)


def disc(target: pygame.Surface, x: float, y: float, radius: float, color: Color, outline: float = 0.0) -> None:
    """A disc, or with `outline` a ring of that thickness inside the radius."""
    if radius < 0.5:
        return
    image = _disc(round(radius * 4) / 4, round(outline * 4) / 4, _rgba(color))
    target.blit(image, (round(x - image.get_width() / 2), round(y - image.get_height() / 2)))


def rounded(target: pygame.Surface, rect: pygame.Rect, radius: float, color: Color, outline: float = 0.0) -> None:
    """A rectangle with round corners; `outline` as for a disc."""
    if rect.width < 1 or rect.height < 1:
        return
    if rect.width * rect.height > _SMALL and (len(color) == 3 or color[3] == 255):
        _lay(target, rect, round(radius), round(outline), _rgba(color))
    else:
        target.blit(_rounded(*rect.size, round(radius), round(outline), _rgba(color)), rect)


@kept(3)
def _rounded(width: int, height: int, radius: int, outline: int, color: Color) -> pygame.Surface:
    surface = pygame.Surface((width, height), pygame.SRCALPHA)
    _lay(surface, surface.get_rect(), radius, outline, color, pygame.BLEND_RGBA_MAX)
    return surface


def _lay(target: pygame.Surface, rect: pygame.Rect, radius: int, outline: int, color: Color, flags: int = 0) -> None:
    """Fill a rectangle between its corners, and copy these, with `flags`, from a disc."""
    x, y, width, height = rect
    radius = min(radius, width // 2, height // 2)
    if outline:
        thick, high = min(outline, width), min(outline, height)
        bands = [(x + radius, top, width - 2 * radius, high) for top in (y, rect.bottom - high)]
        bands += [(left, y + radius, thick, height - 2 * radius) for left in (x, rect.right - thick)]
    else:
        bands = [(x + radius, top, width - 2 * radius, radius) for top in (y, rect.bottom - radius)]
        bands.append((x, y + radius, width, height - 2 * radius))
    for band in bands:
        target.fill(color, band)
    if radius:
        corners = _corners(radius, outline, color)
        for left, place in ((0, x), (radius, rect.right - radius)):
            for top, line in ((0, y), (radius, rect.bottom - radius)):
                target.blit(corners, (place, line), (left, top, radius, radius), special_flags=flags)


@kept(1)
def _corners(radius: int, outline: int, color: Color) -> pygame.Surface:
    """All four, which together are a disc or a ring."""
    return _circle(2 * radius, radius, outline, color)


def shadow(target: pygame.Surface, rect: pygame.Rect, radius: float, blur: float, alpha: int, color: Color) -> None:
    """The soft shadow of a card, a little below it; what is deep under the card may be left out."""
    soft = max(1, round(blur))
    box = rect.inflate(4 * soft, 4 * soft).move(0, soft // 2)
    side = 4 * soft + round(radius)  # of a corner
    if min(box.size) <= 2 * side:
        target.blit(_shadow(*rect.size, round(radius), soft, alpha, color), box)
        return
    least = 2 * side + 1 - 4 * soft  # of a card whose shadow has all four corners, and a pixel between them
    image = _shadow(least, least, round(radius), soft, alpha, color)
    across, down = (box.width - 2 * side, side), (side, box.height - 2 * side)
    for left, x in ((0, box.x), (side + 1, box.right - side)):
        for top, y in ((0, box.y), (side + 1, box.bottom - side)):
            target.blit(image, (x, y), (left, top, side, side))
        edge = image.subsurface((left, side, side, 1))
        target.blit(pygame.transform.scale(edge, down), (x, box.y + side))
    for top, y in ((0, box.y), (side + 1, box.bottom - side)):
        edge = image.subsurface((side, top, 1, side))
        target.blit(pygame.transform.scale(edge, across), (box.x + side, y))


@kept(1.5)
def _shadow(width: int, height: int, radius: int, blur: int, alpha: int, color: Color) -> pygame.Surface:
    coarse = 3  # blurred small and enlarged: a large blur is slow, and a shadow has no detail to lose
    size = ((width + 4 * blur) // coarse, (height + 4 * blur) // coarse)
    surface = pygame.Surface(size, pygame.SRCALPHA)
    surface.fill((*color[:3], 0))
    edge = 2 * blur // coarse
    inner = surface.get_rect().inflate(-2 * edge, -2 * edge)
    rounded(surface, inner, radius // coarse, (*color[:3], alpha))
    soft = pygame.transform.gaussian_blur(surface, max(1, blur // coarse))
    return pygame.transform.smoothscale(soft, (width + 4 * blur, height + 4 * blur))


@kept(1)
def _polygon(points: tuple[tuple[float, float], ...], outline: float, color: Color) -> pygame.Surface:
    width, height = (math.ceil(max(point[axis] for point in points)) + 2 for axis in range(2))

    def paint(band: pygame.Surface, up: int) -> None:
        corners = [((x + 1) * FINE, (y + 1) * FINE - up) for x, y in points]
        pygame.draw.polygon(band, color, corners, round(outline * FINE))

    return _fine(width, height, color, paint)


def polygon(target: pygame.Surface, points: Sequence[tuple[float, float]], color: Color, outline: float = 0.0) -> None:
    """A polygon of at least three corners."""
    left, top = math.floor(min(x for x, _ in points)), math.floor(min(y for _, y in points))
    shape = tuple((round((x - left) * 4) / 4, round((y - top) * 4) / 4) for x, y in points)
    target.blit(_polygon(shape, outline, _rgba(color)), (left - 1, top - 1))


def line(
    target: pygame.Surface, start: tuple[float, float], end: tuple[float, float], width: float, color: Color
) -> None:
    """A line; thick ones have round ends."""
    (x1, y1), (x2, y2) = start, end
    length, half = math.hypot(x2 - x1, y2 - y1), max(width, 1.0) / 2
    if (round(x1) == round(x2) or round(y1) == round(y2)) and width < 6:
        thick = max(1, round(width))
        left, top = round(min(x1, x2) - thick / 2), round(min(y1, y2) - thick / 2)
        span = pygame.Rect(left, top, round(abs(x2 - x1)) + thick, round(abs(y2 - y1)) + thick)
        rounded(target, span, 0, color)
        return
    if length < 0.01:
        disc(target, x1, y1, half, color)
        return
    dx, dy = (x2 - x1) / length * half, (y2 - y1) / length * half
    ends = []
    for (x, y), turn in ((end, -math.pi / 2), (start, math.pi / 2)):
        for step in range(9 if width >= 3 else 2):
            angle = turn + math.pi * step / (8 if width >= 3 else 1)
            cos, sin = math.cos(angle), math.sin(angle)
            ends.append((x + dx * cos - dy * sin, y + dx * sin + dy * cos))
    polygon(target, ends, color)


@lru_cache(256)
def font(face: str, size: int) -> pygame.font.Font:
    """A bundled font; `size` in pixels."""
    if not pygame.font.get_init():
        pygame.font.init()
    return pygame.font.Font(FONTS / _FACES[face], size)


@lru_cache(1024)
def _printable(text: str) -> str:
    """As much of a text, whoever it is from, as fonts can write: no control characters, halves of letters, books."""
    if text.isprintable() and len(text) <= LONGEST:
        return text
    return "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST])


@kept(3)
def _text(text: str, face: str, size: int, color: Color) -> pygame.Surface:
    image = font(face, size).render(text, True, color[:3])
    if len(color) == 4:
        image.set_alpha(color[3])
    return image


@lru_cache(1024)
def text_width(text: str, face: str, size: int) -> int:
    """How wide a text comes out."""
    return int(font(face, size).size(_printable(text))[0])


@lru_cache(1024)
def shortened(text: str, face: str, size: int, width: int) -> str:
    """The text, or as much of it as fits into `width` with an ellipsis."""
    if text_width(text, face, size) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text_width(text[:middle] + "…", face, size) <= width else (low, middle - 1)
    return text[:low].rstrip() + "…" if low else ""


def fitting(text: str, face: str, size: int, width: int) -> str:
    """As many of the parts of a text, which `DOT` separates, as fit into `width`; at least the first, shortened."""
    while DOT in text and text_width(text, face, size) > width:
        text = text.rpartition(DOT)[0]
    return shortened(text, face, size, width)


def wrapped(text: str, face: str, size: int, width: int) -> list[str]:
    """The text in lines that fit into `width`, broken between words, and within those that are wider than a line."""
    lines = [""]
    for word in text.split():
        wider = f"{lines[-1]} {word}".strip()
        if text_width(wider, face, size) <= width:
            lines[-1] = wider
            continue
        while text_width(word, face, size) > width and len(word) > 1:
            head = max(1, len(shortened(word, face, size, width)) - 1)
            lines.append(word[:head])
            word = word[head:]
        lines.append(word)
    return [line for line in lines if line]


def write(
    target: pygame.Surface,
    text: str,
    x: float,
    y: float,
    size: int,
    color: Color,
    face: str = "regular",
    align: str = "left",
    width: int | None = None,
) -> int:
    """A line of text with its middle at `y`; how wide it came out."""
    text = _printable(text)
    if width is not None:
        text = shortened(text, face, size, width)
    if not text:
        return 0
    image = _text(text, face, size, tuple(color))
    left = round(x - image.get_width() * {"left": 0.0, "center": 0.5, "right": 1.0}[align])
    top = round(y - font(face, size).get_height() / 2)  # the image may be higher, by a descender
    target.blit(image, (left, top))
    return int(image.get_width())
