"""Checks that agents share of the options they are given."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

WHOLE = {"simulations", "depth", "iterations", "worlds"}


def check_positive(**options: object) -> None:
    """Raises ValueError unless every option is a positive number, a whole one where it counts things, or `seconds`
    is None."""
    for name, value in options.items():
        if value is None and name == "seconds":
            continue
        number = isinstance(value, int if name in WHOLE else int | float) and not isinstance(value, bool)
        if not number or value <= 0:  # type: ignore[operator]
            raise ValueError(f"{name}={value} is not a positive {'whole ' if name in WHOLE else ''}number")


def check_settings(settings: Any, counts: Iterable[str]) -> None:
    """Raises ValueError for settings of a training that it cannot go by; `counts` are to be 1 or more."""
    for name in counts:
        if getattr(settings, name) < 1:
            raise ValueError(f"{name} has to be 1 or more")
    if bool(settings.blocks) != bool(settings.channels):
        raise ValueError("blocks and channels go together")
    if settings.search_value > 1:
        raise ValueError("search_value is a share of 1 at most")
    if not 0 <= settings.decay_from < 1:
        raise ValueError("decay_from is a share of the run below 1")
    stages = settings.simulations
    if not stages or stages[0][0] != 0 or min(n for _, n in stages) < 1:
        raise ValueError("simulations begin at share 0 and are 1 or more")
    if not all(math.isfinite(v) and v >= 0 for v in asdict(settings).values() if isinstance(v, int | float)):
        raise ValueError("all numbers are finite and not negative")
