"""How true is what MuZero imagines: the boards along its line of play against the real ones.

By hand: `pytest tests/agents/test_imagination.py -m slow -s`; MUZERO_RUN=FOLDER is about a run of one's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from agents import muzero
from agents.core.run import Run
from agents.core.zoo import ZOO
from arena.match import Seating, make_turns
from games.core.game import Game
from games.core.position import Position
from games.core.registry import make_game

PLIES, POSITIONS = 5, 200


class Ahead(NamedTuple):
    """So many plies ahead."""

    right: float  # share of the cells that are in all planes as they will be
    still: float  # share of those that are as that seat saw them where the line began: what is cheap
    boards: int
    ended: int  # lines that have come to a move that is not legal, an end that was not imagined or one that is none


def agreement(agent: muzero.MuZero, game: Game, positions: int = POSITIONS) -> list[Ahead]:
    """For 1, 2, ... plies ahead."""
    dice = np.random.default_rng(7)
    found: list[list[tuple[float, float]]] = [[] for _ in range(PLIES)]
    ended = np.zeros(PLIES, int)
    for number in range(positions):
        position, plays = Position.new(game), []
        for _ in range(int(dice.integers(0, game.max_plies // 2))):
            if not position.over:
                plays.append(int(dice.choice(position.legal_actions())))
                position.play(plays[-1])
        if position.over:
            continue
        due = [(Seating(("a", "b"), 3, number), position.seat, len(plays), plays)]
        thought = agent.act(make_turns(game, position.row.copy(), due))[0].thought
        assert thought is not None
        began = game.observe(np.repeat(position.row, game.seats), np.arange(game.seats, dtype=np.int32))
        for ply, step in enumerate(thought.imagined[1 : PLIES + 1]):
            if step.action not in position.legal_actions():
                ended[ply] += 1
                break
            position.play(step.action)
            if position.over or step.board is None:
                ended[ply] += position.over != (step.board is None)
                break
            true = game.observe(position.row, np.array([position.seat], np.int32))[0]
            boards = np.round(step.board), began[position.seat]
            right, still = ((board == true).all(0).mean() for board in boards)
            found[ply].append((float(right), float(still)))
    means = [(*np.mean(some, 0).tolist(), len(some)) for some in found if some]
    return [Ahead(*mean, int(wrong)) for mean, wrong in zip(means, ended.cumsum(), strict=False)]


@pytest.mark.slow
def test_the_boards_are_those_that_come() -> None:
    """95% of the cells five plies ahead."""
    folder = os.environ.get("MUZERO_RUN")
    if folder is None and not (ZOO / "connect_four" / "muzero.safetensors").exists():
        pytest.skip("MuZero was not trained for connect_four")
    game = make_game(Run.open(Path(folder)).about["game"] if folder else "connect_four")
    found = agreement(muzero.MuZero(folder, 200, None), game)
    for ply, one in enumerate(found, 1):
        print(f"\n{ply} plies ahead: {one.right:.1%} of the cells of {one.boards} boards", end="")
        print(f" ({one.still:.1%} if nothing had changed); {one.ended} lines have gone astray", end="")
    assert len(found) == PLIES
    assert found[-1].right >= 0.95
