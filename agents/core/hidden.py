"""What agents share that play where things are hidden."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agents.core.agent import Turn
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.seeds import derive


def draw(turn: Turn, policy: npt.NDArray[np.floating]) -> int:
    """A legal action in proportion to `policy` [actions], which the turn's seed decides."""
    sums = np.cumsum(np.where(turn.legal, policy, 0), dtype=np.float64)
    return int(np.searchsorted(sums, derive(turn.seed, "draw") / 2**63 * sums[-1], side="right"))


def cannot_deal(game: Game) -> str | None:
    """Why what a seat does not see cannot be drawn anew; None if it can."""
    if not game.forkable:
        return "the game cannot be copied"
    position = game.start(np.zeros(1, np.uint64))
    while (acting := game.acting(position)[0])[game.seats]:
        joint = np.full((1, game.seats + 1), -1, np.int32)
        joint[0, game.seats] = game.odds(position)[0].argmax()
        game.step(position, joint)
    try:
        game.resample(position, np.array([acting.argmax()], np.int32), np.zeros(1, np.uint64))
    except ArenaError as error:
        return str(error)
    return None
