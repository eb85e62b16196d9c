"""What can be done at a table by a key or a button, each thing under one name; which keys do it is for the user to
say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pygame

from arena.ui.view import View


@dataclass(frozen=True)
class Action:
    text: str  # on its button
    help: str
    keys: str  # by default, with commas between


ACTIONS: dict[str, Action] = {
    "first": Action("◀◀", "the start", "home"),
    "previous": Action("◀", "a ply back", "left"),
    "pause": Action("Pause", "pause, go on", "space"),
    "next": Action("▶", "a ply on; while paused, one move", "right"),
    "last": Action("▶▶", "the newest ply", "end"),
    "slower": Action("−", "slower", "-, [-]"),
    "faster": Action("+", "faster", "+, =, [+]"),
    "take_back": Action("Take back", "take a move back", "ctrl z, u"),
    "play_on": Action("Play on", "play on from the ply shown", "p"),
    "hints": Action("Hints", "hints, thoughts", "h"),
    "marks": Action("Ghosts", "candidates as ghosts, heat, arrows", "g"),
    "prior": Action("Prior", "the column of priors", "i"),
    "visits": Action("Visits", "the column of visits", "v"),
    "solver": Action("Solver", "the true values of moves", "s"),
    "analyse": Action("Analyse", "an agent goes over the game", "a"),
    "imagination": Action("Imagine", "what a learned model imagines", "m"),
    "export": Action("Export", "write the game to a file", "e"),
    "resign": Action("Resign", "resign; press twice", "r"),
    "draw": Action("Offer draw", "offer a draw", "d"),
    "swap": Action("Swap", "swap sides and go on", "x"),
    "flip": Action("Flip", "see it from the other side", "f"),
    "new": Action("New game", "a new game, seats swapped", "n"),
    "colours": Action("Colours", "light, dark and safe colours", "t"),
    "sound": Action("Sound", "sounds", "o"),
    "help": Action("?", "these keys", "?, f1"),
    "leave": Action("Leave", "leave", "q, escape"),
}
_SHOWN = {"space": "Space", "left": "←", "right": "→", "escape": "Esc", "-": "−", "home": "Home", "end": "End"}


def keymap(chosen: Mapping[str, str] | None = None) -> tuple[dict[str, str], str]:
    """The action of each key, with those `chosen` by the user; and what is wrong with these in one line."""
    own, taken, problems = dict[str, list[str]](), dict[str, str](), list[str]()
    for name, wanted in (chosen or {}).items():
        named = [key.strip().lower() for key in wanted.split(",")] if isinstance(wanted, str) else []
        strange = [key for key in named if not _is_key(key)]
        twice = [key for key in named if key in taken]
        if name not in ACTIONS:
            problems.append(f"there is no action '{name}'; there are {', '.join(ACTIONS)}")
        elif strange or not named:
            problems.append(f"{name}: there is no key {json.dumps(strange[0] if named else wanted)[:40]}")
        elif twice:
            problems.append(f"'{twice[0]}' is to do two things, {taken[twice[0]]} and {name}")
        else:
            own[name] = named
            taken |= dict.fromkeys(named, name)
    usual = {key: name for name, action in ACTIONS.items() if name not in own for key in action.keys.split(", ")}
    keys = usual | taken
    return keys, f"keys: {problems[0]}" if problems else ""


@cache
def _named_keys() -> frozenset[str]:
    """Those that are called by more than a letter."""
    codes = (getattr(pygame, name) for name in dir(pygame) if name.startswith("K_"))
    return frozenset(pygame.key.name(code) for code in codes) - {""}


def _is_key(text: str) -> bool:
    name = text.removeprefix("ctrl ")
    return len(name) == 1 or name in _named_keys()


KEYS = keymap()[0]


def keys_of(keys: Mapping[str, str], name: str) -> str:
    """The keys for an action, as they are shown."""
    own = [key for key, action in keys.items() if action == name and not key.startswith("[")]
    return "  ".join(" ".join(_SHOWN.get(part, part.capitalize()) for part in key.split(" ")) for key in own[:2])


def possible(view: View) -> list[str]:
    """What makes sense now."""
    allowed = {"pause", "previous", "next", "first", "last", "slower", "faster"}
    allowed |= {"flip", "colours", "sound", "help", "leave"}
    hello, live = view.hello, view.mode != "replay"
    if hello is not None and not view.tick:
        allowed.add("play_on")
        allowed |= {"hints", "marks", "prior", "visits"} if live or view.analysing else set()
        allowed |= {"imagination"} if view.imagines else set()
        allowed |= {"solver"} if hello.solved and (not view.people or view.hints) else set()
        allowed |= {"analyse"} if view.record is not None and hello.forkable else set()
        allowed |= {"export"} if view.record is not None else set()
        allowed |= {"take_back", "swap"} if live and view.record is None else set()
        two = hello.seats == 2 and hello.zero_sum and view.record is None
        allowed |= {"draw"} if view.people and two else set()
    if live:
        allowed.add("new")
        allowed |= {"resign"} if view.people and view.record is None else set()
    return [name for name in ACTIONS if name in allowed]


def label(view: View, name: str) -> tuple[str, bool]:
    """What stands on a button, and whether it is switched on."""
    if name == "pause":
        return ("Go on" if view.paused else "Pause"), view.paused
    if name == "marks":
        return view.marks.capitalize(), False
    on = {"hints": view.hints, "prior": view.prior, "visits": view.visits, "solver": view.solver, "help": view.help}
    on |= {"imagination": view.imagination, "analyse": view.analysing, "sound": view.style.sound}
    return ACTIONS[name].text, on.get(name, False)
