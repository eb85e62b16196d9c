"""Draws the lobby. Reads its state, changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from arena.messages import HUMAN
from arena.showcase import Picture
from arena.ui import ink, theme
from arena.ui.lobby.places import Box, Name, Places
from arena.ui.lobby.state import CLOCKS, LADDERS, Lobby, clock_text, title_of
from arena.ui.names import signed
from arena.ui.theme import Look
from arena.ui.widgets import card, chip, keycaps, notice

Surface = pygame.Surface
Thumbnail = Callable[[Picture, tuple[int, int], Look], Surface]
LEGEND = (
    ("Enter", "begin"), ("← ↑ → ↓", "choose a game"), ("O", "open a file"), ("S", "stored games"),
    ("T", "colours"), ("Q", "leave"),
)  # fmt: skip
TITLES = {"games": "Planning Arena", "stored": "Stored games", "files": "Open a file"}
DETAILS = {"games": "Choose a game", "stored": "A click shows it again", "files": "Games, runs, bots; or drop one"}


def draw_lobby(target: Surface, places: Places, lobby: Lobby, thumbnail: Thumbnail) -> None:
    """The whole window; `thumbnail` gives a game's picture at a size, drawn before or now."""
    u = places.look
    target.fill(u.color.background)
    card(target, places.left, u)
    card(target, places.right, u)
    _draw_left(target, places, lobby, thumbnail)
    _draw_choice(target, places, lobby)
    for seat, box in places.seats.items():
        _draw_seat(target, places, lobby, seat, box)
    for name, box in places.options:
        _draw_option(target, places, lobby, name, box)
    _draw_buttons(target, places, lobby)
    keycaps(target, places.footer, LEGEND, u)
    if text := lobby.remark or lobby.misfit():
        notice(target, places.footer, text, u, bad=not lobby.remark)


# -- the left side -----------------------------------------------------------------------------------------------------


def _draw_left(target: Surface, places: Places, lobby: Lobby, thumbnail: Thumbnail) -> None:
    u, inner = places.look, places.inner
    top = inner.y - u(theme.HEADER)
    room = inner.width - (u(100) if lobby.page != "games" else 0)
    ink.write(target, TITLES[lobby.page], inner.x, top + u(14), u(theme.TITLE), u.color.ink, "bold", width=room)
    ink.write(target, DETAILS[lobby.page], inner.x, top + u(38), u(theme.SMALL), u.color.muted, width=room)
    clip = target.get_clip()
    target.set_clip(inner.inflate(u(8), u(4)))
    for name, box in places.spots.items():
        if name[0] == "game":
            _draw_tile(target, places, lobby, name[1], box, thumbnail)
        elif name[0] == "row":
            _draw_row(target, places, lobby, name[1], box)
    target.set_clip(clip)
    if lobby.page != "games" and not lobby.rows:
        text = "No game is stored yet" if lobby.page == "stored" else "No game file and no run here"
        ink.write(target, text, *inner.center, u(theme.BODY), u.color.faint, align="center", width=inner.width)
    if ("back",) in places.spots:
        _button(target, places, lobby, ("back",), "Back")


def _draw_tile(target: Surface, places: Places, lobby: Lobby, number: int, box: Box, thumbnail: Thumbnail) -> None:
    u, game = places.look, lobby.games[number]
    on, hot = number == lobby.chosen, lobby.hover == ("game", number)
    ground = u.color.accent_soft if on else u.color.well if not hot else theme.mix(u.color.well, u.color.accent, 0.1)
    ink.rounded(target, box, u(10), ground)
    if on:
        ink.rounded(target, box, u(10), u.color.accent, u(2.5))
    place = Box(box.x + u(10), box.y + u(10), box.width - u(20), box.height - u(42))
    picture = lobby.pictures.get(game)
    if game in lobby.broken:
        ink.write(target, "not here", *place.center, u(theme.SMALL), u.color.faint, align="center", width=place.width)
    elif picture is None:
        ink.write(target, "…", *place.center, u(theme.TITLE), u.color.faint, align="center")
    else:
        image = thumbnail(picture, place.size, u)
        target.blit(image, image.get_rect(center=place.center))
    face, color = ("bold", u.color.accent) if on else ("regular", u.color.ink)
    size, y = u(theme.SMALL), box.bottom - u(17)
    if y + size // 2 < places.inner.bottom:  # else the tile goes on below what is in sight
        ink.write(target, title_of(lobby, game), box.centerx, y, size, color, face, "center", box.width - u(12))


def _draw_row(target: Surface, places: Places, lobby: Lobby, number: int, box: Box) -> None:
    u = places.look
    text, detail, _ = lobby.rows[number]
    if lobby.hover == ("row", number):
        ink.rounded(target, box, u(8), u.color.accent_soft)
    left, room = box.x + u(10), box.width - u(20)
    ink.write(target, text, left, box.y + u(14), u(theme.SMALL), u.color.ink, width=room)
    ink.write(target, detail, left, box.y + u(32), u(theme.TINY), u.color.muted, width=room)


