"""Draws charts: curves over minutes with a legend, intervals as a band, references as dashed lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pygame

from arena.curves import Axis, Point
from arena.following import Chart
from arena.ui import ink, theme
from arena.ui.theme import Look, Rgb, mix
from arena.ui.training.places import Box

Surface = pygame.Surface
FINE, LARGE = (4, 2), 400_000  # curves are drawn so many times as large and shrunk; those of so many pixels less so
NAMED = 84  # least height of a plot whose references are named
SEEN = 400  # points of a curve, at most: more would not be seen
DOTTED = 60  # up to so many points each has a dot
LEGEND = 19  # height of its lines


@dataclass(frozen=True)
class Plot:
    """Where a chart's curves run, and its axes."""

    box: Box
    across: Axis
    up: Axis
    heights: tuple[tuple[float, str], ...]  # places of the labels at the left
    minutes: tuple[tuple[float, str], ...]  # and below
    legend: tuple[tuple[int, int, str], ...]  # where each curve's name stands

    def nearest(self, points: Sequence[Point], x: float | None) -> Point:
        """The point of a curve below the mouse, by default the last."""
        if x is None:
            return points[-1]
        return min(points, key=lambda point: abs(self.across(point.x) - x))


def colors(chart: Chart, u: Look) -> list[Rgb]:
    """One a curve: the accent, then the colours of seats, which all palettes keep apart."""
    seats = [mix(u.seat(seat), u.color.ink, 0.15) for seat in (0, 2, 3)]
    return [u.color.accent, *seats, u.color.muted][: len(chart.curves)]


def value_text(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value:.1%}"
    text = f"{value:.0f}" if unit == "Elo" or abs(value) >= 100 else f"{value:.3g}"
    return text.replace("-", "−")


def point_text(point: Point, unit: str) -> str:
    """A value with half the width of its interval, or as a bound."""
    text = value_text(point.y, unit)
    if point.low is not None and point.high is not None:
        return f"{text} ± {(point.high - point.low) / 2:.0f}"
    return f"> {text}" if point.low is not None else f"< {text}" if point.high is not None else text


