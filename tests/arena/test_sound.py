"""Sounds: short, not too loud, and none where nobody can hear them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

import numpy as np
import pygame
import pytest

from arena.messages import HUMAN, Hello, Scene, Setup
from arena.record import Record
from arena.ui import sound
from arena.ui.ear import Ear
from arena.ui.view import View
from games.core.canvas import Disc

NAMES = list(sound._RECIPES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_is_short_and_begins_and_ends_in_silence(name: sound.Name) -> None:
    wave = sound.samples(name).astype(np.int64)
    assert wave.ndim == 2
    assert wave.shape[1] == 2
    assert 0.05 < len(wave) / sound.RATE < 1.5
    peak = np.abs(wave).max()
    assert 4_000 < peak <= 32767 * sound.LOUDEST
    assert np.abs(wave[-1]).max() == 0
    assert np.abs(wave[:2]).max() < 0.6 * peak
    assert np.abs(wave.mean()) < 0.02 * peak  # no thump of the loudspeaker


def test_sounds_differ() -> None:
    assert len({sound.samples(name).tobytes() for name in NAMES}) == len(NAMES)


def test_a_dummy_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    speaker = sound.Speaker()
    for driver in ("SDL_AUDIODRIVER", "SDL_VIDEODRIVER"):
        monkeypatch.setenv("SDL_AUDIODRIVER", "")
        monkeypatch.setenv("SDL_VIDEODRIVER", "")
        assert speaker.works
        monkeypatch.setenv(driver, "dummy")
        assert not speaker.works
    speaker.play("win")
    assert pygame.mixer.get_init() is None


@pytest.mark.parametrize("driver", ["disk", "nosuch", "alsa"])
def test_a_machine_with_or_without_a_device_goes_on(driver: str, tmp_path: Path) -> None:
    code = (
        "import time; from arena.ui.sound import SPEAKER\n"
        "SPEAKER.play('win'); SPEAKER._opening.join(20); SPEAKER.play('win'); time.sleep(0.3)\n"
        "print(sorted(SPEAKER._sounds))"
    )
    env = {
        **os.environ,
        "SDL_AUDIODRIVER": driver,
        "SDL_VIDEODRIVER": "x11",
        "SDL_DISKAUDIOFILE": f"{tmp_path}/sound.raw",
        "ALSA_CONFIG_PATH": os.devnull,  # ALSA finds no card, whatever the machine has
    }
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    if driver == "disk":
        assert ran.stdout.strip() == str(sorted(NAMES))
        assert any((tmp_path / "sound.raw").read_bytes())
    else:
        assert (ran.stdout.strip(), ran.stderr) == ("[]", "")


def scene(ply: int, *seats: int, returns: tuple[float, float] = (0.0, 0.0)) -> Scene:
    discs = tuple(Disc(i, 0, 1, f"seat{seat}", tag=f"piece {i}") for i, seat in enumerate(seats))  # type: ignore[arg-type]
    return Scene(ply, (discs,), (), (ply % 2,), returns)


def view(mode: str = "play", tick: float | None = None) -> View:
    seen = View(mode)  # type: ignore[arg-type]
    players = (HUMAN, "random") if mode == "play" else ("random", "random")
    seen.apply(Hello(Setup("x", players), "X", 2, ("", ""), (1.0, 1.0), tick, (), (-1.0, 1.0), True), 0.0)
    return seen


def test_moves_and_captures_sound_different() -> None:
    seen, ear = view(), Ear()
    seen.apply(scene(0, 0, 1), 0.0)
    assert ear.hear(seen) is None
    seen.apply(scene(1, 0, 1, 0), 0.0)
    assert ear.hear(seen) == "place"
    assert ear.hear(seen) is None
    seen.apply(scene(2, 1, 0), 0.0)
    assert ear.hear(seen) == "capture"
    seen.go_to(0)
    assert ear.hear(seen) is None  # looking back is silent


def test_in_real_time_points_are_heard() -> None:
    seen, ear = view(tick=10.0), Ear()
    for ply, returns, wanted in ((0, (0.0, 0.0), None), (1, (0.0, 0.0), None), (2, (1.0, -1.0), "score")):
        seen.apply(scene(ply, 0, returns=returns), 0.0)
        assert ear.hear(seen) == wanted


@pytest.mark.parametrize(
    ("mode", "points", "wanted"),
    [
        ("play", (1.0, 0.0), "win"),
        ("play", (0.0, 1.0), "lose"),
        ("play", (0.5, 0.5), "draw"),
        ("watch", (0.0, 1.0), "win"),
        ("replay", (0.0, 1.0), None),
    ],
)
def test_an_end_sounds_as_it_is_for_who_sits_here(mode: str, points: tuple[float, float], wanted: str | None) -> None:
    seen, ear = view(mode), Ear()
    seen.apply(scene(0, 0), 0.0)
    ear.hear(seen)
    seen.record = Record("x", ("a", "b"), 0, (), 0, points, points, "over")
    assert ear.hear(seen) == wanted
    assert ear.hear(seen) is None
