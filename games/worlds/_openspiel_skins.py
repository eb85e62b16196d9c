"""How OpenSpiel's games look: any game as its own text with a label for each move."""

from __future__ import annotations

import re
from typing import Any

from games.core.canvas import Canvas

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_MONO = 0.62  # width of a character of the fixed-width font, in heights of a line


def plain(state: Any) -> str:
    """The state as OpenSpiel writes it, without colour codes."""
    return _ANSI.sub("", str(state)).strip("\n").rstrip()


class Skin:
    """The looks of one game."""

    extent: tuple[float, float] = (100.0, 100.0)

    def seat_names(self, seats: int) -> tuple[str, ...]:
        return ("First", "Second") if seats == 2 else tuple(f"Player {seat + 1}" for seat in range(seats))

    def reason(self, state: Any) -> str:
        return ""

    def gesture(self, state: Any, action: int) -> tuple[str, ...]:
        return (f"action {action}",)

    def last_move(self, state: Any) -> tuple[str, ...]:
        return ()

    def draw(self, canvas: Canvas, state: Any, seat: int) -> None:
        lines = plain(state).splitlines()
        size = min(5.0, 60 / max(len(lines), 1), 96 / _MONO / max(map(len, lines), default=1))
        top = 32 - size * len(lines) / 2
        left = 50 - size * _MONO * max(map(len, lines), default=1) / 2
        for i, line in enumerate(lines):
            canvas.text(left, top + (i + 0.5) * size, line, size, "ink", align="left", mono=True)
        _labels(canvas, state)


def _labels(canvas: Canvas, state: Any) -> None:
    """The legal actions as a grid of buttons in the lower third, as large as they all fit."""
    if state.current_player() < 0:
        return
    seat = state.current_player()
    names = {action: state.action_to_string(seat, action).strip() for action in state.legal_actions()}
    letters = max(map(len, names.values())) + 2
    size = 4.0
    while int(96 / (letters * _MONO * size)) * int(34 / (1.6 * size)) < len(names):
        size *= 0.95
    width, height = letters * _MONO * size, 1.6 * size
    columns = int(96 / width)
    for i, (action, name) in enumerate(names.items()):
        x, y = 2 + i % columns * width, 65 + i // columns * height
        canvas.rect(x, y, width * 0.95, height * 0.9, "board_light", tag=f"action {action}", radius=0.3 * size)
        canvas.text(x + width * 0.475, y + height * 0.45, name, size, "ink", mono=True)


def skin(loaded: Any) -> Skin:
    """The looks of a `pyspiel.Game`."""
    return Skin()
