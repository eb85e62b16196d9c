"""Training from the command line: `arena train`."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from agents.core.registry import AGENTS
from agents.core.run import Run
from agents.core.zoo import find_weights
from arena import tensorboard
from arena.curves import plot
from arena.database import data_folder
from arena.examiner import Examiner, elo_text
from arena.report import Leaderboard, leaderboard
from arena.screen import console
from games.core.errors import ArenaError
from games.core.registry import make_game
from games.core.specs import parse

Steps = Iterator[tuple[dict[str, Any], Path | None]]  # metrics of an iteration, and its checkpoint if there was one
SHOWN = (  # what the screen says of an iteration: key, name, how
    ("games", "games", "{:,}"),
    ("positions", "positions", "{:,}"),
    ("window", "window", "{:,}"),
    ("simulations", "simulations", "{}"),
    ("policy", "policy loss", "{:.3f}"),
    ("value", "value loss", "{:.3f}"),
    ("entropy", "entropy of the targets", "{:.3f}"),
    ("reward", "reward loss", "{:.3f}"),
    ("follower", "loss of who is next", "{:.3f}"),
    ("codes", "loss of what chance does", "{:.3f}"),
    ("balance", "how unevenly its codes are used", "{:.3f}"),
    ("consistency", "agreement of latents", "{:.3f}"),
    ("distance", "distance of latents", "{:.4f}"),
    ("apart", "divergence of their values", "{:.3f}"),
    ("score", "mean score", "{:,.1f}"),
    ("error", "error of what was expected", "{:.3f}"),
    ("surprise", "what search adds (nats)", "{:.3f}"),
    ("repeats", "repeated positions", "{:.0%}"),
    ("cached", "answered by the cache", "{:.0%}"),
    ("core_hours", "core-hours", "{:.2f}"),
    ("mistakes_network", "mistakes of the network", "{:.1%}"),
    ("mistakes", "and with a short search", "{:.1%}"),
    ("elo_text", "Elo of the last checkpoints", "{}"),
)
RATED = 4  # checkpoints whose Elo is shown


def train_agent(
    agent: str,
    game: str,
    folder: str | None,
    minutes: float | None,
    steps: int | None,
    resume: bool,
    start: str | None,
    seed: int,
    changes: Sequence[str],
    workers: int | None,
    plotted: bool = False,
    boarded: bool = False,
) -> Path:
    """Train `agent` at `game` until the budget is spent; the folder of the run. If they are wanted, the curves are
    `plotted` anew at each checkpoint, and the metrics written for TensorBoard (`boarded`). Raises ArenaError."""
    if boarded and (missing := tensorboard.missing()):
        raise ArenaError(missing)
    if minutes and steps:
        raise ArenaError("a run lasts so many minutes or so many steps, not both")
    module = module_of(agent)
    if resume:
        if folder is None or game_of(folder) != make_game(game).name:
            raise ArenaError("--resume goes on with the run of this game in --run FOLDER")
        if changes or start:
            raise ArenaError("--resume goes on with the settings that the run has: leave out --set and --from")
    made = make_game(game)
    if reason := module.reason_against(made):
        raise ArenaError(f"{agent} cannot be trained at {game}: {reason}")
    path = Path(folder).expanduser() if folder else _new_folder(agent, parse(made.name).name)
    if resume:
        run = Run.open(path)
        settings, plan = plan_of(module, run)
        plan |= ({"minutes": minutes} if minutes else {}) | ({"steps": steps} if steps else {})
    else:
        preset = module.PRESETS.get(parse(made.name).name, {})
        settings = _changed(module, settings_of(module, preset), changes)
        plan = {"minutes": float(minutes or 60.0), "seed": seed, **({"steps": steps} if steps else {})}
        weights = find_weights(start, made.name, agent) if start else None
        if weights is not None:
            plan["from"] = str(weights)
        run = Run.create(path, {"agent": agent, "game": made.name, "plan": plan, "settings": asdict(settings)})
    budget = module.Budget(float(plan["minutes"]), plan.get("steps"))
    actors = (1 if budget.steps else os.cpu_count() or 1) - 1 if workers is None else workers - 1
    begin = Path(plan["from"]) if "from" in plan else None
    training = module.train(made, settings, run, budget, int(plan["seed"]), actors, begin)
    with run.held(), closing(Examiner(run, made, module.contender)) as examiner, closing(training):
        if steps or minutes:
            run.replan(plan)
        examined = _examined(training, examiner, budget)
        drawn = _plotted(examined, run) if plotted else examined
        _follow(console(), run, budget, _boarded(drawn, run) if boarded else drawn)
    return path


def _examined(training: Steps, examiner: Examiner, budget: Any) -> Steps:
    """The steps of a training, with what was last found out about its checkpoints among the metrics."""
    found: dict[str, Any] = {}
    for metrics, checkpoint in training:
        if checkpoint is not None:
            minutes = metrics["minutes"] + 0.005  # they are rounded
            found |= examiner.look(checkpoint, budget.progress(60 * minutes, metrics["iteration"]) >= 1)
            if examiner.ladder is not None:
                found["elo_text"] = "  ".join(map(elo_text, found.get("ladder", [])[-RATED:])) or "not rated yet"
        yield {**metrics, **found}, checkpoint


def _plotted(steps: Steps, run: Run) -> Steps:
    """The steps of a training, with the curves drawn as soon as there are any."""
    for metrics, checkpoint in steps:
        if checkpoint is not None and metrics.keys() & {"elo", "mistakes"}:
            plot(run)
        yield metrics, checkpoint


def _boarded(steps: Steps, run: Run) -> Steps:
    """The steps of a training, with its metrics handed to TensorBoard."""
    board = None
    try:
        for step in steps:
            board = board or tensorboard.Board(run)  # by now a resumed run has forgotten what was lost
            board.write()
            yield step
    finally:
        if board is not None:
            board.close()


def examine_run(folder: str, plotted: bool, heard: Callable[[str, int, int], None]) -> tuple[Leaderboard, Path | None]:
    """Grade and rate all checkpoints of a run that have not been yet; the ladder, and the picture of the curves if it
    is to be `plotted`. Raises ArenaError."""
    run = Run.open(Path(folder).expanduser())
    game = make_game(run.about["game"])
    if not run.checkpoints():
        raise ArenaError(f"the run {folder} has no checkpoint yet")
    if game.seats != 2:
        raise ArenaError(f"{game.name} has {game.seats} seats: ladders are for two")
    with closing(Examiner(run, game, module_of(str(run.about.get("agent"))).contender)) as examiner:
        examiner.rest(heard)
        return leaderboard(examiner.store, game.name), plot(run) if plotted else None


def game_of(folder: str) -> str:
    """The game that a run is about."""
    return str(Run.open(Path(folder).expanduser()).about["game"])


def module_of(agent: str) -> Any:
    """The module of an agent that learns. Raises ArenaError with those that do."""
    if agent not in AGENTS.names():
        raise ArenaError(f"there is no agent '{agent}'; those that learn: {', '.join(_learners())}")
    module = importlib.import_module(f"agents.{agent}")
    if not hasattr(module, "train"):
        raise ArenaError(f"{agent} does not learn; those that do: {', '.join(_learners())}")
    return module


def _learners() -> list[str]:
    folder = Path(__file__).parents[1] / "agents"
    return [name for name in AGENTS.names() if "\ndef train(" in (folder / f"{name}.py").read_text(encoding="utf-8")]


def _new_folder(agent: str, game: str) -> Path:
    """The next free one in the data folder."""
    runs = data_folder() / "runs"
    return next(path for path in (runs / f"{game}-{agent}-{n}" for n in range(1, 10_000)) if not path.exists())


def settings_of(module: Any, values: dict[str, Any]) -> Any:
    """Settings from plain values, whose lists stand for tuples."""
    plain = {name: tuple(map(tuple, v)) if isinstance(v, list | tuple) else v for name, v in values.items()}
    return module.Settings(**plain)


def plan_of(module: Any, run: Run) -> tuple[Any, dict[str, Any]]:
    """The settings and the plan that a run has. Raises ArenaError where they are not for this program."""
    try:
        plan = dict(run.about["plan"])
        return settings_of(module, run.about["settings"]), {"minutes": float(plan["minutes"]), "seed": 0} | plan
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArenaError(f"{run.path / 'run.toml'} is not of this version: {error}")


def _changed(module: Any, settings: Any, changes: Sequence[str]) -> Any:
    """`settings` with each `key=value` of `changes`, values written as in JSON."""
    values = asdict(settings)
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals or key not in values:
            wrong = f"there is no setting {key}" if equals else "it has no value"
            raise ArenaError(f"--set {change}: {wrong}; settings are {', '.join(values)}, as in --set batch=512")
        try:
            value = json.loads(text)
        except ValueError:
            raise ArenaError(f"--set {change}: '{text}' is not a number")
        old = values[key]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if isinstance(old, tuple):
            if not isinstance(value, list) or not all(isinstance(v, list) and len(v) == 2 for v in value):
                raise ArenaError(f"--set {change}: expected pairs, as in {json.dumps(old)}")
        elif not number or value < 0 or (isinstance(old, int) and not isinstance(value, int)):
            raise ArenaError(f"--set {change}: expected a {'whole ' if isinstance(old, int) else ''}number from 0 on")
        values[key] = value
    try:
        return settings_of(module, values)
    except ValueError as error:
        raise ArenaError(f"--set: {error}")


def _follow(out: Console, run: Run, budget: Any, steps: Steps) -> None:
    """Show each iteration: a table that renews itself on a terminal, else a line a checkpoint."""
    if not out.is_terminal:
        for metrics, checkpoint in steps:
            if checkpoint is not None:
                said = "  ".join(f"{name} {how.format(metrics[key])}" for key, name, how in SHOWN if key in metrics)
                out.print(f"{metrics['minutes']:7.1f} min  {said}", highlight=False, soft_wrap=True)
        out.print(f"the run is in {run.path}", highlight=False, soft_wrap=True)
        return
    with Live(console=out, refresh_per_second=2) as live:
        for metrics, _ in steps:
            live.update(_picture(run, budget, metrics))
    out.print(f"the run is in {run.path}", highlight=False)


def _picture(run: Run, budget: Any, metrics: dict[str, Any]) -> Group:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(justify="right")
    for key, name, how in SHOWN:
        if key in metrics:
            table.add_row(name, how.format(metrics[key]))
    progress = budget.progress(60 * metrics["minutes"], metrics["iteration"])
    title = f"[bold]{run.about['agent']} learns {run.about['game']}[/bold]  {metrics['minutes']:.1f} minutes"
    return Group(title, ProgressBar(total=1, completed=progress, width=60), table)
