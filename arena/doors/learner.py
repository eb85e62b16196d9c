"""Gymnasium environments: a learner in one seat of a game, agents of the arena in the others.

The single environment and the vectorised one step the same `Sparring`, of one row and of many: row i of
`make_vec(..., num_envs=n)` reset with seed s plays the episodes of `make(...)` reset with seed s + i.

An observation is what the learner's seat sees, from its own side; `info["action_mask"]` (int8 [actions]) says what is
legal. The reward is what its seat earns until it is to act again. Episodes end with the game and are never truncated;
an illegal action loses at once, with the game's least return, and `info["illegal_action"]` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from arena.doors.rendering import Frame, Renderer, metadata
from arena.doors.spaces import LegalActions, LegalBatch, configured, seen
from arena.doors.sparring import Opponent, Sparring
from games.core.errors import ArenaError
from games.core.position import Position

Array = npt.NDArray[Any]
Opponents = Opponent | Sequence[Opponent] | None


class LearnerEnv(gymnasium.Env[Array, np.int64]):
    """One game at a time."""

    metadata: dict[str, Any] = {"render_modes": ["human", "rgb_array", "ansi"], "render_fps": 4}  # noqa: RUF012

    def __init__(
        self,
        game: str,
        opponent: Opponents = None,
        seat: int | str = 0,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        """`opponent`: a spec or an agent for all the other seats (by default random), or a sequence of one each;
        `seat`: the learner's, or "random": another one an episode; `options` are the game's."""
        self._game = configured(game, options)
        self._sparring = Sparring(self._game, 1, opponent, seat)
        self._renderer = Renderer(self._game, render_mode)
        self.metadata, self.render_mode = metadata(self._game), render_mode
        self.observation_space, self.action_space = seen(self._game), LegalActions(self._game.actions)
        self._ended = True

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Array, dict[str, Any]]:
        super().reset(seed=seed)
        self._sparring.begin(np.zeros(1, np.int64), [int(self.np_random.integers(2**63))])
        self._ended = False
        return self._look()

    def step(self, action: np.int64 | int) -> tuple[Array, float, bool, bool, dict[str, Any]]:
        """Where the game was over before the learner could act, the first step ends the episode, whatever the
        action."""
        if self._ended:
            raise ArenaError("there is no episode under way: reset the environment first")
        earned = self._sparring.step(np.asarray(action).reshape(1))
        self._ended = bool(self._sparring.over[0])
        observation, info = self._look()
        return observation, float(earned[0]), self._ended, False, info

    def _look(self) -> tuple[Array, dict[str, Any]]:
        self.action_space.legal = self._sparring.legal[0]  # type: ignore[attr-defined]
        if self.render_mode == "human":
            self.render()
        mask, lost = self._sparring.legal[0].astype(np.int8), bool(self._sparring.lost[0])
        return self._sparring.observe()[0], {"action_mask": mask, "illegal_action": lost}

    def render(self) -> Frame | None:  # type: ignore[override]
        """uint8 [H, W, 3], text, or None: it is shown in a window; as the learner's seat sees it."""
        position = Position(self._game, self._sparring.positions)
        return self._renderer.render(position, int(self._sparring.seats[0]))

    def close(self) -> None:
        self._sparring.close()
        self._renderer.close()
        self._ended = True


class LearnerVectorEnv(VectorEnv[Array, Array, Array]):
    """`num_envs` games that step as one batch.

    A game that is over begins anew at the next step, which hears no action of that row and gives it no reward
    (`AutoresetMode.NEXT_STEP`): the step that ends an episode returns its last observation."""

    def __init__(
        self,
        game: str,
        num_envs: int = 1,
        opponent: Opponents = None,
        seat: int | str = 0,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        """As `LearnerEnv`."""
        if num_envs < 1:
            raise ArenaError(f"num_envs={num_envs} is not a positive number")
        self._game = configured(game, options)
        self._sparring = Sparring(self._game, num_envs, opponent, seat)
        self._renderer = Renderer(self._game, render_mode, ("rgb_array", "ansi"))
        self.num_envs, self.render_mode = num_envs, render_mode
        self.metadata = {**metadata(self._game), "autoreset_mode": AutoresetMode.NEXT_STEP}
        self.single_observation_space, self.single_action_space = seen(self._game), LegalActions(self._game.actions)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = LegalBatch(np.full(num_envs, self._game.actions))
        self._generators: list[np.random.Generator | None] = [None] * num_envs
        self._ended = np.zeros(num_envs, np.bool_)  # [B] begins anew at the next step

    def reset(  # type: ignore[override]
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Array, dict[str, Any]]:
        """`seed`: row i gets seed + i; or one a row."""
        if isinstance(seed, int | np.integer):
            seeds: list[int | None] = [int(seed) + i for i in range(self.num_envs)]
        else:
            seeds = [None] * self.num_envs if seed is None else list(seed)
        if len(seeds) != self.num_envs:
            raise ArenaError(f"{len(seeds)} seeds for {self.num_envs} environments")
        for row, one in enumerate(seeds):
            if one is not None or self._generators[row] is None:
                self._generators[row] = seeding.np_random(one)[0]
        every = np.arange(self.num_envs)
        self._sparring.begin(every, self._seeds(every))
        self._ended[:] = False
        return self._look()

    def step(self, actions: Array) -> tuple[Array, Array, Array, Array, dict[str, Any]]:
        """Actions [B] -> observations, rewards float64 [B], terminations, truncations [B], infos."""
        anew = np.flatnonzero(self._ended)
        rewards = self._sparring.step(actions, anew, self._seeds(anew))
        self._ended = self._sparring.over & ~self._ended
        observations, infos = self._look()
        return observations, rewards, self._ended.copy(), np.zeros(self.num_envs, np.bool_), infos

    def _seeds(self, rows: Array) -> list[int]:
        """Of the next episodes."""
        return [int(self._generators[row].integers(2**63)) for row in rows]  # type: ignore[union-attr]

    def _look(self) -> tuple[Array, dict[str, Any]]:
        legal = self._sparring.legal
        self.action_space.legal = legal  # type: ignore[attr-defined]
        self.single_action_space.legal = legal[0]  # type: ignore[attr-defined]
        every = np.ones(self.num_envs, np.bool_)
        infos = {"action_mask": legal.astype(np.int8), "_action_mask": every}
        infos |= {"illegal_action": self._sparring.lost.copy(), "_illegal_action": every}
        return self._sparring.observe(), infos

    def render(self) -> tuple[Frame | None, ...] | None:  # type: ignore[override]
        """A picture, or a text, of each row."""
        rows = [self._sparring.positions[i : i + 1] for i in range(self.num_envs)]
        return tuple(
            self._renderer.render(Position(self._game, row), int(seat))
            for row, seat in zip(rows, self._sparring.seats, strict=True)
        )

    def close_extras(self, **kwargs: Any) -> None:
        self._sparring.close()
