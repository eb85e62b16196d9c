"""What commands print on a terminal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from arena.record import Record
from arena.report import Leaderboard, publish

if TYPE_CHECKING:
    from arena.reviewing import Reviewed


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
    if "returns" in result:
        table.add_column("Mean return", justify="right")
    for i, agent in enumerate(result["agents"]):
        losses = result["games"] - result["draws"] - result["wins"][i]
        numbers = (result["wins"][i], result["draws"], losses)
        means = [_mean(result["returns"][i])] if "returns" in result else []
        table.add_row(agent, f"{result['score'][i]:.1%}", *map(str, numbers), *means)
    out = console()
    out.print(table)
    ends = ", ".join(
        f"{reason or 'over'} {count}" for reason, count in Counter(r.reason for r in records).most_common(5)
    )
    counts = ", ".join(f"{result[key]} {key}" for key in ("games", "distinct", "forfeits"))
    line = f"{counts}, {result['seconds']:.1f} s; {ends}"
    out.print(line, style="dim", highlight=False)


def _mean(value: float) -> str:
    """Scores of hundreds need no decimals, chips of a hand do."""
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3f}"


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


def print_grade(result: Mapping[str, Any]) -> None:
    """An agent's mistakes by bin, how many openings it held against the perfect player, or what it earned alone."""
    if "episodes" in result:
        _print_scores(result)
        return
    title = f"{result['agent']} at {result['game']}"
    table = Table(box=SIMPLE_HEAD, title=title, title_style="bold", title_justify="left")
    graded = "bins" in result
    table.add_column("Positions" if graded else "Openings")
    for column in ("Mistakes", "Rate", "95%", "Where possible", "Rate", "95%") if graded else ("Held", "Rate", "95%"):
        table.add_column(column, justify="right")
    if graded:
        for row in result["bins"]:
            table.add_row(row["name"], *_share(row["all"]), *_share(row["possible"]))
        table.add_section()
        table.add_row("mean", "", _percent(result["mean"]), "", "", _percent(result["mean_possible"]), style="bold")
    else:
        for kind in ("won", "drawn", "first", "second"):
            table.add_row(HELD[kind], *_share(result[kind]))
        table.add_section()
        table.add_row("all", *_share(result["held"]), style="bold")
    out = console()
    out.print(table)
    mistake = f"a mistake gives away a win or a draw; judge: {result.get('judge')}"
    out.print(mistake if graded else "openings that are lost for it are left out", style="dim", highlight=False)


def print_review(reviewed: Reviewed) -> None:
    """A game gone over move by move, and how often each player erred."""
    title, plies = f"{reviewed.game}, gone over by {reviewed.agent}", reviewed.plies
    table = Table(box=SIMPLE_HEAD, title=title, title_style="bold", title_justify="left")
    for column in ("Ply", "Player", "Played", "Best", "Value", "Loss", ""):
        numeric = column in ("Ply", "Value", "Loss")
        table.add_column(column, justify="right" if numeric else "left", overflow="ellipsis", max_width=34)
    for each in plies:
        best = "" if each.played == each.best or (each.truths and not each.loss) else each.best_text
        numbers = [_signed(each.insight.value), "" if each.loss is None else f"{each.loss:.2f}"]
        row = [str(each.ply + 1), each.player, each.played_text, best, *numbers, "mistake" if each.mistake else ""]
        table.add_row(*row, style="red" if each.mistake else None)
    out = console()
    out.print(table)
    for seat, player in sorted({(each.seat, each.player) for each in plies}):
        own = [each for each in plies if each.seat == seat]
        losses = [each.loss for each in own if each.loss is not None]
        wrong, mean = (
            sum(each.mistake for each in own),
            f", mean loss {sum(losses) / len(losses):.3f}" if losses else "",
        )
        out.print(
            f"{player}: {wrong} {'mistake' if wrong == 1 else 'mistakes'} in {len(own)} moves{mean}", highlight=False
        )
    known = any(each.truths for each in plies)
    law = "a win or a draw, as perfect play has it" if known else "a tenth of the range of returns"
    out.print(f"{reviewed.reason}; a mistake gives away {law}", style="dim", highlight=False)


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+z.2f}"


def _print_scores(result: Mapping[str, Any]) -> None:
    title = f"{result['agent']} at {result['game']}, alone in {result['episodes']} episodes"
    table = Table(box=SIMPLE_HEAD, title=title, title_style="bold", title_justify="left")
    for column in ("Mean", "95%", "Least", "Median", "Most", "Seconds a move"):
        table.add_column(column, justify="right")
    low, high = result["interval"]
    table.add_row(
        _mean(result["mean"]),
        f"{_mean(low)} to {_mean(high)}",
        *(_mean(result[name]) for name in ("least", "median", "most")),
        f"{result['seconds']:.3g}",
    )
    console().print(table)


HELD = {
    "won": "won for it",
    "drawn": "drawn",
    "first": "as the first player",
    "second": "as the second",
}


def _share(share: Mapping[str, Any]) -> tuple[str, str, str]:
    """A count, its rate and its interval."""
    ends = share["interval"]
    interval = "" if ends is None else f"{100 * ends[0]:.1f} to {_percent(ends[1])}"
    return f"{share['count']} of {share['total']}", _percent(share["rate"]), interval


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.1%}"


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error while something long is under way: call with what it is, how far, and how far to go."""
    from rich.progress import Progress

    out = Console(stderr=True)
    with Progress(console=out, transient=True, disable=not out.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def heard(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        yield heard


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
