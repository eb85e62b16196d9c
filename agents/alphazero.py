"""AlphaZero: a network learns by playing itself, with a search that is better than the network (Silver et al. 2018).

Self-play is Gumbel search (Danihelka et al. 2022) at few simulations over hundreds of games at once; the network
learns the search's policy and how the games ended. At the table the same network guides PUCT, and what a few thousand
positions suffice to solve is solved instead of guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnf
from torch import Tensor

from agents.core import loop
from agents.core.agent import Agent
from agents.core.backends import Crowd, make_backend
from agents.core.learner import Learner, descend
from agents.core.loop import Budget, Metrics, staged
from agents.core.networks import PolicyValueNet, Tower, make_network, value_loss
from agents.core.options import check_settings
from agents.core.planner import Planner
from agents.core.replay import Replay
from agents.core.run import Run
from agents.core.selfplay import Endgame, Samples, SelfPlay
from agents.core.weights import load_network
from agents.core.zoo import find_weights
from games.core.errors import ArenaError
from games.core.game import Array, Game
from games.core.native import NativeGame
from games.core.specs import parse
from games.core.symmetry import Symmetries
from search.gumbel import Gumbel
from search.models import GameModel
from search.network import NetworkEvaluator
from search.puct import PUCT
from search.search import Search, bounds_of
from search.solving import Solver

LEAVES = 8  # that a search at the table asks about at once
LEAF_NODES = {"connect_four": 10_000}  # looked at to solve each new position of a search at the table


@dataclass(frozen=True)
class Settings:
    """What a run is trained with; the defaults suit a small board game."""

    blocks: int = 0  # of the residual tower; 0: as `agents/core/networks.py` has it for the game
    channels: int = 0
    games: int = 512  # played in lockstep by each process
    simulations: tuple[tuple[float, int], ...] = ((0.0, 24), (0.06, 48), (0.35, 80))  # (from this share of the run, n)
    considered: int = 16  # actions that the search's root looks at
    c_visit: float = 50.0
    c_scale: float = 0.5
    opening_share: float = 0.8  # of the games begin with random plies, 1 to `opening_plies` of them
    opening_plies: int = 12
    endgame_nodes: int = 0  # looked at to solve a position, from `endgame_ply` on; 0: none is solved
    endgame_ply: int = 0
    play_on: float = 1.0  # share of the games that go on after they were solved
    chunk: int = 8192  # positions between two updates of the network that plays
    window: int = 100_000  # positions to learn from at first; grows with the data
    passes: float = 3.0  # how often a position is learned from
    batch: int = 256
    learning_rate: float = 1.5e-3
    decay_from: float = 0.45  # share of the run after which the learning rate falls, along a cosine, to 0
    weight_decay: float = 1e-3
    value_weight: float = 2.0
    search_value: float = 0.1  # share of the search's value in the value target; the rest is the game's result
    average: float = 0.995  # decay of the moving average of the weights, which is what plays

    def __post_init__(self) -> None:
        """Raises ValueError for what cannot be trained with."""
        check_settings(self, ("games", "considered", "chunk", "window", "batch"))


PRESETS: dict[str, dict[str, Any]] = {
    "connect_four": {"endgame_nodes": 160_000, "endgame_ply": 18, "search_value": 0.3},
    "tic_tac_toe": {"games": 128, "chunk": 1024, "window": 10_000, "opening_plies": 4},
    "othello": {"opening_plies": 20},
    "hex": {"opening_plies": 8},
}


def loss(network: torch.nn.Module, batch: Samples, settings: Settings) -> tuple[Tensor, dict[str, Tensor]]:
    """Cross-entropy to the search's policy plus `value_weight` times that to the value target, means over the batch
    (Silver et al. 2018, equation 1); and the parts by name."""
    logits, worth = network(torch.from_numpy(batch.observations).float())
    target = torch.from_numpy(batch.policy.astype(np.float32))
    policy = nnf.cross_entropy(logits.float(), target)
    result, value = torch.from_numpy(batch.result), torch.from_numpy(batch.value)
    mixed = (1 - settings.search_value) * result + settings.search_value * value
    outcome = value_loss(worth.float(), mixed).mean()
    entropy = torch.special.entr(target).sum(1).mean()
    return policy + settings.value_weight * outcome, {"policy": policy - entropy, "value": outcome, "entropy": entropy}


def learn(learner: Learner[PolicyValueNet], batch: Samples, settings: Settings, rate: float) -> dict[str, float]:
    """One step of learning; the parts of the loss by name."""
    return descend(learner, lambda network: loss(network, batch, settings), rate, batch._asdict())


def pictured(batch: Samples, symmetries: Symmetries, dice: np.random.Generator) -> Samples:
    """Every sample as one of its pictures, drawn evenly."""
    which = dice.integers(0, len(symmetries.actions), batch.size)
    flat = batch.observations.reshape(batch.size, -1)
    seen = np.take_along_axis(flat, symmetries.observation[which].astype(np.int64), 1)
    policy = np.take_along_axis(batch.policy, symmetries.actions[which].astype(np.int64), 1)
    return batch._replace(observations=seen.reshape(batch.observations.shape), policy=policy)


class Trainee(loop.Trainee):
    """Plays `chunk` positions, learns from as many as came times `passes`."""

    kind = Samples

    def __init__(self, game: Game, settings: Settings, seed: int) -> None:
        self.game, self.settings = game, settings
        tower = Tower(settings.blocks, settings.channels) if settings.blocks and settings.channels else None
        network = make_network(game, tower)
        self.replay: Replay[Samples] = Replay(settings.window)
        self.learner = Learner(network, settings.learning_rate, settings.weight_decay, settings.average)
        self.backend = Crowd(self.learner.average)
        policy = Gumbel(settings.considered, settings.c_visit, settings.c_scale, rescale=False)
        opening = settings.opening_share, settings.opening_plies
        endgame = Endgame(settings.endgame_nodes, settings.endgame_ply, settings.play_on)
        self.player = SelfPlay(game, self.backend, policy, settings.games, opening, endgame, seed)

    def play(self, progress: float) -> tuple[Samples, int]:
        self.backend.load(self.learner.average)
        self.player.evaluator.forget()
        return self.player.play(staged(self.settings, progress)[0], self.settings.chunk)

    def learn(self, new: int, progress: float, dice: np.random.Generator) -> list[dict[str, float]]:
        rate, symmetries, settings = staged(self.settings, progress)[1], self.game.symmetries(), self.settings
        return [
            learn(self.learner, pictured(self.replay.draw(settings.batch, dice), symmetries, dice), settings, rate)
            for _ in range(round(settings.passes * new / settings.batch))
        ]

    def told(self, progress: float, samples: Samples) -> tuple[Metrics, Metrics]:
        simulations, rate = staged(self.settings, progress)
        return {"simulations": simulations, "rate": round(rate, 6)}, {
            "surprise": round(float(samples.surprise.mean()), 4),
            "repeats": round(self.replay.repeats(), 3),
            "cached": round(self.player.evaluator.hit_rate, 3),
        }

    def state(self) -> Mapping[str, Array]:
        return self.player.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        self.player.restore(state)


def train(
    game: Game, settings: Settings, run: Run, budget: Budget, seed: int, actors: int = 0, start: Path | None = None
) -> Iterator[tuple[Metrics, Path | None]]:
    """As `agents/core/loop.py` says."""
    return loop.train(Trainee, game, settings, run, budget, seed, actors, start)


def reason_against(game: Game) -> str | None:
    """Why `game` cannot be learned; None: it can."""
    if not isinstance(game, NativeGame) or game.hidden:
        return "the game hides things" if game.hidden else "it learns games with compiled rules"
    if game.simultaneous or game.outcomes:
        return "it learns games of turns without chance"
    bounded = game.bounds is not None and min(game.bounds) >= -1 and max(game.bounds) <= 1
    return None if bounded else "it learns games whose returns are from -1 to 1"


class AlphaZero(Planner):
    """The trained network with PUCT: `simulations` a move, or as many as fit into `seconds`."""

    def __init__(
        self,
        weights: str | None,
        simulations: int,
        seconds: float | None,
        leaves: int = LEAVES,
        batch: int = LEAVES,
        solves: bool = True,
    ) -> None:
        """`batch`: positions that the network is asked about at once; `solves`: new ones in its tree, too."""
        super().__init__(simulations, seconds, leaves)
        self.weights, self.batch, self.solves = weights, batch, solves
        self._evaluators: dict[str, NetworkEvaluator] = {}  # one a game, for all its matches

    def plays(self, game: Game) -> str | None:
        if reason := reason_against(game):
            return reason
        try:
            find_weights(self.weights, game.name, "alphazero", PolicyValueNet)
        except ArenaError as error:
            return str(error)
        return None

    def make_search(self, game: Game) -> Search:
        if game.name not in self._evaluators:
            network, _ = load_network(find_weights(self.weights, game.name, "alphazero"), game, PolicyValueNet)
            self._evaluators[game.name] = NetworkEvaluator(game, make_backend(network, self.batch), entries=1 << 16)
        nodes = LEAF_NODES.get(parse(game.name).name, 0) if self.solves else 0
        solver = Solver(game, nodes) if nodes and isinstance(game, NativeGame) else None
        return Search(GameModel(game, self._evaluators[game.name], solver), PUCT(c_init=1.5), bounds_of(game))


def agent(weights: str | None = None, simulations: int = 200, seconds: float | None = None) -> Agent:
    """`weights`: a file, or a run's folder; by default those that come with the arena. One simulation asks the
    network alone."""
    return AlphaZero(weights, simulations, seconds)


def contender(weights: Path, simulations: int) -> Agent:
    """A checkpoint for many games or positions in lockstep: no leaf waits for another, and batches are large. What it
    is asked for is what its network has learned, so nothing is solved."""
    return AlphaZero(str(weights), simulations, None, leaves=1, batch=Crowd.LARGE, solves=False)
