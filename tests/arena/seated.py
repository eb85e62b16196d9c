"""A table with a game under way, laid by hand: its view hears what a table would say, but no process is started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from agents.core.registry import make_agent
from arena.course import Course
from arena.glimpse import Glimpse, hello
from arena.match import Seating, make_turns
from arena.messages import HUMAN, Asks, Ended, Failed, Insight, Judged, Setup, Truths
from arena.ui.keys import act
from arena.ui.screens.table import TableScreen
from arena.ui.view import View
from games.core.canvas import Canvas
from games.core.duel import seated
from games.core.game import Game
from games.core.registry import make_game

BOTS, HEAP = (str(Path(__file__).parent / name) for name in ("bots.py", "heap.py"))
UCT, NETWORK = "uct(simulations=10000)", "alphazero(weights=runs/connect_four/best, simulations=200)"
ELOS = {UCT: 1187.0, NETWORK: 1642.0, "random": 0.0}
LATER = 1e6  # when all that moves has come to rest
MIDDLE = (3, 3, 2, 4, 4, 2, 3, 5, 1)  # of Connect Four
WON = (3, 0, 3, 0, 3, 0, 3)


class Seated:
    """A table with a game under way, and what its process would say."""

    def __init__(
        self, game: str, players: tuple[str, ...], plays: tuple[Any, ...] = (), mode: str = "watch", **more: Any
    ):
        self.game: Game = seated(make_game(game), len(players))
        setup = Setup(game, players, **{"human": "Anyone", **more})
        self.view = View(mode, elos=ELOS, hints=mode != "play")  # type: ignore[arg-type]
        self.screen = TableScreen(setup, self.view)
        self.glimpse = Glimpse(self.game, [seat for seat, player in enumerate(players) if player == HUMAN])
        self.course = Course(self.game, Seating(setup.names, setup.seed))
        solved = game == "connect_four"  # whether or not its judge is installed here
        self.view.apply(replace(hello(self.game, setup), solved=solved), 0.0)
        self.view.apply(self.glimpse.scene(self.course), 0.0)
        for play in plays:
            self.play(play)

    def play(self, play: Any, *insights: Insight) -> None:
        """A ply is made, which those who move have thought about."""
        joint = self.course.joint(play)
        text = self.glimpse.text(self.course.row, joint[0])
        values = {insight.seat: insight.value for insight in insights}
        self.course.make(joint)
        told = tuple(values.get(seat) for seat in range(self.game.seats))
        self.view.apply(self.glimpse.scene(self.course, text, told, insights), 0.0)

    def random(self, plies: int) -> Seated:
        """So many plies of anything."""
        dice = np.random.default_rng(5)
        for _ in range(plies):
            joint = self.course.begin_ply()
            for seat in self.course.acting:
                if joint[0, seat] < 0 and seat < self.game.seats:
                    joint[0, seat] = dice.choice(np.flatnonzero(self.course.legal(seat)))
            told = [self.thought(seat) for seat in self.course.acting if seat < self.game.seats]
            made = joint[0][joint[0] >= 0]
            self.play(int(made[0]) if len(made) == 1 else tuple(int(action) for action in joint[0, :-1]), *told)
        return self

    def thought(self, seat: int, kind: str = "aloud", hint: bool = False) -> Insight:
        """Of an agent that sits there."""
        due = (self.course.seating, seat, self.course.ply, self.course.plays)
        (turn,) = make_turns(self.game, self.course.copy_row(), [due])
        (move,) = make_agent(f"{BOTS}(kind={kind}, seconds=0.0)").act([turn])
        assert move.thought is not None
        scaled = replace(move.thought, simulations=123_456, seconds=0.37)
        return self.glimpse.insight(self.course, seat, scaled, hint)

    def thinks(self, kind: str = "aloud", hint: bool = False) -> Seated:
        """Who is to move thinks, or another on behalf of a person."""
        self.view.apply(self.thought(self.course.acting[0], kind, hint), 0.0)
        return self

    def asks(self) -> Seated:
        """A person is to move."""
        seat = self.course.acting[0]
        self.view.apply(Asks(self.course.ply, seat, self.glimpse.choices(self.course.row, seat)), 0.0)
        return self

    def hover(self, number: int = 0) -> Seated:
        """The mouse is over a move, whose picture has come."""
        tag, choices = sorted(self.view.clickable().items())[number]
        self.view.hover, action = tag, choices[0].action
        self.view.ghosts[action] = self.glimpse.ghost(self.course.row, self.course.ply, action).views
        return self

    def solved(self) -> Seated:
        """What the moves are worth is known."""
        choices = self.glimpse.choices(self.course.row, self.course.acting[0])
        self.view.solver = True
        self.view.apply(Truths(self.course.ply, tuple((c, c.action % 3 - 1) for c in choices)), 0.0)
        return self

    def ends(self, **more: Any) -> Seated:
        """The game is over, at the latest now."""
        self.view.apply(Ended(replace(self.course.record(), **more)), 0.0)
        return self

    def looks_at(self, ply: int) -> Seated:
        self.view.go_to(ply)
        self.view.settle(0.0)
        return self

    def does(self, *actions: str) -> Seated:
        for action in actions:
            act(action, self.view, LATER)
        return self


def analysed() -> Seated:
    """A replay gone over: every other move of the second seat was a mistake."""
    at = Seated("connect_four", (UCT, NETWORK), mode="replay")
    found = []
    for ply, play in enumerate(WON):
        insight, seat = at.thought(ply % 2), ply % 2
        best, wrong = insight.candidates[0], ply % 4 == 3
        text = at.glimpse.text(at.course.row, at.course.joint(play)[0])
        truths = tuple((choice.action, 0 if choice.action == best.action else -1)
                       for choice in at.glimpse.choices(at.course.row, seat)) if ply < 5 else ()  # fmt: skip
        found.append(
            Judged(ply, seat, UCT, play, text, best.action, best.text, insight, 0.2, -0.43, 0.63, wrong, truths)
        )
        at.play(play, insight)
    at.ends().does("analyse")
    at.view.reviewing = True
    for judged in found:
        at.view.apply(judged, 0.0)
    return at.looks_at(4)


def framed() -> Seated:
    """A world that shows frames of its own, as Atari games do."""
    at = Seated(f"{HEAP}(stones=40, tick=20.0)", (HUMAN, HUMAN), mode="play").random(9)
    canvas, dice = Canvas(), np.random.default_rng(1)
    canvas.sprite(0, 0, 8, 3, np.kron(dice.integers(0, 255, (21, 16, 3)), np.ones((10, 10, 1))).astype(np.uint8))
    at.view.apply(replace(at.view.scenes[-1], views=(tuple(canvas.shapes),)), 0.0)
    return at


def tables() -> Iterator[tuple[str, Callable[[], Seated]]]:
    """What is seen at a table."""
    c4, pair = "connect_four", (UCT, NETWORK)
    yield "laid", lambda: Seated(c4, pair)
    yield "to move", lambda: Seated(c4, (NETWORK, HUMAN), MIDDLE, "play", clock=(300.0, 3.0)).asks().hover(2)
    yield "thinking", lambda: Seated(c4, pair).random(6).thinks()
    yield "solver", lambda: Seated(c4, pair).random(6).thinks().solved()
    yield "heat", lambda: Seated("breakthrough", pair).random(8).thinks().does("marks")
    yield "arrows", lambda: Seated("breakthrough", pair).random(8).thinks().does("marks", "marks")
    yield "hint", lambda: Seated(c4, (HUMAN, UCT), MIDDLE[:8], "play").asks().thinks(hint=True).does("hints")
    yield "picked", lambda: pick(Seated("breakthrough", (HUMAN, "random"), mode="play").asks())
    yield "paused", lambda: Seated(c4, pair).random(6).thinks().does("pause", "previous")
    yield "draw offered", lambda: Seated(c4, (HUMAN, HUMAN), MIDDLE, "play").asks().does("draw")
    yield "finished", lambda: Seated(c4, pair, WON).ends()
    yield "drawn", lambda: Seated(c4, pair, MIDDLE).ends(points=(0.5, 0.5), returns=(0.0, 0.0), reason="draw agreed")
    yield (
        "crashed",
        lambda: Seated(c4, pair, MIDDLE).ends(
            points=(1.0, 0.0), forfeit=1, reason="forfeit: RuntimeError: " + "the weights do not fit the network " * 3
        ),
    )
    yield "failed", lambda: failed(Seated(c4, pair, MIDDLE), "MemoryError: cannot get what it asks for " * 6)
    yield "replay", lambda: replayed(Seated(c4, pair, WON, "replay"))
    yield "analysis", analysed
    yield "imagination", lambda: Seated(c4, pair).random(6).thinks("dreams")
    yield "imagination in a solo game", lambda: Seated("game_2048", (UCT,)).random(60).thinks("dreams")
    yield "buttons", lambda: Seated("kuhn_poker", (HUMAN, "random"), (2, 0), "play").asks()
    yield "many seats", lambda: Seated(f"{HEAP}(seats=4)", (UCT, HUMAN, NETWORK, "random")).random(3)
    yield "arcade", lambda: Seated("pong_duel", (HUMAN, "uct(simulations=16)"), mode="play").random(30)
    yield "arcade of agents", lambda: Seated("pong_duel", pair).random(90)
    yield "frames", framed
    yield "keys", lambda: Seated(c4, (HUMAN, UCT), MIDDLE[:8], "play").asks().does("help")


def pick(at: Seated) -> Seated:
    at.view.click(sorted(at.view.clickable())[2])
    return at


def failed(at: Seated, why: str) -> Seated:
    at.view.apply(Failed(why), 0.0)
    return at


def replayed(at: Seated) -> Seated:
    return at.ends().looks_at(5)
