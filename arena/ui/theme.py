"""The look in one file: colours by role, sizes at 1280x800.

The hues are those of Okabe and Ito (orange, vermillion, blue, green, purple), which colour-blind people tell apart;
they are shifted in lightness, so that the first two seats differ in a black and white print too.
"""

from __future__ import annotations

from dataclasses import dataclass

Rgb = tuple[int, int, int]

CANVAS: dict[str, Rgb] = {
    "seat0": (243, 176, 28),
    "seat1": (205, 70, 28),
    "seat2": (0, 140, 105),
    "seat3": (190, 110, 160),
    "paper": (246, 248, 250),
    "board": (29, 66, 112),
    "board_dark": (134, 160, 186),
    "board_light": (226, 233, 241),
    "grid": (150, 163, 178),
    "ink": (31, 39, 51),
    "muted": (105, 117, 134),
    "accent": (0, 114, 178),
    "good": (0, 140, 105),
    "bad": (190, 64, 10),
}

# From sand over orange to deep red, each darker than the one before.
_RAMP: tuple[Rgb, ...] = (
    (238, 228, 214), (238, 217, 180), (245, 199, 122), (243, 176, 60), (236, 148, 38),
    (225, 118, 32), (205, 86, 28), (178, 58, 32), (144, 38, 40), (108, 24, 44),
)  # fmt: skip
CANVAS |= {f"ramp{step}": color for step, color in enumerate(_RAMP)}

BACKGROUND: Rgb = (233, 237, 242)
CARD: Rgb = (255, 255, 255)
WELL: Rgb = (240, 243, 247)  # what lies deeper than a card
HAIR: Rgb = (221, 227, 234)  # thin rules
INK: Rgb = CANVAS["ink"]
MUTED: Rgb = CANVAS["muted"]
FAINT: Rgb = (160, 170, 183)
ACCENT: Rgb = CANVAS["accent"]
ACCENT_SOFT: Rgb = (222, 236, 247)
BAD: Rgb = CANVAS["bad"]
BAD_SOFT: Rgb = (251, 232, 222)
SHADOW: Rgb = (36, 52, 74)

MARGIN, GAP, PADDING, RADIUS = 24, 14, 16, 12
COLUMN = 408  # width of the right column
HEADER, STRIP, FOOTER = 52, 52, 30
TITLE, BODY, SMALL, TINY = 25, 15, 13, 11.5


def seat(number: int) -> Rgb:
    """The colour of a seat; nature is grey."""
    return CANVAS.get(f"seat{number}", FAINT)


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """`first` with a `share` of `second` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


@dataclass(frozen=True)
class Scale:
    """Sizes of this file in pixels of a window."""

    factor: float

    @classmethod
    def fitting(cls, width: int, height: int) -> Scale:
        return cls(max(0.5, min(width / 1280, height / 800, 2.5)))

    def __call__(self, size: float) -> int:
        return max(1, round(size * self.factor))
