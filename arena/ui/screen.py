"""Draws a view. Reads it, changes nothing."""

from __future__ import annotations

import pygame

from arena.ui import ink, theme
from arena.ui.actions import label
from arena.ui.board import draw_board
from arena.ui.curves import draw_graph
from arena.ui.dreams import draw_dreams
from arena.ui.help import draw_help
from arena.ui.layout import Layout, arrange
from arena.ui.names import called
from arena.ui.panels import draw_moves, draw_players, draw_thinking
from arena.ui.theme import Rgb
from arena.ui.verdicts import verdict
from arena.ui.view import SILENCE, View
from arena.ui.widgets import Said, card, headline, tool

Surface = pygame.Surface


def draw(target: Surface, view: View, now: float) -> Layout:
    """The whole window; where things stand, for the mouse."""
    layout = arrange(target.get_size(), view)
    u = layout.look
    target.fill(u.color.background)
    card(target, layout.table, layout.look)
    _draw_header(target, layout, view)
    if view.error:
        _draw_error(target, layout, view)
    elif view.scenes:
        draw_board(target, layout, view, now)
    if layout.dreams.height:
        draw_dreams(target, layout, view)
    if layout.players.height:
        draw_players(target, layout, view, now)
    if layout.graph.height:
        draw_graph(target, layout, view)
    if layout.thinking.height:
        draw_thinking(target, layout, view, now)
    if layout.moves.height:
        draw_moves(target, layout, view)
    for rect, name in layout.tools:
        tool(target, rect, *label(view, name), u)
    if view.help:
        draw_help(target, view, u)
    return layout


# -- header ------------------------------------------------------------------------------------------------------------


def _draw_header(target: Surface, layout: Layout, view: View) -> None:
    u = layout.look
    title, facts = "Planning Arena", ""
    text, tone, seat = status(view)
    colors: dict[str, tuple[Rgb, Rgb]] = {
        "calm": (u.color.ink, u.color.well),
        "act": (u.color.accent, u.color.accent_soft),
        "end": (u.color.on_accent, u.color.accent),
        "bad": (u.color.bad, u.color.bad_soft),
    }
    if view.hello is not None:
        setup, title = view.hello.setup, view.hello.title
        pace = f"{view.rate:g}×" if view.tick else f"{view.delay:g} s a move"
        facts = f"game {setup.number + 1}{ink.DOT}seed {setup.seed}{ink.DOT}{pace}"
    dot = None if seat is None else u.seat(seat)
    headline(target, layout.header, title, [facts], Said(text, *colors[tone], dot), u)


def status(view: View) -> tuple[str, str, int | None]:
    """What goes on, in a few words: text, tone, whom it is about."""
    scene = view.scene
    if view.toast:
        return view.toast, "act", None
    if view.error:
        return "Stopped", "bad", None
    if view.hello is None or scene is None:
        waits = view.silence > SILENCE
        return ("The game takes long to load" if waits else "Setting the table…"), "calm", None
    if (said := verdict(view)) is not None:
        return said
    if view.record is not None and view.newest:
        return result(view)
    if not view.newest:
        return f"Looking at ply {scene.ply} of {len(view.scenes) - 1}", "act", None
    if view.silence > (SILENCE / 4 if view.tick else SILENCE) and not view.paused and view.asks is None:
        who = called(view, scene.acting[0]) if scene.acting else "The game"
        return f"No word from {who} for {view.silence:.0f} s", "bad", None
    if view.paused:
        return "Paused  ·  → makes one move", "act", None
    if view.asks is not None:
        return _request(view), "act", view.asks.seat
    if view.tick:
        return "In play", "calm", None
    if not scene.acting:
        return "The game is over", "calm", None
    seats = [seat for seat in scene.acting if seat < view.hello.seats]
    if not seats:
        return "Nature rolls", "calm", None
    return f"{called(view, seats[0])} thinks", "calm", seats[0]


def _request(view: View) -> str:
    assert view.asks is not None
    whose = "Your move" if len(view.people) == 1 else f"{called(view, view.asks.seat)} to move"
    return f"{whose}  ·  now where to?" if view.picked else whose


def result(view: View) -> tuple[str, str, int | None]:
    """How the game ended, in words."""
    record = view.record
    assert record is not None
    assert view.hello is not None
    if record.forfeit is not None:
        why = record.reason.removeprefix("forfeit: ")
        who = called(view, record.forfeit)
        return (f"{who} resigned" if why == "resigned" else f"{who} forfeits{ink.DOT}{why}"), "end", None
    why = f"  ·  {record.reason}" if record.reason else ""
    if view.hello.seats == 1:
        return f"Over: {record.returns[0]:g} points{why}", "end", None
    if not view.hello.zero_sum:
        why = f"  ·  {' to '.join(f'{value:g}' for value in record.returns)}{why}"
    best = max(record.points)
    winners = [seat for seat, points in enumerate(record.points) if points == best]
    if len(winners) > 1:
        return f"Draw{why}" if len(winners) == view.hello.seats else f"Shared first place{why}", "end", None
    return f"{called(view, winners[0])} wins{why}", "end", winners[0]


def _draw_error(target: Surface, layout: Layout, view: View) -> None:
    u, box = layout.look, layout.board.rect.clip(layout.table)
    size, width = u(theme.BODY), min(layout.header.width, u(560))
    room = (layout.table.bottom - layout.header.bottom - u(104 + 16)) // u(24)
    lines = ink.wrapped(view.error, "regular", size, width - u(48))[: max(1, min(room, 8))]
    place = pygame.Rect(0, 0, width, u(104) + u(24) * len(lines))
    place.center = (layout.table.centerx, box.centery)
    place.bottom = min(place.bottom, layout.table.bottom - u(8))
    ink.rounded(target, place, u(theme.RADIUS), u.color.bad_soft)
    left, y = place.x + u(24), place.y + u(34)
    ink.write(target, "This game cannot go on", left, y, u(theme.BODY + 3), u.color.bad, "bold", width=width - u(36))
    for i, text in enumerate(lines):
        ink.write(target, text, left, y + u(34) + i * u(24), size, u.color.ink, width=width - u(36))
    hint = "Q leaves" if view.mode == "replay" else "N starts a new game  ·  Q leaves"
    ink.write(target, hint, left, place.bottom - u(26), u(theme.SMALL), u.color.muted, width=width - u(36))
