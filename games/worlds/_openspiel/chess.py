"""Chess as a board. A move is a click on its square from and on its square to, then on the piece a pawn becomes."""

from __future__ import annotations

from typing import Any

import pyspiel

from games.core.canvas import Canvas, Color, Point
from games.worlds._openspiel.skin import Skin
from games.worlds._openspiel.squares import Squares, name

_GLYPHS = dict(zip("kqrbnp", "♚♛♜♝♞♟", strict=True))
_PROMOTIONS = "qrbn"
_WORTH = {"k": 0, "q": 9, "r": 5, "b": 3, "n": 3, "p": 1}
_EDGE = 0.016  # thickness of the line around a piece
_COLORS: tuple[Color, Color] = ("paper", "ink")  # of White's pieces and of Black's
_WHITE = 1  # OpenSpiel's number for the seat that moves first


class ChessSkin(Skin):
    extent = Squares(8, 8).extent

    def seat_names(self, seats: int) -> tuple[str, ...]:
        return "Black", "White"

    def reason(self, state: Any) -> str:
        if not state.board().has_legal_moves():
            return "checkmate" if any(state.returns()) else "stalemate"
        if state.is_repetition_draw():
            return "threefold repetition"
        return "fifty-move rule" if int(str(state).split()[4]) >= 100 else "insufficient material"

    def standing(self, state: Any) -> tuple[str, ...]:
        """The side with more material, in pawns."""
        lead = sum(_WORTH[p.lower()] * (1 if p.isupper() else -1) for p in _pieces(str(state)).values())
        return (f"+{-lead}" if lead < 0 else "", f"+{lead}" if lead > 0 else "")

    def gesture(self, state: Any, action: int) -> tuple[str, ...]:
        move = pyspiel.chess.action_to_move(action, state.board())
        text = move.to_lan()
        start, end, promoted = text[:2], text[2:4], text[4:]
        if move.is_castling() and "960" in str(state.get_game()):
            end = _castling_rook(str(state), start, end)  # a king may also step to where it castles to
        return (start, end, f"promote {promoted}") if promoted else (start, end)

    def last_move(self, state: Any) -> tuple[str, ...]:
        moves = state.moves_history()
        return (_square(moves[-1].from_square), _square(moves[-1].to_square)) if moves else ()

    def draw(self, canvas: Canvas, state: Any, seat: int) -> None:
        squares = Squares(8, 8, flipped=seat != _WHITE)
        squares.draw(canvas)
        flights = _flights(state)
        for (file, rank), letter in _pieces(str(state)).items():
            start = flights.get((file, rank))
            origin = squares.center(*start) if start else None
            _piece(canvas, letter, squares.center(file, rank), 0.95, f"{letter} {name(file, rank)}", origin)
        squares.targets(canvas)
        self._promotions(canvas, state, squares)

    def _promotions(self, canvas: Canvas, state: Any, squares: Squares) -> None:
        """Beside the rank where a pawn could promote now, the pieces that it may become."""
        if state.current_player() < 0 or not any(len(self.gesture(state, a)) == 3 for a in state.legal_actions()):
            return
        white = state.current_player() == _WHITE
        x, edge = squares.extent[0] - 0.27, squares.center(0, 7 if white else 0)[1]
        down = 1 if edge < squares.extent[1] / 2 else -1
        for i, kind in enumerate(_PROMOTIONS):
            y = edge + down * (i * 0.56 - 0.2)
            canvas.rect(x - 0.25, y - 0.26, 0.5, 0.52, "accent", radius=0.08, tag=f"promote {kind}")
            _piece(canvas, kind.upper() if white else kind, (x, y), 0.5, f"choice {kind}")


def _pieces(fen: str) -> dict[tuple[int, int], str]:
    """(file, rank) -> letter of a piece, upper case for White."""
    pieces = {}
    for row, line in enumerate(fen.split()[0].split("/")):
        file = 0
        for letter in line:
            if letter.isdigit():
                file += int(letter)
            else:
                pieces[file, 7 - row] = letter
                file += 1
    return pieces


def _piece(canvas: Canvas, letter: str, at: Point, size: float, tag: str, origin: Point | None = None) -> None:
    """A glyph with a line of the other side's colour around it, so that both sides stand out on all squares."""
    body, edge = _COLORS if letter.isupper() else _COLORS[::-1]
    offsets = [(dx * _EDGE, dy * _EDGE) for dx in (-1, 1) for dy in (-1, 1)]
    for i, (dx, dy) in enumerate([*offsets, (0.0, 0.0)]):
        start = (origin[0] + dx, origin[1] + dy) if origin else None
        color = body if i == len(offsets) else edge
        canvas.text(at[0] + dx, at[1] + dy, _GLYPHS[letter.lower()], size, color, tag=f"{tag} {i}", origin=start)


def _flights(state: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """Square to -> square from, of the pieces moved last."""
    moves = state.moves_history()
    if not moves:
        return {}
    start, end = moves[-1].from_square, moves[-1].to_square
    flights = {(end.x, end.y): (start.x, start.y)}
    if moves[-1].is_castling() and start.x == 4:
        flights[(start.x + end.x) // 2, end.y] = (7 if end.x > start.x else 0, end.y)
    return flights


def _castling_rook(fen: str, king: str, end: str) -> str:
    """Where the rook stands that castles with the king: FEN names its file in random-setup chess."""
    _, mover, rights = fen.split()[:3]
    files = [letter.lower() for letter in rights if letter.isupper() == (mover == "w")]
    right = end[0] == "g"
    return next(file for file in files if (file > king[0]) == right) + king[1]


def _square(square: Any) -> str:
    return name(square.x, square.y)
