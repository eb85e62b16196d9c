"""The curves of a run over what it has cost, as SVG: Elo on its ladder, and mistakes against perfect play."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from agents.core.run import Run
from arena.ladder import SIMULATIONS
from arena.ratings import Ratings, fit
from arena.report import replace_file
from arena.store import Store
from arena.svg import DIM, INK, page, text
from games.core.errors import ArenaError

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 880, 64, 190, 106, 56
ELO_HEIGHT, MISTAKES_HEIGHT, GAP = 300, 190, 56
STEP = 16  # between two labels at the right
GRID, BLUE, RED, ROSE = "#e8eaee", "#2563eb", "#c2410c", "#f0a878"


class Point(NamedTuple):
    """A checkpoint's figure `y` at `x`, with its 95% interval where there is one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Curves:
    """What is drawn of a run; `references` are ratings by name."""

    title: str
    facts: str
    unit: str  # of x
    elo: Sequence[Point]
    references: Mapping[str, float]
    mistakes: Mapping[str, Sequence[Point]]

    @property
    def end(self) -> float:
        return max(point.x for points in (self.elo, *self.mistakes.values()) for point in points)


def curves_of(run: Run, ratings: Ratings | None) -> Curves:
    """What is known of a run. Raises ArenaError if no checkpoint was graded or rated yet."""
    lines = run.metrics()
    costs, unit = {line["iteration"]: line["core_hours"] for line in lines if "core_hours" in line}, "core-hours"
    if not costs:  # a run from before they were counted
        costs, unit = {line["iteration"]: line["minutes"] / 60 for line in lines if "minutes" in line}, "hours"
    head, elo, references = f"{run.about['agent']}/", [], {}
    for player in ratings.players if ratings else ():
        if player.elo is None:
            continue
        if not player.name.startswith(head):
            references[player.name] = player.elo
        elif (number := int(player.name.removeprefix(head))) in costs:
            elo.append(Point(costs[number], player.elo, player.low, player.high))
    names = {"mistakes_network": "the network alone", "mistakes": f"{SIMULATIONS} simulations"}
    mistakes = {}
    for key, name in names.items():
        graded = {line["iteration"]: line[key] for line in lines if key in line and line["iteration"] in costs}
        if graded:
            mistakes[name] = [Point(costs[number], rate) for number, rate in sorted(graded.items())]
    if not elo and not mistakes:
        raise ArenaError(f"nothing to plot: no checkpoint of {run.path} was graded or rated yet (arena ladder)")
    last = next((line for line in reversed(lines) if "games" in line), {"games": 0, "positions": 0})
    cost = f"{max(costs.values()):.3g} {unit}" if unit == "core-hours" else f"{60 * max(costs.values()):.3g} minutes"
    facts = f"{last['games']:,} games, {last['positions']:,} positions, {cost}"
    return Curves(f"{run.about['agent']} learns {run.about['game']}", facts, unit, sorted(elo), references, mistakes)


def plot(run: Run) -> Path:
    """Write the curves of a run into its folder, whole or not at all; where. Raises ArenaError."""
    path, results = run.path / "curves.svg", []
    if (run.path / "ladder.db").exists():
        with Store.open(run.path / "ladder.db") as store:
            results = store.results(run.about["game"])
    picture = svg(curves_of(run, fit(results) if results else None))
    try:
        replace_file(path, picture)
    except OSError as error:
        raise ArenaError(f"cannot write {path}: {error.strerror}")
    return path


def svg(curves: Curves) -> str:
    """The curves as a picture: a panel for Elo and one for mistakes, as far as there are any."""
    parts, y = [], TOP
    across = Axis(0, curves.end, LEFT, WIDTH - RIGHT, 8, exact=True)
    if curves.elo:
        parts += _elo_panel(curves, across, y)
        y += ELO_HEIGHT + GAP
    if curves.mistakes:
        parts += _mistakes_panel(curves, across, y)
        y += MISTAKES_HEIGHT + GAP
    y -= GAP
    parts += [text(x, y + 20, words, DIM, "middle") for x, words in across.ticks()]
    parts += [text((across.begin + across.end) / 2, y + 42, curves.unit, INK, "middle")]
    head = [text(24, 34, curves.title, INK, size=18, weight=600), text(24, 55, curves.facts, DIM)]
    return page(WIDTH, y + BOTTOM, [*head, *parts])


