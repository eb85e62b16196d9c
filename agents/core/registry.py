"""Agents by name: see `games/core/registry.py`, which does the finding."""

from __future__ import annotations

from pathlib import Path

from agents.core.agent import Agent
from games.core.errors import ArenaError
from games.core.registry import Registry
from games.core.specs import Spec, parse

AGENTS = Registry("agents", "agent", Path(__file__).parents[1])


def make_agent(text: str | Spec) -> Agent:
    """The agent that a spec names. Raises ArenaError with what exists."""
    spec = parse(text) if isinstance(text, str) else text
    if spec.world is not None:
        raise ArenaError(
            f"'{spec}': agents have no worlds; there are: {', '.join(AGENTS.names())}, or a file ./my_bot.py"
        )
    made = AGENTS.make(spec)
    if not isinstance(made, Agent):
        raise ArenaError(f"{spec}: agent(...) gave a {type(made).__name__}, not an Agent")
    return made
