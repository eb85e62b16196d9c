"""Leaderboards: the ratings of one game as a table for the terminal, as Markdown and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.core.files import write_whole
from arena.ratings import Interval, Rating, Ratings, Result, fit
from games.core.errors import ArenaError

if TYPE_CHECKING:
    from rich.table import Table

    from arena.store import Store

FORMAT = 1  # of the JSON
_HEADS = ("#", "agent", "Elo", "95% interval", "score", "games", "W", "D", "L")
_LEFT = ("agent",)


@dataclass(frozen=True)
class Leaderboard:
    """The ratings of all who played a game, as they stood on a day."""

    game: str  # spec
    ratings: Ratings
    date: str  # ISO 8601, UTC

    def to_json(self) -> dict[str, Any]:
        """For programs. Elo are differences to the anchor; a bound has `low` or `high` alone, the unknown neither."""
        ratings, seat = self.ratings, self.ratings.first_seat
        return {
            "format": FORMAT,
            "game": self.game,
            "date": self.date,
            "model": ratings.model,
            "anchor": ratings.anchor,
            "games": ratings.games,
            "first_seat": seat and {"elo": _tenth(seat.value), "low": _tenth(seat.low), "high": _tenth(seat.high)},
            "draw": ratings.draw if ratings.draw is None else round(ratings.draw, 4),
            "players": [
                {
                    "rank": rank,
                    "agent": player.name,
                    "elo": _tenth(player.elo),
                    "low": _tenth(player.low),
                    "high": _tenth(player.high),
                    "score": round(player.score, 4),
                    "games": player.games,
                    "wins": player.wins,
                    "draws": player.draws,
                    "losses": player.losses,
                }
                for rank, player in self._ranked()
            ],
        }

    def to_markdown(self) -> str:
        """A page: what it is, the table, and how to read it."""
        rows = [[cell.replace("|", "\\|") for cell in row] for row in self._rows(code="`")]
        widths = [max(2, *map(len, column)) for column in zip(_HEADS, *rows, strict=True)]
        left = [head in _LEFT for head in _HEADS]
        rule = [
            "-" * width if at_left else "-" * (width - 1) + ":" for width, at_left in zip(widths, left, strict=True)
        ]
        lines = []
        for row in [list(_HEADS), rule, *rows]:
            cells = zip(row, widths, left, strict=True)
            lines.append("| " + " | ".join(c.ljust(w) if at_left else c.rjust(w) for c, w, at_left in cells) + " |")
        facts = "".join(f"- {fact}\n" for fact in self.facts(code="`"))
        notes = "".join(f"\n{note}\n" for note in self.notes(code="`"))
        return f"# {self.game}\n\n{facts}\n" + "\n".join(lines) + f"\n{notes}"

    def table(self, title: str | None = None) -> Table:
        """For the terminal."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        caption = Text(" · ".join(self.facts()) + "".join(f"\n{note}" for note in self.notes()), style="dim")
        heading = Text(title or self.game, style="bold")
        table = Table(
            title=heading,
            title_justify="left",
            caption=caption,
            caption_justify="left",
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            padding=(0, 1, 0, 0),
        )
        styles = {"Elo": "bold", "95% interval": "dim", "#": "dim"}
        for head in _HEADS:
            at_left = head in _LEFT
            table.add_column(
                head,
                justify="left" if at_left else "right",
                style=styles.get(head, ""),
                no_wrap=not at_left,
                overflow="fold" if at_left else "ellipsis",
            )
        for row in self._rows():
            table.add_row(*map(Text, row))
        return table

    def facts(self, code: str = "") -> list[str]:
        """What the numbers rest on: games, model, anchor, first seat, draws, date."""
        ratings = self.ratings
        facts = [
            f"{ratings.games:,} {'game' if ratings.games == 1 else 'games'}, rated {self.date}",
            f"model {code}{ratings.model}{code}",
            f"anchor {code}{ratings.anchor}{code} = 0",
            f"first seat {_interval_text(ratings.first_seat)}",
        ]
        if ratings.draw_rate is not None:
            facts.append(f"draws between equals {ratings.draw_rate:.0%}")
        return facts

    def notes(self, code: str = "") -> list[str]:
        """How to read the bounds and gaps, where there are any."""
        bounds, notes = {player.bound for player in self.ratings.players}, []
        if bounds & {"<", ">"}:
            notes.append(
                f"{code}> n{code}, {code}< n{code}: too one-sided for a finite estimate; "
                "on the other side of n the results have less than 2.5% of their greatest likelihood."
            )
        if "?" in bounds:
            notes.append(f"{code}?{code}: the results do not tell how it compares with the anchor.")
        return notes

    def _ranked(self) -> list[tuple[int | None, Rating]]:
        return [(None if p.bound == "?" else rank, p) for rank, p in enumerate(self.ratings.players, 1)]

    def _rows(self, code: str = "") -> list[list[str]]:
        players = self.ratings.players
        ends = [round(x) for p in players if p.elo is not None for x in (p.low, p.high) if x is not None]
        width = max((len(str(end)) for end in ends), default=0)
        return [
            [
                "" if rank is None else str(rank),
                f"{code}{player.name}{code}",
                str(player),
                "anchor" if player.name == self.ratings.anchor else _ends_text(player, width),
                f"{player.score:.1%}" if player.games else "",
                *map(str, (player.games, player.wins, player.draws, player.losses)),
            ]
            for rank, player in self._ranked()
        ]


