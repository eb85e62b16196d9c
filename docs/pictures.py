"""Makes the pictures of this folder anew: `python docs/pictures.py [NAME ...]`, all of them or those named. That of the
training view is made of the folder of a run, if one is given: `--run runs/connect_four`. Ratings are read from
`leaderboards/`."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame

from agents.core.registry import make_agent
from arena import match
from arena.messages import HUMAN, Setup
from arena.record import Record
from arena.review import Review
from arena.schedule import Event
from arena.shelf import Shelf
from arena.store import Store
from arena.ui.film import film_game, still
from arena.ui.layout import arrange
from arena.ui.paint import bounds, box_of
from arena.ui.screens.core import Screen
from arena.ui.screens.lobby import LobbyScreen
from arena.ui.screens.table import TableScreen
from arena.ui.screens.tournament import TournamentScreen
from arena.ui.screens.training import TrainingScreen
from arena.ui.theme import DARK, LIGHT, SAFE, Palette, Style
from arena.ui.view import Mode, View
from games.core.position import Position
from games.core.registry import make_game

DOCS = Path(__file__).parent
SIZE = (1280, 800)
WEAK = ("uct(simulations=100)", "uct(simulations=200)")  # whose mistakes are pictured
ENTERED = ("random", *(f"uct(simulations={n})" for n in (25, 100, 400)), "alphabeta(depth=3)")
SPANISH = "e4 e5 Nf3 Nc6 Bb5 a6 Ba4 Nf6 O-O Be7"
Moment = Callable[[], bool]


# -- tables ------------------------------------------------------------------------------------------------------------


def elos(game: str) -> dict[str, float]:
    """The published ratings of a game, by agent."""
    path = DOCS.parent / "leaderboards" / f"{game}.json"
    if not path.is_file():
        return {}
    rows = json.loads(path.read_text(encoding="utf-8"))["players"]
    return {row["agent"]: row["elo"] for row in rows if row["low"] is not None and row["high"] is not None}


def table(
    game: str, *players: str, mode: Mode = "watch", palette: Palette = LIGHT, hints: bool = True, **more: object
) -> TableScreen:
    setup = Setup(game, players, hints=hints and mode == "play", **{"delay": 0.0, "human": "You", **more})  # type: ignore[arg-type]
    return TableScreen(setup, View(mode, elos=elos(game), style=Style(palette), hints=hints))


def press(screen: Screen, key: int, up: bool = False) -> None:
    screen.handle(pygame.event.Event(pygame.KEYUP if up else pygame.KEYDOWN, key=key, mod=0), time.monotonic())


def click(screen: TableScreen, tag: str) -> None:
    """On the part of the board that carries a tag."""
    box = box_of(screen.view.shapes, (tag,))
    assert box is not None
    point = arrange(SIZE, screen.view).board.to_window((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    screen.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=point, button=1), time.monotonic())


def thinks(view: View, plies: int, simulations: int) -> Moment:
    """An agent has thought so much about the position after so many plies."""
    return lambda: len(view.scenes) > plies and view.thinking is not None and view.thinking.simulations >= simulations


def faulty() -> Record:
    """A game of Connect Four with mistakes."""
    agents = {name: make_agent(name) for name in WEAK}
    (record,) = match.play(make_game("connect_four"), agents, [match.Seating(WEAK, 3)])
    return record


# -- pictures ----------------------------------------------------------------------------------------------------------


def lobby(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, Store.open(f"{folder}/arena.db") as store:
        screen, begun = LobbyScreen(Shelf(store, store.where), {"game": "connect_four"}), time.monotonic()

        def lively() -> bool:
            at = screen.lobby
            fits, shown = at.fits.get("connect_four"), [n[1] for n in screen.places().spots if n[0] == "game"]
            known = fits is not None and "uct" in fits.agents and all(at.games[n] in at.pictures for n in shown)
            if fits is not None:
                at.fits["connect_four"] = replace(fits, elos=elos("connect_four"))
            at.seat(1, replace(at.seats[1], unit="simulations", place=7))
            return known and time.monotonic() > begun + 15.0  # some moves have been made in each

        still(path, screen, lively)


def watch(path: Path) -> None:
    screen = table("connect_four", "alphazero(simulations=20000)", "uct(simulations=1000)", seed=4)
    still(path, screen, thinks(screen.view, 10, 4_000))


def play(path: Path) -> None:
    screen = table("connect_four", HUMAN, "uct(simulations=10000)", mode="play")
    left = [3, 4, 4, 3, 6, 6]
    hint = thinks(screen.view, 2 * len(left), 9_000)

    def moved() -> bool:
        if screen.view.asks is not None and left:
            click(screen, f"column {left.pop(0)}")
        return hint()

    still(path, screen, moved)


def chess(path: Path) -> None:
    position, plays = Position.new(make_game("openspiel:chess")), []
    for text in SPANISH.split():
        plays.append(position.game.parse_action(position.row, text))
        position.play(plays[-1])
    players = ("uct(simulations=2000)", HUMAN)
    screen = table("openspiel:chess", *players, mode="play", palette=DARK, hints=False, plays=tuple(plays))

    def lifted() -> bool:
        knight = next((tag for tag in screen.view.clickable() if tag.endswith("f3")), None)
        if knight is not None and not screen.view.picked:
            click(screen, knight)
        return bool(screen.view.picked)

    still(path, screen, lifted)


def analysis(path: Path) -> None:
    record = faulty()
    screen = table("connect_four", *record.agents, mode="replay", record=record)

    def judged() -> bool:
        view = screen.view
        if len(view.scenes) == len(record.plays) + 1 and not view.analysing:
            press(screen, pygame.K_a)
        if not view.analysing or view.reviewing or not view.judged:
            return False
        mistakes = [ply + 1 for (ply, _), found in view.judged.items() if found.mistake]  # after the move
        there = view.cursor == mistakes[len(mistakes) // 2]
        view.go_to(mistakes[len(mistakes) // 2])
        return there

    still(path, screen, judged)


def tree(path: Path) -> None:
    with closing(Review(faulty(), "uct(simulations=5000)")) as review:
        mistakes = [each.ply for each in review.judged() if each.mistake]
        path.write_text(review.tree(mistakes[len(mistakes) // 2]), encoding="utf-8")


def imagination(path: Path) -> None:
    screen = table("connect_four", "muzero(simulations=200)", "uct(simulations=1000)", delay=1.0, palette=SAFE)
    still(path, screen, lambda: len(screen.view.scenes) > 3 and screen.view.scenes[3].insights != ())


def pong_duel(path: Path) -> None:
    """A person follows the ball, until five points have been made."""
    screen = table("pong_duel", HUMAN, "uct(simulations=16)", mode="play", hints=False, seed=3)

    def rally() -> bool:
        view, middles = screen.view, dict[str, float]()
        for shape in view.shapes:
            if shape.tag:
                _, top, _, bottom = bounds(shape)
                middles[shape.tag.partition(" ")[0] if "ball" in shape.tag else shape.tag] = (top + bottom) / 2
        below = middles.get("ball", 0.0) - middles.get("paddle 0", 0.0)
        for key, wanted in ((pygame.K_w, below < -0.04), (pygame.K_s, below > 0.04)):
            if wanted != (pygame.key.name(key) in view.held):
                press(screen, key, up=not wanted)
        made = [after.ply for before, after in pairwise(view.scenes) if before.returns != after.returns]
        return len(made) >= 3 and len(view.scenes) > made[2] + 25

    still(path, screen, rally)


def tournament(path: Path) -> None:
    event = Event.of("tournament", "connect_four", ENTERED, 20, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        screen = TournamentScreen(event, f"{folder}/arena.db", 2)
        under_way = lambda: sum(not board.points and board.ply > 7 for board in screen.state.tables.values())  # noqa: E731
        still(path, screen, lambda: screen.state.played >= 100 and under_way() >= 4)


def training(path: Path, run: str) -> None:
    screen = TrainingScreen(run, Style(DARK))
    still(path, screen, lambda: bool(screen.state.charts) and len(screen.state.view.scenes) > 12)


def keys(path: Path) -> None:
    screen = table("hex(board_size=7)", "uct(simulations=2000)", "random")

    def asked() -> bool:
        if len(screen.view.scenes) > 8 and not screen.view.help:
            screen.view.help = True
        return screen.view.help

    still(path, screen, asked)


def game(path: Path) -> None:
    film_game(path, "connect_four", ("uct(seconds=1.0)", "alphazero(seconds=1.0)"), seed=7, delay=0.5, size=(800, 500))


PICTURES = {
    "game.gif": game, "lobby.png": lobby, "watch.png": watch, "play.png": play, "chess.png": chess,
    "analysis.png": analysis, "tree.svg": tree, "imagination.png": imagination, "pong_duel.png": pong_duel,
    "tournament.png": tournament, "keys.png": keys,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join([*PICTURES, "training.png"]))
    parser.add_argument("--run", help="the folder of a training run")
    given = parser.parse_args()
    for name, make in PICTURES.items():
        if not given.names or name in given.names:
            make(DOCS / name)
    if given.run is not None and (not given.names or "training.png" in given.names):
        training(DOCS / "training.png", given.run)


if __name__ == "__main__":
    main()
