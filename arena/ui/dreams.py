"""What an agent's own model imagines along its line of play, beside the real board."""

from __future__ import annotations

import numpy as np
import pygame

from arena.messages import Dream
from arena.ui import ink, theme
from arena.ui.kept import kept
from arena.ui.layout import DREAM, Layout
from arena.ui.names import called, signed
from arena.ui.theme import Look, Rgb
from arena.ui.view import View
from arena.ui.widgets import heading

Surface = pygame.Surface
MOST = 8  # boards
LINE = 17  # of the numbers beside a board


def draw_dreams(target: Surface, layout: Layout, view: View) -> None:
    """A board a step, with the reward and the value for who thinks and the moves it holds likely there."""
    u, box, insight = layout.look, layout.dreams, view.insight
    ink.rounded(target, box, u(9), u.color.well)
    inner = box.inflate(-u(16), -u(12))
    rest = heading(target, inner, u, f"{called(view, insight.seat)} imagines" if insight is not None else "Imagination")
    for place, dream in cells(rest, u, insight.dreams if insight is not None else ()):
        _draw_dream(target, place, dream, u)


def cells(rest: pygame.Rect, u: Look, dreams: tuple[Dream, ...]) -> list[tuple[pygame.Rect, Dream]]:
    """Where each step stands: as large as MOST have room, or at the least size as many as have."""
    sizes = [(rest.width // columns, rest.height // -(-MOST // columns)) for columns in range(1, MOST + 1)]
    wide, high = max(sizes, key=lambda size: min(size[0] / DREAM[0], size[1] / DREAM[1]))
    if min(wide / u(DREAM[0] - 16), high / u(DREAM[1])) < 1:
        columns, rows = max(1, rest.width // u(DREAM[0] - 16)), max(1, rest.height // u(DREAM[1]))
        wide, high = rest.width // columns, rest.height // rows
    columns, rows = rest.width // wide, rest.height // high
    return [
        (pygame.Rect(rest.x + i % columns * wide, rest.y + i // columns * high, wide - u(10), high - u(10)), dream)
        for i, dream in enumerate(dreams[: columns * rows])
    ]


def _draw_dream(target: Surface, place: pygame.Rect, dream: Dream, u: Look) -> None:
    left, size, y = place.x, u(theme.TINY), place.y + u(9)
    if dream.planes is not None:
        side = min(place.height, round(0.36 * place.width))
        _draw_planes(target, pygame.Rect(place.x, place.y, side, side), dream, u)
        left += side + u(10)
    room = place.right - left
    ink.write(target, dream.text or "now", left, y, u(theme.SMALL), u.color.ink, "bold", width=room)
    told = [("value", dream.value), ("reward", dream.reward)]
    rows = [(name, signed(number, "+.2f")) for name, number in told if number is not None]
    rows += [(text, f"{100 * share:.0f}%") for text, share in dream.policy]
    for name, number in rows:
        y += u(LINE)
        if y + size // 2 > place.bottom:
            return
        wide = ink.write(target, number, place.right, y, size, u.color.ink, align="right")
        ink.write(target, name, left, y, size, u.color.muted, width=max(0, room - wide - u(6)))


def _draw_planes(target: Surface, place: pygame.Rect, dream: Dream, u: Look) -> None:
    high, wide = dream.planes.shape[1:]
    cell = max(1, place.width // max(high, wide))
    count, canvas = len(dream.planes), u.color.canvas
    tints = tuple(u.seat((dream.seat + i) % count) for i in range(count))
    if count == 1:
        tints = tuple(canvas[f"ramp{step}"] for step in range(10))
    image = _board(dream.planes.tobytes(), dream.planes.shape, tints, (canvas["board_light"], u.color.well), cell)
    target.blit(image, image.get_rect(midtop=place.midtop))


@kept(2)
def _board(
    planes: bytes, shape: tuple[int, int, int], tints: tuple[Rgb, ...], grounds: tuple[Rgb, Rgb], cell: int
) -> Surface:
    """Squares, the surer the model is of a piece the more of its colour in them. `tints`: a plane, or of what the one
    plane goes through; `grounds`: of the squares and between them."""
    count, high, wide = shape
    shares = np.frombuffer(planes, np.uint8).reshape(shape).astype(np.float32)[..., None] / 255
    colors, ground = np.array(tints, np.float32), np.array(grounds[0], np.float32)
    if count == 1:
        pixels = colors[np.round((len(colors) - 1) * shares[0, ..., 0]).astype(int)]
    else:
        shares /= np.maximum(shares.sum(0), 1.0)
        pixels = ground * (1 - shares.sum(0)) + np.einsum("phwo,pc->hwc", shares, colors)
    image = pygame.surfarray.make_surface(pixels.astype(np.uint8).swapaxes(0, 1))
    image = pygame.transform.scale(image, (wide * cell, high * cell))
    if cell >= 5:
        for x in range(1, wide):
            image.fill(grounds[1], (x * cell, 0, 1, high * cell))
        for y in range(1, high):
            image.fill(grounds[1], (0, y * cell, wide * cell, 1))
    return image
