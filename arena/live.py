"""A game at a table of its own: the window's end of it. The table itself, another process, is `table.py`.

The window's process knows no game. The table sends it scenes ready to be painted, with the texts and gestures of the
moves, and about ten times a second what the thinking agent thinks. Commands go the other way. So nothing that a game
or an agent does can freeze the window: at worst the table falls silent, and is replaced by a new one with the plays
made so far.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import threading
import time
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

from arena.messages import URGENT, Back, Command, Failed, Heard, Hello, Message, Scene, Setup
from games.core.position import Play


def _serve(setup: Setup, pipe: Connection) -> None:
    """The first function of the new process; importing here keeps games and agents out of the window's."""
    from arena.table import serve

    serve(setup, pipe)


@dataclass
class _Worker:
    """One process, the pipe to it and the thread that reads it (a thread, since a half-sent message would block)."""

    process: Any
    pipe: Connection
    said: queue.SimpleQueue[Message | None] = field(default_factory=queue.SimpleQueue)
    reader: threading.Thread | None = None

    @classmethod
    def start(cls, setup: Setup) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(setup, theirs), daemon=True, name="arena table")
        process.start()
        theirs.close()
        worker = cls(process, ours)
        worker.reader = threading.Thread(target=worker._read, daemon=True)
        worker.reader.start()
        return worker

    def _read(self) -> None:
        try:
            while True:
                self.said.put(self.pipe.recv())
        except (EOFError, OSError):
            self.said.put(None)

    def stop(self, grace: float) -> None:
        """End the process, by force if it does not go."""
        self.process.join(grace)
        for end in (self.process.terminate, self.process.kill):
            if self.process.is_alive():
                end()
                self.process.join(1.0)
        if self.reader is not None:
            self.reader.join(1.0)  # it stops at the end of the pipe; closed under its hands, it might read the next one
            if not self.reader.is_alive():
                self.pipe.close()


class Session:
    """The window's end of a table: `poll` hears what it says and never waits, `send` tells it what to do."""

    def __init__(self, setup: Setup, patience: float = 4.0) -> None:
        self.setup = setup
        self.patience = patience  # seconds an urgent command may wait for a table that answers nothing
        self.plays: list[Play] = list(setup.plays)
        self._start()

    def _start(self) -> None:
        self._worker = _Worker.start(replace(self.setup, plays=tuple(self.plays)))
        self._alive, self._failed, self._greeted = True, False, False
        self._sent = self._heard = 0
        self._urgent: list[tuple[int, float, Command]] = []  # not obeyed yet: number, when sent
        self._last = time.monotonic()

    @property
    def silence(self) -> float:
        """Seconds since the table last said something."""
        return time.monotonic() - self._last

    @property
    def pid(self) -> int | None:
        """The process the table runs in."""
        return None if self._worker.process.pid is None else int(self._worker.process.pid)

    def poll(self) -> list[Message]:
        """What the table has said since the last call."""
        messages: list[Message] = []
        while self._alive and not self._worker.said.empty():
            message = self._worker.said.get_nowait()
            self._last = time.monotonic()
            if message is None:
                self._alive = False
                if not self._failed:
                    messages.append(Failed(self._epitaph()))
            elif isinstance(message, Heard):
                self._heard = message.number
                self._urgent = [waiting for waiting in self._urgent if waiting[0] > self._heard]
            else:
                self._greeted = True
                self._note(message)
                messages.append(message)
        if self._alive and self._deaf():
            self._replace([command for _, _, command in self._urgent])
        return messages

    def _deaf(self) -> bool:
        """Whether an urgent command has waited too long. A table that has not opened yet is given more time."""
        patience = self.patience if self._heard or self._greeted else 10 * self.patience
        return bool(self._urgent) and time.monotonic() - self._urgent[0][1] > patience

    def _note(self, message: Message) -> None:
        """Keep what a successor of the table would have to know."""
        if isinstance(message, Hello):
            now = self.setup  # the pace is set here, not there
            self.setup = replace(message.setup, paused=now.paused, delay=now.delay, rate=now.rate, hints=now.hints)
            self.plays = []
        elif isinstance(message, Scene) and message.play is not None:
            del self.plays[message.ply - 1 :]
            self.plays.append(message.play)
        elif isinstance(message, Back):
            del self.plays[message.ply :]
        elif isinstance(message, Failed):
            self._failed = True

    def _epitaph(self) -> str:
        self._worker.process.join(0.2)
        code = self._worker.process.exitcode
        how = f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return f"the game's process ended unexpectedly ({how})"

    def _replace(self, commands: list[Command]) -> None:
        """Put a new table in the place of one that answers nothing, with the plays so far."""
        self._worker.stop(0.0)
        self._start()
        for command in commands:
            self.send(command)

    def send(self, command: Command) -> None:
        """Give a command. A table that is dead, or deaf to an urgent one for too long, is replaced."""
        self._keep(command)
        if self._failed or not self._alive:
            if command.order in URGENT and command.order != "quit":
                self._replace([command])
            return
        if self._sent - self._heard > 256 and command.order not in URGENT:
            return  # nobody listens: do not fill the pipe, writing to a full one would wait
        self._sent += 1
        if command.order in URGENT:
            self._urgent.append((self._sent, time.monotonic(), command))
        with contextlib.suppress(OSError):  # it died just now: the reading thread says so
            self._worker.pipe.send((self._sent, command))

    def _keep(self, command: Command) -> None:
        names: dict[str, str] = {"pause": "paused", "delay": "delay", "rate": "rate", "hints": "hints"}
        if command.order in names:
            self.setup = replace(self.setup, **{names[command.order]: command.value})

    def close(self) -> None:
        """Leave the table; nothing of it stays behind."""
        if self._alive:
            self.send(Command("quit"))
        self._worker.stop(1.0 if self._alive else 0.0)
        self._alive = False
