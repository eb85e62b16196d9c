"""The learner: learns, averages, and goes on after a restart as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as nnf
from torch import Tensor

from agents.core.learner import Learner
from agents.core.networks import PolicyValueNet, Tower, make_network, value_loss
from agents.core.weights import load_tensors, save_tensors
from games.core.registry import make_game


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def make_learner(seed: int = 0) -> Learner[PolicyValueNet]:
    torch.manual_seed(seed)
    return Learner(make_network(make_game("connect_four"), Tower(1, 16)), 1e-2, 1e-3, 0.9)


def lesson(seed: int) -> Callable[[PolicyValueNet], Tensor]:
    """Where the most discs are, and how many."""
    generator = torch.Generator().manual_seed(seed)
    seen = (torch.rand(64, 2, 6, 7, generator=generator) > 0.5).float()
    column, count = seen.sum((1, 2)).argmax(1), seen.mean((1, 2, 3))[:, None] * 2 - 1

    def loss(net: PolicyValueNet) -> Tensor:
        logits, values = net(seen)
        return nnf.cross_entropy(logits.float(), column) + value_loss(values.float(), count).mean()

    return loss


def test_it_learns() -> None:
    learner, loss = make_learner(), lesson(0)
    with torch.no_grad():
        before = float(loss(learner.network))
    for _ in range(40):
        learner.learn(loss, 1e-2)
    with torch.no_grad():
        assert float(loss(learner.network)) < before / 2
        assert float(loss(learner.average)) < before


def test_weights_stay_in_float32() -> None:
    learner = make_learner()
    learner.learn(lesson(0), 1e-2)
    assert all(tensor.dtype in (torch.float32, torch.int64) for tensor in learner.state().values())


def test_the_average() -> None:
    learner = make_learner()
    expected = {name: tensor.clone() for name, tensor in learner.network.state_dict().items()}
    for step in range(3):
        learner.learn(lesson(step), 1e-2)
        for name, tensor in learner.network.state_dict().items():
            floats = tensor.is_floating_point()
            expected[name] = 0.9 * expected[name] + 0.1 * tensor if floats else tensor.clone()
    for name, tensor in learner.average.state_dict().items():
        assert torch.allclose(tensor, expected[name], atol=1e-6), name


def test_only_matrices_decay() -> None:
    learner = make_learner()
    for group in learner.optimizer.param_groups:
        assert all((parameter.ndim > 1) == (group["weight_decay"] > 0) for parameter in group["params"])


def test_the_rate_is_that_of_the_step() -> None:
    learner = make_learner()
    before = [parameter.clone() for parameter in learner.network.parameters()]
    learner.learn(lesson(0), 0.0)
    assert all(torch.equal(a, b) for a, b in zip(before, learner.network.parameters(), strict=True))


@pytest.mark.parametrize("steps", [0, 3])
def test_a_restart_changes_nothing(tmp_path: Path, steps: int) -> None:
    """Bit for bit, over a file."""
    learner, other = make_learner(0), make_learner(1)
    for step in range(steps):
        learner.learn(lesson(step), 1e-2)
    save_tensors(tmp_path / "learner.safetensors", learner.state())
    other.restore(load_tensors(tmp_path / "learner.safetensors")[0])
    for step in range(3):
        learner.learn(lesson(10 + step), 1e-2)
        other.learn(lesson(10 + step), 1e-2)
    own, restored = learner.state(), other.state()
    assert own.keys() == restored.keys()
    assert all(torch.equal(own[name], restored[name]) for name in own)


def test_beginning_with_weights() -> None:
    learner, other = make_learner(0), make_learner(1)
    other.begin(learner.network.state_dict())
    for net in (other.network, other.average):
        assert all(torch.equal(a, b) for a, b in zip(net.parameters(), learner.network.parameters(), strict=True))


def test_a_taller_tower_begins_as_what_the_shorter_one_has_learned():
    game = make_game("connect_four")
    learner, taller = make_learner(), Learner(make_network(game, Tower(3, 16)), 1e-2, 1e-3, 0.9)
    for step in range(3):
        learner.learn(lesson(step), 1e-2)
    taller.begin(learner.average.state_dict())
    seen = torch.rand(8, *game.observation_shape)
    for ours, theirs in zip(taller.average(seen), learner.average(seen), strict=True):
        torch.testing.assert_close(ours, theirs)
    with pytest.raises(RuntimeError):
        taller.begin(make_network(game, Tower(3, 8)).state_dict())
