"""A person, in the window (`arena play`)."""

from __future__ import annotations

from agents.core.agent import Agent, Move, Turn
from games.core.errors import ArenaError
from games.core.game import Game


class Human(Agent):
    def plays(self, game: Game) -> str | None:
        return "a person plays in the window: arena play GAME"

    def think(self, turn: Turn) -> Move:
        raise ArenaError("a person plays in the window: arena play GAME")


def agent() -> Agent:
    return Human()
