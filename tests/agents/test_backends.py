"""Backends: all answer what the network in float32 answers, and a position the same in whatever company."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from agents.core.backends import BACKENDS, Backend, fold, make_backend
from agents.core.networks import PolicyValueNet, Tower, make_network
from games.core.errors import ArenaError
from games.core.registry import make_game

BATCH = 16
GAMES = ["connect_four", "othello", "nim"]  # a plain policy, one placed on the board, one of a flat observation


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)  # more of them wait for each other where the machine is busy


def trained(spec: str, seed: int = 0) -> PolicyValueNet:
    """A network whose batch norms have seen something, so that folding them matters."""
    torch.manual_seed(seed)
    net = make_network(make_game(spec), Tower(2, 32))
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return net.eval()


def build(name: str, net: PolicyValueNet, batch: int = BATCH) -> Backend:
    if reason := BACKENDS[name].missing():
        pytest.skip(f"backend {name}: {reason}")
    return make_backend(net, batch, name)


def observations(spec: str, count: int) -> np.ndarray:
    random = np.random.default_rng(1)
    return (random.random((count, *make_game(spec).observation_shape)) < 0.4).astype(np.float32)


@pytest.mark.parametrize("spec", GAMES)
@pytest.mark.parametrize("name", BACKENDS)
def test_backends_agree_with_the_network(name: str, spec: str) -> None:
    net, seen = trained(spec), observations(spec, 40)
    backend = build(name, net)
    logits, values = backend(seen)
    with torch.inference_mode():
        wanted, value = net(torch.from_numpy(seen))
    assert logits.dtype == values.dtype == np.float32
    assert logits.shape == wanted.shape
    assert values.shape == value.shape
    off = 1e-5 if backend.precision == "float32" else 2e-2
    assert np.allclose(logits, wanted.numpy(), atol=off * max(1.0, float(wanted.abs().max())))
    assert np.allclose(values, torch.tanh(value).numpy(), atol=off)


@pytest.mark.parametrize("spec", GAMES)
@pytest.mark.parametrize("name", BACKENDS)
def test_company_changes_nothing(name: str, spec: str) -> None:
    """Bit for bit: alone, in any place of a batch, and in batches larger than it was made for."""
    backend, seen = build(name, trained(spec)), observations(spec, 40)
    logits, values = backend(seen)
    for row in range(40):
        alone = backend(seen[row : row + 1])
        assert np.array_equal(alone[0][0], logits[row])
        assert np.array_equal(alone[1][0], values[row])
    order = np.random.default_rng(2).permutation(40)
    shuffled = backend(seen[order][:23])
    assert np.array_equal(shuffled[0], logits[order][:23])
    assert np.array_equal(shuffled[1], values[order][:23])
    assert np.array_equal(backend(seen.astype(np.uint8))[0], logits)


@pytest.mark.parametrize("name", BACKENDS)
def test_answers_stay_after_the_next_question(name: str) -> None:
    backend, seen = build(name, trained("connect_four")), observations("connect_four", 2 * BATCH)
    first = backend(seen[:BATCH])
    kept = [part.copy() for part in first]
    backend(seen[BATCH:])
    assert all(np.array_equal(part, copy) for part, copy in zip(first, kept, strict=True))


@pytest.mark.parametrize("name", BACKENDS)
def test_new_weights(name: str) -> None:
    one, two, seen = trained("connect_four", 1), trained("connect_four", 2), observations("connect_four", 8)
    backend, other = build(name, one), build(name, two)
    before = backend(seen)
    backend.load(two)
    assert not np.array_equal(backend(seen)[0], before[0])
    assert np.array_equal(backend(seen)[0], other(seen)[0])
    with torch.no_grad():
        two.stem.map.weight.zero_()  # the backend has a copy of its own
    assert np.array_equal(backend(seen)[0], other(seen)[0])


@pytest.mark.parametrize("name", BACKENDS)
def test_broken_weights_are_told(name: str) -> None:
    net = trained("connect_four")
    with torch.no_grad():
        net.values.bias.fill_(float("nan"))
    backend = build(name, net)
    with pytest.raises(ArenaError, match=r"^the network answered NaN or infinity: its weights are broken$"):
        backend(observations("connect_four", 3))


def test_folding_leaves_no_batch_norm() -> None:
    net, seen = trained("othello"), torch.from_numpy(observations("othello", 4))
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    folded = fold(net)
    assert not [module for module in folded.modules() if isinstance(module, nn.BatchNorm2d)]
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    with torch.inference_mode():
        assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(net(seen), folded(seen), strict=True))


def test_backends_that_are_not_there() -> None:
    net = trained("connect_four")
    with pytest.raises(ArenaError, match="there is no backend 'abacus'; there are: cuda, int8, openvino, fused"):
        make_backend(net, 1, "abacus")
    for name, kind in BACKENDS.items():
        if kind.missing():
            with pytest.raises(ArenaError, match=f"backend '{name}' cannot run here: "):
                make_backend(net, 1, name)
    assert BACKENDS["eager"].missing() is None
    assert BACKENDS["folded"].missing() is None


def test_the_default_backend_computes_on_one_thread() -> None:
    torch.set_num_threads(2)
    assert make_backend(trained("nim"), 4)(observations("nim", 4))[0].shape == (4, 28)
    assert torch.get_num_threads() == 1


def test_openvino_reports_to_nobody() -> None:
    """Importing OpenVINO would tell its makers; a new process, for it may be imported here already."""
    pytest.importorskip("openvino", reason="OpenVINO is not installed: pip install 'planning-arena[openvino]'")
    code = """
import sys
from agents.core.backends import make_backend
from agents.core.networks import make_network
from games.core.registry import make_game
make_backend(make_network(make_game("nim")), 1, "openvino")
assert sys.modules["openvino_telemetry"] is None
"""
    subprocess.run([sys.executable, "-c", code], check=True)
