"""A table's end of the pipe: what the window orders comes in, what there is to tell goes out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection

from arena.messages import URGENT, Command, Heard, Message


class Wire:
    """Orders in the sequence they were given; each is confirmed once it is obeyed.

    Raises EOFError when nobody is at the other end."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._waiting: deque[tuple[int, Command]] = deque()

    def say(self, message: Message) -> None:
        self._pipe.send(message)

    @property
    def urgent(self) -> bool:
        """Whether an order waits that interrupts the thinking."""
        return any(command.order in URGENT for _, command in self._waiting)

    def obey(self, obey: Callable[[Command], None], seconds: float) -> bool:
        """Carry out what has been ordered, after waiting for it at most so long; False: it is to quit."""
        self._listen(0.0 if self._waiting else seconds)
        while self._waiting:
            number, command = self._waiting.popleft()
            if command.order == "quit":
                return False
            obey(command)
            self.say(Heard(number))
        return True

    def heed(self, obey: Callable[[Command], None], seconds: float) -> bool:
        """While a move is being made: carry out what does not interrupt it; False: something does."""
        self._listen(seconds)
        while self._waiting and self._waiting[0][1].order not in URGENT:
            number, command = self._waiting.popleft()
            obey(command)
            self.say(Heard(number))
        return not self.urgent

    def _listen(self, seconds: float) -> None:
        while self._pipe.poll(seconds):
            self._waiting.append(self._pipe.recv())
            seconds = 0.0
