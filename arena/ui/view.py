"""What the window shows: a state that messages from the table, keys and time change, and that drawing only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from arena.messages import (
    HUMAN,
    Asks,
    Back,
    Choice,
    Command,
    Ended,
    Failed,
    Ghost,
    Hello,
    Insight,
    Judged,
    Message,
    PlayedOut,
    Remark,
    Scene,
    Truths,
)
from arena.record import Record
from arena.ui.motion import Motion
from arena.ui.paint import Shapes
from arena.ui.theme import STYLE, Style

Mode = Literal["watch", "play", "replay"]
Marks = Literal["ghosts", "heat", "arrows"]
DELAYS = (4.0, 2.0, 1.0, 0.6, 0.3, 0.1, 0.0)  # seconds between moves
RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # of a real-time game
GLIDE, FLIGHT = 0.22, 0.42  # seconds a piece takes to its place, and to fly in
TOAST = 2.5  # seconds a passing remark stays
SILENCE = 8.0  # seconds without a word from the table before the window says so


@dataclass
class View:
    """Everything on the screen."""

    mode: Mode
    elos: Mapping[str, float] = field(default_factory=dict)  # by name
    style: Style = STYLE
    hints: bool = True
    paused: bool = False
    speed: int = 3  # place in DELAYS and RATES
    side: int = 0  # whose view of the board
    cursor: int | None = None  # the ply looked at; None: the newest
    hello: Hello | None = None
    scenes: list[Scene] = field(default_factory=list)
    thinking: Insight | None = None
    asks: Asks | None = None
    picked: tuple[str, ...] = ()  # tags clicked so far
    hover: str | None = None  # the tag under the mouse, of those that may be clicked next
    ghosts: dict[int, Sequence[Shapes]] = field(default_factory=dict)  # by action, at the ply that is asked
    held: tuple[str, ...] = ()  # keys of a real-time game, latest last
    pads: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # what controllers hold, by number
    record: Record | None = None
    error: str = ""
    toast: str = ""
    toast_until: float = 0.0
    silence: float = 0.0
    doubted: str = ""  # what was asked for once, and is done when it is asked for again
    help: bool = False  # the keys are shown
    prior: bool = True  # columns of the candidates
    visits: bool = True
    solver: bool = False  # the true values of moves are wanted
    marks: Marks = "ghosts"  # how candidates are shown on the board
    imagination: bool = True  # what an agent's own model imagines is shown, if it tells
    imagines: bool = False  # one of them does
    line: float | None = None  # since when the mouse has been over the line of play
    played_out: PlayedOut | None = None
    branching: bool = False  # a game that goes on from the ply shown is wanted
    exporting: bool = False  # the game is wanted as a file
    since: float = 0.0  # when the newest ply was reached
    truths: dict[int, Truths] = field(default_factory=dict)  # by ply
    analysing: bool = False  # the game is gone over, and shown as it was judged
    reviewing: bool = False  # that is not finished yet
    judged: dict[tuple[int, int], Judged] = field(default_factory=dict)  # by ply and seat
    open: bool = True
    motion: Motion = field(default_factory=Motion)
    next_page: float = 0.0  # replay: when to turn the page

    # -- what there is ---------------------------------------------------------------------------------------------

    @property
    def index(self) -> int:
        """The ply shown."""
        newest = max(0, len(self.scenes) - 1)
        return newest if self.cursor is None else min(self.cursor, newest)

    @property
    def scene(self) -> Scene | None:
        return self.scenes[self.index] if self.scenes else None

    @property
    def newest(self) -> bool:
        """Whether the newest ply is shown."""
        return self.index >= len(self.scenes) - 1

    @property
    def tick(self) -> float | None:
        return self.hello.tick if self.hello is not None else None

    @property
    def names(self) -> tuple[str, ...]:
        """Who sits where."""
        if self.record is not None and self.mode == "replay":
            return self.record.agents
        return self.hello.setup.names if self.hello is not None else ()

    @property
    def people(self) -> tuple[int, ...]:
        """The seats played from this window."""
        if self.hello is None or self.mode == "replay":
            return ()
        return tuple(seat for seat, player in enumerate(self.hello.setup.players) if player == HUMAN)

    @property
    def shapes(self) -> Shapes:
        """The picture shown, at rest."""
        scene = self.scene
        return self.seen(scene.views) if scene is not None else ()

    def seen(self, views: Sequence[Shapes]) -> Shapes:
        """Of the views of one thing, the one from the side shown."""
        return views[self.side % len(views)] if views else ()

    @property
    def delay(self) -> float:
        return DELAYS[self.speed]

    @property
    def rate(self) -> float:
        return RATES[self.speed]

    @property
    def insight(self) -> Insight | None:
        """The thought about the position shown, or else the latest before it."""
        if self.analysing:
            return next((judged.insight for (ply, _), judged in self.judged.items() if ply == self.index), None)
        if self.thinking is not None and self.thinking.ply == self.index:
            return self.thinking
        for ply in (self.index + 1, self.index, self.index - 1):
            if 0 <= ply < len(self.scenes) and self.scenes[ply].insights:
                return self.scenes[ply].insights[0]
        return None

    @property
    def dreaming(self) -> bool:
        """Whether room is given to what an agent imagines: never to what an opponent does."""
        return self.imagines and self.imagination and (self.mode != "play" or self.hints)

    def tinted(self, seat: int) -> int:
        """The seat whose colour `seat` has: its own; nature, which is grey, has none."""
        return -1 if self.hello is not None and seat >= self.hello.seats else seat

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What the person at the mouse may do now."""
        return self.asks.choices if self.asks is not None and self.newest and not self.error else ()

    def clickable(self) -> dict[str, list[Choice]]:
        """The tags that may be clicked next, and the choices each leaves."""
        depth, found = len(self.picked), dict[str, list[Choice]]()
        for choice in self.choices:
            if choice.gesture[:depth] == self.picked and len(choice.gesture) > depth:
                found.setdefault(choice.gesture[depth], []).append(choice)
        return found

    # -- what happens ----------------------------------------------------------------------------------------------

    def apply(self, message: Message, now: float) -> None:
        """Take in what the table says."""
        if isinstance(message, Hello):
            self._begin(message)
        elif isinstance(message, Scene):
            self._add(message)
            self.since = now
            self.imagines = self.imagines or any(insight.dreams for insight in message.insights)
            if message.ply == 0 and not self.people and message.acting:
                self.side = min(message.acting)  # who begins sits below
            self.thinking, self.asks, self.picked, self.hover, self.ghosts = None, None, (), None, {}
        elif isinstance(message, Insight):
            self.thinking, self.imagines = message, self.imagines or bool(message.dreams)
        elif isinstance(message, Asks):
            self.asks, self.picked, self.ghosts = message, (), {}
        elif isinstance(message, Back):
            del self.scenes[message.ply + 1 :]
            self.thinking, self.asks, self.picked, self.cursor, self.record = None, None, (), None, None
            self.truths = {ply: truths for ply, truths in self.truths.items() if ply <= message.ply}
            self.error = ""
        elif isinstance(message, Ghost):
            if self.asks is not None and message.ply == self.asks.ply:
                self.ghosts[message.action] = message.views
        elif isinstance(message, Ended):
            self.record, self.asks, self.thinking, self.picked = message.record, None, None, ()
            self.toast = ""
        elif isinstance(message, Truths):
            self.truths[message.ply] = message
        elif isinstance(message, Judged):
            self.judged[message.ply, message.seat] = message
        elif isinstance(message, PlayedOut):
            self.played_out = message
        elif isinstance(message, Remark):
            self.remark(message.text, now)
        elif isinstance(message, Failed):
            self.error, self.asks = message.text, None
        self.settle(now)

    def _add(self, scene: Scene) -> None:
        """A new scene, or one that a new table repeats: then what was thought about it is kept."""
        old = self.scenes[scene.ply] if scene.ply < len(self.scenes) else None
        if old is not None and old.play == scene.play and self.hello is not None and self.hello.setup.plays:
            self.scenes[scene.ply] = replace(scene, insights=old.insights, values=old.values)
        else:
            self.scenes[scene.ply :] = [scene]

    def _begin(self, hello: Hello) -> None:
        first = self.hello is None
        if hello.setup.plays and not first:  # the old game goes on at a new table
            self.hello, self.error = hello, ""
            return
        self.hello, self.scenes, self.record, self.error = hello, [], None, ""
        self.thinking, self.asks, self.picked, self.ghosts, self.hover = None, None, (), {}, None
        self.cursor = 0 if self.mode == "replay" else None
        self.doubted, self.motion, self.truths, self.imagines = "", Motion(), {}, False
        self.analysing, self.reviewing, self.judged = False, False, {}
        if first or self.people:
            self.side = self.people[0] if self.people else self.side

    def settle(self, now: float) -> None:
        """Set out for the picture that ought to be shown, if it is not the one already."""
        target, motion = self.shapes, self.motion
        if target is motion.after or not target:
            return
        if self.tick:
            moves = self.cursor is None or self.mode == "replay"
            seconds, steady = (1.0 / (self.tick * self.rate) if moves else 0.0), True
        else:
            known = {shape.tag for shape in motion.after}
            flies = any(shape.tag not in known and getattr(shape, "origin", None) for shape in target)
            seconds, steady = FLIGHT if flies else GLIDE, False
            if self.cursor is None and not self.people:
                seconds = min(seconds, max(self.delay * 0.9, 0.05))
        self.motion = Motion(motion.at(now), target, now, seconds if motion.after else 0.0, steady)

    def advance(self, now: float) -> None:
        """Let time pass: a replay turns its pages."""
        if self.toast and now > self.toast_until:
            self.toast = ""
        if self.mode == "replay" and not self.paused and self.cursor is not None and now >= self.next_page:
            if self.cursor < len(self.scenes) - 1:
                self.cursor += 1
            tick = self.tick
            self.next_page = now + (1.0 / (tick * self.rate) if tick else max(self.delay, 0.05))
        self.settle(now)

    def moving(self, now: float) -> bool:
        """Whether the picture changes by itself."""
        return now < self.motion.start + self.motion.seconds + 0.05

    def remark(self, text: str, now: float) -> None:
        """Say something in passing."""
        self.toast, self.toast_until = text, now + TOAST

    # -- what keys do ----------------------------------------------------------------------------------------------

    def go_to(self, ply: int) -> None:
        """Look at a ply; the game goes on behind it."""
        last = len(self.scenes) - 1
        ply = max(0, min(ply, last))
        self.cursor = None if ply == last and self.mode != "replay" else ply
        self.picked, self.hover = (), None
        self.paused = self.paused or self.mode == "replay"

    def toggle_pause(self) -> list[Command]:
        self.paused = not self.paused
        if self.mode == "replay":
            self.next_page = 0.0
            if not self.paused and self.newest:
                self.cursor = 0
        return [Command("pause", self.paused)]

    def change_speed(self, by: int) -> list[Command]:
        self.speed = max(0, min(self.speed + by, len(DELAYS) - 1))
        return [Command("rate", self.rate)] if self.tick else [Command("delay", self.delay)]

    def click(self, tag: str) -> list[Command]:
        """A tag of `clickable` was clicked: one more step of a gesture, or the whole of it."""
        left = self.clickable().get(tag, [])
        self.picked = (*self.picked, tag)
        whole = [choice for choice in left if choice.gesture == self.picked]
        if len(whole) == 1 and len(left) == 1:
            return self.choose(whole[0])
        return []

    def choose(self, choice: Choice) -> list[Command]:
        """Play a choice."""
        assert self.asks is not None
        ply, self.asks, self.picked, self.hover = self.asks.ply, None, (), None
        return [Command("move", choice.action, ply)]
