"""A game around environments that keep their state to themselves: a position is an `Episode`, one row an environment.

Nothing is copied and nothing is known of the future, so nobody can search; who plays sees the observations alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy as np

from games.core.canvas import Canvas
from games.core.errors import ArenaError, GameError
from games.core.game import Array, Bool, Float, Game, Int, Positions, Seats, Seeds
from games.core.joint import moved
from games.core.registry import make_game
from games.worlds._foreign.looks import SIDE, draw_buttons, draw_frame, draw_text

LONGEST = 100_000  # plies, where an environment sets itself no end


class Episode(ABC):
    """One environment and the game under way in it. What it raises becomes one clear line, and no result."""

    actions: int  # as in `Game`
    action_space: Any = None
    observation_shape: tuple[int, ...]
    observation_dtype: type
    longest: int = LONGEST
    seat_names: Sequence[str]
    keys: Mapping[str, int] = MappingProxyType({})  # of one seat, where it runs in real time

    ply: int = 0
    acting: Sequence[int] = ()  # the seats that act now; none: over
    reason: str = ""  # why it is over

    @abstractmethod
    def reset(self, seed: int) -> None:
        """Begin anew; equal seeds, equal games."""

    @abstractmethod
    def step(self, plays: Mapping[int, Any]) -> Sequence[float]:
        """Play a number or point for each seat that acts; rewards [seats]."""

    @abstractmethod
    def legal(self, seat: int) -> Bool:
        """[actions] what an acting seat may do."""

    @abstractmethod
    def observe(self, seat: int) -> Array:
        """[*observation_shape] what a seat sees."""

    @abstractmethod
    def frame(self) -> Array | None:
        """uint8 [H, W, 3] a picture, if there are any."""

    @abstractmethod
    def text(self) -> str:
        """What there is to say in words."""

    def action_text(self, seat: int, action: int) -> str:
        return str(action)


class ForeignGame(Game):
    """A game of environments that `make` makes, all alike."""

    forkable = False
    zero_sum = False
    bounds = None
    extent = (SIDE, SIDE)

    def __init__(self, name: str, title: str, make: Callable[[], Episode]) -> None:
        """Makes the first environment, to learn what it is like. Raises ArenaError if that cannot be."""
        self.name, self.title, self._make = name, title, make
        try:
            first = make()
        except (Exception, SystemExit) as error:
            raise ArenaError(f"{name}: {_line(error)}") from error
        self._spare = [first]
        self.seats, self.seat_names = len(first.seat_names), tuple(first.seat_names)
        self.actions, self.action_space = first.actions, first.action_space
        self.observation_shape, self.observation_dtype = first.observation_shape, first.observation_dtype
        self.max_plies = first.longest
        self.keys = (first.keys,) * self.seats if first.keys else ()
        self.simultaneous = self.seats > 1  # until known better

    def __reduce__(self) -> tuple[Any, ...]:
        return make_game, (self.name,)

    @contextmanager
    def _blamed(self, doing: str) -> Iterator[None]:
        """Whatever the environment raises is its own fault."""
        try:
            yield
        except (Exception, SystemExit) as error:
            raise GameError(f"{self.name}: the environment failed {doing}: {_line(error)}") from error

    # -- positions -------------------------------------------------------------------------------------------------

    def start(self, seeds: Seeds) -> Positions:
        positions = self.empty(len(seeds))
        for row in range(len(seeds)):
            with self._blamed("to be made"):
                positions[row] = self._spare.pop() if self._spare else self._make()
        self.restart(positions, np.arange(len(seeds)), seeds)
        return positions

    def restart(self, positions: Positions, rows: Array, seeds: Seeds) -> None:
        for row, seed in zip(rows, seeds, strict=True):
            with self._blamed("in reset"):
                positions[row].ply = 0
                positions[row].reset(int(seed) % 2**31)

    def empty(self, count: int) -> Positions:
        return np.empty(count, object)

    def copy(self, source: Positions, rows: Array, target: Positions, slots: Array) -> None:
        raise ArenaError(f"{self.name} cannot be copied")

    # -- rules -----------------------------------------------------------------------------------------------------

    def acting(self, positions: Positions) -> Bool:
        acting = np.zeros((len(positions), self.seats + 1), np.bool_)
        for row, episode in zip(acting, positions, strict=True):
            if episode.ply < self.max_plies:
                row[list(episode.acting)] = True
        return acting

    def legal(self, positions: Positions, seats: Seats) -> Bool:
        legal = np.zeros((len(positions), self.actions), np.bool_)
        for row, episode, seat in zip(legal, positions, seats, strict=True):
            if seat in episode.acting and self.action_space is None and episode.ply < self.max_plies:
                row[:] = episode.legal(int(seat))
        return legal

    def step(self, positions: Positions, joint: Int, out: Float | None = None) -> Float:
        rewards = np.zeros((len(positions), self.seats), np.float32) if out is None else out
        rewards[:] = 0
        acts = moved(joint)
        for row, episode in enumerate(positions):
            plays = {seat: joint[row, seat] for seat in episode.acting if acts[row, seat]}
            if plays and episode.ply < self.max_plies:
                with self._blamed("in step"):
                    rewards[row] = episode.step(plays)
                    episode.ply += 1
                if not np.isfinite(rewards[row]).all():
                    raise GameError(f"{self.name}: the environment gave a reward that is no number")
        return rewards

    def observe(self, positions: Positions, seats: Seats) -> Array:
        return np.stack([episode.observe(int(seat)) for episode, seat in zip(positions, seats, strict=True)])

    # -- for people ------------------------------------------------------------------------------------------------

    def action_text(self, position: Positions, action: int) -> str:
        episode = position[0]
        seats = [seat for seat in episode.acting if episode.legal(seat)[action]]
        return str(episode.action_text(seats[0] if seats else 0, action))

    def reason(self, position: Positions) -> str:
        episode = position[0]
        return "too many plies" if episode.ply >= self.max_plies and not episode.reason else str(episode.reason)

    def text(self, position: Positions) -> str:
        return f"ply {position[0].ply}\n{position[0].text()}".strip()

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        episode = position[0]
        with self._blamed("to draw itself"):
            pixels = episode.frame()
        names = {}
        if self.action_space is None and self.acting(position)[0, seat]:
            names = {int(a): str(episode.action_text(seat, int(a))) for a in np.flatnonzero(episode.legal(seat))}
        if pixels is None:
            draw_text(canvas, self.text(position).splitlines())
        else:
            draw_frame(canvas, pixels, not names or bool(self.keys))
        draw_buttons(canvas, names, unseen=bool(self.keys))


def _line(error: BaseException) -> str:
    """An error as one line; what is said in full needs no name of its kind."""
    text = " ".join(str(error).split())
    missing = error.__cause__ if isinstance(error.__cause__, ModuleNotFoundError) else error
    if isinstance(missing, ModuleNotFoundError):
        return f"it needs the package {missing.name}"
    if isinstance(error, ArenaError) or type(error).__module__.startswith("gymnasium"):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
