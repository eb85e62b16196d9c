"""Opens a window: to watch agents, to play against one, to see a game again."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
import pygame

from arena.doctor import has_display
from arena.messages import HUMAN, Setup
from arena.record import Record
from arena.ui import ink, theme
from arena.ui.screens.core import Screen
from arena.ui.screens.table import OnRecord, TableScreen
from arena.ui.theme import STYLE, Style
from arena.ui.view import View
from games.core.errors import ArenaError

SIZE = (1280, 800)
FRAMES = 60  # a second while something moves
SLOW = 0.1  # seconds between frames while nothing does


def watch(
    game: str,
    agents: Sequence[str],
    *,
    seed: int = 0,
    elos: Mapping[str, float] | None = None,
    opening: int = 0,
    on_record: OnRecord | None = None,
    on_branch: OnRecord | None = None,
    style: Style = STYLE,
) -> None:
    """Watch `agents`, by seat, play each other until the window is closed."""
    setup = Setup(game, tuple(agents), seed=seed, opening=opening)
    run(TableScreen(setup, View("watch", elos=elos or {}, style=style), on_record, on_branch))


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
    on_branch: OnRecord | None = None,
    style: Style = STYLE,
) -> None:
    """Play at `seat` under the name `human`; `on_record` is called with each game that is finished, `on_branch` with
    those that were played on from a ply of another."""
    others = [against] if isinstance(against, str) else list(against)
    players = (*others[:seat], HUMAN, *others[seat:])
    setup = Setup(game, players, seed=seed, human=human, opening=opening, delay=0.3)
    view = View("play", elos=elos or {}, style=style, hints=False, speed=4)
    run(TableScreen(setup, view, on_record, on_branch))


def replay(
    record: Record,
    *,
    elos: Mapping[str, float] | None = None,
    on_branch: OnRecord | None = None,
    style: Style = STYLE,
) -> None:
    """See a game again."""
    setup = Setup(record.game, record.agents, seed=record.seed, record=record)
    run(TableScreen(setup, View("replay", elos=elos or {}, style=style), on_branch=on_branch))


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
    with suppress(pygame.error):  # no controllers then
        pygame.joystick.init()
    return surface


def run(screen: Screen) -> None:
    """Show a screen, and those it leads to, until the last is left."""
    open_window()
    screens = [screen]
    try:
        loop(screens)
    except KeyboardInterrupt:
        pass
    finally:
        pygame.display.quit()  # first, so that leaving is felt at once
        pygame.joystick.quit()
        for each in reversed(screens):
            each.close()


def loop(screens: list[Screen]) -> None:
    """Listen, obey and draw: the last of `screens` is on."""
    clock, drawn, controllers = pygame.time.Clock(), time.monotonic(), []
    _show(screens[-1], drawn)
    while screens:
        now, events = time.monotonic(), pygame.event.get()
        fresh = screens[-1].tick(now)
        for event in events:
            if event.type == pygame.JOYDEVICEADDED:  # one tells nothing unless it is held on to
                controllers.append(pygame.joystick.Joystick(event.device_index))
            if event.type == pygame.QUIT:
                _leave(screens, len(screens))
            if not screens:
                return
            following = screens[-1].handle(event, now)
            if following is not None:
                following.style = screens[-1].style
                screens.append(following)
            elif not screens[-1].open:
                _leave(screens, 1)
        if screens and (fresh or events or now - drawn >= SLOW):
            drawn = now
            _show(screens[-1], now)
        clock.tick(FRAMES)


def _leave(screens: list[Screen], count: int) -> None:
    """Close the last `count` screens; the one below has the looks of the one left."""
    for _ in range(count):
        left = screens.pop()
        if screens:
            screens[-1].style = left.style
        else:
            pygame.display.quit()
        left.close()


def _show(screen: Screen, now: float) -> None:
    surface = pygame.display.get_surface()
    assert surface is not None
    screen.draw(surface, now)
    pygame.display.flip()
