"""What MuZero learns from: a position, the actions that were taken from there, and what came of each.

Values are n-step returns (Sutton 1988), with what the search expected for all that comes after, or the latest network
does; to the end of a game where n is large. Positions may be drawn by how far the search was off (prioritised replay:
Schaul et al. 2016), and searched anew with a later network (Reanalyse: Schrittwieser et al. 2021).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from agents.core.episodes import Steps
from agents.core.replay import Replay
from games.core.game import Array, Bool, Float, Int
from games.core.symmetry import Symmetries
from search.network import by_mover

Worth = Callable[[Array, Int], Float]  # observations [N, *shape], movers [N] -> expected returns [N, S]


class Window(NamedTuple):
    """B positions and the K steps that follow each. Past the end of a game actions are any, and nothing is earned."""

    observations: Array  # [B, K + 1, *shape] as each mover sees them; whatever where not `alive`
    action: Int  # [B, K]
    policy: Float  # [B, K + 1, A]
    value: Float  # [B, K + 1, V] from each mover on
    reward: Float  # [B, K, V] of each step, from who moved on
    follower: Int  # [B, K] (who moves next - who moved) % S; S: the game is over
    alive: Bool  # [B, K + 1] there is such a position
    whole: Bool  # [B, K + 1] and all that was done before it can be seen there: no move is pending
    weight: Float  # [B] of importance, the mean 1


class Windows(Replay[Steps]):
    """A replay of whole games."""

    def __init__(
        self,
        smallest: int,
        actions: int,
        seats: int,
        values: int,
        together: int,
        td_steps: int,
        discount: float,
        search_value: float = 0.0,
    ) -> None:
        """`values`: V; `together`: see `Episodes`; `td_steps`: n; `search_value`: of what is learned, the share that
        the search expected."""
        super().__init__(smallest)
        self.actions, self.seats, self.values, self.together = actions, seats, values, together
        self.td_steps, self.discount, self.search_value = td_steps, discount, search_value

    def judged(self, steps: Steps) -> Steps:
        """With the priorities of new steps, which are whole games."""
        priority = np.empty(steps.size, np.float32)
        for begin in range(0, steps.size, 4096):
            rows = np.arange(begin, min(begin + 4096, steps.size))
            off = self._returns(steps, rows, self._base(steps, rows), 0)[:, 0] - steps.value[rows]
            priority[rows] = np.abs(off).max(1)
        return steps._replace(priority=priority)

    def windows(
        self, batch: int, unroll: int, exponent: float, dice: np.random.Generator, worth: Worth | None = None
    ) -> Window:
        """`batch` positions and `unroll` steps from each, drawn in proportion to priority^`exponent`. `worth`: what
        comes after n steps, where that is not what a search expected when it was played."""
        ring = self.ring
        assert ring is not None
        ages, weight = self._drawn(batch, exponent, dice)
        start = self.total - ages
        base = self._base(ring, start)
        rows, alive = self._sequence(ring, start, base, unroll + 1)
        mover, nothing = ring.mover[rows], np.float32(0)
        value = self._returns(ring, start, base, unroll, worth)
        value += np.float32(self.search_value) * (ring.value[rows] - value)
        reward = self._rewards(ring, rows, alive)
        action = np.where(alive, ring.action[rows], dice.integers(0, self.actions, alive.shape))
        follower = np.where(alive[:, 1:], (mover[:, 1:] - mover[:, :-1]) % self.seats, self.seats)
        seen = [self._as_seen(part, mover) for part in (value, reward)]
        value, reward = (np.where(alive[:, :, None], part, nothing) for part in seen)
        whole = alive & (np.arange(unroll + 1) % self.together == 0)
        return Window(
            ring.observations[rows],
            action[:, :-1].astype(np.int32),
            ring.policy[rows].astype(np.float32),
            value,
            reward[:, :-1],
            follower.astype(np.int32),
            alive,
            whole,
            weight,
        )

    def renew(self, rows: Array, policy: Array, value: Float) -> None:
        """Put what a new search says at `rows` of the ring; policy [N, A], value [N, S]."""
        assert self.ring is not None
        self.ring.policy[rows], self.ring.value[rows] = policy, value

    def some(self, count: int, dice: np.random.Generator) -> Array:
        """[count] rows of the ring, from the window, drawn evenly."""
        assert self.ring is not None
        return (self.total - dice.integers(1, self.window + 1, count)) % self.ring.size

    def state(self) -> Mapping[str, Array]:
        """What a search has renewed, of the window."""
        ring = self.ring
        if ring is None:
            return {}
        rows = np.arange(self.total - self.window, self.total) % ring.size
        return {"replay_policy": ring.policy[rows], "replay_value": ring.value[rows]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave, with the samples there."""
        if self.ring is not None:
            rows = np.arange(self.total - self.window, self.total) % self.ring.size
            self.renew(rows, state["replay_policy"], state["replay_value"])

    # -- sequences -------------------------------------------------------------------------------------------------

    def _drawn(self, batch: int, exponent: float, dice: np.random.Generator) -> tuple[Array, Float]:
        """Ages [B] of positions, and their weights."""
        ring, window = self.ring, self.window - self.together + 1
        assert ring is not None
        if exponent == 0:
            return dice.integers(1, window + 1, batch), np.ones(batch, np.float32)
        priority = ring.priority[(self.total - 1 - np.arange(window)) % ring.size]
        sums = np.cumsum((priority + 1e-3).astype(np.float64) ** exponent)
        picks = np.minimum(np.searchsorted(sums, dice.random(batch) * sums[-1], side="right"), window - 1)
        weight = 1 / (priority[picks] + 1e-3) ** exponent
        return picks + 1, (weight / weight.mean()).astype(np.float32)

    def _base(self, steps: Steps, start: Array) -> Array:
        """The first decision of the ply of each, as they are stored."""
        return start - steps.mover[start % steps.size] if self.together > 1 else start

    def _sequence(self, steps: Steps, start: Array, base: Array, count: int) -> tuple[Array, Bool]:
        """Rows [B, count] of the decisions from `start` on, and which there are. Those of seats that act at once come
        in turn, from the seat whose is the first; `base`: see `_base`."""
        size, k = steps.size, np.arange(count)
        ply, turn = k // self.together * self.together, (start - base)[:, None] + k
        order = base[:, None] + ply + turn % self.together
        last = base + steps.left[base % size]
        alive = (base[:, None] + k) <= last[:, None]
        return np.minimum(order, last[:, None]) % size, alive

    def _rewards(self, steps: Steps, rows: Array, alive: Bool) -> Float:
        """[B, count, S] earned by each decision: of those made at once by the last."""
        complete = alive & (np.arange(rows.shape[1]) % self.together == self.together - 1)
        return np.where(complete[:, :, None], steps.reward[rows], np.float32(0))

    def _returns(self, steps: Steps, start: Array, base: Array, unroll: int, worth: Worth | None = None) -> Float:
        """[B, unroll + 1, S] n-step returns from `start` on."""
        count = unroll + 1
        n = min(self.td_steps, int(steps.left[base % steps.size].max(initial=0)) + 1)
        rows, alive = self._sequence(steps, start, base, count + n)
        rewards = self._rewards(steps, rows, alive)
        after, there = rows[:, n:], alive[:, n:]
        bootstrap = np.where(there[:, :, None], steps.value[after], np.float32(0))
        if worth is not None and there.any():
            bootstrap[there] = worth(steps.observations[after[there]], steps.mover[after[there]])
        total = bootstrap * np.float32(self.discount**n)
        for j in range(n - 1, -1, -1):
            total += np.float32(self.discount**j) * rewards[:, j : j + count]
        return total

    def _as_seen(self, values: Float, movers: Int) -> Float:
        """[B, K, S] by seat -> [B, K, V] from each mover [B, K] on."""
        flat = by_mover(values.reshape(-1, self.seats), movers.reshape(-1), self.values)
        return flat.reshape(*movers.shape, self.values)


def pictured(window: Window, symmetries: Symmetries, dice: np.random.Generator) -> Window:
    """Every position, with the steps that follow, as one of its pictures, drawn evenly."""
    which = dice.integers(0, len(symmetries.actions), len(window.weight))
    shape = window.observations.shape
    flat = window.observations.reshape(*shape[:2], -1)
    seen = np.take_along_axis(flat, symmetries.observation[which].astype(np.int64)[:, None], 2)
    actions = symmetries.actions[which].astype(np.int64)  # [B, A] what each action of the picture is
    policy = np.take_along_axis(window.policy, actions[:, None], 2)
    action = np.take_along_axis(np.argsort(actions, 1), window.action.astype(np.int64), 1).astype(np.int32)
    return window._replace(observations=seen.reshape(shape), policy=policy, action=action)
