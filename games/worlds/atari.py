"""Atari 2600 games, as in atari:Pong or atari:MsPacman, on the Arcade Learning Environment, which ships their ROMs.

Played and shown as Machado et al. recommend ("Revisiting the Arcade Learning Environment", 2018): a ply is 4 frames,
the emulator repeats the last action with probability 0.25 at every frame, all lives are one game, and a game lasts at
most 108,000 frames (half an hour). An observation is the last four plies, uint8 [4, 84, 84]: grey, each the brighter
of the ply's last two frames, as in Mnih et al. (2015). Rewards are the points scored, and actions the game's own.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from games.core.errors import ArenaError
from games.core.game import Array, Bool, Game
from games.core.specs import Spec, Value
from games.worlds._foreign.game import Episode, ForeignGame

FRAMES = 4  # a ply
STACK = 4  # plies an observation shows
SIDE = 84  # pixels
STICKY = 0.25  # probability that a frame repeats the last action
LONGEST = 108_000  # frames: half an hour at 60 a second
RATE = 60 / FRAMES  # plies a second, for people


def game(name: str, **options: Value) -> Game:
    """The Atari game `name`, played alone. Raises ArenaError if there is none, or ale-py is not installed."""
    spec = str(Spec(name, options, "atari"))
    if options:
        raise ArenaError(f"{spec}: there is no option '{next(iter(options))}'; it takes none")
    try:
        import ale_py.roms
    except ModuleNotFoundError:
        raise ArenaError(f"{spec} needs the package ale-py: pip install 'planning-arena[atari]'") from None
    roms = {rom.replace("_", ""): rom for rom in ale_py.roms.get_all_rom_ids()}
    wanted = name.replace("_", "").lower()
    if wanted not in roms:
        close = [title(roms[rom]) for rom in difflib.get_close_matches(wanted, roms, 3)]
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        raise ArenaError(f"{spec}: {hint}there are: {', '.join(sorted(map(title, roms.values())))}")
    made = ForeignGame(spec, title(roms[wanted]), lambda: AtariEpisode(roms[wanted]))
    made.tick, made.idle = RATE, 0
    return made


def title(rom: str) -> str:
    """The name of a ROM as the field writes it: ms_pacman is MsPacman."""
    return "".join(part.capitalize() for part in rom.split("_"))


def _chord(action: str) -> str:
    """The keys held for an action of the emulator: UPRIGHTFIRE is up+right+space, NOOP none."""
    held = [way for way in ("up", "down", "left", "right") if way.upper() in action]
    return "+".join([*held, "space"] if "FIRE" in action else held)


class AtariEpisode(Episode):
    """One emulator."""

    seat_names = ("Player",)
    observation_shape = (STACK, SIDE, SIDE)
    observation_dtype = np.uint8
    longest = LONGEST // FRAMES

    def __init__(self, rom: str) -> None:
        import ale_py
        from ale_py.roms import get_rom_path

        ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
        self._rom: Any = get_rom_path(rom)
        self._ale = ale_py.ALEInterface()
        self._ale.setFloat("repeat_action_probability", STICKY)
        self._load(0)
        self._actions = list(self._ale.getMinimalActionSet())
        self.actions = len(self._actions)
        self.keys = {chord: a for a, named in enumerate(self._actions) if (chord := _chord(named.name))}
        height, width = self._ale.getScreenDims()
        self._screens = np.zeros((2, height, width), np.uint8)  # the last two frames

    def _load(self, seed: int) -> None:
        self._ale.setInt("random_seed", seed)
        self._ale.loadROM(self._rom)  # the seed counts from here on
        self._ale.reset_game()

    def reset(self, seed: int) -> None:
        self._load(seed)
        self.acting, self.reason, self._score = (0,), "", 0
        self._ale.getScreenGrayscale(self._screens[1])
        self._screens[0] = self._screens[1]
        self._planes = np.repeat(self._plane()[None], STACK, axis=0)

    def step(self, plays: Mapping[int, Any]) -> Sequence[float]:
        action, reward = self._actions[int(plays[0])], 0
        for frame in range(FRAMES):
            reward += self._ale.act(action)
            if frame >= FRAMES - 2:
                self._ale.getScreenGrayscale(self._screens[frame - FRAMES + 2])
            if self._ale.game_over():
                self.acting, self.reason = (), "game over"
                break
        self._planes = np.concatenate([self._planes[1:], self._plane()[None]])
        self._score += reward
        return [float(reward)]

    def _plane(self) -> Array:
        """[84, 84] the brighter of the last two frames, each pixel the mean of those it stands for."""
        return np.asarray(Image.fromarray(self._screens.max(axis=0)).resize((SIDE, SIDE), Image.Resampling.BOX))

    def legal(self, seat: int) -> Bool:
        return np.ones(self.actions, np.bool_)

    def observe(self, seat: int) -> Array:
        return self._planes

    def frame(self) -> Array | None:
        screen: Array = self._ale.getScreenRGB()
        return screen

    def text(self) -> str:
        return f"score {self._score}, lives {self._ale.lives()}"

    def action_text(self, seat: int, action: int) -> str:
        return str(self._actions[action].name)
