"""Where trained weights are: those that come with the arena, in `agents/zoo/<game>/<agent>.safetensors`, or a run's."""

from __future__ import annotations

import re
from pathlib import Path

from agents.core.networks import Net
from agents.core.run import KEPT, Run
from agents.core.weights import load_weights
from games.core.errors import ArenaError
from games.core.specs import parse

ZOO = Path(__file__).parents[1] / "zoo"


def shelf_of(game: str) -> str:
    """The folder in the zoo of the game with that spec, whatever its options; of a foreign one with its world before
    the name, as in gymnasium-CartPole-v1."""
    spec = parse(game)
    return re.sub(r"[^\w.]+", "-", f"{spec.world}-{spec.name}" if spec.world else spec.name)


def find_weights(weights: str | None, game: str, agent: str, kind: type[Net] = Net) -> Path:
    """The file that `weights` names for `game`: a file, a checkpoint, or a run's last one; None: what comes with the
    arena. Raises ArenaError if there is none, or if it is for another game or another `kind` of network."""
    if weights is None:
        path = ZOO / shelf_of(game) / f"{agent}.safetensors"
        if not path.exists():
            known = sorted(file.parent.name for file in ZOO.glob(f"*/{agent}.safetensors"))
            raise ArenaError(f"{agent} was not trained for {game}; there are weights for: {', '.join(known) or 'none'}")
    else:
        path = Path(weights).expanduser()
        if (path / "run.toml").exists():
            checkpoint = Run.open(path).latest()
            if checkpoint is None:
                raise ArenaError(f"the run {weights} has no checkpoint yet")
            path = checkpoint
        path = path / KEPT if path.is_dir() else path
    load_weights(path, game, kind)
    return path
