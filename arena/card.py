"""A run's best checkpoint as an agent in the box: its weights, and a card that says where they come from."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agents.core.agent import Agent
from agents.core.files import write_whole
from agents.core.registry import make_agent
from agents.core.run import KEPT, Run
from agents.core.weights import in_two_bytes, load_network
from agents.core.zoo import ZOO, shelf_of
from arena.examiner import best_of
from arena.grade import grade
from arena.match import play
from arena.report import replace_file
from arena.schedule import Event
from arena.scores import earned
from arena.solved import draw
from arena.tournament import summary
from arena.training import module_of, plan_of, settings_of
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.registry import make_game
from games.core.specs import Spec, parse

LARGEST = 4_000_000  # bytes of weights that come with the arena
SIMULATIONS, ALONE = 600, 50  # of the agent that is graded; where it plays alone, whole games of it
OPPONENT, GAMES = "uct(simulations=1000)", 40  # where there is no grade
Heard = Callable[[str, int, int], None]


def make_card(folder: str, target: str | None, heard: Heard) -> Path:
    """Write `<game>/<agent>.safetensors` and its card, `.md`, into `target`, by default where agents look for what
    comes with the arena; where the card is. The checkpoint is the best one, or the last where none was graded.

    Raises ArenaError."""
    run = Run.open(Path(folder).expanduser())
    game, agent = make_game(run.about["game"]), str(run.about.get("agent"))
    _, plan = plan_of(module_of(agent), run)
    checkpoints = {int(checkpoint.name): checkpoint for checkpoint in run.checkpoints()}
    if not checkpoints:
        raise ArenaError(f"the run {folder} has no checkpoint yet")
    number = best_of(run)
    number = number if number in checkpoints else max(checkpoints)
    weights = checkpoints[number] / KEPT
    network, _ = load_network(weights, game)
    content = weights.read_bytes()
    if len(content) > LARGEST:
        content = in_two_bytes(weights)
    if len(content) > LARGEST:
        raise ArenaError(f"{weights} has {len(content):,} bytes at two a weight; the box takes {LARGEST:,} at most")
    count = sum(parameter.numel() for parameter in network.parameters())
    shape = network.architecture
    rows = {
        "Command": f"`{command_of(run)}`",
        "Seed": str(plan["seed"]),
        "Network": f"{shape.blocks} blocks of {shape.channels} channels, {count:,} weights",
        "Checkpoint": f"{number} of {max(checkpoints)}",
        "Cost": _cost(run, number),
        "Settings": ", ".join(f"{key} {json.dumps(value)}" for key, value in run.about["settings"].items()),
        "Versions": ", ".join(f"{name} {version}" for name, version in run.about["versions"].items()),
    }
    with tempfile.TemporaryDirectory() as beside:  # what is graded is what comes with the arena
        graded = Path(beside) / KEPT
        try:
            graded.write_bytes(content)
        except OSError as error:
            raise ArenaError(f"cannot write {graded}: {error.strerror}")
        rows |= _grade(game, agent, graded, heard)
    text = "".join(f"| {key} | {value} |\n" for key, value in rows.items())
    place = (Path(target).expanduser() if target else ZOO) / shelf_of(game.name)
    card, file = place / f"{agent}.md", place / f"{agent}.safetensors"
    try:
        replace_file(card, f"# {agent}, {game.name}\n\n| | |\n|---|---|\n{text}")
        write_whole(file, lambda beside: beside.write(content))
    except OSError as error:
        raise ArenaError(f"cannot write {place}: {error.strerror}")
    return card


def command_of(run: Run) -> str:
    """The command that makes such a run: its plan, and the settings that are not those of the game's preset."""
    about, module, game = run.about, module_of(str(run.about.get("agent"))), make_game(run.about["game"])
    settings, plan = plan_of(module, run)
    name = f'"{game.name}"' if "(" in game.name else game.name
    usual = asdict(settings_of(module, module.PRESETS.get(parse(game.name).name, {})))
    changed = {key: value for key, value in asdict(settings).items() if value != usual[key]}
    ends = f"--steps {plan['steps']}" if "steps" in plan else f"--minutes {plan['minutes']:g}"
    sets = "".join(f" --set '{key}={json.dumps(value)}'" for key, value in changed.items())
    start = f" --from {Path(plan['from']).name}" if "from" in plan else ""
    return f"arena train {about['agent']} {name} {ends} --seed {plan['seed']}{start}{sets}"


def _cost(run: Run, number: int) -> str:
    """Until that checkpoint: games, positions and core-hours, as far as they were counted."""
    known: dict[str, Any] = {}
    for line in run.metrics():
        known |= line if line.get("iteration", 0) <= number and "games" in line else {}
    if not known:
        return "not known"
    hours = f"{known['core_hours']:.3g} core-hours" if "core_hours" in known else f"{known['minutes']:.0f} minutes"
    return f"{known['games']:,} games, {known['positions']:,} positions, {hours}"


def _grade(game: Game, agent: str, weights: Path, heard: Heard) -> dict[str, str]:
    """What `arena grade` says of the weights; where nobody can judge, their score against plain search."""
    alone = game.seats == 1
    spec = Spec(agent, {"simulations": ALONE if alone else SIMULATIONS})
    player = module_of(agent).agent(weights=str(weights), **spec.options)
    try:
        if alone:
            return {"Grade": f'`arena grade "{game.name}" "{spec}"`: {_earned(game, player, agent, heard)}'}
        try:
            solved = draw(game, heard=heard)
        except ArenaError:
            return {"Score": _score(game, player, str(spec))}
        found = grade(game, player, solved, agent, heard=heard)
    finally:
        player.close()
    bins = "".join(f"{bin.name} {bin.all.rate:.1%}, " for bin in found.bins if len(found.bins) > 1)
    return {"Grade": f'`arena grade "{game.name}" "{spec}"`: {bins}mean {found.mean or 0.0:.1%}'}


def _earned(game: Game, player: Agent, agent: str, heard: Heard) -> str:
    found = earned(game, player, agent, heard=heard)
    low, high = found.interval
    return f"mean score {found.mean:,.1f} (95%: {low:,.1f} to {high:,.1f}) in {len(found.returns)} episodes"


def _score(game: Game, player: Agent, spec: str) -> str:
    """What `arena match` would print."""
    event = Event("match", game.name, (spec, OPPONENT), GAMES, seed=0, opening=2)
    records = play(game, {spec: player, OPPONENT: make_agent(OPPONENT)}, list(event.seatings()))
    score = summary(event, records, 0)["score"][0]
    return f'`arena match "{game.name}" "{spec}" "{OPPONENT}" --games {GAMES}`: {score:.1%}'
