"""Stochastic MuZero: chance is part of the model that it learns (Antonoglou et al. 2022).

An action leads to an afterstate, and one of a few codes from there to the next state. Nobody says what the codes
mean: an encoder, which sees what came next, chooses them, and the model learns how likely each is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as nnf
from torch import Tensor

from agents.core import latent, loop
from agents.core.agent import Agent
from agents.core.latent import LatentAgent, contender_of, network_of
from agents.core.loop import Budget, Metrics
from agents.core.run import Run
from agents.core.unroll import (
    Targets,
    arrived,
    consistent,
    cross_entropy,
    halved,
    predicted,
    summed,
    targets,
    together,
    weighed,
)
from agents.core.windows import Window
from agents.core.world import StochasticWorldNet
from games.core.game import Game


@dataclass(frozen=True)
class Settings(latent.Settings):
    """What a run is trained with."""

    codes: int = 32  # that nature has
    code_weight: float = 1.0
    commitment_weight: float = 0.05  # of the encoder's certainty
    balance_weight: float = 0.0  # of how evenly it uses the codes


PRESETS: dict[str, dict[str, Any]] = {
    "game_2048": {
        "flat": 1, "blocks": 1, "channels": 256, "games": 128, "chunk": 8192, "simulations": ((0.0, 24), (0.3, 48)),
        "c_scale": 0.5, "opening_share": 0.0, "discount": 0.999, "largest": 20_000.0, "bins": 121, "td_steps": 10,
        "fresh": 1, "unroll": 3, "window": 200_000, "passes": 4.0, "reanalyse": 0.5, "value_weight": 0.25,
        "reward_weight": 5.0, "consistency_weight": 2.0, "distance_weight": 20.0, "apart_weight": 3.0,
        "balance_weight": 0.5,
    },
}  # fmt: skip


def loss(net: StochasticWorldNet, window: Window, settings: Settings) -> tuple[Tensor, dict[str, Tensor]]:
    """Those of MuZero, and for every action: cross-entropy of nature's odds to the code that the encoder chose, of the
    afterstate's value to what came of it, and how far the encoder is from its choice (equations 5 to 8); and how
    unevenly it chooses."""
    t = targets(window, net)
    code, chosen, likely = encoded(net, t)
    latents, afterstates = [net.represent(t.observations[:, 0])], []
    for k in range(t.steps):
        afterstates.append(net.action(halved(latents[-1]), t.action[:, k]))
        latents.append(net.dynamics(afterstates[-1], code[:, k]))
    losses = predicted(net, latents, t) | arrived(net, latents[1:], t) | consistent(net, latents[1:], t, settings)
    odds, worth = net.afterwards(together(afterstates))
    alive = t.alive[:, 1:]
    losses["codes"] = cross_entropy(odds, chosen.flatten(0, 1)).view_as(alive) * alive
    losses["after value"] = cross_entropy(worth, t.value[:, :-1].flatten(0, 1)).view_as(alive)
    losses["commitment"] = (likely - chosen).square().sum(2) * alive
    parts = summed(losses, t)
    parts["balance"] = unevenness((likely * alive[:, :, None]).sum((0, 1)) / alive.sum().clamp_min(1))
    total = weighed(parts, settings) + settings.value_weight * parts["after value"]
    total = total + settings.code_weight * parts["codes"] + settings.commitment_weight * parts["commitment"]
    return total + settings.balance_weight * parts["balance"], parts


def unevenness(odds: Tensor) -> Tensor:
    """How far odds [codes], the mean of many, are from even, in nats. Without this an encoder uses few of its codes;
    with it, and certain of each, it tells as much as it can (Krause et al. 2010)."""
    return (odds * odds.clamp_min(1e-9).log()).sum() + math.log(len(odds))


def encoded(net: StochasticWorldNet, t: Targets) -> tuple[Tensor, Tensor, Tensor]:
    """[B, K, codes] each: the codes, through which the encoder learns (straight through: Bengio et al. 2013); the
    same, one-hot, through which nothing does; and how likely the encoder finds each."""
    before, after = (part.flatten(0, 1) for part in (t.observations[:, :-1], t.observations[:, 1:]))
    likely = torch.softmax(net.encode(before, after).float(), 1).unflatten(0, (-1, t.steps))
    chosen = nnf.one_hot(likely.argmax(2), likely.shape[2]).float()
    return chosen + likely - likely.detach(), chosen, likely


class Trainee(latent.Trainee):
    """A network that learns by `loss`."""

    def __init__(self, game: Game, settings: Settings, seed: int) -> None:
        super().__init__(game, settings, seed, network_of(game, settings, StochasticWorldNet, settings.codes), loss)


def train(
    game: Game, settings: Settings, run: Run, budget: Budget, seed: int, actors: int = 0, start: Path | None = None
) -> Iterator[tuple[Metrics, Path | None]]:
    """As `agents/core/loop.py` says."""
    return loop.train(Trainee, game, settings, run, budget, seed, actors, start)


def reason_against(game: Game) -> str | None:
    """Why `game` cannot be learned; None: it can."""
    if not game.outcomes or game.simultaneous:
        return "it learns games of turns in which chance plays"
    return latent.reason_against(game)


class StochasticMuZero(LatentAgent):
    """The trained network."""

    name, kind = "stochastic_muzero", StochasticWorldNet

    def plays(self, game: Game) -> str | None:
        return reason_against(game) or super().plays(game)


def agent(weights: str | None = None, simulations: int = 200, seconds: float | None = None) -> Agent:
    """`weights`: a file, or a run's folder; by default those that come with the arena. One simulation asks the
    network alone."""
    return StochasticMuZero(weights, simulations, seconds)


def contender(weights: Path, simulations: int) -> Agent:
    """A checkpoint for many games or positions in lockstep."""
    return contender_of(StochasticMuZero, weights, simulations)
