"""Pictures without a display: a game as an animated GIF, one moment of it as a PNG.

The same table and the same drawing as in the window; only the clock is the film's own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
import pygame
from PIL import Image

from arena.live import Session
from arena.messages import Asks, Command, Ended, Failed, Insight, Message, Scene, Setup
from arena.record import Record
from arena.ui import theme
from arena.ui.screen import draw
from arena.ui.theme import STYLE, Style
from arena.ui.view import Mode, View
from games.core.errors import ArenaError

SIZE = (960, 600)
STEP = 0.08  # seconds between frames while something moves; GIF counts in hundredths
REAL_TIME_SECONDS = 20.0  # of a real-time game are filmed


@dataclass
class _Film:
    """Frames with how long each is shown."""

    view: View
    size: tuple[int, int]
    clock: float = 0.0
    palette: Image.Image = field(init=False)
    durations: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.palette = _colors(self.view.style.palette)

    def shoot(self, seconds: float) -> Image.Image:
        """The view as it is now, to be shown so long."""
        image = render(self.view, self.size, self.clock)
        self.durations.append(round(1000 * seconds))
        self.clock += seconds
        return image.quantize(palette=self.palette, dither=Image.Dither.NONE)

    def pieces_fly(self) -> Iterator[Image.Image]:
        """Frames until the board is at rest."""
        motion = self.view.motion
        while self.clock < motion.start + motion.seconds:
            yield self.shoot(STEP)


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


def render(view: View, size: tuple[int, int], now: float) -> Image.Image:
    """A view as an image, whether there is a display or not."""
    surface = pygame.Surface(size, 0, 32)
    draw(surface, view, now)
    return Image.frombytes("RGB", size, pygame.image.tobytes(surface, "RGB"))


def record_gif(
    path: str | Path,
    game: str,
    agents: Sequence[str],
    *,
    seed: int = 0,
    elos: Mapping[str, float] | None = None,
    opening: int = 0,
    delay: float = 0.7,
    size: tuple[int, int] = SIZE,
    style: Style = STYLE,
) -> Record | None:
    """Play a game and film it. None where a real-time game goes on after the film."""
    setup = Setup(game, tuple(agents), seed=seed, opening=opening, delay=0.0)
    return _film(Path(path), setup, View("watch", elos=elos or {}, style=style), delay, size)


def film_record(
    path: str | Path,
    record: Record,
    *,
    elos: Mapping[str, float] | None = None,
    delay: float = 0.7,
    size: tuple[int, int] = SIZE,
    style: Style = STYLE,
) -> None:
    """Film a game that has been played."""
    setup = Setup(record.game, record.agents, seed=record.seed, record=record)
    _film(Path(path), setup, View("replay", elos=elos or {}, style=style), delay, size)


def _film(path: Path, setup: Setup, view: View, delay: float, size: tuple[int, int]) -> Record | None:
    film = _Film(view, size)
    session = Session(setup)
    try:
        frames = _frames(session, film, delay)
        first = next(frames)
        part = path.with_name(path.name + ".part")
        durations: list[int] = film.durations
        rest = list(frames)
        first.save(part, "GIF", save_all=True, append_images=rest, duration=durations, loop=0, optimize=False)
        part.replace(path)
    finally:
        session.close()
    return film.view.record


def _frames(session: Session, film: _Film, delay: float) -> Iterator[Image.Image]:
    """The whole film. Thoughts are shown twice a second of thinking, so that the bars are seen to grow."""
    view, thought_shown = film.view, 0.0
    for message in _messages(session):
        if isinstance(message, Failed):
            raise ArenaError(message.text)
        view.apply(message, film.clock)
        if view.mode == "replay":
            view.cursor = None  # its scenes come one by one: show each as it comes
            view.settle(film.clock)
        if isinstance(message, Scene) and view.tick:
            if message.ply % 2 == 0:
                yield film.shoot(2 / view.tick)
        elif isinstance(message, Scene):
            yield from film.pieces_fly()
            yield film.shoot(delay)
        elif isinstance(message, Insight) and time.monotonic() - thought_shown > 0.5 and not view.tick:
            thought_shown = time.monotonic()
            yield film.shoot(0.2)
        if isinstance(message, Ended):
            yield film.shoot(4.0)
        if view.tick and film.clock > REAL_TIME_SECONDS:
            return


def _messages(session: Session) -> Iterator[Message]:
    """All that a table says, until its game is over or it can do no more."""
    while True:
        for message in session.poll():
            yield message
            if isinstance(message, Ended | Failed):
                return
        time.sleep(0.005)


def still(
    path: str | Path,
    setup: Setup,
    mode: Mode,
    until: Callable[[View], bool],
    *,
    elos: Mapping[str, float] | None = None,
    hints: bool = True,
    moves: Sequence[int] = (),
    size: tuple[int, int] = (1280, 800),
    style: Style = STYLE,
) -> View:
    """A PNG of the first moment at which `until` holds; the view at that moment. `moves` are a person's."""
    left = list(moves)
    view = View(mode, elos=elos or {}, style=style, hints=hints)
    session = Session(replace(setup, hints=hints and mode == "play"))
    try:
        while not until(view):
            if view.error or view.record is not None:
                raise ArenaError(view.error or "the game was over before the moment to be shown")
            for message in session.poll():
                view.apply(message, time.monotonic())
                view.advance(time.monotonic())
                if isinstance(message, Asks) and left:
                    session.send(Command("move", left.pop(0), message.ply))
                if until(view):
                    break
            time.sleep(0.005)
        image = render(view, size, time.monotonic() + 10.0)
    finally:
        session.close()
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    return view
