"""Drawing what has no board of its own: text or a picture above, a button for each move below, on a square of 100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from games.core.canvas import Canvas, Color

SIDE = 100.0
_WRAP = 72  # letters after which a line too long to read is broken
_MONO = 0.56  # width of a character of the fixed-width font, in heights of a line
_MARGIN = 2.0
_SPLIT = 66.0  # what is seen stands above, the buttons below


def draw_text(canvas: Canvas, lines: Sequence[str]) -> None:
    """Lines in the middle, as large as they fit."""
    lines = lines or [""]
    if max(map(len, lines)) > 2 * _WRAP:
        lines = [line[i : i + _WRAP] for line in lines for i in range(0, max(len(line), 1), _WRAP)]
    letters = max(1, *map(len, lines))
    size = min(6.0, (_SPLIT - 2 * _MARGIN) / len(lines), (SIDE - 2 * _MARGIN) / (letters * _MONO))
    left, top = (SIDE - letters * _MONO * size) / 2, (_SPLIT - size * len(lines)) / 2
    for i, line in enumerate(lines):
        canvas.text(left, top + (i + 0.5) * size, line, size, "ink", align="left", mono=True)


def draw_frame(canvas: Canvas, pixels: Any, whole: bool) -> None:
    """A picture, uint8 [H, W, 3], in its own proportions; `whole`: there are no buttons, so it has all the room."""
    room = SIDE if whole else _SPLIT
    height, width = pixels.shape[:2]
    scale = min(SIDE / width, room / height)
    width, height = width * scale, height * scale
    canvas.sprite((SIDE - width) / 2, (room - height) / 2, width, height, pixels)


def draw_buttons(canvas: Canvas, names: Mapping[int, str], unseen: bool = False) -> None:
    """A grid of buttons by action, as large as they all fit; `unseen`: keys do the same."""
    if not names:
        return
    letters = max(map(len, names.values())) + 2
    size, columns = 4.0, 0
    while columns * int((SIDE - _SPLIT - _MARGIN) / (1.7 * size)) < len(names):
        size *= 0.97
        columns = int((SIDE - 2 * _MARGIN) / (letters * _MONO * size))
    width, height = letters * _MONO * size, 1.7 * size
    left = (SIDE - min(columns, len(names)) * width) / 2
    for i, (action, name) in enumerate(names.items()):
        x, y = left + i % columns * width, _SPLIT + i // columns * height
        tag = f"action {action}"
        color: Color = "clear" if unseen else "board_light"
        canvas.rect(x, y, width - 0.15 * size, height - 0.15 * size, color, tag=tag, radius=0.3 * size)
        if not unseen:
            canvas.text(x + width / 2 - 0.075 * size, y + height / 2 - 0.075 * size, name, size, "ink", mono=True)
