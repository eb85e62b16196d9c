"""A training run that is followed: a process reads what the run writes, and tells the window how far it is.

It reads only, and knows nothing of networks. Who plays at the board is another process (`live.py`), so that without
what networks run on, the curves still grow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from agents.core.run import Run
from arena.curves import Point
from arena.ladder import SIMULATIONS
from arena.messages import Failed
from arena.ratings import fit
from arena.store import Store
from arena.worker import leave_with_parent
from games.core.errors import ArenaError
from games.core.registry import make_game
from games.core.specs import Spec

SECONDS = 0.5  # between two looks at the folder
LOSSES = {"policy": "policy", "value": "value", "reward": "reward", "decoder": "decoder", "follower": "dynamics"}
MISTAKES = {"mistakes": f"{SIMULATIONS} simulations", "mistakes_network": "network alone"}
Lines = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Chart:
    """Curves that share their axes; a point without an interval's end is a bound on the other side."""

    title: str
    unit: str  # of the height: '', '%' or 'Elo'
    curves: Mapping[str, tuple[Point, ...]]
    references: Mapping[str, float] = field(default_factory=dict)  # heights with a name
    from_zero: bool = False  # whether the height 0 is to be seen


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    title: str
    share: float  # of what it is to take, from 0 to 1
    facts: str  # the same in words
    written: float  # when the last line was, in seconds since 1970
    beat: float  # seconds that an iteration takes
    figures: tuple[tuple[str, str], ...]  # what is counted, and how many
    charts: tuple[Chart, ...]
    game: str  # spec
    seats: int
    player: str | None = None  # the spec of the latest checkpoint
    checkpoint: int = 0  # its number


def check(folder: str) -> None:
    """Raises ArenaError if the folder holds no run."""
    Run.open(Path(folder).expanduser())


