"""A finished game as it is stored, sent between processes and replayed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from games.core.position import Play


@dataclass(frozen=True)
class Record:
    """One game. It is replayed exactly from (game, seed, plays); nature's moves stand among the plays."""

    game: str  # spec
    agents: tuple[str, ...]  # spec or person, by seat
    seed: int
    plays: tuple[Play, ...]
    opening: int  # how many of the plays were drawn at random before the agents took over
    returns: tuple[float, ...]  # by seat
    points: tuple[float, ...]  # by seat: 1 the winner, 1/2 each in a draw, 0
    reason: str  # 'four in a row', 'forfeit: ...'
    forfeit: int | None = None  # the seat that lost by breaking a rule, failing or resigning
    values: tuple[float | None, ...] = ()  # a ply: the return the mover expected for itself, where it said so
    seconds: tuple[float, ...] = ()  # thinking time, by seat; the only field that differs between equal runs

    @property
    def moves_key(self) -> str:
        """Equal for games that went the same way, whoever played them."""
        return hashlib.sha256(json.dumps([self.game, self.plays]).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Record:
        plays = tuple(_tuple(p) if isinstance(p, Sequence) else int(p) for p in data["plays"])
        tuples = {key: tuple(data[key]) for key in ("agents", "returns", "points", "values", "seconds")}
        return cls(**{**data, **tuples, "plays": plays})


def _tuple(play: Sequence[Any]) -> tuple[Any, ...]:
    """A play of several seats, or of a point, as it was before it was JSON."""
    return tuple(tuple(part) if isinstance(part, Sequence) else part for part in play)


def points_of(returns: Sequence[float], forfeit: int | None = None) -> tuple[float, ...]:
    """Points by seat: the greatest returns share one point; who forfeits gets nothing and the others share."""
    if forfeit is not None:
        others = max(len(returns) - 1, 1)
        return tuple(0.0 if seat == forfeit else 1.0 / others for seat in range(len(returns)))
    best = [bool(value == max(returns)) for value in returns]
    return tuple(1.0 / best.count(True) if leads else 0.0 for leads in best)
