"""Pictures without a display: a game as a film (GIF or MP4), one moment of it as a PNG.

The same table and the same drawing as in the window; only the clock is the film's own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
import pygame
from PIL import Image

from arena.live import Session
from arena.messages import Ended, Failed, Insight, Message, Scene, Setup
from arena.record import Record
from arena.ui.layout import SMALLEST
from arena.ui.reel import STEPS, Shot, ending, save_png, write
from arena.ui.screen import draw
from arena.ui.screens.core import Screen
from arena.ui.theme import STYLE, Style
from arena.ui.view import View
from games.core.errors import ArenaError

SIZE = (960, 600)
REAL_TIME_SECONDS = 20.0  # of a real-time game are filmed


@dataclass
class _Film:
    """A view whose time passes as fast as the film's."""

    view: View
    size: tuple[int, int]
    step: float  # seconds between frames while something moves
    last: int | None = None  # the ply to end with
    clock: float = 0.0

    def shoot(self, seconds: float) -> Shot:
        """The view as it is now, to be shown so long."""
        now = self.clock
        self.clock += seconds
        return Shot(seconds, lambda: render(self.view, self.size, now))

    def pieces_fly(self) -> Iterator[Shot]:
        """Frames until the board is at rest."""
        motion = self.view.motion
        while self.clock < motion.start + motion.seconds:
            yield self.shoot(self.step)


def render(view: View, size: tuple[int, int], now: float) -> Image.Image:
    """A view as an image, whether there is a display or not. One too small is a larger one shrunk."""
    larger = max(1.0, SMALLEST[0] / size[0], SMALLEST[1] / size[1])
    surface = pygame.Surface((round(size[0] * larger), round(size[1] * larger)), 0, 32)
    draw(surface, view, now)
    if larger > 1.0:
        surface = pygame.transform.smoothscale(surface, size)
    return Image.frombytes("RGB", size, pygame.image.tobytes(surface, "RGB"))


def film_game(
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
    return _film(Path(path), setup, View("watch", elos=elos or {}, style=style), delay, size, None)


def film_record(
    path: str | Path,
    record: Record,
    *,
    elos: Mapping[str, float] | None = None,
    delay: float = 0.7,
    size: tuple[int, int] = SIZE,
    style: Style = STYLE,
    last: int | None = None,
) -> None:
    """Film a game that has been played, up to the ply `last`; a picture shows how it stands there."""
    setup = Setup(record.game, record.agents, seed=record.seed, record=record)
    _film(Path(path), setup, View("replay", elos=elos or {}, style=style), delay, size, last)


def _film(path: Path, setup: Setup, view: View, delay: float, size: tuple[int, int], last: int | None) -> Record | None:
    film = _Film(view, size, STEPS[ending(path)], last)
    session = Session(setup)
    try:
        write(path, _frames(session, film, delay), view.style.palette)
    finally:
        session.close()
    return view.record


def _frames(session: Session, film: _Film, delay: float) -> Iterator[Shot]:
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
        if (view.tick and film.clock > REAL_TIME_SECONDS) or (isinstance(message, Scene) and message.ply == film.last):
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
    screen: Screen,
    until: Callable[[], bool] = lambda: True,
    *,
    size: tuple[int, int] = (1280, 800),
    patience: float = 300.0,
) -> None:
    """A PNG of a screen at the first moment at which `until` holds, at rest; the screen is closed. Raises ArenaError if
    the moment does not come within `patience` seconds."""
    surface, end = pygame.Surface(size, 0, 32), time.monotonic() + patience
    try:
        while True:
            now = time.monotonic()
            screen.tick(now)
            screen.draw(surface, now)  # it understands events by the size it was drawn at
            if until():
                break
            if now > end:
                raise ArenaError(f"{path}: the moment to be shown did not come")
            time.sleep(0.005)
        screen.draw(surface, now + 10.0)
    finally:
        screen.close()
    save_png(path, Image.frombytes("RGB", size, pygame.image.tobytes(surface, "RGB")))
