"""The look in one file: palettes (colours by role) and sizes at 1280x800.

The hues of the light and dark palettes are those of Okabe and Ito (orange, vermillion, blue, green, purple), shifted in
lightness; the safe palette keeps to orange and blue, which every kind of colour blindness tells apart, on grey boards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from games.core.errors import ArenaError

Rgb = tuple[int, int, int]


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """`first` with a `share` of `second` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


@dataclass(frozen=True)
class Palette:
    """Colours by role; those a game draws with are in `canvas`."""

    name: str
    canvas: Mapping[str, Rgb] = field(repr=False)
    background: Rgb
    card: Rgb
    mat: Rgb  # what lies under a board
    well: Rgb  # what lies deeper than a card
    hair: Rgb  # thin rules
    ink: Rgb
    muted: Rgb
    faint: Rgb
    accent: Rgb
    accent_soft: Rgb
    on_accent: Rgb  # written on `accent`
    good: Rgb
    bad: Rgb
    bad_soft: Rgb
    shadow: Rgb
    seat_names: Mapping[str, str] = field(default_factory=dict)  # of seats that games call by another palette's colours


# From sand over orange to deep red, each darker than the one before; and from pale to deep blue.
_WARM: tuple[Rgb, ...] = (
    (238, 228, 214), (238, 217, 180), (245, 199, 122), (243, 176, 60), (236, 148, 38),
    (225, 118, 32), (205, 86, 28), (178, 58, 32), (144, 38, 40), (108, 24, 44),
)  # fmt: skip
_COLD: tuple[Rgb, ...] = (
    (240, 240, 232), (224, 229, 226), (203, 217, 222), (178, 202, 219), (148, 184, 213),
    (114, 163, 204), (78, 139, 191), (44, 112, 171), (22, 84, 141), (12, 56, 104),
)  # fmt: skip


def _ramp(steps: tuple[Rgb, ...]) -> dict[str, Rgb]:
    return {f"ramp{step}": color for step, color in enumerate(steps)}


_BOARD: dict[str, Rgb] = {
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
    "muted": (94, 106, 123),
    "accent": (0, 114, 178),
    "good": (0, 140, 105),
    "bad": (190, 64, 10),
    **_ramp(_WARM),
}
_SAFE_BOARD: dict[str, Rgb] = _BOARD | {
    "seat0": (240, 168, 20),
    "seat1": (0, 84, 150),
    "seat2": (120, 200, 235),
    "seat3": (96, 60, 20),
    "board": (100, 107, 115),
    "board_dark": (160, 168, 177),
    "board_light": (232, 235, 238),
    "good": (0, 84, 150),
    "bad": (176, 84, 0),
    **_ramp(_COLD),
}

LIGHT = Palette(
    name="light",
    canvas=_BOARD,
    background=(233, 237, 242),
    card=(255, 255, 255),
    mat=(255, 255, 255),
    well=(240, 243, 247),
    hair=(221, 227, 234),
    ink=(31, 39, 51),
    muted=(94, 106, 123),
    faint=(116, 127, 142),
    accent=(0, 105, 166),
    accent_soft=(222, 236, 247),
    on_accent=(255, 255, 255),
    good=(0, 120, 88),
    bad=(182, 60, 8),
    bad_soft=(251, 232, 222),
    shadow=(36, 52, 74),
)
DARK = Palette(
    name="dark",
    canvas=_BOARD | {"paper": (238, 241, 245), "board_light": (214, 222, 231)},
    background=(17, 21, 28),
    card=(29, 35, 45),
    mat=(188, 199, 211),
    well=(41, 49, 61),
    hair=(53, 62, 76),
    ink=(233, 238, 244),
    muted=(168, 178, 192),
    faint=(140, 151, 166),
    accent=(98, 181, 236),
    accent_soft=(34, 60, 84),
    on_accent=(12, 22, 32),
    good=(76, 201, 160),
    bad=(255, 142, 92),
    bad_soft=(74, 42, 30),
    shadow=(0, 0, 0),
)
SAFE = Palette(
    name="safe",
    canvas=_SAFE_BOARD,
    background=(236, 236, 236),
    card=(255, 255, 255),
    mat=(255, 255, 255),
    well=(240, 240, 240),
    hair=(214, 214, 214),
    ink=(20, 24, 30),
    muted=(78, 84, 92),
    faint=(104, 110, 118),
    accent=(0, 84, 150),
    accent_soft=(219, 233, 246),
    on_accent=(255, 255, 255),
    good=(0, 84, 150),
    bad=(152, 70, 0),
    bad_soft=(252, 234, 210),
    shadow=(40, 44, 50),
    seat_names={"Red": "Blue"},
)
PALETTES = {palette.name: palette for palette in (LIGHT, DARK, SAFE)}


@dataclass(frozen=True)
class Style:
    """What a user chooses of the window: its look, whether it is heard, and what keys do."""

    palette: Palette = LIGHT
    scale: float = 1.0  # text and all else so many times as large
    sound: bool = True
    keys: Mapping[str, str] | None = None  # the action of each key; None: as they are by default

    @classmethod
    def named(cls, palette: str, scale: float) -> Style:
        """Raises ArenaError for a palette that does not exist."""
        if palette not in PALETTES:
            raise ArenaError(f"--palette {palette}: there are {', '.join(PALETTES)}")
        return cls(PALETTES[palette], scale)


STYLE = Style()

MARGIN, GAP, PADDING, RADIUS = 24, 14, 16, 12
COLUMN, NARROW = 408, 300  # width of the right column, and where there is little room
HEADER, STRIP, FOOTER, BAR = 52, 52, 30, 36
TITLE, BODY, SMALL, TINY = 25, 15, 13, 11.5
LEAST, MOST = 0.8, 2.5  # how far the sizes follow the window: smaller text cannot be read


@dataclass(frozen=True)
class Look:
    """The sizes of this file in pixels of a window, and its colours."""

    factor: float
    color: Palette = LIGHT

    @classmethod
    def fitting(cls, size: tuple[int, int], style: Style = STYLE) -> Look:
        """What fits a window of `size`."""
        fit = max(LEAST, min(size[0] / 1280, size[1] / 800, MOST))
        roomy = min(size[0] / 600, size[1] / 450)  # larger, and nothing would fit
        return cls(max(0.5, min(fit * style.scale, roomy)), style.palette)

    def __call__(self, size: float) -> int:
        return max(1, round(size * self.factor))

    def seat(self, number: int) -> Rgb:
        """The colour of a seat; nature is grey."""
        return self.color.canvas.get(f"seat{number}", self.color.faint)
