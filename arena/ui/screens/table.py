"""The table: a game watched, played or seen again. Its state is a `View`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pygame

from agents.core.registry import AGENTS
from arena.live import Session
from arena.messages import HUMAN, Command, Setup, Truths
from arena.oracle import serve
from arena.record import Record
from arena.ui.ear import Ear, refused
from arena.ui.exporter import Exporter
from arena.ui.keys import handle
from arena.ui.layout import arrange
from arena.ui.reviewer import Reviewer
from arena.ui.screen import draw
from arena.ui.screens.core import Screen
from arena.ui.sound import SPEAKER, Name
from arena.ui.theme import Style
from arena.ui.view import View
from arena.unfinished import leave
from arena.worker import Worker
from games.core.position import Play

OnRecord = Callable[[Record], None]


class TableScreen:
    """A view, and the table in another process that it is a view of. That is laid at the first tick: the window is
    there before."""

    def __init__(
        self, setup: Setup, view: View, on_record: OnRecord | None = None, on_branch: OnRecord | None = None
    ) -> None:
        """`on_record` is called with each game that is finished, `on_branch` with those among them that were played
        on from a ply of another."""
        self.setup, self.view, self._on_record, self._on_branch = setup, view, on_record, on_branch
        self._session: Session | None = None
        self._oracle: Worker | None = None
        self._reviewer, self._exporter, self._ear = Reviewer(), Exporter(), Ear()
        self._asked: tuple[Play, ...] | None = None  # the plays whose truth was asked for last
        self._traced: tuple[int, tuple[int, ...]] | None = None  # the line of play whose boards were asked for last
        self._stored: Record | None = None
        self._size = (1, 1)

    @property
    def style(self) -> Style:
        return self.view.style

    @style.setter
    def style(self, style: Style) -> None:
        self.view.style = style

    @property
    def open(self) -> bool:
        return self.view.open

    def tick(self, now: float) -> bool:
        if self._session is None:
            self._session = Session(self.setup)
        moving, heard = self.view.moving(now), take_in(self._session, self.view, now)
        if self.view.record is not None and self.view.record is not self._stored:
            self._stored = self.view.record
            store(self._stored, self.view, self._on_record, now)
        news = [self._consult(now), self._reviewer.follow(self.view, now), self._exporter.follow(self.view, now)]
        heard = heard or any(news)
        self._sound(self._ear.hear(self.view))
        self._play_out()
        return heard or moving or self.view.moving(now) or self.view.line is not None

    def draw(self, target: pygame.Surface, now: float) -> None:
        self._size = target.get_size()
        draw(target, self.view, now)

    def _sound(self, name: Name | None) -> None:
        if name is not None and self.style.sound:
            SPEAKER.play(name)

    def handle(self, event: pygame.event.Event, now: float) -> Screen | None:
        layout, before = arrange(self._size, self.view), replace(self.view)
        commands = handle(event, self.view, layout, now)
        if refused(event, layout, before, self.view, commands):
            self._sound("illegal")
        for command in commands:
            if self._session is not None:
                self._session.send(command)
        self.view.settle(now)
        return self._branch(now) if self.view.branching else None

    def _plays(self) -> tuple[Play, ...]:
        """The plays that led to the position shown."""
        scenes = self.view.scenes[1 : self.view.index + 1]
        return tuple(scene.play for scene in scenes if scene.play is not None)

    def _branch(self, now: float) -> Screen | None:
        """A table of its own that goes on from the ply shown: the one to move there is a person."""
        view = self.view
        view.branching = False
        if view.hello is None or view.scene is None or not view.scene.acting:
            view.remark("The game is over there: step back first", now)
            return None
        setup, known, live = view.hello.setup, {*AGENTS.names()}, view.mode != "replay"
        names = setup.players if live else view.names
        players = [name if live or name.partition("(")[0] in known else HUMAN for name in names]
        if HUMAN not in players:
            players = [HUMAN if seat in view.scene.acting else player for seat, player in enumerate(players)]
        plays = self._plays()
        opening = min(setup.opening, len(plays))
        branch = Setup(setup.game, tuple(players), setup.seed, 0, opening, setup.human, plays, delay=0.3)
        following = View("play", view.elos, view.style, hints=False, speed=4)
        following.remark("Played on from here, not rated", now)
        return TableScreen(branch, following, self._on_branch, self._on_branch)

    def _play_out(self) -> None:
        """Ask for the boards of the line of play that the mouse is over."""
        insight = self.view.insight
        if self.view.line is None or insight is None or self._session is None:
            return
        if self._traced != (insight.ply, insight.actions) and len(insight.actions) > 0:
            self._traced = insight.ply, insight.actions
            self._session.send(Command("line", insight.actions, insight.ply))

    def _consult(self, now: float) -> bool:
        """Ask for the true values at the ply shown, if they are wanted; whether there is news of them."""
        view, plays = self.view, self._plays()
        if view.hello is None or not view.hello.solved or not (view.solver or self._oracle):
            return False
        if view.solver and view.index not in view.truths and plays != self._asked and view.scene is not None:
            self._oracle = self._oracle or Worker.start(serve, view.hello.setup.game, name="oracle")
            self._asked = plays
            self._oracle.tell((view.hello.setup.seed, plays))
        news = False
        while self._oracle is not None and not self._oracle.said.empty():
            message = self._oracle.said.get_nowait()
            if isinstance(message, Truths):
                news = True
                view.apply(message, now)
                if message.problem and view.solver:
                    view.remark(message.problem, now)
            elif message is None:
                view.solver, news = False, True
                view.remark(f"No true values: their process died ({self._oracle.epitaph()})", now)
                self._oracle.stop(0.0)
                self._oracle = self._asked = None
        return news

    def close(self) -> None:
        self._reviewer.close()
        self._exporter.close()
        if self._oracle is not None:
            self._oracle.stop(0.0)
        if self._session is not None:
            self._session.close()
            if self._on_record not in (None, self._on_branch):  # of those, only what is finished is kept
                leave(self._session.setup, self._session.plays, self.view.record is not None)


def take_in(session: Session, view: View, now: float) -> bool:
    """Let a view hear what a table says; whether it said anything."""
    messages = session.poll()
    for message in messages:
        view.apply(message, now)
    view.silence = session.silence
    view.advance(now)
    return bool(messages)


def store(record: Record, view: View, on_record: OnRecord | None, now: float) -> None:
    """Hand a finished game on; if that fails, say so and stay open."""
    if on_record is None or view.mode == "replay":
        return
    try:
        on_record(record)
    except Exception as error:
        view.remark(f"Not stored: {error}".partition("\n")[0], now)
