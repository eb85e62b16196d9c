"""How long alpha-beta takes: `pytest tests/benchmarks --benchmark-only`. The best of the rounds counts."""

from typing import Any

import numpy as np
import pytest

from games.core.position import Position
from games.core.registry import make_game
from search.alphabeta import AlphaBeta
from search.solving import solve


def some_endgame(empty: int, seed: int) -> Position:
    """Othello with so many squares empty, after random play."""
    game, draw = make_game("othello"), np.random.default_rng(seed)
    while True:
        position = Position.new(game)
        while not position.over:
            if 64 - sum(int(discs).bit_count() for discs in position.row["discs"][0]) == empty:
                return position
            position.play(int(draw.choice(position.legal_actions())))


@pytest.mark.parametrize(
    ("spec", "depth", "limit"),
    [("tic_tac_toe", 9, 0.05), ("hex(board_size=4)", 16, 0.2), ("connect_four", 10, 0.2)],
)
def test_from_the_first_position(benchmark: Any, spec: str, depth: int, limit: float) -> None:
    """Solved, or ten plies of Connect Four."""
    game = make_game(spec)
    search, start = AlphaBeta(game), game.start(np.zeros(1, np.uint64))
    search.deepen(start, 0, 2)
    found = benchmark.pedantic(lambda: search.deepen(start, 0, depth), rounds=15, iterations=1)
    benchmark.extra_info["nodes_per_second"] = round(found.nodes / benchmark.stats.stats.min)
    assert benchmark.stats.stats.min < limit


@pytest.mark.parametrize(("empty", "limit"), [(10, 0.05), (12, 0.2), (14, 1.0)])
def test_endgames_of_othello(benchmark: Any, empty: int, limit: float) -> None:
    """Seconds a position, in the mean over ten."""
    rows = np.concatenate([some_endgame(empty, seed).row for seed in range(10)])
    game = make_game("othello")
    benchmark.pedantic(lambda: [solve(game, rows[i : i + 1]) for i in range(10)], warmup_rounds=1, rounds=3)
    benchmark.extra_info["seconds_a_position"] = round(benchmark.stats.stats.min / 10, 4)
    assert benchmark.stats.stats.min / 10 < limit
