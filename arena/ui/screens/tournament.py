"""A tournament watched: boards in a grid, standings, cross-table. Its state is a `Tournament`."""

from __future__ import annotations

from dataclasses import replace

import pygame

from arena.boards import Board
from arena.hall import serve
from arena.schedule import Event
from arena.ui import ink
from arena.ui.paint import Frame, paint
from arena.ui.screens.core import Screen
from arena.ui.theme import PALETTES, STYLE, Look, Style
from arena.ui.tournament.picture import draw_tournament
from arena.ui.tournament.places import Box, arrange
from arena.ui.tournament.state import Tournament
from arena.worker import Worker

GRACE = 5.0  # seconds to finish the transaction under way


class TournamentScreen:
    """A tournament, and the process that plays it. That is started at the first tick: the window is there before."""

    def __init__(self, event: Event, store: str | None, workers: int, style: Style = STYLE) -> None:
        self.state = Tournament(event.agents, style=style)
        self._start = (event, store, workers)
        self._hall: Worker | None = None
        self._size = (1, 1)
        self._hover: int | None = None
        self._drawn: dict[int, tuple[Board, tuple[object, ...], pygame.Surface]] = {}  # by number

    @property
    def style(self) -> Style:
        return self.state.style

    @style.setter
    def style(self, style: Style) -> None:
        self.state.style = style

    @property
    def open(self) -> bool:
        return self.state.open

    def tick(self, now: float) -> bool:
        if self._hall is None:
            self._hall = Worker.start(serve, *self._start, name="hall", alone=False)
        self._hall.watch()
        heard = self.state.moving(now)
        while not self._hall.said.empty():
            word, heard = self._hall.said.get_nowait(), True
            if word is not None:
                self.state.hear(word, now)
            elif not self.state.error and not self.state.over:
                self.state.error = f"its process died ({self._hall.epitaph()}); what was played is stored"
        return heard

    def draw(self, target: pygame.Surface, now: float) -> None:
        self._size = target.get_size()
        places = arrange(self._size, self.state)
        draw_tournament(target, places, self.state, self._thumbnail, self._hover, now)

    def _thumbnail(self, board: Board, size: tuple[int, int], u: Look) -> pygame.Surface:
        """Painted once a position: a frame is little more than copying."""
        key, kept = (size, u.color.name), self._drawn.get(board.number)
        if kept is None or kept[0] is not board or kept[1] != key:
            frame = Frame.fitting(self.state.extent, Box(0, 0, *size))
            image = pygame.Surface(frame.rect.size)
            image.fill(u.color.card)
            ink.rounded(image, image.get_rect(), u(4), u.color.mat)
            paint(image, board.shapes, replace(frame, left=0.0, top=0.0), u.color)
            if len(self._drawn) > 100:
                self._drawn.clear()
            kept = self._drawn[board.number] = (board, key, image)
        return kept[2]

    def handle(self, event: pygame.event.Event, now: float) -> Screen | None:
        places, state = arrange(self._size, self.state), self.state
        if event.type == pygame.KEYDOWN:
            self._key(event.key, now)
        elif event.type == pygame.MOUSEMOTION:
            self._hover = places.at(event.pos)
        elif event.type == pygame.MOUSEWHEEL:
            state.first = max(0, min(state.first - event.y, len(state.tables) - len(places.tiles)))
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            if (table := places.at(event.pos)) is not None:
                state.choose(table, now)
            elif places.cross.collidepoint(event.pos):
                state.choose(None, now)
                state.crossed = True
            elif places.field.collidepoint(event.pos):
                state.back()
        return None

    def _key(self, key: int, now: float) -> None:
        state = self.state
        if key == pygame.K_q or (key == pygame.K_ESCAPE and not state.back()):
            state.open = False
        elif key in (pygame.K_RIGHT, pygame.K_RETURN, pygame.K_SPACE):
            state.step(1, now)
        elif key == pygame.K_LEFT:
            state.step(-1, now)
        elif key == pygame.K_x:
            crossed = not state.crossed
            state.choose(None, now)
            state.crossed = crossed
        elif key == pygame.K_t:
            palettes = list(PALETTES.values())
            palette = palettes[(palettes.index(self.style.palette) + 1) % len(palettes)]
            self.style = replace(self.style, palette=palette)

    def close(self) -> None:
        """Stop the tournament; a game is stored whole or not at all."""
        if self._hall is not None:
            self._hall.tell("leave")
            self._hall.stop(GRACE)
