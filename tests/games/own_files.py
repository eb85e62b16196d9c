"""Two game files such as a user may write: one of compiled kernels, one in plain Python."""

_RACE = '''"""Race: add one or two to the sum; who reaches the goal wins."""

from typing import NamedTuple

import numpy as np

from games.core.kernels import helper
from games.core.native import NativeGame
{more}

class Rules(NamedTuple):
    goal: int = 5


def start(rules, row, seed):
    row.sum = 0
    row.ply = 0


def acting(rules, row):
    return 0 if row.sum >= rules.goal else 1 << (row.ply & 1)


def legal(rules, row, seat, out):
    out[:] = True


def step(rules, row, joint, rewards):
    seat = row.ply & 1
    row.sum += {gain}
    row.ply += 1
    if row.sum >= rules.goal:
        rewards[seat] += 1
        rewards[1 - seat] -= 1


def observe(rules, row, seat, out):
    out[0] = row.sum


class Race(NativeGame):
    title = "Race"
    seats, actions, max_plies = 2, 2, 9
    observation_shape = (1,)

    def __init__(self, goal):
        super().__init__(Rules(goal), np.dtype([("sum", "i4"), ("ply", "i4")]), globals())

    def action_text(self, position, action):
        return str(action + 1)

    def text(self, position):
        return str(position["sum"][0])

    def draw(self, canvas, position, seat):
        canvas.text(0.5, 0.5, self.text(position), 0.5, "ink")


def game(goal: int = 5):
    return Race(goal)
'''

NIM = '''"""Nim: take one to three of the heap, the last one wins."""

import numpy as np

from games.core.game import Game


class Nim(Game):
    title, seats, actions, openspiel = "Nim", 2, 3, None
    observation_shape = (1,)

    def __init__(self, heap):
        self.heap = self.max_plies = heap

    def start(self, seeds):
        return np.array([[self.heap, 0]] * len(seeds), np.int32)

    def empty(self, count):
        return np.empty((count, 2), np.int32)

    def copy(self, source, rows, target, slots):
        target[slots] = source[rows]

    def acting(self, positions):
        heap, seat = positions.T
        return np.stack([(heap > 0) & (seat == 0), (heap > 0) & (seat == 1), heap < 0], 1)

    def legal(self, positions, seats):
        heap, seat = positions.T
        return (np.arange(1, 4) <= heap[:, None]) & (seat == seats)[:, None]

    def step(self, positions, joint, out=None):
        rewards = np.zeros((len(positions), 2), np.float32)
        for row, reward, taken in zip(positions, rewards, joint.max(1) + 1):
            if row[0] > 0 and taken > 0:
                row[0] -= taken
                if row[0] == 0:
                    reward[:] = (1, -1) if row[1] == 0 else (-1, 1)
                row[1] = 1 - row[1]
        return rewards

    def observe(self, positions, seats):
        return positions[:, :1].astype(np.float32)

    def action_text(self, position, action):
        return f"take {action + 1}"

    def text(self, position):
        return "|" * int(position[0, 0])

    def draw(self, canvas, position, seat):
        canvas.text(0.5, 0.5, self.text(position), 0.1, "ink", tag="action 0")


def game(heap: int = 7):
    if heap < 1:
        raise ValueError(f"a heap of {heap} is none")
    return Nim(heap)
'''


def race(gain: str = "joint[seat] + 1", more: str = "") -> str:
    """The file of the native game; `gain`: what an action adds to the sum, `more`: further imports."""
    return _RACE.replace("{gain}", gain).replace("{more}", more)
