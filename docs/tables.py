"""Writes the tables of games and agents into the README, and that of keys into `window.md`: `python docs/tables.py`."""

from __future__ import annotations

import re
from pathlib import Path

from agents.core.registry import AGENTS
from arena.ui.actions import ACTIONS
from games.core.registry import GAMES, WORLDS, Registry

README = Path(__file__).parents[1] / "README.md"
WINDOW = Path(__file__).parent / "window.md"


def table(*registries: Registry) -> str:
    """A Markdown table of everything in the registries."""
    rows = [("Name", "Options", "What it is"), ("---", "---", "---")]
    for registry in registries:
        for entry in registry.entries():
            options = ", ".join(f"{key}={value}" if value else key for key, value in entry.options.items())
            name = entry.name + (":" if registry is WORLDS else "")
            rows.append((f"`{name}`", f"`{options}`" if options else "", entry.description))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def keys() -> str:
    """A Markdown table of what can be done at a table."""
    rows = [("Name", "Keys", "Button", "What it does"), ("---", "---", "---", "---")]
    for name, action in ACTIONS.items():
        own = ", ".join(f"`{key}`" for key in action.keys.split(", ") if not key.startswith("["))
        rows.append((f"`{name}`", own, action.text, action.help))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def filled(text: str) -> str:
    """A page with its generated tables as they should be."""
    for name, content in (("games", table(GAMES, WORLDS)), ("agents", table(AGENTS)), ("keys", keys())):
        block = f"<!-- {name} -->\n{content}\n<!-- end -->"
        text = re.sub(rf"<!-- {name} -->.*?<!-- end -->", lambda _, block=block: block, text, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    for page in (README, WINDOW):
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
