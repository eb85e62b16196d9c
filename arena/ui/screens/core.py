"""What a screen is to the window: it keeps a state, lets time pass, draws it and answers events."""

from __future__ import annotations

from typing import Protocol

import pygame

from arena.ui.theme import Style


class Screen(Protocol):
    """One screen and its state. Screens lie on each other: one that is left uncovers the one below, and the window
    closes with the last."""

    style: Style  # handed on to the next screen, which may have changed it when this one is on again

    @property
    def open(self) -> bool:
        """Whether the user has not left it."""

    def tick(self, now: float) -> bool:
        """Let time pass and take in what is new; whether the picture has changed."""

    def draw(self, target: pygame.Surface, now: float) -> None:
        """Draw the state. Changes nothing but the size that events are understood by."""

    def handle(self, event: pygame.event.Event, now: float) -> Screen | None:
        """Change the state as an event asks; a screen to lay on this one, if it leads there."""

    def close(self) -> None:
        """Leave nothing behind: processes, files."""
