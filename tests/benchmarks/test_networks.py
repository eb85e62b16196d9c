"""Networks: what bfloat16 and the backends bring over plain float32 in torch; one thread, the 4x64 tower."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as nnf

from agents.core.backends import BACKENDS, fast_bfloat16, make_backend
from agents.core.learner import Learner
from agents.core.networks import Tower, make_network, value_loss
from games.core.registry import make_game

Race = Callable[..., float]
GAME, TOWER = make_game("connect_four"), Tower(4, 64)
ROUNDS = 25
INT8 = {("openvino", 64): 1.1, ("openvino", 8): 1.1, ("fused", 64): 1.3, ("fused", 8): 1.3}
BOUNDS = {("openvino", 1): 5.0, ("openvino", 256): 2.0, ("fused", 1): 3.0, ("fused", 256): 2.0, ("folded", 256): 2.0}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    if not fast_bfloat16():
        pytest.skip("this processor does not multiply bfloat16 in hardware")


@pytest.mark.parametrize("batch", [256, 512])
def test_training(race: Race, batch: int) -> None:
    """Steps of the learner, against the textbook's loop in float32 on the same network: 1.8 times as many or more."""
    torch.manual_seed(0)
    seen, policy = (torch.rand(batch, 2, 6, 7) > 0.6).float(), torch.rand(batch, 7).softmax(1)
    result = torch.rand(batch, 1) * 2 - 1
    learner, net = Learner(make_network(GAME, TOWER), 1e-3, 1e-3, 0.995), make_network(GAME, TOWER)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=1e-3)

    def loss(network: torch.nn.Module) -> torch.Tensor:
        logits, values = network(seen)
        return nnf.cross_entropy(logits.float(), policy) + value_loss(values.float(), result).mean()

    def textbook() -> None:
        optimizer.zero_grad()
        loss(net).backward()
        optimizer.step()

    assert race(lambda: learner.learn(loss, 1e-3), textbook, batch, batch, ROUNDS) >= 1.8


@pytest.mark.parametrize(("name", "batch"), BOUNDS)
def test_inference(race: Race, name: str, batch: int) -> None:
    """Positions a second, against the same network in float32 as torch runs it by default."""
    if reason := BACKENDS[name].missing():
        pytest.skip(f"backend {name}: {reason}")
    assert raced(race, name, "eager", batch) >= BOUNDS[name, batch]


@pytest.mark.parametrize(("other", "batch"), INT8)
def test_int8(race: Race, other: str, batch: int) -> None:
    """Positions a second with the tower in integers of eight bits, against bfloat16."""
    if reason := BACKENDS["int8"].missing() or BACKENDS[other].missing():
        pytest.skip(f"int8 against {other}: {reason}")
    assert raced(race, "int8", other, batch) >= INT8[other, batch]


def raced(race: Race, name: str, other: str, batch: int) -> float:
    """How many times the positions a second of the `other` backend."""
    net, seen = make_network(GAME, TOWER), np.zeros((batch, *GAME.observation_shape), np.float32)

    def asked(backend: Callable[[np.ndarray], object]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(max(1, 32 // batch)):
                backend(seen)

        for _ in range(3):
            run()
        return run

    return race(asked(make_backend(net, batch, name)), asked(make_backend(net, batch, other)), 1, 1, ROUNDS)
