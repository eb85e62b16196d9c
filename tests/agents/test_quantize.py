"""A tower in integers of eight bits answers nearly what the network answers; where that is not to be had, bfloat16."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import softmax

from agents.core import backends
from agents.core.backends import BACKENDS, fold, make_backend
from agents.core.latent import Settings, network_of
from agents.core.lockstep import Lockstep
from agents.core.networks import PolicyValueNet, Tower, make_network
from agents.core.quantize import Convolution, quantized
from agents.core.weights import load_network
from agents.core.world import WorldNet
from agents.core.zoo import find_weights
from games.core.errors import ArenaError
from games.core.registry import make_game

TRAINED = ["connect_four", "othello", "hex(board_size=7)"]
BATCH = 64


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def int8() -> str:
    if reason := BACKENDS["int8"].missing():
        pytest.skip(f"backend int8: {reason}")
    return "int8"


def trained(spec: str) -> PolicyValueNet:
    game = make_game(spec)
    return load_network(find_weights(None, game.name, "alphazero"), game, PolicyValueNet)[0]


def positions(spec: str, count: int = 512) -> Any:
    """What is seen in so many games after 1 to 20 random plies."""
    game = make_game(spec)
    games = Lockstep(game, count, (1.0, 20), 0)
    games.restart(np.arange(count))
    movers = game.acting(games.positions).argmax(1).astype(np.int32)
    return game.observe(games.positions, movers).astype(np.float32)


@pytest.mark.parametrize("spec", TRAINED)
def test_answers_are_nearly_those_of_the_network(int8: str, spec: str) -> None:
    net, seen = trained(spec), positions(spec)
    backend = make_backend(net, BATCH, int8)
    logits, values = backend(seen)
    wanted, value = make_backend(net, BATCH, "eager")(seen)
    assert backend.precision == "int8"
    assert np.abs(values - value).mean() < 0.05
    share = softmax(wanted, 1)
    chosen = share[np.arange(len(seen)), logits.argmax(1)]
    assert (chosen > share.max(1) - 0.01).mean() > 0.95  # moves that mirror each other are as good


@pytest.mark.parametrize("spec", TRAINED)
@torch.inference_mode()
def test_hardly_anything_is_cut(spec: str) -> None:
    """What batch norm says of the range holds: less than one input of a layer in a thousand is above it."""
    net = trained(spec)
    cut: list[float] = []

    def look(module: Convolution, inputs: tuple[torch.Tensor]) -> None:
        cut.append(float((inputs[0] > 255 * module.scale).float().mean()))

    folded = fold(net)
    folded.blocks = quantized(net, folded)
    for block in folded.blocks:
        block.first.register_forward_pre_hook(look)
        block.second.register_forward_pre_hook(look)
    folded(torch.from_numpy(positions(spec)))
    assert len(cut) == 2 * net.architecture.blocks
    assert max(cut) < 1e-3


def test_a_new_block_changes_nothing(int8: str) -> None:
    """Its second layer is all zeros, and has no scale."""
    small, large = trained("connect_four"), make_network(make_game("connect_four"), Tower(8, 64)).eval()
    large.load_state_dict({**large.state_dict(), **small.state_dict()})
    seen = positions("connect_four", BATCH)
    for one, other in zip(make_backend(small, BATCH, int8)(seen), make_backend(large, BATCH, int8)(seen), strict=True):
        assert np.array_equal(one, other)


def test_broken_weights_are_told(int8: str) -> None:
    net = trained("connect_four")
    with torch.no_grad():
        net.blocks[1].first.norm.weight[0] = float("nan")
    with pytest.raises(ArenaError, match=r"^the network's weights are broken: NaN or infinity$"):
        make_backend(net, 1, int8)


def test_networks_without_such_a_tower_stay_as_they_are(int8: str) -> None:
    world = network_of(make_game("connect_four"), Settings(blocks=1, channels=8, bins=11), WorldNet)
    for net in (make_network(make_game("nim")), *world.eval().parts().values()):
        assert make_backend(net, 1, int8).precision == make_backend(net, 1, "openvino").precision


def test_another_backend_where_the_processor_is_slow_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "fast_int8", lambda: False)
    net = make_network(make_game("connect_four"), Tower(1, 8))
    assert make_backend(net, 1).precision != "int8"
    with pytest.raises(ArenaError, match=r"^backend 'int8' cannot run here: "):
        make_backend(net, 1, "int8")
