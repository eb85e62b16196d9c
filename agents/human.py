"""A person: the moves come from the window (`arena play`)."""

from __future__ import annotations

from agents.core.agent import Agent, Move, Turn
from games.core.errors import ArenaError


class Human(Agent):
    def think(self, turn: Turn) -> Move:
        raise ArenaError("a person plays in the window: arena play GAME")


def agent() -> Agent:
    return Human()
