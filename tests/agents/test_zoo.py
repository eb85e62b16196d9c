"""The trained agents in the box: each is small, says how it was made, and plays far better than chance."""

from __future__ import annotations

import pytest

from agents.core.registry import make_agent
from agents.core.weights import load_tensors
from agents.core.zoo import ZOO, shelf_of
from arena.grade import grade, yardstick
from arena.match import Seating, play
from arena.scores import earned
from games.core.registry import make_game

TRAINED = sorted(ZOO.glob("*/*.safetensors"))
THERE = {
    "alphazero": {"connect_four", "hex", "othello", "tic_tac_toe"},
    "muzero": {"connect_four", "gymnasium-CartPole-v1", "tic_tac_toe"},
    "stochastic_muzero": {"game_2048"},
}
GAMES = 20


def test_there_are_some() -> None:
    for agent, games in THERE.items():
        assert {file.parent.name for file in TRAINED if file.stem == agent} >= games


def test_every_game_has_a_folder_of_its_own() -> None:
    assert shelf_of("hex(board_size=7)") == "hex"
    assert shelf_of("gymnasium:CartPole-v1") == "gymnasium-CartPole-v1"
    assert shelf_of("pettingzoo:mpe/simple_v3(max_cycles=9)") == "pettingzoo-mpe-simple_v3"
    assert shelf_of("openspiel:connect_four") != shelf_of("connect_four")


@pytest.mark.parametrize("file", TRAINED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_is_small_has_a_card_and_beats_random(file) -> None:
    assert file.stat().st_size <= 4 << 20
    card = file.with_suffix(".md").read_text()
    assert all(f"| {what} |" in card for what in ("Command", "Seed", "Cost"))
    assert "| Grade |" in card or "| Score |" in card
    game = make_game(load_tensors(file)[1]["game"])
    agents = {"trained": make_agent(f"{file.stem}(simulations=16)"), "random": make_agent("random")}
    if game.seats == 1:
        trained, other = (earned(game, agent, name, GAMES).mean for name, agent in agents.items())
        assert trained >= 4 * other
        return
    seatings = [Seating(("trained", "random") if n % 2 else ("random", "trained"), n, n) for n in range(GAMES)]
    records = play(game, agents, seatings)
    points = sum(
        record.points[seating.agents.index("trained")] for seating, record in zip(seatings, records, strict=True)
    )
    assert points >= 0.9 * GAMES


@pytest.mark.parametrize("agent", ["alphazero", "muzero"])
def test_tic_tac_toe_is_played_perfectly(agent: str) -> None:
    game = make_game("tic_tac_toe")
    assert grade(game, make_agent(agent), yardstick(game)).mean == 0
