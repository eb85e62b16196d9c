"""Networks that answer a position with a policy and a value: a residual tower with two heads.

The tower is that of AlphaGo Zero (Silver et al., 2017, Methods: "Neural network architecture"); observations that are
not planes pass through the same blocks made of fully connected layers.

The value head is one number a seat, tanh(x) in [-1, 1], and not classes for win, draw and loss: targets are mixtures
of a game's result and a search's value, which is a number alone, and games of several seats have no such classes. It
is trained by cross-entropy all the same (`value_loss`), whose gradient does not die where tanh is flat.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn

from games.core.game import Game
from games.core.specs import parse
from search.network import values_of

POLICY_PLANES, VALUE_PLANES, VALUE_UNITS = 32, 8, 64
LARGEST = 300_000  # weights in the last layer of the policy


@dataclass(frozen=True)
class Tower:
    """`blocks` residual blocks of two layers, `channels` wide."""

    blocks: int
    channels: int


TOWERS = {
    "tic_tac_toe": Tower(2, 32),
    "connect_four": Tower(4, 64),  # 6x96 is worth its price after the first hour
    "ultimate_tic_tac_toe": Tower(5, 64),
    "othello": Tower(5, 64),
    "breakthrough": Tower(5, 64),
    "hex": Tower(5, 64),
    "gomoku": Tower(6, 64),
    "go": Tower(6, 64),
    "nim": Tower(2, 64),
}


@dataclass(frozen=True)
class Architecture:
    """All that a network's weights have to fit into; it is stored with them. Raises ValueError if it makes no sense."""

    observation: tuple[int, ...]  # [C, H, W] or [F]
    actions: int
    values: int  # 1 where two seats play for one sum, else one a seat
    blocks: int
    channels: int
    cells: tuple[int, ...] = ()  # [H * W] where cell n of `Game.places` stands in a plane; empty: it has none

    def __post_init__(self) -> None:
        numbers = (*self.observation, self.actions, self.values, self.blocks, self.channels)
        if len(self.observation) not in (1, 3) or not all(type(n) is int and n > 0 for n in numbers):
            raise ValueError(f"no network is like {self}")
        if self.cells and len(self.cells) != math.prod(self.observation[1:]):
            raise ValueError("there are more cells, or fewer, than in a plane")
        if sorted(self.cells) != list(range(len(self.cells))) or len(self.cells) > self.actions:
            raise ValueError("some cell has no actions, or twice")

    @property
    def plane(self) -> int:
        """Cells of a plane; 1 where the observation is flat."""
        return math.prod(self.observation[1:])

    @property
    def filters(self) -> int:
        """Size of the convolutions; 0: fully connected."""
        return 3 if len(self.observation) == 3 else 0

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """From JSON, which has lists for tuples. Raises TypeError or ValueError."""
        fields: dict[str, Any] = dict(said)
        fields.update({name: tuple(value) for name, value in fields.items() if isinstance(value, list)})
        return cls(**fields)


def architecture(game: Game, tower: Tower | None = None) -> Architecture:
    """What a network for `game` looks like; by default with the tower of `TOWERS`, or one that suits its size."""
    tower = tower or TOWERS.get(parse(game.name).name) or _default_tower(game.observation_shape)
    shape, numbers = tuple(game.observation_shape), game.places()
    cells = () if numbers is None else tuple(np.argsort(numbers, axis=None).tolist())
    return Architecture(shape, game.actions, values_of(game), tower.blocks, tower.channels, cells)


def make_network(game: Game, tower: Tower | None = None) -> PolicyValueNet:
    """A new network for `game`; torch's generator decides its weights."""
    return PolicyValueNet(architecture(game, tower))


def _default_tower(shape: tuple[int, ...]) -> Tower:
    if len(shape) == 1:
        return Tower(2, 128)
    cells = shape[1] * shape[2]
    return Tower(2, 32) if cells <= 16 else Tower(4, 64) if cells <= 49 else Tower(6, 64)


class Layer(nn.Module):
    """A convolution, or a fully connected layer, with batch norm; `agents/core/backends.py` folds the two into one."""

    def __init__(self, inputs: int, outputs: int, size: int) -> None:
        """`size`: of the kernel; 0: fully connected."""
        super().__init__()
        self.map: Any
        self.norm: Any
        if size:
            self.map = nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False)
            self.norm = nn.BatchNorm2d(outputs)
        else:
            self.map, self.norm = nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.norm(self.map(x))
        return y


