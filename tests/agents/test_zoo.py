"""The trained agents in the box: each is small, says how it was made, and plays far better than chance."""

from __future__ import annotations

import pytest

from agents.core.registry import make_agent
from agents.core.zoo import ZOO
from arena.grade import grade, yardstick
from arena.match import Seating, play
from games.core.registry import make_game

TRAINED = sorted(ZOO.glob("*/*.safetensors"))
SIZES = {"hex": "hex(board_size=7)"}  # what was trained for, where it is not the game as it is by default
GAMES = 20


def test_there_are_some() -> None:
    assert {file.parent.name for file in TRAINED} >= {"connect_four", "hex", "othello", "tic_tac_toe"}


@pytest.mark.parametrize("file", TRAINED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_is_small_has_a_card_and_beats_random(file) -> None:
    assert file.stat().st_size <= 4 << 20
    card = file.with_suffix(".md").read_text()
    assert all(f"| {what} |" in card for what in ("Command", "Seed", "Cost"))
    assert "| Grade |" in card or "| Score |" in card
    game = make_game(SIZES.get(file.parent.name, file.parent.name))
    agents = {"trained": make_agent(f"{file.stem}(simulations=16)"), "random": make_agent("random")}
    seatings = [Seating(("trained", "random") if n % 2 else ("random", "trained"), n, n) for n in range(GAMES)]
    records = play(game, agents, seatings)
    points = sum(
        record.points[seating.agents.index("trained")] for seating, record in zip(seatings, records, strict=True)
    )
    assert points >= 0.9 * GAMES


def test_tic_tac_toe_is_played_perfectly() -> None:
    game = make_game("tic_tac_toe")
    assert grade(game, make_agent("alphazero"), yardstick(game)).mean == 0
