"""How the doors' environments show themselves: pixels, text or a window, by render mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import numpy.typing as npt

from games.core.errors import ArenaError
from games.core.game import Game
from games.core.position import Position

if TYPE_CHECKING:
    from arena.ui.easel import Easel

Frame = npt.NDArray[np.uint8] | str  # [H, W, 3], or text
MODES = ("human", "rgb_array", "ansi")


def metadata(game: Game) -> dict[str, Any]:
    """What an environment says of itself; real-time games are shown at their own pace."""
    return {"name": game.name, "render_modes": list(MODES), "render_fps": round(game.tick or 4)}


class Renderer:
    """Shows positions of one game in one mode, and imports what paints when it is first needed."""

    def __init__(self, game: Game, mode: str | None, modes: tuple[str, ...] = MODES) -> None:
        if mode is not None and mode not in modes:
            raise ArenaError(f"render_mode={mode!r}: there are {', '.join(modes)}")
        self.game, self.mode = game, mode
        self._easel: Easel | None = None

    def render(self, position: Position, seat: int) -> Frame | None:
        """`position` as `seat` may see it: pixels or text; None: it is shown in a window, or there is no mode."""
        if self.mode == "ansi":
            return position.text()
        if self.mode is None:
            gymnasium.logger.warn(f"nothing is rendered without a render mode; there are {', '.join(MODES)}")
            return None
        from arena.ui.easel import Easel, picture

        pixels = picture(position, seat)
        if self.mode == "rgb_array":
            return pixels
        if self._easel is None:
            self._easel = Easel(self.game.title, self.game.tick or 4)
        self._easel.show(pixels)
        return None

    def close(self) -> None:
        if self._easel is not None:
            self._easel.close()
