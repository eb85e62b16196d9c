"""The contract of a game: rules over a batch of positions.

`Positions` is an array with one row a position: a structured dtype for native games, Python objects for foreign ones.
Everything is batched, B rows at a time; `Position` (in `position.py`) wraps one row for people. Seats are numbered
from 0; `seats` itself is the number of nature, who deals and rolls.

The laws every game keeps, checked by `tests/games/test_contract.py`: some seat acts or the game is over; an acting
seat has a legal action; equal seeds give equal games; a step leaves other rows alone; zero-sum rewards add up to 0;
the text of an action parses back; every action's gesture is drawn; a symmetry maps games onto games; an
action that belongs to a cell changes it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from games.core.canvas import Canvas
from games.core.errors import ArenaError
from games.core.symmetry import Symmetries, Table, identity

Positions = npt.NDArray[Any]  # [B], structured rows or Python objects
Bool = npt.NDArray[np.bool_]
Int = npt.NDArray[np.int32]
Float = npt.NDArray[np.float32]
Seeds = npt.NDArray[np.uint64]  # [B]
Seats = npt.NDArray[np.int32]  # [B]
Array = npt.NDArray[Any]


class Game(ABC):
    """One configured game. Immutable: all that changes is in the positions."""

    name: str  # the spec it was made from
    title: str  # what people call it
    seats: int
    actions: int  # size of the flat action set of a seat; 0 where actions are points
    action_space: Any = None  # a Gymnasium Box [k], where actions are points of it and nature has no moves
    outcomes: int = 0  # > 0: nature (seat number `seats`) deals or rolls one of these
    hidden: bool = False  # True: `position` and `history` are kept from the agents
    zero_sum: bool = True
    simultaneous: bool = False  # True: several seats may act at once
    max_plies: int  # no game is longer
    forkable: bool = True  # False: positions cannot be copied, so nothing can search
    tick: float | None = None  # real-time games: plies a second
    idle: int | None = None  # real-time games: the action of a seat that does not answer
    bounds: tuple[float, float] | None = (-1.0, 1.0)  # least and greatest return from any position on; None: not known
    openspiel: str | None = None  # the same rules in OpenSpiel, with equal action numbers, if it has them
    observation_shape: tuple[int, ...]  # [C, H, W] or [F]
    observation_dtype: type = np.float32
    extent: tuple[float, float] = (1.0, 1.0)  # width and height of the canvas, in the game's own units
    seat_names: tuple[str, ...] = ("First", "Second")
    keys: tuple[Mapping[str, int], ...] = ()  # arcade games, a seat: keys held -> action, as in "up" or "up+space"

    @property
    def teams(self) -> tuple[int, ...]:
        """The team of each seat."""
        return tuple(range(self.seats))

    # -- positions -------------------------------------------------------------------------------------------------

    @abstractmethod
    def start(self, seeds: Seeds) -> Positions:
        """[B] new games; equal seeds give equal games."""

    @abstractmethod
    def empty(self, count: int) -> Positions:
        """[count] rows of storage to copy positions into; not yet positions."""

    @abstractmethod
    def copy(self, source: Positions, rows: Array, target: Positions, slots: Array) -> None:
        """target[slots] = source[rows], without shared memory."""

    def restart(self, positions: Positions, rows: Array, seeds: Seeds) -> None:
        """Begin anew in place at `rows`; seeds [len(rows)]."""
        self.copy(self.start(seeds), np.arange(len(rows)), positions, rows)

    def reseed(self, positions: Positions, seeds: Seeds) -> None:  # noqa: B027 - most games have no noise to come
        """Replace, in place, the noise still to come, so that a planner cannot see the future."""

    # -- rules -----------------------------------------------------------------------------------------------------

    @abstractmethod
    def acting(self, positions: Positions) -> Bool:
        """[B, seats + 1] who acts now (the last column is nature); none: the game is over."""

    @abstractmethod
    def legal(self, positions: Positions, seats: Seats) -> Bool:
        """[B, actions] what `seats` [B] may do; nothing where that seat does not act."""

    def odds(self, positions: Positions) -> Float:
        """[B, outcomes] the probabilities of nature's moves; zeros where nature does not act."""
        return np.zeros((len(positions), self.outcomes), np.float32)

    @abstractmethod
    def step(self, positions: Positions, joint: Int, out: Float | None = None) -> Float:
        """Play `joint` [B, seats + 1] (-1: does not act) in place; rewards [B, seats]. Rows that are over stay.

        Points: `joint` is float32 [B, seats + 1, k], NaN for who does not act (see `joint.py`)."""

    @abstractmethod
    def observe(self, positions: Positions, seats: Seats) -> Array:
        """[B, *observation_shape] what each of `seats` [B] sees, from its own side."""

    def information_key(self, positions: Positions, seats: Seats) -> list[bytes]:
        """[B] all that each seat knows, as bytes: equal keys, equal knowledge."""
        raise ArenaError(f"{self.name} does not say what a seat knows")

    def resample(self, positions: Positions, seats: Seats, seeds: Seeds) -> Positions:
        """[B] positions drawn from those that `seats` [B] cannot tell from the true ones."""
        if self.hidden:
            raise ArenaError(f"{self.name} cannot draw what a seat does not see")
        drawn = self.empty(len(positions))
        self.copy(positions, np.arange(len(positions)), drawn, np.arange(len(positions)))
        self.reseed(drawn, seeds)
        return drawn

    def estimate(self, positions: Positions) -> Float:
        """[B, seats] a rough guess of the return still to come, for searches that stop early."""
        return np.zeros((len(positions), self.seats), np.float32)

    def places(self) -> Table | None:
        """[H, W] the number of each cell of the observed planes, where actions belong to cells; None: they do not.

        Action a belongs to cell a // P, P = actions // (H * W), and always changes it as its player sees it; the few
        that are left over, such as a pass, belong nowhere."""
        return None

    def symmetries(self) -> Symmetries:
        """The board's symmetries, as tables of the entries of an observation and of actions; the identity first."""
        return identity(math.prod(self.observation_shape), self.actions)

    def rollouts(self, positions: Positions, seeds: Seeds, limit: int | None = None) -> tuple[Float, int]:
        """Random play from every row, in place: returns [B, seats] and how many plies were played.

        After `limit` plies (None: none) the game's estimate stands for the rest."""
        returns, plies = np.zeros((len(positions), self.seats), np.float32), 0
        generators = [np.random.default_rng(int(seed)) for seed in seeds]
        for _ in range(self.max_plies if limit is None else limit):
            acting = self.acting(positions)
            if not acting.any():
                return returns, plies
            joint = np.full((len(positions), self.seats + 1), -1, np.int32)
            for seat in np.flatnonzero(acting.any(0)):
                seats = np.full(len(positions), seat, np.int32)
                choices: Array = self.odds(positions) if seat == self.seats else self.legal(positions, seats)
                for row in np.flatnonzero(acting[:, seat]):
                    sums = np.cumsum(choices[row], dtype=np.float32)
                    joint[row, seat] = np.searchsorted(sums, generators[row].random() * sums[-1], side="right")
            returns += self.step(positions, joint)
            plies += int(acting.any(1).sum())
        going = self.acting(positions).any(axis=1, keepdims=True)
        return returns + self.estimate(positions) * going, plies

    # -- for people ------------------------------------------------------------------------------------------------

    @abstractmethod
    def action_text(self, position: Positions, action: int) -> str:
        """The name of an action at `position` [1], as players of this game write it."""

    def parse_action(self, position: Positions, text: str) -> int:
        """The legal action that `text` names at `position` [1]. Raises ArenaError if there is none."""
        wanted = text.strip().casefold()
        names = {self.action_text(position, action).casefold(): action for action in self._choices(position)}
        if wanted not in names:
            raise ArenaError(f"'{text}' is not a move here; moves: {', '.join(list(names)[:40])}")
        return names[wanted]

    def _choices(self, position: Positions) -> Sequence[int]:
        """All actions some player seat may choose at `position` [1]."""
        acting = self.acting(position)[0]
        seats = [seat for seat in range(self.seats) if acting[seat]]
        legal = [self.legal(position, np.array([seat], np.int32))[0] for seat in seats]
        return [int(a) for a in np.flatnonzero(np.any(legal, axis=0))] if seats else []

    def point_text(self, position: Positions, point: Array) -> str:
        """The name of an action at `position` [1] where actions are points [k]."""
        return ", ".join(f"{number:.3g}" for number in point)

    def outcome_text(self, position: Positions, action: int) -> str:
        """The name of one of nature's moves at `position` [1]."""
        return f"outcome {action}"

    def standing(self, position: Positions) -> tuple[str, ...]:
        """By seat: the material or the points at `position` [1], where the game counts them; else empty."""
        return ()

    def reason(self, position: Positions) -> str:
        """Why the game at `position` [1] ended the way it did, as in 'four in a row'; empty while it goes on."""
        return ""

    @abstractmethod
    def text(self, position: Positions) -> str:
        """The board at `position` [1] in plain characters."""

    @abstractmethod
    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        """Paint `position` [1] as `seat` may see it."""

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        """The tags a person clicks, in order, to choose `action` at `position` [1]."""
        return (f"action {action}",)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        """The tags to mark as the move just made at `position` [1]."""
        return ()
