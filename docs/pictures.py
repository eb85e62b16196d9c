"""Makes the pictures of this folder anew: `python docs/pictures.py`. Ratings are read from `leaderboards/`, if any."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from arena.messages import HUMAN, Setup
from arena.ui.film import film_game, still
from arena.ui.view import View
from games.core.position import Position
from games.core.registry import make_game

DOCS = Path(__file__).parent
OPENING = "e4 e5 Nf3 Nc6 Bb5 a6 Ba4 Nf6 O-O Be7"
PLANNERS = ("uct(simulations=1000000)", "openspiel_mcts(simulations=1000)")


def elos(game: str) -> dict[str, float]:
    """The published ratings of a game, by agent."""
    path = DOCS.parent / "leaderboards" / f"{game}.json"
    if not path.is_file():
        return {}
    rows = json.loads(path.read_text(encoding="utf-8"))["players"]
    return {row["agent"]: row["elo"] for row in rows if row["low"] is not None and row["high"] is not None}


def thinks(plies: int, simulations: int) -> Callable[[View], bool]:
    """Until an agent has thought so much about the position after so many plies."""

    def until(view: View) -> bool:
        live = view.thinking
        return len(view.scenes) > plies and live is not None and live.simulations >= simulations

    return until


def opening(moves: str) -> tuple[int, ...]:
    """Moves of chess as actions."""
    position, plays = Position.new(make_game("openspiel:chess")), []
    for text in moves.split():
        plays.append(position.game.parse_action(position.row, text))
        position.play(plays[-1])
    return tuple(plays)


def rally(points: int, plies: int) -> Callable[[View], bool]:
    """Until so many points have been made, and so many plies of the next have been played."""

    def until(view: View) -> bool:
        pairs = pairwise(view.scenes)
        made = [after.ply for before, after in pairs if before.returns != after.returns]
        return len(made) >= points and len(view.scenes) > made[points - 1] + plies

    return until


def lifted(square: str) -> Callable[[View], bool]:
    """Until the person to move has taken a piece in hand."""

    def until(view: View) -> bool:
        view.picked = (
            tuple(tag for tag in view.clickable() if tag.endswith(square))[:1] if not view.picked else view.picked
        )
        return bool(view.picked)

    return until


def main() -> None:
    watched = Setup("connect_four", PLANNERS, seed=4, delay=0.0)
    still(DOCS / "watch.png", watched, "watch", thinks(14, 100_000), elos=elos("connect_four"))
    played = Setup("connect_four", (HUMAN, "uct(simulations=10000)"), human="You", delay=0.0)
    moves = (3, 4, 4, 3, 6, 6)
    still(DOCS / "play.png", played, "play", thinks(2 * len(moves), 10_000), elos=elos("connect_four"), moves=moves)
    chess = Setup("openspiel:chess", ("uct(simulations=2000)", HUMAN), human="You", plays=opening(OPENING), delay=0.0)
    still(DOCS / "chess.png", chess, "play", lifted("f3"), hints=False)
    duel = Setup("pong_duel", ("uct(simulations=64)", "uct(simulations=16)"), seed=3, rate=4.0)
    still(DOCS / "pong_duel.png", duel, "watch", rally(4, 32), elos=elos("pong_duel"))
    film_game(
        DOCS / "game.gif",
        "connect_four",
        ("uct(simulations=10000)", "openspiel_mcts(simulations=1000)"),
        seed=7,
        delay=0.5,
        size=(800, 500),
    )


if __name__ == "__main__":
    main()
