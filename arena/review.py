"""Going over a game with an agent: `arena analyse --game`, and the window's analysis.

At each ply the agent says what the position is worth to whoever moved and what it would have played. What a move is
worth is what the agent thinks of the position after it, or, where that cannot be compared (the other seat knows other
things, or nature moves next), what the same search thought of the move. The loss is the difference to the best move,
and a move that loses `MISTAKE` of the range of a game's returns is a mistake: ten points of a hundred in win
expectation. Where returns have no bounds, it is that share of what the best move is worth.

Where somebody knows perfect play (`judges`), the loss is the true one, and a mistake gives away a win or a draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from agents.core.agent import Agent, Move, Thought
from agents.core.registry import make_agent
from arena.analysis import Due, consider
from arena.glimpse import Glimpse
from arena.judges import judge_at_hand, true_values
from arena.match import Forfeit, Seating, check_seats, expected
from arena.messages import Insight, Judged
from arena.record import Record
from arena.tree_picture import picture
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.native import NativeGame
from games.core.position import Play, Position
from games.core.registry import make_game

MISTAKE = 0.1  # of the range of returns
ANALYST, SLOW_ANALYST, HIDDEN_ANALYST = "uct(simulations=5000)", "uct(simulations=300)", "ismcts(simulations=5000)"


def analyst_of(game: str) -> str:
    """Who goes over a game where nobody is named. Raises ArenaError."""
    made = make_game(game)
    return HIDDEN_ANALYST if made.hidden else ANALYST if isinstance(made, NativeGame) else SLOW_ANALYST


@dataclass(frozen=True)
class Decision:
    """A choice of a seat."""

    position: Position  # before it
    seat: int
    played: int
    history: tuple[Play, ...]
    earned: float  # by the step, for the seat
    over: bool  # the game is over after it


class Review:
    """An agent's judgement of a game, and its search tree at any decision. Close it."""

    def __init__(self, record: Record, agent: str, seed: int = 0) -> None:
        """Raises ArenaError if the agent cannot be made, or cannot play the game."""
        self.record, self.agent, self.seed = record, agent, seed
        self.game: Game = seated(make_game(record.game), len(record.agents))
        if self.game.action_space is not None:
            raise ArenaError(f"{self.game.name}: its moves are points, which no agent compares")
        self.decisions = _decisions(self.game, record)
        if not self.decisions:
            raise ArenaError("nobody chose a move in this game")
        self._glimpse, self._judge = Glimpse(self.game, ()), judge_at_hand(self.game)
        self._agent: Agent = make_agent(agent)
        check_seats(self.game, {agent: self._agent})

    def close(self) -> None:
        """The agent is not needed any more."""
        self._agent.close()

    def judged(self) -> Iterator[Judged]:
        """Every decision, as soon as it is judged. Raises ArenaError if the agent fails."""
        answers = self._ask(self.decisions)
        answer = next(answers)
        for number, decision in enumerate(self.decisions):
            following = next(answers, None)
            comparable = following is not None and not self.game.hidden and not self.game.simultaneous
            next_to = comparable and self.decisions[number + 1].position.ply == decision.position.ply + 1
            yield self._judged(decision, answer, following if next_to else None)
            if following is not None:
                answer = following

    def tree(self, ply: int) -> str:
        """The search tree at the decision after so many plies, as SVG. Raises ArenaError if there is none."""
        found = [decision for decision in self.decisions if decision.position.ply == ply]
        if not found:
            raise ArenaError(f"--ply {ply}: no move was chosen there")
        where, seat = found[0].position, found[0].seat
        (answer,) = self._ask(found[:1])
        thought, title = answer.thought or Thought(), f"{self.game.title or self.game.name}, ply {ply}: {self.agent}"
        return picture(where, seat, thought.branches, thought.simulations, title)

    def _ask(self, decisions: Sequence[Decision]) -> Iterator[Move]:
        rows = self.game.empty(len(decisions))
        due: list[Due] = []
        names = (self.agent,) * self.game.seats
        for slot, decision in enumerate(decisions):
            self.game.copy(decision.position.row, np.zeros(1, np.int64), rows, np.array([slot]))
            ply = decision.position.ply
            due.append((Seating(names, self.seed, 2 * ply + decision.seat), decision.seat, ply, decision.history))
        answers = consider(self.game, self._agent, rows, due, batch=1, branches=len(decisions) == 1)
        for decision, answer in zip(decisions, answers, strict=True):
            if isinstance(answer, Forfeit):
                raise ArenaError(f"{self.agent} failed at ply {decision.position.ply}: {answer.reason}")
            yield answer

    def _judged(self, decision: Decision, answer: Move, following: Move | None) -> Judged:
        where, seat = decision.position, decision.seat
        truths = true_values(self._judge, where) if self._judge is not None else {}
        best = _best(answer, truths)
        value = _of_move(answer, best)
        value = expected(answer, seat) if value is None and best == answer.action else value
        played = value if decision.played == best else _of_played(decision, answer, following)
        if truths:
            loss: float | None = float(max(truths.values()) - truths[decision.played])
        else:
            loss = None if value is None or played is None else max(0.0, value - played)
        return Judged(
            ply=where.ply,
            seat=seat,
            player=self.record.agents[seat],
            played=decision.played,
            played_text=self.game.action_text(where.row, decision.played),
            best=best,
            best_text=self.game.action_text(where.row, best),
            insight=self._insight(where, seat, answer.thought),
            value=_rounded(value),
            played_value=_rounded(played),
            loss=_rounded(loss),
            mistake=loss is not None and loss > 0 and loss >= self._threshold(value, bool(truths)) - 1e-9,
            truths=tuple(truths.items()),
        )

    def _insight(self, where: Position, seat: int, thought: Thought | None) -> Insight:
        return self._glimpse.thought(where.row, where.ply, seat, thought or Thought())

    def _threshold(self, best: float | None, true: bool) -> float:
        """What a mistake loses at least."""
        low, high = self.game.bounds or (0.0, abs(best or 0.0) or math.inf)
        return 0.0 if true else MISTAKE * (high - low)


