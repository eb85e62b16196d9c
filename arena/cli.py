"""The command line: `arena`. Each command imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from games.core.errors import ArenaError

if TYPE_CHECKING:
    from arena.store import Store
    from arena.ui.theme import Style

app = typer.Typer(
    name="arena",
    help="Where game-playing agents meet: matches, rated tournaments, and a window to watch and play in.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

GameName = Annotated[str, typer.Argument(metavar="GAME", help="A game, as in connect_four or openspiel:chess.")]
AgentNames = Annotated[list[str], typer.Argument(metavar="AGENT...", help="Agents, as in uct(simulations=400).")]
Seed = Annotated[int, typer.Option(min=0, help="Equal seeds give equal games.")]
StoreAt = Annotated[
    str | None,
    typer.Option("--store", metavar="URL|FILE", help="Where games are kept; by default a file in your data folder."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs to read.")]
Opening = Annotated[
    int | None,
    typer.Option(
        help="Random plies before the agents take over; by default 2, but 0 in real time and where chance plays.",
        show_default=False,
    ),
]
RunFolder = Annotated[str, typer.Argument(metavar="RUN", help="The folder of a training run.")]
Plot = Annotated[bool, typer.Option("--plot", help="Draw Elo and mistakes over core-hours: curves.svg in the run.")]
Headless = Annotated[bool, typer.Option("--headless", help="Open no window; use with --record.")]
Palette = Annotated[
    str | None, typer.Option(help="light, dark, or safe: told apart with every kind of colour blindness.")
]
UiScale = Annotated[float | None, typer.Option(min=0.5, max=3.0, help="Text and all else so many times as large.")]
Film = Annotated[
    str | None, typer.Option("--record", metavar="FILE", help="Film the game: game.gif or .mp4; position.png, its end.")
]


@app.callback()
def lobby(context: typer.Context) -> None:
    """Where game-playing agents meet: matches, rated tournaments, and a window to watch and play in.

    Without a command the lobby opens; a game file in its place is shown."""
    if context.invoked_subcommand is not None:
        return
    from arena.doctor import has_display

    if not has_display() and "SDL_VIDEODRIVER" not in os.environ:
        print(context.get_help())
        return
    from arena.watching import open_lobby

    with _store(None) as kept:
        open_lobby(kept, None)


@app.command()
def games(as_json: AsJson = False) -> None:
    """List the games."""
    from games.core.registry import GAMES, WORLDS

    _listing("Games", [("", GAMES), (":", WORLDS)], as_json)


@app.command()
def agents(as_json: AsJson = False) -> None:
    """List the agents."""
    from agents.core.registry import AGENTS

    _listing("Agents", [("", AGENTS)], as_json)


@app.command()
def match(
    game: GameName,
    agents: AgentNames,
    games: Annotated[int, typer.Option(help="How many games; each opening is played from both seats.")] = 20,
    seed: Seed = 0,
    opening: Opening = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that play.")] = 1,
    store: StoreAt = None,
    as_json: AsJson = False,
) -> None:
    """Play two agents against each other."""
    import time

    from arena.schedule import Event, run
    from arena.tournament import summary

    if len(agents) != 2:
        raise ArenaError(f"a match is between two agents, not {len(agents)}; for more: arena tournament")
    event = Event.of("match", game, agents, games, seed, opening)
    with _store(store) as kept:
        begin = time.perf_counter()
        number = kept.event(event.key, event.kind, event.game, event.settings)
        finished = []
        with redirect_stdout(sys.stderr):  # where agents print, it does no harm
            for some in run(event, set(), workers):
                kept.add_many(number, some)
                finished += some
        finished.sort(key=lambda game: game[0])
        seconds = time.perf_counter() - begin
    result = summary(event, [record for _, record in finished], seconds)
    if as_json:
        print(json.dumps(result))
        return
    from arena.screen import print_match

    print_match(result, [record for _, record in finished])


@app.command()
def tournament(
    game: GameName,
    agents: AgentNames,
    games: Annotated[int, typer.Option(help="Games a pair; each opening is played from both seats.")] = 20,
    seed: Seed = 0,
    opening: Opening = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that play; by default one a core.", show_default=False)
    ] = None,
    store: StoreAt = None,
    publish: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Write the leaderboard there as .md and .json.")
    ] = None,
    as_json: AsJson = False,
    watched: Annotated[bool, typer.Option("--watch", help="Open a window: the boards, the standings.")] = False,
    palette: Palette = None,
    ui_scale: UiScale = None,
) -> None:
    """Play everybody against everybody and rate them. A tournament that was stopped goes on where it was."""
    from arena.schedule import Event
    from arena.screen import console, print_board
    from arena.tournament import hold

    event, crew = Event.of("tournament", game, agents, games, seed, opening), workers or os.cpu_count() or 1
    with _store(store) as kept:
        if watched:
            from arena.watching import watch_tournament

            board = watch_tournament(kept, event, store, crew, _style(palette, ui_scale))
        else:
            board = hold(event, kept, crew, None if as_json else console())
    print_board(board, as_json, publish)


@app.command()
def leaderboard(
    game: GameName,
    anchor: Annotated[
        str | None, typer.Option(help="Whose rating is 0; by default random.", show_default=False)
    ] = None,
    store: StoreAt = None,
    publish: Annotated[str | None, typer.Option(metavar="FOLDER", help="Write it there as .md and .json.")] = None,
    as_json: AsJson = False,
) -> None:
    """Rate everybody who has played a game, from all its games in the store."""
    from arena.report import leaderboard as rate
    from arena.screen import print_board
    from games.core.registry import make_game

    with _store(store, create=False) as kept:
        print_board(rate(kept, make_game(game).name, anchor), as_json, publish)


@app.command()
def watch(
    game: Annotated[str, typer.Argument(metavar="GAME|RUN", help="A game, or the folder of a training run.")],
    agents: Annotated[
        list[str] | None, typer.Argument(metavar="AGENT...", help="Who plays.", show_default=False)
    ] = None,
    seed: Seed = 0,
    opening: Annotated[int, typer.Option(help="Random plies before the agents take over.")] = 0,
    store: StoreAt = None,
    headless: Headless = False,
    record: Film = None,
    palette: Palette = None,
    ui_scale: UiScale = None,
) -> None:
    """Watch agents play, or a training run as it goes on: its curves, and a game of its latest checkpoint."""
    from arena.watching import watch_agents, watch_run

    style, film = _style(palette, ui_scale), _film(headless, record)
    if Path(game).expanduser().is_dir():
        if agents or film is not None:
            raise ArenaError(f"{game} is a folder: a training run is watched without agents and not filmed")
        watch_run(game, style)
        return
    with _store(store) as kept:
        watch_agents(kept, game, agents or [], seed, opening, film, style)


@app.command()
def play(
    game: GameName,
    against: Annotated[str | None, typer.Option(metavar="AGENT", help="Whom to play.", show_default=False)] = None,
    level: Annotated[
        str, typer.Option(help="easy, medium or hard: picks the opponent if --against is not given.")
    ] = "medium",
    name: Annotated[
        str | None, typer.Option(help="Your name; by default that of your account.", show_default=False)
    ] = None,
    seat: Annotated[int, typer.Option(help="Your seat; 0 moves first in most games.")] = 0,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Equal seeds give equal games; by default a new one.", show_default=False),
    ] = None,
    store: StoreAt = None,
    palette: Palette = None,
    ui_scale: UiScale = None,
) -> None:
    """Play against an agent. Your games are stored and rate you."""
    from arena.watching import play_against

    style = _style(palette, ui_scale)
    with _store(store) as kept:
        play_against(kept, game, against, level, name, seat, seed, style)


@app.command()
def replay(
    game: Annotated[
        str | None,
        typer.Argument(
            metavar="NUMBER|FILE",
            help="A stored game, by default the last, or one in a file; games.pgn#2 is the second.",
            show_default=False,
        ),
    ] = None,
    store: StoreAt = None,
    headless: Headless = False,
    record: Film = None,
    ply: Annotated[
        int | None, typer.Option(min=0, help="Film as far as that; a .png shows it.", show_default=False)
    ] = None,
    palette: Palette = None,
    ui_scale: UiScale = None,
) -> None:
    """See a game again: a stored one, or one from a .json, .pgn or .sgf file."""
    from arena.exchange import find_game, others
    from arena.watching import replay_game

    film, style = _film(headless, record), _style(palette, ui_scale)
    with _store(store, create=game is not None and not game.isdecimal()) as kept:
        shown = find_game(kept, game)
        if game is not None and not game.isdecimal() and (said := others(game)):
            print(said)
        replay_game(kept, shown, film, style, ply)


@app.command("export")
def export_game(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="game.json, game.pgn (chess) or game.sgf (turns of two).")
    ],
    game: Annotated[
        int | None,
        typer.Argument(metavar="NUMBER", min=0, help="A stored game, by default the last.", show_default=False),
    ] = None,
    store: StoreAt = None,
) -> None:
    """Write a stored game to a file."""
    from arena.exchange import stored_game, write_game

    with _store(store, create=False) as kept:
        write_game(file, stored_game(kept, game))
    print(f"written: {file}")


@app.command("import")
def import_games(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help=".json, .pgn or .sgf files; games.pgn#2 is one of several.")
    ],
    store: StoreAt = None,
) -> None:
    """Store all games from files. They count like any other; one that was imported before is not counted again."""
    from arena.exchange import import_games

    code = 0
    with _store(store) as kept:
        for file in files:
            for name, outcome in import_games(kept, file):
                if isinstance(outcome, ArenaError):
                    code = _complain(str(outcome))
                    continue
                what = "was imported before" if outcome is None else f"{outcome.game}, {' - '.join(outcome.agents)}"
                print(f"{name}: {what}")
    raise typer.Exit(code)


@app.command()
def analyse(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[GAME] [AGENT]",
            help="With --positions the game and who thinks; with --game who thinks, if anyone.",
        ),
    ] = None,
    positions: Annotated[
        str | None,
        typer.Option(metavar="FILE", help='One JSON object a line: {"moves": [3, 3, 4]}; - reads standard input.'),
    ] = None,
    game: Annotated[
        str | None, typer.Option("--game", metavar="NUMBER|FILE", help="A stored game, or one in a file.")
    ] = None,
    table: Annotated[bool, typer.Option("--table", help="A table to read, in place of JSON.")] = False,
    tree: Annotated[
        str | None, typer.Option(metavar="FILE.svg", help="Picture the search where most was lost, or at --ply.")
    ] = None,
    ply: Annotated[int | None, typer.Option(min=0, help="Of the tree: plies played.", show_default=False)] = None,
    seed: Seed = 0,
    store: StoreAt = None,
) -> None:
    """Let an agent judge positions, or each move of a game; prints one JSON object a line, values for the seat to act.

    In a game, a move that gives away a tenth of the range of its returns is a mistake; where perfect play is known, one
    that gives away a win or a draw."""
    words = names or []
    if (positions is None) == (game is None):
        raise ArenaError('say what to analyse: --game NUMBER|FILE ["AGENT"], or GAME AGENT --positions FILE')
    if positions is not None:
        from arena.analysis import analyse_positions

        if len(words) != 2 or table or tree is not None:
            raise ArenaError("with --positions: GAME AGENT, and neither --table nor --tree")
        with redirect_stdout(sys.stderr):
            lines = list(analyse_positions(words[0], words[1], positions, seed))
        for line in lines:
            print(json.dumps(line))
        return
    from arena.reviewing import analyse_game, to_json
    from arena.screen import print_review, progress

    if len(words) > 1:
        raise ArenaError("with --game: at most one AGENT; the game is known")
    with _store(store, create=not str(game).isdecimal()) as kept, redirect_stdout(sys.stderr), progress() as heard:
        reviewed = analyse_game(kept, str(game), words[0] if words else None, seed, tree, ply, heard)
    if table:
        print_review(reviewed)
        return
    for judged in reviewed.plies:
        print(json.dumps(to_json(judged)))


@app.command()
def grade(
    game: GameName,
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="Whose moves are judged.")],
    positions_per_bin: Annotated[
        int | None, typer.Option(min=1, help="By default 200, or all there are in files.", show_default=False)
    ] = None,
    positions: Annotated[str | None, typer.Option(metavar="FOLDER", help="Pascal Pons' Connect Four files.")] = None,
    against_solver: Annotated[
        bool, typer.Option("--against-solver", help="Play the perfect player from all 49 openings instead.")
    ] = False,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Measure how often an agent errs where perfect play is known."""
    from arena.grade import examine
    from arena.screen import print_grade, progress

    with redirect_stdout(sys.stderr), progress() as heard:
        result = examine(game, agent, positions_per_bin, positions, against_solver, seed, heard).to_json()
    print(json.dumps(result)) if as_json else print_grade(result)


