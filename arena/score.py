"""A game as a notation tells it, and the record that comes of playing it through under the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arena.record import Record, points_of
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.position import Play, Position
from games.core.registry import make_game

AGREED, UNFINISHED = "draw agreed", "unfinished"  # reasons of games that the rules did not end


@dataclass(frozen=True)
class Score:
    """A game as a notation tells it. What it says about the result is believed only where the rules say nothing."""

    game: str  # spec
    agents: tuple[str, ...]  # by seat
    plays: tuple[Play, ...]
    seed: int = 0
    forfeit: tuple[int, str] | None = None  # the seat that gave up, and how
    agreed: bool = False  # it was given up as a draw


def replayed(score: Score) -> Record:
    """The record of a game that went as `score` says. Raises ArenaError at the first move that is not legal."""
    game = seated(make_game(score.game), len(score.agents))
    if len(score.agents) != game.seats:
        raise ArenaError(f"{game.name} has {game.seats} seats, not {len(score.agents)}")
    position = _follow(game, score.seed, score.plays)
    seat, points, reason = None, points_of(position.returns), game.reason(position.row)
    if position.over:
        pass
    elif score.forfeit is not None:
        seat, how = score.forfeit
        points, reason = points_of(position.returns, seat), f"forfeit: {how}"
    else:
        points, reason = (1.0 / game.seats,) * game.seats, AGREED if score.agreed else UNFINISHED
    return Record(
        game=game.name,
        agents=score.agents,
        seed=score.seed,
        plays=score.plays,
        opening=0,
        returns=tuple(position.returns),
        points=points,
        reason=reason,
        forfeit=seat,
    )


def _follow(game: Game, seed: int, plays: Sequence[Play]) -> Position:
    position = Position.new(game, seed)
    for ply, play in enumerate(plays, 1):
        try:
            position.play(play)
        except ArenaError as error:
            raise ArenaError(f"move {ply}: {error}")
        except (TypeError, ValueError, IndexError):
            raise ArenaError(f"move {ply}: {play!r:.40} is not an action")
    return position
