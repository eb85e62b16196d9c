"""The networks of MuZero: what is seen becomes a latent, an action leads from one latent to the next (Schrittwieser et
al. 2020; Stochastic MuZero: Antonoglou et al. 2022).

A latent is planes of the board's size, or a row where observations are flat or taken to be, scaled to [0, 1] (appendix
G). It is seen from the side of who moves. Values and rewards are distributions over a support: bins that are even after
h(x) = sign(x) (sqrt(|x| + 1) - 1) + 0.001 x (Pohlen et al. 2018; appendix F). The decoder learns to draw what a latent
stands for, and nothing learns from it.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from agents.core.networks import VALUE_PLANES, VALUE_UNITS, Architecture, Block, Layer, Runnable, TwoHeaded, tower

ACTION_PLANES = 4  # that say what is done
LOOK = 32  # channels in which planes are looked at before they become a row
PROJECTION = 128  # units of the networks that compare latents
Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class WorldArchitecture(Architecture):
    """All that the weights have to fit into. `blocks` are those of the representation."""

    dynamics: int = 1  # blocks
    seats: int = 1
    largest: float = 1.0  # value or reward, in size
    bins: int = 21
    codes: int = 0  # of nature; 0: there is no chance
    flat: bool = False  # latents of planes are rows

    def __post_init__(self) -> None:
        super().__post_init__()
        numbers = (self.dynamics, self.seats, self.bins, self.codes)
        if not all(type(n) is int and n >= 0 for n in numbers) or self.bins < 2 or not self.seats or self.codes > 4096:
            raise ValueError(f"no network is like {self}")
        if type(self.flat) is not bool or (self.flat and (len(self.observation) != 3 or self.cells)):
            raise ValueError(f"no network is like {self}")
        if not 0 < self.largest < 1e12 or max(self.dynamics, self.bins) > 4096:
            raise ValueError(f"no network is like {self}")

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a plane of a latent; empty: it is a row."""
        return () if self.flat else self.observation[1:]

    @property
    def plane(self) -> int:
        return math.prod(self.shape)

    @property
    def filters(self) -> int:
        return 0 if self.flat else super().filters

    @property
    def inputs(self) -> int:
        """Channels of what is seen."""
        return math.prod(self.observation) // self.plane

    @property
    def latent(self) -> tuple[int, ...]:
        """The shape of a latent."""
        return (self.channels, *self.shape)


def squash(x: Tensor) -> Tensor:
    """h(x)."""
    return torch.sign(x) * (torch.sqrt(x.abs() + 1) - 1) + 0.001 * x


def unsquash(y: Tensor) -> Tensor:
    """The inverse of h (Pohlen et al. 2018, proposition A.2)."""
    root = torch.sqrt(1 + 0.004 * (y.abs() + 1.001))
    return torch.sign(y) * (((root - 1) / 0.002) ** 2 - 1)


def end_of(largest: float) -> float:
    """Where the support ends: h of the largest value."""
    return math.sqrt(largest + 1) - 1 + 0.001 * largest


def two_hot(values: Tensor, largest: float, bins: int) -> Tensor:
    """[..., bins] each of values [...] as weights of the two bins next to it; what is too large is cut."""
    edge = end_of(largest)
    place = (squash(values).clamp(-edge, edge) / edge + 1) * (bins - 1) / 2
    low = place.floor().clamp(max=bins - 2)
    high = (place - low)[..., None]
    bin = torch.arange(bins) - low[..., None]
    return torch.where(bin == 0, 1 - high, torch.where(bin == 1, high, 0.0))


def expectation(logits: Tensor, largest: float) -> Tensor:
    """[...] what distributions [..., bins] stand for."""
    edge = end_of(largest)
    support = torch.linspace(-edge, edge, logits.shape[-1], device=logits.device)
    return unsquash((torch.softmax(logits, -1) * support).sum(-1))


def scaled(latents: Tensor) -> Tensor:
    """Each latent to [0, 1]."""
    axes = tuple(range(1, latents.ndim))
    low, high = latents.amin(axes, keepdim=True), latents.amax(axes, keepdim=True)
    return (latents - low) / (high - low).clamp_min(1e-5)


