"""AlphaZero: a network learns by playing itself, with a search that is better than the network (Silver et al. 2018).

Self-play is Gumbel search (Danihelka et al. 2022) at few simulations over hundreds of games at once; the network
learns the search's policy and how the games ended. At the table the same network guides PUCT.
"""

from __future__ import annotations

import math
import os
import signal
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import torch
import torch.nn.functional as nnf
from torch import Tensor

from agents.core.actors import Actors, read_chunk, write_chunk
from agents.core.agent import Agent
from agents.core.backends import Crowd, make_backend
from agents.core.cost import Meter
from agents.core.learner import Learner
from agents.core.networks import PolicyValueNet, Tower, make_network, value_loss
from agents.core.planner import Planner
from agents.core.replay import Replay
from agents.core.run import KEPT, Run
from agents.core.selfplay import Endgame, Samples, SelfPlay
from agents.core.weights import load_network, load_tensors, load_weights, save_tensors, save_weights
from agents.core.zoo import find_weights
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.native import NativeGame
from games.core.registry import make_game
from games.core.seeds import derive
from games.core.symmetry import Symmetries
from search.gumbel import Gumbel
from search.models import GameModel
from search.network import NetworkEvaluator
from search.puct import PUCT
from search.search import Search, bounds_of

PLAYING = "playing.safetensors"  # in the run's folder: the latest network
CHECKPOINT_EVERY = 120.0  # seconds
LEAVES = 8  # that a search at the table asks about at once


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
    endgame_nodes: int = 0  # of alpha-beta, which solves positions from `endgame_ply` on; 0: it does not
    endgame_ply: int = 0
    play_on: float = 0.25  # share of the games that go on after they were solved
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
        for name in ("games", "considered", "chunk", "window", "batch"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} has to be 1 or more")
        if bool(self.blocks) != bool(self.channels):
            raise ValueError("blocks and channels go together")
        if not 0 <= self.decay_from < 1:
            raise ValueError("decay_from is a share of the run below 1")
        if not self.simulations or self.simulations[0][0] != 0 or min(n for _, n in self.simulations) < 1:
            raise ValueError("simulations begin at share 0 and are 1 or more")
        if not all(math.isfinite(v) and v >= 0 for v in asdict(self).values() if isinstance(v, int | float)):
            raise ValueError("all numbers are finite and not negative")