def rank(game: str, results: Iterable[Result], anchor: str | None = None) -> Leaderboard:
    """The leaderboard of `results`; the anchor by default as in `ratings.fit`. Raises ArenaError if there are none."""
    rows = list(results)
    if not any(row.wins_first + row.draws + row.wins_second for row in rows):
        raise ArenaError(f"no games of {game} to rate yet")
    return Leaderboard(game, fit(rows, anchor), datetime.now(UTC).date().isoformat())


def leaderboard(store: Store, game: str, anchor: str | None = None) -> Leaderboard:
    """The leaderboard of all two-seat games of `game` (spec) in the store.

    The anchor by default: `random` where its results have finite differences to the others; else, of those whose have,
    who played most (see `ratings.fit`). Raises ArenaError where there is nothing to rate or no such anchor.
    """
    return rank(game, store.results(game), anchor)


def publish(board: Leaderboard, folder: str | Path) -> tuple[Path, Path]:
    """Write `<game>.md` and `<game>.json` into `folder`, each whole or not at all; their paths. Raises ArenaError."""
    import json

    stem = Path(folder) / file_name(board.game)
    pages = {".md": board.to_markdown(), ".json": json.dumps(board.to_json(), indent=2, ensure_ascii=False) + "\n"}
    paths = [stem.with_name(stem.name + ending) for ending in pages]
    for path, text in zip(paths, pages.values(), strict=True):
        try:
            replace_file(path, text)
        except OSError as error:
            raise ArenaError(f"cannot write {path}: {(error.strerror or str(error)).lower()}")
    return paths[0], paths[1]


def file_name(game: str) -> str:
    """A game's spec as the stem of a file name: `openspiel:hex(board_size=5)` is `openspiel_hex_board_size-5`."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", game.replace("=", "-")).strip("_.")[:100] or "game"


def replace_file(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda file: file.write(text.encode()))


def _tenth(value: float | None) -> float | None:
    return None if value is None else round(value, 1) + 0.0  # no negative zero


def _ends_text(player: Rating, width: int) -> str:
    if player.elo is None or player.low is None or player.high is None:
        return ""
    return f"{round(player.low):>{width}} to {round(player.high):>{width}}"


def _interval_text(interval: Interval | None) -> str:
    if interval is None:
        return "not determined"
    return f"{round(interval.value):+} Elo ({round(interval.low):+} to {round(interval.high):+})"
