"""Environments of PettingZoo, as in pettingzoo:classic/tictactoe_v3 or pettingzoo:classic/chess_v6.

A name is a family and an environment of PettingZoo; any other installed package that keeps environments in the same
way has its name in place of the family. Options go to the environment. Where all agents can act at once they do, else
one after another (AEC). Source: Terry et al., PettingZoo (2021), https://pettingzoo.farama.org
"""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from gymnasium import spaces

from games.core.errors import ArenaError
from games.core.game import Array, Bool, Game
from games.core.specs import Spec, Value
from games.worlds._foreign.game import Episode, ForeignGame
from games.worlds._foreign.spaces import moves, sight

FAMILIES = ("atari", "butterfly", "classic", "mpe", "sisl")
PACKAGES = {"mpe": "mpe2"}  # families that stand in a package of their own
EXTRAS = {  # what brings the packages that a family needs
    "atari": "planning-arena[atari]",
    "butterfly": "pettingzoo[butterfly]",
    "classic": "pettingzoo[classic]",
    "sisl": "pettingzoo[sisl]",
}


def game(name: str, **options: Value) -> Game:
    """The environment `name`. Raises ArenaError if there is none, or it lacks a package, or does not take the
    options."""
    spec = str(Spec(name, options, "pettingzoo"))
    module = _module(spec, name)
    settings: dict[str, Any] = dict(options)
    if module.__name__.startswith("pettingzoo.atari.") and find_spec("ale_py") is not None:
        settings.setdefault("auto_rom_install_path", str(Path(importlib.import_module("ale_py").__file__ or "").parent))
    at_once = hasattr(module, "parallel_env")
    made = ForeignGame(spec, name.rpartition("/")[2], lambda: (AtOnce if at_once else InTurn)(_make(module, settings)))
    made.simultaneous = at_once and made.seats > 1
    return made


def _module(spec: str, name: str) -> ModuleType:
    family, _, env = name.partition("/")
    package = PACKAGES.get(family, f"pettingzoo.{family}" if family in FAMILIES else family)
    if not env or not all(part.isidentifier() for part in (*package.split("."), *env.split("/"))):
        raise ArenaError(f"{spec}: a name is a family and an environment, as in classic/tictactoe_v3")
    path = f"{package}.{env.replace('/', '.')}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name not in (package, path):
            install = EXTRAS.get(family, str(error.name))
            raise ArenaError(f"{spec} needs the package {error.name}: pip install '{install}'") from None
        if error.name == package:
            where = f"pip install {package}" if family in PACKAGES else f"there are {', '.join(FAMILIES)}"
            raise ArenaError(f"{spec}: there is no family {family}; {where}") from None
        raise ArenaError(f"{spec}: there is no {env} in {family}; there are: {', '.join(_listed(package))}") from None
    except ImportError as error:
        raise ArenaError(f"{spec}: {' '.join(str(error).split())}") from None
    if not hasattr(module, "env") and not hasattr(module, "parallel_env"):
        raise ArenaError(f"{spec}: {path} has neither env() nor parallel_env()")
    return module


def _listed(package: str) -> list[str]:
    """The environments of a family: its modules with a version."""
    found = [module.name for module in pkgutil.iter_modules(importlib.import_module(package).__path__)]
    return [name for name in found if name.rpartition("_v")[2].isdigit()]


def _make(module: ModuleType, settings: Mapping[str, Any]) -> Any:
    make = getattr(module, "parallel_env", None) or module.env
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make(**{"render_mode": "rgb_array", **settings})


