"""What the pictures in SVG have in common."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

INK, DIM = "#1f2430", "#6b7280"


def text(x: float, y: float, words: str, colour: str, anchor: str = "start", size: int = 13, weight: int = 400) -> str:
    """A line of text; `anchor` is start, middle or end."""
    look = f'fill="{colour}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(words)}</text>'


def page(width: float, height: float, parts: Iterable[str]) -> str:
    """The whole picture, on white."""
    size = f'width="{width:g}" height="{height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width:g} {height:g}"'
    return "\n".join([
        f'{head} font-family="system-ui, Helvetica, Arial, sans-serif">',
        f'<rect {size} rx="10" fill="#ffffff"/>',
        *parts, "</svg>", "",
    ])  # fmt: skip
