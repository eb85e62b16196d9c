"""Every screen of the window in the states that users meet, laid by hand: no process is started."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import combinations
from typing import Any

from arena.boards import Board
from arena.curves import Point
from arena.following import Chart, Progress
from arena.hall import Boards, Opened, Over, Standings
from arena.messages import HUMAN, Failed, Setup
from arena.ratings import Result, fit
from arena.schedule import Event
from arena.shelf import Shelf
from arena.showcase import Broken, Fits, Picture
from arena.store import Store
from arena.ui.screens.core import Screen
from arena.ui.screens.lobby import LobbyScreen
from arena.ui.screens.table import TableScreen
from arena.ui.screens.tournament import TournamentScreen
from arena.ui.screens.training import TrainingScreen
from arena.ui.view import View
from games.core.canvas import Canvas
from tests.arena.seated import MIDDLE, NETWORK, UCT, Seated, tables

HOME = "/home/someone"


def picture(game: str, seats: int = 2, tick: bool = False) -> Picture:
    """Of a game, as the showcase sends it; its shapes are another's."""
    title = game.partition(":")[2].title() or game.replace("_", " ").title()
    return Picture(game, title, seats, (), (4.0, 4.0), _board(), tick, False)


def _board() -> tuple[Any, ...]:
    canvas = Canvas()
    canvas.rect(0, 0, 4, 4, "board", radius=0.2)
    for i in range(16):
        canvas.disc(0.5 + i % 4, 0.5 + i // 4, 0.38, ("paper", "seat0", "seat1")[i * i % 3])
    return tuple(canvas.shapes)


def lobby(seats: int = 2, page: str = "games", **more: Any) -> LobbyScreen:
    """With many games and agents, and a game that was left."""
    screen = LobbyScreen(Shelf(Store.open("sqlite://"), None), {"game": "connect_four"})
    at = screen.lobby
    for game in at.games:
        at.hear(picture(game, seats))
    at.hear(Broken(at.games[2], "it needs a package that is not here"))
    able = ("alphabeta", "alphazero", "muzero", "openspiel_mcts", "random", "solver", "uct")
    at.hear(Fits("connect_four", able, {"uct(simulations=400)": 1187.0}))
    at.unfinished = Setup("openspiel:backgammon", (HUMAN, "random"), plays=(1,) * 117)
    if page != "games":
        screen.act((page,), 0.0)
        at.rows = [(f"ultimate_tic_tac_toe: {UCT} – {NETWORK}", "2026-11-28  ·  1 – 0", None)] * 60
    for name, value in more.items():
        setattr(at, name, value)
    return screen


def tournament(players: int = 5, games: int = 9) -> TournamentScreen:
    """In full swing."""
    names = (*(f"uct(simulations={10 * 4**n})" for n in range(players - 1)), "random")
    screen, pairs = (
        TournamentScreen(Event("tournament", "connect_four", names, 20, 0, 2), None, 1),
        list(combinations(names, 2)),
    )
    hear = screen.state.hear
    hear(Opened("Connect Four", (4.0, 4.0), names, 20 * len(pairs), 3), 0.0)
    ratings = fit([Result(a, b, 3 + n % 4, n % 2, 5) for n, (a, b) in enumerate(pairs)], "random")
    crossed = {pair: (5.5, 11) for a, b in pairs for pair in ((a, b), (b, a))}
    hear(Standings(40, 12.0, ratings.players, "random", crossed), 0.0)
    hear(Boards({table: board(table, pairs[table % len(pairs)], over=table % 3 == 0) for table in range(games)}), 0.0)
    return screen


def board(number: int, agents: tuple[str, ...], over: bool = False) -> Board:
    ended: dict[str, Any] = {"points": (1.0, 0.0), "reason": "four in a row"} if over else {}
    return Board(number, agents, _board(), (), 5, () if over else (1,), (0.0, 0.0), **ended)


def entered() -> TournamentScreen:
    """Nobody plays yet."""
    return TournamentScreen(Event("tournament", "connect_four", (UCT, NETWORK, "random"), 20, 0, 2), None, 1)


def halted(screen: TournamentScreen) -> TournamentScreen:
    screen.state.hear(Failed("the disk is full; nothing stored before is lost " * 4), 0.0)
    return screen


def won(screen: TournamentScreen) -> TournamentScreen:
    screen.state.hear(Over(), 0.0)
    return screen


def shown(screen: TournamentScreen, table: int | None = None, crossed: bool = False) -> TournamentScreen:
    screen.state.choose(table, 0.0)
    screen.state.crossed = crossed
    return screen


def progress(**more: Any) -> Progress:
    """A run in full swing."""
    line = tuple(Point(float(x), 1.0 / x) for x in range(1, 30))
    elo = tuple(Point(float(x), 100.0 * x, 90.0 * x, 115.0 * x) for x in (1, 4, 9))
    charts = (
        Chart("Elo of the checkpoints", "Elo", {"checkpoints": elo}, {"random": 0.0, "uct(simulations=25)": 400.0}),
        Chart("Mistakes", "%", {"16 simulations": line, "network alone": line}),
        Chart("Losses", "", dict.fromkeys(("policy", "value", "reward", "decoder", "dynamics"), line)),
        Chart("Positions a second", "", {"self-play and learning": line}, from_zero=True),
    )
    figures = (("games", "1,234,567"), ("positions", "123,456,789"), ("iterations", "29"), ("core-hours", "12.34"))
    told = {"title": "alphazero learns Connect Four", "share": 0.4, "facts": "24 of 60 minutes", "written": time.time()}
    return Progress(
        **{**told, "beat": 60.0, "figures": figures, "charts": charts, "game": "tic_tac_toe", "seats": 2, **more}
    )


def training(chart: str | None = None, playing: bool = True, **more: Any) -> TrainingScreen:
    """A run that is followed, and a game of its latest checkpoint."""
    screen = TrainingScreen(f"{HOME}/planning-arena/runs/connect_four")
    screen.state.hear(progress(player=UCT, checkpoint=29, **more))
    screen.state.chosen = chart
    if playing:
        screen.state.playing, screen.state.view = 29, Seated("connect_four", (UCT, UCT), MIDDLE).view
    return screen


def unread() -> TrainingScreen:
    return TrainingScreen(f"{HOME}/planning-arena/runs/connect_four")


def troubled() -> TrainingScreen:
    """A run whose player cannot play here."""
    screen = training(playing=False)
    screen.state.view.apply(Failed("no weights: " + "the file is not there " * 6), 0.0)
    screen.state.error = "its process died (killed by signal 9); the run itself does not notice"
    return screen


STATES: dict[str, Callable[[], Screen]] = {
    **{f"table, {name}": lambda make=make: make().screen for name, make in tables()},  # type: ignore[misc]
    "table, unset": lambda: TableScreen(Setup("connect_four", (UCT, UCT)), View("watch")),
    "lobby": lobby,
    "lobby, for one": lambda: lobby(1),
    "lobby, for ten": lambda: lobby(10),
    "lobby, stored games": lambda: lobby(page="stored"),
    "lobby, files": lambda: lobby(page="files"),
    "lobby, misfit": lambda: lobby(chosen=2),
    "lobby, bad settings": lambda: lobby(remark=f"{HOME}/planning-arena/settings.json: there is no palette 'pink'"),
    "tournament, no game": entered,
    "tournament, grid": tournament,
    "tournament, many": lambda: tournament(14, 16),
    "tournament, two": lambda: tournament(2, 2),
    "tournament, board": lambda: shown(tournament(), 3),
    "tournament, cross-table": lambda: shown(tournament(14), crossed=True),
    "tournament, over": lambda: won(tournament()),
    "tournament, stopped": lambda: halted(tournament()),
    "training, no data": unread,
    "training, first": lambda: training(playing=False, charts=(), figures=()),
    "training": training,
    "training, chart": lambda: training("Losses"),
    "training, trouble": troubled,
}
