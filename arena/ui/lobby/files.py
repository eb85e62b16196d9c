"""What the lobby can open: games in files, training runs, and programs of the user's own."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from arena.database import data_folder

GAMES = (".json", ".pgn", ".sgf")


def files() -> list[tuple[str, str, Any]]:
    """Games and programs in the current folder, training runs there and in the data folder, the newest first: what each
    is called, what it is, where."""
    here = [path for path in Path().iterdir() if path.suffix.lower() in GAMES or maker(path) is not None]
    places = (Path(), Path("runs"), data_folder() / "runs")
    runs = [file.parent for place in places for file in place.glob("*/run.toml")]
    dated = sorted(((path.stat().st_mtime, path) for path in (*here, *runs)), reverse=True)
    return [
        (path.name, f"{_kind(path)}  ·  {time.strftime('%Y-%m-%d', time.localtime(when))}", path.absolute())
        for when, path in dated
    ]


def maker(path: Path) -> str | None:
    """What a program of the user's own makes, 'agent' or 'game'; None: neither. It is read, not run."""
    if path.suffix != ".py":
        return None
    with suppress(OSError, UnicodeDecodeError):
        if found := re.search(r"^def (agent|game)\(", path.read_text("utf-8"), re.MULTILINE):
            return found[1]
    return None


def _kind(path: Path) -> str:
    if path.is_dir():
        return "training run"
    return {"agent": "a bot of yours", "game": "a game of yours", None: "games"}[maker(path)]
