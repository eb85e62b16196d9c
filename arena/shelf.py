"""A user's games for the lobby: those in the store, and those in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from arena.exchange import import_games, read_game
from arena.record import Record
from arena.store import Store


class Shelf:
    """The store, opened once, as the window gets at it."""

    def __init__(self, store: Store, target: str | None) -> None:
        """`target`: where the store is, for another process to open it; None: the user's own."""
        self.store, self.where = store, target

    def keeper(self, kind: str = "play") -> Callable[[Record], None]:
        """Stores each finished game as one of that kind."""
        from arena.watching import keeper

        return keeper(self.store, kind)

    def stored(self, limit: int) -> list[tuple[str, str, Record]]:
        """The newest games: what they are, when, and themselves. Raises ArenaError."""
        return [
            (
                f"{each.record.game}: {' – '.join(each.record.agents)}",
                f"{each.record.reason}  ·  {each.finished:%Y-%m-%d}",
                each.record,
            )
            for each in self.store.records(limit=limit)
        ]

    def take_in(self, path: Path) -> Record:
        """The first game in a file; all that are finished are stored. Raises ArenaError."""
        record = read_game(path)
        for _ in import_games(self.store, path):  # what cannot be stored can still be seen
            pass
        return record
