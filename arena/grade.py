"""How strong is it really? An agent's moves against perfect play: `arena grade`.

A mistake is a move that gives away what the position is worth: a draw for a win, a loss for a draw. Its rate over
fixed positions needs no opponent and no anchor, so it can be compared between agents, runs and papers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from agents.core.agent import Agent
from agents.core.registry import make_agent
from arena.analysis import Due, consider
from arena.judges import judge_of
from arena.match import Forfeit, Seating, check_seats, play
from arena.scores import Scores, earned
from arena.solved import Heard, Solved, draw, read_pons, replayed, silent
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.registry import make_game, marked
from games.core.seeds import derive
from games.core.specs import parse


@dataclass(frozen=True)
class Share:
    """`count` of `total`."""

    count: int
    total: int

    @property
    def rate(self) -> float | None:
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95% interval of Wilson (1927)."""
        if not self.total:
            return None
        from scipy.stats import binomtest

        found = binomtest(self.count, self.total).proportion_ci(method="wilson")
        return float(found.low), float(found.high)

    def to_json(self) -> dict[str, Any]:
        interval = self.interval
        return {
            "count": self.count,
            "total": self.total,
            "rate": rounded(self.rate),
            "interval": None if interval is None else [rounded(end) for end in interval],
        }


def rounded(rate: float | None) -> float | None:
    """As JSON has it."""
    return None if rate is None else round(rate, 4)


@dataclass(frozen=True)
class Bin:
    """The mistakes in one kind of position."""

    name: str
    mistakes: int
    positions: int
    chances: int  # positions where a mistake can be made

    @property
    def all(self) -> Share:
        return Share(self.mistakes, self.positions)

    @property
    def possible(self) -> Share:
        """Of the positions where a mistake can be made."""
        return Share(self.mistakes, self.chances)


@dataclass(frozen=True)
class Grade:
    """An agent's mistakes in a fixed set of positions."""

    game: str
    agent: str
    judge: str
    bins: tuple[Bin, ...]

    @property
    def mean(self) -> float | None:
        """The rate of mistakes, each bin counting alike."""
        return _mean(bin.all for bin in self.bins)

    @property
    def mean_possible(self) -> float | None:
        return _mean(bin.possible for bin in self.bins)

    def to_json(self) -> dict[str, Any]:
        return {
            "game": self.game,
            "agent": self.agent,
            "judge": self.judge,
            "bins": [
                {"name": bin.name, "all": bin.all.to_json(), "possible": bin.possible.to_json()} for bin in self.bins
            ],
            "mean": rounded(self.mean),
            "mean_possible": rounded(self.mean_possible),
        }


def grade(game: Game, agent: Agent, solved: Solved, name: str = "agent", seed: int = 0, heard: Heard = silent) -> Grade:
    """The agent's mistakes in the positions of `solved`; equal seeds give equal grades.

    Raises ArenaError if it cannot play the game, or fails to move."""
    check_seats(game, {name: agent})
    rows, seats = replayed(game, solved.plays)
    histories = [tuple(map(int, plays[:ply])) for plays, ply in zip(solved.plays, solved.plies, strict=True)]
    due: list[Due] = [
        (Seating((name,) * game.seats, seed, number), int(seat), len(history), history)
        for number, (seat, history) in enumerate(zip(seats, histories, strict=True))
    ]
    actions = np.zeros(len(due), np.int64)
    for number, answer in enumerate(consider(game, agent, rows, due)):
        if isinstance(answer, Forfeit):
            where = f"after {list(histories[number])}" if histories[number] else "at the start"
            raise ArenaError(f"{name} failed {where}: {answer.reason}")
        actions[number] = answer.action
        heard(f"asking {name}", number + 1, len(due))
    wrong = solved.mistakes[np.arange(len(due)), actions]
    risky = solved.mistakes.sum(axis=1) > 0
    bins = []
    for number, label in enumerate(solved.bins):
        here = solved.bin == number
        if here.any():
            bins.append(Bin(label, int(wrong[here].sum()), int(here.sum()), int(risky[here].sum())))
    return Grade(game.name, name, solved.judge, tuple(bins))


