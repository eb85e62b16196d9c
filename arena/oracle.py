"""The true values of moves, for games that somebody has solved; looked up in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

from arena.messages import Choice, Truths
from arena.worker import bound_memory, leave_with_parent
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.position import Play, Position
from games.core.registry import make_game


def serve(game: str, pipe: Connection) -> None:
    """Answer (seed, plays) with `Truths` until nobody is at the other end."""
    leave_with_parent()
    bound_memory()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        made = make_game(game)
        while True:
            seed, plays = pipe.recv()
            while pipe.poll():
                seed, plays = pipe.recv()  # only the newest is still looked at
            try:
                pipe.send(truths(made, seed, plays))
            except ArenaError as error:
                pipe.send(Truths(len(plays), (), str(error)))


def truths(game: Game, seed: int, plays: Sequence[Play]) -> Truths:
    """What each move after `plays` is worth to who makes it. Raises ArenaError where nobody knows."""
    from arena.judges import judge_of, true_values

    judge, position = judge_of(game), Position.replay(game, seed, plays)
    if not position.over and not judge.knows(position.row):
        raise ArenaError("True values are known near the end alone")
    row = position.row
    return Truths(
        len(plays),
        tuple(
            (Choice(action, game.action_text(row, action), tuple(game.gesture(row, action))), worth)
            for action, worth in true_values(judge, position).items()
        ),
    )
