"""Games as files: JSON of our own for every game, PGN for chess, SGF for games of two who move in turn.

Reading plays the moves through under the rules, so a file cannot claim what did not happen; who resigned is believed.
A file loads nothing: games that are programs of somebody's own are refused (`score.harmless`).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from arena import pgn, sgf
from arena.record import Record
from arena.report import file_name
from arena.score import AGREED, UNFINISHED, Score, replayed
from arena.store import Store
from games.core.errors import ArenaError
from games.core.specs import parse

FORMAT = 1  # of the JSON


class Notation(NamedTuple):
    """A way to write games down."""

    split: Callable[[str], list[str]]  # the text of each game
    read: Callable[[str], Record]  # raises ArenaError, as does
    write: Callable[[Record], str]


def read_game(path: str | Path) -> Record:
    """The game in a file, finished or not: `games.pgn#2` is the second, `games.pgn` the first. Raises ArenaError."""
    games, notation = _games(path)
    return _read(notation, *games[0])


def others(path: str | Path) -> str:
    """What there is to say where a name stands for several games, of which the first is taken. Raises ArenaError."""
    games, _ = _games(path)
    return f"{Path(path).name} holds {len(games)} games: this is {games[0][0]}" if len(games) > 1 else ""


def find_game(store: Store, name: str | None) -> Record:
    """A stored game by its number, by default the last, or the game in a file. Raises ArenaError."""
    if name is None or name.isdecimal():
        return stored_game(store, None if name is None else int(name))
    return read_game(name)


def stored_game(store: Store, number: int | None) -> Record:
    """The game of that number, by default the last. Raises ArenaError."""
    number = store.last_id() if number is None else number
    if number is None:
        raise ArenaError("no game is stored yet")
    if number >= 2**62:
        raise ArenaError(f"there is no game {number}")
    return store.record(number)


def write_game(path: str | Path, record: Record) -> None:
    """Write a game in the notation that the file's ending names. Raises ArenaError."""
    target = Path(path)
    text = _notation(target).write(record)
    part = target.with_name(target.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    except OSError as error:
        raise ArenaError(f"cannot write {target}: {(error.strerror or str(error)).lower()}")


def export_game(record: Record, folder: Path) -> Path:
    """Write a game under a name of its own: in the notation that other programs read, if there is one for it, else as
    JSON; the file. Raises ArenaError."""
    spec, number = parse(record.game), 1
    standard = ".pgn" if record.game == pgn.CHESS else ".sgf" if spec.world is None and spec.name in sgf.KINDS else ""
    ending = standard or ".json"
    while (path := folder / f"{file_name(record.game)}-{number}{ending}").exists():
        number += 1
    write_game(path, record)
    return path


def import_games(store: Store, path: str | Path) -> Iterator[tuple[str, Record | ArenaError | None]]:
    """Store the games in a file: what each is called, and the game; None, and nothing changes, if it was imported
    before; the error if it cannot be."""
    try:
        games, notation = _games(path)
    except ArenaError as error:
        yield str(path), error
        return
    for name, text in games:
        try:
            yield name, _import(store, _read(notation, name, text), name)
        except ArenaError as error:
            yield name, error


def _import(store: Store, record: Record, name: str) -> Record | None:
    if record.reason == UNFINISHED:
        raise ArenaError(f"{name}: the game is not finished, so it cannot be counted; arena replay shows it")
    told = json.dumps(record.to_json(), sort_keys=True)
    key = f"import {hashlib.sha256(told.encode()).hexdigest()[:16]}"
    return record if store.add(store.event(key, "import", record.game, {}), 0, record) else None


def _games(path: str | Path) -> tuple[list[tuple[str, str]], Notation]:
    """The name and the text of each game that a path stands for. Raises ArenaError."""
    numbered = None if Path(path).exists() else re.fullmatch(r"(.+)#(\d{1,9})", str(path), re.DOTALL)
    source = Path(numbered[1] if numbered else path)
    notation = _notation(source)
    try:
        text = source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = source.read_text(encoding="latin-1")
    except OSError as error:
        raise ArenaError(f"cannot read {source}: {(error.strerror or str(error)).lower()}")
    texts = notation.split(text)
    games = [
        (f"{source.name}#{number}" if len(texts) > 1 else source.name, each) for number, each in enumerate(texts, 1)
    ]
    if numbered is None:
        return games, notation
    if not 1 <= int(numbered[2]) <= len(games):
        raise ArenaError(f"{Path(path).name}: the file holds {len(games)} {'game' if len(games) == 1 else 'games'}")
    return [games[int(numbered[2]) - 1]], notation


def _read(notation: Notation, name: str, text: str) -> Record:
    try:
        return notation.read(text)
    except ArenaError as error:
        raise ArenaError(f"{name}: {error}")


def _notation(path: Path) -> Notation:
    """How games are written in such a file. Raises ArenaError."""
    found = {
        ".json": Notation(lambda text: [text], _from_json, _to_json),
        ".pgn": Notation(pgn.split, lambda text: replayed(pgn.read(text)), pgn.write),
        ".sgf": Notation(sgf.split, lambda text: replayed(sgf.read(text)), sgf.write),
    }
    if path.suffix.lower() not in found:
        raise ArenaError(f"{path.name}: games are kept in {', '.join(found)} files")
    return found[path.suffix.lower()]


def _to_json(record: Record) -> str:
    return json.dumps({"format": FORMAT, **record.to_json()}, indent=1) + "\n"


def _from_json(text: str) -> Record:
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
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
