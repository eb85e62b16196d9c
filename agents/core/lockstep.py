"""Games of self-play that go on in lockstep: how they begin, what nature does, and how a ply is played.

Games restart one by one, and many begin with a few random plies: what is not varied is played again and again, and a
network learns little from the same game twice.
"""

from __future__ import annotations

import numpy as np

from games.core.game import Array, Game
from games.core.seeds import derive


class Lockstep:
    """B games."""

    def __init__(self, game: Game, games: int, opening: tuple[float, int], seed: int) -> None:
        """opening: the share of games that begin with random plies, and how many at most."""
        self.game, self.seed, self.opening = game, seed, opening
        self.started = self.ended = self.plies = 0
        self.positions = game.start(np.zeros(games, np.uint64))
        self.returns = np.zeros((games, game.seats), np.float32)
        self.opened = np.zeros(games, np.int32)  # random plies that each game began with

    def begun(self, row: int, seed: int, dice: np.random.Generator) -> None:
        """The game with that seed begins at `row`: what else there is to draw for it."""

    def step(self, rows: Array, seats: Array, actions: Array) -> Array:
        """At `rows`, `seats` take `actions`; rewards [B, seats]."""
        joint = np.full((len(self.positions), self.game.seats + 1), -1, np.int32)
        joint[rows, seats] = actions
        return self.play_joint(joint)

    def play_joint(self, joint: Array) -> Array:
        """Everybody plays [B, seats + 1]; rewards [B, seats]."""
        rewards = self.game.step(self.positions, joint)
        self.returns += rewards
        return rewards

    def let_nature_move(self) -> Array:
        """Until nature is nowhere to act; rewards [B, seats]."""
        nature, draws = self.game.seats, 0
        earned = np.zeros_like(self.returns)
        while self.game.outcomes:
            rows = np.flatnonzero(self.game.acting(self.positions)[:, nature])
            if len(rows) == 0:
                break
            sums = np.cumsum(self.game.odds(self.positions)[rows], 1)
            dice = np.random.default_rng(derive(self.seed, "nature", self.plies, draws)).random((len(rows), 1))
            earned += self.step(rows, np.full(len(rows), nature), (sums <= dice * sums[:, -1:]).sum(1))
            draws += 1
        return earned

    def restart(self, rows: Array) -> None:
        """New games at `rows`, after their random plies."""
        for row in rows:
            self.started += 1
            self.begin(int(row), derive(self.seed, "game", self.started - 1))

    def begin(self, row: int, seed: int) -> None:
        """The game with that seed at `row`, after its random plies, which are the same each time."""
        self._deal(row, seed)
        dice = np.random.default_rng(seed)
        self.begun(row, seed, dice)
        share, most = self.opening
        plies = int(dice.integers(1, most + 1)) if most and dice.random() < share else 0
        self.opened[row] = self._wander(row, seed, plies, dice)

    def _deal(self, row: int, seed: int) -> None:
        self.game.restart(self.positions, np.array([row]), np.array([seed], np.uint64))
        self.returns[row] = 0

    def _wander(self, row: int, seed: int, plies: int, dice: np.random.Generator) -> int:
        """That many random plies, fewer where the game would end; how many."""
        game, one = self.game, self.positions[row : row + 1]
        played: list[Array] = []
        for ply in range(plies):
            acting = game.acting(one)[0]
            seat = int(acting.argmax())
            weights = game.odds(one)[0] if seat == game.seats else game.legal(one, np.array([seat], np.int32))[0]
            joint = np.full((1, game.seats + 1), -1, np.int32)
            joint[0, seat] = dice.choice(len(weights), p=weights / weights.sum())
            rewards = game.step(one, joint)[0]
            if not game.acting(one).any():  # what cannot be copied is played once more, but for the last ply
                self._deal(row, seed)
                self.returns[row] += sum(game.step(one, before)[0] for before in played)
                return ply
            self.returns[row] += rewards
            played.append(joint)
        return plies
