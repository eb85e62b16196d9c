"""A finished game shown again, in the place of a table where one is played."""

from __future__ import annotations

from multiprocessing.connection import Connection

from arena.course import Course
from arena.glimpse import Glimpse, hello
from arena.match import Seating
from arena.messages import Command, Ended, Heard, Setup
from arena.record import Record
from games.core.duel import seated
from games.core.registry import make_game


class Screening:
    """A finished game shown again: all its scenes at once, the window turns the pages."""

    def __init__(self, setup: Setup, record: Record, pipe: Connection) -> None:
        self.setup, self.record, self.pipe = setup, record, pipe
        self.game = seated(make_game(record.game), len(record.agents))

    def run(self) -> None:
        """Send every scene, then wait to be closed."""
        game, record, pipe = self.game, self.record, self.pipe
        pipe.send(hello(game, self.setup))
        course, glimpse = Course(game, Seating(record.agents, record.seed)), Glimpse(game, [])
        pipe.send(glimpse.scene(course))
        for ply, play in enumerate(record.plays):
            joint = course.joint(play)
            text = glimpse.text(course.row, joint[0])
            course.make(joint)
            value = record.values[ply] if ply < len(record.values) else None
            expected = tuple(value if seat == course.movers[-1][0] else None for seat in range(game.seats))
            pipe.send(glimpse.scene(course, text, expected))
        pipe.send(Ended(record))
        while True:
            number, command = pipe.recv()
            assert isinstance(command, Command)
            if command.order == "quit":
                return
            pipe.send(Heard(number))