def examine(
    game: str, agent: str, per_bin: int | None, folder: str | None, against_solver: bool, seed: int, heard: Heard
) -> Grade | Defence | Scores:
    """What `arena grade` prints. Raises ArenaError."""
    made, player, name = make_game(game), make_agent(agent), str(marked(parse(agent)))
    connect_four = made.name == "connect_four"
    try:
        if against_solver:
            if not connect_four or folder is not None or per_bin is not None:
                raise ArenaError("--against-solver is for connect_four, and goes without positions")
            return defend(player, name, seed)
        if folder is not None and not connect_four:
            raise ArenaError(f"--positions: there are files for connect_four alone, not for {made.name}")
        check_seats(made, {name: player})
        if made.seats == 1 and per_bin is None:
            return earned(made, player, name, seed=seed, heard=heard)
        solved = draw(made, per_bin or 200, seed, heard) if folder is None else read_pons(folder, per_bin, heard)
        return grade(made, player, solved, name, seed, heard)
    finally:
        player.close()


def yardstick(game: Game, per_bin: int = 200, seed: int = 0) -> Solved | None:
    """Positions to grade with again and again, as while training; None, and a line on standard error, if there are
    none: the game has no judge, or it is not installed."""
    try:
        return draw(game, per_bin, seed)
    except ArenaError as error:
        print(f"mistakes are not measured: {error}", file=sys.stderr)
        return None


# -- against the perfect player ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Defence:
    """How often an agent kept a won or drawn opening to the end of the game."""

    agent: str
    seats: tuple[Share, Share]  # as first and as second
    won: Share  # openings that are won for it
    drawn: Share

    @property
    def all(self) -> Share:
        return Share(self.won.count + self.drawn.count, self.won.total + self.drawn.total)

    def to_json(self) -> dict[str, Any]:
        first, second = self.seats
        shares = {"held": self.all, "first": first, "second": second, "won": self.won, "drawn": self.drawn}
        return {"game": "connect_four", "agent": self.agent} | {key: share.to_json() for key, share in shares.items()}


def defend(agent: Agent, name: str = "agent", seed: int = 0) -> Defence:
    """Plays each of the 49 openings of two plies of Connect Four from both seats against the perfect player, and
    counts those not lost for the agent where it gets what the opening is worth.

    Raises ArenaError if one of them cannot play."""
    game = make_game("connect_four")
    agents = {"solver": make_agent("solver"), name: agent}
    check_seats(game, agents)
    openings = np.array(list(product(range(game.actions), repeat=2)), np.int32)
    worth = np.sign(judge_of(game).scores(replayed(game, openings)[0]))  # to the first seat
    seatings = [
        Seating((name, "solver") if seat == 0 else ("solver", name), derive(seed, o), 2 * o + seat, line=tuple(line))
        for o, line in enumerate(openings.tolist())
        for seat in (0, 1)
    ]
    kept: list[tuple[int, float, bool]] = []  # seat, what the opening is worth to it, whether it got that
    for seating, record in zip(seatings, play(game, agents, seatings), strict=True):
        opening, seat = divmod(seating.number, 2)
        value = float(worth[opening] if seat == 0 else -worth[opening])
        if value >= 0:
            kept.append((seat, value, 2 * record.points[seat] - 1 >= value))

    def share(chosen: Callable[[int, float], bool]) -> Share:
        some = [got for seat, value, got in kept if chosen(seat, value)]
        return Share(sum(some), len(some))

    seats = share(lambda seat, _: seat == 0), share(lambda seat, _: seat == 1)
    return Defence(name, seats, share(lambda _, value: value > 0), share(lambda _, value: value == 0))


def _mean(shares: Iterable[Share]) -> float | None:
    rates = [share.rate for share in shares if share.rate is not None]
    return sum(rates) / len(rates) if rates else None
