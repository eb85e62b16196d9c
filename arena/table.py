"""The table: one game, its players and its pace, in a process of its own (its client is `Session` in `live.py`)."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from multiprocessing.connection import Connection, wait

import numpy as np

from agents.core.agent import Agent, Move, Thought
from agents.core.registry import make_agent
from arena.course import Course
from arena.glimpse import Glimpse, hello
from arena.match import Forfeit, Seating, ask, check_seats, make_turns
from arena.messages import HUMAN, URGENT, Asks, Back, Command, Ended, Failed, Heard, Insight, Message, Setup
from arena.screening import Screening
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.joint import moved
from games.core.registry import make_game

REPORT_SECONDS = 0.09  # between two thoughts shown
IDLE_SECONDS = 3600.0


def serve(setup: Setup, pipe: Connection) -> None:
    """Lay the table and play until told to quit, or until nobody is at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the window's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        (Table(setup, pipe) if setup.record is None else Screening(setup, setup.record, pipe)).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    except BaseException as error:
        text = str(error) if isinstance(error, ArenaError) else f"{type(error).__name__}: {error}"
        pipe.send(Failed(text.partition("\n")[0]))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


class Table:
    """One game after another between the same players."""

    def __init__(self, setup: Setup, pipe: Connection) -> None:
        self.setup, self.pipe = setup, pipe
        self.game: Game = seated(make_game(setup.game), len(setup.players))
        if len(setup.players) != self.game.seats:
            raise ArenaError(f"{self.game.name} has {self.game.seats} seats, not {len(setup.players)}")
        self.agents: dict[str, Agent] = {spec: make_agent(spec) for spec in set(setup.players) - {HUMAN}}
        check_seats(self.game, self.agents)
        self.inbox: deque[tuple[int, Command]] = deque()
        self.paused, self.delay, self.rate, self.hints = setup.paused, setup.delay, setup.rate, setup.hints
        self.steps = 0  # single plies allowed while paused
        self.held: dict[int, int | None] = {}  # real-time games: what a person presses, a seat
        self.last_report = 0.0
        self._begin(setup)

    # -- one game --------------------------------------------------------------------------------------------------

    def _begin(self, setup: Setup) -> None:
        self.setup = setup
        self.people = [seat for seat, player in enumerate(setup.players) if player == HUMAN]
        self.glimpse = Glimpse(self.game, self.people)
        self.course = Course(self.game, Seating(setup.names, setup.seed, setup.number, setup.opening))
        self._say(hello(self.game, setup))
        self._say(self.glimpse.scene(self.course))
        for play in setup.plays:
            joint = self.course.joint(play)
            text = self.glimpse.text(self.course.row, joint[0])
            self.course.make(joint)
            self._say(self.glimpse.scene(self.course, text))
        if setup.plays:
            self._say(Back(len(setup.plays)))
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
        while True:
            self._listen(0.0 if self.inbox else self._patience())
            while self.inbox:
                number, command = self.inbox.popleft()
                if command.order == "quit":
                    for agent in self.agents.values():
                        agent.close()
                    return
                self._obey(command)
                self._say(Heard(number))
            if self._may_play() and time.monotonic() >= self.next_play:
                self._play()

    def _may_play(self) -> bool:
        if self.ended or (self.paused and not self.steps):
            return False
        return self.asked is None or self.game.tick is not None

    def _patience(self) -> float:
        if self.asked is not None and self.hints and self.hinted != self.course.ply:
            self._hint()
            return 0.0
        return max(0.0, self.next_play - time.monotonic()) if self._may_play() else IDLE_SECONDS

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
        if self._interrupted():
            return
        if course.forfeit is not None:
            self._finish()
            return
        if not game.tick and not self._hold():
            return
        values = {insight.seat: round(insight.value, 4) for insight in insights if insight.value is not None}
        text = self.glimpse.text(course.row, joint[0])
        course.make(joint, next(iter(values.values()), None))
        self._settle()
        self.steps = max(0, self.steps - 1)
        self._say(self.glimpse.scene(course, text, tuple(values.get(seat) for seat in range(game.seats)), insights))
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
            self._heed(IDLE_SECONDS if self.paused else max(0.0, self.next_play - time.monotonic()))
            if self._interrupted():
                return False
        return True

    def _finish(self) -> None:
        self.ended = True
        self._say(Ended(self.course.record()))
        self._forget()

    def _forget(self) -> None:
        """The agents' memory of this game ends."""
        for agent in self.agents.values():
            for match in self.course.seating.episodes(self.game):
                agent.end(match.match)

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
                self._say(Asks(self.course.ply, seat, self.glimpse.choices(self.course.row, seat)))
                return False
        return True

    def _ask_agents(self, seats: list[int], joint: np.ndarray, began: float) -> list[Insight]:
        """Fill in what agents play; what they thought. A failure is a forfeit."""
        insights: list[Insight] = []
        for i, seat in enumerate(seats):
            clock = None
            if self.game.tick:  # what is left of the tick is shared by who still has to answer
                clock = max(0.001, (began + 1.0 / (self.game.tick * self.rate) - time.monotonic()) / (len(seats) - i))
            begin = time.perf_counter()
            answer = self._think(self.setup.players[seat], seat, clock)
            if self._interrupted():
                return []
            self.course.spend(seat, time.perf_counter() - begin)
            if isinstance(answer, Forfeit):
                self.course.give_up(seat, answer.reason)
                return []
            joint[0, seat] = answer.action
            if answer.thought is not None:
                insights.append(self.glimpse.insight(self.course, seat, answer.thought))
        return insights

    def _think(self, spec: str, seat: int, clock: float | None, hint: bool = False) -> Move | Forfeit:
        """An agent's move for `seat`, its thoughts shown on the way."""
        course, seating = self.course, self.course.seating
        if hint:  # a memory of its own, so that a hint changes nothing about the game
            seating = Seating(seating.agents, seating.seed, seating.number + 1_000_000)

        def report(thought: Thought) -> bool:
            now = time.monotonic()
            if now - self.last_report >= REPORT_SECONDS:
                self.last_report = now
                self._say(self.glimpse.insight(course, seat, thought, hint))
            self._heed(0.0)
            return not self._interrupted()

        turns = make_turns(self.game, course.copy_row(), [(seating, seat, course.ply, course.plays)], report)
        turns[0].seconds = clock
        answer = ask(self.agents[spec], turns)[0]
        if hint:
            self.agents[spec].end(turns[0].match)
            if isinstance(answer, Move) and answer.thought is not None and not self._interrupted():
                self._say(self.glimpse.insight(course, seat, answer.thought, hint))
        return answer

    def _hint(self) -> None:
        """Let an opponent think for the person who is asked."""
        assert self.asked is not None
        self.hinted = self.course.ply
        if self.agents:
            self._think(next(iter(self.agents)), self.asked[0], None, hint=True)

    # -- commands --------------------------------------------------------------------------------------------------

    def _say(self, message: Message) -> None:
        self.pipe.send(message)

    def _listen(self, seconds: float) -> None:
        """Collect commands, waiting for the first at most so long."""
        while self.pipe.poll(seconds):
            self.inbox.append(self.pipe.recv())
            seconds = 0.0

    def _heed(self, seconds: float) -> None:
        """Obey, while a move is being made, what does not interrupt it."""
        self._listen(seconds)
        while self.inbox and self.inbox[0][1].order not in URGENT:
            number, command = self.inbox.popleft()
            self._obey(command)
            self._say(Heard(number))

    def _interrupted(self) -> bool:
        return any(command.order in URGENT for _, command in self.inbox)

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
            self._say(self.glimpse.ghost(self.course.row, ply, value))
        elif order == "move" and command.ply == ply:
            self._move(int(value))
        elif order == "back" and not self.game.tick and not self.ended:
            self._take_back()
        elif order == "resign" and not self.ended:
            self.course.give_up(int(value), "resigned")
            self._finish()
        elif order == "new":
            self._forget()
            self._begin(self.setup.next_game())

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
        self._forget()
        self._settle()
        self._say(Back(self.course.ply))
        self.next_play = time.monotonic()
