"""A rated tournament: plays an event, stores every game, and shows the table while it grows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from arena.record import Record
from arena.schedule import Event, run

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from arena.report import Leaderboard
    from arena.store import Store


def hold(event: Event, store: Store, workers: int, console: Console | None) -> Leaderboard:
    """Play what is missing of `event`, each game stored as it ends; the leaderboard of the game's whole log.

    With a `console`, a live table of this event. Raises ArenaError."""
    from arena.report import leaderboard

    number = store.event(event.key, event.kind, event.game, event.settings)
    done = store.done(number)
    wanted = {seating.number for seating in event.seatings()}
    records = [stored.record for stored in store.records(event=number) if stored.number in wanted]
    with closing(run(event, done, workers)) as games, _Live(event, records, console) as live:
        for finished in games:
            store.add_many(number, finished)
            live.add([record for _, record in finished])
    return leaderboard(store, event.game)


class _Live:
    """The table on the terminal, fitted anew as games come in."""

    def __init__(self, event: Event, records: list[Record], console: Console | None) -> None:
        self.event, self.records, self.console = event, records, console
        self.live: Any = None
        self.begun, self.fitted = time.monotonic(), 0.0

    def __enter__(self) -> _Live:
        if self.console is not None:
            from rich.live import Live

            self.live = Live(console=self.console, auto_refresh=False, transient=True)
            self.live.__enter__()
            self._draw()
        return self

    def __exit__(self, *failure: Any) -> None:
        if self.live is not None:
            self.live.__exit__(*failure)

    def add(self, records: Sequence[Record]) -> None:
        self.records.extend(records)
        if self.live is not None and time.monotonic() - self.fitted > 0.25:
            self._draw()

    def _draw(self) -> None:
        self.live.update(self._picture(), refresh=True)
        self.fitted = time.monotonic()

    def _picture(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        from arena.report import rank

        total = self.event.games * len(self.event.pairs)
        counted = f"{self.event.game}: {len(self.records)} of {total} games, {time.monotonic() - self.begun:.0f} s"
        bar = ProgressBar(total=total, completed=len(self.records), width=60)
        if not self.records:
            return Group(Text(counted), bar)
        board = rank(self.event.game, tally(self.records), _anchor(self.event, self.records))
        return Group(board.table(), Text(counted), bar)


def tally(records: Sequence[Record]) -> list[Any]:
    """Records as `ratings.Result` rows."""
    from arena.ratings import Result

    rows: dict[tuple[str, str], Counter[float]] = {}
    for record in records:
        rows.setdefault((record.agents[0], record.agents[1]), Counter())[record.points[0]] += 1
    return [Result(first, second, c[1.0], c[0.5], c[0.0]) for (first, second), c in rows.items()]


def _anchor(event: Event, records: Sequence[Record]) -> str | None:
    """A fixed zero for the live table: random once it has played, else whoever comes first."""
    played = {name for record in records for name in record.agents}
    return "random" if "random" in played else next(name for name in event.agents if name in played)


def summary(event: Event, records: Sequence[Record], seconds: float) -> dict[str, Any]:
    """What `arena match --json` prints: one entry an agent in `wins` and `score`, in the order given; and in `returns`,
    the mean, where it tells more than the score: in score duels, and where games are won by more or less."""
    wins = [0] * len(event.agents)
    points, returns = [0.0] * len(event.agents), [0.0] * len(event.agents)
    for seating, record in zip(sorted(event.seatings(), key=lambda s: s.number), records, strict=True):
        order = (0, 1) if seating.number % 2 == 0 else (1, 0)
        for seat, agent in enumerate(order):
            points[agent] += record.points[seat]
            returns[agent] += record.returns[seat]
            wins[agent] += record.points[seat] == 1.0
    stakes = event.alone or any(abs(value) not in (0, 1) for record in records for value in record.returns)
    return {
        "game": event.game,
        "agents": list(event.agents),
        "games": len(records),
        "wins": wins,
        "draws": len(records) - sum(wins),
        "score": [round(value / len(records), 4) for value in points],
        "distinct": len({record.moves_key for record in records}),
        "forfeits": sum(record.forfeit is not None for record in records),
        "seconds": round(seconds, 3),
        **({"returns": [round(value / len(records), 4) for value in returns]} if stakes else {}),
    }