class Transition(nn.Module):
    """A latent and a choice, one-hot [B, n] -> the next latent."""

    def __init__(self, choices: int, a: WorldArchitecture) -> None:
        super().__init__()
        self.shape = a.shape
        planes = ACTION_PLANES if self.shape else 4 * ACTION_PLANES
        self.choice = nn.Linear(choices, planes * a.plane, bias=False)
        self.join = Layer(a.channels + planes, a.channels, a.filters)
        self.blocks = tower(a.dynamics, a)

    def forward(self, latents: Tensor, choices: Tensor) -> Tensor:
        planes = self.choice(choices).unflatten(1, (-1, *self.shape))
        x = torch.relu(self.join(torch.cat([latents, planes.to(latents.dtype)], 1)) + latents)
        return scaled(self.blocks(x))


def look(a: WorldArchitecture) -> nn.Module:
    """Planes -> a row. What neighbours are to each other is told by convolutions: it is the same everywhere."""
    return nn.Sequential(Layer(a.observation[0], LOOK, 3), nn.ReLU(), Block(LOOK, 3), nn.Flatten())


class Head(nn.Module):
    """A latent -> `outputs` numbers, all 0 at first."""

    def __init__(self, outputs: int, a: WorldArchitecture) -> None:
        super().__init__()
        planes = VALUE_PLANES if a.filters else VALUE_UNITS
        self.narrow = Layer(a.channels, planes, min(a.filters, 1))
        self.hidden = nn.Linear(planes * a.plane, VALUE_UNITS)
        self.out = nn.Linear(VALUE_UNITS, outputs)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, latents: Tensor) -> Tensor:
        out: Tensor = self.out(torch.relu(self.hidden(torch.relu(self.narrow(latents)).flatten(1))))
        return out


