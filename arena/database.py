"""Opening a database: where it lies, how SQLite is set up, and what its errors mean in plain words.

SQLite runs in write-ahead-log mode, in which readers and the one writer do not block each other, and takes the write
lock when a transaction begins rather than at its first write: a transaction that has read and then wants to write
cannot be made to wait, it can only fail (https://www.sqlite.org/isolation.html).
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from games.core.errors import ArenaError

_CHECKED_BYTES = 64 << 20  # files up to this size are checked whole when opened, in about 0.1 s

_SQLITE_ERRORS = {  # primary result codes, https://www.sqlite.org/rescode.html
    sqlite3.SQLITE_FULL: "the disk is full; nothing stored before is lost",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written, or is full; nothing stored before is lost",
    sqlite3.SQLITE_BUSY: "another program has kept it locked for too long; try again",
    sqlite3.SQLITE_LOCKED: "another program has kept it locked for too long; try again",
    sqlite3.SQLITE_NOTADB: "the file is not an arena store, or is corrupt",
    sqlite3.SQLITE_CORRUPT: "the file is corrupt",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: the file or its folder is missing, full, or not yours to write",
    sqlite3.SQLITE_READONLY: "no permission to write to the file or its folder",
    sqlite3.SQLITE_PERM: "no permission to write to the file or its folder",
}


def data_folder() -> Path:
    """Where a user's stores and runs go: $ARENA_HOME, else the platform's folder for application data."""
    if home := os.environ.get("ARENA_HOME"):
        return Path(home).expanduser()
    if sys.platform == "win32":
        parent = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        parent = Path.home() / "Library" / "Application Support"
    else:
        parent = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(parent) / "planning-arena"


def locate(target: str | Path | None) -> sa.URL:
    """The database that a file name or an SQLAlchemy URL stands for; None: `arena.db` in the data folder."""
    if isinstance(target, str) and "://" in target:
        try:
            return sa.make_url(target)
        except (sa.exc.ArgumentError, ValueError):
            raise ArenaError(f"store '{target}' is neither a file nor a URL such as postgresql://user@host/name")
    path = data_folder() / "arena.db" if target is None else Path(target).expanduser()
    return sa.URL.create("sqlite", database=str(path.absolute()))


def describe(url: sa.URL) -> str:
    """How messages name the database: its file, or its URL without the password."""
    return url.database if url.get_backend_name() == "sqlite" and url.database else url.render_as_string()


@contextmanager
def plain_errors(where: str) -> Iterator[None]:
    """Turn what the database or the system refuses into one line. IntegrityError passes: it is not the user's."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except sa.exc.NoSuchModuleError:
        raise ArenaError(f"store {where}: SQLAlchemy has no dialect of that name here")
    except ImportError as error:
        raise ArenaError(f"store {where}: the driver is not installed ({error})")
    except sa.exc.DBAPIError as error:
        raise ArenaError(f"store {where}: {_meaning(error.orig)}")
    except (sqlite3.Error, sa.exc.SQLAlchemyError) as error:
        raise ArenaError(f"store {where}: {_meaning(error)}")
    except OSError as error:
        raise ArenaError(f"store {where}: {(error.strerror or str(error)).lower()}")


def _meaning(error: BaseException | None) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _SQLITE_ERRORS:
        return _SQLITE_ERRORS[code & 0xFF]
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def open_engine(url: sa.URL, *, create: bool, timeout: float) -> sa.Engine:
    """An engine whose `begin` option `write=True` takes the write lock at once.

    A file is only looked at: `enable_log` is what first changes it. Raises ArenaError.
    """
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url)
    where = describe(url)
    if url.database and url.database != ":memory:" and not url.query:
        path = Path(url.database)
        if path.is_dir():
            raise ArenaError(f"store {where} is a folder, not a file")
        if not path.exists() and not create:
            raise ArenaError(f"store {where} does not exist yet")
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": timeout})
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver begins no transaction of its own; `_on_begin` does
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")  # a game reported as stored survives a power cut


def _on_begin(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def check_file(engine: sa.Engine) -> None:
    """Refuse a damaged SQLite file before anything is written to it. Raises sqlite3.DatabaseError."""
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or not os.path.isfile(path):
        return
    if 0 < os.path.getsize(path) <= _CHECKED_BYTES:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise sqlite3.DatabaseError(f"the file is corrupt ({' '.join(str(found).split())})")


def enable_log(engine: sa.Engine, timeout: float) -> None:
    """Put an SQLite file into write-ahead-log mode, for good; where it cannot be (in memory), it stays as it is."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        deadline = time.monotonic() + timeout
        while True:
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:  # SQLite does not wait by itself for this lock
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
    finally:
        connection.close()
