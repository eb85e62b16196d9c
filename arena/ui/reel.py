"""Films and pictures as files: GIF and PNG by Pillow, MP4 by the extra `video`. Knows nothing of what is shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from arena.ui import theme
from games.core.errors import ArenaError

MP4_RATE = 30  # frames a second
STEPS = {".gif": 0.08, ".mp4": 1 / MP4_RATE, ".png": 1.0}  # seconds between frames while something moves, by ending


class Shot(NamedTuple):
    """A frame, painted only if it is wanted, and before the next one is taken."""

    seconds: float  # it is shown so long
    paint: Callable[[], Image.Image]


def ending(path: str | Path) -> str:
    """The kind of file that a name asks for. Raises ArenaError for one that cannot be made here."""
    kind = Path(path).suffix.lower()
    if kind not in STEPS:
        raise ArenaError(f"{Path(path).name}: films are .gif or .mp4, pictures .png")
    if kind == ".mp4" and find_spec("imageio_ffmpeg") is None:
        raise ArenaError(f"{Path(path).name}: .mp4 needs the extra video: pip install 'planning-arena[video]'")
    return kind


def write(path: Path, shots: Iterator[Shot], look: theme.Palette) -> None:
    """Write what `shots` show, whole or not at all. Raises ArenaError."""
    kind = ending(path)
    part = path.with_name(f"{path.stem}.part{kind}")
    try:
        {".gif": _gif, ".mp4": _mp4, ".png": _png}[kind](part, shots, look)
        part.replace(path)
    except OSError as error:
        raise ArenaError(f"cannot write {path}: {(error.strerror or str(error)).lower()}")
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _gif(path: Path, shots: Iterator[Shot], look: theme.Palette) -> None:
    palette, durations, frames = _colors(look), list[int](), list[Image.Image]()
    for shot in shots:
        durations.append(round(1000 * shot.seconds))
        frames.append(shot.paint().quantize(palette=palette, dither=Image.Dither.NONE))
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=False)


def _mp4(path: Path, shots: Iterator[Shot], look: theme.Palette) -> None:
    """H.264 as every browser plays it; each frame is repeated for as long as it is shown."""
    from imageio_ffmpeg import write_frames

    film, clock, written = None, 0.0, 0
    options = ["-crf", "20", "-preset", "veryfast", "-movflags", "+faststart"]
    try:
        for shot in shots:
            clock += shot.seconds
            count = round(clock * MP4_RATE) - written
            if count <= 0:
                continue
            image = shot.paint()
            if film is None:
                even = (image.width - image.width % 2, image.height - image.height % 2)  # as the encoder wants it
                film = write_frames(
                    str(path), even, fps=MP4_RATE, quality=None, macro_block_size=2, output_params=options
                )
                film.send(None)
            pixels = image.crop((0, 0, *even)).tobytes()
            for _ in range(count):
                film.send(pixels)
            written += count
    finally:
        if film is not None:
            film.close()


def _png(path: Path, shots: Iterator[Shot], look: theme.Palette) -> None:
    """The last moment."""
    last = deque(shots, maxlen=1)
    save_png(path, last[0].paint())


def save_png(path: str | Path, image: Image.Image) -> None:
    """A small PNG: the screens have few colours, and those of large areas must not drift."""
    image.quantize(256, kmeans=3, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)


def _colors(look: theme.Palette) -> Image.Image:
    """The theme's colours and what lies between neighbours: one palette for all frames keeps a film small and its
    colours true from the first piece to the last."""
    grounds = [look.card, look.canvas["board"], look.canvas["board_light"], look.canvas["board_dark"]]
    colors = [look.background, look.mat, look.well, look.hair, look.faint, look.accent_soft, look.bad_soft, look.shadow]
    colors += [theme.mix(look.background, look.shadow, share / 50) for share in range(1, 8)]
    for color in (look.ink, look.muted, look.accent, look.bad, *look.canvas.values()):
        colors += [theme.mix(color, ground, share) for ground in grounds for share in (0.0, 0.3, 0.6)]
        colors.append(theme.mix(color, (0, 0, 0), 0.16))
    colors = list(dict.fromkeys(colors))[:256]
    image = Image.new("P", (1, 1))
    image.putpalette([value for color in colors for value in color])
    return image