def _elo_panel(curves: Curves, across: Axis, top: float) -> list[str]:
    ends = [end for p in curves.elo for end in (p.low, p.y, p.high) if end is not None]
    known = [*ends, *curves.references.values()]
    up = Axis(min(known), max(known), top + ELO_HEIGHT, top, 8)
    band = [(p.x, p.high) for p in curves.elo if p.high is not None]
    band += [(p.x, p.low) for p in reversed(curves.elo) if p.low is not None]
    parts = _frame(across, up, "Elo, with its 95% interval", "{:.0f}")
    for value in curves.references.values():
        y = up(value)
        parts.append(f'<path d="M{across.begin} {y:.1f}H{across.end}" stroke="{DIM}" stroke-dasharray="2 4"/>')
    parts.append(f'<polygon points="{_places(band, across, up)}" fill="{BLUE}" fill-opacity="0.14"/>')
    parts += _line(curves.elo, across, up, BLUE)
    last = curves.elo[-1]
    width = f" ± {last.high - last.y:.0f}" if last.high is not None else ""
    labels = [(up(last.y), f"{last.y:.0f}{width}", BLUE)]
    labels += [(up(value), name, DIM) for name, value in curves.references.items()]
    return parts + _labels(labels, across)


def _mistakes_panel(curves: Curves, across: Axis, top: float) -> list[str]:
    highest = max(p.y for points in curves.mistakes.values() for p in points)
    up = Axis(0, highest or 0.01, top + MISTAKES_HEIGHT, top, 5)
    parts = _frame(across, up, "Mistakes against perfect play", "{:.3g}%", 100)
    labels = []
    for (name, points), colour in zip(curves.mistakes.items(), (ROSE, RED), strict=False):
        parts += _line(points, across, up, colour)
        labels.append((up(points[-1].y), f"{points[-1].y:.1%} {name}", colour))
    return parts + _labels(labels, across)


# -- the parts -----------------------------------------------------------------------------------------------------


class Axis:
    """Maps values from `low` to `high`, widened to round ones, to places from `begin` to `end`, in pixels."""

    def __init__(self, low: float, high: float, begin: float, end: float, ticks: int, exact: bool = False) -> None:
        """`ticks`: at most so many. `exact`: it ends at `high`, round or not."""
        rough = (high - low or 1.0) / ticks
        power = 10.0 ** math.floor(math.log10(rough))
        self.step: float = next(s * power for s in (1, 2, 5, 10) if s * power >= rough * 0.999)
        self.low, self.high = (self.step * whole for whole in _around(low / self.step, high / self.step))
        self.high = high if exact and high > low else self.high
        self.begin, self.end = begin, end

    def __call__(self, value: float) -> float:
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)

    def ticks(self, form: str = "{:.4g}", factor: float = 1) -> Iterable[tuple[float, str]]:
        """Places at round values, and what is written there: the value times `factor`."""
        for k in range(round(self.low / self.step), math.floor(self.high / self.step + 1e-9) + 1):
            yield self(k * self.step), form.format(k * self.step * factor)


def _around(low: float, high: float) -> tuple[int, int]:
    """The whole numbers around both, which differ."""
    below = math.floor(low + 1e-9)
    return below, max(math.ceil(high - 1e-9), below + 1)


def _frame(across: Axis, up: Axis, title: str, form: str, factor: float = 1) -> list[str]:
    parts = [text(24, up.end - 18, title, INK, weight=600)]
    for y, words in up.ticks(form, factor):
        parts.append(f'<path d="M{across.begin} {y:.1f}H{across.end}" stroke="{GRID}"/>')
        parts.append(text(across.begin - 10, y + 4, words, DIM, "end"))
    for x, _ in across.ticks():
        parts.append(f'<path d="M{x:.1f} {up.begin}V{up.end}" stroke="{GRID}"/>')
    return parts


def _line(points: Sequence[Point], across: Axis, up: Axis, colour: str) -> list[str]:
    places = _places([(p.x, p.y) for p in points], across, up)
    line = f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>'
    radius = 3 if len(points) <= 60 else 1.8
    dots = [f'<circle cx="{across(p.x):.1f}" cy="{up(p.y):.1f}" r="{radius}" fill="{colour}"/>' for p in points]
    return [line, *dots]


def _labels(labels: Sequence[tuple[float, str, str]], across: Axis) -> list[str]:
    """Texts at the right, each as near to its height as the others let it."""
    parts, below = [], -math.inf
    for y, words, colour in sorted(labels):
        below = max(y, below + STEP)
        parts.append(text(across.end + 12, below + 4, words, colour))
    return parts


def _places(points: Iterable[tuple[float, float | None]], across: Callable, up: Callable) -> str:
    return " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
