"""Positions whose best moves are known: drawn at random and judged, or read from Pons' files; kept in the cache.

What is kept follows from the game, the seed, the size and the judge alone, so it never has to be made twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from arena.analysis import read_lines
from arena.judges import PONS, Judge, Scores, judge_of
from games.core.errors import ArenaError
from games.core.game import Bool, Game, Int, Positions
from games.core.kernels import cache_folder
from games.core.position import Position
from games.core.registry import make_game
from games.core.seeds import derive

FORMAT = 1  # of what is kept; goes up with every change of how positions are drawn
PLAYOUTS = 2048  # at a time
TAKEN = 8  # positions of one number of plies at a time
STALE = 100  # rounds without a new position: there are no more
Plays = Int  # [P] the actions that lead to a position
Found = dict[str, list[tuple[Plays, int, Bool]]]  # a bin: its positions, their scores, and the mistakes there [actions]
Heard = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


@dataclass(frozen=True)
class Solved:
    """N positions of a game, what they are worth, and which moves there are mistakes."""

    game: str
    judge: str
    bins: tuple[str, ...]
    bin: npt.NDArray[np.int64]  # [N] an index into `bins`
    plies: npt.NDArray[np.int64]  # [N] how long each history is
    plays: Int  # [N, P] the actions from the start, then -1
    scores: Scores  # [N] the seat to act wins above 0 and draws at 0
    mistakes: Bool  # [N, actions] the legal actions that give away a win, or a draw

    def first(self, count: int) -> Solved:
        """The first `count` positions of each bin."""
        rows = np.concatenate([np.flatnonzero(self.bin == b)[:count] for b in range(len(self.bins))])
        arrays = {key: getattr(self, key)[rows] for key in ("bin", "plies", "plays", "scores", "mistakes")}
        return replace(self, **arrays)


def silent(what: str, done: int, total: int) -> None:
    """Nobody is told."""


def draw(game: Game, per_bin: int = 200, seed: int = 0, heard: Heard = silent) -> Solved:
    """`per_bin` positions of each bin of the game, fewer if there are no more; distinct, none of them over.

    They come from random play, every number of plies of a stage as likely as the next. Raises ArenaError if the game
    has no judge, or the judge is not installed."""
    judge = judge_of(game)
    file = _file(f"{game.name} {judge.name} {seed} {per_bin}")
    return _load(file) or _keep(file, _draw(game, judge, per_bin, seed, heard))


def _draw(game: Game, judge: Judge, per_bin: int, seed: int, heard: Heard) -> Solved:
    found: Found = {name: [] for _, bins in judge.stages for name in bins}
    for number, (plies, bins) in enumerate(judge.stages):
        generator = np.random.default_rng(derive(seed, "positions", number))
        seen: set[bytes] = set()
        stale = 0
        while stale < STALE and any(len(found[name]) < per_bin for name in bins):
            ply = int(generator.choice(plies))
            plays, rows = _new(game, ply, generator, seen)
            scores = judge.scores(rows)
            room = {name: per_bin - len(found[name]) for name in bins}
            wanted: dict[int, str] = {}
            for i, score in enumerate(scores.tolist()):
                name = judge.bin(rows[i : i + 1], ply, score)
                if name is not None and room.get(name, 0) > 0:
                    wanted[i] = name
                    room[name] -= 1
            stale = 0 if wanted else stale + 1
            if wanted:
                mistakes = judge.mistakes(rows[list(wanted)], scores[list(wanted)])
                for (i, name), wrong in zip(wanted.items(), mistakes, strict=True):
                    found[name].append((plays[i], int(scores[i]), wrong))
            heard("solving positions", sum(map(len, found.values())), per_bin * len(found))
    return _solved(game, judge, found)


def _new(game: Game, ply: int, generator: np.random.Generator, seen: set[bytes]) -> tuple[Int, Positions]:
    """Up to TAKEN positions [B] after `ply` plies of random play that are not in `seen`, and how they came about."""
    plays, rows, seats = _playouts(game, ply, generator)
    views = game.observe(rows, seats)
    new = []
    for i in range(len(rows)):
        key = bytes([seats[i]]) + views[i].tobytes()
        if key not in seen:
            seen.add(key)
            new.append(i)
        if len(new) == TAKEN:
            break
    return plays[new], rows[new]


def _playouts(game: Game, ply: int, generator: np.random.Generator) -> tuple[Int, Positions, Int]:
    """Random play for `ply` plies: plays [B, ply], positions and seats to act [B] where it is not over by then."""
    rows = game.start(np.zeros(PLAYOUTS, np.uint64))
    plays = np.zeros((PLAYOUTS, ply), np.int32)
    for t in range(ply + 1):
        acting = game.acting(rows)
        going = acting.any(axis=1)
        if not going.all():
            rows, plays, acting = rows[going], plays[going], acting[going]
        seats = acting.argmax(axis=1).astype(np.int32)
        if t < ply:
            legal = game.legal(rows, seats)
            plays[:, t] = np.where(legal, generator.random(legal.shape), -1).argmax(axis=1)
            _step(game, rows, seats, plays[:, t])
    return plays, rows, seats


def _step(game: Game, rows: Positions, seats: Int, actions: Int) -> None:
    """Each of `seats` [B] plays its action [B]; -1: nothing."""
    joint = np.full((len(rows), game.seats + 1), -1, np.int32)
    joint[np.arange(len(rows)), seats] = actions
    game.step(rows, joint)


def replayed(game: Game, plays: Int) -> tuple[Positions, Int]:
    """The positions that `plays` [N, P] (-1: no more) lead to, and the seats to act there."""
    rows = game.start(np.zeros(len(plays), np.uint64))
    for t in range(plays.shape[1]):
        _step(game, rows, game.acting(rows).argmax(axis=1).astype(np.int32), plays[:, t])
    return rows, game.acting(rows).argmax(axis=1).astype(np.int32)


def _solved(game: Game, judge: Judge, found: Found) -> Solved:
    rows = [row for some in found.values() for row in some]
    plies = np.array([len(plays) for plays, _, _ in rows], np.int64)
    plays = np.full((len(rows), int(plies.max(initial=0))), -1, np.int32)
    for i, (row, _, _) in enumerate(rows):
        plays[i, : len(row)] = row
    return Solved(
        game=game.name,
        judge=judge.name,
        bins=tuple(found),
        bin=np.repeat(np.arange(len(found)), [len(some) for some in found.values()]),
        plies=plies,
        plays=plays,
        scores=np.array([score for _, score, _ in rows], np.int64),
        mistakes=np.array([mistakes for _, _, mistakes in rows], np.bool_).reshape(len(rows), game.actions),
    )


# -- Pons' files ---------------------------------------------------------------------------------------------------


def read_pons(folder: str, per_bin: int | None = None, heard: Heard = silent) -> Solved:
    """The first `per_bin` positions (None: all) of each of Pons' published files in `folder`, each file a bin.

    A line is the columns played, 1 to 7, and the score of the position; BitBully says what the moves are worth.
    Raises ArenaError for what is not there, is not readable, or is not what the solver finds."""
    game = make_game("connect_four")
    there = {name: Path(folder) / file for name, file in PONS.items() if (Path(folder) / file).is_file()}
    if not there:
        problem = f"has none of {', '.join(PONS.values())}" if Path(folder).is_dir() else "is not a folder"
        raise ArenaError(f"--positions {folder}: it {problem}")
    lines = {name: read_lines(str(path))[:per_bin] for name, path in there.items()}
    kept = _file(f"{game.name} files {json.dumps(lines)}")
    return _load(kept) or _keep(kept, _judge_lines(game, lines, heard))


def _judge_lines(game: Game, lines: Mapping[str, Sequence[str]], heard: Heard) -> Solved:
    parsed = {
        name: [_parse(game, line, f"{PONS[name]}, line {number}") for number, line in enumerate(some, 1)]
        for name, some in lines.items()
    }
    judge, total = judge_of(game), sum(map(len, lines.values()))
    found: Found = {name: [] for name in lines}
    for name, some in parsed.items():
        for number, (position, plays, score) in enumerate(some, 1):
            scores = judge.scores(position.row)
            if scores[0] != score:
                raise ArenaError(f"{PONS[name]}, line {number}: the score is {score}, {judge.name} finds {scores[0]}")
            found[name].append((plays, score, judge.mistakes(position.row, scores)[0]))
            heard("solving positions", sum(map(len, found.values())), total)
    return _solved(game, judge, found)


def _parse(game: Game, line: str, where: str) -> tuple[Position, Plays, int]:
    """A line's position, the actions that lead to it, and its score."""
    match = re.fullmatch(r"([1-7]+)\s+(-?\d+)", line.strip())
    if match is None:
        raise ArenaError(f"{where}: expected columns, 1 to 7, and a score, as in '4455 18', not '{line[:60]}'")
    plays = np.array([int(column) - 1 for column in match[1]], np.int32)
    try:
        position = Position.replay(game, 0, plays.tolist())
    except ArenaError as error:
        raise ArenaError(f"{where}: {error}")
    if position.over:
        raise ArenaError(f"{where}: the game is over there")
    return position, plays, int(match[2])


# -- the cache -----------------------------------------------------------------------------------------------------


def _file(key: str) -> Path:
    return cache_folder() / "solved" / f"{hashlib.sha256(f'{FORMAT} {key}'.encode()).hexdigest()[:32]}.npz"


def _load(file: Path) -> Solved | None:
    """What is kept in `file`; None if it is not there or damaged."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            arrays = {key: kept[key] for key in ("bin", "plies", "plays", "scores", "mistakes")}
            return Solved(str(kept["game"]), str(kept["judge"]), tuple(map(str, kept["bins"])), **arrays)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
        return None


def _keep(file: Path, solved: Solved) -> Solved:
    """Write `solved` to `file`, whole or not at all; without a writable cache it is made anew every time."""
    part = file.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            np.savez_compressed(stream, **asdict(solved))
        part.replace(file)
    return solved