class WorldNet(TwoHeaded):
    """Representation, dynamics and prediction; besides, the projections of EfficientZero and the decoder."""

    kind = "world"
    described = WorldArchitecture
    architecture: WorldArchitecture

    def __init__(self, architecture: WorldArchitecture) -> None:
        super().__init__(architecture)
        a = architecture
        self.look = look(a) if a.flat else nn.Identity()
        self.stem = Layer(LOOK * math.prod(a.observation[1:]) if a.flat else a.inputs, a.channels, a.filters)
        self.blocks = tower(a.blocks, a)
        self.add_heads(a.values * a.bins)
        nn.init.zeros_(self.values.weight)
        nn.init.zeros_(self.values.bias)
        self.dynamics = Transition(a.codes or a.actions, a)
        self.rewards, self.followers = Head(a.values * a.bins, a), Head(a.seats + 1, a)
        self.projection = nn.Sequential(
            nn.Flatten(), Layer(a.channels * a.plane, PROJECTION, 0), nn.ReLU(), Layer(PROJECTION, PROJECTION, 0)
        )
        half = PROJECTION // 2
        self.guess = nn.Sequential(Layer(PROJECTION, half, 0), nn.ReLU(), nn.Linear(half, PROJECTION))
        self.decoder = nn.Sequential(
            Layer(a.channels, a.channels, a.filters),
            nn.ReLU(),
            nn.Conv2d(a.channels, a.inputs, 1) if a.filters else nn.Linear(a.channels, a.inputs),
        )

    def represent(self, observations: Tensor) -> Tensor:
        """[B, *shape] -> latents [B, *L]."""
        return scaled(self.blocks(torch.relu(self.stem(self.look(observations)))))

    def predict(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Policy logits [B, A] and the logits of the value's distribution [B, V, bins], from the mover on."""
        logits, values = self.heads(latents)
        return logits, values.unflatten(1, (-1, self.architecture.bins))

    def outcome(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """What the step to `latents` brought: the logits of the reward's distribution [B, V, bins], and of who follows
        [B, S + 1]: seat (who moved + k) % S, and the end."""
        return self.rewards(latents).unflatten(1, (-1, self.architecture.bins)), self.followers(latents)

    def decode(self, latents: Tensor) -> Tensor:
        """[B, *shape] what is seen where the latents are; nothing is learned through it."""
        drawn: Tensor = self.decoder(latents.detach())
        return drawn.view(-1, *self.architecture.observation)

    def parts(self) -> dict[str, Runnable]:
        """What a search asks."""
        return {"represent": Represent(self), "imagine": Imagine(self)}


class StochasticWorldNet(WorldNet):
    """With nature between: an action leads to an afterstate, one of `codes` from there to the next latent. The encoder
    tells by what is seen next which code it was."""

    kind = "stochastic-world"

    def __init__(self, architecture: WorldArchitecture) -> None:
        super().__init__(architecture)
        a = architecture
        if not a.codes:
            raise ValueError("there are no codes")
        self.action = Transition(a.actions, a)
        self.odds, self.after_values = Head(a.codes, a), Head(a.values * a.bins, a)
        said = Head(a.codes, a)
        nn.init.xavier_uniform_(said.out.weight)
        self.encoder = nn.Sequential(Layer(a.inputs * 2, a.channels, a.filters), nn.ReLU(), tower(1, a), said)

    def afterwards(self, afterstates: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of nature's codes [B, codes] and of the value's distribution [B, V, bins] for who acted."""
        return self.odds(afterstates), self.after_values(afterstates).unflatten(1, (-1, self.architecture.bins))

    def encode(self, before: Tensor, after: Tensor) -> Tensor:
        """Logits [B, codes] of what nature did between two observations [B, *shape]."""
        both = torch.cat([before, after], 1)
        said: Tensor = self.encoder(both.flatten(1) if self.architecture.flat else both)
        return said

    def parts(self) -> dict[str, Runnable]:
        return super().parts() | {"act": Act(self)}


class Part(Runnable):
    """One of the functions of a network, for a backend."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net, a = net, net.architecture
        self.largest: float = a.largest
        self.shapes = self.shapes_of(a)

    @abstractmethod
    def shapes_of(self, a: WorldArchitecture) -> tuple[tuple[int, ...], ...]:
        """Of the inputs, without the batch."""

    def answers(self, *said: Tensor) -> tuple[Tensor, ...]:
        """Distributions [B, V, bins] become what is expected."""
        return tuple(expectation(part, self.largest) if n in self.distributed else part for n, part in enumerate(said))

    distributed: tuple[int, ...] = (2,)


class Represent(Part):
    """Observations -> latents, policy logits, values."""

    def shapes_of(self, a: WorldArchitecture) -> tuple[tuple[int, ...], ...]:
        return (a.observation,)

    def forward(self, observations: Tensor) -> tuple[Tensor, ...]:
        latents = self.net.represent(observations)
        return latents, *self.net.predict(latents)


class Imagine(Part):
    """Latents and choices -> latents, policy logits, values, rewards, followers."""

    distributed = (2, 3)

    def shapes_of(self, a: WorldArchitecture) -> tuple[tuple[int, ...], ...]:
        return a.latent, (a.codes or a.actions,)

    def forward(self, latents: Tensor, choices: Tensor) -> tuple[Tensor, ...]:
        after = self.net.dynamics(latents, choices)
        return after, *self.net.predict(after), *self.net.outcome(after)


class Act(Part):
    """Latents and actions -> afterstates, logits of nature's codes, values."""

    def shapes_of(self, a: WorldArchitecture) -> tuple[tuple[int, ...], ...]:
        return a.latent, (a.actions,)

    def forward(self, latents: Tensor, actions: Tensor) -> tuple[Tensor, ...]:
        after = self.net.action(latents, actions)
        return after, *self.net.afterwards(after)


class World:
    """The networks as a search asks them; `WorldModel` in `search/latent.py`, also the stochastic one."""

    def __init__(self, net: WorldNet, make: Callable[[Runnable], Any]) -> None:
        """`make` makes a backend."""
        self.backends = {name: make(part) for name, part in net.parts().items()}

    def load(self, net: WorldNet) -> None:
        """Answer with the weights of `net` from now on."""
        for name, part in net.parts().items():
            self.backends[name].load(part)

    def represent(self, observations: Array) -> Any:
        return self.backends["represent"](observations)

    def act(self, latents: Array, actions: Array) -> Any:
        return self.backends["act"](latents, actions)

    def imagine(self, latents: Array, choices: Array) -> Any:
        return self.backends["imagine"](latents, choices)
