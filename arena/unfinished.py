"""The game that was left unfinished last, in the data folder, to go on with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from arena.database import data_folder
from arena.messages import HUMAN, Setup
from arena.record import Record
from games.core.position import Play


def unfinished_file() -> Path:
    return data_folder() / "unfinished.json"


def leave(setup: Setup, plays: Sequence[Play], finished: bool) -> None:
    """A table with a person is left: keep the game, or forget the one kept if this is it and it is finished."""
    if HUMAN not in setup.players or setup.record is not None:
        return
    kept = pick_up()
    told = asdict(replace(setup, plays=tuple(plays), paused=False))
    del told["record"]
    with suppress(OSError):
        if not finished and plays:
            unfinished_file().parent.mkdir(parents=True, exist_ok=True)
            unfinished_file().write_text(json.dumps(told), encoding="utf-8")
        elif finished and kept is not None and (kept.game, kept.seed) == (setup.game, setup.seed):
            unfinished_file().unlink()


def pick_up() -> Setup | None:
    """The game left last; None where there is none, or none that can be read."""
    try:
        told = json.loads(unfinished_file().read_text(encoding="utf-8"))
        plays = Record.from_json(
            {"game": "", "seed": 0, "opening": 0, "reason": "", "plays": told.pop("plays")}
            | dict.fromkeys(("agents", "returns", "points", "values", "seconds"), ())
        ).plays
        clock = told.pop("clock")
        players = tuple(map(str, told.pop("players")))
        return Setup(players=players, plays=plays, clock=None if clock is None else tuple(clock), **told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
