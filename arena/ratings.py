"""Elo ratings: one joint maximum-likelihood fit over all results, never a running sum.

The model is Davidson's with a first-seat advantage (see `arena.davidson`); 400 Elo are odds of ten to one. A rating is
the difference to the anchor, and so is its 95% interval.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from arena import davidson
from games.core.errors import ArenaError

MODEL = "davidson-1970/first-seat"
MODEL_WITHOUT_SEAT = "davidson-1970"  # where seats were never swapped, so that strength and seat cannot be told apart
ELO = 400 / math.log(10)  # Elo in a natural logarithm of odds
_Z = 1.96  # standard errors on either side of a 95% interval
_DROP = -math.log(0.025)  # at a bound the results have 2.5% of their greatest likelihood


class Result(NamedTuple):
    """What two agents scored against each other with `first` in seat 0 and `second` in seat 1, in games."""

    first: str
    second: str
    wins_first: int
    draws: int
    wins_second: int


@dataclass(frozen=True)
class Interval:
    """An estimate and its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Rating:
    """One player. All None: the results do not compare it with the anchor.

    Without `elo`, `low` or `high` alone is a bound: results so one-sided have no finite estimate, and on the other
    side of the bound they have less than 2.5% of their greatest likelihood.
    """

    name: str
    elo: float | None  # over the anchor
    low: float | None  # 95% interval of the difference to the anchor
    high: float | None
    wins: int
    draws: int
    losses: int

    @property
    def games(self) -> int:
        """Games against others; those against itself tell nothing about its strength."""
        return self.wins + self.draws + self.losses

    @property
    def points(self) -> float:
        return self.wins + self.draws / 2

    @property
    def score(self) -> float:
        """Points a game."""
        return self.points / self.games if self.games else 0.5

    @property
    def bound(self) -> str:
        """'' for an estimate, '>' or '<' for a bound on one side, '?' where nothing is known."""
        if self.elo is not None:
            return ""
        return ">" if self.low is not None else "<" if self.high is not None else "?"

    @property
    def known(self) -> float:
        """The estimate or the bound, for sorting; minus infinity where nothing is known."""
        return next((value for value in (self.elo, self.low, self.high) if value is not None), -math.inf)

    @property
    def order(self) -> tuple[int, float, float, str]:
        """Sorts the best first: who is infinitely above the anchor, who has an estimate, who is infinitely below."""
        group = {">": 0, "": 1, "<": 2, "?": 3}[self.bound]
        return group, -self.score if group != 1 else -self.known, -self.score, self.name

    def __str__(self) -> str:
        return "?" if self.bound == "?" else f"{self.bound} {round(self.known)}".strip()


@dataclass(frozen=True)
class Ratings:
    """What a set of results says about all who played."""

    model: str
    anchor: str  # the player at 0
    players: tuple[Rating, ...]  # best first
    first_seat: Interval | None  # Elo; None: not determined, or not in the model
    draw: float | None  # Davidson's nu: equals draw nu / (2 + nu) of their games; None: not determined
    games: int  # all games that were counted

    def __getitem__(self, name: str) -> Rating:
        return next(player for player in self.players if player.name == name)

    @property
    def draw_rate(self) -> float | None:
        """The share of drawn games between equals, were there no first-seat advantage."""
        return None if self.draw is None else self.draw / (2 + self.draw)


