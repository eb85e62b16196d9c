"""A training run followed: its curves, its figures, and a game of its latest checkpoint. Its state is a `Training`."""

from __future__ import annotations

import getpass
import time
from dataclasses import replace

import pygame

from arena.following import Chart, serve
from arena.live import Session
from arena.messages import HUMAN, Setup
from arena.ui.paint import Frame
from arena.ui.screens.core import Screen
from arena.ui.screens.table import TableScreen, take_in
from arena.ui.theme import PALETTES, STYLE, Look, Style
from arena.ui.training.charts import Plot, picture_of
from arena.ui.training.picture import draw_training
from arena.ui.training.places import arrange
from arena.ui.training.state import Training
from arena.ui.view import View
from arena.worker import Worker

PAUSE = 3.0  # seconds that the end of a game is shown
DELAY = 0.8  # between two moves: those who train need the cores


class TrainingScreen:
    """A run, the process that reads it, and the table where its latest checkpoint plays, a process as well."""

    def __init__(self, folder: str, style: Style = STYLE) -> None:
        self.state = Training(folder, style)
        self._follower: Worker | None = None
        self._session: Session | None = None
        self._ended: float | None = None  # when the game at the board was over
        self._size = (1, 1)
        self._drawn: dict[str, tuple[Chart, tuple[object, ...], pygame.Surface]] = {}  # by title

    @property
    def style(self) -> Style:
        return self.state.style

    @style.setter
    def style(self, style: Style) -> None:
        self.state.style = style

    @property
    def open(self) -> bool:
        return self.state.open

    # -- time ------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> bool:
        state = self.state
        if self._follower is None:
            self._follower = Worker.start(serve, state.folder, name="follower")
        heard = state.rest(time.time())
        while not self._follower.said.empty():
            word, heard = self._follower.said.get_nowait(), True
            if word is not None:
                state.hear(word)
            elif not state.error:
                state.error = f"its process died ({self._follower.epitaph()}); the run itself does not notice"
        return self._play(now) or heard

    def _play(self, now: float) -> bool:
        """Keep a game going at the board; whether the picture changes."""
        state, view = self.state, self.state.view
        if self._session is None:
            return self._seat()
        moving = view.moving(now)
        heard = take_in(self._session, view, now)
        over = view.record is not None or bool(view.error)
        self._ended = (self._ended or now) if over else None
        if self._ended is not None and now - self._ended > PAUSE:
            newer = state.progress is not None and state.progress.checkpoint != state.playing
            if newer or not view.error:
                self._session.close()
                self._session = None
        return heard or moving or view.moving(now)

    def _seat(self) -> bool:
        """Lay a new table for the latest checkpoint, if there is one."""
        state, progress = self.state, self.state.progress
        if progress is None or progress.player is None:
            return False
        state.view, state.playing, self._ended = View("watch", hints=False), progress.checkpoint, None
        self._session = Session(self._setup(progress.player, DELAY))
        return True

    def _setup(self, player: str, delay: float) -> Setup:
        assert self.state.progress is not None
        return Setup(
            self.state.progress.game, (player,) * self.state.progress.seats, seed=int(time.time()), delay=delay
        )

    def draw(self, target: pygame.Surface, now: float) -> None:
        self._size = target.get_size()
        draw_training(target, arrange(self._size, self.state), self.state, self._curves, now)

    def _curves(self, chart: Chart, plot: Plot, u: Look) -> pygame.Surface:
        """Drawn once a change: a frame is little more than copying."""
        key, kept = (tuple(plot.box), u.factor, u.color.name), self._drawn.get(chart.title)
        if kept is None or kept[0] is not chart or kept[1] != key:
            kept = self._drawn[chart.title] = (chart, key, picture_of(chart, plot, u))
        return kept[2]

    # -- events ----------------------------------------------------------------------------------------------------

    def handle(self, event: pygame.event.Event, now: float) -> Screen | None:
        places, state = arrange(self._size, self.state), self.state
        if event.type == pygame.KEYDOWN:
            return self._key(event.key)
        if event.type == pygame.MOUSEMOTION:
            state.hover = event.pos
        elif event.type == pygame.MOUSEWHEEL:
            state.first = max(0, min(state.first - event.y, len(state.charts) - len(places.charts)))
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            if Frame.fitting(state.extent, places.board).rect.collidepoint(event.pos):
                return self._table()
            if state.chart is not None and places.field.collidepoint(event.pos):
                state.back()
            elif (title := places.at(event.pos)) is not None:
                state.chosen = title
        return None

    def _key(self, key: int) -> Screen | None:
        state = self.state
        if key == pygame.K_q or (key == pygame.K_ESCAPE and not state.back()):
            state.open = False
        elif key in (pygame.K_RIGHT, pygame.K_SPACE):
            state.step(1)
        elif key == pygame.K_LEFT:
            state.step(-1)
        elif key in (pygame.K_RETURN, pygame.K_p):
            return self._table(plays=key == pygame.K_p)
        elif key == pygame.K_t:
            palettes = list(PALETTES.values())
            palette = palettes[(palettes.index(self.style.palette) + 1) % len(palettes)]
            self.style = replace(self.style, palette=palette)
        return None

    def _table(self, plays: bool = False) -> Screen | None:
        """A table of its own for the latest checkpoint, where its thoughts are seen, or where one plays against it."""
        progress = self.state.progress
        if progress is None or progress.player is None:
            return None
        setup, view = self._setup(progress.player, 0.6), View("watch", style=self.style)
        if plays:
            setup = replace(setup, players=(HUMAN, *setup.players[1:]), human=getpass.getuser(), delay=0.3)
            view = View("play", style=self.style, hints=False, speed=4)
        return TableScreen(setup, view)

    def close(self) -> None:
        """Leave nothing behind; the run goes on."""
        if self._session is not None:
            self._session.close()
        if self._follower is not None:
            self._follower.stop(0.0)
