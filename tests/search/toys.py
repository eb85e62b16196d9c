"""Small games for tests of the search, and evaluators without chance."""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from games.core.game import Game
from games.core.native import NativeGame

Plays = tuple[int, ...]


class Toy(Game):
    """A game given by who moves after some plays, and by what they are worth in the end. A row is a tuple of plays."""

    name = title = "toy"
    zero_sum = False
    max_plies = 9
    observation_shape = (1,)

    def __init__(
        self,
        seats: int,
        actions: int,
        mover: Callable[[Plays], int],  # -1: over
        returns: Callable[[Plays], Sequence[float]],
        odds: Sequence[float] = (),
        bounds: tuple[float, float] | None = (0.0, 1.0),
    ) -> None:
        self.seats, self.actions, self.outcomes, self.bounds = seats, actions, len(odds), bounds
        self.mover, self.returns, self.dice = mover, returns, np.array(odds, np.float32)

    def start(self, seeds):
        return self.at(*[()] * len(seeds))

    def at(self, *plays):
        rows = self.empty(len(plays))
        for i, row in enumerate(plays):
            rows[i] = row
        return rows

    def empty(self, count):
        return np.empty(count, object)

    def copy(self, source, rows, target, slots):
        target[slots] = source[rows]

    def acting(self, positions):
        return np.array([[self.mover(plays) == seat for seat in range(self.seats + 1)] for plays in positions])

    def legal(self, positions, seats):
        return np.repeat([[self.mover(p) == s] for p, s in zip(positions, seats, strict=True)], self.actions, 1)

    def odds(self, positions):
        return np.array([self.dice * (self.mover(plays) == self.seats) for plays in positions], np.float32)

    def step(self, positions, joint, out=None):
        rewards = np.zeros((len(positions), self.seats), np.float32)
        for i, plays in enumerate(positions):
            if self.mover(plays) >= 0 and joint[i].max() >= 0:
                positions[i] = (*plays, int(joint[i].max()))
                if self.mover(positions[i]) < 0:
                    rewards[i] = self.returns(positions[i])
        return rewards

    def observe(self, positions, seats):
        return np.zeros((len(positions), 1), np.float32)

    def action_text(self, position, action):
        return str(action)

    def text(self, position):
        return str(position[0])

    def draw(self, canvas, position, seat):
        pass


ODDS, PAID = (0.5, 0.3, 0.2), (0.1, 0.6, 1.0)  # worth 0.43


def gamble(bounds: tuple[float, float] | None) -> Toy:
    """Alone: take 0.4 for sure, or roll."""

    def mover(plays: Plays) -> int:
        return 0 if not plays else 1 if plays == (1,) else -1

    return Toy(1, 2, mover, lambda plays: [0.4 if plays == (0,) else PAID[plays[1]]], ODDS, bounds)


PURSES = np.random.default_rng(4).random((3, 3, 3, 3)).astype(np.float32)  # what each of three seats gets


def three_seats() -> Toy:
    """Each in turn picks one of three; what everybody gets stands in a table."""
    return Toy(3, 3, lambda plays: len(plays) if len(plays) < 3 else -1, lambda plays: PURSES[plays])


def best_of_three() -> tuple[Plays, np.ndarray]:
    """The line of play of `three_seats` if each does what is best for itself, and what it pays."""
    third = {(a, b): int(PURSES[a, b, :, 2].argmax()) for a, b in product(range(3), repeat=2)}
    second = {a: max(range(3), key=lambda b: PURSES[a, b, third[a, b], 1]) for a in range(3)}
    first = max(range(3), key=lambda a: PURSES[a, second[a], third[a, second[a]], 0])
    line = (first, second[first], third[first, second[first]])
    return line, PURSES[line]


class Foreign(Toy):
    """A native game seen through the contract alone, as games of other libraries are."""

    def __init__(self, game: NativeGame) -> None:
        self.game = game
        for key in ("seats", "actions", "outcomes", "bounds", "simultaneous", "max_plies", "zero_sum"):
            setattr(self, key, getattr(game, key))
        for key in ("start", "empty", "copy", "acting", "legal", "odds", "step", "observe", "estimate", "text"):
            setattr(self, key, getattr(game, key))


class Guess:
    """Worth the game's estimate, with a prior that depends on the action alone."""

    def evaluate(self, model, slots, movers):
        logits = np.tile(np.sin(np.arange(model.game.actions)).astype(np.float32), (len(slots), 1))
        return logits, np.tanh(model.game.estimate(model.positions[slots]))
