"""How players and numbers are written."""

from __future__ import annotations

from pathlib import PurePath

from arena.ui.view import View
from games.core.specs import Spec


def split_name(name: str) -> tuple[str, str]:
    """'uct(simulations=400)' as a name and what is told about it in small print."""
    head, bracket, rest = name.partition("(")
    if Spec(head).is_file:
        head = PurePath(Spec(head).path).stem
    if not bracket or not rest.endswith(")"):
        return head, ""
    return head, rest[:-1].replace("=", " ")


def seat_name(view: View, seat: int) -> str:
    """What the game calls a seat; empty where it has no name for it."""
    names = view.hello.seat_names if view.hello is not None else ()
    return view.style.palette.seat_names.get(names[seat], names[seat]) if seat < len(names) else ""


def called(view: View, seat: int) -> str:
    """A player in a sentence; with the seat where both are called the same."""
    if seat >= len(view.names):
        return "Nature" if view.hello is not None and seat == view.hello.seats else "?"
    heads = [split_name(name)[0] for name in view.names]
    name = seat_name(view, seat) if heads.count(heads[seat]) > 1 else ""
    return f"{heads[seat]} ({name})" if name else heads[seat]


def signed(value: float, form: str) -> str:
    """A number with a minus sign as wide as the plus; what comes out as zero has none."""
    text = format(value, form)
    return text.replace("-", "−") if text.strip("+-0.,") else text.lstrip("+-")
