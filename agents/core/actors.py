"""Self-play and learner as roles that hand each other files: samples one way, weights the other.

An actor writes `games/<number>-<actor>.npz`; the learner reads each once. What a learner publishes is one weights
file that is replaced as a whole. So a role may be a process here or, over a shared folder, anywhere.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from zipfile import BadZipFile

import numpy as np

from agents.core.files import write_whole
from games.core.errors import ArenaError

PATIENCE = 5.0  # seconds that all processes together are given to end
AnySamples = TypeVar("AnySamples", bound=NamedTuple)  # arrays with an entry a position


def write_chunk(path: Path, samples: NamedTuple, games: int) -> None:
    """Samples of that many games as a file, whole or not at all. Raises ArenaError where it cannot be written."""
    try:
        write_whole(path, lambda file: np.savez_compressed(file, games=games, **samples._asdict()))
    except OSError as error:
        raise ArenaError(f"{path} cannot be written: {error.strerror}")


def read_chunk(path: Path, kind: type[AnySamples]) -> tuple[AnySamples, int]:
    """The samples of a file, which are of that `kind`, and how many games they are from. Raises ArenaError where it is
    missing or damaged."""
    try:
        with np.load(path) as arrays:
            return kind(*(arrays[name] for name in kind._fields)), int(arrays["games"])
    except (OSError, ValueError, KeyError, EOFError, MemoryError, BadZipFile, zlib.error) as error:
        raise ArenaError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is damaged'}")


class Actors:
    """Processes that play until they are stopped, or the learner is gone."""

    def __init__(self, play: Callable[..., None], count: int, *arguments: Any) -> None:
        """Runs play(index, stop, *arguments) for index 1 to `count`; it ends when the event `stop` is set."""
        context = multiprocessing.get_context("spawn")
        self.stopped = context.Event()
        self.said = context.SimpleQueue()  # why one has ended
        self.processes = [
            context.Process(target=_act, args=(play, self.said, index + 1, self.stopped, *arguments), daemon=True)
            for index in range(count)
        ]
        for process in self.processes:
            process.start()

    def check(self) -> None:
        """Raises ArenaError if one has died."""
        for process in self.processes:
            if process.exitcode is not None:
                why = f"with exit code {process.exitcode}" if self.said.empty() else f"({self.said.get()})"
                raise ArenaError(f"a self-play process has ended {why}")

    def close(self) -> None:
        self.stopped.set()
        end = time.monotonic() + PATIENCE
        for process in self.processes:
            process.join(max(0.0, end - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


def _act(play: Callable[..., None], said: Any, *arguments: Any) -> None:
    """The process of an actor: it ends with the learner, however that ends, and lets it say what went wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for the learner, which then stops this
    threading.Thread(target=_follow, daemon=True).start()
    try:
        play(*arguments)
    except ArenaError as error:
        said.put(str(error))
        sys.exit(1)


def _follow() -> None:
    """End this process when its parent does. What is asked is the parent that started it: one that was killed while
    this was still loading has been gone ever since."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
