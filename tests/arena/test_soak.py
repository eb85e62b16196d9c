"""A long evening before the window: 500 games are watched at table after table, and its memory stays what it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame
import pytest

from arena.messages import Setup
from arena.record import Record
from arena.store import Store
from arena.ui.screens.core import Screen
from arena.ui.screens.table import TableScreen
from arena.ui.theme import STYLE
from arena.ui.view import DELAYS, View
from arena.ui.window import run
from arena.watching import keeper
from tests.arena.processes import running

GAMES, SITTING = 500, 10  # in all, and at one table
FIRST = 50  # games after which memory may not grow by more than `GROWTH`: every table has been sat at by then
GROWTH = 0.05
TABLES = (
    ("connect_four", "uct(simulations=100)", "alphabeta(depth=2)"),
    ("tic_tac_toe", "uct(simulations=50)", "random"),
    ("pong_duel(points=1)", "uct(simulations=4)", "random"),
    ("breakthrough(rows=5, columns=5)", "uct(simulations=50)", "uct(simulations=10)"),
    ("kuhn_poker", "ismcts(simulations=50)", "random"),
)
DOES = ("", "g", "sg", "tg", "hh", "t", "f", "a", "vi", "st")  # keys pressed when a game is over, before the next


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Watched(TableScreen):
    """A table at which the next game is asked for until there were enough; then it is left."""

    games, seen, enough_at = 0, None, float("inf")

    def tick(self, now: float) -> bool:
        fresh = super().tick(now)
        if self.view.record is not None and self.view.record is not self.seen:
            self.press(DOES[self.games])
            self.enough_at = now + (1.0 if DOES[self.games] == "a" else 0.0)  # an analysis gets some time
            self.games, self.seen = self.games + 1, self.view.record
        if now >= self.enough_at:
            self.enough_at = float("inf")
            self.press("q" if self.games == SITTING else "n")
        return fresh

    def press(self, keys: str) -> None:
        for key in keys:
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=ord(key), mod=0, unicode=key))


class Evening:
    """Lies under the tables and lays the next one whenever it is uncovered."""

    def __init__(self, store: Store) -> None:
        self.open, self.style, self.memory, self._store = True, STYLE, list[int](), store
        self._tables = cycle(TABLES)

    def tick(self, now: float) -> bool:
        pygame.event.post(pygame.event.Event(pygame.USEREVENT))
        return False

    def draw(self, target: pygame.Surface, now: float) -> None:
        target.fill(self.style.palette.background)

    def handle(self, event: pygame.event.Event, now: float) -> Screen | None:
        self.open = len(self.memory) < GAMES
        if event.type != pygame.USEREVENT or not self.open:
            return None
        game, *agents = next(self._tables)
        keep = keeper(self._store, "watch")

        def seen(record: Record) -> None:
            keep(record)
            self.memory.append(resident())

        setup = Setup(game, tuple(agents), seed=len(self.memory), delay=0.0, rate=8.0)
        return Watched(setup, View("watch", speed=len(DELAYS) - 1), seen)

    def close(self) -> None:
        pass


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory and processes are read from /proc")
def test_memory_is_flat_and_nothing_stays_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "ARENA_HOME": str(tmp_path), "SDL_AUDIODRIVER": "dummy"}
    told = subprocess.run(
        [sys.executable, "-m", "tests.arena.test_soak"],
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    memory = json.loads(told.splitlines()[-1])
    start, most = memory[FIRST - 1], max(memory[FIRST:])
    print(f"{len(memory)} games; {start / 2**20:.1f} MiB after {FIRST}, then at most {most / start - 1:+.1%}")
    with Store.open(tmp_path / "arena.db") as store:
        assert sum(each.played for each in store.games()) == len(memory) == GAMES
    assert most <= (1 + GROWTH) * start
    end = time.monotonic() + 5.0  # those that were killed may take a moment to go
    while running(tmp_path) and time.monotonic() < end:
        time.sleep(0.05)
    assert running(tmp_path) == []


if __name__ == "__main__":
    with Store.open() as log:
        evening = Evening(log)
        run(evening)
    print(json.dumps(evening.memory))
