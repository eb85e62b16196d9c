"""Games playing by themselves, with random moves, for the lobby's thumbnails; and what there is to know of each.

They run in a process of their own: what a game draws is sent to the window, which only paints it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from agents.core.registry import AGENTS, make_agent
from arena.worker import bound_memory, leave_with_parent
from games.core.canvas import Canvas, Shape
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.joint import draw_point, nobody
from games.core.registry import make_game

PLY = 0.7  # seconds between two random moves
BEAT = 0.1  # between two pictures of a real-time game
REST = 2.5  # that the end of a game is shown
UNHEARD = 2.0  # after which nobody is looking


@dataclass(frozen=True)
class Wanted:
    """What the window is looking at; told again about every second."""

    games: tuple[str, ...]  # whose thumbnails are in sight
    chosen: str


@dataclass(frozen=True)
class Picture:
    """A game as it is now."""

    game: str
    title: str
    seats: int
    seat_names: tuple[str, ...]
    extent: tuple[float, float]
    shapes: tuple[Shape, ...]
    tick: bool
    chance: bool


@dataclass(frozen=True)
class Broken:
    """A game that cannot be shown, and why."""

    game: str
    text: str


@dataclass(frozen=True)
class Fits:
    """Which agents can play a game so far found out, and the Elo of who has played it."""

    game: str
    agents: tuple[str, ...]
    elos: Mapping[str, float] = field(default_factory=dict)
    complete: bool = False  # all were asked


def serve(store: str | None, pipe: Connection) -> None:
    """Show what is wanted until nobody is at the other end."""
    leave_with_parent()
    bound_memory()
    with suppress(OSError, AttributeError):
        os.nice(10)  # a game that is played comes first
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        _Showcase(store, pipe).run()


class _Showcase:
    def __init__(self, store: str | None, pipe: Connection) -> None:
        self.store, self.pipe = store, pipe
        self.wanted, self.heard = Wanted((), ""), 0.0
        self.shows: dict[str, _Show | None] = {}  # None: broken
        self.asking: dict[str, Iterator[Fits]] = {}  # by game: who can play it, agent by agent
        self.told: set[str] = set()  # games of which all agents were asked

    def run(self) -> None:
        while True:
            while self.pipe.poll(self._patience()):
                self.wanted, self.heard = self.pipe.recv(), time.monotonic()
            now = time.monotonic()
            if now - self.heard > UNHEARD:
                continue
            self._open_one()
            for show in self._looked_at():
                if show.due <= now:
                    self._picture(show, now)

    def _patience(self) -> float:
        """How long there is nothing to do."""
        now = time.monotonic()
        if now - self.heard > UNHEARD:
            return 1.0
        if any(name not in self.shows for name in self.wanted.games) or self._curious() is not None:
            return 0.0
        return max(0.0, min((show.due - now for show in self._looked_at()), default=1.0))

    def _curious(self) -> _Show | None:
        """The game chosen, if there are agents left to ask."""
        return None if self.wanted.chosen in self.told else self.shows.get(self.wanted.chosen)

    def _looked_at(self) -> list[_Show]:
        return [show for name in self.wanted.games if (show := self.shows.get(name)) is not None]

    def _open_one(self) -> None:
        """Make the next game that is wanted and not there yet; when all are, ask the next agent whether it can play the
        chosen one. Between any two the thumbnails go on."""
        for name in (self.wanted.chosen, *self.wanted.games):
            if name and name not in self.shows:
                try:
                    self.shows[name] = _Show(name, make_game(name), len(self.shows))
                except Exception as error:
                    self.shows[name] = None
                    self.pipe.send(Broken(name, str(error).partition("\n")[0]))
                return
        if (show := self._curious()) is not None:
            asking = self.asking.setdefault(show.name, self._able(show))
            if (fits := next(asking, None)) is not None:
                self.pipe.send(fits)
            else:
                self.told.add(show.name)

    def _picture(self, show: _Show, now: float) -> None:
        try:
            self.pipe.send(show.picture())
            show.move(now)
        except (BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:
            self.shows[show.name] = None
            self.pipe.send(Broken(show.name, str(error).partition("\n")[0]))

    def _able(self, show: _Show) -> Iterator[Fits]:
        """Ask one agent after the other."""
        game = show.game
        elos, able = self._elos(game), list[str]()
        names = sorted(set(AGENTS.names()) - {"human"}, key=lambda name: name in ("alphazero", "cfr"))
        for name in names:  # those that take long to load come last
            with suppress(Exception, SystemExit):
                agent = make_agent(name)
                if agent.plays(game) is None:
                    able.append(name)
                agent.close()
            yield Fits(show.name, tuple(sorted(able)), elos, complete=name == names[-1])

    def _elos(self, game: Game) -> dict[str, float]:
        """Ratings from the store; {} where there are none."""
        from arena.report import leaderboard
        from arena.store import Store

        try:
            with Store.open(self.store, create=False) as kept:
                players = leaderboard(kept, game.name).ratings.players
        except ArenaError:
            return {}
        return {player.name: player.elo for player in players if player.elo is not None and player.known}


class _Show:
    """One game under way."""

    def __init__(self, name: str, game: Game, number: int) -> None:
        self.name, self.game, self.number = name, game, number
        self.random = np.random.default_rng(number)
        self.due = time.monotonic()
        self.row: Any = game.start(np.array([number], np.uint64))

    def picture(self) -> Picture:
        game, canvas = self.game, Canvas()
        acting = np.flatnonzero(game.acting(self.row)[0][: game.seats])
        game.draw(canvas, self.row, int(acting[0]) if len(acting) else 0)
        names, shapes = tuple(game.seat_names), tuple(canvas.shapes)
        title = getattr(game, "title", game.name)
        return Picture(
            self.name, title, game.seats, names, game.extent, shapes, game.tick is not None, game.outcomes > 0
        )

    def move(self, now: float) -> None:
        """Some random plies, or from the start again."""
        game = self.game
        plies = max(1, round(game.tick * BEAT)) if game.tick else 1
        for _ in range(plies):
            if not game.acting(self.row)[0].any():
                game.restart(self.row, np.array([0]), self.random.integers(1 << 31, size=1).astype(np.uint64))
                break
            game.step(self.row, self._joint())
        over = not game.acting(self.row)[0].any()
        first = self.number % 7 / 7 * PLY if now - self.due > PLY else 0.0  # not all in the same instant
        self.due = now + first + (REST if over else BEAT if game.tick else PLY)

    def _joint(self) -> np.ndarray:
        game, joint = self.game, nobody(self.game, 1)
        for seat in np.flatnonzero(game.acting(self.row)[0]):
            if seat == game.seats:
                joint[0, seat] = self.random.choice(game.outcomes, p=_even(game.odds(self.row)[0]))
            elif game.action_space is not None:
                joint[0, seat] = draw_point(game.action_space, int(self.random.integers(1 << 31)))
            else:
                legal = game.legal(self.row, np.array([seat], np.int32))[0]
                joint[0, seat] = self.random.choice(np.flatnonzero(legal))
        return joint


def _even(odds: np.ndarray) -> np.ndarray:
    """Odds that sum to 1 as exactly as NumPy wants."""
    exact = np.asarray(odds, np.float64)
    result: np.ndarray = exact / exact.sum()
    return result
