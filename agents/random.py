"""Any legal action, each as likely as the next: the zero of ratings."""

from __future__ import annotations

from agents.core.agent import Agent, Move, Turn


class Random(Agent):
    def think(self, turn: Turn) -> Move:
        actions = turn.actions
        return Move(int(actions[turn.seed % len(actions)]))


def agent() -> Agent:
    return Random()
