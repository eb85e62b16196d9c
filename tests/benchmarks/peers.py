"""How others do the same work, written for the comparison: Connect Four and its network in jax for DeepMind's mctx, and
self-play as alpha-zero-general describes it, one game after the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from agents.core.backends import fold

ROWS, COLUMNS = 6, 7


class Layers:
    """The layers of a network of ours, by their names, as functions of jax in float32, batch norm folded in."""

    def __init__(self, network: Any) -> None:
        import jax.numpy as jnp

        self.weights = {name: jnp.asarray(tensor.numpy()) for name, tensor in fold(network).state_dict().items()}

    def conv(self, x: Any, name: str) -> Any:
        """x [B, C, H, W]."""
        import jax

        out = jax.lax.conv_general_dilated(
            x, self.weights[f"{name}.weight"], (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW")
        )
        return out + self.weights[f"{name}.bias"][:, None, None]

    def dense(self, x: Any, name: str) -> Any:
        """x [B, F]."""
        out = x @ self.weights[f"{name}.weight"].T
        return out + self.weights[f"{name}.bias"] if f"{name}.bias" in self.weights else out

    def tower(self, x: Any, name: str, blocks: int) -> Any:
        import jax

        for block in range(blocks):
            inner = jax.nn.relu(self.conv(x, f"{name}.{block}.first"))
            x = jax.nn.relu(self.conv(inner, f"{name}.{block}.second") + x)
        return x

    def two_headed(self, x: Any) -> Any:
        """Channels [B, C, H, W] -> what the policy and the value head answer."""
        import jax

        relu, count = jax.nn.relu, len(x)
        logits = self.dense(relu(self.conv(x, "policy")).reshape(count, -1), "actions")
        hidden = relu(self.dense(relu(self.conv(x, "value")).reshape(count, -1), "hidden"))
        return logits, self.dense(hidden, "values")


class InJax:
    """The network and the rules for boards [B, 6, 7]: 1 the mover's, -1 the other's, the lowest row last."""

    def __init__(self, network: Any) -> None:
        self.layers, self.blocks = Layers(network), len(network.blocks)

    def answer(self, board: Any) -> Any:
        """Logits [B, 7], -1e9 where illegal, and values [B]."""
        import jax
        import jax.numpy as jnp

        seen = jnp.stack([board == 1, board == -1], 1).astype(jnp.float32)
        x = self.layers.tower(jax.nn.relu(self.layers.conv(seen, "stem")), "blocks", self.blocks)
        logits, value = self.layers.two_headed(x)
        value = jnp.tanh(value)[:, 0]
        return jnp.where(board[:, 0] == 0, logits, -1e9), value

    def play(self, board: Any, action: Any) -> Any:
        """The boards for the other player after `action` [B]; [B] whether it wins, and whether the game is over."""
        import jax.numpy as jnp

        column = jnp.take_along_axis(board, action[:, None, None], 2)[:, :, 0]
        row = (column == 0).sum(1) - 1
        after = board.at[jnp.arange(len(board)), row, action].set(1)
        win = self._won(after == 1)
        return -after, win, win | (after != 0).all((1, 2))

    def search(self, board: Any, key: Any, simulations: int) -> Any:
        """What `gumbel_muzero_policy` says of the boards."""
        import jax.numpy as jnp
        import mctx

        def step(params: Any, key: Any, action: Any, board: Any) -> Any:
            after, win, over = self.play(board, action)
            logits, value = self.answer(after)
            return mctx.RecurrentFnOutput(
                reward=win.astype(jnp.float32), discount=jnp.where(over, 0.0, -1.0), prior_logits=logits, value=value
            ), after

        logits, value = self.answer(board)
        root = mctx.RootFnOutput(prior_logits=logits, value=value, embedding=board)
        return mctx.gumbel_muzero_policy((), key, root, step, simulations, board[:, 0] != 0)

    def _won(self, mine: Any) -> Any:
        """[B] is there a line of four in mine [B, 6, 7]?"""
        import jax.numpy as jnp

        found = jnp.zeros(len(mine), bool)
        for rows, columns in ((0, 1), (1, 0), (1, 1), (1, -1)):
            span = jnp.pad(mine, ((0, 0), (0, 3), (3, 3)))
            cells = [span[:, k * rows : k * rows + 6, 3 + k * columns : 10 + k * columns] for k in range(4)]
            found |= (cells[0] & cells[1] & cells[2] & cells[3]).any((1, 2))
        return found


def mctx_self_play(network: Any, games: int, simulations: int) -> Callable[[], int]:
    """One ply of `games` games in lockstep, which begin anew as they end; gives how many positions that was."""
    import jax
    import jax.numpy as jnp

    rules = InJax(network)

    @jax.jit
    def ply(board: Any, key: Any) -> Any:
        found = rules.search(board, key, simulations)
        after, _, over = rules.play(board, found.action)
        return jnp.where(over[:, None, None], 0, after), found.action_weights

    board = jnp.zeros((games, ROWS, COLUMNS), jnp.int32)
    keys = iter(jax.random.split(jax.random.PRNGKey(0), 10_000))

    def run() -> int:
        nonlocal board
        board, weights = ply(board, next(keys))
        weights.block_until_ready()
        return games

    return run


class OneByOne:
    """The method of alpha-zero-general: a tree in dictionaries keyed by the board, searched by recursion, the network
    asked about one position at a time; cpuct 1, moves drawn by visit counts, the tree kept during a game."""

    def __init__(self, ask: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], simulations: int) -> None:
        """ask: observations [1, 2, 6, 7] -> logits [1, 7] and values [1, 1]."""
        self.ask, self.simulations, self.dice = ask, simulations, np.random.default_rng(0)

    def game(self) -> int:
        """Play a game; how many positions it had."""
        self.q: dict[tuple[bytes, int], float] = {}
        self.visits: dict[tuple[bytes, int], int] = {}
        self.passed: dict[bytes, int] = {}
        self.prior: dict[bytes, np.ndarray] = {}
        self.result: dict[bytes, float | None] = {}
        board, plies = np.zeros((ROWS, COLUMNS), np.int8), 0
        while ended(board) is None:
            for _ in range(self.simulations):
                self.simulate(board)
            name = board.tobytes()
            counts = np.array([self.visits.get((name, action), 0) for action in range(COLUMNS)], float)
            board, plies = dropped(board, int(self.dice.choice(COLUMNS, p=counts / counts.sum()))), plies + 1
        return plies

    def simulate(self, board: np.ndarray) -> float:
        """One simulation from `board` down; what it is worth to who moved there."""
        name = board.tobytes()
        if name not in self.result:
            self.result[name] = ended(board)
        result = self.result[name]
        if result is not None:
            return -result
        legal = board[0] == 0
        if name not in self.prior:
            logits, value = self.ask(np.stack([board == 1, board == -1])[None].astype(np.float32))
            weights = np.exp(logits[0] - logits[0].max()) * legal
            self.prior[name], self.passed[name] = weights / weights.sum(), 0
            return -float(value[0, 0])
        best, best_score = -1, -math.inf
        for action in np.flatnonzero(legal):
            edge = (name, int(action))
            explore = self.prior[name][action] * math.sqrt(self.passed[name] + 1e-8)
            score = self.q.get(edge, 0.0) + explore / (1 + self.visits.get(edge, 0))
            if score > best_score:
                best, best_score = int(action), score
        value = self.simulate(dropped(board, best))
        edge, count = (name, best), self.visits.get((name, best), 0)
        self.q[edge] = (count * self.q.get(edge, 0.0) + value) / (count + 1)
        self.visits[edge], self.passed[name] = count + 1, self.passed[name] + 1
        return -value


def dropped(board: np.ndarray, action: int) -> np.ndarray:
    """The board for the other player after a stone in column `action`."""
    after = -board
    after[np.flatnonzero(board[:, action] == 0)[-1], action] = -1
    return after


def ended(board: np.ndarray) -> float | None:
    """The result for the mover, who may have lost or drawn; None: the game goes on."""
    other = board == -1
    for cells in (
        other[:, :-3] & other[:, 1:-2] & other[:, 2:-1] & other[:, 3:],
        other[:-3] & other[1:-2] & other[2:-1] & other[3:],
        other[:-3, :-3] & other[1:-2, 1:-2] & other[2:-1, 2:-1] & other[3:, 3:],
        other[3:, :-3] & other[2:-1, 1:-2] & other[1:-2, 2:-1] & other[:-3, 3:],
    ):
        if cells.any():
            return -1.0
    return None if (board[0] == 0).any() else 0.0
