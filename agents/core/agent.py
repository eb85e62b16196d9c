"""The contract of an agent: what a seat may know goes in (`Turn`), a move comes out (`Move`).

An agent holds no game of its own: whatever it wants to remember it keeps under `(turn.match, turn.seat)` until
`end(match)`. So one agent object sits in both seats and in a hundred games at once, and gets all its due turns in
one call.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from games.core.game import Game, Positions
from games.core.position import Play, Position
from search.branches import Branch


@dataclass
class Imagined:
    """One step of the line of play as an agent's own model of the game has it, true or not."""

    action: int | None = None  # that leads there; None: where the line begins
    reward: npt.NDArray[np.float32] | None = None  # [seats] of the step
    value: npt.NDArray[np.float32] | None = None  # [seats] the returns it expects from there
    policy: npt.NDArray[np.float32] | None = None  # [actions]
    board: npt.NDArray[np.float32] | None = None  # [C, H, W] in 0..1: what who acts there sees


@dataclass
class Thought:
    """What an agent can tell about its move; the window shows whatever is there."""

    policy: npt.NDArray[np.float32] | None = None  # [actions] how it would spread its moves
    drawn: bool = False  # True: the action was drawn from `policy`; False: `policy` is for show
    value: npt.NDArray[np.float32] | None = None  # [seats] the returns it expects
    visits: npt.NDArray[np.int64] | None = None  # [actions] simulations spent on each action
    q: npt.NDArray[np.float32] | None = None  # [actions] expected return of the seat to act; NaN where not tried
    prior: npt.NDArray[np.float32] | None = None  # [actions] what it thought before searching
    pv: tuple[int, ...] = ()  # the line of play it expects, from this move on
    simulations: int = 0
    depth: int = 0
    seconds: float = 0.0
    note: str = ""
    imagined: tuple[Imagined, ...] = ()  # along `pv`, of agents that plan with a learned model
    branches: tuple[Branch, ...] = ()  # the best-searched part of its tree, where a turn asks for it


@dataclass
class Move:
    """An action of the seat to act, and what led to it."""

    action: Any  # a number, or a point float32 [k] where the game's actions are points (`Game.action_space`)
    thought: Thought | None = None


def _unheard(thought: Thought) -> bool:
    """Nobody is watching: go on thinking."""
    return True


@dataclass
class Turn:
    """One decision that is due.

    `position` and `history` are None where the game hides things, `position` also where it cannot be copied."""

    game: Game
    match: str  # the game being played; with `seat` the key of an agent's memory
    seat: int
    ply: int
    seed: int  # a function of (match seed, seat, ply): the same match gives the same moves
    legal: npt.NDArray[np.bool_]  # [actions]
    observe: Callable[[], npt.NDArray[Any]]  # see `observation`
    sample: Callable[[int], Positions]  # n positions this seat cannot tell from the true one
    position: Position | None = None  # a copy of its own, its noise redrawn; the agent may play on it
    history: tuple[Play, ...] | None = None
    match_seed: int = 0
    know: Callable[[], bytes] | None = None  # see `key`
    seconds: float | None = None  # time left on this move's clock, if there is one
    thorough: bool = False  # what the agent thinks is wanted as much as its move: spend the whole budget
    branches: bool = False  # the search tree is wanted too (`Thought.branches`)
    report: Callable[[Thought], bool] = _unheard  # call about ten times a second; False: answer now

    @property
    def observation(self) -> npt.NDArray[Any]:
        """What the seat sees, as the game's observation array."""
        return self.observe()

    @property
    def key(self) -> bytes:
        """All that the seat knows, as bytes. Raises ArenaError where the game does not say."""
        return self.know() if self.know is not None else b""

    @property
    def actions(self) -> npt.NDArray[np.int64]:
        """The legal actions."""
        return np.flatnonzero(self.legal)


class Agent(ABC):
    """A player. Agents that answer turn by turn define `think`; those that answer in batches override `act`."""

    points: bool = False  # True: it can answer with points, where those are a game's actions

    def plays(self, game: Game) -> str | None:
        """None if it can play `game`, else the reason why not."""
        return None

    def act(self, turns: Sequence[Turn]) -> Sequence[Move]:
        """One move a turn, in order."""
        return [self.think(turn) for turn in turns]

    @abstractmethod
    def think(self, turn: Turn) -> Move:
        """The move for one turn."""

    def end(self, match: str) -> None:  # noqa: B027 - most agents remember nothing
        """A match is over or taken back: free what was kept for it."""

    def close(self) -> None:  # noqa: B027 - most agents hold nothing
        """The agent is not needed any more."""