class Multi(Episode):
    """What both kinds of environment share. Agents are seats in the order of `possible_agents`."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.seat_names = [str(agent).replace("_", " ") for agent in env.possible_agents]
        self._seats = {agent: seat for seat, agent in enumerate(env.possible_agents)}
        shown = [env.observation_space(agent) for agent in env.possible_agents]
        self._masked = [isinstance(s, spaces.Dict) and "action_mask" in s.spaces for s in shown]
        inner = [s["observation"] if masked else s for s, masked in zip(shown, self._masked, strict=True)]
        self._sights = [sight(space) for space in inner]
        self._moves = [moves(env.action_space(agent)) for agent in env.possible_agents]
        self.actions = max(some.count for some in self._moves)
        self.action_space = self._moves[0].box
        if any(some.box != self.action_space for some in self._moves):
            raise ArenaError("its agents act in different spaces")
        shapes = [some.shape for some in self._sights]
        if len(set(shapes)) > 1 and any(len(shape) > 1 for shape in shapes):
            raise ArenaError("its agents see images of different sizes")
        self.observation_shape = max(shapes)  # rows of numbers are filled up with zeros
        self.observation_dtype = self._sights[0].dtype
        self._infos: Mapping[Any, Any] = {}

    @abstractmethod
    def _see(self, agent: Any) -> Any:
        """What the agent was shown last."""

    def observe(self, seat: int) -> Array:
        seen = self._see(self.env.possible_agents[seat])
        whole: Array = np.zeros(self.observation_shape, self.observation_dtype)
        if seen is not None:
            shown = self._sights[seat](seen["observation"] if self._masked[seat] else seen)
            whole[: len(shown)] = shown
        return whole

    def legal(self, seat: int) -> Bool:
        agent, legal = self.env.possible_agents[seat], np.zeros(self.actions, np.bool_)
        seen = self._see(agent) if self._masked[seat] else None
        given = seen if seen is not None else self._infos.get(agent, {})
        legal[: self._moves[seat].count] = True
        if "action_mask" in given:
            legal[: self._moves[seat].count] = np.asarray(given["action_mask"], np.bool_).reshape(-1)
        return legal

    def frame(self) -> Array | None:
        pixels = self.env.render()
        return np.array(pixels, np.uint8) if isinstance(pixels, np.ndarray) and pixels.ndim == 3 else None

    def text(self) -> str:
        returns = zip(self.seat_names, self._returns, strict=True)
        return "\n".join(f"{name}: {value:g}" for name, value in returns)

    def action_text(self, seat: int, action: int) -> str:
        return self._moves[seat].text(action)

    def _begin(self) -> None:
        self.reason, self._returns = "", np.zeros(len(self._seats))

    def _earn(self, rewards: Mapping[Any, float]) -> list[float]:
        """[seats] what an agent earns, the same counted in its return."""
        earned = np.zeros(len(self._seats))
        for agent, reward in rewards.items():
            earned[self._seats[agent]] += reward
        self._returns += earned
        return [float(value) for value in earned]


class AtOnce(Multi):
    """One `pettingzoo.ParallelEnv`: all living agents act at once."""

    def reset(self, seed: int) -> None:
        self._begin()
        self._seen, self._infos = self.env.reset(seed=seed)
        self.acting = [self._seats[agent] for agent in self.env.agents]

    def step(self, plays: Mapping[int, Any]) -> Sequence[float]:
        agents = self.env.possible_agents
        actions = {agents[seat]: self._moves[seat].play(play) for seat, play in plays.items()}
        self._seen, rewards, terminated, truncated, self._infos = self.env.step(actions)
        ended = {agent for agent in self._seats if terminated.get(agent) or truncated.get(agent)}
        self.acting = [self._seats[agent] for agent in self.env.agents if agent not in ended]
        if not self.acting:
            self.reason = "the episode ended" if any(terminated.values()) else "time is up"
        return self._earn(rewards)

    def _see(self, agent: Any) -> Any:
        return self._seen.get(agent)


class InTurn(Multi):
    """One `pettingzoo.AECEnv`: the agents act one after another.

    `last` tells an agent what it has earned since it acted last, and is asked each time it is its turn, whether it
    lives or not; so each reward counts once, when the agent would hear of it."""

    def reset(self, seed: int) -> None:
        self._begin()
        self.env.reset(seed=seed)
        self._go_on()

    def step(self, plays: Mapping[int, Any]) -> Sequence[float]:
        ((seat, play),) = plays.items()
        self.env.step(self._moves[seat].play(play))
        return self._go_on()

    def _go_on(self) -> Sequence[float]:
        """To the next living agent; what those that are asked earned, [seats]."""
        earned: dict[Any, float] = {}
        self.acting, ends = (), "time is up"
        while self.env.agents:
            agent = self.env.agent_selection
            _, reward, terminated, truncated, info = self.env.last(observe=False)
            earned[agent] = earned.get(agent, 0.0) + float(reward)
            if not (terminated or truncated):
                self.acting, self._infos = (self._seats[agent],), {agent: info}
                return self._earn(earned)
            ends = "the episode ended" if terminated else ends
            self.env.step(None)
        self.reason = ends
        return self._earn(earned)

    def _see(self, agent: Any) -> Any:
        return self.env.observe(agent)
