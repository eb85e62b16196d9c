"""Games as files: JSON of our own for every game, PGN for chess, SGF for games of two who move in turn.

Reading plays the moves through under the rules, so a file cannot claim what did not happen; who resigned is believed.
A file loads nothing: games that are programs of somebody's own are refused (`score.harmless`).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from arena import pgn, sgf
from arena.record import Record
from arena.score import AGREED, UNFINISHED, Score, replayed
from arena.store import Store
from games.core.errors import ArenaError

FORMAT = 1  # of the JSON


def read_game(path: str | Path) -> Record:
    """The first game in a file, finished or not. Raises ArenaError."""
    source = Path(path)
    read = _reader(source)
    try:
        text = source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = source.read_text(encoding="latin-1")
    except OSError as error:
        raise ArenaError(f"cannot read {source}: {(error.strerror or str(error)).lower()}")
    try:
        return read(text)
    except ArenaError as error:
        raise ArenaError(f"{source.name}: {error}")


def write_game(path: str | Path, record: Record) -> None:
    """Write a game in the notation that the file's ending names. Raises ArenaError."""
    target = Path(path)
    _reader(target)
    text = {".json": _to_json, ".pgn": pgn.write, ".sgf": sgf.write}[target.suffix.lower()](record)
    part = target.with_name(target.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    except OSError as error:
        raise ArenaError(f"cannot write {target}: {(error.strerror or str(error)).lower()}")


def import_game(store: Store, path: str | Path) -> Record | None:
    """Store the game in a file; None, and nothing changes, if it was imported before. Raises ArenaError."""
    record = read_game(path)
    if record.reason == UNFINISHED:
        raise ArenaError(f"{Path(path).name}: the game is not finished, so it cannot be counted; arena replay shows it")
    told = json.dumps(record.to_json(), sort_keys=True)
    key = f"import {hashlib.sha256(told.encode()).hexdigest()[:16]}"
    return record if store.add(store.event(key, "import", record.game, {}), 0, record) else None


def _reader(path: Path) -> Callable[[str], Record]:
    """How to read what such a file holds."""
    readers: dict[str, Callable[[str], Record]] = {
        ".json": _from_json,
        ".pgn": lambda text: replayed(pgn.read(text)),
        ".sgf": lambda text: replayed(sgf.read(text)),
    }
    if path.suffix.lower() not in readers:
        raise ArenaError(f"{path.name}: games are kept in {', '.join(readers)} files")
    return readers[path.suffix.lower()]


def _to_json(record: Record) -> str:
    return json.dumps({"format": FORMAT, **record.to_json()}, indent=1) + "\n"


def _from_json(text: str) -> Record:
    try:
        data = json.loads(text)
        if data.pop("format", None) != FORMAT:
            raise ArenaError(f"not a game of format {FORMAT}")
        told = Record.from_json(data)
        _check_types(told)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise ArenaError(f"not a game: {' '.join(str(error).split())}")
    forfeit = None if told.forfeit is None else (told.forfeit, told.reason.removeprefix("forfeit: "))
    found = replayed(Score(told.game, told.agents, told.plays, told.seed, forfeit, told.reason == AGREED))
    if (found.returns, found.points, found.forfeit) != (told.returns, told.points, told.forfeit):
        raise ArenaError("its moves do not lead to the result it tells")
    return replace(found, opening=told.opening, values=told.values, seconds=told.seconds)


def _check_types(record: Record) -> None:
    """Raises ValueError for what the rest of the program must not meet."""
    numbers = [*record.seconds, *(value for value in record.values if value is not None)]
    good = (
        isinstance(record.game, str)
        and all(isinstance(agent, str) and agent.isprintable() for agent in record.agents)
        and isinstance(record.seed, int)
        and 0 <= record.seed < 2**64
        and isinstance(record.reason, str)
        and record.forfeit in (None, *range(len(record.agents)))
        and record.opening in range(len(record.plays) + 1)
        and len(record.values) in (0, len(record.plays))
        and len(record.seconds) in (0, len(record.agents))
        and all(isinstance(number, int | float) and math.isfinite(number) for number in numbers)
    )
    if not good:
        raise ValueError("a field is not what it should be")
