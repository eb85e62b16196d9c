"""The agents at a table: asked for moves, their thoughts shown on the way. Whatever they do wrong harms nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import product

from agents.core.agent import Agent, Move, Thought
from agents.core.registry import make_agent
from arena.course import Course
from arena.glimpse import Glimpse
from arena.match import Forfeit, Seating, ask, check_seats, make_turns
from arena.messages import Insight
from games.core.game import Game

REPORT_SECONDS = 0.09  # between two thoughts shown
APART = 1_000_000  # added to a game's number for hints: a memory of their own, so that they change nothing in the game


class Thinkers:
    """One agent a spec, however many seats it has."""

    def __init__(
        self, game: Game, specs: Iterable[str], show: Callable[[Insight], None], heed: Callable[[], bool]
    ) -> None:
        """`show` is told thoughts; `heed` is asked often while an agent thinks, False: the move is not wanted any more.

        Raises ArenaError if an agent cannot be made or cannot play `game`."""
        self._game, self._show, self._heed = game, show, heed
        self._agents: dict[str, Agent] = {spec: make_agent(spec) for spec in sorted(set(specs))}
        check_seats(game, self._agents)
        self._last_report = 0.0

    def adviser(self) -> str:
        """Who gives hints: an opponent that thinks, or else who goes over games. Raises ArenaError."""
        from arena.review import analyst_of

        opponents = [spec for spec in self._agents if spec != "random"]
        if opponents:
            return opponents[0]
        spec = analyst_of(self._game.name)
        self._agents[spec] = make_agent(spec)
        check_seats(self._game, {spec: self._agents[spec]})
        return spec

    def think(
        self, spec: str, course: Course, glimpse: Glimpse, seat: int, clock: float | None, hint: bool = False
    ) -> Move | Forfeit:
        """The move for `seat` of an agent that has `clock` seconds (None: as many as it likes)."""
        seating = course.seating
        if hint:
            seating = Seating(seating.agents, seating.seed, seating.number + APART)

        def report(thought: Thought) -> bool:
            now = time.monotonic()
            if now - self._last_report >= REPORT_SECONDS:
                self._last_report = now
                self._show(glimpse.insight(course, seat, thought, hint))
            return self._heed()

        turns = make_turns(self._game, course.copy_row(), [(seating, seat, course.ply, course.plays)], report)
        turns[0].seconds = clock
        answer = ask(self._agents[spec], turns)[0]
        if hint:
            with suppress(Exception, SystemExit):
                self._agents[spec].end(turns[0].match)
            if isinstance(answer, Move) and answer.thought is not None and self._heed():
                self._show(glimpse.insight(course, seat, answer.thought, hint))
        return answer

    def forget(self, course: Course) -> None:
        """The memory of a game ends."""
        for agent, match in product(self._agents.values(), course.seating.episodes(self._game)):
            with suppress(Exception, SystemExit):  # what an agent does afterwards changes no result
                agent.end(match.match)

    def close(self) -> None:
        for agent in self._agents.values():
            with suppress(Exception, SystemExit):
                agent.close()
