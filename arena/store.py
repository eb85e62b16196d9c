"""The log of all finished games: SQLite by default, or any database SQLAlchemy knows.

A game is stored in the transaction that counts it, and at most once: (event, number) names it. Ratings are computed
from this log and never kept in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from arena.database import check_file, describe, enable_log, locate, open_engine, plain_errors
from arena.ratings import Result
from arena.record import Record
from arena.schema import EVENTS, FORMAT, FORMATS, GAMES, META, SEATS, dumps, game_row, seat_rows, to_record
from games.core.errors import ArenaError

BRANCH = "branch"  # the kind of events whose games began in the midst of another, and are not rated


@dataclass(frozen=True)
class StoredGame:
    """A game with its place in the log."""

    id: int
    event: int
    number: int  # within the event
    finished: datetime  # UTC
    record: Record


@dataclass(frozen=True)
class GameSummary:
    """How much of one game the log holds."""

    game: str  # spec
    played: int
    last: datetime  # when the last of them was stored, UTC


class Store:
    """The log. Any number of processes may have it open; each makes its own object (do not carry one over a fork).

    Every method raises ArenaError where the database refuses: locked, full, corrupt, no permission, no connection.
    What was stored before stays stored.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self.where = describe(engine.url)

    @classmethod
    def open(cls, target: str | Path | None = None, *, create: bool = True, timeout: float = 30.0) -> Store:
        """The store at `target`: a file, an SQLAlchemy URL, or None for the user's own.

        With create=False a file that is not there is an error. `timeout`: seconds to wait for another's lock.
        """
        url = locate(target)
        with plain_errors(describe(url)):
            store = cls(open_engine(url, create=create, timeout=timeout))
            try:
                check_file(store._engine)
                fresh = store._is_fresh(store._engine)
                enable_log(store._engine, timeout)
                if fresh:
                    store._create()
            except BaseException:
                store.close()
                raise
        return store

    def _is_fresh(self, bind: sa.Engine | sa.Connection) -> bool:
        """Whether the tables are still to be made. Raises ArenaError if this is no store, or a newer one."""
        inspector = sa.inspect(bind)
        if not inspector.has_table(FORMATS.name):
            tables = set(inspector.get_table_names())
            if tables & set(META.tables) or (tables and bind.dialect.name == "sqlite"):
                raise ArenaError(f"store {self.where}: this database belongs to another program")
            return True
        with self._reading() if isinstance(bind, sa.Engine) else _same(bind) as connection:
            number = connection.scalar(sa.select(FORMATS.c.number)) or 0
        if number > FORMAT:
            raise ArenaError(f"store {self.where} has format {number}; this version reads up to {FORMAT}: update it")
        return False

    def _create(self) -> None:
        try:
            with self._writing() as connection:
                if self._is_fresh(connection):  # another process may have been quicker
                    META.create_all(connection)
                    connection.execute(FORMATS.insert().values(number=FORMAT))
        except (ArenaError, sa.exc.IntegrityError):  # as it may elsewhere, where no lock is held while tables are made
            if self._is_fresh(self._engine):
                raise

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with plain_errors(self.where), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with plain_errors(self.where), self._engine.execution_options(write=True).begin() as connection:
            yield connection

    def event(self, key: str, kind: str, game: str, settings: Mapping[str, Any]) -> int:
        """The id of the event (a tournament, match or evening of play) with this key, made if there is none."""
        row = {"key": key, "kind": kind, "game": game, "settings": dumps(settings), "created": _now()}
        find = sa.select(EVENTS.c.id).where(EVENTS.c.key == key)
        try:
            with self._writing() as connection:
                found = connection.scalar(find)
                return found if found is not None else _inserted(connection.execute(EVENTS.insert(), row))
        except sa.exc.IntegrityError:  # another process was quicker, on a database that locks rows only
            with self._reading() as connection:
                return int(connection.scalar(find) or 0)

    def done(self, event: int) -> set[int]:
        """The numbers of the event's games that are stored."""
        with self._reading() as connection:
            return set(connection.scalars(sa.select(GAMES.c.number).where(GAMES.c.event == event)))

    def add(self, event: int, number: int, record: Record) -> bool:
        """Store a game as the event's `number`. False, and nothing changes, if that number is stored already."""
        return self.add_many(event, [(number, record)]) == 1

    def add_many(self, event: int, games: Iterable[tuple[int, Record]]) -> int:
        """Store (number, record) pairs in one transaction, all or none; how many were not stored before."""
        wanted = dict(games)
        for attempt in range(5):
            try:
                with self._writing() as connection:
                    return self._insert(connection, event, wanted)
            except sa.exc.IntegrityError:  # another process stored one of them meanwhile (not on SQLite)
                if attempt == 4:
                    raise
        raise AssertionError("unreachable")

    def _insert(self, connection: sa.Connection, event: int, wanted: Mapping[int, Record]) -> int:
        if not wanted:
            return 0
        game = connection.scalar(sa.select(EVENTS.c.game).where(EVENTS.c.id == event))
        if strange := {record.game for record in wanted.values()} - {game}:
            raise ValueError(f"event {event} is about {game}, not {strange}")
        span = GAMES.c.number.between(min(wanted), max(wanted))
        stored = set(connection.scalars(sa.select(GAMES.c.number).where(GAMES.c.event == event, span)))
        seats, finished = [], _now()
        for number in sorted(wanted.keys() - stored):
            record = wanted[number]
            row = game_row(record) | {"event": event, "number": number, "finished": finished}
            game_id = _inserted(connection.execute(GAMES.insert(), row))
            seats += [row | {"game": game_id} for row in seat_rows(record)]
        if seats:
            connection.execute(SEATS.insert(), seats)
        return len(wanted.keys() - stored)

    def records(
        self,
        *,
        event: int | None = None,
        game: str | None = None,
        agent: str | None = None,
        newest: bool = True,
        limit: int | None = None,
    ) -> list[StoredGame]:
        """Stored games of an event, a game (spec), an agent; newest first, else by event and number."""
        query = sa.select(GAMES, EVENTS.c.game.label("spec")).join(EVENTS, EVENTS.c.id == GAMES.c.event)
        if event is not None:
            query = query.where(GAMES.c.event == event)
        if game is not None:
            query = query.where(EVENTS.c.game == game)
        if agent is not None:
            query = query.where(GAMES.c.id.in_(sa.select(SEATS.c.game).where(SEATS.c.agent == agent)))
        order = [GAMES.c.id.desc()] if newest else [GAMES.c.event, GAMES.c.number]
        return self._fetch(query.order_by(*order).limit(limit))

    def record(self, game_id: int) -> Record:
        """One game by its id. Raises ArenaError if there is none."""
        query = sa.select(GAMES, EVENTS.c.game.label("spec")).join(EVENTS, EVENTS.c.id == GAMES.c.event)
        found = self._fetch(query.where(GAMES.c.id == game_id))
        if not found:
            raise ArenaError(f"store {self.where} has no game {game_id}")
        return found[0].record

    def _fetch(self, query: sa.Select) -> list[StoredGame]:
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
            seats: dict[int, list[sa.RowMapping]] = {row["id"]: [] for row in rows}
            ids = list(seats)
            for start in range(0, len(ids), 500):  # databases bound the number of parameters
                part = SEATS.c.game.in_(ids[start : start + 500])
                for seat in connection.execute(sa.select(SEATS).where(part).order_by(SEATS.c.seat)).mappings():
                    seats[seat["game"]].append(seat)
        return [self._stored(row, seats[row["id"]]) for row in rows]

    def _stored(self, row: sa.RowMapping, seats: list[sa.RowMapping]) -> StoredGame:
        try:
            record = to_record(row, seats)
            finished = datetime.fromisoformat(row["finished"])
        except (ValueError, TypeError):
            raise ArenaError(f"store {self.where}: game {row['id']} is damaged")
        return StoredGame(row["id"], row["event"], row["number"], finished, record)

    def last_id(self, game: str | None = None) -> int | None:
        """The id of the newest game (of the game `game`); None if there is none."""
        query = sa.select(sa.func.max(GAMES.c.id))
        if game is not None:
            query = query.join(EVENTS, EVENTS.c.id == GAMES.c.event).where(EVENTS.c.game == game)
        with self._reading() as connection:
            last: int | None = connection.scalar(query)
        return last

    def results(self, game: str) -> list[Result]:
        """What every ordered pair of agents scored in all two-seat games of `game`, for `ratings.fit`; but for those
        that were played on from a ply of another."""
        first, second = SEATS.alias("first"), SEATS.alias("second")
        points = first.c.points - second.c.points
        counts = [sa.func.sum(sa.case((when, 1), else_=0)) for when in (points > 0, points == 0, points < 0)]
        query = (
            sa.select(first.c.agent, second.c.agent, *counts)
            .select_from(EVENTS)
            .join(GAMES, GAMES.c.event == EVENTS.c.id)
            .join(first, sa.and_(first.c.game == GAMES.c.id, first.c.seat == 0))
            .join(second, sa.and_(second.c.game == GAMES.c.id, second.c.seat == 1))
            .where(EVENTS.c.game == game, GAMES.c.seats == 2, EVENTS.c.kind != BRANCH)
            .group_by(first.c.agent, second.c.agent)
            .order_by(first.c.agent, second.c.agent)
        )
        with self._reading() as connection:
            return [Result(a, b, int(w), int(d), int(l)) for a, b, w, d, l in connection.execute(query)]

    def games(self) -> list[GameSummary]:
        """Which games the log holds and how many of each, most played first."""
        count = sa.func.count(GAMES.c.id).label("played")
        query = (
            sa.select(EVENTS.c.game, count, sa.func.max(GAMES.c.finished))
            .join(GAMES, GAMES.c.event == EVENTS.c.id)
            .group_by(EVENTS.c.game)
            .order_by(count.desc(), EVENTS.c.game)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [GameSummary(game, played, datetime.fromisoformat(last)) for game, played, last in rows]


@contextmanager
def _same(connection: sa.Connection) -> Iterator[sa.Connection]:
    yield connection


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _inserted(result: sa.CursorResult) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])
