"""The folder of a training run: its settings, its metrics and its checkpoints.

    run.toml            what is trained, with every setting, versions, seed and command
    metrics.jsonl       one line an iteration, and one for each checkpoint that was graded or rated
    games/              samples that self-play hands to the learner, until they are too old to be learned from
    checkpoints/000123  weights.safetensors (the network that plays) and what it takes to go on from there
    best/               weights of the checkpoint with the best grade, if the game has a judge
    cost/               processor seconds of each process
    ladder.db           the games of the checkpoints' ladder
    lock                held by the learner: there is one at a time

A checkpoint is written beside its place and then renamed, so that there is always a whole one. A run that goes on
takes back the metrics of iterations that the last checkpoint does not know, and what was left half written.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from agents.core.files import sync_folder, write_whole
from games.core.errors import ArenaError

FORMAT = 1
KEPT = "weights.safetensors"  # of old checkpoints: what a ladder against the past needs


class Run:
    """One run in its folder. Raises ArenaError where the folder cannot be used."""

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        """See `create` and `open`."""
        self.path, self.about = path, about

    @classmethod
    def create(cls, path: Path, about: Mapping[str, Any]) -> Run:
        """A new run; `about` is what run.toml says: tables of names and values."""
        if (path / "run.toml").exists():
            raise ArenaError(f"{path} holds a run already; --resume goes on with it")
        everything = {"format": FORMAT, "command": " ".join(sys.argv), "versions": _versions(), **about}
        try:
            path.mkdir(parents=True, exist_ok=True)
            for folder in ("games", "checkpoints"):
                (path / folder).mkdir(exist_ok=True)
            _replace(path / "run.toml", _toml(everything))
        except OSError as error:
            raise ArenaError(f"{path} cannot hold a run: {error.strerror}")
        return cls(path, everything)

    @classmethod
    def open(cls, path: Path) -> Run:
        """A run that is there."""
        try:
            about = tomllib.loads((path / "run.toml").read_text())
        except FileNotFoundError:
            raise ArenaError(f"{path} holds no run")
        except (OSError, ValueError) as error:  # neither TOML nor, perhaps, text
            raise ArenaError(f"{path / 'run.toml'} cannot be read: {error}")
        if about.get("format") != FORMAT:
            raise ArenaError(f"{path} has format {about.get('format')}; this version knows format {FORMAT}")
        if not isinstance(about.get("game"), str):
            raise ArenaError(f"{path / 'run.toml'} does not say which game is trained")
        return cls(path, about)

    @property
    def games(self) -> Path:
        return self.path / "games"

    @property
    def cost(self) -> Path:
        return self.path / "cost"

    def replan(self, plan: Mapping[str, Any]) -> None:
        """Put another `plan` into run.toml, as when a run goes on for longer."""
        self.about = {**self.about, "plan": dict(plan)}
        try:
            _replace(self.path / "run.toml", _toml(self.about))
        except OSError as error:
            raise ArenaError(f"{self.path} cannot be written: {error.strerror}")

    @contextmanager
    def held(self) -> Iterator[None]:
        """While this lasts nobody else trains in the folder. Raises ArenaError if somebody does."""
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise ArenaError(f"{self.path} is being trained by another process")
        except OSError as error:
            raise ArenaError(f"{self.path} cannot be written: {error.strerror}")
        try:
            yield
        finally:
            lock.release()

    # -- checkpoints -----------------------------------------------------------------------------------------------

    def checkpoints(self) -> list[Path]:
        """All whole checkpoints, the oldest first."""
        return sorted(folder for folder in (self.path / "checkpoints").glob("[0-9]*") if folder.suffix == "")

    def latest(self) -> Path | None:
        """The last checkpoint that can be gone on from."""
        whole = [folder for folder in self.checkpoints() if (folder / "state.json").exists()]
        return whole[-1] if whole else None

    def save(self, number: int, state: Mapping[str, Any], write: Callable[[Path], None]) -> Path:
        """Checkpoint `number`: `write` fills its folder, `state` is for JSON. Older ones keep their weights alone."""
        folder = self.path / "checkpoints" / f"{number:06d}"
        beside = folder.with_suffix(".new")
        shutil.rmtree(beside, ignore_errors=True)
        older = self.checkpoints()
        try:
            beside.mkdir()
            write(beside)
            _replace(beside / "state.json", json.dumps({"number": number, **state}))
            shutil.rmtree(folder, ignore_errors=True)
            os.rename(beside, folder)
            sync_folder(folder.parent)
        except (OSError, ArenaError) as error:
            shutil.rmtree(beside, ignore_errors=True)
            reason = error.strerror if isinstance(error, OSError) else error
            raise ArenaError(f"{self.path} cannot be written ({reason}); the last checkpoint stands")
        for old in older:
            for file in old.iterdir() if old != folder else ():
                if file.name != KEPT:
                    file.unlink()
        return folder

    def resume(self) -> tuple[Path, dict[str, Any]] | None:
        """The last checkpoint and its state; forgets the metrics that came after, and what was left half written.
        None: nothing was saved yet."""
        folder = self.latest()
        try:
            state = json.loads((folder / "state.json").read_text()) if folder else {"number": 0}
            number = int(state["number"])
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            raise ArenaError(f"{folder} is damaged: its state cannot be read")
        try:
            for left in list(self.path.rglob("*.new")):
                shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
            lines = [json.dumps(line) + "\n" for line in self.metrics() if line.get("iteration", 0) <= number]
            _replace(self.path / "metrics.jsonl", "".join(lines))
        except OSError as error:
            raise ArenaError(f"{self.path} cannot be written: {error.strerror}")
        return (folder, state) if folder else None

    # -- metrics ---------------------------------------------------------------------------------------------------

    def log(self, **metrics: float | int | str) -> None:
        """One more line of metrics."""
        try:
            with (self.path / "metrics.jsonl").open("a") as file:
                file.write(json.dumps({"time": round(time.time(), 1), **metrics}) + "\n")
        except OSError as error:
            raise ArenaError(f"{self.path} cannot be written ({error.strerror}); the last checkpoint stands")

    def metrics(self) -> list[dict[str, Any]]:
        """All lines so far; those that were cut off are left out."""
        path, lines = self.path / "metrics.jsonl", []
        for text in path.read_text(errors="replace").splitlines() if path.exists() else ():
            with suppress(ValueError):
                lines.append(json.loads(text))
        return [line for line in lines if isinstance(line, dict)]


def _replace(path: Path, content: str) -> None:
    write_whole(path, lambda file: file.write(content.encode()))


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("planning-arena", "numpy", "numba", "torch")}


def _toml(content: Mapping[str, Any]) -> str:
    """TOML for tables of plain values, which are written as in JSON."""
    plain = [f"{key} = {json.dumps(value)}" for key, value in content.items() if not isinstance(value, Mapping)]
    tables = [f"\n[{key}]\n{_toml(value)}" for key, value in content.items() if isinstance(value, Mapping)]
    return "\n".join([*plain, *tables]) + "\n"
