"""A tournament that is watched: a process plays it, stores every game as ever, and tells the window how it stands.

Whoever leaves waits for the transaction under way and no longer: a game is stored whole or not at all, and the same
tournament goes on from there.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import closing, redirect_stdout, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from arena.boards import SECONDS, Board
from arena.messages import Failed
from arena.ratings import Rating, fit
from arena.record import Record
from arena.schedule import CHUNK, Event, run
from arena.store import Store
from arena.tournament import tally
from arena.worker import leave_with_parent
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.registry import make_game

FIT_SECONDS = 0.5  # between two fits, at least
FIT_SHARE = 0.1  # of the time that fits may take
PATIENCE = 2.0  # seconds to end in good order; then it just ends
Pairs = dict[tuple[str, str], tuple[float, int]]  # what one has scored against the other, and in how many games


@dataclass(frozen=True)
class Opened:
    """The tournament begins, or goes on where it was."""

    title: str
    extent: tuple[float, float]
    agents: tuple[str, ...]
    total: int  # games
    stored: int  # of them, before


@dataclass(frozen=True)
class Boards:
    """The games under way, by table: a game comes and goes, its table stays."""

    tables: dict[int, Board]


@dataclass(frozen=True)
class Standings:
    """How everybody stands, after `played` games."""

    played: int
    seconds: float  # since it was opened
    players: tuple[Rating, ...] = ()  # best first; those who have played
    anchor: str = ""
    pairs: Pairs | None = None


@dataclass(frozen=True)
class Over:
    """All games are played."""


Word = Opened | Boards | Standings | Over | Failed


def serve(event: Event, store: str | None, workers: int, pipe: Connection) -> None:
    """Play what is missing of `event`; tell it until the end, or until told to leave."""
    leave_with_parent()
    hall = Hall(event, pipe.send)
    door = threading.Thread(target=hall.await_leave, args=(pipe,), daemon=True)
    door.start()
    try:
        with redirect_stdout(sys.stderr), Store.open(store) as kept:  # where agents print, it does no harm
            hall.hold(kept, workers)
    except (BrokenPipeError, ConnectionResetError):
        return
    except BaseException as error:
        text = str(error) if isinstance(error, ArenaError) else f"{type(error).__name__}: {error}"
        hall.say(Failed(text.partition("\n")[0]))
    hall.left.result()  # what was said last may not have been read yet


class Hall:
    """A tournament and what is told of it."""

    def __init__(self, event: Event, say: Callable[[Word], None]) -> None:
        self.event, self._say = event, say
        self.records: list[Record] = []
        self.left = Future[None]()
        self._storing = threading.Lock()
        self._saying = threading.Lock()
        self._workers: dict[int, Sequence[Board]] = {}
        self._told = self._fitted = self._fit_cost = 0.0
        self._begun = time.monotonic()

    def await_leave(self, pipe: Connection) -> None:
        """Leave as soon as the window says so or is gone, but not in the midst of storing."""
        with suppress(EOFError, OSError):
            pipe.recv()
        self.left.set_result(None)
        time.sleep(PATIENCE)
        with self._storing:
            os._exit(0)

    def say(self, word: Word) -> None:
        """Tell the window; several threads do."""
        with self._saying:
            self._say(word)

    def hold(self, store: Store, workers: int) -> None:
        """Play all that is missing."""
        event = self.event
        number = store.event(event.key, event.kind, event.game, event.settings)
        wanted = {seating.number for seating in event.seatings()}
        stored = [game for game in store.records(event=number) if game.number in wanted]
        self.records = [game.record for game in stored]
        game = seated(make_game(event.game), 2)
        title = str(getattr(game, "title", game.name))
        self.say(Opened(title, game.extent, event.agents, len(wanted), len(stored)))
        self._tell_standings()
        with closing(run(event, {game.number for game in stored}, workers, self.see, self.left)) as games:
            for finished in games:
                with self._storing:
                    store.add_many(number, finished)
                self.records += [record for _, record in finished]
                if time.monotonic() - self._fitted > max(FIT_SECONDS, self._fit_cost / FIT_SHARE):
                    self._tell_standings()
        if not self.left.done():
            self._tell_standings()
            self.say(Over())

    def see(self, worker: int, boards: Sequence[Board]) -> None:
        """A worker shows its boards."""
        self._workers[worker] = boards
        now = time.monotonic()
        if now - self._told >= SECONDS or all(not board.acting for board in boards):
            self._told = now
            rows = [(CHUNK * place, boards) for place, boards in enumerate(self._workers.values())]
            self.say(Boards({first + row: board for first, boards in rows for row, board in enumerate(boards)}))

    def _tell_standings(self) -> None:
        begin = time.monotonic()
        said: dict[str, Any] = {}
        if self.records:
            played = {name for record in self.records for name in record.agents}
            ratings = fit(tally(self.records), "random" if "random" in played else None)
            said = {"players": ratings.players, "anchor": ratings.anchor, "pairs": crossed(self.records)}
        self.say(Standings(len(self.records), begin - self._begun, **said))
        self._fitted = time.monotonic()
        self._fit_cost = self._fitted - begin


def crossed(records: Sequence[Record]) -> Pairs:
    """Who has scored what against whom."""
    points, games = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for record in records:
        for seat, pair in enumerate((record.agents, record.agents[::-1])):
            points[pair[0], pair[1]] += record.points[seat]  # type: ignore[assignment]
            games[pair[0], pair[1]] += 1
    return {pair: (points[pair], games[pair]) for pair in games}
