"""What a run has cost: processor seconds of all its processes, whenever and however they ended.

Each process keeps its own account in a file of the run's folder and renews it every few seconds, so that what was
spent is known after a kill and after a resume, with work that was lost and has to be done again included.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

EVERY = 5.0  # seconds


class Meter:
    """The account of this process, from now on until it ends or `close`."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the accounts of the run are; made if there is none."""
        folder.mkdir(exist_ok=True)
        self.folder, self.begin = folder, time.process_time()
        self.path = folder / f"{time.time_ns()}-{os.getpid()}"
        self.closed = threading.Event()
        threading.Thread(target=self._renew, daemon=True).start()

    def _renew(self) -> None:
        while not self.closed.wait(EVERY):
            self.note()

    def note(self) -> None:
        """Write down what was spent so far. A full disk is no reason to stop: the next one may get through."""
        beside = self.path.with_suffix(f".{threading.get_ident()}.new")
        with suppress(OSError):
            beside.write_text(f"{time.process_time() - self.begin:.2f}")
            os.replace(beside, self.path)

    def core_hours(self) -> float:
        """All that the run has cost so far."""
        self.note()
        return core_seconds(self.folder) / 3600

    def close(self) -> None:
        self.closed.set()
        self.note()


def core_seconds(folder: Path) -> float:
    """The sum of the accounts in `folder`."""
    total = 0.0
    for path in folder.glob("*") if folder.is_dir() else ():
        with suppress(OSError, ValueError):  # one that was cut off
            total += float(path.read_text()) if path.suffix == "" else 0.0
    return total
