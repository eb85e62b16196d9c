"""The commands that open the window: watch, play, replay, and their films."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from agents.core.registry import AGENTS
from arena.record import Record
from arena.report import Leaderboard
from arena.schedule import Event, make_agents
from arena.settings import user_name
from arena.store import BRANCH, Store
from arena.ui.theme import STYLE, Style
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.registry import make_game, marked
from games.core.specs import parse

LEVELS = ("easy", "medium", "hard")
BOARD = ("uct(simulations=20)", "uct(simulations=400)", "uct(seconds=1.0)")
REAL_TIME = ("uct(simulations=4)", "uct(simulations=16)", "uct(simulations=100)")
HIDDEN = ("ismcts(simulations=20)", "ismcts(simulations=400)", "ismcts(simulations=10000)")


def watch_agents(
    store: Store, game: str, agents: list[str], seed: int, opening: int, film: str | None, style: Style = STYLE
) -> None:
    """Watch agents play, or film them; finished games are stored."""
    made = seated(make_game(game), len(agents))
    if len(agents) != made.seats:
        raise ArenaError(f"{made.name} has {made.seats} seats, so it takes {made.seats} agents, not {len(agents)}")
    names = [str(marked(parse(agent))) for agent in agents]
    _check(made, names)
    keep = keeper(store, "watch")
    if film is not None:
        from arena.ui.film import film_game

        record = film_game(film, made.name, names, seed=seed, opening=opening, elos=_elos(store, made), style=style)
        if record is not None:
            keep(record)
        print(f"filmed: {film}")
        return
    from arena.ui.window import watch

    branch = keeper(store, BRANCH)
    watch(
        made.name, names, seed=seed, opening=opening, elos=_elos(store, made), on_record=keep, on_branch=branch,
        style=style,
    )  # fmt: skip


def play_against(
    store: Store,
    game: str,
    against: str | None,
    level: str,
    name: str | None,
    seat: int,
    seed: int | None,
    style: Style,
) -> None:
    """A person against an agent; every game is stored under the person's name."""
    made = seated(make_game(game), 2)
    opponent = str(marked(parse(against))) if against is not None else opponent_for(made, level)
    if not 0 <= seat < made.seats:
        raise ArenaError(f"--seat {seat}: {made.name} has seats 0 to {made.seats - 1}")
    _check(made, [opponent])
    person = (name or user_name()).strip()
    if not person or "(" in person or person in {opponent, *AGENTS.names()}:
        raise ArenaError(f"--name {name}: not a name for a person")
    from arena.ui.window import play

    number = int(time.time()) if seed is None else seed
    others = [opponent] * (made.seats - 1)
    play(
        made.name,
        person,
        others,
        seat=seat,
        seed=number,
        elos=_elos(store, made),
        on_record=keeper(store, "play"),
        on_branch=keeper(store, BRANCH),
        style=style,
    )


def replay_game(store: Store, record: Record, film: str | None, style: Style = STYLE, last: int | None = None) -> None:
    """See a game again, or film it up to the ply `last`."""
    elos = _elos(store, make_game(record.game))
    if last is not None and film is None:
        raise ArenaError(f"--ply {last}: say where to picture it, as in --record position.png")
    if last is not None and last > len(record.plays):
        raise ArenaError(f"--ply {last}: the game has {len(record.plays)} plies")
    if film is not None:
        from arena.ui.film import film_record

        film_record(film, record, elos=elos, style=style, last=last)
        print(f"filmed: {film}")
        return
    from arena.ui.window import replay

    replay(record, elos=elos, on_branch=keeper(store, BRANCH), style=style)


def watch_tournament(store: Store, event: Event, target: str | None, workers: int, style: Style) -> Leaderboard:
    """Watch a tournament until it is left; the leaderboard of what is stored then. `target`: where `store` is."""
    from arena.report import leaderboard
    from arena.ui.screens.tournament import TournamentScreen
    from arena.ui.window import run

    screen = TournamentScreen(event, target, workers, style)
    run(screen)
    state = screen.state
    if state.error:
        raise ArenaError(f"the tournament has stopped: {state.error}")
    if not state.over:
        print("left before the end; what was finished is stored, and the same command goes on", file=sys.stderr)
    return leaderboard(store, event.game)


def watch_run(folder: str, style: Style) -> None:
    """Follow a training run, whether it goes on or not; nothing is written into its folder. Raises ArenaError."""
    from arena.following import check
    from arena.ui.screens.training import TrainingScreen
    from arena.ui.window import run

    check(folder)
    run(TrainingScreen(folder, style))


def open_lobby(store: Store, target: str | None) -> None:
    """The lobby, as it was left last; `target` is where the store is."""
    from arena.settings import read_settings
    from arena.shelf import Shelf
    from arena.ui.screens.lobby import LobbyScreen
    from arena.ui.window import run

    settings, _ = read_settings()
    style, problem = chosen_style()
    run(LobbyScreen(Shelf(store, target), settings.lobby, style, problem))


def chosen_style(palette: str | None = None, scale: float | None = None) -> tuple[Style, str]:
    """The user's settings, but for what is said here; and what is wrong with them in one line. Raises ArenaError for a
    palette that does not exist."""
    from arena.settings import read_settings, settings_file
    from arena.ui.actions import keymap

    settings, problem = read_settings()
    keys, wrong = keymap(settings.keys)
    style = Style.named(palette or settings.palette, scale or settings.scale)
    return replace(style, keys=keys, sound=settings.sound), problem or (f"{settings_file()}: {wrong}" if wrong else "")


def opponent_for(game: Game, level: str) -> str:
    """The agent that a level stands for."""
    if level not in LEVELS:
        raise ArenaError(f"--level {level}: there are {', '.join(LEVELS)}")
    if not game.forkable:
        return "random"  # nobody can plan there
    ladder = HIDDEN if game.hidden else REAL_TIME if game.tick is not None else BOARD
    return ladder[LEVELS.index(level)]


def _check(game: Game, names: list[str]) -> None:
    from arena.match import check_seats

    check_seats(game, make_agents(names))


def _elos(store: Store, game: Game) -> Mapping[str, float]:
    """Known ratings, for the window to show beside the names."""
    from arena.report import leaderboard

    try:
        players = leaderboard(store, game.name).ratings.players
    except ArenaError:
        return {}
    return {player.name: player.elo for player in players if player.elo is not None and player.known}


def keeper(store: Store, kind: str) -> Callable[[Record], None]:
    """Stores each finished game; casual games have an event of their own a session, made with the first of them."""
    begun, numbers = time.time_ns(), iter(range(1_000_000))

    def keep(record: Record) -> None:
        event = store.event(f"{kind} {record.game} {begun}", kind, record.game, {})
        store.add(event, next(numbers), record)

    return keep