PRESETS: dict[str, dict[str, Any]] = {
    "connect_four": {"endgame_nodes": 5_000, "endgame_ply": 16},
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
    parts: dict[str, Tensor] = {}

    def total(network: PolicyValueNet) -> Tensor:
        sum_, named = loss(network, batch, settings)
        parts.update(named)
        return sum_

    learner.learn(total, rate)
    return {name: float(part.detach()) for name, part in parts.items()}


def pictured(batch: Samples, symmetries: Symmetries, dice: np.random.Generator) -> Samples:
    """Every sample as one of its pictures, drawn evenly."""
    which = dice.integers(0, len(symmetries.actions), batch.size)
    flat = batch.observations.reshape(batch.size, -1)
    seen = np.take_along_axis(flat, symmetries.observation[which].astype(np.int64), 1)
    policy = np.take_along_axis(batch.policy, symmetries.actions[which].astype(np.int64), 1)
    return batch._replace(observations=seen.reshape(batch.observations.shape), policy=policy)


Metrics = dict[str, float | int]


class Budget(NamedTuple):
    """When a run ends: after so many `minutes` of work or, if given, after so many iterations (`steps`)."""

    minutes: float
    steps: int | None = None

    def progress(self, seconds: float, iteration: int) -> float:
        """The share of the run that is done, 0 to 1."""
        return min(1.0, seconds / 60 / self.minutes if self.steps is None else iteration / self.steps)


def staged(settings: Settings, progress: float) -> tuple[int, float]:
    """(simulations, learning rate) at that share of the run."""
    simulations = [count for begin, count in settings.simulations if progress >= begin][-1]
    falling = max(0.0, progress - settings.decay_from) / (1 - settings.decay_from)
    return simulations, settings.learning_rate * 0.5 * (1 + math.cos(math.pi * falling))


def train(
    game: Game, settings: Settings, run: Run, budget: Budget, seed: int, actors: int = 0, start: Path | None = None
) -> Iterator[tuple[Metrics, Path | None]]:
    """Train in `run` until the budget is spent, `actors` more processes playing; yields the metrics of each iteration,
    and the folder of the checkpoint if there was one.

    An iteration plays `chunk` positions, takes in what the other processes have played, learns from as many as came
    times `passes`, and publishes the network. `start`: weights to begin with. Alone, that is with no actors and a
    budget in steps, equal seeds give equal weights however often the run is stopped and resumed."""
    meter = Meter(run.cost)
    torch.set_num_threads(1)  # two processes do more than two threads
    torch.manual_seed(derive(seed, "weights") % 2**32)
    network, replay = make_network(game, _tower(settings)), Replay(settings.window)
    learner = Learner(network, settings.learning_rate, settings.weight_decay, settings.average)
    if start is not None and run.latest() is None:
        try:
            learner.begin(load_weights(start, game.name)[0])
        except RuntimeError:
            raise ArenaError(f"{start} holds a network of another size than the run's: set blocks and channels")
    backend = Crowd(learner.average)
    player = _player(game, backend, settings, seed)
    done = _Progress.resumed(run, learner, replay, player)
    _publish(run, game, learner, settings, budget.progress(done.seconds, done.iterations))
    helpers = Actors(_act, actors, game.name, settings, str(run.path), seed, done.iterations)
    saved = time.monotonic()
    try:
        while budget.progress(done.seconds, done.iterations) < 1:
            begin = time.perf_counter()
            progress = budget.progress(done.seconds, done.iterations)
            simulations, rate = staged(settings, progress)
            backend.load(learner.average)
            player.evaluator.forget()
            samples, games = player.play(simulations, settings.chunk)
            write_chunk(run.games / f"{done.iterations:06d}-0.npz", samples, games)
            played = time.perf_counter()
            new = done.take_in(run, replay)
            dice = np.random.default_rng(derive(seed, "learn", done.iterations))
            parts = [
                learn(learner, pictured(replay.draw(settings.batch, dice), game.symmetries(), dice), settings, rate)
                for _ in range(round(settings.passes * new / settings.batch))
            ]
            done.iterations += 1
            done.seconds += time.perf_counter() - begin
            progress = budget.progress(done.seconds, done.iterations)
            _publish(run, game, learner, settings, progress)
            metrics: Metrics = {
                "iteration": done.iterations,
                "minutes": round(done.seconds / 60, 2),
                "core_hours": round(meter.core_hours(), 4),
                "games": done.games,
                "positions": replay.total,
                "window": replay.window,
                "simulations": simulations,
                "rate": round(rate, 6),
                **{name: round(float(np.mean([part[name] for part in parts])), 4) for name in (parts or [{}])[0]},
                "surprise": round(float(samples.surprise.mean()), 4),
                "repeats": round(replay.repeats(), 3),
                "cached": round(player.evaluator.hit_rate, 3),
                "playing": round(played - begin, 1),
                "learning": round(time.perf_counter() - played, 1),
            }
            run.log(**metrics)
            helpers.check()
            checkpoint = None
            if progress >= 1 or time.monotonic() - saved > CHECKPOINT_EVERY:
                checkpoint = done.save(run, game, learner, player, replay)
                saved = time.monotonic()
            yield metrics, checkpoint
    finally:
        helpers.close()
        meter.close()


def _tower(settings: Settings) -> Tower | None:
    return Tower(settings.blocks, settings.channels) if settings.blocks and settings.channels else None


def _player(game: Game, backend: Crowd, settings: Settings, seed: int) -> SelfPlay:
    policy = Gumbel(settings.considered, settings.c_visit, settings.c_scale, rescale=False)
    opening = settings.opening_share, settings.opening_plies
    endgame = Endgame(settings.endgame_nodes, settings.endgame_ply, settings.play_on)
    return SelfPlay(game, backend, policy, settings.games, opening, endgame, seed)


def _publish(run: Run, game: Game, learner: Learner[PolicyValueNet], settings: Settings, progress: float) -> None:
    """Hand the network to whoever plays."""
    save_weights(run.path / PLAYING, learner.average, game.name, {"progress": progress})


def _act(index: int, stopped: Any, name: str, settings: Settings, folder: str, seed: int, since: int) -> None:
    """Another process that plays with the latest network until it is stopped."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for the learner, which then stops this
    torch.set_num_threads(1)
    run, game, parent = Run.open(Path(folder)), make_game(name), os.getppid()
    meter = Meter(run.cost)
    network = make_network(game, _tower(settings))
    backend = Crowd(network)
    played = [int(path.name[:6]) for path in run.games.glob(f"*-{index}.npz")]
    number = 1 + max(played, default=since)  # never the name of what the learner has already taken in
    player = _player(game, backend, settings, derive(seed, "actor", index, number))
    while not stopped.is_set() and os.getppid() == parent:
        tensors, about = load_weights(run.path / PLAYING, game.name)
        network.load_state_dict(tensors)
        backend.load(network)
        player.evaluator.forget()
        simulations, _ = staged(settings, about["progress"])
        write_chunk(run.games / f"{number:06d}-{index}.npz", *player.play(simulations, settings.chunk))
        number += 1
    meter.close()


@dataclass
class _Progress:
    """How far a run has come."""

    iterations: int = 0
    games: int = 0
    seconds: float = 0.0  # of work, not of waiting between two sessions
    files: dict[str, int] = field(default_factory=dict)  # chunks in the order in which they were taken in: positions
    forgotten: int = 0  # positions in chunks before those, which nobody needs any more
    useless: list[str] = field(default_factory=list)  # the files of the last of them

    def take_in(self, run: Run, replay: Replay) -> int:
        """Add what was played since the last time; how many positions."""
        before = replay.total
        for path in sorted(run.games.glob("*.npz")):
            if path.name not in self.files:
                samples, games = read_chunk(path)
                replay.add(samples)
                self.games += games
                self.files[path.name] = samples.size
        return replay.total - before

    def save(self, run: Run, game: Game, learner: Learner[PolicyValueNet], player: SelfPlay, replay: Replay) -> Path:
        def write(folder: Path) -> None:
            save_weights(folder / KEPT, learner.average, game.name, {"settings": dict(run.about["settings"])})
            save_tensors(folder / "learner.safetensors", learner.state())
            np.savez_compressed(folder / "selfplay.npz", **dict(player.state()))  # type: ignore[arg-type]

        self.forget(replay)
        folder = run.save(self.iterations, asdict(self), write)
        self.unlink(run)
        return folder

    def forget(self, replay: Replay) -> None:
        """Strike out the chunks that have left the window, which never reaches further back than it does."""
        self.useless = []
        for name, size in list(self.files.items()):
            if self.forgotten + size > replay.total - replay.window:
                break
            self.forgotten += self.files.pop(name)
            self.useless.append(name)

    def unlink(self, run: Run) -> None:
        """Delete what is struck out; not before a checkpoint says so, since the last one needs it to go on."""
        for name in self.useless:
            (run.games / name).unlink(missing_ok=True)

    @classmethod
    def resumed(cls, run: Run, learner: Learner[PolicyValueNet], replay: Replay, player: SelfPlay) -> _Progress:
        """Where the last checkpoint of `run` stands; at the beginning if there is none."""
        found = run.resume()
        if found is None:
            for path in run.games.glob("*.npz"):
                path.unlink()
            return cls()
        folder, state = found
        try:
            learner.restore(load_tensors(folder / "learner.safetensors")[0])
            with np.load(folder / "selfplay.npz") as arrays:
                player.restore(arrays)
            counts = (state["iterations"], state["games"], state["seconds"])
            done = cls(*counts, {}, state.get("forgotten", 0), state.get("useless", []))
            names = list(state["files"])
        except (OSError, ValueError, TypeError, KeyError, EOFError, RuntimeError, BadZipFile, zlib.error):
            raise ArenaError(f"{folder} is damaged: the run cannot go on from there")
        done.unlink(run)
        replay.total = done.forgotten
        for name in names:
            samples = read_chunk(run.games / name)[0]
            replay.add(samples)
            done.files[name] = samples.size
        for path in run.games.glob("*-0.npz"):  # what this process played since will be played again
            if path.name not in done.files:
                path.unlink()
        return done


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
        self, weights: str | None, simulations: int, seconds: float | None, leaves: int = LEAVES, batch: int = LEAVES
    ) -> None:
        """`batch`: positions that the network is asked about at once."""
        super().__init__(simulations, seconds, leaves)
        self.weights, self.batch = weights, batch
        self._evaluators: dict[str, NetworkEvaluator] = {}  # one a game, for all its matches

    def plays(self, game: Game) -> str | None:
        if reason := reason_against(game):
            return reason
        try:
            find_weights(self.weights, game.name, "alphazero")
        except ArenaError as error:
            return str(error)
        return None

    def make_search(self, game: Game) -> Search:
        if game.name not in self._evaluators:
            network, _ = load_network(find_weights(self.weights, game.name, "alphazero"), game)
            self._evaluators[game.name] = NetworkEvaluator(game, make_backend(network, self.batch), entries=1 << 16)
        return Search(GameModel(game, self._evaluators[game.name]), PUCT(c_init=1.5), bounds_of(game))


def agent(weights: str | None = None, simulations: int = 200, seconds: float | None = None) -> Agent:
    """`weights`: a file, or a run's folder; by default those that come with the arena. One simulation asks the
    network alone."""
    return AlphaZero(weights, simulations, seconds)


def contender(weights: Path, simulations: int) -> Agent:
    """A checkpoint for many games or positions in lockstep: no leaf waits for another, and batches are large."""
    return AlphaZero(str(weights), simulations, None, leaves=1, batch=Crowd.LARGE)
