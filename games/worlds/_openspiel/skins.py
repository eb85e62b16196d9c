"""Which game wears which skin."""

from __future__ import annotations

from typing import Any

from games.worlds._openspiel.backgammon import BackgammonSkin
from games.worlds._openspiel.checkers import CheckersSkin
from games.worlds._openspiel.chess import ChessSkin
from games.worlds._openspiel.skin import Skin

_LETTERS = 26  # files that have a name


def skin(loaded: Any) -> Skin:
    """The looks of a `pyspiel.Game`."""
    name, options = loaded.get_type().short_name, loaded.get_parameters()
    if name == "chess":
        return ChessSkin()
    if name == "backgammon":
        return BackgammonSkin()
    if name == "checkers" and options["columns"] <= _LETTERS:
        return CheckersSkin(options["columns"], options["rows"])
    return Skin()
