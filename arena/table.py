"""The table: one game, its players and its pace, in a process of its own (its client is `Session` in `live.py`)."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection

import numpy as np

from arena.course import Course
from arena.glimpse import Glimpse, hello
from arena.match import Forfeit, Seating
from arena.messages import HUMAN, Asks, Back, Command, Due, Ended, Failed, Insight, Remark, Setup
from arena.screening import Screening
from arena.thinkers import Thinkers
from arena.wire import Wire
from arena.worker import bound_memory, leave_with_parent
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.joint import moved
from games.core.registry import make_game

IDLE_SECONDS = 3600.0
MOVES_TO_GO = 25  # that an agent on a clock saves time for
ACCEPTS = 0.02  # an agent takes a draw where it expects no more than this


def serve(setup: Setup, pipe: Connection) -> None:
    """Lay the table and play until told to quit, or until nobody is at the other end."""
    leave_with_parent()
    bound_memory()
    try:
        (Table(setup, pipe) if setup.record is None else Screening(setup, setup.record, pipe)).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    except BaseException as error:
        text = str(error) if isinstance(error, ArenaError) else f"{type(error).__name__}: {error}"
        pipe.send(Failed(text.partition("\n")[0]))


class Table:
    """One game after another between the same players."""

    def __init__(self, setup: Setup, pipe: Connection) -> None:
        self.setup, self.wire = setup, Wire(pipe)
        self.game: Game = seated(make_game(setup.game), len(setup.players))
        if len(setup.players) != self.game.seats:
            raise ArenaError(f"{self.game.name} has {self.game.seats} seats, not {len(setup.players)}")
        self.thinkers = Thinkers(
            self.game, set(setup.players) - {HUMAN}, self.wire.say, lambda: self.wire.heed(self._obey, 0.0)
        )
        self.paused, self.delay, self.rate, self.hints = setup.paused, setup.delay, setup.rate, setup.hints
        self.steps = 0  # single plies allowed while paused
        self.held: dict[int, int | None] = {}  # real-time games: what a person presses, a seat
        self._begin(setup)

    # -- one game --------------------------------------------------------------------------------------------------

    def _begin(self, setup: Setup) -> None:
        self.setup = setup
        self.people = [seat for seat, player in enumerate(setup.players) if player == HUMAN]
        self.glimpse = Glimpse(self.game, self.people)
        self.expects: dict[int, float] = {}  # by seat: the return that an agent expected last
        self.course = Course(self.game, Seating(setup.names, setup.seed, setup.number, setup.opening))
        self.wire.say(hello(self.game, setup))
        self.wire.say(self.glimpse.scene(self.course))
        for play in setup.plays:
            joint = self.course.joint(play)
            text = self.glimpse.text(self.course.row, joint[0])
            self.course.make(joint)
            self.wire.say(self.glimpse.scene(self.course, text))
        if setup.plays:
            self.wire.say(Back(len(setup.plays)))
        self._settle()
        self.next_play = time.monotonic() + (0.0 if self.game.tick else self.delay)

    def _settle(self) -> None:
        """Nothing is under way at this ply yet."""
        self.moves: dict[int, int] = {}  # of people, at this ply
        self.asked: tuple[int, float] | None = None  # which person, and when
        self.hinted = -1  # the ply for which a hint has been thought of
        self.ended = False

    # -- the loop --------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Obey and play until told to quit."""
        while self.wire.obey(self._obey, self._patience()):
            if not self._flagged() and self._may_play() and time.monotonic() >= self.next_play:
                self._play()
        self.thinkers.close()

    def _flagged(self) -> bool:
        """Whether the person asked has run out of time: then the game is lost."""
        left = self._left(self.asked[0]) if self.asked is not None and not self.paused else None
        if left is None or left > 0 or self.asked is None or self.ended:
            return False
        self.course.give_up(self.asked[0], "out of time")
        self._finish()
        return True

    def _left(self, seat: int) -> float | None:
        """Seconds left on the clock of `seat`, what a person is taking now included; None: there is no clock."""
        if self.setup.clock is None or self.game.tick:
            return None
        made = sum(seat in movers for movers in self.course.movers)
        now = time.monotonic() - self.asked[1] if self.asked is not None and self.asked[0] == seat else 0.0
        return self.setup.clock[0] + made * self.setup.clock[1] - self.course.spent[seat] - now

    def _may_play(self) -> bool:
        if self.ended or (self.paused and not self.steps):
            return False
        return self.asked is None or self.game.tick is not None

    def _patience(self) -> float:
        if self.asked is not None and self.hints and self.hinted != self.course.ply:
            self._hint()
            return 0.0
        if self._may_play():
            return max(0.0, self.next_play - time.monotonic())
        left = self._left(self.asked[0]) if self.asked is not None and not self.paused and not self.ended else None
        return IDLE_SECONDS if left is None else max(0.0, left) + 0.01

    def _play(self) -> None:
        """One ply, or as much of it as can be had now."""
        game, course, began = self.game, self.course, time.monotonic()
        if not course.acting:
            self._finish()
            return
        joint = course.begin_ply()
        if not self._ask_people([seat for seat in self._undecided(joint) if seat in self.people], joint):
            return
        insights = self._ask_agents(self._undecided(joint), joint, began)
        if self.wire.urgent:
            return
        if course.forfeit is not None:
            self._finish()
            return
        if not game.tick and not self._hold():
            return
        values = {insight.seat: round(insight.value, 4) for insight in insights if insight.value is not None}
        self.expects |= values
        text = self.glimpse.text(course.row, joint[0])
        course.make(joint, next(iter(values.values()), None))
        self._settle()
        self.steps = max(0, self.steps - 1)
        self.wire.say(self.glimpse.scene(course, text, tuple(values.get(seat) for seat in range(game.seats)), insights))
        self._set_pace()
        if not course.acting:
            self._finish()

    def _undecided(self, joint: np.ndarray) -> list[int]:
        """The players who still have to choose."""
        return [seat for seat in self.course.acting if seat < self.game.seats and not moved(joint[0])[seat]]

    def _set_pace(self) -> None:
        now = time.monotonic()
        if not self.game.tick:
            self.next_play = now + self.delay
            return
        self.next_play += 1.0 / (self.game.tick * self.rate)
        if now - self.next_play > 0.2:  # far behind: go on from here rather than hurry
            self.next_play = now

    def _hold(self) -> bool:
        """Wait until the move may be shown; False if it is not wanted any more."""
        while (self.paused and not self.steps) or time.monotonic() < self.next_play:
            wait = IDLE_SECONDS if self.paused else max(0.0, self.next_play - time.monotonic())
            if not self.wire.heed(self._obey, wait):
                return False
        return True

    def _finish(self) -> None:
        self.ended = True
        self.wire.say(Ended(self.course.record()))
        self.thinkers.forget(self.course)

    # -- players ---------------------------------------------------------------------------------------------------

    def _ask_people(self, seats: list[int], joint: np.ndarray) -> bool:
        """Fill in what people play; False if one of them has to think first."""
        for seat in seats:
            if self.game.tick:
                held, legal = self.held.get(seat), self.course.legal(seat)
                idle = self.game.idle if self.game.idle is not None else int(np.flatnonzero(legal)[0])
                joint[0, seat] = held if held is not None and legal[held] else idle
            elif seat in self.moves:
                joint[0, seat] = self.moves[seat]
            else:
                self.asked = (seat, time.monotonic())
                self.wire.say(Asks(self.course.ply, seat, self.glimpse.choices(self.course.row, seat)))
                return False
        return True

    def _ask_agents(self, seats: list[int], joint: np.ndarray, began: float) -> list[Insight]:
        """Fill in what agents play; what they thought. A failure is a forfeit."""
        insights: list[Insight] = []
        for i, seat in enumerate(seats):
            clock = None
            if self.game.tick:  # what is left of the tick is shared by who still has to answer
                clock = max(0.001, (began + 1.0 / (self.game.tick * self.rate) - time.monotonic()) / (len(seats) - i))
            begin, left = time.perf_counter(), self._left(seat)
            if left is not None and self.setup.clock is not None:  # of a clock, a part for this move
                clock = max(0.01, left / MOVES_TO_GO + 0.9 * self.setup.clock[1])
            if len(seats) > 1:
                self.wire.say(Due(seat))
            answer = self.thinkers.think(self.setup.players[seat], self.course, self.glimpse, seat, clock)
            if self.wire.urgent:
                return []
            self.course.spend(seat, time.perf_counter() - begin)
            if left is not None and left < time.perf_counter() - begin:
                answer = Forfeit("out of time")
            if isinstance(answer, Forfeit):
                self.course.give_up(seat, answer.reason)
                return []
            joint[0, seat] = answer.action
            if answer.thought is not None:
                insights.append(self.glimpse.insight(self.course, seat, answer.thought))
        return insights

    def _hint(self) -> None:
        """Let an agent think for the person who is asked."""
        assert self.asked is not None
        self.hinted = self.course.ply
        try:
            adviser = self.thinkers.adviser()
        except ArenaError as error:
            self.wire.say(Remark(f"No hints: {error}"))
        else:
            self.thinkers.think(adviser, self.course, self.glimpse, self.asked[0], None, hint=True)

    # -- commands --------------------------------------------------------------------------------------------------

    def _obey(self, command: Command) -> None:
        order, value, ply = command.order, command.value, self.course.ply
        if order in ("pause", "delay", "rate", "hints"):
            setattr(self, "paused" if order == "pause" else order, value)
            self.steps = 0
            self.next_play = min(self.next_play, time.monotonic() + self.delay)
        elif order == "step":
            self.steps += 1
        elif order == "held":
            self.held = dict(value)
        elif order == "ghost" and command.ply == ply:
            self.wire.say(self.glimpse.ghost(self.course.row, ply, value))
        elif order == "line" and command.ply is not None and command.ply <= ply:
            self.wire.say(self.glimpse.played_out(self.setup.seed, self.course.plays[: command.ply], value))
        elif order == "move" and command.ply == ply:
            self._move(int(value))
        elif order == "back" and not self.game.tick and not self.ended:
            self._take_back()
        elif order == "resign" and not self.ended:
            self.course.give_up(int(value), "resigned")
            self._finish()
        elif order == "draw" and not self.ended:
            self._offer(int(value))
        elif order == "swap" and not self.ended:
            self.thinkers.forget(self.course)
            self._begin(self.setup.swapped(tuple(self.course.plays)))
        elif order == "new":
            self.thinkers.forget(self.course)
            self._begin(self.setup.next_game())

    def _offer(self, seat: int) -> None:
        """A person at `seat` offers a draw: an agent takes it where it expects no more; among people it is agreed."""
        others = [other for other in range(self.game.seats) if other not in self.people]
        if self.game.seats != 2 or not self.game.zero_sum or self.game.tick:
            self.wire.say(Remark("This game knows no draw by agreement"))
        elif not others or self.expects.get(others[0], 1.0) <= ACCEPTS:
            self.ended = True
            self.wire.say(Ended(self.course.record(agreed=True)))
            self.thinkers.forget(self.course)
        else:
            self.wire.say(Remark("The draw is declined"))

    def _move(self, action: int) -> None:
        """A person has moved; perhaps before this table asked, if it has taken the place of another that did."""
        waiting = [seat for seat in self.course.acting if seat in self.people and seat not in self.moves]
        seat, since = self.asked or (waiting[0] if waiting else -1, time.monotonic())
        if seat >= 0 and self.course.legal(seat)[action]:
            self.course.spend(seat, time.monotonic() - since)
            self.moves[seat], self.asked = action, None
            self.next_play = 0.0

    def _take_back(self) -> None:
        if not self.course.take_back(self.people):
            return
        self.thinkers.forget(self.course)
        self._settle()
        self.wire.say(Back(self.course.ply))
        self.next_play = time.monotonic()
