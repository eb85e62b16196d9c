"""Draws a tournament that is watched. Reads its state, changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from arena.boards import Board
from arena.ui import ink, theme
from arena.ui.paint import Frame, paint
from arena.ui.theme import Look
from arena.ui.tournament.places import CAPTION, Box, Places
from arena.ui.tournament.state import Tournament, briefly
from arena.ui.tournament.tables import draw_cross, draw_standings
from arena.ui.widgets import Said, bar, card, chip, headline, keycaps, told

Surface = pygame.Surface
Thumbnail = Callable[[Board, tuple[int, int], Look], Surface]
POINTS = {0.0: "0", 0.5: "½", 1.0: "1"}


def legend(state: Tournament) -> list[tuple[str, str]]:
    """The keys that do something now, and what."""
    alone = state.chosen is not None or state.crossed
    keys = [("← →", "next board" if state.chosen is not None else "enlarge a board")]
    keys.append(("X", "boards" if state.crossed else "cross-table"))
    return [*keys, *([("Esc", "all boards")] if alone else []), ("T", "colours"), ("Q", "leave")]


def draw_tournament(
    target: Surface, places: Places, state: Tournament, thumbnail: Thumbnail, hover: int | None, now: float
) -> None:
    """The whole window; `thumbnail` gives a board's picture at a size, drawn before or now; the mouse is over the board
    of table `hover`."""
    u = places.look
    target.fill(u.color.background)
    card(target, places.main, u)
    _draw_header(target, places, state)
    short = briefly(state.agents)
    if state.crossed:
        draw_cross(target, places.field, state, short, u, large=True)
    elif state.board is not None:
        _draw_large(target, places, state, state.board, short, now)
    elif not state.tables:
        _draw_nothing(target, places, state)
    for table, box in places.tiles.items():
        _draw_tile(target, box, state.tables[table], short, thumbnail, table == hover, u)
    draw_standings(target, card(target, places.standings, u), state, short, u)
    if places.cross.height:
        draw_cross(target, card(target, places.cross, u), state, short, u)
    keycaps(target, places.footer, legend(state), u)


def _draw_header(target: Surface, places: Places, state: Tournament) -> None:
    u, box = places.look, places.header
    facts = told(state.error, box.width, u) if state.error else [_facts(state)]
    headline(target, box, state.title, facts, _status(state, u), u)
    bar(target, places.progress, state.played / max(1, state.total), u.color.accent, u)


def _status(state: Tournament, u: Look) -> Said:
    if state.error:
        return Said("Stopped", u.color.bad, u.color.bad_soft)
    if state.over:
        return Said("Finished", u.color.on_accent, u.color.accent)
    return Said("In play" if state.tables else "Taking seats…", u.color.ink, u.color.well)


def _facts(state: Tournament) -> str:
    """How far it is, and how fast."""
    facts = [f"{len(state.agents)} players", f"{state.played:,} of {state.total:,} games"]
    seconds = state.standings.seconds if state.standings is not None else 0.0
    fresh = state.played - state.stored
    if fresh and seconds > 1.0:
        a_minute = 60 * fresh / seconds
        facts.append(f"{a_minute:,.0f} a minute" if a_minute >= 10 else f"{a_minute:.1f} a minute")
    if state.stored:
        facts.append(f"{state.stored:,} from before")
    return ink.DOT.join(facts)


def _draw_nothing(target: Surface, places: Places, state: Tournament) -> None:
    u, box = places.look, places.field
    text = "All games were played before" if state.over else "" if state.error else "Boards appear as games begin"
    ink.write(target, text, *box.center, u(theme.BODY), u.color.faint, align="center", width=box.width)


# -- boards ------------------------------------------------------------------------------------------------------------


def _draw_tile(
    target: Surface, box: Box, board: Board, short: dict[str, str], thumbnail: Thumbnail, hovered: bool, u: Look
) -> None:
    height = box.height - 2 * u(CAPTION) - u(4)
    image = thumbnail(board, (box.width, height), u)
    place = image.get_rect(midbottom=(box.centerx, box.y + height))
    target.blit(image, place)
    if hovered:
        ink.rounded(target, place.inflate(u(6), u(6)), u(8), u.color.accent, u(3))
    for seat in range(len(board.agents)):
        middle = box.y + height + u(4) + u(CAPTION) * seat + u(CAPTION) // 2
        _caption(target, board, seat, Box(box.x, middle, box.width, 0), short, u, u(theme.TINY))


def _caption(target: Surface, board: Board, seat: int, line: Box, short: dict[str, str], u: Look, size: int) -> None:
    """A player: colour, name, and at the right what it got, or a mark while it is to move. `line`: at its middle."""
    middle, right = line.y, line.right
    chip(target, line.x + size * 0.5, middle, size * 0.42, seat, u)
    won = bool(board.points) and board.points[seat] == max(board.points)
    if board.points:
        text = POINTS.get(board.points[seat]) or f"{board.points[seat]:.2f}"
        right -= ink.write(target, text, right, middle, size, u.color.ink, "bold", "right") + u(6)
    elif seat in board.acting:
        ink.disc(target, right - u(4), middle, u(3), u.color.accent)
        right -= u(14)
    left = line.x + round(1.4 * size)
    color, face = (
        (u.color.muted, "regular") if board.points and not won else (u.color.ink, "bold" if won else "regular")
    )
    name = short.get(board.agents[seat], board.agents[seat])
    ink.write(target, name, left, middle, size, color, face, width=max(0, right - left))


def _draw_large(
    target: Surface, places: Places, state: Tournament, board: Board, short: dict[str, str], now: float
) -> None:
    """One board, who sits at it above, how it stands below."""
    u, field = places.look, places.field
    half = (field.width - u(24)) // 2
    for seat in range(len(board.agents)):
        line = Box(field.x + seat % 2 * (half + u(24)), field.y + u(10), half, 0)
        _caption(target, board, seat, line, short, u, u(theme.BODY))
    below = u(26)
    room = Box(field.x, field.y + u(30), field.width, field.height - u(30) - below)
    clip = target.get_clip()
    target.set_clip(room)
    frame = Frame.fitting(state.extent, room)
    ink.rounded(target, frame.rect, u(theme.RADIUS), u.color.mat)
    paint(target, state.motion.at(now), frame, u.color)
    target.set_clip(clip)
    how = "" if not board.points else f"  ·  {board.reason or 'over'}"
    text = f"Table {(state.chosen or 0) + 1}  ·  game {board.number + 1}  ·  ply {board.ply}{how}"
    middle = (field.centerx, field.bottom - u(8))
    ink.write(target, text, *middle, u(theme.SMALL), u.color.muted, align="center", width=field.width)
