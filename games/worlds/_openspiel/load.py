"""Loading an OpenSpiel game from its name and options, with one clear line for whatever is wrong with them."""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyspiel

from games.core.errors import ArenaError
from games.core.specs import Spec, Value, parse

_TRIAL = Path(__file__).with_name("trial.py")
_TRIAL_SECONDS = 10
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text", dict: "the name of a game"}


def seatable() -> list[str]:
    """All OpenSpiel games that can be seated by name alone."""
    return sorted(kind.short_name for kind in compiled_kinds() if kind.default_loadable and not _refusal(kind))


def load(name: str, options: Mapping[str, Value]) -> Any:
    """The `pyspiel.Game`. Raises ArenaError if there is none, an option is wrong, or its kind cannot be seated."""
    label = str(Spec(name, options, "openspiel"))
    parameters = _parameters(name, options, label)
    kind = _kind(name)
    if kind.is_concrete and _refusal(kind):
        raise ArenaError(f"{label}: {_refusal(kind)}")
    if name == "checkers" and parameters.get("columns", 8) > parameters.get("rows", 8):
        raise ArenaError(f"{label}: OpenSpiel's checkers breaks off on boards that are wider than high")
    if "grid" in options and _rolls_unseen(kind):
        raise ArenaError(
            f"{label}: OpenSpiel rolls the dice of grids out of sight; only its own grid, without any, can be seated"
        )
    if parameters:
        _try(name, json.dumps(parameters), label)
    with _quiet():
        loaded = pyspiel.load_game(name, parameters)
    kind = loaded.get_type()
    if _refusal(kind):
        raise ArenaError(f"{label}: {_refusal(kind)}")
    if _rolls_unseen(kind) and "rng_seed" not in _kind(name).parameter_specification:
        raise ArenaError(f"{label}: OpenSpiel rolls its dice out of sight, and they take no seed")
    return loaded


def compiled_kinds() -> list[Any]:
    """The kinds of games in OpenSpiel, without its examples in Python: those are registered only once something
    happens to import them."""
    examples = ("python_", "chat_game")
    return [kind for kind in pyspiel.registered_games() if not kind.short_name.startswith(examples)]


def _kind(name: str) -> Any:
    return next(kind for kind in compiled_kinds() if kind.short_name == name)


def _rolls_unseen(kind: Any) -> bool:
    return bool(kind.chance_mode == pyspiel.GameType.ChanceMode.SAMPLED_STOCHASTIC)


def _refusal(kind: Any) -> str:
    """Why games of this kind cannot be seated; empty if they can."""
    if kind.dynamics == pyspiel.GameType.Dynamics.MEAN_FIELD:
        return "it is played by a whole population (a mean field), not by seats"
    if kind.short_name == "crossword":
        return "its moves are words without numbers"
    return ""


def _parameters(name: str, options: Mapping[str, Value], label: str) -> dict[str, Any]:
    """`options` as OpenSpiel takes them, checked against what the game declares."""
    if name not in {kind.short_name for kind in compiled_kinds()}:
        close = difflib.get_close_matches(name, seatable(), 3)
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        raise ArenaError(f"OpenSpiel has no game called '{name}'; {hint}there are: {', '.join(seatable())}")
    kind = _kind(name)
    if "rng_seed" in options and _rolls_unseen(kind):
        raise ArenaError(f"{label}: there is no option 'rng_seed': its dice follow from the seed of the match")
    known = kind.parameter_specification
    for key in options:
        if key not in known:
            exist = f"options: {', '.join(sorted(known))}" if known else "it takes none"
            raise ArenaError(f"{label}: there is no option '{key}'; {exist}")
    for key, default in known.items():
        if not kind.default_loadable and default in ({}, "") and key not in options:
            raise ArenaError(f"{label}: option '{key}' must be given, {_KINDS[type(default)]}")
    if "filename" in options and not Path(str(options["filename"])).is_file():
        raise ArenaError(f"{label}: there is no file {options['filename']}")
    return {key: _parameter(f"{label}: option '{key}'", value, known[key]) for key, value in options.items()}


def _parameter(what: str, value: Value, default: Any) -> Any:
    """One option in the type of its default, the only one that OpenSpiel takes."""
    wanted = type(default)
    if wanted is dict and isinstance(value, str):
        spec = parse(value)
        return {"name": spec.name, **_parameters(spec.name, spec.options, str(spec))}
    if wanted is float and type(value) is int:
        return float(value)
    if wanted is str and type(value) in (int, float):
        return str(value)
    if type(value) is not wanted or (wanted is int and abs(int(str(value))) >= 2**31):
        raise ArenaError(f"{what} takes {_KINDS.get(wanted, wanted.__name__)}, not '{value}'")
    return value


@cache
def _try(name: str, parameters: str, label: str) -> None:
    """Play one game in a process of its own: OpenSpiel checks few options, and wrong ones can crash or hang it."""
    command = [sys.executable, "-P", str(_TRIAL), name, parameters]
    try:
        trial = subprocess.run(command, capture_output=True, text=True, timeout=_TRIAL_SECONDS, errors="replace")
    except subprocess.TimeoutExpired:
        raise ArenaError(f"{label}: too large, OpenSpiel did not get going within {_TRIAL_SECONDS} s") from None
    if trial.returncode < 0:
        raise ArenaError(f"{label}: OpenSpiel crashes with these options")
    if trial.returncode:
        said = trial.stdout.strip() or (trial.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ArenaError(f"{label}: OpenSpiel refuses these options: {said}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep OpenSpiel's C++ code from writing warnings over a table or a window's terminal."""
    sys.stderr.flush()
    kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)
