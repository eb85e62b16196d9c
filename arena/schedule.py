"""Who meets whom, and playing it out over worker processes.

A game's seating and seeds follow from its number alone, so the records are the same however many processes play
them, and a tournament that was killed goes on with the numbers that are missing.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations, islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from typing import Any

from arena.boards import Board, Watcher
from arena.match import Seating, check_seats, play
from arena.record import Record
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.registry import make_game, marked
from games.core.seeds import derive
from games.core.specs import parse

MOST = 1_000_000  # games a pair
CHUNK = 8  # games that a worker plays in lockstep
Numbered = tuple[int, Record]
Seen = Callable[[int, Sequence[Board]], None]  # hears which worker's boards these are, about ten times a second


@dataclass(frozen=True)
class Event:
    """A round robin: every pair plays `games`, each opening from both seats."""

    kind: str  # 'match' or 'tournament'
    game: str
    agents: tuple[str, ...]
    games: int  # a pair
    seed: int
    opening: int  # plies drawn at random before the agents take over

    @classmethod
    def of(
        cls, kind: str, game: str, agents: Sequence[str], games: int, seed: int, opening: int | None = None
    ) -> Event:
        """An event with its specs written the one way. Raises ArenaError for what cannot be."""
        names = [str(marked(parse(agent))) for agent in agents]
        made = seated(make_game(game), 2)
        if made.seats != 2:
            raise ArenaError(f"{made.name} has {made.seats} seats: only games for two can be matched")
        if not 1 <= games <= MOST:
            raise ArenaError(f"--games {games}: a pair plays at least one game and at most {MOST:,}")
        if len(set(names)) < len(names) and kind == "tournament":
            raise ArenaError(f"{next(n for n in names if names.count(n) > 1)} is entered twice")
        if len(names) < 2:
            raise ArenaError("a tournament needs at least two agents")
        alike = made.tick is None and not made.outcomes  # equal agents would play equal games
        plies = 2 * alike if opening is None else opening
        if not 0 <= plies <= made.max_plies // 2:
            raise ArenaError(f"--opening {plies}: {made.name} can have 0 to {made.max_plies // 2} random plies")
        event = cls(kind, made.name, tuple(names), games, seed, plies)
        check_seats(made, make_agents(names))
        return event

    @property
    def key(self) -> str:
        """Equal for events whose games with equal numbers are equal; more `games` continue an event."""
        parts = [self.kind, self.game, self.agents, self.seed, self.opening]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"agents": self.agents, "games": self.games, "seed": self.seed, "opening": self.opening}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return list(combinations(self.agents, 2))

    @property
    def alone(self) -> bool:
        """Whether its games are score duels."""
        return make_game(self.game).seats == 1

    def seatings(self) -> Iterator[Seating]:
        """All games, round by round, so that at any moment all pairs have played about as often."""
        pairs = self.pairs
        alone = self.alone  # then to change seats changes nothing: every duel has its own seed
        for start in range(0, self.games, 2):
            for p, (first, second) in enumerate(pairs):
                for k in range(start, min(start + 2, self.games)):
                    seats = (first, second) if k % 2 == 0 else (second, first)
                    seed = derive(self.seed, first, second, k if alone else k // 2)
                    yield Seating(seats, seed, number=k * len(pairs) + p, opening=self.opening)


def make_agents(names: Iterable[str]) -> dict[str, Any]:
    """The agents by name. Raises ArenaError."""
    from agents.core.registry import make_agent

    return {name: make_agent(name) for name in names}


def run(
    event: Event, done: set[int], workers: int = 1, seen: Seen | None = None, until: Future[None] | None = None
) -> Generator[list[Numbered], None, None]:
    """Play what is not `done`; yields the games as they end, some at a time, in no particular order. `seen` is shown
    the boards meanwhile, from another thread where there are several workers; those stop at once when `until` is
    done."""
    left = [seating for seating in event.seatings() if seating.number not in done]
    chunks = _chunks(left, workers)
    if not chunks:
        return
    if workers <= 1:
        game, agents = seated(make_game(event.game), 2), make_agents(event.agents)
        watcher = None if seen is None else Watcher(game, lambda boards: seen(os.getpid(), boards))
        for chunk in chunks:
            yield _numbered(chunk, play(game, agents, chunk, seen=watcher))
        for agent in agents.values():
            agent.close()
        return
    yield from _in_processes(event, chunks, min(workers, len(chunks)), seen, until)


def _chunks(seatings: Sequence[Seating], workers: int) -> list[list[Seating]]:
    """Games of one pair together; smaller towards the end, so that no worker is left alone for long."""
    by_pair: dict[frozenset[str], list[Seating]] = {}
    chunks: list[list[Seating]] = []
    size = max(1, min(CHUNK, len(seatings) // (4 * workers))) if workers > 1 else CHUNK
    for seating in seatings:
        waiting = by_pair.setdefault(frozenset(seating.agents), [])
        waiting.append(seating)
        if len(waiting) == size:
            chunks.append(waiting)
            by_pair[frozenset(seating.agents)] = []
    return chunks + [chunk for chunk in by_pair.values() if chunk]


def _numbered(chunk: Sequence[Seating], records: Sequence[Record]) -> list[Numbered]:
    return [(seating.number, record) for seating, record in zip(chunk, records, strict=True)]


# -- worker processes ----------------------------------------------------------------------------------------------

_seated: tuple[Game, dict[str, Any]] | None = None
_watcher: Watcher | None = None


def _begin(game: str, agents: Sequence[str], sight: tuple[Connection, Any] | None) -> None:
    """In a new worker: make everything once, one thread each, and leave when the parent does, however it ends.

    `sight`: where boards are to be shown, and the lock of that pipe."""
    global _seated, _watcher
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    _seated = seated(make_game(game), 2), make_agents(agents)
    if sight is not None:
        pipe, lock = sight

        def show(boards: Sequence[Board]) -> None:
            with lock, suppress(OSError):
                pipe.send((os.getpid(), boards))

        _watcher = Watcher(_seated[0], show)


def _play(chunk: Sequence[Seating]) -> list[Numbered]:
    assert _seated is not None
    return _numbered(chunk, play(*_seated, chunk, seen=_watcher))


def _forward(pipe: Connection, seen: Seen) -> None:
    """Hand on the boards that workers show, until the last of them has gone."""
    with suppress(EOFError, OSError):
        while True:
            seen(*pipe.recv())


def _in_processes(
    event: Event, chunks: Sequence[list[Seating]], workers: int, seen: Seen | None, until: Future[None] | None
) -> Iterator[list[Numbered]]:
    waiting, context = iter(chunks), get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    sight = None if seen is None else (writer, context.Lock())
    pool = ProcessPoolExecutor(workers, context, _begin, (event.game, event.agents, sight))
    running: set[Future[list[Numbered]]] = set()
    until = until or Future()
    try:
        running |= {pool.submit(_play, chunk) for chunk in islice(waiting, 2 * workers)}
        writer.close()  # the workers have theirs: when the last of them ends, so does the pipe
        if seen is not None:
            threading.Thread(target=_forward, args=(reader, seen), daemon=True).start()
        while running and not until.done():
            awaited: list[Future[Any]] = [*running, until]
            wait(awaited, return_when=FIRST_COMPLETED)
            ended = {future for future in running if future.done()}
            running -= ended
            running |= {pool.submit(_play, chunk) for chunk in islice(waiting, len(ended))}
            for future in ended:
                yield future.result()
    except BrokenProcessPool:
        raise ArenaError("a worker process died; what was played is stored, and the same command goes on from there")
    finally:
        for future in running:
            future.cancel()
        with suppress(Exception):
            for process in list((pool._processes or {}).values()):
                process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)
