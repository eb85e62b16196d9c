"""The table: a game watched, played or seen again. Its state is a `View`."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from arena.live import Session
from arena.messages import Setup
from arena.record import Record
from arena.ui.keys import handle
from arena.ui.layout import arrange
from arena.ui.screen import draw
from arena.ui.screens.core import Screen
from arena.ui.theme import Style
from arena.ui.view import View
from arena.unfinished import leave

OnRecord = Callable[[Record], None]


class TableScreen:
    """A view, and the table in another process that it is a view of. That is laid at the first tick: the window is
    there before."""

    def __init__(self, setup: Setup, view: View, on_record: OnRecord | None = None) -> None:
        """`on_record` is called with each game that is finished."""
        self.setup, self.view, self._on_record = setup, view, on_record
        self._session: Session | None = None
        self._stored: Record | None = None
        self._size = (1, 1)

    @property
    def style(self) -> Style:
        return self.view.style

    @style.setter
    def style(self, style: Style) -> None:
        self.view.style = style

    @property
    def open(self) -> bool:
        return self.view.open

    def tick(self, now: float) -> bool:
        if self._session is None:
            self._session = Session(self.setup)
        moving, heard = self.view.moving(now), take_in(self._session, self.view, now)
        if self.view.record is not None and self.view.record is not self._stored:
            self._stored = self.view.record
            store(self._stored, self.view, self._on_record, now)
        return heard or moving or self.view.moving(now)

    def draw(self, target: pygame.Surface, now: float) -> None:
        self._size = target.get_size()
        draw(target, self.view, now)

    def handle(self, event: pygame.event.Event, now: float) -> Screen | None:
        for command in handle(event, self.view, arrange(self._size, self.view), now):
            if self._session is not None:
                self._session.send(command)
        self.view.settle(now)
        return None

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            leave(self._session.setup, self._session.plays, self.view.record is not None)


def take_in(session: Session, view: View, now: float) -> bool:
    """Let a view hear what a table says; whether it said anything."""
    messages = session.poll()
    for message in messages:
        view.apply(message, now)
    view.silence = session.silence
    view.advance(now)
    return bool(messages)


def store(record: Record, view: View, on_record: OnRecord | None, now: float) -> None:
    """Hand a finished game on; if that fails, say so and stay open."""
    if on_record is None or view.mode == "replay":
        return
    try:
        on_record(record)
    except Exception as error:
        view.remark(f"Not stored: {error}".partition("\n")[0], now)
