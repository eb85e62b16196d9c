"""All keys, laid over the table."""

from __future__ import annotations

import pygame

from arena.ui import ink, theme
from arena.ui.actions import ACTIONS, KEYS, keys_of
from arena.ui.theme import Look
from arena.ui.view import View
from arena.ui.widgets import card

ROW = 27


def draw_help(target: pygame.Surface, view: View, u: Look) -> None:
    """What each key does, in two columns."""
    keys = view.style.keys or KEYS
    rows = -(-len(ACTIONS) // 2)
    width, height = target.get_size()
    row = min(u(ROW), (height - u(96 + 24)) // rows)
    box = pygame.Rect(0, 0, min(u(760), width - u(24)), u(96) + row * rows)
    box.center = width // 2, height // 2
    inner = card(target, box, u)
    ink.rounded(target, box, u(theme.RADIUS), u.color.hair, u(2))
    size, small = u(theme.SMALL), u(theme.TINY)
    ink.write(target, "Keys", inner.x, inner.y + u(12), u(theme.TITLE), u.color.ink, "bold")
    wide = inner.width // 2
    for i, (name, action) in enumerate(ACTIONS.items()):
        column, line = divmod(i, rows)
        x, y = inner.x + column * wide, inner.y + u(48) + row * line
        ink.write(target, keys_of(keys, name), x, y, size, u.color.accent, "bold", width=u(86))
        ink.write(target, action.help, x + u(92), y, size, u.color.ink, width=wide - u(100))
    text = "Any of them closes this. They are changed in settings.json in the data folder."
    ink.write(target, text, inner.x, inner.bottom - u(8), small, u.color.muted, width=inner.width)
