"""Environments of Gymnasium, as in gymnasium:CartPole-v1; options go to gymnasium.make.

An environment of one's own is a file: `def game(): return GymnasiumGame("maze", lambda: Maze())`.
Source: Towers et al., Gymnasium (2024), https://gymnasium.farama.org
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import load_env_creator

from games.core.game import Array, Bool, Game
from games.core.specs import Spec, Value
from games.worlds._foreign.game import LONGEST, Episode, ForeignGame
from games.worlds._foreign.spaces import moves, sight

NUMBERS = 16  # of an observation that are put in words


def game(name: str, **options: Value) -> Game:
    """The environment `name`, played alone. Raises ArenaError if there is none, or if it does not take the options."""
    spec = str(Spec(name, options, "gymnasium"))
    return GymnasiumGame(spec, lambda: _make(name, options), title=name)


class GymnasiumGame(ForeignGame):
    """Gymnasium environments for one player."""

    def __init__(self, name: str, make: Callable[[], Any], title: str | None = None) -> None:
        """`make` makes a `gymnasium.Env`; pictures need render_mode="rgb_array"."""
        super().__init__(name, title or name, lambda: GymnasiumEpisode(make()))


def _make(name: str, options: Mapping[str, Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer versions and the like
        entry = gymnasium.spec(name).entry_point
        creator = load_env_creator(entry) if isinstance(entry, str) else entry
        shows = getattr(creator, "metadata", {}).get("render_modes", ())
        pictures = {"render_mode": "rgb_array"} if "rgb_array" in shows else {}
        return gymnasium.make(name, disable_env_checker=True, **(pictures | dict(options)))


class GymnasiumEpisode(Episode):
    """One `gymnasium.Env`."""

    seat_names = ("Player",)

    def __init__(self, env: Any) -> None:
        self.env = env
        self._moves, self._sight = moves(env.action_space), sight(env.observation_space)
        self.actions, self.action_space = self._moves.count, self._moves.box
        self.observation_shape, self.observation_dtype = self._sight.shape, self._sight.dtype
        self.longest = getattr(env.spec, "max_episode_steps", None) or LONGEST
        self._names: list[str] = getattr(env.unwrapped, "get_action_meanings", list)()

    def reset(self, seed: int) -> None:
        self._seen, self._info = self.env.reset(seed=seed)
        self.acting, self.reason, self._total = (0,), "", 0.0

    def step(self, plays: Mapping[int, Any]) -> Sequence[float]:
        self._seen, reward, terminated, truncated, self._info = self.env.step(self._moves.play(plays[0]))
        self._total += float(reward)
        if terminated or truncated:
            self.acting, self.reason = (), "the episode ended" if terminated else "time is up"
        return [float(reward)]

    def legal(self, seat: int) -> Bool:
        mask = np.asarray(self._info.get("action_mask", ()), np.bool_).reshape(-1)
        return mask if mask.any() and len(mask) == self.actions else np.ones(self.actions, np.bool_)

    def observe(self, seat: int) -> Array:
        return self._sight(self._seen)

    def frame(self) -> Array | None:
        if self.env.render_mode != "rgb_array":
            return None
        pixels = self.env.render()
        return np.array(pixels, np.uint8) if isinstance(pixels, np.ndarray) and pixels.ndim == 3 else None

    def text(self) -> str:
        seen = np.asarray(self.observe(0)).reshape(-1)
        numbers = " ".join(f"{number:.3g}" for number in seen) if len(seen) <= NUMBERS else ""
        return f"return {self._total:g}\n{numbers}"

    def action_text(self, seat: int, action: int) -> str:
        return str(self._names[action]) if action < len(self._names) else self._moves.text(action)
