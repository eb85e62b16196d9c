"""Native toy: two seats choose at once, round after round; a table says what the first wins of the second."""

from typing import NamedTuple

import numpy as np

from games.core.native import NativeGame

ROCK_PAPER_SCISSORS = ((0.0, -1.0, 1.0), (1.0, 0.0, -1.0), (-1.0, 1.0, 0.0))  # 1/3 each
MATCHING_PENNIES = ((1.0, -1.0), (-1.0, 1.0))  # 1/2 each
BIASED_PENNIES = ((1.0, -0.2), (-0.5, 0.3))  # 2/5 and 1/4 on the first; worth 0.1
BIASED_ROCK_PAPER_SCISSORS = ((0.0, -0.25, 0.5), (0.25, 0.0, -0.05), (-0.5, 0.05, 0.0))  # 1/16, 10/16, 5/16


class Rules(NamedTuple):
    """The tag: a square table, row by row, and how often it is played."""

    size: int
    table: tuple[float, ...]
    rounds: int


def start(rules, row, seed):
    row.round = 0


def acting(rules, row):
    return 3 if row.round < rules.rounds else 0


def legal(rules, row, seat, out):
    out[:] = True


def step(rules, row, joint, rewards):
    row.round += 1
    won = rules.table[joint[0] * rules.size + joint[1]]
    rewards[0] += won
    rewards[1] -= won


def observe(rules, row, seat, out):
    out[0] = row.round


class MatrixGame(NativeGame):
    name = title = "matrix"
    seats = 2
    simultaneous = True
    observation_shape = (1,)

    def __init__(self, table, rounds=1):
        self.table = np.array(table)
        self.actions, self.max_plies, self.bounds = len(table), rounds, (-float(rounds), float(rounds))
        numbers = tuple(float(number) for line in table for number in line)
        super().__init__(Rules(len(table), numbers, rounds), [("round", "u1")], globals())

    def action_text(self, position, action):
        return str(action)

    def text(self, position):
        return f"round {position['round'][0]}"

    def draw(self, canvas, position, seat):
        pass

    def gain(self, first, second):
        """What best responses to the mixed actions of both seats win together, in one round: 0 at an equilibrium."""
        return (self.table @ second).max() - (first @ self.table).min()
