"""One direction of knowledge: games <- search <- agents <- arena <- window; and what is listed loads nothing heavy."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ["games", "search", "agents", "arena"]
SHARED = {"core", "worlds"}  # machinery: what content may use; content does not know its neighbours
HEAVY = {"torch", "numba", "pygame", "pyspiel", "gymnasium", "pettingzoo", "ale_py"}
ONLY_IN = {  # who may import what
    "pygame": ("arena/ui/",),
    "pyspiel": ("games/worlds/", "agents/cfr.py", "agents/openspiel_mcts.py", "arena/doctor.py"),
    "typer": ("arena/cli.py",),
    "sqlalchemy": ("arena/",),
    "rich": ("arena/",),
    "bitbully": ("agents/solver.py",),
    "torch": ("search/", "agents/", "arena/"),
    "ale_py": ("games/worlds/",),
    "gymnasium": ("games/worlds/", "agents/", "arena/"),
    "pettingzoo": ("games/worlds/", "arena/"),
}
FILES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_go_to_the_left(path: Path) -> None:
    own = LAYERS.index(path.relative_to(ROOT).parts[0])
    for module in imports(path):
        top = module.split(".")[0]
        assert top not in LAYERS[own + 1 :], f"{module} stands to the right"
        assert top != "tests"
        for name, places in ONLY_IN.items():
            assert top != name or name_of(path).startswith(places), f"{name} is imported in {', '.join(places)} alone"
        if module.startswith("arena.ui"):
            doors = ("arena/ui/", "arena/cli.py", "arena/watching.py", "arena/doors/rendering.py")
            assert name_of(path).startswith(doors), "only the window's doors"


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name in ("games", "agents")], ids=name_of)
def test_content_does_not_know_its_neighbours(path: Path) -> None:
    """A game imports no other game and an agent no other agent: what they share stands in core."""
    package = path.parent.name
    for module in imports(path):
        parts = module.split(".")
        if parts[0] == package and len(parts) > 1:
            assert parts[1] in SHARED, f"{module} is a neighbour"


def test_every_file_says_what_it_is_for() -> None:
    assert [name_of(path) for path in FILES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []


# -- start-up ------------------------------------------------------------------------------------------------------


def loaded(code: str) -> set[str]:
    """The top-level modules that a new process has loaded after `code`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    code += "\nimport sys; print('\\n', *sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {module.split(".")[0] for module in done.stderr.split()}


@pytest.mark.parametrize(
    "code",
    [
        "from games.core.registry import GAMES, WORLDS; GAMES.entries(); WORLDS.entries()",
        "from agents.core.registry import AGENTS; AGENTS.entries()",
    ],
)
def test_listing_loads_nothing_heavy(code: str) -> None:
    assert not loaded(code) & HEAVY


@pytest.mark.parametrize("words", ["--help", "games", "agents", "match --help"])
def test_the_command_line_loads_nothing_heavy(words: str) -> None:
    run = f"""
import sys
sys.argv = ["arena", *{words.split()}]
from arena.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
"""
    assert not loaded(run) & HEAVY
