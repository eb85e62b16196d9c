"""Judging positions: `arena analyse`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from agents.core.agent import Move
from agents.core.registry import make_agent
from arena.match import Forfeit, Seating, ask, check_seats, expected, make_turns
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.position import Position
from games.core.registry import make_game

BATCH = 256  # positions an agent gets at once


def analyse_positions(game: str, agent: str, source: str, seed: int) -> Iterator[dict[str, Any]]:
    """One result a line of the file; values for the seat to act.

    Raises ArenaError before any result if a line is bad."""
    made, thinker = make_game(game), make_agent(agent)
    check_seats(made, {agent: thinker})
    lines = [(number, line) for number, line in enumerate(_read(source), 1) if line.strip()]
    positions = [(number, *_position(made, line, number, seed)) for number, line in lines]
    for start in range(0, len(positions), BATCH):
        some = positions[start : start + BATCH]
        rows = made.empty(len(some))
        for slot, (_, position, _) in enumerate(some):
            made.copy(position.row, np.zeros(1, np.int64), rows, np.array([slot]))
        seating = [Seating((agent,) * made.seats, seed, number) for number, _, _ in some]
        due = [(s, position.seat, position.ply, moves) for s, (_, position, moves) in zip(seating, some, strict=True)]
        for (number, position, _), answer in zip(some, ask(thinker, make_turns(made, rows, due)), strict=True):
            if isinstance(answer, Forfeit):
                raise ArenaError(f"line {number}: {agent} failed: {answer.reason}")
            yield _result(position, answer)
    thinker.close()


def _read(source: str) -> list[str]:
    try:
        return sys.stdin.read().splitlines() if source == "-" else Path(source).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ArenaError(f"cannot read {source}: {getattr(error, 'strerror', None) or 'not a text file'}")


def _position(game: Game, line: str, number: int, seed: int) -> tuple[Position, list[Any]]:
    """The position of one line, and the moves that led to it."""
    try:
        data = json.loads(line)
    except ValueError as error:
        raise ArenaError(f"line {number}: not JSON: {error}")
    if not isinstance(data, dict) or not isinstance(data.get("moves"), list):
        raise ArenaError(f'line {number}: expected an object like {{"moves": [3, 3, 4]}}')
    for move in data["moves"]:
        parts = move if isinstance(move, list) else [move]
        if not all(isinstance(part, int) and not isinstance(part, bool) for part in parts):
            raise ArenaError(f"line {number}: {json.dumps(move)} is not an action")
    try:
        position = Position.replay(game, seed, data["moves"])
        if position.over:
            raise ArenaError("the game is over there")
        if position.seat == game.seats:
            raise ArenaError("it is nature's move there")
    except ArenaError as error:
        raise ArenaError(f"line {number}: {error}")
    return position, data["moves"]


def _result(position: Position, move: Move) -> dict[str, Any]:
    thought, seat = move.thought, position.seat
    result: dict[str, Any] = {"action": int(move.action), "value": None, "policy": {}, "visits": {}}
    if thought is None:
        return result
    result["value"] = expected(move, seat)
    for key, array in (("policy", thought.policy), ("visits", thought.visits)):
        if array is not None and np.shape(array) == (position.game.actions,) and np.isfinite(array).all():
            result[key] = {str(a): round(array[a].item(), 4) for a in position.legal_actions()}
    if thought.pv:
        result["line"] = list(thought.pv)
    return result
