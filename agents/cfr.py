"""Counterfactual regret minimisation: plays what is near an equilibrium of a small game that hides things.

The solver is OpenSpiel's CFR+ (Tammelin 2014), of its solvers the quickest to a low exploitability; what is played is
its average policy. A game is solved once a process, and the result kept on disk where that took long.
"""

from __future__ import annotations

import hashlib
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyspiel

from agents.core.agent import Agent, Move, Thought, Turn
from agents.core.files import write_whole
from agents.core.hidden import draw
from agents.core.options import check_positive
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.kernels import cache_folder
from search.extensive import Extensive, extensive

MOST = 100_000  # nodes of a game: 0.1 s an iteration
KEPT = 2.0  # seconds of solving that are worth a file
Policy = npt.NDArray[np.float64]  # [information sets, actions]


class CFR(Agent):
    """Looks its move up in the average policy after `iterations`."""

    def __init__(self, iterations: int) -> None:
        check_positive(iterations=iterations)
        self.iterations = iterations
        self._trees: dict[str, Extensive] = {}
        self._policies: dict[str, dict[tuple[int, bytes], npt.NDArray[np.float32]]] = {}

    def plays(self, game: Game) -> str | None:
        if not game.hidden:
            return "it is for games that hide something"
        if game.openspiel is None:
            return "OpenSpiel, whose solver it uses, has no such game"
        try:
            self._tree(game)
        except ArenaError as error:
            return str(error)
        return None

    def think(self, turn: Turn) -> Move:
        policies = self._policies.get(turn.game.name)
        if policies is None:
            tree = self._tree(turn.game)
            rows = _solved(turn.game, tree, self.iterations).astype(np.float32)
            policies = dict(zip(zip(tree.seat.tolist(), tree.keys, strict=True), rows, strict=True))
            self._policies[turn.game.name] = policies
        policy = policies[turn.seat, turn.key]
        return Move(draw(turn, policy), Thought(policy=policy.copy(), drawn=True))

    def _tree(self, game: Game) -> Extensive:
        if game.name not in self._trees:
            self._trees[game.name] = extensive(game, MOST)
        return self._trees[game.name]


def _solved(game: Game, tree: Extensive, iterations: int) -> Policy:
    """The average policy for the information sets of `tree`; from a file if this was worth one before."""
    asked = repr((game.openspiel, iterations, tree.seat.tolist(), tree.keys))
    path = cache_folder() / "cfr" / f"{hashlib.sha256(asked.encode()).hexdigest()[:24]}.npz"
    with suppress(OSError, ValueError, KeyError, zipfile.BadZipFile), np.load(path, allow_pickle=False) as file:
        policy: Policy = file["policy"]
        if policy.shape == tree.legal.shape:
            return policy
    begin = time.perf_counter()
    policy = _solve(game, tree, iterations)
    if time.perf_counter() - begin > KEPT:
        with suppress(OSError):
            _write(path, policy)
    return policy


def _write(path: Path, policy: Policy) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda file: np.savez_compressed(file, policy=policy))


def _solve(game: Game, tree: Extensive, iterations: int) -> Policy:
    assert game.openspiel is not None
    twin = pyspiel.load_game(game.openspiel)
    if twin.get_type().dynamics == pyspiel.GameType.Dynamics.SIMULTANEOUS:
        twin = pyspiel.convert_to_turn_based(twin)
    solver = pyspiel.CFRPlusSolver(twin)
    for _ in range(iterations):
        solver.evaluate_and_update_policy()
    average = solver.average_policy()
    policy = np.zeros(tree.legal.shape)
    for i, node in enumerate(tree.node):
        state = twin.new_initial_state()
        for edge in tree.path(int(node)):
            state.apply_action(int(tree.action[edge]))
        for action, probability in average.action_probabilities(state).items():
            policy[i, action] = probability
    return policy


def agent(iterations: int = 1000) -> Agent:
    return CFR(iterations)
