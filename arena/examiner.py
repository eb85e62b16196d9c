"""What the checkpoints of a run are worth: mistakes against perfect play, and Elo on the run's ladder.

In the process that trains it takes its turn between two iterations, and no more than a small share of the time. The
network is graded alone, that is with one simulation, and with a short search; the positions are others than those
that `arena grade` draws by default, so that choosing the best checkpoint by them does not flatter it there.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from agents.core.files import write_whole
from agents.core.run import KEPT, Run
from arena.grade import Grade, grade, yardstick
from arena.judges import judge_of
from arena.ladder import SIMULATIONS, Contender, Ladder
from arena.ratings import Rating
from arena.store import Store
from games.core.errors import ArenaError
from games.core.game import Game

PER_BIN = 100  # positions to grade with
SEED = 1  # of those positions
SHARES = {"grade": 0.02, "ladder": 0.03}  # of the time that a run may spend on each
Metrics = dict[str, Any]


class Examiner:
    """Grades and rates the checkpoints of one run; what comes of it goes into the run's metrics."""

    def __init__(self, run: Run, game: Game, contender: Contender) -> None:
        self.run, self.game, self.contender = run, game, contender
        self.solved = yardstick(game, PER_BIN, SEED)
        self.store = Store.open(run.path / "ladder.db")
        self.ladder = Ladder(run, self.store, game, contender) if game.seats == 2 else None
        self.spent = dict.fromkeys(SHARES, 0.0)
        self.begin = time.monotonic()
        self.stopped = False

    def close(self) -> None:
        self.store.close()

    def look(self, checkpoint: Path, last: bool) -> Metrics:
        """Examine a new checkpoint as far as there is time for it; the last one in any case.

        Training does not end because this cannot go on, as with a ladder that is damaged: it is said once."""
        found: Metrics = {}
        jobs: dict[str, Callable[[Path], Metrics]] = {"grade": self.grade, "ladder": self.rate}
        for name, job in jobs.items():
            elapsed = time.monotonic() - self.begin
            if not self.stopped and (last or self.spent[name] <= SHARES[name] * elapsed):
                try:
                    found |= job(checkpoint)
                except ArenaError as error:
                    print(f"checkpoints are not examined any more: {error}", file=sys.stderr)
                    self.stopped = True
                self.spent[name] += time.monotonic() - self.begin - elapsed
        return found

    def rest(self, heard: Callable[[str, int, int], None]) -> None:
        """Examine all checkpoints that have not been yet."""
        graded = {line["iteration"] for line in self.run.metrics() if "mistakes" in line}
        left = [folder for folder in self.run.checkpoints() if int(folder.name) not in graded and self.solved]
        for number, checkpoint in enumerate(left, 1):
            self.grade(checkpoint)
            heard("grading checkpoints", number, len(left))
        waiting = self.ladder.waiting() if self.ladder else []
        for number, checkpoint in enumerate(waiting, 1):
            self.rate(checkpoint)
            heard("playing the ladder", number, len(waiting))

    def grade(self, checkpoint: Path) -> Metrics:
        """Log the mistakes of a checkpoint, and keep it if it is the best."""
        if self.solved is None:
            return {}
        alone, searching = (self._grade(checkpoint, simulations) for simulations in (1, SIMULATIONS))
        found: Metrics = {"mistakes": _rounded(searching.mean), "mistakes_network": _rounded(alone.mean)}
        found["graded"] = sum(bin.positions for bin in searching.bins)
        if len(searching.bins) > 1:
            found |= {f"mistakes_{bin.name}": _rounded(bin.all.rate) for bin in searching.bins}
        self.run.log(iteration=int(checkpoint.name), **found)
        if judge_of(self.game).whole:  # who plays endings well need not play well
            keep_best(self.run)
        return found

    def _grade(self, checkpoint: Path, simulations: int) -> Grade:
        assert self.solved is not None
        agent = self.contender(checkpoint, simulations)
        try:
            return grade(self.game, agent, self.solved)
        finally:
            agent.close()

    def rate(self, checkpoint: Path) -> Metrics:
        """Let a checkpoint join the ladder, and log its rating as it stands."""
        if self.ladder is None:
            return {}
        self.ladder.begin()
        self.ladder.join(checkpoint)
        ratings = self.ladder.of_checkpoints()
        rating = ratings[int(checkpoint.name)]
        found = {"elo": rating.elo, "elo_low": rating.low, "elo_high": rating.high}
        known = {key: round(value, 1) for key, value in found.items() if value is not None}
        self.run.log(iteration=int(checkpoint.name), **known)
        return {**known, "ladder": list(ratings.values())}


def keep_best(run: Run) -> None:
    """Put the weights with the best grade into best/: of those that it cannot tell apart, which are within one standard
    error of the fewest mistakes, the latest."""
    graded = {line["iteration"]: line for line in run.metrics() if "mistakes" in line}
    fewest = min(graded.values(), key=lambda line: line["mistakes"])
    rate, positions = fewest["mistakes"], max(1, fewest.get("graded", 1))
    error = math.sqrt(rate * (1 - rate) / positions)
    number = max(number for number, line in graded.items() if line["mistakes"] <= rate + error)
    best, source = run.path / "best", run.path / "checkpoints" / f"{number:06d}" / KEPT
    if not source.exists() or best_of(run) == number:
        return
    about = json.dumps({"checkpoint": number, "mistakes": graded[number]["mistakes"]})
    try:
        best.mkdir(exist_ok=True)
        for name, content in ((KEPT, source.read_bytes()), ("grade.json", about.encode())):
            write_whole(best / name, lambda file, content=content: file.write(content))  # type: ignore[misc]
    except OSError as error:
        raise ArenaError(f"{best} cannot be written: {error.strerror}")


def best_of(run: Run) -> int | None:
    """The number of the checkpoint in best/; None: there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return int(json.loads((run.path / "best" / "grade.json").read_text())["checkpoint"])
    return None


def elo_text(rating: Rating) -> str:
    """A rating with half the width of its 95% interval, as in 512 ± 40; or its bound."""
    if rating.elo is None or rating.high is None:
        return str(rating)
    return f"{rating.elo:.0f} ± {rating.high - rating.elo:.0f}"


def _rounded(rate: float | None) -> float:
    return round(rate or 0.0, 4)