# -- the right side ----------------------------------------------------------------------------------------------------


def _draw_choice(target: Surface, places: Places, lobby: Lobby) -> None:
    u, box = places.look, places.heading
    size = u(theme.TITLE)
    ink.write(target, lobby.title, box.x, box.y + u(14), size, u.color.ink, "bold", width=box.width)
    seats = len(lobby.seats)
    text = f"{seats} seats" if seats > 1 else "for one"
    if more := seats - len(places.seats):
        text += f"; the wheel shows {more} more"
    ink.write(target, text, box.x, box.y + u(39), u(theme.SMALL), u.color.muted, width=box.width)


def _draw_seat(target: Surface, places: Places, lobby: Lobby, number: int, box: Box) -> None:
    u, seat = places.look, lobby.seats[number]
    chip(target, box.x + u(11), box.y + u(21), u(10), number, u)
    field = Box(box.x + u(64), box.y + u(5), box.width - u(98), u(32))
    ink.rounded(target, field, u(8), u.color.well)
    elo = lobby.elo(seat)
    known = "" if elo is None else f"Elo {signed(elo, '.0f')}"
    wide = ink.write(target, known, field.right - u(10), field.centery, u(theme.SMALL), u.color.muted, align="right")
    room = field.width - wide - u(28)
    ink.write(target, seat.title, field.x + u(10), field.centery, u(theme.BODY), u.color.ink, "bold", width=room)
    for by, arrow in ((-1, "‹"), (1, "›")):
        _button(target, places, lobby, ("player", number, by), arrow)
    if seat.units:
        _button(target, places, lobby, ("unit", number), seat.unit, small=True)
        _draw_slider(target, places, lobby, number, box)


def _draw_slider(target: Surface, places: Places, lobby: Lobby, number: int, box: Box) -> None:
    u, seat = places.look, lobby.seats[number]
    place = places.spots["slider", number]
    ladder = LADDERS[seat.unit]
    share = seat.place / (len(ladder) - 1)
    track = Box(place.x, place.centery - u(3), place.width, u(6))
    ink.rounded(target, track, u(3), u.color.hair)
    x = place.x + round(share * place.width)
    ink.rounded(target, Box(track.x, track.y, max(u(6), x - track.x), track.height), u(3), u.color.accent)
    ink.disc(target, x, place.centery, u(9), u.color.accent)
    ink.disc(target, x, place.centery, u(6), u.color.card)
    value = ladder[seat.place]
    text = f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)
    ink.write(target, text, box.right, place.centery, u(theme.SMALL), u.color.ink, "bold", "right", u(64))


def _draw_option(target: Surface, places: Places, lobby: Lobby, name: str, box: Box) -> None:
    u = places.look
    label = "Random plies first" if name == "opening" else "Clock"
    text = (str(lobby.opening) if lobby.opening else "none") if name == "opening" else clock_text(CLOCKS[lobby.clock])
    ink.write(target, label, box.x, box.centery, u(theme.BODY), u.color.ink, width=box.width - u(178))
    middle = (places.spots[name, -1].right + places.spots[name, 1].left) // 2
    ink.write(target, text, middle, box.centery, u(theme.SMALL), u.color.ink, "bold", "center", u(100))
    for by, sign in ((-1, "−"), (1, "+")):
        _button(target, places, lobby, (name, by), sign)


def _draw_buttons(target: Surface, places: Places, lobby: Lobby) -> None:
    play = any(seat.player == HUMAN for seat in lobby.seats)
    _button(target, places, lobby, ("start",), "Play" if play else "Watch", strong=not lobby.misfit())
    if lobby.unfinished is not None:
        kept = lobby.unfinished
        text = f"Continue {title_of(lobby, kept.game)}, ply {len(kept.plays)}"
        _button(target, places, lobby, ("continue",), text)
    _button(target, places, lobby, ("files",), "Open a file…")
    _button(target, places, lobby, ("stored",), "Replay a game…")


def _button(
    target: Surface, places: Places, lobby: Lobby, name: Name, text: str, strong: bool = False, small: bool = False
) -> None:
    u, box, hot = places.look, places.spots[name], lobby.hover == name
    back, color = (u.color.accent, u.color.on_accent) if strong else (u.color.accent_soft, u.color.accent)
    ink.rounded(target, box, u(8), theme.mix(back, u.color.ink, 0.12) if hot else back)
    size = u(theme.SMALL if small else theme.BODY + (2 if strong else 0))
    ink.write(target, text, box.centerx, box.centery, size, color, "bold", "center", box.width - u(8))
