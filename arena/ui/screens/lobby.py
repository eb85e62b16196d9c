"""The lobby: choose a game and who sits at it, go on with one, see one again. Its state is a `Lobby`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pygame

from arena.following import check
from arena.messages import HUMAN, Setup
from arena.record import Record
from arena.settings import remember, user_name
from arena.shelf import Shelf
from arena.showcase import Picture, Wanted, serve
from arena.store import BRANCH
from arena.ui import theme
from arena.ui.lobby.files import files, maker
from arena.ui.lobby.picture import draw_lobby
from arena.ui.lobby.places import Name, Places, arrange
from arena.ui.lobby.state import CLOCKS, MOST_OPENING, Lobby
from arena.ui.paint import Frame, paint
from arena.ui.screens.core import Screen
from arena.ui.screens.table import TableScreen
from arena.ui.screens.training import TrainingScreen
from arena.ui.theme import STYLE, Look, Style
from arena.ui.view import View
from arena.unfinished import pick_up
from arena.worker import Worker
from games.core.errors import ArenaError
from games.core.specs import parse

TELL = 0.8  # seconds between two words to the showcase
REMARK = 4.0  # seconds a passing remark stays
STORED = 200  # games listed
Event = pygame.event.Event


class LobbyScreen:
    """A lobby, and the process that plays its thumbnails."""

    def __init__(self, shelf: Shelf, last: Mapping[str, Any], style: Style = STYLE, remark: str = "") -> None:
        self.lobby, self.style, self._style_before, self._shelf = Lobby(), style, style, shelf
        self.lobby.recall(last)
        self.lobby.unfinished = pick_up()
        self._say(remark, time.monotonic())
        self._showcase: Worker | None = None
        self._told = 0.0
        self._size, self._mouse = (1, 1), (0, 0)
        self._thumbnails: dict[tuple[str, tuple[int, int], str], tuple[Picture, pygame.Surface]] = {}

    @property
    def open(self) -> bool:
        return self.lobby.open

    def places(self) -> Places:
        """Where things stand now."""
        return arrange(self._size, self.lobby, self.style)

    # -- time ------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> bool:
        if self._showcase is None:
            self._showcase = Worker.start(serve, self._shelf.where, name="showcase")
        if now - self._told > TELL:
            self._told = now
            shown = [self.lobby.games[name[1]] for name in self.places().spots if name[0] == "game"]
            self._showcase.tell(Wanted(tuple(shown), self.lobby.game))
            self.lobby.unfinished = pick_up()
        news = False
        while not self._showcase.said.empty():
            message = self._showcase.said.get_nowait()
            news = True
            if message is not None:
                self.lobby.hear(message)
            else:
                self._say(f"No more pictures: their process died ({self._showcase.epitaph()})", now)
        if self.lobby.remark and now > self.lobby.remark_until:
            self.lobby.remark, news = "", True
        return news

    def draw(self, target: pygame.Surface, now: float) -> None:
        self._size = target.get_size()
        draw_lobby(target, self.places(), self.lobby, self._thumbnail)

    def _thumbnail(self, picture: Picture, size: tuple[int, int], u: Look) -> pygame.Surface:
        """Painted once a picture: a frame is little more than copying."""
        key = (picture.game, size, u.color.name)
        kept = self._thumbnails.get(key)
        if kept is None or kept[0] is not picture:
            frame = Frame.fitting(picture.extent, pygame.Rect(0, 0, *size))
            image = pygame.Surface(frame.rect.size)
            image.fill(u.color.mat)
            paint(image, picture.shapes, replace(frame, left=0.0, top=0.0), u.color)
            if len(self._thumbnails) > 100:
                self._thumbnails.clear()
            kept = self._thumbnails[key] = (picture, image)
        return kept[1]

    # -- events ----------------------------------------------------------------------------------------------------

    def handle(self, event: Event, now: float) -> Screen | None:
        lobby, places = self.lobby, self.places()
        if event.type == pygame.KEYDOWN:
            return self._key(event.key, places, now)
        if event.type == pygame.MOUSEMOTION:
            lobby.hover, self._mouse = places.at(event.pos), event.pos
            if lobby.dragging is not None:
                self._slide(places, lobby.dragging, event.pos[0])
        elif event.type == pygame.MOUSEBUTTONUP:
            lobby.dragging = None
        elif event.type == pygame.MOUSEWHEEL:
            if places.right.collidepoint(self._mouse):
                lobby.first = max(0, min(lobby.first - event.y, len(lobby.seats) - 1))
            else:
                lobby.scroll = max(0, min(lobby.scroll - event.y, places.most_scroll))
        elif event.type == pygame.DROPFILE:
            return self._take_in(Path(event.file), now)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and (name := places.at(event.pos)):
            if name[0] == "slider":
                lobby.dragging = name[1]
                self._slide(places, name[1], event.pos[0])
                return None
            return self.act(name, now)
        return None

    def _slide(self, places: Places, seat: int, x: int) -> None:
        box = places.spots.get(("slider", seat))
        if box is not None:
            self.lobby.seat(seat, self.lobby.seats[seat].at((x - box.x) / max(1, box.width)))

    def _key(self, key: int, places: Places, now: float) -> Screen | None:
        lobby, columns = self.lobby, places.columns
        moves = {pygame.K_LEFT: -1, pygame.K_RIGHT: 1, pygame.K_UP: -columns, pygame.K_DOWN: columns}
        names: dict[int, Name] = {pygame.K_RETURN: ("start",), pygame.K_o: ("files",), pygame.K_s: ("stored",)}
        names[pygame.K_c] = ("continue",)
        if key in (pygame.K_q, pygame.K_ESCAPE):
            if key == pygame.K_ESCAPE and lobby.page != "games":
                return self.act(("back",), now)
            lobby.open = False
        elif key == pygame.K_t:
            palettes = list(theme.PALETTES.values())
            self.style = replace(self.style, palette=palettes[(palettes.index(self.style.palette) + 1) % len(palettes)])
        elif key in moves and lobby.page == "games":
            if 0 <= lobby.chosen + moves[key] < len(lobby.games):
                lobby.choose(lobby.chosen + moves[key])
                self._reveal(places)
            self._told = 0.0
        elif key in names and (names[key] != ("continue",) or lobby.unfinished is not None):
            return self.act(names[key], now)
        return None

    def _reveal(self, places: Places) -> None:
        """Scroll so that the game chosen is in sight."""
        box = places.spots.get(("game", self.lobby.chosen))
        row = self.lobby.chosen // places.columns
        if row < self.lobby.scroll:
            self.lobby.scroll = row
        elif box is None or box.bottom > places.inner.bottom:
            self.lobby.scroll = min(places.most_scroll, self.lobby.scroll + 1)

    def act(self, name: Name, now: float) -> Screen | None:
        """Do what a click on `name` asks; the screen it leads to."""
        lobby = self.lobby
        match name:
            case ("game", number):
                lobby.choose(number)
                self._told = 0.0
            case ("player", seat, by):
                lobby.turn_player(seat, by)
            case ("unit", seat):
                lobby.seat(seat, lobby.seats[seat].next_unit())
            case ("opening", by):
                lobby.opening = max(0, min(lobby.opening + by, MOST_OPENING))
            case ("clock", by):
                lobby.clock = (lobby.clock + by) % len(CLOCKS)
            case ("back",):
                lobby.page, lobby.scroll = "games", 0
            case ("stored",):
                self._list_stored(now)
            case ("files",):
                lobby.page, lobby.rows, lobby.scroll = "files", files(), 0
            case ("row", number):
                what = lobby.rows[number][2]
                return self._replay(what) if isinstance(what, Record) else self._take_in(what, now)
            case ("start",):
                return self._start(now)
            case ("continue",) if lobby.unfinished is not None:
                return self._table(lobby.unfinished)
        return None

    def _start(self, now: float) -> Screen | None:
        if problem := self.lobby.misfit():
            self._say(problem, now)
            return None
        try:
            setup = self.lobby.setup(int(time.time()), user_name())
        except ArenaError as error:
            self._say(str(error), now)
            return None
        remember(lobby=self.lobby.to_json())
        return self._table(setup)

    def _table(self, setup: Setup) -> Screen:
        people = HUMAN in setup.players
        fits = self.lobby.fits.get(setup.game)
        elos = {} if fits is None else fits.elos
        view = View("play" if people else "watch", elos=elos, style=self.style, hints=not people)
        view.speed = 4 if people else 3
        return TableScreen(setup, view, self._shelf.keeper(), self._shelf.keeper(BRANCH))

    def _replay(self, record: Record) -> Screen:
        fits = self.lobby.fits.get(record.game)
        setup = Setup(record.game, record.agents, seed=record.seed, record=record)
        view = View("replay", elos={} if fits is None else fits.elos, style=self.style)
        return TableScreen(setup, view, on_branch=self._shelf.keeper(BRANCH))

    def _take_in(self, path: Path, now: float) -> Screen | None:
        try:
            if path.is_dir():
                check(str(path))
                return TrainingScreen(str(path))
            if path.suffix == ".py":
                self._admit(path, now)
                return None
            return self._replay(self._shelf.take_in(path))
        except ArenaError as error:
            self._say(str(error), now)
            return None

    def _admit(self, path: Path, now: float) -> None:
        """A program of the user's own: it runs at the table alone. Raises ArenaError."""
        made, name = maker(path), f"./{path.name}" if path.parent == Path.cwd() else str(path)
        if made is None:
            raise ArenaError(f"{path.name} has no function agent(...) or game(...)")
        self.lobby.admit(str(parse(name)), agent=made == "agent")
        self._told = 0.0
        self.act(("back",), now)
        self._reveal(self.places())
        self._say(f"{path.stem} is seated" if made == "agent" else f"{path.stem} is chosen", now)

    def _list_stored(self, now: float) -> None:
        try:
            self.lobby.rows = list(self._shelf.stored(STORED))
            self.lobby.page, self.lobby.scroll = "stored", 0
        except ArenaError as error:
            self._say(str(error), now)

    def _say(self, text: str, now: float) -> None:
        self.lobby.remark, self.lobby.remark_until = text, now + REMARK

    def _changed_looks(self) -> dict[str, Any]:
        """What the user has switched, here or at a table."""
        was, now = self._style_before, self.style
        looks = {"palette": (was.palette.name, now.palette.name), "sound": (was.sound, now.sound)}
        return {name: after for name, (before, after) in looks.items() if before != after}

    def close(self) -> None:
        remember(lobby=self.lobby.to_json(), **self._changed_looks())
        if self._showcase is not None:
            self._showcase.stop(0.0)
