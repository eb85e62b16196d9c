"""What agents share that plan in a model they have learned: settings, training, and play at the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from agents.core import loop
from agents.core.agent import Imagined, Thought, Turn
from agents.core.backends import Crowd, make_backend
from agents.core.episodes import Episodes, Steps, together
from agents.core.learner import Learner, descend
from agents.core.loop import Metrics, staged
from agents.core.networks import architecture
from agents.core.options import check_settings
from agents.core.planner import AnySearch, Planner
from agents.core.weights import load_network
from agents.core.windows import Window, Windows, pictured
from agents.core.world import StochasticWorldNet, World, WorldArchitecture, WorldNet, expectation
from agents.core.zoo import find_weights
from games.core.errors import ArenaError
from games.core.game import Array, Float, Game, Int
from games.core.native import NativeGame
from search.gumbel import Gumbel
from search.latent import LatentModel, StochasticLatentModel
from search.network import by_seat, values_of
from search.plan import Plan, main_line, priors
from search.puct import PUCT
from search.search import Search
from search.tree import Tree

LARGEST_PLANE = 1024  # cells: a latent is as large
LEAVES = 4  # that a search at the table asks about at once
IMAGINED = 12  # moves, nature's among them, of the line of play


@dataclass(frozen=True)
class Settings:
    """What a run is trained with; the defaults suit a small board game."""

    blocks: int = 0  # of the representation; 0: as `agents/core/networks.py` has it for the game
    channels: int = 0
    flat: int = 0  # 1: latents of planes are rows, which is cheaper where a board is tiny
    dynamics: int = 1  # blocks of a step
    bins: int = 41  # of values and rewards
    largest: float = 1.0  # value or reward, in size
    discount: float = 1.0  # a decision
    games: int = 256  # played in lockstep by each process
    simulations: tuple[tuple[float, int], ...] = ((0.0, 24), (0.2, 48))  # (from this share of the run, n)
    considered: int = 16  # actions that the search's root looks at
    c_visit: float = 50.0
    c_scale: float = 0.1
    opening_share: float = 0.5  # of the games begin with random plies, 1 to `opening_plies` of them
    opening_plies: int = 8
    chunk: int = 4096  # decisions between two updates of the network that plays
    window: int = 50_000  # decisions to learn from at first; grows with the data
    passes: float = 2.0  # how often a decision is learned from as the first of a window
    batch: int = 256
    unroll: int = 5  # steps that are followed
    td_steps: int = 1000  # of rewards before the search's value stands in: here, to the end
    fresh: int = 0  # 1: what comes after those steps is what the averaged network says now, not what a search said then
    search_value: float = 0.0  # share of the search's own value in what the value learns
    reanalyse: float = 0.0  # decisions searched anew, a decision played
    priority: float = 0.0  # exponent; 0: all are drawn alike
    symmetric: int = 1  # 1: learn from all pictures of a board; 0: from what was seen alone
    learning_rate: float = 1.5e-3
    decay_from: float = 0.45  # share of the run after which the learning rate falls, along a cosine, to 0
    weight_decay: float = 1e-4
    value_weight: float = 1.0
    reward_weight: float = 1.0
    follower_weight: float = 1.0
    consistency_weight: float = 0.0  # of the cosine of a latent that was imagined to that of what is seen there
    distance_weight: float = 0.0  # of their distance
    apart_weight: float = 0.0  # of how far apart what they are said to be worth is
    average: float = 0.99  # decay of the moving average of the weights, which is what plays

    def __post_init__(self) -> None:
        """Raises ValueError for what cannot be trained with."""
        check_settings(self, ("games", "considered", "chunk", "window", "batch", "unroll", "td_steps", "dynamics"))
        if self.bins < 2 or not 0 < self.discount <= 1 or not self.largest > 0:
            raise ValueError("bins are 2 or more, discount is from 0 to 1, largest is more than 0")


def shape_of(game: Game, settings: Settings, codes: int = 0) -> WorldArchitecture:
    """What a network for `game` looks like."""
    a = architecture(game)
    tower = (settings.blocks, settings.channels) if settings.blocks else (a.blocks, a.channels)
    flat = bool(settings.flat) and len(a.observation) == 3
    return WorldArchitecture(
        a.observation, a.actions, a.values, *tower, () if flat else a.cells, dynamics=settings.dynamics,
        seats=game.seats, largest=float(settings.largest), bins=settings.bins, codes=codes, flat=flat,
    )  # fmt: skip


def model_of(game: Game, net: WorldNet, world: World, discount: float) -> LatentModel:
    """`net`, asked by way of `world`, for a search."""
    if isinstance(net, StochasticWorldNet):
        return StochasticLatentModel(world, game.seats, game.actions, net.architecture.codes, discount)
    return LatentModel(world, game.seats, game.actions, discount)


def reason_against(game: Game) -> str | None:
    """Why `game` cannot be learned; None: it can."""
    if game.hidden:
        return "the game hides things"
    if game.action_space is not None:
        return "its actions are points, not numbers"
    if not isinstance(game, NativeGame) and (game.outcomes or game.simultaneous):
        return "of games without compiled rules it learns those of turns without chance"
    if int(np.prod(game.observation_shape[1:])) > LARGEST_PLANE:
        return f"what it sees has more than {LARGEST_PLANE} cells"
    return None


Loss = Callable[[Any, Window, Any], tuple[Tensor, dict[str, Tensor]]]


class Trainee(loop.Trainee):
    """Plays `chunk` decisions, searches some older ones anew, learns from as many as came times `passes`."""

    kind = Steps
    replay: Windows

    def __init__(self, game: Game, settings: Settings, seed: int, net: WorldNet, loss: Loss) -> None:
        self.game, self.settings, self.loss = game, settings, loss
        self.replay = Windows(
            settings.window, game.actions, game.seats, values_of(game), together(game), settings.td_steps,
            settings.discount, settings.search_value,
        )  # fmt: skip
        self.learner: Learner[WorldNet] = Learner(net, settings.learning_rate, settings.weight_decay, settings.average)
        self.world = World(self.learner.average, Crowd)
        policy = Gumbel(settings.considered, settings.c_visit, settings.c_scale, rescale=False)
        model = model_of(game, net, self.world, settings.discount)
        opening = settings.opening_share, settings.opening_plies
        self.player = Episodes(game, Search(model, policy, None), settings.games, opening, seed)

    def play(self, progress: float) -> tuple[Steps, int]:
        self.world.load(self.learner.average)
        steps, games = self.player.play(staged(self.settings, progress)[0], self.settings.chunk)
        return self.replay.judged(steps), games

    def learn(self, new: int, progress: float, dice: np.random.Generator) -> list[dict[str, float]]:
        settings, symmetries, parts = self.settings, self.game.symmetries(), []
        simulations, rate = staged(settings, progress)
        worth = self._worth if settings.fresh else None
        self._search_anew(round(settings.reanalyse * new), simulations, dice)
        for _ in range(round(settings.passes * new / settings.batch)):
            window = self.replay.windows(settings.batch, settings.unroll, settings.priority, dice, worth)
            if settings.symmetric:
                window = pictured(window, symmetries, dice)
            parts.append(self._step(window, rate))
        return parts

    def _step(self, window: Window, rate: float) -> dict[str, float]:
        return descend(self.learner, lambda net: self.loss(net, window, self.settings), rate, window._asdict())

    @torch.inference_mode()
    def _worth(self, observations: Array, movers: Int) -> Float:
        net = self.learner.average
        with torch.autocast("cpu", torch.bfloat16, enabled=self.learner.bfloat16):
            _, values = net.predict(net.represent(torch.from_numpy(observations).float()))
        expected = expectation(values.float(), net.architecture.largest).numpy()
        return by_seat(expected, movers, self.game.seats)

    def _search_anew(self, count: int, simulations: int, dice: np.random.Generator) -> None:
        """Reanalyse: `count` decisions of the window get the policy and value of a search with the latest network."""
        search, ring = self.player.search, self.replay.ring
        assert ring is not None
        for begin in range(0, count, self.settings.games):
            rows = self.replay.some(min(self.settings.games, count - begin), dice)
            seeds = dice.integers(2**63, size=len(rows)).astype(np.uint64)
            search.run((ring.observations[rows], ring.legal[rows], ring.mover[rows]), simulations, seeds)
            plan = search.plan()
            self.replay.renew(rows, plan.policy[:, : self.game.actions].astype(np.float16), plan.value)

    def told(self, progress: float, samples: Steps) -> tuple[Metrics, Metrics]:
        simulations, rate = staged(self.settings, progress)
        scores = {"score": round(float(np.mean(self.player.scores)), 3)} if self.game.seats == 1 else {}
        return {"simulations": simulations, "rate": round(rate, 6)}, {
            **scores,
            "error": round(float(samples.priority.mean()), 4),
            "repeats": round(self.replay.repeats(), 3),
        }

    def state(self) -> Mapping[str, Array]:
        return {**self.player.state(), **self.replay.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.player.restore(state)
        self.replay.restore(state)


class LatentAgent(Planner):
    """A trained network with PUCT: `simulations` a move, or as many as fit into `seconds`."""

    name: str  # of the agent
    kind: type[WorldNet]

    def __init__(
        self, weights: str | None, simulations: int, seconds: float | None, leaves: int = LEAVES, batch: int = LEAVES
    ) -> None:
        """`batch`: states that the network is asked about at once."""
        super().__init__(simulations, seconds, leaves)
        self.weights, self.batch = weights, batch
        self._nets: dict[str, tuple[WorldNet, World, float]] = {}  # one a game, for all its matches

    def plays(self, game: Game) -> str | None:
        if reason := reason_against(game):
            return reason
        try:
            find_weights(self.weights, game.name, self.name, self.kind)
        except ArenaError as error:
            return str(error)
        return None

    def inputs(self, turns: Sequence[Turn]) -> Any:
        """What is seen, what is legal, and who is to move."""
        seats = np.array([turn.seat for turn in turns], np.int32)
        return np.stack([turn.observation for turn in turns]), np.stack([turn.legal for turn in turns]), seats

    def make_search(self, game: Game) -> Search:
        net, world, discount = self._net(game)
        return Search(model_of(game, net, world, discount), PUCT(), None)

    def _net(self, game: Game) -> tuple[WorldNet, World, float]:
        if game.name not in self._nets:
            net, about = load_network(find_weights(self.weights, game.name, self.name), game, self.kind)
            world = World(net, lambda part: make_backend(part, self.batch))
            self._nets[game.name] = net, world, float(about.get("settings", {}).get("discount", 1.0))
        return self._nets[game.name]

    def _thought(self, turn: Turn, search: AnySearch, plan: Plan, b: int, seconds: float) -> Thought:
        thought = super()._thought(turn, search, plan, b, seconds)
        if isinstance(search, Search) and isinstance(search.model, LatentModel):
            thought.imagined = imagined(self._net(turn.game)[0], search.model, search.tree, b)
        return thought


def imagined(net: WorldNet, model: LatentModel, tree: Tree, b: int) -> tuple[Imagined, ...]:
    """The states along the line of play of tree `b`, from the root to where it sees the end; where chance plays, by
    what it is likeliest to do."""
    nodes, action = tree.nodes[b], None
    line: list[tuple[int | None, int]] = [(None, 0)]
    for mover, taken, node in main_line(tree, b, IMAGINED):
        action = action if mover == tree.seats else taken
        if nodes["mover"][node] != tree.seats:
            line.append((action, node))
    with torch.inference_mode():
        drawn = net.decode(torch.from_numpy(np.stack([model.latent(b, node) for _, node in line])))
    boards = drawn.float().clamp(0, 1).numpy()
    return tuple(
        Imagined(
            action,
            reward=None if action is None else nodes["reward"][node].copy(),
            value=nodes["value"][node].copy(),
            policy=priors(tree, b, node, net.architecture.actions),
            board=board if board.ndim == 3 and nodes["mover"][node] >= 0 else None,
        )
        for (action, node), board in zip(line, boards, strict=True)
    )


def network_of(game: Game, settings: Settings, kind: type[WorldNet], codes: int = 0) -> WorldNet:
    """A new network; torch's generator decides its weights."""
    return kind(shape_of(game, settings, codes))


def contender_of(agent: type[LatentAgent], weights: Path, simulations: int) -> LatentAgent:
    """A checkpoint for many games or positions in lockstep: no leaf waits for another, and batches are large."""
    return agent(str(weights), simulations, None, leaves=1, batch=Crowd.LARGE)