def _decisions(game: Game, record: Record) -> list[Decision]:
    """Every choice of a seat after the opening, which nobody chose."""
    if not game.forkable:
        raise ArenaError(f"{game.name} cannot be copied, so nobody can think about how it stood")
    position, found = Position.new(game, record.seed), list[Decision]()
    for ply, play in enumerate(record.plays):
        joint, before, acting = position.joint(play)[0], position.copy(), position.acting
        position.play(play)
        for seat in acting:
            if seat < game.seats and ply >= record.opening:
                earned = position.returns[seat] - before.returns[seat]
                found.append(Decision(before, seat, int(joint[seat]), tuple(record.plays[:ply]), earned, position.over))
    return found


def _best(answer: Move, truths: dict[int, int]) -> int:
    """The agent's move, or, where it is known to be worse than others, the one of these that it searched most."""
    action, most = int(answer.action), max(truths.values(), default=0)
    visits = answer.thought.visits if answer.thought is not None else None
    if not truths or truths[action] == most:
        return action
    good = [action for action, worth in truths.items() if worth == most]
    return good[0] if visits is None else max(good, key=lambda each: int(visits[each]))


def _of_move(answer: Move, action: int) -> float | None:
    """What the search thought of a move."""
    q = answer.thought.q if answer.thought is not None else None
    value = math.nan if q is None else float(q[action])
    return value if math.isfinite(value) else None


def _of_played(decision: Decision, answer: Move, following: Move | None) -> float | None:
    """What the move made is worth to its seat; `following`: what was said after it, if that compares."""
    if decision.over:
        return decision.earned
    if following is None:
        return _of_move(answer, decision.played)
    after = expected(following, decision.seat)
    return None if after is None else decision.earned + after


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
