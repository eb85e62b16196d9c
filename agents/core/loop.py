"""The loop in which agents are trained: play, learn, publish, save; a run that is stopped anywhere goes on.

What differs between agents is a `Trainee`. Alone, that is with no other processes and a budget in steps, equal seeds
give equal weights however often the run is stopped and resumed.
"""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from agents.core.actors import Actors, read_chunk, write_chunk
from agents.core.backends import NotFiniteError
from agents.core.cost import Meter
from agents.core.files import write_whole
from agents.core.learner import Learner
from agents.core.replay import Replay
from agents.core.run import KEPT, Run
from agents.core.weights import load_tensors, load_weights, save_tensors, save_weights
from games.core.errors import ArenaError
from games.core.game import Array, Game
from games.core.registry import make_game
from games.core.seeds import derive

PLAYING = "playing.safetensors"  # in the run's folder: the latest network
BROKEN = "diverged.npz"  # in the run's folder: the batch at which a network broke down
CHECKPOINT_EVERY = 120.0  # seconds

Metrics = dict[str, float | int]


class Budget(NamedTuple):
    """When a run ends: after so many `minutes` of work or, if given, after so many iterations (`steps`)."""

    minutes: float
    steps: int | None = None

    def progress(self, seconds: float, iteration: int) -> float:
        """The share of the run that is done, 0 to 1."""
        return min(1.0, seconds / 60 / self.minutes if self.steps is None else iteration / self.steps)


def staged(settings: Any, progress: float) -> tuple[int, float]:
    """(simulations, learning rate) at that share of the run."""
    simulations = [count for begin, count in settings.simulations if progress >= begin][-1]
    falling = max(0.0, progress - settings.decay_from) / (1 - settings.decay_from)
    return simulations, settings.learning_rate * 0.5 * (1 + math.cos(math.pi * falling))


class Trainee(ABC):
    """An agent in training: its network, its games, and what it learns from."""

    game: Game
    kind: type[Any]  # of samples, a NamedTuple of arrays
    learner: Learner[Any]
    replay: Replay[Any]

    @abstractmethod
    def play(self, progress: float) -> tuple[Any, int]:
        """Samples, and of how many games, played by the averaged network at that share of the run."""

    @abstractmethod
    def learn(self, new: int, progress: float, dice: np.random.Generator) -> list[dict[str, float]]:
        """Learn from as many samples as `new` ones call for; the parts of the loss of each step."""

    @abstractmethod
    def told(self, progress: float, samples: Any) -> tuple[Metrics, Metrics]:
        """What else there is to say of an iteration: before and after the losses."""

    @abstractmethod
    def state(self) -> Mapping[str, Array]:
        """All that it takes to go on, but for the weights and the samples."""

    @abstractmethod
    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave; weights and samples are there."""


Make = Callable[[Game, Any, int], Trainee]  # game, settings, seed


def train(
    make: Make, game: Game, settings: Any, run: Run, budget: Budget, seed: int, actors: int, start: Path | None
) -> Iterator[tuple[Metrics, Path | None]]:
    """Train in `run` until the budget is spent, `actors` more processes playing; yields the metrics of each iteration,
    and the folder of the checkpoint if there was one.

    An iteration plays some games, takes in what the other processes have played, learns from that and older ones, and
    publishes the network. `start`: weights to begin with. A network that breaks down (NaN or infinity) ends the run
    with an ArenaError that says when; the batch is kept in the run's folder."""
    meter = Meter(run.cost)
    torch.set_num_threads(1)  # two processes do more than two threads
    torch.manual_seed(derive(seed, "weights") % 2**32)
    trainee = make(game, settings, seed)
    if start is not None and run.latest() is None:
        try:
            trainee.learner.begin(load_weights(start, game.name, type(trainee.learner.network))[0])
        except RuntimeError:
            raise ArenaError(f"{start} holds a network of another size than the run's: set blocks and channels")
    done = Progress.resumed(run, trainee)
    _publish(run, trainee, budget.progress(done.seconds, done.iterations))
    helpers = Actors(_act, actors, make, game.name, settings, str(run.path), seed, done.iterations)
    saved = time.monotonic()
    try:
        while budget.progress(done.seconds, done.iterations) < 1:
            begin = time.perf_counter()
            progress = budget.progress(done.seconds, done.iterations)
            with _watched(run, done.iterations + 1):
                samples, games = trainee.play(progress)
                write_chunk(run.games / f"{done.iterations:06d}-0.npz", samples, games)
                played = time.perf_counter()
                new = done.take_in(run, trainee)
                dice = np.random.default_rng(derive(seed, "learn", done.iterations))
                parts = trainee.learn(new, progress, dice)
            before, after = trainee.told(progress, samples)
            done.iterations += 1
            done.seconds += time.perf_counter() - begin
            progress = budget.progress(done.seconds, done.iterations)
            _publish(run, trainee, progress)
            metrics: Metrics = {
                "iteration": done.iterations,
                "minutes": round(done.seconds / 60, 2),
                "core_hours": round(meter.core_hours(), 4),
                "games": done.games,
                "positions": trainee.replay.total,
                "window": trainee.replay.window,
                **before,
                **{name: round(float(np.mean([part[name] for part in parts])), 4) for name in (parts or [{}])[0]},
                **after,
                "playing": round(played - begin, 1),
                "learning": round(time.perf_counter() - played, 1),
            }
            run.log(**metrics)
            helpers.check()
            checkpoint = None
            if progress >= 1 or time.monotonic() - saved > CHECKPOINT_EVERY:
                checkpoint = done.save(run, trainee)
                saved = time.monotonic()
            yield metrics, checkpoint
    finally:
        helpers.close()
        meter.close()