def serve(folder: str, pipe: Connection) -> None:
    """Tell of a run as it grows, until told to leave."""
    leave_with_parent()
    try:
        follower, told = Follower(folder), None
        while True:
            progress = follower.look()
            if progress is not None and progress != told:
                pipe.send(progress)
                told = progress
            if pipe.poll(SECONDS):
                return
    except (BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        text = str(error) if isinstance(error, ArenaError) else f"{type(error).__name__}: {error}"
        pipe.send(Failed(text.partition("\n")[0]))


class Follower:
    """Looks at the folder of a run."""

    def __init__(self, folder: str) -> None:
        self.run = Run.open(Path(folder).expanduser())
        game = make_game(self.run.about["game"])
        self._about = (str(getattr(game, "title", game.name)), game.name, game.seats)
        self._seen: object = None
        self._rated = -1  # lines with ratings when the ladder was last fitted
        self._elo: Chart | None = None

    def look(self) -> Progress | None:
        """How far the run is; None: nothing has changed."""
        metrics, checkpoints = self.run.path / "metrics.jsonl", self.run.checkpoints()
        size = metrics.stat().st_size if metrics.exists() else 0
        if self._seen == (size, len(checkpoints)):
            return None
        self._seen = (size, len(checkpoints))
        self.run = Run.open(self.run.path)  # its plan may be another by now
        lines = self.run.metrics()
        steps = [line for line in lines if "minutes" in line and "iteration" in line]
        if not steps:
            return None
        title, game, seats = self._about
        agent, latest = str(self.run.about.get("agent")), checkpoints[-1:]
        spec = [Spec(agent, {"weights": str(folder.resolve()), "simulations": SIMULATIONS}) for folder in latest]
        share, facts = planned(self.run.about.get("plan", {}), steps[-1])
        return Progress(
            title=f"{agent} learns {title}",
            share=share,
            facts=facts,
            written=max((float(line["time"]) for line in lines if "time" in line), default=0.0),
            beat=60.0 * steps[-1]["minutes"] / len(steps),
            figures=tuple(figures(steps)),
            charts=tuple(chart for chart in self._charts(lines, steps) if any(chart.curves.values())),
            game=game,
            seats=seats,
            player=str(spec[0]) if spec else None,
            checkpoint=int(latest[0].name) if latest else 0,
        )

    def _charts(self, lines: Lines, steps: Lines) -> list[Chart]:
        at = {line["iteration"]: float(line["minutes"]) for line in steps}
        graded = {name: tuple(_points(lines, key, at)) for key, name in MISTAKES.items()}
        losses = {name: tuple(_points(steps, key, at)) for key, name in LOSSES.items()}
        speed = tuple(Point(x, y) for x, y in rates(steps))
        charts = [
            self._ladder(lines, at),
            Chart("Mistakes", "%", {name: points for name, points in graded.items() if points}),
            Chart("Losses", "", {name: points for name, points in losses.items() if points}),
        ]
        if any("score" in line for line in steps):
            charts.insert(0, Chart("Score", "", {"self-play": tuple(_points(steps, "score", at))}))
        return [*charts, Chart("Positions a second", "", {"self-play and learning": speed}, from_zero=True)]

    def _ladder(self, lines: Lines, at: Mapping[int, float]) -> Chart:
        """The joint fit of the ladder's games where they can be read, else the ratings as they were logged."""
        rated = [line for line in lines if line.keys() & {"elo", "elo_low", "elo_high"}]
        if self._elo is not None and len(rated) == self._rated:
            return self._elo
        self._rated = len(rated)
        try:
            points, references = self._fitted(at) if rated else ([], {})
        except ArenaError:
            points, references = [_rating(line, at) for line in rated if line.get("iteration") in at], {}
        self._elo = Chart("Elo of the checkpoints", "Elo", {"checkpoints": tuple(points)}, references)
        return self._elo

    def _fitted(self, at: Mapping[int, float]) -> tuple[list[Point], dict[str, float]]:
        with Store.open(self.run.path / "ladder.db", create=False, timeout=2.0) as store:
            players = fit(store.results(self._about[1])).players
        head, points, references = f"{self.run.about['agent']}/", [], {}
        for player in players:
            if player.name.startswith(head):
                number = int(player.name.removeprefix(head))
                if number in at and player.bound != "?":
                    points.append(Point(at[number], player.known, player.low, player.high))
            elif player.elo is not None:
                references[player.name] = player.elo
        return sorted(points), references


def planned(plan: Mapping[str, Any], last: Mapping[str, Any]) -> tuple[float, str]:
    """How much of its plan a run has done after its `last` iteration, and that in words."""
    if steps := plan.get("steps"):
        return min(1.0, last["iteration"] / steps), f"{last['iteration']:,} of {steps:,} iterations"
    minutes = last["minutes"]
    if whole := plan.get("minutes"):
        return min(1.0, minutes / whole), f"{min(minutes, whole):.4g} of {whole:g} minutes"
    return 0.0, f"{minutes:.4g} minutes"


def _points(lines: Lines, key: str, at: Mapping[int, float]) -> list[Point]:
    """A figure over minutes; of an iteration logged twice, the last."""
    found = {line["iteration"]: line[key] for line in lines if key in line and line.get("iteration") in at}
    return [Point(at[number], float(value)) for number, value in sorted(found.items())]


def _rating(line: Mapping[str, Any], at: Mapping[int, float]) -> Point:
    low, high = line.get("elo_low"), line.get("elo_high")
    height = next(float(value) for value in (line.get("elo"), low, high) if value is not None)
    return Point(at[line["iteration"]], height, low, high)


def rates(steps: Lines) -> list[tuple[float, float]]:
    """Minutes, and positions a second of the iteration that ended then."""
    found = []
    for before, line in zip([{"minutes": 0.0, "positions": 0}, *steps], steps, strict=False):
        seconds = 60 * (line["minutes"] - before["minutes"])
        made = line.get("positions", 0) - before.get("positions", 0)
        if seconds > 0.5 and made >= 0:
            found.append((float(line["minutes"]), made / seconds))
    return found


def figures(steps: Lines) -> list[tuple[str, str]]:
    """What a run has done so far, in numbers."""
    last, speed = steps[-1], rates(steps)
    shown: dict[str, Callable[[], str]] = {
        "games": lambda: f"{last['games']:,}",
        "positions": lambda: f"{last['positions']:,}",
        "iterations": lambda: f"{last['iteration']:,}",
        "core_hours": lambda: f"{last['core_hours']:.2f}",
        "simulations": lambda: f"{last['simulations']} a move",
    }
    keys = {"iterations": "iteration"}
    found = [(name.replace("_", "-"), text()) for name, text in shown.items() if keys.get(name, name) in last]
    return [*found, *([("positions/s", f"{speed[-1][1]:,.0f}")] if speed else [])]