def layout(chart: Chart, box: Box, u: Look) -> Plot:
    """Where everything stands in a chart's box."""
    size = u(theme.TINY)
    legend, lines = _legend(chart, box, u)
    top, bottom = box.y + u(20) + lines * u(LEGEND) + u(8), box.bottom - u(18)
    up = _heights(chart, bottom, top, max(2, min((bottom - top) // u(36), 8)))
    form, factor = ("{:.3g}%", 100) if chart.unit == "%" else ("{:.0f}" if chart.unit == "Elo" else "{:.4g}", 1)
    heights = tuple((y, text.replace("-", "−")) for y, text in up.ticks(form, factor))
    left = box.x + max(ink.text_width(text, "regular", size) for _, text in heights) + u(8)
    end = max(point.x for points in chart.curves.values() for point in points)
    across = Axis(0.0, end, left, box.right - u(8), max(2, min((box.right - left) // u(76), 8)), exact=True)
    minutes = [(x, text) for x, text in across.ticks()]
    last, text = minutes[-1]
    minutes[-1] = (min(last, box.right - ink.text_width(f"{text} min", "regular", size) / 2), f"{text} min")
    plot = Box(left, top, box.right - u(8) - left, bottom - top)
    return Plot(plot, across, up, heights, tuple(minutes), legend)


def _heights(chart: Chart, bottom: int, top: int, ticks: int) -> Axis:
    values = list(chart.references.values())
    for points in chart.curves.values():
        values += [end for p in points for end in (p.low, p.y, p.high) if end is not None]
    low = 0.0 if chart.unit == "%" or chart.from_zero else min(values)
    return Axis(low, max(*values, low + 0.01), bottom, top, ticks)


def _legend(chart: Chart, box: Box, u: Look) -> tuple[tuple[tuple[int, int, str], ...], int]:
    """A place for each curve's name and value, in as many lines as they need; how many."""
    size, x, line, found = u(theme.TINY), 0, 0, list[tuple[int, int, str]]()
    for name, points in chart.curves.items():
        widest = max((point_text(point, chart.unit) for point in points), key=len)
        wide = u(14) + ink.text_width(f"{name}  ", "regular", size) + ink.text_width(f"{widest}0", "bold", size)
        if x and x + wide > box.width:
            x, line = 0, line + 1
        found.append((box.x + x, box.y + u(20) + line * u(LEGEND) + u(LEGEND) // 2, name))
        x += wide + u(10)
    return tuple(found), line + 1


# -- drawing -----------------------------------------------------------------------------------------------------------


def draw_chart(
    target: Surface, box: Box, chart: Chart, plot: Plot, picture: Surface, hover: tuple[int, int] | None, u: Look
) -> None:
    """A chart; its curves are a `picture` that was drawn before. `hover`: the mouse, if it is over the chart."""
    size = u(theme.TINY)
    target.blit(picture, plot.box.inflate(2 * u(6), 2 * u(6)))
    ink.write(target, chart.title, box.x, box.y + u(8), u(theme.SMALL), u.color.ink, "bold", width=box.width)
    for y, text in plot.heights:
        ink.write(target, text, plot.box.x - u(8), y, size, u.color.muted, align="right")
    for x, text in plot.minutes:
        ink.write(target, text, x, box.bottom - u(5), size, u.color.faint, align="center")
    mouse = hover[0] if hover is not None and plot.box.collidepoint(hover) else None
    for (left, y, name), color in zip(plot.legend, colors(chart, u), strict=False):
        point = plot.nearest(chart.curves[name], mouse)
        ink.disc(target, left + u(4), y, u(4), color)
        left += u(14)
        left += ink.write(target, f"{name}  ", left, y, size, u.color.muted, width=box.right - left)
        ink.write(target, point_text(point, chart.unit), left, y, size, u.color.ink, "bold", width=box.right - left)
        if mouse is not None:
            spot = plot.across(point.x), plot.up(point.y)
            ink.line(target, (spot[0], plot.box.y), (spot[0], plot.box.bottom), 1, u.color.hair)
            ink.disc(target, *spot, u(5), u.color.card)
            ink.disc(target, *spot, u(3.6), color)
    _name_references(target, chart, plot, u)


def _name_references(target: Surface, chart: Chart, plot: Plot, u: Look) -> None:
    """At the right, each on its line; one that has no room is left out."""
    size, taken = u(theme.TINY), -float("inf")
    if plot.box.height < u(NAMED):
        return
    for value, name in sorted(((value, name) for name, value in chart.references.items()), reverse=True):
        y = plot.up(value) - u(9)
        if y - taken >= u(14) and y > plot.box.y:
            taken = y
            width = plot.box.width - u(16)
            ink.write(target, name, plot.box.right - u(4), y, size, u.color.faint, align="right", width=width)


def picture_of(chart: Chart, plot: Plot, u: Look) -> Surface:
    """The curves with what lies behind them, a little larger than the plot, since dots reach over its edge."""
    edge, box, color = u(6), plot.box, u.color
    times = FINE[box.width * box.height > LARGE]
    fine = Surface((times * (box.width + 2 * edge), times * (box.height + 2 * edge)))
    fine.fill(color.card)

    def place(x: float, y: float) -> tuple[float, float]:
        return times * (plot.across(x) - box.x + edge), times * (plot.up(y) - box.y + edge)

    def level(y: float) -> float:
        return times * (y - box.y + edge)

    left, right = times * edge, times * (edge + box.width)
    for y, _ in plot.heights:
        fine.fill(color.hair, (left, round(level(y)) - times // 2, right - left, times))
    for value in chart.references.values():
        for x in range(left, right, times * u(8)):
            fine.fill(color.faint, (x, round(level(plot.up(value))) - times // 2, times * u(3), times))
    for points, tone in zip(chart.curves.values(), colors(chart, u), strict=False):
        _draw_curve(fine, points, place, tone, lambda size: times * u(size), u.color.card)
    return pygame.transform.smoothscale(fine, (box.width + 2 * edge, box.height + 2 * edge))


def _draw_curve(
    fine: Surface,
    points: Sequence[Point],
    place: Callable[[float, float], tuple[float, float]],
    tone: Rgb,
    u: Callable[[float], float],
    ground: Rgb,
) -> None:
    every = -(-len(points) // SEEN)
    shown = [*points[:-1:every], points[-1]]
    whole = [p for p in shown if p.low is not None and p.high is not None]
    if len(whole) > 1:
        band = [place(p.x, p.high or 0.0) for p in whole] + [place(p.x, p.low or 0.0) for p in reversed(whole)]
        pygame.draw.polygon(fine, mix(ground, tone, 0.16), band)
    for p in shown if len(whole) == 1 else ():
        if p.low is not None and p.high is not None:
            _stroke(fine, place(p.x, p.low), place(p.x, p.high), u(4), mix(ground, tone, 0.3))
    for p in shown:
        if (p.low is None) is not (p.high is None):  # a bound: on its open side a little line
            x, y = place(p.x, p.y)
            _stroke(fine, (x, y), (x, y + u(12) * (1 if p.low is None else -1)), u(1.5), tone)
    spots = [place(p.x, p.y) for p in shown]
    for start, end in pairwise(spots):
        _stroke(fine, start, end, u(2), tone)
    for p, spot in zip(shown, spots, strict=True):
        if len(shown) <= DOTTED or p is shown[-1]:
            pygame.draw.circle(fine, tone, spot, u(3 if p is not shown[-1] else 4))
            if (p.low is None) is not (p.high is None):
                pygame.draw.circle(fine, ground, spot, u(1.6))


def _stroke(fine: Surface, start: tuple[float, float], end: tuple[float, float], width: float, tone: Rgb) -> None:
    """A line with round ends."""
    (x1, y1), (x2, y2), half = start, end, width / 2
    across = pygame.Vector2(y1 - y2, x2 - x1)
    if across.length() > 0:
        across.scale_to_length(half)
        corners = [(x1 + across.x, y1 + across.y), (x2 + across.x, y2 + across.y)]
        corners += [(x2 - across.x, y2 - across.y), (x1 - across.x, y1 - across.y)]
        pygame.draw.polygon(fine, tone, corners)
    for spot in (start, end):
        pygame.draw.circle(fine, tone, spot, half)
