"""A finished game shown again, in the place of a table where one is played."""

from __future__ import annotations

from multiprocessing.connection import Connection

import numpy as np

from arena.glimpse import Glimpse, hello
from arena.match import Seating, _advance, _Table
from arena.messages import Command, Ended, Heard, Setup
from arena.record import Record
from games.core.position import Position
from games.core.registry import make_game


class Screening:
    """A finished game shown again: all its scenes at once, the window turns the pages."""

    def __init__(self, setup: Setup, record: Record, pipe: Connection) -> None:
        self.setup, self.record, self.pipe = setup, record, pipe
        self.game = make_game(record.game)

    def run(self) -> None:
        """Send every scene, then wait to be closed."""
        game, record, pipe = self.game, self.record, self.pipe
        pipe.send(hello(game, self.setup))
        glimpse, position = Glimpse(game, []), Position.new(game, record.seed)
        table = _Table(Seating(record.agents, record.seed), returns=np.zeros(game.seats))
        pipe.send(glimpse.scene(position.row, tuple(position.acting), table))
        for ply, play in enumerate(record.plays):
            joint = position.joint(play)
            movers = tuple(int(seat) for seat in np.flatnonzero(joint[0] >= 0))
            value = record.values[ply] if ply < len(record.values) else None
            expected = tuple(value if seat == movers[0] else None for seat in range(game.seats))
            text = glimpse.text(position.row, joint[0])
            _advance(game, position.row, [table], joint, {})
            pipe.send(glimpse.scene(position.row, tuple(position.acting), table, movers, text, expected))
        pipe.send(Ended(record))
        while True:
            number, command = pipe.recv()
            assert isinstance(command, Command)
            if command.order == "quit":
                return
            pipe.send(Heard(number))
