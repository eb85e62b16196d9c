"""Finding games and agents by their file names.

A file `games/NAME.py` is the game NAME, `agents/NAME.py` the agent NAME, `games/worlds/NAME.py` the prefix `NAME:`.
Each has one function, called `game` or `agent`, whose parameters are the options of the spec. Names, options and
descriptions are read from the source without importing it, so listing loads nothing heavy.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from games.core.errors import ArenaError
from games.core.game import Game
from games.core.specs import Spec, parse


@dataclass(frozen=True)
class Entry:
    """One file of a registry."""

    name: str
    description: str  # the first line of the file's docstring
    options: Mapping[str, str]  # name -> default as written in the source; '' where it must be given


@dataclass(frozen=True)
class Registry:
    """The files of one folder, each with a function `maker`."""

    package: str  # 'games'
    maker: str  # 'game'
    folder: Path
    named: int = 0  # how many leading arguments of the function are not options (a world gets the name)

    def names(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.py") if not path.stem.startswith("_"))

    def entry(self, name: str) -> Entry:
        """Of a name, or of a file of the user's own, which may be missing (OSError) or broken (SyntaxError)."""
        path = Path(name).expanduser() if name.endswith(".py") else self.folder / f"{name}.py"
        return _entry(path, self.maker, self.named)

    def entries(self) -> list[Entry]:
        return [self.entry(name) for name in self.names()]

    def make(self, spec: Spec) -> Any:
        """What `spec` names. Raises ArenaError with what exists."""
        if spec.is_file:
            marked(spec)
            module = load_file(Path(spec.path), self.package)
        elif spec.name in self.names():
            module = importlib.import_module(f"{self.package}.{spec.name}")
        else:
            close = difflib.get_close_matches(spec.name, self.names(), 1)
            meant = close[0] if close else _abroad(spec.name) if self is GAMES else None
            hint = f"did you mean {meant}? " if meant else ""
            raise ArenaError(f"no {self.maker} is called '{spec.name}'; {hint}there are: {', '.join(self.names())}")
        maker = getattr(module, self.maker, None)
        if not callable(maker):
            raise ArenaError(f"{spec.name} has no function called {self.maker}(...)")
        return call(maker, str(spec), spec.options)


def call(maker: Callable[..., Any], label: str, options: Mapping[str, Any], *args: Any) -> Any:
    """`maker(*args, **options)`; raises ArenaError for an option it does not have or a value it does not take."""
    parameters = list(inspect.signature(maker).parameters.values())[len(args) :]
    known = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        for key in options:
            if key not in known:
                there_are = f"options: {', '.join(known)}" if known else "it takes none"
                raise ArenaError(f"{label}: there is no option '{key}'; {there_are}")
    for p in parameters:
        if p.default is p.empty and p.kind is not p.VAR_KEYWORD and p.name not in options:
            raise ArenaError(f"{label}: option '{p.name}' must be given")
    try:
        return maker(*args, **options)
    except (TypeError, ValueError) as error:
        raise ArenaError(f"{label}: {_one_line(error)}") from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


@cache
def _entry(path: Path, maker: str, skip: int) -> Entry:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    description = (ast.get_docstring(tree) or "").partition("\n")[0].rstrip(".")
    options: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == maker:
            arguments = node.args.args + node.args.kwonlyargs
            defaults = [None] * (len(node.args.args) - len(node.args.defaults)) + list(node.args.defaults)
            for argument, default in list(zip(arguments, [*defaults, *node.args.kw_defaults], strict=True))[skip:]:
                options[argument.arg] = ast.unparse(default) if default is not None else ""
    return Entry(path.stem, description, options)


def marked(spec: Spec) -> Spec:
    """A file's spec with a mark of what is in it, so that an edited bot is another player; others as they are.

    Raises ArenaError if it has a mark already and the file has changed since."""
    if not spec.is_file:
        return spec
    path = Path(spec.path).expanduser()
    if not path.is_file():
        raise ArenaError(f"there is no file {path.resolve()}")
    mark = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    if spec.mark not in ("", mark):
        raise ArenaError(f"{path} is not what it was: {spec.mark} is wanted, {mark} is there")
    return replace(spec, name=f"{spec.path}@{mark}")


def load_file(path: Path, package: str) -> ModuleType:
    """The module in a user's own file, imported once a content."""
    path = path.expanduser().resolve()
    if not path.is_file():
        raise ArenaError(f"there is no file {path}")
    digest = hashlib.sha256(str(path).encode() + b"\0" + path.read_bytes()).hexdigest()[:12]
    name = f"{package}_file_{path.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    loader = importlib.util.spec_from_file_location(name, path)
    assert loader is not None
    assert loader.loader is not None
    module = importlib.util.module_from_spec(loader)
    sys.modules[name] = module
    try:
        loader.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ArenaError(f"{path.name} does not load: {type(error).__name__}: {_one_line(error)}") from error
    return module


GAMES = Registry("games", "game", Path(__file__).parents[1])
WORLDS = Registry("games.worlds", "game", Path(__file__).parents[1] / "worlds", named=1)


def _abroad(name: str) -> str | None:
    """The spec of a foreign game of that name."""
    for world in WORLDS.names():
        named = getattr(importlib.import_module(f"{WORLDS.package}.{world}"), "named", None)
        if named is not None and name in named():
            return f"{world}:{name}"
    return None


def make_game(text: str | Spec) -> Game:
    """The game that a spec names. Raises ArenaError with what exists."""
    spec = parse(text) if isinstance(text, str) else text
    if spec.world is None:
        made = GAMES.make(spec)
    elif spec.world in WORLDS.names():
        module = importlib.import_module(f"{WORLDS.package}.{spec.world}")
        made = call(module.game, str(spec), spec.options, spec.name)
    else:
        raise ArenaError(f"no world is called '{spec.world}'; there are: {', '.join(WORLDS.names())}")
    if not isinstance(made, Game):
        raise ArenaError(f"{spec}: game(...) gave a {type(made).__name__}, not a Game")
    made.name = str(marked(spec))
    return made
