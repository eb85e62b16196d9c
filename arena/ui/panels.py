"""The right column, but for its graph: who plays, what they think, what was played."""

from __future__ import annotations

import pygame

from arena.ui import ink, theme
from arena.ui.controls import names_of
from arena.ui.layout import Layout, cells
from arena.ui.marks import ahead, badge
from arena.ui.names import called, seat_name, signed, split_name
from arena.ui.theme import Look
from arena.ui.verdicts import failure, lost
from arena.ui.view import View
from arena.ui.widgets import bar, card, chip, heading, paragraph

Surface = pygame.Surface


# -- players -----------------------------------------------------------------------------------------------------------


def draw_players(target: Surface, layout: Layout, view: View, now: float) -> None:
    u, box = layout.look, layout.players
    card(target, box, u)
    names = view.names
    scene = view.scene
    if not names or scene is None:
        return
    top, row = box.y + u(7), (box.height - u(14)) // len(names)
    for seat in range(len(names)):
        middle = top + row * seat + row // 2
        turn = seat in scene.acting and view.record is None and not view.tick
        if turn:
            place = pygame.Rect(box.x + u(7), middle - row // 2 + u(2), box.width - u(14), row - u(4))
            ink.rounded(target, place, u(9), u.color.accent_soft)
        chip(target, box.x + u(30), middle, u(11), seat, u)
        right = box.right - u(20)
        mark, strong = _mark(view, seat)
        size = u(theme.TITLE if strong else theme.SMALL)
        color = u.color.ink if strong else u.color.accent
        if mark:
            right -= ink.write(target, mark, right, middle, size, color, "bold", "right") + u(12)
        if clock := clock_of(view, seat, now):
            right -= ink.write(target, clock, right, middle, u(theme.BODY + 2), u.color.ink, "mono", "right") + u(12)
        if seat < len(scene.standing) and scene.standing[seat]:
            text = scene.standing[seat]
            right -= ink.write(target, text, right, middle, u(theme.SMALL), u.color.ink, "bold", "right") + u(12)
        _name(target, view, seat, box.x + u(54), middle, right, u)


def clock_of(view: View, seat: int, now: float) -> str:
    """What is left on a seat's clock at the ply shown; empty where there is none."""
    scene, hello = view.scene, view.hello
    if scene is None or hello is None or view.tick or hello.setup.clock is None or seat >= len(scene.spent):
        return ""
    made = sum(seat in each.movers for each in view.scenes[: view.index + 1])
    running = seat in scene.acting and view.newest and view.record is None and not view.paused and view.mode != "replay"
    left = hello.setup.clock[0] + made * hello.setup.clock[1] - scene.spent[seat] - (now - view.since) * running
    left = max(0.0, left)
    return f"{int(left // 60)}:{int(left % 60):02d}" if left >= 20 else f"{left:.1f}"


def _name(target: Surface, view: View, seat: int, left: int, middle: int, right: int, u: Look) -> None:
    name = view.names[seat]
    head, detail = split_name(name)
    elo = view.elos.get(name)
    facts = [seat_name(view, seat), "" if elo is None else f"Elo {signed(elo, '.0f')}", detail]
    detail = "  ·  ".join(fact for fact in facts if fact)
    lift = u(9) if detail else 0
    ink.write(target, head, left, middle - lift, u(theme.BODY + 1), u.color.ink, "bold", width=right - left)
    ink.write(target, detail, left, middle + lift + u(1), u(theme.SMALL - 0.5), u.color.muted, width=right - left)


def _mark(view: View, seat: int) -> tuple[str, bool]:
    """What stands at the right of a player: a result or score (strong), or whose turn it is."""
    scene, record = view.scene, view.record
    assert scene is not None
    assert view.hello is not None
    if record is not None and view.newest and view.hello.seats > 1:
        points = record.points[seat]
        return ({0.0: "0", 0.5: "½", 1.0: "1"}.get(points) or f"{points:.2f}"), True
    if view.tick or view.hello.seats == 1 or not view.hello.zero_sum:
        value = scene.returns[seat]
        return signed(value, "+g" if view.hello.zero_sum and value else "g"), True
    if seat not in scene.acting:
        return "", False
    return ("to move" if seat in view.people or not view.newest or view.mode == "replay" else "thinking"), False


# -- thoughts ----------------------------------------------------------------------------------------------------------


def draw_thinking(target: Surface, layout: Layout, view: View, now: float) -> None:
    u = layout.look
    box = card(target, layout.thinking, u)
    insight = view.insight
    if (failed := failure(view)) is not None:
        rest = heading(target, box, u, f"{called(view, failed[0])} forfeits")
        paragraph(target, rest, failed[1], u.color.ink, u)
        return
    if view.tick:
        _draw_thinkers(target, box, view, u)
        return
    if insight is None:
        rest = heading(target, box, u, "Thinking")
        paragraph(target, rest, "Thoughts appear as an agent tells them", u.color.faint, u)
        return
    live = insight is view.thinking
    who = called(view, insight.seat)
    title = "Hint" if insight.hint else f"{who} {'considers' if live else 'considered'}"
    title = f"Analysis: {who} to move" if view.analysing else title
    rest = heading(target, box, u, title, _speed(insight.simulations, insight.seconds, insight.depth))
    if view.mode == "play" and not view.hints:
        paragraph(target, rest, "Hidden while you play  ·  H shows them", u.color.faint, u)
        return
    line_height = u(44)
    rows = pygame.Rect(rest.x, rest.y + u(2), rest.width, rest.height - line_height)
    _candidates(target, rows, view, u)
    if insight.line or insight.note:
        shown = ahead(view, now)
        _line_of_play(target, pygame.Rect(rest.x, rows.bottom, rest.width, line_height), view, u, shown)


def _draw_thinkers(target: Surface, box: pygame.Rect, view: View, u: Look) -> None:
    """A real-time game: a line for each who thinks, since there is no time to read more."""
    rest = heading(target, box, u, "Thinking")
    scene = view.scene
    if scene is None or not scene.insights:
        paragraph(target, rest, "Nobody tells a thought", u.color.faint, u)
        return
    for i, insight in enumerate(scene.insights):
        y = rest.y + u(13 + 25 * i)
        chip(target, rest.x + u(9), y, u(7), insight.seat, u)
        expects = "" if insight.value is None else f"expects {signed(insight.value, '+.2f')}"
        width = ink.write(target, expects, rest.x + u(26), y, u(theme.SMALL), u.color.ink)
        text = _speed(insight.simulations, insight.seconds, insight.depth)
        text = ink.fitting(text, "regular", u(theme.SMALL), rest.width - width - u(40))
        ink.write(target, text, rest.right, y, u(theme.SMALL), u.color.muted, align="right")


def _speed(simulations: int, seconds: float, depth: int) -> str:
    parts = []
    if simulations:
        parts.append(f"{counted(simulations)} sims")
        if seconds > 0.001:
            parts.append(f"{_short(simulations / seconds)}/s")
    if depth:
        parts.append(f"depth {depth}")
    return ink.DOT.join(parts)


def counted(number: int) -> str:
    """A count in full as long as there is room for it."""
    return f"{number:,}" if number < 1_000_000 else _short(number)


def _short(number: float) -> str:
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.0f}"


