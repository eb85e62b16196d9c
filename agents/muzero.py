"""MuZero: told no rules, it learns a model of the game and plans in that (Schrittwieser et al. 2020).

It sees observations, rewards, and which actions are legal where it stands; below the root of its search all is
imagined. Self-play and search are those of AlphaZero here; what is learned is the policy and value of the search, the
rewards, who moves next and when it is over, along some steps of what was played.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from agents.core import latent, loop
from agents.core.agent import Agent
from agents.core.latent import LatentAgent, contender_of, network_of, reason_against
from agents.core.loop import Budget, Metrics
from agents.core.run import Run
from agents.core.unroll import arrived, consistent, halved, predicted, summed, targets, weighed
from agents.core.windows import Window
from agents.core.world import WorldNet
from games.core.game import Game

__all__ = ["PRESETS", "Budget", "Settings", "agent", "contender", "loss", "reason_against", "train"]


@dataclass(frozen=True)
class Settings(latent.Settings):
    """What a run is trained with."""


PRESETS: dict[str, dict[str, Any]] = {
    "tic_tac_toe": {
        "games": 128, "chunk": 2048, "window": 10_000, "opening_plies": 4, "passes": 4.0, "batch": 128,
        "simulations": ((0.0, 24),), "learning_rate": 3e-3,
    },
    "connect_four": {
        "opening_share": 0.8, "opening_plies": 12, "passes": 1.5, "batch": 128, "c_scale": 0.5, "search_value": 0.3,
        "simulations": ((0.0, 24), (0.15, 48)),
    },
    "CartPole-v1": {
        "games": 16, "chunk": 1024, "window": 20_000, "discount": 0.997, "largest": 400.0, "bins": 61, "td_steps": 10,
        "simulations": ((0.0, 16),), "passes": 6.0, "value_weight": 0.25, "reanalyse": 1.0, "consistency_weight": 2.0,
        "opening_share": 0.8, "opening_plies": 16, "blocks": 1, "channels": 64,
    },
    "game_2048": {
        "games": 64, "discount": 0.999, "largest": 30_000.0, "bins": 121, "td_steps": 10, "window": 200_000,
        "simulations": ((0.0, 24),), "value_weight": 0.25, "opening_share": 0.0, "reanalyse": 0.5,
    },
    "pong_duel": {"games": 32, "discount": 0.998, "td_steps": 20, "largest": 5.0, "window": 100_000, "reanalyse": 0.5},
}  # fmt: skip


def loss(net: WorldNet, window: Window, settings: Settings) -> tuple[Tensor, dict[str, Tensor]]:
    """The losses of K steps (equation 1; appendix G): cross-entropy to the search's policy, to the distributions of
    value and reward, and to who moves next; and the parts by name."""
    t = targets(window, net)
    latents = [net.represent(t.observations[:, 0])]
    for k in range(t.steps):
        latents.append(net.dynamics(halved(latents[-1]), t.action[:, k]))
    losses = predicted(net, latents, t) | arrived(net, latents[1:], t) | consistent(net, latents[1:], t, settings)
    parts = summed(losses, t)
    return weighed(parts, settings), parts


class Trainee(latent.Trainee):
    """A network that learns by `loss`."""

    def __init__(self, game: Game, settings: Settings, seed: int) -> None:
        super().__init__(game, settings, seed, network_of(game, settings, WorldNet), loss)


def train(
    game: Game, settings: Settings, run: Run, budget: Budget, seed: int, actors: int = 0, start: Path | None = None
) -> Iterator[tuple[Metrics, Path | None]]:
    """As `agents/core/loop.py` says."""
    return loop.train(Trainee, game, settings, run, budget, seed, actors, start)


class MuZero(LatentAgent):
    """The trained network."""

    name, kind = "muzero", WorldNet


def agent(weights: str | None = None, simulations: int = 200, seconds: float | None = None) -> Agent:
    """`weights`: a file, or a run's folder; by default those that come with the arena. One simulation asks the
    network alone."""
    return MuZero(weights, simulations, seconds)


def contender(weights: Path, simulations: int) -> Agent:
    """A checkpoint for many games or positions in lockstep."""
    return contender_of(MuZero, weights, simulations)