@contextmanager
def _watched(run: Run, iteration: int) -> Iterator[None]:
    """Keeps what a network was asked when it broke down, and says when."""
    try:
        yield
    except NotFiniteError as error:
        said = f"iteration {iteration}: {error}"
        try:
            np.savez_compressed(run.path / BROKEN, **error.inputs)  # type: ignore[arg-type]
        except OSError as full:
            raise ArenaError(f"{said}; what it was asked cannot be written: {full.strerror}")
        raise ArenaError(f"{said}; what it was asked is in {run.path / BROKEN}, the last checkpoint stands")


def _publish(run: Run, trainee: Trainee, progress: float) -> None:
    """Hand the network to whoever plays."""
    save_weights(run.path / PLAYING, trainee.learner.average, trainee.game.name, {"progress": progress})


def _act(index: int, stopped: Any, make: Make, name: str, settings: Any, folder: str, seed: int, since: int) -> None:
    """Another process that plays with the latest network until it is stopped."""
    torch.set_num_threads(1)
    run, game = Run.open(Path(folder)), make_game(name)
    meter = Meter(run.cost)
    played = [int(path.name[:6]) for path in run.games.glob(f"*-{index}.npz")]
    number = 1 + max(played, default=since)  # never the name of what the learner has already taken in
    trainee = make(game, settings, derive(seed, "actor", index, number))
    while not stopped.is_set():
        tensors, about = load_weights(run.path / PLAYING, game.name)
        trainee.learner.average.load_state_dict(tensors)
        write_chunk(run.games / f"{number:06d}-{index}.npz", *trainee.play(about["progress"]))
        number += 1
    meter.close()


@dataclass
class Progress:
    """How far a run has come."""

    iterations: int = 0
    games: int = 0
    seconds: float = 0.0  # of work, not of waiting between two sessions
    files: dict[str, int] = field(default_factory=dict)  # chunks in the order in which they were taken in: positions
    forgotten: int = 0  # positions in chunks before those, which nobody needs any more
    useless: list[str] = field(default_factory=list)  # the files of the last of them

    def take_in(self, run: Run, trainee: Trainee) -> int:
        """Add what was played since the last time; how many positions."""
        before = trainee.replay.total
        for path in sorted(run.games.glob("*.npz")):
            if path.name not in self.files:
                samples, games = read_chunk(path, trainee.kind)
                trainee.replay.add(samples)
                self.games += games
                self.files[path.name] = samples.size
        return trainee.replay.total - before

    def save(self, run: Run, trainee: Trainee) -> Path:
        learner = trainee.learner

        def write(folder: Path) -> None:
            about = {"settings": dict(run.about["settings"])}
            save_weights(folder / KEPT, learner.average, trainee.game.name, about)
            save_tensors(folder / "learner.safetensors", learner.state())
            games = dict(trainee.state())
            write_whole(folder / "selfplay.npz", lambda file: np.savez_compressed(file, **games))  # type: ignore[arg-type]

        self.forget(trainee.replay)
        folder = run.save(self.iterations, asdict(self), write)
        self.unlink(run)
        return folder

    def forget(self, replay: Replay[Any]) -> None:
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
            (run.games / Path(name).name).unlink(missing_ok=True)

    @classmethod
    def resumed(cls, run: Run, trainee: Trainee) -> Progress:
        """Where the last checkpoint of `run` stands; at the beginning if there is none."""
        found = run.resume()
        if found is None:
            for path in run.games.glob("*.npz"):
                path.unlink()
            return cls()
        folder, state = found
        try:
            trainee.learner.restore(load_tensors(folder / "learner.safetensors")[0])
            with np.load(folder / "selfplay.npz") as arrays:
                kept = dict(arrays)
            counts = (int(state["iterations"]), int(state["games"]), float(state["seconds"]))
            done = cls(*counts, {}, int(state.get("forgotten", 0)), list(map(str, state.get("useless", []))))
            done.unlink(run)
            trainee.replay.total = done.forgotten
            for name in state["files"]:
                samples = read_chunk(run.games / Path(name).name, trainee.kind)[0]
                trainee.replay.add(samples)
                done.files[name] = samples.size
            trainee.restore(kept)
        except ArenaError:
            raise
        except Exception:  # what a file holds that somebody has changed may break anything
            raise ArenaError(f"{folder} is damaged: the run cannot go on from there")
        for path in run.games.glob("*-0.npz"):  # what this process played since will be played again
            if path.name not in done.files:
                path.unlink()
        return done
