"""PettingZoo environments: every seat is an agent of the user's, nature plays its own moves.

AEC (agent after agent) for games played in turns, Parallel for those in which seats act at once; each kind can be had
of every game. Source of the two interfaces: Terry et al., "PettingZoo: Gym for Multi-Agent Reinforcement Learning",
2021.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.utils import seeding
from pettingzoo import AECEnv, ParallelEnv
from pettingzoo.utils.conversions import parallel_to_aec

from arena.doors.rendering import Frame, Renderer, metadata
from arena.doors.spaces import LegalActions, configured, seen
from arena.doors.sparring import draw_nature
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.position import Position

Observation = dict[str, npt.NDArray[Any]]


class Playground:
    """What both kinds of environment share: one game, its spaces and its picture, with nature's moves played."""

    possible_agents: list[str]
    agents: list[str]

    def __init__(self, game: Game, render_mode: str | None) -> None:
        self.game = game
        self._renderer = Renderer(game, render_mode)
        self.metadata = {**metadata(game), "is_parallelizable": True}
        self.render_mode = render_mode
        self.possible_agents = [f"player_{seat}" for seat in range(game.seats)]
        self.agents = []
        mask = spaces.Box(0, 1, (game.actions,), np.int8)
        self._seen = {a: spaces.Dict({"observation": seen(game), "action_mask": mask}) for a in self.possible_agents}
        self._actions = {agent: LegalActions(game.actions) for agent in self.possible_agents}
        self._generator: np.random.Generator | None = None

    def observation_space(self, agent: str) -> spaces.Dict:
        return self._seen[agent]

    def action_space(self, agent: str) -> LegalActions:
        return self._actions[agent]

    def observe(self, agent: str) -> Observation:
        """{"observation", "action_mask" int8 [actions]} of an agent's seat; an empty mask where it does not act."""
        seat = np.array([self.possible_agents.index(agent)], np.int32)
        row = self.position.row
        mask = self.game.legal(row, seat)[0].astype(np.int8)
        return {"observation": self.game.observe(row, seat)[0], "action_mask": mask}

    def render(self) -> Frame | None:
        """uint8 [H, W, 3], text, or None: it is shown in a window. As the seat to act sees it."""
        acting = self.position.acting
        return self._renderer.render(self.position, acting[0] if acting else 0)

    def close(self) -> None:
        self._renderer.close()

    def _begin(self, seed: int | None) -> None:
        """A new game; `seed` begins a series of them."""
        if seed is not None or self._generator is None:
            self._generator = seeding.np_random(seed)[0]
        self._seed = int(self._generator.integers(2**63))
        self.position = Position.new(self.game, self._seed)
        self.agents = list(self.possible_agents)
        self._go_on(np.zeros(self.game.seats))

    def _play(self, actions: Mapping[int, int]) -> dict[str, float]:
        """Play `actions` of the seats that act; what each agent earns. Raises ArenaError if one is not legal."""
        for action in actions.values():
            if not isinstance(action, int | np.integer) or isinstance(action, bool):
                raise ArenaError(f"an action is a whole number, not {action!r}")
        play = [int(actions.get(seat, -1)) for seat in range(self.game.seats)]
        earned = np.zeros(self.game.seats)
        self._step([*play, self._nature()], earned)
        self._go_on(earned)
        return {agent: float(earned[seat]) for seat, agent in enumerate(self.possible_agents)}

    def _go_on(self, earned: npt.NDArray[np.float64]) -> None:
        """Nature's moves, until a player acts or the game is over."""
        while self.position.acting == [self.game.seats]:
            self._step([-1] * self.game.seats + [self._nature()], earned)
        for seat, agent in enumerate(self.possible_agents):
            self._actions[agent].legal = self.game.legal(self.position.row, np.array([seat], np.int32))[0]
        if self.render_mode == "human":
            self.render()

    def _nature(self) -> int:
        if not self.game.outcomes:
            return -1
        seeds, plies = np.array([self._seed], np.uint64), np.array([self.position.ply], np.int32)
        return int(draw_nature(self.game, self.position.row, seeds, plies)[0])

    def _step(self, play: list[int], earned: npt.NDArray[np.float64]) -> None:
        earned += self.game.step(self.position.row, self.position.joint(play))[0]
        self.position.ply += 1


class TurnGame(Playground, AECEnv[str, Observation, int | None]):
    """A game played in turns."""

    def __init__(self, game: Game, render_mode: str | None) -> None:
        AECEnv.__init__(self)
        Playground.__init__(self, game, render_mode)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        self._begin(seed)
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self.agent_selection = self._next(0)

    def step(self, action: int | None) -> None:
        """The action of `agent_selection`; None once the game is over. Raises ArenaError if it is not legal."""
        agent = self.agent_selection
        if self.terminations[agent]:
            self._was_dead_step(action)
            return
        if action is None:
            raise ArenaError(f"{agent} is to act: None is no action")
        seat = self.possible_agents.index(agent)
        self.rewards = self._play({seat: action})
        self._cumulative_rewards[agent] = 0.0
        self._accumulate_rewards()
        if self.position.over:
            self.terminations = dict.fromkeys(self.agents, True)
        self.agent_selection = self._next((seat + 1) % self.game.seats)

    def _next(self, default: int) -> str:
        acting = self.position.acting
        return self.possible_agents[acting[0] if acting else default]


class ParallelGame(Playground, ParallelEnv[str, Observation, int]):
    """A game in which seats act at once."""

    def __init__(self, game: Game, render_mode: str | None) -> None:
        Playground.__init__(self, game, render_mode)

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        self._begin(seed)
        return self._look()

    def step(
        self, actions: Mapping[str, int]
    ) -> tuple[dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """Raises ArenaError if an action of an agent that acts is missing or not legal."""
        if not self.agents:
            raise ArenaError("there is no game under way: reset the environment first")
        acting = [seat for seat in self.position.acting if seat < self.game.seats]
        missing = [name for name in (self.possible_agents[seat] for seat in acting) if actions.get(name) is None]
        if missing:
            raise ArenaError(f"{', '.join(missing)} must act, but gave no action")
        rewards = self._play({seat: actions[self.possible_agents[seat]] for seat in acting})
        observations, infos = self._look()
        over = dict.fromkeys(self.agents, self.position.over)
        if self.position.over:
            self.agents = []
        return observations, rewards, over, dict.fromkeys(over, False), infos

    def _look(self) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        return {agent: self.observe(agent) for agent in self.agents}, {agent: {} for agent in self.agents}


def make_aec(game: str, render_mode: str | None, options: Mapping[str, Any]) -> AECEnv[str, Observation, int | None]:
    made = configured(game, options)
    return parallel_to_aec(ParallelGame(made, render_mode)) if made.simultaneous else TurnGame(made, render_mode)


def make_parallel(game: str, render_mode: str | None, options: Mapping[str, Any]) -> ParallelGame:
    return ParallelGame(configured(game, options), render_mode)
