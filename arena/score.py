"""A game as a notation tells it, and the record that comes of playing it through under the rules.

A file that others wrote is read, never obeyed: no name in it makes the arena load a program.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from arena.record import Record, points_of
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.position import Play, Position
from games.core.registry import make_game
from games.core.specs import Spec, parse

AGREED, UNFINISHED = "draw agreed", "unfinished"  # reasons of games that the rules did not end
_OUTSIDE = re.compile(r"[/\\:.~]")  # in an option: a path or a module
_PROGRAM = re.compile(r"\.py\b|\bcommand\s*=")  # in a player's name: a file of code, or a command line
_PETTINGZOO = ("atari", "butterfly", "classic", "mpe", "sisl")  # families; others are packages to be imported


@dataclass(frozen=True)
class Score:
    """A game as a notation tells it. What it says about the result is believed only where the rules say nothing."""

    game: str  # spec
    agents: tuple[str, ...]  # by seat
    plays: tuple[Play, ...]
    seed: int = 0
    forfeit: tuple[int, str] | None = None  # the seat that gave up, and how
    agreed: bool = False  # it was given up as a draw


def harmless(text: str) -> Spec:
    """The game that a file names. Raises ArenaError if to make it could load what is not part of the arena."""
    spec = parse(text)
    abroad = spec.world == "pettingzoo" and spec.name.partition("/")[0] not in _PETTINGZOO
    outside = any(isinstance(value, str) and _OUTSIDE.search(value) for value in spec.options.values())
    if spec.is_file or abroad or outside:
        raise ArenaError(f"a file may not name the game {text}: it would load a program or file of its choice")
    return spec


def named(agent: str) -> str:
    """A player's name in a file. One that would be a program is quoted: then it is no spec, and seats nobody."""
    return f'"{agent}"' if _PROGRAM.search(agent) and not agent.startswith('"') else agent


def replayed(score: Score) -> Record:
    """The record of a game that went as `score` says. Raises ArenaError at the first move that is not legal, and for
    games that are not `harmless`."""
    game = seated(make_game(harmless(score.game)), len(score.agents))
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
        agents=tuple(named(agent) for agent in score.agents),
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
