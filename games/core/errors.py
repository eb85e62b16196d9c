"""The one error that people see as a line of text instead of a traceback."""


class ArenaError(Exception):
    """Something a user can mend: a wrong name, option, file or move. The message is one clear line."""


class GameError(ArenaError):
    """A game broke down of itself, as a foreign environment may: no seat is to blame, so the match has no result."""
