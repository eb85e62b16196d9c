"""Self-play of agents that are told no rules: games in lockstep, each decision one batched search in a learned model.

The games are asked what a seat sees, what it may do and what it has earned, and nothing else. Where seats act at once
each of them searches by itself; the decisions of a ply stand side by side, in order of the seats.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from agents.core.lockstep import Lockstep
from games.core.errors import ArenaError
from games.core.game import Array, Bool, Float, Game, Int
from games.core.native import NativeGame
from games.core.seeds import derive
from search.search import Search


class Steps(NamedTuple):
    """N decisions to learn from, one game after the other."""

    observations: Array  # [N, *shape] as the mover sees them
    legal: Bool  # [N, A]
    action: Int  # [N]
    mover: Int  # [N]
    policy: npt.NDArray[np.float16]  # [N, A] the improved policy of the search
    value: Float  # [N, S] what the search expected
    reward: Float  # [N, S] earned from this ply to the next
    left: Int  # [N] decisions of the game that come after this one
    priority: Float  # [N] how far what the search expected was off

    @property
    def size(self) -> int:
        return len(self.left)


TAPED = ("observations", "legal", "action", "mover", "policy", "value", "reward")


class Episodes(Lockstep):
    """B games of one network against itself; `together`: decisions a ply, which is 1 or all seats at once."""

    def __init__(self, game: Game, search: Search, games: int, opening: tuple[float, int], seed: int) -> None:
        """opening: see `Lockstep`; games in which seats act at once have none."""
        super().__init__(game, games, (0.0, 0) if game.simultaneous else opening, seed)
        self.search, self.together = search, together(game)
        self.tape: list[dict[str, Array]] = []  # of each ply since the oldest game began, [B * together, ...] each
        self.first = 0  # the number of the ply that the tape begins with
        self.began = np.zeros(games, np.int64)  # the ply with which each game began
        self.seeds = np.zeros(games, np.uint64)
        self.scores: list[float] = []  # returns of the first seat in the games that have ended since `play`
        self.restart(np.arange(games))

    def begun(self, row: int, seed: int, dice: np.random.Generator) -> None:
        self.began[row], self.seeds[row] = self.plies, seed

    def play(self, simulations: int, samples: int) -> tuple[Steps, int]:
        """Play until games with that many decisions or more have ended; and how many games."""
        done: list[Steps] = []
        before, self.scores = self.ended, []
        while sum(part.size for part in done) < samples:
            self.let_nature_move()
            self._ply(simulations)
            over = np.flatnonzero(~self.game.acting(self.positions).any(1))
            if len(over):
                done += [self._steps(int(row)) for row in over]
                self.scores += self.returns[over, 0].tolist()
                self.ended += len(over)
                self.restart(over)
                self._cut()
        return Steps(*(np.concatenate(parts) for parts in zip(*done, strict=True))), self.ended - before

    def _ply(self, simulations: int) -> None:
        """A searched decision of every seat that acts, in every game."""
        game, seats = self.game, self.game.seats
        acting = game.acting(self.positions)[:, :seats]
        if not (acting.sum(1) == self.together).all():
            raise ArenaError(f"{game.name}: now all seats act at once and now they do not, which cannot be learned")
        games, who = np.nonzero(acting)
        positions, movers = self.positions[games], who.astype(np.int32)
        observations, legal = game.observe(positions, movers), game.legal(positions, movers)
        seeds = np.array([derive(self.seed, "ply", self.plies, row) for row in range(len(games))], np.uint64)
        self.search.run((observations, legal, movers), simulations, seeds)
        plan = self.search.plan()
        joint = np.full((len(self.positions), seats + 1), -1, np.int32)
        joint[games, movers] = plan.action
        self.plies += 1
        rewards = self.play_joint(joint) + self.let_nature_move()
        said = (
            observations,
            legal,
            plan.action.copy(),
            movers,
            plan.policy[:, : game.actions].astype(np.float16),
            plan.value,
            rewards[games],
        )
        self.tape.append(dict(zip(TAPED, said, strict=True)))

    def _steps(self, row: int) -> Steps:
        """The decisions of the game at `row`, which is over."""
        mine = slice(row * self.together, (row + 1) * self.together)
        plies = self.tape[self.began[row] - self.first :]
        steps = {name: np.concatenate([ply[name][mine] for ply in plies]) for name in TAPED}
        count = len(steps["action"])
        left = np.arange(count - 1, -1, -1, dtype=np.int32)
        return Steps(**steps, left=left, priority=np.zeros(count, np.float32))

    def _cut(self) -> None:
        """Forget the plies that no game needs any more."""
        oldest = int(self.began.min())
        del self.tape[: oldest - self.first]
        self.first = oldest

    # -- to stop and go on -----------------------------------------------------------------------------------------

    def state(self) -> Mapping[str, Array]:
        """All that the games in progress are, as arrays."""
        counts = np.array([self.started, self.ended, self.plies, self.first])
        kept = {name: getattr(self, name) for name in _OF_A_GAME}
        tape = {f"tape_{name}": np.array([ply[name] for ply in self.tape]) for name in TAPED if self.tape}
        native = isinstance(self.game, NativeGame)
        return {"counts": counts, **kept, **tape, **({"positions": self.positions} if native else {})}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave. Positions that cannot be stored are played anew."""
        if not isinstance(self.game, NativeGame):
            for row, seed in enumerate(state["seeds"]):
                self.begin(row, int(seed))
        self.started, self.ended, self.plies, self.first = (int(count) for count in state["counts"])
        for name in _OF_A_GAME:
            getattr(self, name)[:] = state[name]
        plies = self.plies - self.first
        self.tape = [{name: state[f"tape_{name}"][ply] for name in TAPED} for ply in range(plies)]
        if isinstance(self.game, NativeGame):
            self.positions[:] = state["positions"]
            return
        rows = np.repeat(np.arange(len(self.positions)), self.together)
        for number, ply in enumerate(self.tape, self.first):
            joint = np.full((len(self.positions), self.game.seats + 1), -1, np.int32)
            playing = self.began[rows] <= number
            joint[rows[playing], ply["mover"][playing]] = ply["action"][playing]
            self.game.step(self.positions, joint)


_OF_A_GAME = ("returns", "opened", "began", "seeds")


def together(game: Game) -> int:
    """Decisions a ply."""
    return game.seats if game.simultaneous else 1
