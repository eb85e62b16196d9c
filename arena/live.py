"""A game at a table of its own: the messages and the client; the table itself, another process, is `arena/table.py`.

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
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any, Literal

from arena.record import Record
from games.core.canvas import Shape
from games.core.position import Play

HUMAN = "human"  # the spec of a seat whose moves come from the window


@dataclass(frozen=True)
class Setup:
    """What a table is laid with. Games of a round, one from each seat, share `seed` as those of a tournament do."""

    game: str
    players: tuple[str, ...]  # specs by seat; HUMAN for a person
    seed: int = 0
    number: int = 0
    opening: int = 0  # plies drawn at random before the players take over
    human: str = "You"  # the person's name
    plays: tuple[Play, ...] = ()  # made already
    record: Record | None = None  # show this game instead of playing one
    paused: bool = False
    delay: float = 0.6  # least seconds between two moves
    rate: float = 1.0  # of a real-time game: 2 is twice as fast
    hints: bool = False  # think for the person too

    @property
    def names(self) -> tuple[str, ...]:
        """Whom to call what, by seat."""
        return tuple(self.human if player == HUMAN else player for player in self.players)

    def next_game(self) -> Setup:
        """The game after this one: everybody a seat further, a new seed after a full round."""
        number = self.number + 1
        fresh = number % len(self.players) == 0
        players = self.players[1:] + self.players[:1]
        return replace(self, players=players, number=number, seed=self.seed + int(fresh), plays=())


# -- what the table says -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hello:
    """A new game begins."""

    setup: Setup
    title: str
    seats: int
    seat_names: tuple[str, ...]
    extent: tuple[float, float]
    tick: float | None
    keys: tuple[Mapping[str, int], ...]
    bounds: tuple[float, float] | None
    zero_sum: bool


@dataclass(frozen=True)
class Candidate:
    """A move that the thinking agent weighs."""

    action: int
    text: str
    share: float  # of the visits, or the probability
    visits: int | None
    q: float | None
    ghost: tuple[Shape, ...] = ()  # what the move would change on the board


@dataclass(frozen=True)
class Insight:
    """A thought, made readable."""

    ply: int
    seat: int
    candidates: tuple[Candidate, ...] = ()  # best first
    line: tuple[str, ...] = ()  # the principal variation
    value: float | None = None  # the return it expects for itself
    simulations: int = 0
    seconds: float = 0.0
    depth: int = 0
    note: str = ""
    hint: bool = False  # thought on behalf of the person to move


@dataclass(frozen=True)
class Scene:
    """The table after `ply` plays."""

    ply: int
    views: tuple[tuple[Shape, ...], ...]  # one a seat, or just one where all see the same
    marks: tuple[str, ...]  # tags of the last move
    acting: tuple[int, ...]  # seats to move now
    returns: tuple[float, ...]
    play: Play | None = None  # that led here; None at the start
    movers: tuple[int, ...] = ()  # who made it; `seats` is nature
    text: str = ""  # what it is called
    values: tuple[float | None, ...] = ()  # by seat: the return that the movers expected for themselves
    insight: Insight | None = None  # that led to it


@dataclass(frozen=True)
class Choice:
    action: int
    text: str
    gesture: tuple[str, ...]  # the tags to click, in order


@dataclass(frozen=True)
class Asks:
    """A person is to move."""

    ply: int
    seat: int
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Back:
    """Taken back: scenes after `ply` did not happen."""

    ply: int


@dataclass(frozen=True)
class Ghost:
    """What an action would change on the board."""

    ply: int
    action: int
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Ended:
    """The game is over."""

    record: Record


@dataclass(frozen=True)
class Failed:
    """The table can do no more; `text` says why in one line."""

    text: str


@dataclass(frozen=True)
class Heard:
    """Commands up to `number` have been obeyed; the client keeps this to itself."""

    number: int


Message = Hello | Scene | Insight | Asks | Back | Ghost | Ended | Failed | Heard


# -- what the window says ----------------------------------------------------------------------------------------------

Order = Literal[
    "pause", "step", "delay", "rate", "hints", "held", "ghost",  # obeyed when the table gets to it
    "move", "back", "resign", "new", "quit",  # interrupt the thinking
]  # fmt: skip
URGENT = frozenset({"move", "back", "resign", "new", "quit"})


@dataclass(frozen=True)
class Command:
    """pause(bool), step(), delay(seconds), rate(factor), hints(bool), held({seat: action}), ghost(action),
    move(action), back(), resign(seat), new(), quit(). `ply` guards against moves for a position that is gone.
    """

    order: Order
    value: Any = None
    ply: int | None = None


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

    @classmethod
    def start(cls, setup: Setup) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(setup, theirs), daemon=True, name="arena table")
        process.start()
        theirs.close()
        worker = cls(process, ours)
        threading.Thread(target=worker._read, daemon=True).start()
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
        self.pipe.close()


class Session:
    """The window's end of a table: `poll` hears what it says and never waits, `send` tells it what to do."""

    def __init__(self, setup: Setup, patience: float = 3.0) -> None:
        self.setup = setup
        self.patience = patience  # seconds an urgent command may wait for a table that answers nothing
        self.plays: list[Play] = []
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
            self.setup, self.plays = message.setup, []
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
        if not self._alive:
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
