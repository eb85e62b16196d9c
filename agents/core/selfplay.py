"""Self-play: hundreds of games in lockstep, each ply one batched Gumbel search.

Where the end of a game can be solved it is: all positions before are worth what the solved one is, whatever the
players would have made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from agents.core.lockstep import Lockstep
from games.core.game import Array, Float, Game
from games.core.native import NativeGame
from games.core.seeds import derive
from search.gumbel import Gumbel
from search.models import GameModel
from search.network import Network, NetworkEvaluator, by_mover, values_of
from search.search import Search, bounds_of
from search.solving import Solver

LARGEST, CACHE = 1 << 20, 1 << 29  # entries of the cache, and bytes of its logits, at most


class Samples(NamedTuple):
    """N positions to learn from, in the order in which their games ended."""

    observations: Array  # [N, *shape] as the mover sees them
    policy: npt.NDArray[np.float16]  # [N, A] the improved policy of the search
    result: Float  # [N, V] how the game ended, or what it was worth when it was solved, from the mover on
    value: Float  # [N, V] what the search expected, from the mover on
    surprise: Float  # [N] Kullback-Leibler divergence of the search's policy from the network's, in nats

    @property
    def size(self) -> int:
        return len(self.surprise)


class Endgame(NamedTuple):
    """When games are solved: up to `nodes` are looked at (0: never) for each position from `ply` on. The share
    `play_on` of the games goes on all the same, so that a network sees endings as well."""

    nodes: int
    ply: int
    play_on: float


class SelfPlay(Lockstep):
    """B games of one network against itself."""

    def __init__(
        self,
        game: Game,
        network: Network,
        policy: Gumbel,
        games: int,
        opening: tuple[float, int],
        endgame: Endgame,
        seed: int,
    ) -> None:
        """opening: the share of games that begin with random plies, and how many at most."""
        super().__init__(game, games, opening, seed)
        self.endgame = endgame
        self.solver = Solver(game, endgame.nodes) if endgame.nodes and isinstance(game, NativeGame) else None
        self.values = values_of(game)
        entries = min(LARGEST, 1 << (CACHE // (4 * game.actions)).bit_length() - 1)
        self.evaluator = NetworkEvaluator(game, network, entries)
        self.search = Search(GameModel(game, self.evaluator), policy, bounds_of(game))
        longest = game.max_plies + 1
        self.length = np.zeros(games, np.int32)  # samples kept of each game so far
        self.plays_on = np.zeros(games, np.bool_)  # also when it is solved
        self.observations: Array = np.zeros((games, longest, *game.observation_shape), game.observation_dtype)
        self.policy = np.zeros((games, longest, game.actions), np.float16)
        self.movers = np.zeros((games, longest), np.int32)
        self.value = np.zeros((games, longest, game.seats), np.float32)
        self.surprise = np.zeros((games, longest), np.float32)
        self.exact = np.zeros((games, longest, game.seats), np.float32)  # returns if all play best; NaN: not known
        self.restart(np.arange(games))

    def play(self, simulations: int, samples: int) -> tuple[Samples, int]:
        """Play until games with that many positions or more have ended; and how many games."""
        done: list[Samples] = []
        before = self.ended
        while sum(part.size for part in done) < samples:
            self.let_nature_move()
            settled = self._ply(simulations)
            over = np.flatnonzero(settled | ~self.game.acting(self.positions).any(1))
            if len(over):
                done.append(self._samples(over))
                self.ended += len(over)
                self.restart(over)
        return Samples(*(np.concatenate(parts) for parts in zip(*done, strict=True))), self.ended - before

    def _ply(self, simulations: int) -> npt.NDArray[np.bool_]:
        """One searched move in every game; [B] whether it is settled how it ends: a proof is a better target than what
        two noisy players make of the position."""
        game, rows = self.game, np.arange(len(self.positions))
        movers = game.acting(self.positions)[:, : game.seats].argmax(1).astype(np.int32)
        seeds = np.array([derive(self.seed, "ply", self.plies, int(row)) for row in rows], np.uint64)
        self.search.run((self.positions, movers), simulations, seeds)
        plan = self.search.plan()
        at = (rows, self.length)
        self.observations[at] = game.observe(self.positions, movers)
        self.policy[at] = plan.policy[:, : game.actions]
        self.movers[at] = movers
        self.value[at] = plan.value
        ratio = np.log(np.maximum(plan.policy, 1e-12) / np.maximum(plan.prior, 1e-12))
        self.surprise[at] = (plan.policy * ratio).sum(1)
        exact = self.returns + self._solved(plan.value)
        self.exact[at] = exact
        self.length += 1
        self.plies += 1
        settled: npt.NDArray[np.bool_] = ~np.isnan(exact).any(1) & ~self.plays_on
        going = np.flatnonzero(~settled)
        self.step(going, movers[going], plan.action[going])
        return settled

    def _solved(self, values: Float) -> Float:
        """[B, seats] what the positions are worth if all play best, which are the search's `values` where it has
        proven them; NaN where it is not known."""
        proven = self.search.tree.nodes["proven"][:, 0] != 0
        found = np.where(proven[:, None], values, np.float32(np.nan))
        late = np.flatnonzero(~proven & (self.opened + self.length >= self.endgame.ply))
        if self.solver is not None and len(late):
            found[late] = self.solver(self.positions[late])
        return found

    def _samples(self, over: Array) -> Samples:
        """The positions of the games that have ended, one game after the other."""
        kept = [(row, ply) for row in over for ply in range(self.length[row])]
        at = tuple(np.array(kept, np.int64).reshape(-1, 2).T)
        movers = self.movers[at]
        results = [_results(self.exact[row, : self.length[row]], self.returns[row]) for row in over]
        return Samples(
            self.observations[at],
            self.policy[at],
            by_mover(np.concatenate(results), movers, self.values),
            by_mover(self.value[at], movers, self.values),
            self.surprise[at],
        )

    def begun(self, row: int, seed: int, dice: np.random.Generator) -> None:
        self.length[row] = 0
        self.plays_on[row] = dice.random() < self.endgame.play_on

    # -- to stop and go on -----------------------------------------------------------------------------------------

    def state(self) -> Mapping[str, Array]:
        """All that the games in progress are, as arrays."""
        longest = int(self.length.max(initial=0))
        kept = {name: getattr(self, name)[:, :longest] for name in _KEPT}
        counts = np.array([self.started, self.ended, self.plies])
        return {**{name: getattr(self, name) for name in _OF_A_GAME}, "counts": counts, **kept}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        for name in _OF_A_GAME:
            getattr(self, name)[:] = state[name]
        self.started, self.ended, self.plies = (int(count) for count in state["counts"])
        for name in _KEPT:
            getattr(self, name)[:, : state[name].shape[1]] = state[name]


_OF_A_GAME = ("positions", "returns", "length", "opened", "plays_on")
_KEPT = ("observations", "policy", "movers", "value", "surprise", "exact")  # of the positions of each game so far


def _results(exact: Float, returns: Float) -> Float:
    """[plies, seats] what each position of a game was worth: exact [plies, seats] of the first one solved from there
    on, else the game's `returns`."""
    results, known = np.empty_like(exact), returns
    for ply in range(len(exact) - 1, -1, -1):
        if not np.isnan(exact[ply]).any():
            known = exact[ply]
        results[ply] = known
    return results
