"""How an OpenSpiel game looks and speaks: any game as its own text, with a button for each move."""

from __future__ import annotations

import re
import string
from typing import Any

import pyspiel

from games.core.canvas import Canvas
from games.worlds._foreign.looks import SIDE, draw_buttons, draw_text
from games.worlds._openspiel.senses import is_hidden, view

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FEN = re.compile(r"([A-Za-z0-9+]+/){6,}\S+ [bwr] ")
_BOARD = string.ascii_letters + string.digits + "+/~"  # of a FEN; a blank or the bracket of a hand ends it


def plain(state: Any) -> str:
    """The state as OpenSpiel writes it, without colour codes; above a FEN, the board that it stands for."""
    text = _clean(str(state)) or "(nothing yet)"
    return f"{_diagram(text)}\n\n{text}" if _FEN.match(text) else text


def _clean(text: str) -> str:
    return _ANSI.sub("", text).strip("\n").rstrip()


def _picture(state: Any) -> str:
    """The same for a drawing: of a FEN only what its board does not show."""
    board, _, text = plain(state).partition("\n\n")
    return f"{board}\n\n{text.lstrip(_BOARD)}" if _FEN.match(text) else plain(state)


def _diagram(fen: str) -> str:
    """The rows of a FEN, 'pp3p' and the like, a cell a square; a promoted piece of shogi keeps its plus."""
    board = fen[: len(fen) - len(fen.lstrip(_BOARD))]
    cells = [re.findall(r"\d|\+?[A-Za-z]", row) for row in board.split("/")]
    rows = [[cell for found in row for cell in (["."] * int(found) if found.isdigit() else [found])] for row in cells]
    return "\n".join("".join(f"{cell:>2}" for cell in row) for row in rows)


class Skin:
    """The looks and words of one game; a state is a `pyspiel.State`."""

    extent: tuple[float, float] = (SIDE, SIDE)

    def seat_names(self, seats: int) -> tuple[str, ...]:
        return ("First", "Second") if seats == 2 else tuple(f"Player {seat + 1}" for seat in range(seats))

    def action_text(self, state: Any, action: int) -> str:
        seat = state.current_player()
        if state.is_simultaneous_node():  # several seats may have it: its name is that of the first
            seat = next(s for s in range(state.num_players()) if action in state.legal_actions(s))
        return str(state.action_to_string(seat, action)).strip()

    def outcome_text(self, state: Any, outcome: int) -> str:
        return str(state.action_to_string(pyspiel.PlayerId.CHANCE, outcome)).strip()

    def reason(self, state: Any) -> str:
        """Why the finished game `state` ended."""
        return ""

    def standing(self, state: Any) -> tuple[str, ...]:
        """By seat: material or points, where the game counts them."""
        return ()

    def gesture(self, state: Any, action: int) -> tuple[str, ...]:
        return (f"action {action}",)

    def last_move(self, state: Any) -> tuple[str, ...]:
        return ()

    def draw(self, canvas: Canvas, state: Any, seat: int) -> None:
        hidden = is_hidden(state.get_game())
        draw_text(canvas, (_clean(view(state, seat)) if hidden else _picture(state)).splitlines())
        if state.is_terminal() or state.is_chance_node():
            return
        # Where seats act at once, or know different things, each sees its own moves.
        mover = seat if hidden or state.is_simultaneous_node() else state.current_player()
        names = {a: str(state.action_to_string(mover, a)).strip() for a in state.legal_actions(mover)}
        draw_buttons(canvas, names)
