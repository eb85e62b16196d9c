"""Networks: shapes, heads, the places of actions, and what a value means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from agents.core.networks import (
    TOWERS,
    Architecture,
    PolicyValueNet,
    Tower,
    architecture,
    make_network,
    value_loss,
)
from games.core.registry import GAMES, make_game
from search.network import by_mover, by_seat

SPECS = [*GAMES.names(), "hex(board_size=7)", "gomoku(board_size=9)", "breakthrough(rows=6, columns=5)"]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)  # more of them wait for each other where the machine is busy


@pytest.mark.parametrize("spec", SPECS)
def test_a_network_for_every_game(spec: str) -> None:
    game = make_game(spec)
    net = make_network(game)
    logits, values = net(torch.zeros(5, *game.observation_shape))
    assert logits.shape == (5, game.actions)
    assert values.shape == (5, 1 if game.seats == 2 and game.zero_sum else game.seats)
    assert sum(tensor.numel() * tensor.element_size() for tensor in net.state_dict().values()) <= 4_000_000


def test_the_table_of_towers_names_games() -> None:
    assert set(TOWERS) <= set(GAMES.names())


@pytest.mark.parametrize(
    ("spec", "cells"),
    [
        ("othello", range(64)),
        ("go(board_size=5)", range(25)),
        ("breakthrough(rows=4, columns=3)", (9, 10, 11, 6, 7, 8, 3, 4, 5, 0, 1, 2)),
        ("ultimate_tic_tac_toe", [27 * (n // 27) + 9 * (n // 3 % 3) + 3 * (n // 9 % 3) + n % 3 for n in range(81)]),
    ],
)
def test_actions_are_placed_on_the_board(spec: str, cells: Sequence[int]) -> None:
    """Stored weights depend on these numbers."""
    assert architecture(make_game(spec)).cells == tuple(cells)


def test_columns_are_not_cells() -> None:
    assert architecture(make_game("connect_four")).cells == ()


def test_a_placed_policy_answers_where_the_board_says() -> None:
    """With the order of cells turned around, so are the logits."""
    forward = tuple(range(12))
    torch.manual_seed(1)
    net = PolicyValueNet(Architecture((2, 3, 4), 25, 1, 1, 8, forward)).eval()
    turned = PolicyValueNet(Architecture((2, 3, 4), 25, 1, 1, 8, forward[::-1])).eval()
    turned.load_state_dict(net.state_dict())
    planes = torch.rand(3, 2, 3, 4)
    there, back = net(planes)[0], turned(planes)[0]
    assert torch.equal(there[:, 24], back[:, 24])
    assert torch.equal(there[:, :24].reshape(3, 12, 2).flip(1), back[:, :24].reshape(3, 12, 2))


def test_values_of_seats() -> None:
    movers = np.array([0, 1], np.int32)
    values = np.array([[0.5], [0.25]], np.float32)
    assert by_seat(values, movers, 2).tolist() == [[0.5, -0.5], [-0.25, 0.25]]
    three = np.array([[0.1, 0.2, 0.3]] * 3, np.float32)
    seen = by_seat(three, np.array([0, 1, 2], np.int32), 3)
    assert seen.tolist() == np.array([[0.1, 0.2, 0.3], [0.3, 0.1, 0.2], [0.2, 0.3, 0.1]], np.float32).tolist()
    assert by_seat(values[:1], movers[:1], 1).tolist() == [[0.5]]


@pytest.mark.parametrize(("seats", "values"), [(1, 1), (2, 1), (2, 2), (3, 3), (4, 4)])
def test_targets_undo_values(seats: int, values: int) -> None:
    random = np.random.default_rng(0)
    seen = random.uniform(-1, 1, (20, values)).astype(np.float32)
    movers = random.integers(0, seats, 20).astype(np.int32)
    assert np.array_equal(by_mover(by_seat(seen, movers, seats), movers, values), seen)


def test_the_gradient_of_a_value_is_its_error() -> None:
    logits = torch.tensor([[0.3], [-8.0], [2.0]], requires_grad=True)
    targets = torch.tensor([[0.9], [1.0], [-0.2]])
    value_loss(logits, targets).sum().backward()
    assert torch.allclose(logits.grad, torch.tanh(logits.detach()) - targets, atol=1e-6)
    best = torch.atanh(torch.tensor([[0.4]]))
    assert value_loss(best, torch.tensor([[0.4]])) < value_loss(best + 0.1, torch.tensor([[0.4]]))


def test_a_network_learns() -> None:
    torch.manual_seed(0)
    net = make_network(make_game("tic_tac_toe"), Tower(1, 16))
    planes = (torch.rand(64, 2, 3, 3) > 0.5).float()
    targets = planes.mean((1, 2, 3))[:, None] * 2 - 1
    wanted = planes[:, 0].flatten(1).argmax(1)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        logits, values = net(planes)
        loss = torch.nn.functional.cross_entropy(logits, wanted) + value_loss(values, targets).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 2
