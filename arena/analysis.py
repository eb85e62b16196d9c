"""Judging positions: `arena analyse`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from agents.core.agent import Agent, Imagined, Move, Turn
from agents.core.registry import make_agent
from arena.match import Forfeit, Seating, ask, check_seats, expected, make_turns
from games.core.errors import ArenaError
from games.core.game import Game, Positions
from games.core.position import Play, Position
from games.core.registry import make_game

BATCH = 256  # positions an agent gets at once
Due = tuple[Seating, int, int, Sequence[Play]]  # seating, seat, ply and history of a turn


def analyse_positions(game: str, agent: str, source: str, seed: int) -> Iterator[dict[str, Any]]:
    """One result a line of the file; values for the seat to act.

    Raises ArenaError before any result if a line is bad."""
    made, thinker = make_game(game), make_agent(agent)
    try:
        yield from _analysed(made, agent, thinker, source, seed)
    finally:
        thinker.close()


def _analysed(made: Game, agent: str, thinker: Agent, source: str, seed: int) -> Iterator[dict[str, Any]]:
    check_seats(made, {agent: thinker})
    lines = [(number, line) for number, line in enumerate(read_lines(source), 1) if line.strip()]
    positions = [(number, *_position(made, line, number, seed)) for number, line in lines]
    rows = made.empty(len(positions))
    due: list[Due] = []
    for slot, (number, position, moves) in enumerate(positions):
        made.copy(position.row, np.zeros(1, np.int64), rows, np.array([slot]))
        due.append((Seating((agent,) * made.seats, seed, number), position.seat, position.ply, moves))
    for (number, position, _), answer in zip(positions, consider(made, thinker, rows, due), strict=True):
        if isinstance(answer, Forfeit):
            raise ArenaError(f"line {number}: {agent} failed: {answer.reason}")
        yield _result(position, answer)


def consider(
    game: Game, agent: Agent, rows: Positions, due: Sequence[Due], batch: int = BATCH, branches: bool = False
) -> Iterator[Move | Forfeit]:
    """The agent's answers at positions `rows` [B], asked in batches; each is a match that ends with the answer.
    `branches`: with the trees it searched."""

    def turn(slot: int) -> Turn:
        return turns([slot])[0]

    def turns(slots: Sequence[int]) -> list[Turn]:
        copies = game.empty(len(slots))
        game.copy(rows, np.array(slots), copies, np.arange(len(slots)))
        made = make_turns(game, copies, [due[slot] for slot in slots])
        for one in made:
            one.thorough, one.branches = True, branches
        return made

    for start in range(0, len(due), batch):
        slots = range(start, min(start + batch, len(due)))
        answers = ask(agent, turns(slots), lambda i, start=start: turn(start + i))  # type: ignore[misc]
        for slot in slots:
            with suppress(Exception, SystemExit):  # what an agent does afterwards changes no answer
                agent.end(due[slot][0].match)
        yield from answers


def read_lines(source: str) -> list[str]:
    """The lines of a text file; - is standard input. Raises ArenaError."""
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
    if thought.imagined:
        result["imagined"] = [_step(step) for step in thought.imagined]
    return result


def _step(step: Imagined) -> dict[str, Any]:
    """A step of what an agent's own model imagines; None for what it does not say."""
    said: dict[str, Any] = {"action": step.action}
    for name in ("reward", "value", "policy", "board"):
        part = getattr(step, name)
        said[name] = None if part is None or not np.isfinite(part).all() else np.float64(part).round(3).tolist()
    return said