@app.command()
def exploitability(game: GameName, agents: AgentNames, as_json: AsJson = False) -> None:
    """Measure exactly how much agents can be exploited in a small game."""
    from arena.exploitability import examine
    from arena.screen import print_exploitability

    with redirect_stdout(sys.stderr):
        result = examine(game, agents)
    print(json.dumps(result)) if as_json else print_exploitability(result)


@app.command()
def train(
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="An agent that learns, as in alphazero.")],
    game: GameName,
    run: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="By default a new one in your data folder.", show_default=False)
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0.01, help="How long; by default 60. With --resume: in all, the time before counts.", show_default=False
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, help="Iterations, also in all, in place of minutes: exact to repeat.", show_default=False),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --run.")] = False,
    start: Annotated[
        str | None, typer.Option("--from", metavar="WEIGHTS", help="Begin with these weights.", show_default=False)
    ] = None,
    seed: Seed = 0,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Another setting.", show_default=False)
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes; by default one a core, with --steps one.", show_default=False),
    ] = None,
    plot: Plot = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write the metrics for TensorBoard, into the run's folder.")
    ] = False,
) -> None:
    """Train an agent by self-play. A run can be stopped at any time and resumed."""
    from arena.training import train_agent

    train_agent(agent, game, run, minutes, steps, resume, start, seed, changes or [], workers, plot, tensorboard)


