"""Any legal action, each as likely as the next: the zero of ratings."""

from __future__ import annotations

import numpy as np

from agents.core.agent import Agent, Move, Thought, Turn
from games.core.joint import draw_point


class Random(Agent):
    points = True

    def think(self, turn: Turn) -> Move:
        if turn.game.action_space is not None:
            return Move(draw_point(turn.game.action_space, turn.seed))
        actions = turn.actions
        policy = turn.legal.astype(np.float32) / np.float32(len(actions))
        return Move(int(actions[turn.seed % len(actions)]), Thought(policy=policy, drawn=True))


def agent() -> Agent:
    return Random()
