"""Draws how a tournament stands: ratings with their intervals, and who scored what against whom."""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from arena.ratings import Rating
from arena.ui import ink, theme
from arena.ui.theme import Look, mix
from arena.ui.tournament.places import CELL, LEAST_ROW, ROW, Box
from arena.ui.tournament.state import Tournament
from arena.ui.widgets import heading

Surface = pygame.Surface
CHART = 86  # width of the intervals as bars


def draw_standings(target: Surface, box: Box, state: Tournament, short: dict[str, str], u: Look) -> None:
    """A row a player: place, name, score, Elo with its 95% interval as a bar and in numbers."""
    players = state.players
    anchor = state.standings.anchor if state.standings is not None else ""
    rest = heading(target, box, u, "Standings", f"{short.get(anchor, anchor)} is 0" if anchor else "")
    small, rank = u(theme.TINY), u(24)
    texts = [_interval(player, anchor) for player in players]
    interval = max(ink.text_width(text, "regular", small) for text in [*texts, "95% interval"])
    elo = max(ink.text_width(text, "bold", u(theme.SMALL)) for text in ["Elo", *(_elo(player) for player in players)])
    right_elo = rest.right - interval - u(14)
    chart = Box(right_elo - elo - u(12) - u(CHART), rest.y, u(CHART), rest.height)
    charted = chart.x - rest.x - rank > u(110)
    name_right = chart.x - u(12) if charted else right_elo - elo - u(10)
    for right, text in ((rest.right, "95% interval"), (right_elo, "Elo")):
        ink.write(target, text, right, rest.y + u(4), small, u.color.faint, align="right")
    top = rest.y + u(16)
    row = max(u(LEAST_ROW), min(u(ROW), (rest.bottom - top) // max(1, len(players))))
    for place, player in enumerate(players[: (rest.bottom - top) // row]):
        middle = top + row * place + row // 2
        if place:
            ink.line(target, (rest.x, middle - row // 2), (rest.right, middle - row // 2), 1, u.color.hair)
        ink.write(target, str(place + 1), rest.x, middle, small, u.color.faint)
        _name(target, player, short, Box(rest.x + rank, middle, name_right - rest.x - rank, row), u)
        if charted:
            _whisker(target, player, players, Box(chart.x, middle, chart.width, 0), u)
        ink.write(target, _elo(player), right_elo, middle, u(theme.SMALL), u.color.ink, "bold", "right")
        ink.write(target, texts[place], rest.right, middle, small, u.color.muted, align="right")


def _name(target: Surface, player: Rating, short: dict[str, str], line: Box, u: Look) -> None:
    """A name, and below it the score where there is room; `line`: at its middle, as high as its row."""
    roomy = line.height >= u(36)
    lift = u(8) if roomy else 0
    name = short.get(player.name, player.name)
    ink.write(target, name, line.x, line.y - lift, u(theme.SMALL), u.color.ink, "bold", width=line.width)
    if roomy:
        games = f"{player.games:,} {'game' if player.games == 1 else 'games'}"
        score = f"{player.score:.0%} of {games}" if player.games else "no game yet"
        if ink.text_width(score, "regular", u(theme.TINY)) > line.width:
            score = score.partition(" game")[0]
        ink.write(target, score, line.x, line.y + lift, u(theme.TINY), u.color.muted, width=line.width)


def _elo(player: Rating) -> str:
    return str(player).replace("-", "−") if player.games else ""


def _interval(player: Rating, anchor: str) -> str:
    if player.name == anchor:
        return "anchor"
    if player.elo is None or player.low is None or player.high is None:
        return ""
    return f"{player.low:.0f} to {player.high:.0f}".replace("-", "−")


def _whisker(target: Surface, player: Rating, players: Sequence[Rating], line: Box, u: Look) -> None:
    """The interval as a bar and the estimate as a dot, on an axis all rows share; a bound as an arrow's shaft."""
    ends = [end for each in players for end in (each.low, each.elo, each.high) if end is not None]
    if not ends or player.bound == "?":
        return
    low, high = min(ends), max(max(ends), min(ends) + 1.0)

    def at(value: float) -> float:
        return line.x + u(4) + (value - low) / (high - low) * (line.width - u(8))

    left = line.x if player.low is None else at(player.low)
    right = line.right if player.high is None else at(player.high)
    ink.line(target, (left, line.y), (right, line.y), u(4), mix(u.color.accent, u.color.card, 0.6))
    if player.elo is not None:
        ink.disc(target, at(player.elo), line.y, u(4.5), u.color.accent)


# -- who against whom --------------------------------------------------------------------------------------------------


def draw_cross(
    target: Surface, box: Box, state: Tournament, short: dict[str, str], u: Look, large: bool = False
) -> None:
    """Row against column: the share of points, and where there is room the points and the games. Where there is none
    for names, rows have the numbers of the standings alone."""
    players, small = state.players, u(theme.TINY)
    pairs = (state.standings.pairs if state.standings is not None else None) or {}
    bare = box.width < u(70) + u(36) * len(players)
    labels = [str(row) if bare else f"{row}  {short.get(player.name, player.name)}"
              for row, player in enumerate(players, 1)]  # fmt: skip
    wanted = max(ink.text_width(label, "regular", small) for label in labels) + u(12)
    least = u(21 if bare else 36)
    names = wanted if bare else max(u(70), min(wanted, u(190), box.width - least * len(players)))
    width = min(u(96) if large else u(52), max(least, (box.width - names) // max(1, len(players))))
    columns = min((box.width - names) // width, len(players))
    title = "Cross-table" if columns == len(players) else f"Cross-table, first {columns}"
    rest = heading(target, box, u, title, f"{'%' if bare else 'points'} of row against column")
    height = max(u(CELL), min(u(52), rest.height // (len(players) + 1)) if large else 0)
    rows = rest.height // height - 1
    for column in range(columns):
        x = rest.x + names + column * width + width // 2
        ink.write(target, str(column + 1), x, rest.y + height // 2, small, u.color.faint, "bold", "center")
    for row, player in enumerate(players[: max(0, rows)]):
        y = rest.y + (row + 1) * height
        ink.write(target, labels[row], rest.x, y + height // 2, small, u.color.ink, width=names - u(8))
        for column, other in enumerate(players[:columns]):
            cell = Box(rest.x + names + column * width, y, width, height).inflate(-u(3), -u(3))
            if row == column:
                ink.rounded(target, cell, u(5), u.color.well)
            elif (met := pairs.get((player.name, other.name))) is not None and met[1]:
                _cell(target, cell, met, "{:.0f}" if bare else "{:.0f}%", u)


def _cell(target: Surface, cell: Box, met: tuple[float, int], form: str, u: Look) -> None:
    points, games = met
    share, size = points / games, u(theme.TINY)
    tint = mix(u.color.card, u.color.good if share >= 0.5 else u.color.bad, 0.4 * abs(share - 0.5))
    ink.rounded(target, cell, u(5), tint)
    scored = f"{int(points)}½".removeprefix("0") if points % 1 else str(int(points))
    whole = f"{scored} / {games}"
    whole = whole if ink.text_width(whole, "regular", size) <= cell.width else scored
    texts = [form.format(100 * share), whole][: 1 + (cell.height >= u(38))]
    for line, text in enumerate(texts):
        y = cell.centery + (line - (len(texts) - 1) / 2) * u(17)
        color = u.color.ink if line == 0 else u.color.muted
        ink.write(target, text, cell.centerx, y, size, color, "bold" if line == 0 else "regular", "center", cell.width)
