"""A game at a table of its own: the window's end of it. The table itself, another process, is `table.py`.

The window's process knows no game. The table sends it scenes ready to be painted, with the texts and gestures of the
moves, and about ten times a second what the thinking agent thinks. Commands go the other way. So nothing that a game
or an agent does can freeze the window: at worst the table falls silent, and is replaced by a new one with the plays
made so far.
"""

from __future__ import annotations

import time
from dataclasses import replace
from multiprocessing.connection import Connection

from arena.messages import (
    HUMAN,
    URGENT,
    Asks,
    Back,
    Command,
    Due,
    Ended,
    Failed,
    Heard,
    Hello,
    Message,
    Remark,
    Scene,
    Setup,
)
from arena.record import Record, points_of
from arena.worker import Worker
from games.core.position import Play

LAYING = 120.0  # seconds in which a table has to say its first word; networks take long to load


def _serve(setup: Setup, pipe: Connection) -> None:
    """The first function of the new process; importing here keeps games and agents out of the window's."""
    from arena.table import serve

    serve(setup, pipe)


class Session:
    """The window's end of a table: `poll` hears what it says and never waits, `send` tells it what to do."""

    def __init__(self, setup: Setup, patience: float = 4.0) -> None:
        self.setup = setup
        self.patience = patience  # seconds an urgent command may wait for a table that answers nothing
        self.plays: list[Play] = list(setup.plays)
        self._start()

    def _start(self) -> None:
        self._worker = Worker.start(_serve, replace(self.setup, plays=tuple(self.plays)), name="table")
        self._alive, self._failed, self._greeted = True, False, False
        self._scenes: list[Scene] = []
        self._over = False
        self._asked = False  # a person, and it has not answered
        self._due: int | None = None  # who is asked, of several who act at once
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
        messages: list[Message | None] = []
        self._worker.watch()
        while self._alive and not self._worker.said.empty():
            message = self._worker.said.get_nowait()
            self._last = time.monotonic()
            if message is None:
                messages.append(self._bury())
            elif isinstance(message, Heard):
                self._heard = message.number
                self._urgent = [waiting for waiting in self._urgent if waiting[0] > self._heard]
            elif isinstance(message, Due):
                self._due = message.seat
            else:
                self._greeted = True
                self._note(message)
                messages.append(message)
        if self._alive and self._deaf():
            self._replace([command for _, _, command in self._urgent])
        if self._alive and not self.setup.paused and not self._asked and self.silence > self.setup.patience:
            messages.append(self._give_up(self._forfeit(f"no answer for {self.setup.patience:g} s")))
        if self._alive and not self._greeted and self.silence > LAYING:
            messages.append(self._give_up(Failed(f"nothing was heard of the game for {LAYING:g} s")))
        return [message for message in messages if message is not None]

    def _bury(self) -> Message | None:
        """The table's process is gone: who took it down loses, unless it only thought for a person."""
        self._alive = False
        if self._failed:
            return None
        how = f"its process died ({self._worker.epitaph()})"
        if self._asked and self.setup.hints:
            self._keep(Command("hints", False))
            self._replace([])
            return Remark(f"No more hints: {how}")
        return self._forfeit(how) or Failed(f"the game cannot go on: {how}")

    def _deaf(self) -> bool:
        """Whether an urgent command has waited too long. A table that has not opened yet is given more time."""
        patience = self.patience if self._heard or self._greeted else 10 * self.patience
        return bool(self._urgent) and time.monotonic() - self._urgent[0][1] > patience

    def _note(self, message: Message) -> None:
        """Keep what a successor of the table would have to know."""
        if isinstance(message, Asks | Scene | Back | Ended):
            self._asked, self._due = isinstance(message, Asks), None
        if isinstance(message, Hello):
            now = self.setup  # the pace is set here, not there
            self.setup = replace(message.setup, paused=now.paused, delay=now.delay, rate=now.rate, hints=now.hints)
            self.plays, self._scenes, self._over = list(message.setup.plays), [], False
        elif isinstance(message, Scene):
            self._scenes[message.ply :] = [message]
            if message.play is not None and self.plays[message.ply - 1 : message.ply] != [message.play]:
                self.plays[message.ply - 1 :] = [message.play]  # else it repeats one that its successor would need too
        elif isinstance(message, Back):
            del self.plays[message.ply :], self._scenes[message.ply + 1 :]
        elif isinstance(message, Ended):
            self._over = True
        elif isinstance(message, Failed):
            self._failed = True

    def _forfeit(self, reason: str) -> Ended | None:
        """The end of a game whose agent has taken the table down or hangs: it loses. None where no agent is due."""
        players = self.setup.players
        if self._over or not self._scenes:
            return None
        scene = self._scenes[-1]
        due = [seat for seat in scene.acting if seat < len(players) and players[seat] != HUMAN]
        if self._asked or not due:
            return None
        seat = self._due if self._due in due else due[0]
        return Ended(
            Record(
                game=self.setup.game,
                agents=self.setup.names,
                seed=self.setup.seed,
                plays=tuple(self.plays),
                opening=min(self.setup.opening, len(self.plays)),
                returns=scene.returns,
                points=points_of(scene.returns, seat),
                reason=f"forfeit: {reason}",
                forfeit=seat,
                seconds=scene.spent,
            )
        )

    def _give_up(self, verdict: Ended | Failed | None) -> Ended | Failed | None:
        """Wait no longer, if there is a verdict."""
        if verdict is not None:
            self._worker.stop(0.0)
            self._alive = False
        return verdict

    def _replace(self, commands: list[Command]) -> None:
        """Put a new table in the place of one that answers nothing, with the plays so far, or for the next game."""
        self._worker.stop(0.0)
        if any(command.order == "new" for command in commands):
            self.setup, self.plays, commands = self.setup.next_game(), [], []
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
            self._asked = False
            self._urgent.append((self._sent, time.monotonic(), command))
        self._worker.tell((self._sent, command))

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
