"""One process that works for the window, the pipe to it, and the thread that reads it.

A thread reads, since a half-sent message would block whoever waits for the rest of it. The process leads a group of its
own, so that whatever it starts, an engine for instance, ends with it.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing.connection
import os
import queue
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any


@dataclass
class Worker:
    """Made by `start`, ended by `stop`."""

    process: Any
    pipe: Connection
    said: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)  # None: it says nothing more
    reader: threading.Thread | None = None

    @classmethod
    def start(cls, target: Callable[..., None], *args: Any, name: str, alone: bool = True) -> Worker:
        """A new process that runs `target(*args, pipe)`; not `alone`: it may start processes of its own."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=target, args=(*args, theirs), daemon=alone, name=f"arena {name}")
        process.start()
        theirs.close()
        worker = cls(process, ours)
        worker.reader = threading.Thread(target=worker._read, daemon=True)
        worker.reader.start()
        atexit.register(worker.stop, 0.0)  # Python would ask it to end, which libraries teach a process to ignore
        return worker

    def _read(self) -> None:
        try:
            while True:
                self.said.put(self.pipe.recv())
        except Exception:  # nobody is there, or what was sent cannot be read: then what follows cannot either
            self.said.put(None)

    def tell(self, message: Any) -> None:
        """Send a message; one to a process that died just now is lost."""
        with contextlib.suppress(OSError):
            self.pipe.send(message)

    def watch(self) -> None:
        """Notice that the process has ended: what it started, and might hold the pipe open, ends too."""
        if not self.process.is_alive():
            self._sweep()

    def _sweep(self) -> None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()  # it has no group yet if it has only just been started

    def epitaph(self) -> str:
        """How it ended, in words."""
        self.process.join(0.2)
        code = self.process.exitcode
        return f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"

    def stop(self, grace: float) -> None:
        """End the process, by force if it does not go within `grace` seconds, and whatever it has started."""
        atexit.unregister(self.stop)
        self.process.join(grace)
        self._sweep()
        self.process.join(1.0)
        if self.reader is not None:
            self.reader.join(1.0)  # it stops at the end of the pipe; closed under its hands, it might read the next one
            if not self.reader.is_alive():
                self.pipe.close()


def leave_with_parent() -> None:
    """In a worker: lead a group that ends with the process that started it, however that ends.

    Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is None:
            return
        multiprocessing.connection.wait([parent.sentinel])
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def bound_memory(share: float = 0.6) -> None:
    """In a worker: no more than a share of the machine's memory, so that what eats memory fails before the machine."""
    try:
        import resource

        limit = int(share * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, most))
    except (ImportError, OSError, ValueError):  # not every system can
        return
