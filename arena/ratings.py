"""Ratings from results."""

from __future__ import annotations

from typing import NamedTuple


class Result(NamedTuple):
    """What two agents scored against each other with `first` in seat 0 and `second` in seat 1."""

    first: str
    second: str
    wins_first: int
    draws: int
    wins_second: int
