"""Checks that agents share of the options they are given."""

from __future__ import annotations

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