class Block(nn.Module):
    """Two layers and the way around them (He et al., 2016)."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.first, self.second = Layer(channels, channels, size), Layer(channels, channels, size)
        nn.init.zeros_(self.second.norm.weight)  # a new block changes nothing, which trains faster (Goyal et al., 2017)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu_(self.second(torch.relu_(self.first(x))).add_(x))  # in place: training is 10% faster


class Runnable(nn.Module, ABC):
    """A network that a backend can run."""

    shapes: tuple[tuple[int, ...], ...]  # of the inputs, without the batch

    @abstractmethod
    def answers(self, *said: Tensor) -> tuple[Tensor, ...]:
        """What `forward` gave, in float32, as it is meant to be used."""


class Net(nn.Module):
    """A network that is stored with what its weights fit into."""

    kind: ClassVar[str]  # in files of weights
    described: ClassVar[type[Architecture]] = Architecture
    architecture: Any  # of that type

    def __init__(self, architecture: Any) -> None:
        super().__init__()
        self.architecture = architecture


class TwoHeaded(Net):
    """A network with a policy and a value head."""

    def add_heads(self, outputs: int) -> None:
        """`outputs` of the value head."""
        a, cells, size = self.architecture, self.architecture.plane, self.architecture.filters
        width = POLICY_PLANES if a.cells else min(POLICY_PLANES, max(2, LARGEST // (cells * a.actions)))
        self.policy = Layer(a.channels, width, min(size, 1))
        if a.cells:
            planes, rest = divmod(a.actions, cells)
            self.places = nn.Conv2d(width, planes, 1)
            self.rest = nn.Linear(width, rest) if rest else None
            self.register_buffer("order", torch.tensor(a.cells), persistent=False)
        else:
            self.actions = nn.Linear(width * cells, a.actions)
        self.value = Layer(a.channels, VALUE_PLANES if size else VALUE_UNITS, min(size, 1))
        self.hidden = nn.Linear(VALUE_PLANES * cells if size else VALUE_UNITS, VALUE_UNITS)
        self.values = nn.Linear(VALUE_UNITS, outputs)

    def heads(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Channels [B, C, H, W] or [B, C] -> policy logits [B, A] and the outputs of the value head."""
        policy = torch.relu(self.policy(x))
        if self.architecture.cells:
            logits = self.places(policy).flatten(2)[:, :, self.order].transpose(1, 2).flatten(1)  # [B, H * W * planes]
            if self.rest is not None:
                logits = torch.cat([logits, self.rest(policy.mean((2, 3)))], 1)
        else:
            logits = self.actions(policy.flatten(1))
        hidden = torch.relu(self.hidden(torch.relu(self.value(x)).flatten(1)))
        return logits, self.values(hidden)


class PolicyValueNet(TwoHeaded, Runnable):
    """Observations [B, C, H, W] or [B, F], floats -> policy logits [B, A] and value logits [B, V].

    `torch.tanh` of the value logits gives the values, from the mover on: entry k is the return of seat (mover + k) %
    seats. See `by_seat` in `search/network.py`."""

    kind = "policy-value"

    def __init__(self, architecture: Architecture) -> None:
        super().__init__(architecture)
        self.shapes = (architecture.observation,)
        self.stem = Layer(architecture.observation[0], architecture.channels, architecture.filters)
        self.blocks = tower(architecture.blocks, architecture)
        self.add_heads(architecture.values)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        return self.heads(self.blocks(torch.relu_(self.stem(observations))))

    def answers(self, *said: Tensor) -> tuple[Tensor, ...]:
        """Logits, and values in [-1, 1]."""
        logits, values = said
        return logits, torch.tanh(values)


def tower(blocks: int, architecture: Architecture) -> nn.Sequential:
    """That many blocks."""
    return nn.Sequential(*(Block(architecture.channels, architecture.filters) for _ in range(blocks)))


def value_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """[B] cross-entropy between the chance to win that a value v in [-1, 1] stands for, (1 + v) / 2, and the target's.

    logits, targets [B, V], summed over V. tanh(x) = 2 sigmoid(2x) - 1, so its gradient in x is value - target."""
    return nn.functional.binary_cross_entropy_with_logits(2 * logits, (1 + targets) / 2, reduction="none").sum(1)
