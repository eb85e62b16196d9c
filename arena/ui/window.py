"""Opens a window: to watch agents, to play against one, to see a game again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
import pygame

from arena.doctor import has_display
from arena.live import Session
from arena.messages import HUMAN, Setup
from arena.record import Record
from arena.ui import ink, theme
from arena.ui.keys import handle
from arena.ui.layout import Layout
from arena.ui.screen import draw
from arena.ui.theme import STYLE, Style
from arena.ui.view import View
from games.core.errors import ArenaError

SIZE = (1280, 800)
FRAMES = 60  # a second while something moves
SLOW = 0.1  # seconds between frames while nothing does
OnRecord = Callable[[Record], None]


def watch(
    game: str,
    agents: Sequence[str],
    *,
    seed: int = 0,
    elos: Mapping[str, float] | None = None,
    opening: int = 0,
    on_record: OnRecord | None = None,
    style: Style = STYLE,
) -> None:
    """Watch `agents`, by seat, play each other until the window is closed."""
    setup = Setup(game, tuple(agents), seed=seed, opening=opening)
    _run(setup, View("watch", elos=elos or {}, style=style), on_record)


def play(
    game: str,
    human: str,
    against: str | Sequence[str],
    *,
    seat: int = 0,
    seed: int = 0,
    elos: Mapping[str, float] | None = None,
    opening: int = 0,
    on_record: OnRecord | None = None,
    style: Style = STYLE,
) -> None:
    """Play at `seat` under the name `human`; `on_record` is called with each game that is finished."""
    others = [against] if isinstance(against, str) else list(against)
    players = (*others[:seat], HUMAN, *others[seat:])
    setup = Setup(game, players, seed=seed, human=human, opening=opening, delay=0.3)
    _run(setup, View("play", elos=elos or {}, style=style, hints=False, speed=4), on_record)


def replay(record: Record, *, elos: Mapping[str, float] | None = None, style: Style = STYLE) -> None:
    """See a game again."""
    setup = Setup(record.game, record.agents, seed=record.seed, record=record)
    _run(setup, View("replay", elos=elos or {}, style=style), None)


def open_window(title: str = "Planning Arena") -> pygame.Surface:
    """The window. Raises ArenaError where there is no display: SDL would open one that nobody sees."""
    if not has_display() and "SDL_VIDEODRIVER" not in os.environ:
        raise ArenaError(
            "there is no display to open a window on; arena watch and replay film without: --headless --record game.gif"
        )
    try:
        pygame.display.init()
        surface = pygame.display.set_mode(SIZE, pygame.RESIZABLE)
    except pygame.error as error:
        pygame.display.quit()
        raise ArenaError(f"no window can be opened ({error}); --headless --record game.gif works without") from error
    pygame.display.set_caption(title)
    icon = pygame.Surface((64, 64), pygame.SRCALPHA)
    ink.disc(icon, 24, 24, 20, theme.LIGHT.canvas["seat0"])
    ink.disc(icon, 42, 42, 20, theme.LIGHT.canvas["seat1"])
    pygame.display.set_icon(icon)
    return surface


def _show(view: View, now: float) -> Layout:
    surface = pygame.display.get_surface()
    assert surface is not None
    layout = draw(surface, view, now)
    pygame.display.flip()
    return layout


def _run(setup: Setup, view: View, on_record: OnRecord | None) -> None:
    """Show a table until the window is closed. The window is there before the table is."""
    open_window()
    _show(view, time.monotonic())
    session = Session(setup)
    try:
        loop(session, view, on_record)
    except KeyboardInterrupt:
        pass
    finally:
        pygame.display.quit()  # first, so that leaving is felt at once
        session.close()


def loop(session: Session, view: View, on_record: OnRecord | None = None) -> None:
    """Draw, listen and obey until the view is closed."""
    clock, stored, drawn = pygame.time.Clock(), None, 0.0
    while view.open:
        now, events = time.monotonic(), pygame.event.get()
        heard = take_in(session, view, now)
        if view.record is not None and view.record is not stored:
            stored = view.record
            _store(stored, view, on_record, now)
        if heard or events or view.moving(now) or now - drawn >= SLOW:
            drawn = now
            layout = _show(view, now)
            for event in events:
                for command in handle(event, view, layout, now):
                    session.send(command)
            view.settle(now)
        clock.tick(FRAMES)


def take_in(session: Session, view: View, now: float) -> bool:
    """Let a view hear what a table says; whether it said anything."""
    messages = session.poll()
    for message in messages:
        view.apply(message, now)
    view.silence = session.silence
    view.advance(now)
    return bool(messages)


def _store(record: Record, view: View, on_record: OnRecord | None, now: float) -> None:
    """Hand a finished game on; if that fails, say so and stay open."""
    if on_record is None or view.mode == "replay":
        return
    try:
        on_record(record)
    except Exception as error:
        view.remark(f"Not stored: {error}".partition("\n")[0], now)
