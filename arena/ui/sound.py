"""Sounds of the table, made of sines and noise: nothing is loaded. A machine that cannot play them is silent."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Literal

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
import numpy as np
import numpy.typing as npt
import pygame

Name = Literal["place", "capture", "score", "win", "draw", "lose", "illegal"]
Wave = npt.NDArray[np.float64]  # [samples] in -1..1
RATE = 44_100  # samples a second
LOUDEST = 0.5  # of what 16 bits hold


def _times(seconds: float) -> Wave:
    return np.arange(round(seconds * RATE)) / RATE


def _knock(pitch: float, seconds: float = 0.12, noise: float = 0.25) -> Wave:
    """Wood on wood: a few partials that are not in tune, and the grain of the touch."""
    t = _times(seconds)
    body = sum(np.sin(2 * np.pi * pitch * k * t) * np.exp(-t * d) / k for k, d in ((1.0, 55), (2.76, 110), (5.4, 190)))
    grain = np.random.default_rng(1).normal(size=len(t)) * np.exp(-t * 420)
    return np.asarray(body + noise * grain)


def _note(pitch: float, seconds: float) -> Wave:
    """A soft struck note."""
    t = _times(seconds)
    tone = sum(np.sin(2 * np.pi * pitch * k * t) / k**2.2 for k in (1, 2, 3, 4))
    return np.asarray(tone * np.exp(-t * 3.2 / seconds) * np.minimum(1.0, t / 0.004))


def _after(*parts: tuple[float, Wave]) -> Wave:
    """Waves that begin at their times, laid over each other."""
    starts = [round(when * RATE) for when, _ in parts]
    whole = np.zeros(max(start + len(wave) for start, (_, wave) in zip(starts, parts, strict=True)))
    for start, (_, wave) in zip(starts, parts, strict=True):
        whole[start : start + len(wave)] += wave
    return whole


def _tune(pitches: tuple[float, ...], step: float, last: float) -> Wave:
    """Notes one after the other, the last held for `last` seconds."""
    notes = [(i * step, _note(pitch, last if pitch == pitches[-1] else 2.5 * step)) for i, pitch in enumerate(pitches)]
    return _after(*notes)


_RECIPES: dict[Name, tuple[float, Callable[[], Wave]]] = {  # loudness of the peak, and how it is made
    "place": (0.6, lambda: _knock(430.0)),
    "capture": (0.8, lambda: _after((0.0, _knock(560.0, noise=0.4)), (0.06, _knock(290.0, 0.16)))),
    "score": (0.5, lambda: _tune((659.3, 987.8), 0.07, 0.25)),
    "win": (0.7, lambda: _tune((523.3, 659.3, 784.0, 1046.5), 0.11, 0.7)),
    "draw": (0.6, lambda: _tune((523.3, 587.3, 523.25), 0.14, 0.5)),
    "lose": (0.7, lambda: _tune((392.0, 311.1, 261.6), 0.17, 0.7)),
    "illegal": (0.5, lambda: _after((0.0, _note(123.5, 0.09)), (0.1, _note(116.5, 0.13)))),
}


@cache
def samples(name: Name) -> npt.NDArray[np.int16]:
    """[samples, 2] a sound for both ears; it begins and ends in silence."""
    loudness, make = _RECIPES[name]
    wave = make()
    fade = np.minimum(1.0, np.arange(len(wave))[::-1] / (0.01 * RATE))
    wave = wave * fade * (LOUDEST * loudness / np.abs(wave).max())
    return np.repeat(np.round(32767 * wave).astype(np.int16)[:, None], 2, axis=1)


def _hush() -> None:
    """Where there is no sound card, ALSA complains on stderr, past SDL: give it an error handler that says nothing.
    Threads of SDL call it while others hold the interpreter, so it cannot be one of Python's; any C function will do
    that ignores its arguments, does nothing and needs no lock. The library's name is that by which SDL loads it."""
    with suppress(OSError):  # there is no ALSA: another system
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(ctypes.pythonapi.Py_IsInitialized)


class Speaker:
    """The machine's loudspeaker. It is opened when first needed, by a thread: some systems take their time."""

    def __init__(self) -> None:
        self._opening: threading.Thread | None = None
        self._sounds: dict[Name, pygame.mixer.Sound] = {}

    @property
    def works(self) -> bool:
        """Whether there is somebody to hear it: nobody sits before a dummy."""
        return "dummy" not in (os.environ.get("SDL_AUDIODRIVER"), os.environ.get("SDL_VIDEODRIVER"))

    def play(self, name: Name) -> None:
        """Begin to play a sound, if that can be done at once."""
        if not self.works:
            return
        if self._opening is None:
            self._opening = threading.Thread(target=self._open, daemon=True)
            self._opening.start()
        if name in self._sounds:
            self._sounds[name].play()

    def _open(self) -> None:
        try:
            _hush()
            pygame.mixer.init(RATE, -16, 2, 512, allowedchanges=0)
            self._sounds = {name: pygame.mixer.Sound(buffer=samples(name).tobytes()) for name in _RECIPES}
        except pygame.error:  # no device
            return


SPEAKER = Speaker()
