"""Networks that answer a position with a policy and a value: a residual tower with two heads.

The tower is that of AlphaGo Zero (Silver et al., 2017, Methods: "Neural network architecture"); observations that are
not planes pass through the same blocks made of fully connected layers.

The value head is one number a seat, tanh(x) in [-1, 1], and not classes for win, draw and loss: targets are mixtures
of a game's result and a search's value, which is a number alone, and games of several seats have no such classes. It
is trained by cross-entropy all the same (`value_loss`), whose gradient does not die where tanh is flat.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
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

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Architecture:
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


class PolicyValueNet(nn.Module):
    """Observations [B, C, H, W] or [B, F], floats -> policy logits [B, A] and value logits [B, V].

    `torch.tanh` of the value logits gives the values, from the mover on: entry k is the return of seat (mover + k) %
    seats. See `by_seat`."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = a = architecture
        flat = len(a.observation) == 1
        cells = 1 if flat else a.observation[1] * a.observation[2]
        size = 0 if flat else 3
        self.stem = Layer(a.observation[0], a.channels, size)
        self.blocks = nn.Sequential(*(Block(a.channels, size) for _ in range(a.blocks)))
        width = POLICY_PLANES if a.cells else min(POLICY_PLANES, max(2, LARGEST // (cells * a.actions)))
        self.policy = Layer(a.channels, width, 0 if flat else 1)
        if a.cells:
            planes, rest = divmod(a.actions, cells)
            self.places = nn.Conv2d(width, planes, 1)
            self.rest = nn.Linear(width, rest) if rest else None
            self.register_buffer("order", torch.tensor(a.cells), persistent=False)
        else:
            self.actions = nn.Linear(width * cells, a.actions)
        self.value = Layer(a.channels, VALUE_UNITS if flat else VALUE_PLANES, 0 if flat else 1)
        self.hidden = nn.Linear(VALUE_UNITS if flat else VALUE_PLANES * cells, VALUE_UNITS)
        self.values = nn.Linear(VALUE_UNITS, a.values)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        x = self.blocks(torch.relu_(self.stem(observations)))
        policy = torch.relu(self.policy(x))
        if self.architecture.cells:
            logits = self.places(policy).flatten(2)[:, :, self.order].transpose(1, 2).flatten(1)  # [B, H * W * planes]
            if self.rest is not None:
                logits = torch.cat([logits, self.rest(policy.mean((2, 3)))], 1)
        else:
            logits = self.actions(policy.flatten(1))
        hidden = torch.relu(self.hidden(torch.relu(self.value(x)).flatten(1)))
        return logits, self.values(hidden)


def value_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """[B] cross-entropy between the chance to win that a value v in [-1, 1] stands for, (1 + v) / 2, and the target's.

    logits, targets [B, V], summed over V. tanh(x) = 2 sigmoid(2x) - 1, so its gradient in x is value - target."""
    return nn.functional.binary_cross_entropy_with_logits(2 * logits, (1 + targets) / 2, reduction="none").sum(1)


def by_seat(values: npt.NDArray[np.float32], movers: npt.NDArray[np.int32], seats: int) -> npt.NDArray[np.float32]:
    """[M, seats] what each seat is to expect, of values [M, V] as seen by `movers` [M]."""
    if values.shape[1] < seats:
        values = np.concatenate([values, -values], 1)
    return np.take_along_axis(values, (np.arange(seats) - movers[:, None]) % seats, 1)


def by_mover(returns: npt.NDArray[np.float32], movers: npt.NDArray[np.int32], values: int) -> npt.NDArray[np.float32]:
    """[M, values] the value targets of `movers` [M] where the seats' returns are [M, seats]; undoes `by_seat`."""
    seats = returns.shape[1]
    return np.take_along_axis(returns, (np.arange(values) + movers[:, None]) % seats, 1)
