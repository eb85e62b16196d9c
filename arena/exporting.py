"""A game written to a file for the window, in a process of its own: some notations need the rules."""

from __future__ import annotations

from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from arena.messages import Remark
from arena.record import Record
from arena.worker import bound_memory, leave_with_parent


def serve(record: Record, pipe: Connection) -> None:
    """Write the game into the current folder, and say where it is."""
    from arena.exchange import export_game

    leave_with_parent()
    bound_memory()
    with suppress(BrokenPipeError, ConnectionResetError):
        try:
            pipe.send(Remark(f"Written to {export_game(record, Path())}"))
        except Exception as error:
            pipe.send(Remark(f"Not written: {error or type(error).__name__}".partition("\n")[0]))
