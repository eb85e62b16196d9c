"""What keys and the mouse do: an event changes the view and gives commands for the table."""

from __future__ import annotations

from dataclasses import replace

import pygame

from arena.messages import Command
from arena.ui.actions import KEYS, possible
from arena.ui.controls import controller, hold, let_go, plays_with
from arena.ui.curves import ply_at
from arena.ui.layout import Layout, buttons, cells, line_of_play
from arena.ui.paint import hit
from arena.ui.theme import PALETTES
from arena.ui.view import Marks, View

Event = pygame.event.Event
CONTROLLER = (
    pygame.JOYAXISMOTION, pygame.JOYHATMOTION, pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP, pygame.JOYDEVICEREMOVED,
)  # fmt: skip


def handle(event: Event, view: View, layout: Layout, now: float) -> list[Command]:
    """Change `view` as the event asks; what the table has to be told."""
    if event.type == pygame.QUIT:
        view.open = False
    elif event.type == pygame.KEYDOWN:
        return _key(event, view, now)
    elif event.type == pygame.KEYUP:
        return let_go(view, pygame.key.name(event.key))
    elif event.type == pygame.MOUSEMOTION:
        return _hover(event.pos, view, layout, now)
    elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
        return _click(event.pos, view, layout, now)
    elif event.type == pygame.MOUSEWHEEL:
        view.go_to(view.index - event.y)
    elif event.type == pygame.WINDOWFOCUSLOST:
        return let_go(view)
    elif event.type in CONTROLLER:
        return controller(event, view)
    return []


def _key(event: Event, view: View, now: float) -> list[Command]:
    key, name = event.key, pygame.key.name(event.key)
    control = event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META)
    if plays_with(view, name) and not control:
        return hold(view, name)
    spoken = f"ctrl {name}" if control else name
    keys = view.style.keys or KEYS
    action = keys.get(spoken) or (keys.get(event.unicode) if getattr(event, "unicode", "") else None)
    if view.help and action is not None:
        view.help = False
        return []
    if key == pygame.K_ESCAPE and view.picked:
        view.picked = ()
        return []
    return act(action, view, now) if action is not None else []


def act(name: str, view: View, now: float) -> list[Command]:
    """Do what a key or a button asks, if it makes sense now."""
    view.doubted = view.doubted if name == view.doubted else ""
    if name not in possible(view) and name != "take_back":
        return []
    if name == "leave":
        view.open = False
    elif name == "analyse":
        view.analysing, view.hints = not view.analysing, True
    elif name == "sound":
        view.style = replace(view.style, sound=not view.style.sound)
        view.remark("Sounds on" if view.style.sound else "Sounds off", now)
    elif name in ("help", "prior", "visits", "solver", "imagination"):
        setattr(view, name, not getattr(view, name))
    elif name == "play_on":
        view.branching = True
    elif name == "export":
        view.exporting = True
    elif name == "pause":
        return view.toggle_pause()
    elif name in ("previous", "next", "first", "last"):
        return _step(name, view)
    elif name in ("faster", "slower"):
        return _speed(view, 1 if name == "faster" else -1, now)
    elif name == "marks":
        order: list[Marks] = ["ghosts", "heat", "arrows"]
        view.marks = order[(order.index(view.marks) + 1) % 3]
        view.remark(f"Candidates as {view.marks}", now)
    elif name == "colours":
        palettes = list(PALETTES.values())
        palette = palettes[(palettes.index(view.style.palette) + 1) % len(palettes)]
        view.style = replace(view.style, palette=palette)
        view.remark(f"Colours: {palette.name}", now)
    elif name == "flip":
        _flip(view, now)
    elif name == "take_back" and view.mode != "replay":
        return _take_back(view, now)
    elif name == "hints":
        view.hints = not view.hints
        view.remark("Hints on" if view.hints else "Hints off", now)
        return [Command("hints", view.hints and bool(view.people))]
    return _to_table(name, view, now)


def _to_table(name: str, view: View, now: float) -> list[Command]:
    """What changes the game itself."""
    seat = view.asks.seat if view.asks is not None else next(iter(view.people), 0)
    if name == "new":
        view.remark("A new game", now)
        return [Command("new")]
    if name == "swap":
        view.cursor = None
        view.remark("Sides are swapped", now)
        return [Command("swap")]
    if name not in ("resign", "draw"):
        return []
    if view.doubted != name and (name == "resign" or len(view.people) > 1):
        view.doubted = name
        view.remark("Once more to resign" if name == "resign" else "A draw? Once more agrees", now)
        return []
    view.doubted = ""
    return [Command("resign", seat) if name == "resign" else Command("draw", seat)]


def _step(name: str, view: View) -> list[Command]:
    last = len(view.scenes) - 1
    if name == "next" and view.newest and view.paused and view.mode != "replay" and view.record is None:
        return [Command("step")]  # nothing to look at yet: let the game make one move
    view.go_to({"previous": view.index - 1, "next": view.index + 1, "first": 0, "last": last}[name])
    return []


def _speed(view: View, by: int, now: float) -> list[Command]:
    commands = view.change_speed(by)
    pace = f"{view.rate:g} × speed" if view.tick else f"{view.delay:g} s between moves"
    view.remark(pace if view.tick or view.delay else "As fast as they think", now)
    return commands


def _take_back(view: View, now: float) -> list[Command]:
    if view.tick:
        view.remark("Nothing can be taken back in real time", now)
        return []
    if view.record is not None:
        view.remark("The game is over and counted: N starts a new one", now)
        return []
    view.cursor = None
    if not view.people and not view.paused:
        return [*view.toggle_pause(), Command("back")]  # or it would be played again at once
    return [Command("back")]


def _flip(view: View, now: float) -> None:
    scene = view.scene
    if scene is None or len(scene.views) < 2:
        view.remark("The board looks the same from every side", now)
    else:
        view.side = (view.side + 1) % len(scene.views)


def _hover(point: tuple[int, int], view: View, layout: Layout, now: float) -> list[Command]:
    over = line_of_play(layout, view).collidepoint(point)
    view.line = (now if view.line is None else view.line) if over else None
    clickable = view.clickable()
    view.hover = hit(view.shapes, layout.board.to_game(*point), clickable) if clickable else None
    if view.hover is None or view.asks is None:
        return []
    whole = [c for c in clickable[view.hover] if len(c.gesture) == len(view.picked) + 1]
    if len(whole) == 1 and whole[0].action not in view.ghosts:
        view.ghosts[whole[0].action] = ()  # asked for
        return [Command("ghost", whole[0].action, view.asks.ply)]
    return []


def _click(point: tuple[int, int], view: View, layout: Layout, now: float) -> list[Command]:
    for rect, name in layout.tools:
        if rect.collidepoint(point):
            return act(name, view, now)
    if view.help:
        view.help = False
        return []
    ply = ply_at(layout, view, point)
    if ply is not None:
        view.go_to(ply)
        return []
    for rect, ply in cells(layout, view) if not view.tick else ():
        if rect.collidepoint(point):
            view.go_to(ply)
            return []
    for rect, choice in buttons(layout, view):
        if rect.collidepoint(point):
            return view.choose(choice)
    if not layout.board.rect.collidepoint(point):
        return []
    if not view.newest and view.mode != "replay":
        view.cursor = None  # back to the game first
        return []
    where = layout.board.to_game(*point)
    tag = hit(view.shapes, where, view.clickable())
    if tag is not None:
        return view.click(tag)
    if view.picked:
        view.picked = ()
        again = hit(view.shapes, where, view.clickable())
        return view.click(again) if again is not None else []
    return []
