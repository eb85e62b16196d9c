"""Which processes of the arena still run."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def running(home: Path) -> list[str]:
    """Those that were started with this data folder, by command; the dead that nobody has buried do not count."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is another user's
            if f"ARENA_HOME={home}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found
