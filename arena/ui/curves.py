"""The graph: what each player expects, or what it has earned."""

from __future__ import annotations

import pygame

from arena.ui import theme
from arena.ui.layout import Layout
from arena.ui.names import signed
from arena.ui.verdicts import summary
from arena.ui.view import View
from arena.ui.widgets import card, graph, heading, plot_of, span_of

Surface = pygame.Surface
CURVE_POINTS = 120


def draw_graph(target: Surface, layout: Layout, view: View) -> None:
    u = layout.look
    box = card(target, layout.graph, u)
    hello = view.hello
    seats = range(hello.seats) if hello is not None else range(2)
    series = {seat: score(view, seat) if view.tick else expected(view, seat) for seat in seats}
    low, high, title, labels = _axis(view, series)
    rest = heading(target, box, u, title, _whose(view))
    lines = []
    for seat in seats:
        points = [(ply, (value - low) / (high - low)) for ply, value in series[seat]]
        other = series.get(1 - seat) if len(series) == 2 else None
        color = theme.mix(u.seat(seat), u.color.ink, 0.08)
        if not points and other and hello is not None and hello.zero_sum:
            points = [(ply, 1 - (value - low) / (high - low)) for ply, value in other]
            color = theme.mix(color, u.color.card, 0.55)
        lines.append((color, thinned(points)))
    last = _last(view, series)
    dots = [(j.ply + 1, ((j.insight.value or 0.0) - low) / (high - low)) for j in view.judged.values() if j.mistake]
    graph(target, rest, lines, labels, last, view.index, u, view.tick or 1.0, dots if view.analysing else ())


def _whose(view: View) -> str:
    if view.tick:
        return "over time, in seconds"
    return summary(view) if view.analysing else "each player's own view"


def _last(view: View, series: dict[int, list[tuple[int, float]]]) -> int:
    return max([len(view.scenes) - 1, *(points[-1][0] for points in series.values() if points)])


def ply_at(layout: Layout, view: View, point: tuple[int, int]) -> int | None:
    """The ply of the graph at a point of the window."""
    u, box = layout.look, layout.graph
    if not box.height or not box.collidepoint(point) or not view.scenes:
        return None
    seats = range(len(view.scenes[0].returns))
    series = {seat: score(view, seat) if view.tick else expected(view, seat) for seat in seats}
    inner = box.inflate(-2 * u(theme.PADDING), -2 * u(theme.PADDING))
    rest = pygame.Rect(inner.x, inner.y + u(26), inner.width, inner.height - u(26))
    plot = plot_of(rest, _axis(view, series)[3], u)
    share = (point[0] - plot.x) / max(1, plot.width)
    if not -0.02 <= share <= 1.02:
        return None
    return max(0, min(round(share * span_of(_last(view, series), view.tick or 1.0)), len(view.scenes) - 1))


def expected(view: View, seat: int) -> list[tuple[int, float]]:
    """What a seat expected for itself: (ply, return)."""
    if view.analysing:
        judged = (view.judged[key] for key in sorted(view.judged) if key[1] == seat)
        return [(each.ply + 1, each.insight.value) for each in judged if each.insight.value is not None]
    found = [(s.ply, s.values[seat]) for s in view.scenes if seat < len(s.values) and s.values[seat] is not None]
    live = view.thinking
    if live is not None and live.seat == seat and live.value is not None and not live.hint:
        found.append((live.ply + 1, live.value))
    return found  # type: ignore[return-value]


def score(view: View, seat: int) -> list[tuple[int, float]]:
    """What a seat has earned: (ply, return), at the corners of the curve."""
    found: list[tuple[int, float]] = []
    for before, scene in zip([None, *view.scenes], view.scenes, strict=False):
        if before is None or before.returns[seat] != scene.returns[seat] or scene is view.scenes[-1]:
            if before is not None:
                found.append((before.ply, before.returns[seat]))
            found.append((scene.ply, scene.returns[seat]))
    return found


def thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most CURVE_POINTS of them, the last among them: more would not be seen."""
    every = -(-len(points) // CURVE_POINTS)
    return points if every <= 1 else [*points[:-1:every], points[-1]]


def _axis(view: View, series: dict[int, list[tuple[int, float]]]) -> tuple[float, float, str, list[tuple[float, str]]]:
    """Least and greatest value, what the axis means, its labels."""
    bounds = view.hello.bounds if view.hello is not None else (-1.0, 1.0)
    bounds = None if view.tick else bounds
    if bounds is not None and len(series) == 2 and (view.hello is None or view.hello.zero_sum):
        return bounds[0], bounds[1], "Win expectation", [(0.0, "0%"), (0.5, "50%"), (1.0, "100%")]
    values = [value for points in series.values() for _, value in points] or [-1.0, 1.0]
    low, high = (min(values), max(values)) if bounds is None else bounds
    if bounds is None and view.hello is not None and view.hello.zero_sum:
        low, high = -max(abs(low), abs(high), 0.01), max(abs(low), abs(high), 0.01)
    if view.tick:
        low, high = min(low, -1.0 if low < 0 else 0.0), max(high, 1.0)
    high = max(high, low + 0.01)
    texts = [(share, signed(low + share * (high - low), ".3g")) for share in (0.0, 0.5, 1.0)]
    return low, high, "Score" if view.tick else "Expected return", texts