def fit(results: Iterable[Result], anchor: str | None = None) -> Ratings:
    """Rate everyone in `results`.

    By default the anchor is taken among those whose differences are all determined: from the largest such group, if
    several are equal the one with `random`; in it `random`, else who played most, else the first by name.
    Raises ArenaError where there are no results or the anchor has played no game.
    """
    rows = [row for row in results if row.wins_first + row.draws + row.wins_second > 0]
    if not rows:
        raise ArenaError("no games to rate yet")
    records = _scores(rows)
    names = sorted(records)
    if anchor is not None and anchor not in records:
        raise ArenaError(f"no player '{anchor}' to anchor at; there are {', '.join(names)}")
    cells = _cells(rows, names)
    if not davidson.identifies_seat(cells):
        cells = replace(cells, seat=False)
    fitted = davidson.fit(cells)
    anchor = anchor or _choose_anchor(fitted, names, {name: sum(records[name].values()) for name in names})
    players = [_rate(fitted, names, name, anchor, records[name]) for name in names]
    return Ratings(
        model=MODEL if cells.seat else MODEL_WITHOUT_SEAT,
        anchor=anchor,
        players=tuple(sorted(players, key=lambda player: player.order)),
        first_seat=_first_seat(fitted),
        draw=_draw(fitted),
        games=int(cells.counts.sum()),
    )


def _scores(rows: list[Result]) -> dict[str, Counter[str]]:
    """Wins, draws and losses against others, by name."""
    records: dict[str, Counter[str]] = {}
    for row in rows:
        first, second = (records.setdefault(name, Counter()) for name in (row.first, row.second))
        if row.first != row.second:
            first.update(wins=row.wins_first, draws=row.draws, losses=row.wins_second)
            second.update(wins=row.wins_second, draws=row.draws, losses=row.wins_first)
    return records


def _cells(rows: list[Result], names: list[str]) -> davidson.Cells:
    index = {name: i for i, name in enumerate(names)}
    total: dict[tuple[int, int], np.ndarray] = {}
    for row in rows:
        pair = (index[row.first], index[row.second])
        total[pair] = total.get(pair, 0) + np.array([row.wins_first, row.draws, row.wins_second], float)
    pairs = np.array(sorted(total), int)
    return davidson.Cells(len(names), pairs[:, 0], pairs[:, 1], np.array([total[pair] for pair in sorted(total)]))


def _contrast(size: int, plus: int, minus: int | None = None) -> np.ndarray:
    contrast = np.zeros(size)
    contrast[plus] += 1
    if minus is not None:
        contrast[minus] -= 1
    return contrast


def _choose_anchor(fitted: davidson.Fit, names: list[str], games: dict[str, int]) -> str:
    groups: list[list[int]] = []
    for i in range(len(names)):
        for group in groups:
            if fitted.determines(_contrast(fitted.cells.size, i, group[0])):
                group.append(i)
                break
        else:
            groups.append([i])
    best = max(groups, key=lambda group: (len(group), any(names[i] == "random" for i in group)))
    return min((names[i] for i in best), key=lambda name: (name != "random", -games[name], name))


def _rate(fitted: davidson.Fit, names: list[str], name: str, anchor: str, record: Counter[str]) -> Rating:
    i, a = names.index(name), names.index(anchor)
    elo, low, high = None, None, None
    contrast = _contrast(fitted.cells.size, i, a)
    if fitted.determines(contrast):
        value, error = fitted.estimate(contrast)
        elo, low, high = (ELO * x for x in (value, value - _Z * error, value + _Z * error))
    elif not davidson.may_fall(fitted.cells, contrast):
        low = ELO * davidson.lower_bound(fitted, i, a, _DROP)
    elif not davidson.may_fall(fitted.cells, -contrast):
        high = -ELO * davidson.lower_bound(fitted, a, i, _DROP)
    return Rating(name, elo, low, high, record["wins"], record["draws"], record["losses"])


def _first_seat(fitted: davidson.Fit) -> Interval | None:
    contrast = _contrast(fitted.cells.size, fitted.cells.players)
    if not fitted.cells.seat or not fitted.determines(contrast):
        return None
    value, error = fitted.estimate(contrast)
    return Interval(ELO * value, ELO * (value - _Z * error), ELO * (value + _Z * error))


def _draw(fitted: davidson.Fit) -> float | None:
    if not fitted.cells.counts[:, davidson.DRAW].any():
        return 0.0
    contrast = _contrast(fitted.cells.size, fitted.cells.players + 1)
    return math.exp(fitted.estimate(contrast)[0]) if fitted.determines(contrast) else None