@app.command()
def ladder(run: RunFolder, plot: Plot = False, as_json: AsJson = False) -> None:
    """Grade the checkpoints of a training run, and rate them against each other and fixed references."""
    from arena.screen import print_board, progress
    from arena.training import examine_run

    with redirect_stdout(sys.stderr), progress() as heard:
        board, picture = examine_run(run, plot, heard)
    print_board(board, as_json, None)
    if picture is not None and not as_json:
        print(f"the curves are in {picture}")


@app.command()
def card(
    run: RunFolder,
    to: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="By default where the arena's own agents are.", show_default=False),
    ] = None,
) -> None:
    """Put the best checkpoint of a run among the trained agents, with a card that says how it was made."""
    from arena.card import make_card
    from arena.screen import progress

    with redirect_stdout(sys.stderr), progress() as heard:
        written = make_card(run, to, heard)
    print(f"the card is {written}")


@app.command()
def demo(
    seed: Annotated[
        int | None, typer.Option(min=0, help="By default the first not yet played.", show_default=False)
    ] = None,
    store: StoreAt = None,
    window: Annotated[bool, typer.Option(help="Open the window at the end if there is a display.")] = True,
) -> None:
    """See it all in under a minute: two rated tournaments, their leaderboards, then the window."""
    from arena.demo import show

    with _store(store) as kept:
        show(kept, seed, window)