def _candidates(target: Surface, box: pygame.Rect, view: View, u: Look) -> None:
    """A row a move: its name, its share as a bar, visits, Q."""
    insight = view.insight
    assert insight is not None
    size, row = u(theme.SMALL), u(21)
    shown = insight.candidates[: max(0, (box.height - u(16)) // row)]
    if not shown:
        return
    name_width = min(u(110), max(ink.text_width(c.text, "bold", size) for c in shown) + u(14))
    columns = [("true", u(38))] * view.solver + [("Q", u(52))]
    columns += [("prior", u(46))] * (view.prior and shown[0].prior is not None)
    columns += [("visits", u(62))] * (view.visits and shown[0].visits is not None)
    rights = dict(zip((name for name, _ in columns), _edges(box.right, columns), strict=True))
    right_share = box.right - sum(width for _, width in columns)
    head = box.y + u(6)
    for text, right in (*rights.items(), ("share", right_share)):
        ink.write(target, text, right, head, u(theme.TINY), u.color.faint, align="right")
    ink.write(target, "move", box.x, head, u(theme.TINY), u.color.faint)
    color = theme.mix(u.seat(insight.seat), u.color.card, 0.1)
    truths = view.truths.get(insight.ply)
    worth = {choice.action: worth for choice, worth in truths.moves} if truths is not None and view.solver else {}
    for i, candidate in enumerate(shown):
        y = box.y + u(17) + row * i + row // 2
        ink.write(target, candidate.text, box.x, y, size, u.color.ink, "bold", width=name_width - u(6))
        room = pygame.Rect(box.x + name_width, y - u(5), right_share - u(46) - box.x - name_width, u(10))
        if room.width > u(12):
            bar(target, room, candidate.share, color, u)
        ink.write(target, f"{100 * candidate.share:.0f}%", right_share, y, size, u.color.ink, align="right")
        texts = {
            "Q": "" if candidate.q is None else signed(candidate.q, "+.2f"),
            "prior": "" if candidate.prior is None else f"{100 * candidate.prior:.0f}%",
            "visits": "" if candidate.visits is None else counted(candidate.visits),
        }
        for name, right in rights.items():
            ink.write(target, texts.get(name, ""), right, y, size, u.color.muted, align="right")
        if candidate.action in worth:
            badge(target, box.right - u(12), y, worth[candidate.action], u)


def _edges(right: int, columns: list[tuple[str, int]]) -> list[int]:
    """The right edges of columns, from the right."""
    return [right - sum(width for _, width in columns[:i]) for i in range(len(columns))]


def _line_of_play(target: Surface, box: pygame.Rect, view: View, u: Look, shown: int | None) -> None:
    """The principal variation, each ply after a dot of who makes it (as far as turns alternate); the ply `shown` on the
    board stands out."""
    insight, hello = view.insight, view.hello
    assert insight is not None
    assert hello is not None
    ink.line(target, (box.x, box.y + u(8)), (box.right, box.y + u(8)), 1, u.color.hair)
    size, y = u(theme.SMALL), box.y + u(30)
    x = box.x + ink.write(target, "Line", box.x, y, u(theme.TINY), u.color.faint) + u(12)
    if not insight.line:
        ink.write(target, insight.note, x, y, size, u.color.muted, width=box.right - x)
    for i, text in enumerate(insight.line):
        width = ink.text_width(text, "regular", size) + u(14)
        if x + width > box.right:
            break
        ink.disc(target, x + u(4), y, u(4), u.seat((insight.seat + i) % hello.seats))
        ink.write(target, text, x + u(12), y, size, u.color.accent if i == shown else u.color.ink)
        x += width + u(10)


# -- moves -------------------------------------------------------------------------------------------------------------


def draw_moves(target: Surface, layout: Layout, view: View) -> None:
    u, box = layout.look, layout.moves
    inner = card(target, box, u)
    if view.tick:
        _draw_controls(target, inner, view, u)
        return
    played = max(0, len(view.scenes) - 1)
    place = f"ply {view.index} of {played}" if not view.newest else f"{played} {'ply' if played == 1 else 'plies'}"
    heading(target, inner, u, "Moves", place)
    size = u(theme.SMALL)
    for rect, ply in cells(layout, view):
        scene = view.scenes[ply]
        if ply == view.index:
            ink.rounded(target, rect, u(7), u.color.accent_soft)
        if ply % 2 == 1:
            ink.write(target, f"{ply // 2 + 1}.", rect.x - u(8), rect.centery, size, u.color.faint, align="right")
        mover = scene.movers[0] if scene.movers else 0
        ink.disc(target, rect.x + u(13), rect.centery, u(4.5), u.seat(view.tinted(mover)))
        face, color = ("bold", u.color.accent) if ply == view.index else ("regular", u.color.ink)
        room = rect.width - u(32)
        if wrong := lost(view, ply):
            color = u.color.bad
            room -= ink.write(target, wrong, rect.right - u(6), rect.centery, size, color, "bold", "right") + u(6)
        ink.write(target, scene.text, rect.x + u(26), rect.centery, size, color, face, width=room)


def _draw_controls(target: Surface, box: pygame.Rect, view: View, u: Look) -> None:
    """A real-time game: which keys play."""
    rest = heading(target, box, u, "Controls", f"{view.tick:g} plies a second" if view.tick else "")
    if not view.people:
        paragraph(target, rest, "Agents at play  ·  Space pauses, ← → look back", u.color.faint, u)
        return
    names = {"up": "↑", "down": "↓", "left": "←", "right": "→", "space": "Space"}
    row = min(u(32), rest.height // len(view.people))
    size = min(u(theme.BODY), row)
    for line, seat in enumerate(view.people):
        y = rest.y + row * line + row // 2
        keys = " ".join(names.get(name, name.upper()) for name in names_of(view, seat))
        chip(target, rest.x + u(9), y, min(u(8), row // 2), seat, u)
        room = rest.width - u(40) - ink.write(target, keys, rest.right, y, size, u.color.accent, "bold", "right")
        ink.write(target, called(view, seat), rest.x + u(28), y, size, u.color.ink, "bold", width=room)
