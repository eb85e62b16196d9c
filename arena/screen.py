"""What commands print on a terminal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from arena.record import Record
from arena.report import Leaderboard, publish


def console() -> Console:
    """The terminal; as wide as a page where it is none, so that tables are not cut."""
    made = Console()
    return made if made.is_terminal else Console(width=110)


def print_board(board: Leaderboard, as_json: bool, folder: str | None) -> None:
    """A leaderboard, and its pages if a folder is given."""
    paths = publish(board, folder) if folder is not None else ()
    if as_json:
        print(json.dumps(board.to_json()))
        return
    out = console()
    out.print(board.table(board.game))
    for path in paths:
        out.print(f"written to {path}", style="dim", highlight=False)


def print_match(result: Mapping[str, Any], records: Sequence[Record]) -> None:
    """The outcome of a match, and how the games ended."""
    table = Table(box=SIMPLE_HEAD, title=result["game"], title_style="bold", title_justify="left")
    for column, justify in (
        ("Agent", "left"),
        ("Score", "right"),
        ("Wins", "right"),
        ("Draws", "right"),
        ("Losses", "right"),
    ):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    for i, agent in enumerate(result["agents"]):
        losses = result["games"] - result["draws"] - result["wins"][i]
        numbers = (result["wins"][i], result["draws"], losses)
        table.add_row(agent, f"{result['score'][i]:.1%}", *map(str, numbers))
    out = console()
    out.print(table)
    ends = ", ".join(
        f"{reason or 'over'} {count}" for reason, count in Counter(r.reason for r in records).most_common(5)
    )
    counts = ", ".join(f"{result[key]} {key}" for key in ("games", "distinct", "forfeits"))
    line = f"{counts}, {result['seconds']:.1f} s; {ends}"
    out.print(line, style="dim", highlight=False)


def print_exploitability(result: Mapping[str, Any]) -> None:
    """How exploitable agents are, the least first."""
    table = Table(box=SIMPLE_HEAD, title=result["game"], title_style="bold", title_justify="left")
    table.add_column("Agent")
    for column in ("Exploitability", "NashConv", *(f"{seat} earns" for seat in result["seats"]), "Information sets"):
        table.add_column(column, justify="right")
    for row in result["agents"]:
        numbers = (row["exploitability"], row["nash_conv"], *row["values"])
        texts = ["" if number is None else f"{number:.4f}" for number in numbers]
        table.add_row(row["agent"], *texts, str(row["information_sets"]))
    console().print(table)


def print_listing(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Games or agents with their options."""
    table = Table(box=SIMPLE_HEAD, title=title, title_style="bold", title_justify="left")
    table.add_column("Name", style="bold", no_wrap=True)
    table.add_column("Options")
    table.add_column("What it is")
    for row in rows:
        table.add_row(row["name"], options_text(row["options"]), row["description"])
    console().print(table)


def options_text(options: Mapping[str, str]) -> str:
    """Options as they are written in a spec."""
    return ", ".join(f"{key}={value}" if value else key for key, value in options.items())