@app.command()
def doctor(
    speed: Annotated[bool, typer.Option("--speed", help="Also time the backends that networks run on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check this installation: versions, processor, backends, and what is wrong."""
    from arena.doctor import examine, measure, print_findings

    findings = examine()
    if speed and findings["backends"]:
        findings["speed"] = measure()
    print(json.dumps(findings)) if as_json else print_findings(findings)
    if findings["problems"]:
        raise typer.Exit(1)


def _store(target: str | None, create: bool = True) -> Store:
    from arena.store import Store

    return Store.open(target, create=create)


def _style(palette: str | None, scale: float | None) -> Style:
    """The looks and keys of the user's settings; a word on standard error if these make no sense."""
    from arena.watching import chosen_style

    style, problem = chosen_style(palette, scale)
    if problem:
        print(problem, file=sys.stderr)
    return style


def _film(headless: bool, record: str | None) -> str | None:
    if headless and record is None:
        raise ArenaError("--headless shows nothing by itself: say where to film it, as in --record game.gif")
    if record is not None:
        from arena.ui.reel import ending

        ending(record)
    if record is not None and not Path(record).absolute().parent.is_dir():
        raise ArenaError(f"--record {record}: there is no folder {Path(record).parent}")
    return record


def _listing(title: str, registries: list[tuple[str, Any]], as_json: bool) -> None:
    rows = [
        {"name": entry.name + suffix, "description": entry.description, "options": dict(entry.options)}
        for suffix, registry in registries
        for entry in registry.entries()
    ]
    if as_json:
        print(json.dumps(rows))
        return
    from arena.screen import print_listing

    print_listing(title, rows)


STOPPED = "stopped; what was finished is stored"


def main() -> None:
    """The console script: whatever a user can mend is one line on standard error and exit code 2."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` stops as ctrl-C does, also in the background
    try:
        code = app(_words(sys.argv[1:]), standalone_mode=False)
    except ArenaError as error:
        sys.exit(_complain(str(error)))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(_complain(STOPPED, 130))
    except Exception as error:
        if type(error).__module__.startswith("numba."):
            sys.exit(_complain(f"a game's rules do not compile: {str(error).strip().splitlines()[-1]}"))
        if not hasattr(error, "format_message"):
            raise
        sys.exit(_complain(f"{error.format_message()} (see arena --help)"))
    sys.exit(_complain(STOPPED, code) if code == 130 else code if isinstance(code, int) else 0)


def _words(words: list[str]) -> list[str]:
    """The command line; a game file alone is to be replayed."""
    is_file = len(words) == 1 and words[0].lower().endswith((".json", ".pgn", ".sgf"))
    return ["replay", *words] if is_file else words


def _complain(text: str, code: int = 2) -> int:
    print(f"arena: {' '.join(text.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
