"""Draws a training run that is followed. Reads its state, changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from arena.following import Chart
from arena.ui import ink, theme
from arena.ui.paint import Frame, paint
from arena.ui.screen import result
from arena.ui.theme import Look
from arena.ui.training.charts import Plot, draw_chart, layout
from arena.ui.training.places import LINE, Box, Places
from arena.ui.training.state import Training
from arena.ui.widgets import Said, bar, card, heading, headline, keycaps, paragraph, told

Surface = pygame.Surface
Curves = Callable[[Chart, Plot, Look], Surface]


def legend(state: Training) -> list[tuple[str, str]]:
    """The keys that do something now, and what."""
    keys = [("← →", "next chart" if state.chart is not None else "enlarge a chart")] if state.charts else []
    keys += [("Esc", "all charts")] if state.chart is not None else []
    keys += [("Enter", "watch it"), ("P", "play against it")] if state.playing is not None else []
    return [*keys, ("T", "colours"), ("Q", "leave")]


def draw_training(target: Surface, places: Places, state: Training, curves: Curves, now: float) -> None:
    """The whole window; `curves` gives the picture of a chart's curves, drawn before or now."""
    u = places.look
    target.fill(u.color.background)
    card(target, places.main, u)
    _draw_header(target, places, state)
    hovered = places.at(state.hover)
    for chart in state.charts:
        if (box := places.charts.get(chart.title)) is not None:
            plot = layout(chart, box, u)
            hover = state.hover if hovered == chart.title else None
            draw_chart(target, box, chart, plot, curves(chart, plot, u), hover, u)
    if not places.charts and not state.error:
        paragraph(target, places.field, "Curves appear with the first iteration", u.color.faint, u)
    card(target, places.table, u)
    _draw_board(target, places, state, now)
    if places.figures.height:
        _draw_figures(target, card(target, places.figures, u), state, u)
    keycaps(target, places.footer, legend(state), u)


def _draw_header(target: Surface, places: Places, state: Training) -> None:
    u, box, progress = places.look, places.header, state.progress
    title = progress.title if progress is not None else "Training"
    facts = [f"{progress.facts}{ink.DOT}{state.folder}" if progress is not None else state.folder]
    if state.error:
        facts = told(state.error, box.width, u)
    headline(target, box, title, facts, _status(state, u), u)
    bar(target, places.progress, progress.share if progress is not None else 0.0, u.color.accent, u)


def _status(state: Training, u: Look) -> Said:
    if state.error:
        return Said("Stopped", u.color.bad, u.color.bad_soft)
    if state.progress is None:
        return Said("Reading…", u.color.ink, u.color.well)
    if state.progress.share >= 1.0:
        return Said("Finished", u.color.on_accent, u.color.accent)
    return Said("At rest" if state.resting else "Learning", u.color.ink, u.color.well)


def _draw_board(target: Surface, places: Places, state: Training, now: float) -> None:
    """A game of the latest checkpoint against itself."""
    u, view, box = places.look, state.view, places.table.inflate(-2 * places.look(theme.PADDING), 0)
    top = places.table.y + u(theme.PADDING)
    title = "Self-play" if state.playing is None else f"Self-play of checkpoint {state.playing}"
    ink.write(target, title, box.x, top + u(8), u(theme.SMALL), u.color.ink, "bold", width=box.width)
    ink.write(target, _said(state), box.x, top + u(28), u(theme.TINY), u.color.muted, width=box.width)
    if not view.scenes or view.error:
        ink.rounded(target, places.board, u(theme.RADIUS), u.color.well)
        paragraph(target, places.board.inflate(-u(48), -u(24)), view.error, u.color.ink, u)
        return
    frame, clip = Frame.fitting(state.extent, places.board), target.get_clip()
    target.set_clip(places.board)
    ink.rounded(target, frame.rect, u(4), u.color.mat)
    paint(target, view.motion.at(now), frame, u.color)
    target.set_clip(clip)


def _said(state: Training) -> str:
    """How the game at the board stands."""
    view = state.view
    if view.error:
        return "it cannot play here"
    if state.playing is None:
        return "begins with the first checkpoint"
    if not view.scenes or view.scene is None:
        return "the network takes its seats…"
    if view.record is not None:
        record = view.record
        best = [seat for seat, points in enumerate(record.points) if points == max(record.points)]
        names = view.hello.seat_names if view.hello is not None else ()
        if len(best) == 1 and len(record.points) > 1 and record.forfeit is None:
            who = names[best[0]] if best[0] < len(names) else f"seat {best[0] + 1}"
            return f"{who} wins  ·  {record.reason}" if record.reason else f"{who} wins"
        return result(view)[0]
    return f"ply {view.scene.ply}" + (f"  ·  {view.scene.text}" if view.scene.text else "")


def _draw_figures(target: Surface, box: Box, state: Training, u: Look) -> None:
    rest = heading(target, box, u, "So far")
    assert state.progress is not None
    for row, (name, text) in enumerate(state.progress.figures[: rest.height // u(LINE)]):
        y = rest.y + row * u(LINE) + u(LINE) // 2
        wide = ink.write(target, text, rest.right, y, u(theme.SMALL), u.color.ink, "bold", "right")
        ink.write(target, name, rest.x, y, u(theme.SMALL), u.color.muted, width=rest.width - wide - u(12))
