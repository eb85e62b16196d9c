"""Real-time games: what keyboards and game controllers hold down, and which actions of which seats that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pygame

from arena.messages import Command
from arena.ui.view import View

Held = tuple[tuple[str, str], ...]  # of a controller: a part of it, and which way it is pushed
ALIKE = {"up": "w", "left": "a", "down": "s", "right": "d", "space": "left shift"}  # a seat may have in their place
DEAD = 0.5  # of a stick's way does nothing


def keys_of(view: View, seat: int) -> dict[str, int]:
    """The keys of a seat; somebody alone at the keyboard may use everybody's."""
    maps: Sequence[Mapping[str, int]] = view.hello.keys if view.hello is not None else ()
    own = dict(maps[seat]) if seat < len(maps) else {}
    if len(view.people) > 1:
        return own
    return {**{name: action for keys in maps for name, action in keys.items()}, **own}


def names_of(view: View, seat: int) -> list[str]:
    """The single keys of a seat, each once."""
    return list(dict.fromkeys(name for chord in keys_of(view, seat) for name in chord.split("+")))


def plays_with(view: View, name: str) -> bool:
    """Whether a key moves something now."""
    live = view.tick and view.hello is not None and view.newest and view.record is None and not view.error
    return bool(live) and any(name in names_of(view, seat) for seat in view.people)


def pressed(view: View) -> dict[int, int | None]:
    """The action of each person's keys: that of most keys together, then that of the latest."""
    actions: dict[int, int | None] = {}
    for seat in view.people:
        best = (0, 0)
        actions[seat] = None
        for chord, action in keys_of(view, seat).items():
            parts = chord.split("+")
            if set(parts) <= set(view.held):
                rank = len(parts), sum(map(view.held.index, parts))
                if rank >= best:
                    best, actions[seat] = rank, action
    return actions


def hold(view: View, name: str) -> list[Command]:
    """A key goes down."""
    view.held = (*(held for held in view.held if held != name), name)
    return [Command("held", pressed(view))]


def let_go(view: View, *names: str) -> list[Command]:
    """Keys go up; without names all of them."""
    left = tuple(held for held in view.held if names and held not in names)
    if left == view.held:
        return []
    view.held = left
    return [Command("held", pressed(view))]


# -- game controllers --------------------------------------------------------------------------------------------------


def controller(event: pygame.event.Event, view: View) -> list[Command]:
    """A stick or a button is moved: as if the keys of the seat that the controller plays were."""
    if not view.tick or not view.people:
        return []
    pad, before = event.instance_id, view.pads.get(event.instance_id, ())
    after = tuple(part for part in before if part[0] not in dict(_pushed(event)))
    after += tuple((part, way) for part, way in _pushed(event) if way)
    if event.type == pygame.JOYDEVICEREMOVED:
        after = ()
    view.pads = {**view.pads, pad: after}
    seat = view.people[sorted(view.pads).index(pad) % len(view.people)]
    own = names_of(view, seat)
    old, new = ({_key(way, own) for _, way in held} for held in (before, after))
    commands = let_go(view, *(old - new)) if old - new else []
    for name in sorted(new - old):
        if plays_with(view, name):
            commands = hold(view, name)
    return commands


def _pushed(event: pygame.event.Event) -> list[tuple[str, str]]:
    """The parts of a controller that an event is about, and which way each is pushed now; "": it is not."""
    if event.type == pygame.JOYAXISMOTION and event.axis < 2:
        ways = ("left", "right") if event.axis == 0 else ("up", "down")
        return [(f"axis {event.axis}", "" if abs(event.value) < DEAD else ways[event.value > 0])]
    if event.type == pygame.JOYHATMOTION:
        x, y = event.value
        return [("hat x", ("left", "", "right")[x + 1]), ("hat y", ("down", "", "up")[y + 1])]
    if event.type in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
        return [(f"button {event.button}", "space" if event.type == pygame.JOYBUTTONDOWN else "")]
    return []


def _key(way: str, own: Sequence[str]) -> str:
    """The key of a seat that has `own` for a way that a controller is pushed."""
    return ALIKE[way] if way not in own and ALIKE[way] in own else way
