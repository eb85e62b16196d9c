"""What tests of the window share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame
import pytest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of the test's own, which is the current folder too, and a display that nobody sees."""
    monkeypatch.setenv("ARENA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    pygame.display.init()
    yield tmp_path
    pygame.display.quit()
