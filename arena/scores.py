"""How much is earned alone? An agent's returns in seeded episodes of a solo game: `arena grade` where no move has a
judge."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count
from statistics import fmean, median, stdev
from typing import Any

from agents.core.agent import Agent
from arena.match import Seating, check_seats, play
from arena.record import Record
from arena.solved import Heard, silent
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.position import Position
from games.core.seeds import derive

EPISODES = 100


@dataclass(frozen=True)
class Scores:
    """What an agent earned in each episode."""

    game: str
    agent: str
    returns: tuple[float, ...]
    seconds: float  # of thought a move, in the mean

    @property
    def mean(self) -> float:
        return fmean(self.returns)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the mean, by the normal distribution."""
        half = 1.96 * stdev(self.returns) / math.sqrt(len(self.returns)) if len(self.returns) > 1 else math.inf
        return self.mean - half, self.mean + half

    def to_json(self) -> dict[str, Any]:
        return {
            "game": self.game,
            "agent": self.agent,
            "episodes": len(self.returns),
            "mean": round(self.mean, 3),
            "interval": [round(end, 3) for end in self.interval] if len(self.returns) > 1 else None,
            "least": min(self.returns),
            "median": median(self.returns),
            "most": max(self.returns),
            "seconds": round(self.seconds, 5),
        }


def earned(
    game: Game, agent: Agent, name: str, episodes: int = EPISODES, seed: int = 0, heard: Heard = silent
) -> Scores:
    """Play that many episodes, equal seeds giving equal ones. Raises ArenaError if the agent cannot play the game, or
    fails in it."""
    check_seats(game, {name: agent})
    seatings = [Seating((name,), derive(seed, "episode", number), number) for number in range(episodes)]
    ended = count(1)
    records = play(game, {name: agent}, seatings, lambda *_: heard(f"{name} plays", next(ended), episodes))
    for record in records:
        if record.forfeit is not None:
            raise ArenaError(f"{name} failed in an episode: {record.reason}")
    moves = sum(_decisions(game, record) for record in records)
    seconds = sum(record.seconds[0] for record in records)
    return Scores(game.name, name, tuple(record.returns[0] for record in records), seconds / max(moves, 1))


def _decisions(game: Game, record: Record) -> int:
    """How many plays were the agent's, not nature's."""
    if not game.outcomes:
        return len(record.plays)
    position, own = Position.new(game, record.seed), 0
    for action in record.plays:
        own += position.seat < game.seats
        position.play(action)
    return own
