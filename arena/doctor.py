"""Checks an installation: `arena doctor`."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

PACKAGES = (
    "planning-arena", "numpy", "numba", "torch", "gymnasium", "pettingzoo", "open_spiel", "pygame-ce", "pillow",
    "typer", "rich", "scipy", "sqlalchemy", "safetensors",
)  # fmt: skip

ROUNDS = 15  # of measuring speed


def examine() -> dict[str, Any]:
    """What there is, and `problems`: one line each, empty where all is well."""
    problems: list[str] = []
    versions = {name: _version(name) for name in PACKAGES}
    problems += [f"{name} is not installed: pip install {name}" for name, found in versions.items() if found is None]
    if _version("pygame") is not None and versions["pygame-ce"] is not None:
        problems.append(
            "pygame and pygame-ce are both installed and break each other: "
            "pip uninstall pygame pygame-ce, then pip install pygame-ce"
        )
    return {
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "packages": versions,
        "backends": _backends(problems),
        "kernels": _kernels(problems),
        "openspiel": _openspiel(problems),
        "display": has_display(),
        "store": _store(problems),
        "problems": problems,
    }


def has_display() -> bool:
    """Whether a window can be expected to open."""
    if os.environ.get("SDL_VIDEODRIVER") in {"dummy", "offscreen"}:
        return False
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _backends(problems: list[str]) -> list[str]:
    try:
        from agents.core.backends import BACKENDS, fast_bfloat16
    except Exception as error:
        problems.append(f"torch does not import: {error}")
        return []
    found = [name for name, kind in BACKENDS.items() if kind.missing() is None]
    return [*found, "bfloat16 in hardware"] if fast_bfloat16() else found


def measure() -> list[dict[str, Any]]:
    """How fast each backend asks the network for Connect Four, on one thread: positions a second one at a time and
    256 at a time, medians of rounds in which the backends take turns; or, where it cannot run, why not."""
    import numpy as np

    from agents.core.backends import BACKENDS, make_backend
    from agents.core.networks import TOWERS, make_network
    from games.core.registry import make_game

    game = make_game("connect_four")
    net = make_network(game, TOWERS["connect_four"])
    rows: list[dict[str, Any]] = [{"backend": name, "missing": kind.missing()} for name, kind in BACKENDS.items()]
    there = [row for row in rows if row["missing"] is None]
    for batch, calls in ((1, 100), (256, 2)):
        seen = np.zeros((batch, *game.observation_shape), np.float32)
        backends = [make_backend(net, batch, row["backend"]) for row in there]
        seconds: list[list[float]] = [[] for _ in there]
        for turn in range(ROUNDS + 1):
            for backend, times in zip(backends, seconds, strict=True):
                begin = time.perf_counter()
                for _ in range(calls):
                    backend(seen)
                if turn:  # the first round warms up
                    times.append(time.perf_counter() - begin)
        for row, backend, times in zip(there, backends, seconds, strict=True):
            row["precision"] = backend.precision
            row[f"batch {batch}"] = round(calls * batch / statistics.median(times))
    return rows


def _kernels(problems: list[str]) -> str | None:
    """Plays one compiled game; where its machine code is cached."""
    try:
        import numpy as np

        from games.core.kernels import cache_folder
        from games.core.registry import make_game

        game = make_game("tic_tac_toe")
        positions = game.start(np.zeros(1, np.uint64))
        game.rollouts(positions, np.ones(1, np.uint64))
        return str(cache_folder())
    except Exception as error:
        problems.append(f"compiled kernels do not run: {type(error).__name__}: {error}".partition("\n")[0])
        return None


def _openspiel(problems: list[str]) -> int | None:
    try:
        import pyspiel

        return len(pyspiel.registered_names())
    except Exception as error:
        problems.append(f"open_spiel does not import: {error}")
        return None


def _store(problems: list[str]) -> str | None:
    from arena.store import Store
    from games.core.errors import ArenaError

    try:
        with Store.open() as store:
            return str(store.where)
    except ArenaError as error:
        problems.append(str(error))
        return None


def print_findings(findings: dict[str, Any]) -> None:
    """The findings as a page."""
    from rich.table import Table

    from arena.screen import console

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for key in ("python", "system", "cpu", "cores"):
        table.add_row(key, str(findings[key]))
    for name, version in findings["packages"].items():
        table.add_row(name, version or "[red]missing[/]")
    table.add_row("backends", ", ".join(findings["backends"]) or "[red]none[/]")
    table.add_row("kernel cache", findings["kernels"] or "[red]broken[/]")
    table.add_row("OpenSpiel games", str(findings["openspiel"]))
    table.add_row("display", "yes" if findings["display"] else "none (films still work: --headless --record game.gif)")
    table.add_row("store", findings["store"] or "[red]broken[/]")
    out = console()
    out.print(table, highlight=False)
    out.print()
    if "speed" in findings:
        out.print(_speeds(findings["speed"]), highlight=False)
        out.print()
    for problem in findings["problems"]:
        out.print(f"[bold red]problem[/] {problem}", highlight=False)
    if not findings["problems"]:
        out.print("[bold green]all is well[/]")


def _speeds(rows: list[dict[str, Any]]) -> Table:
    from rich.table import Table

    table = Table(
        box=None, padding=(0, 2, 0, 0), title="positions a second, Connect Four, one thread", title_justify="left"
    )
    for heading in ("backend", "precision"):
        table.add_column(heading)
    for heading in ("one at a time", "256 at a time"):
        table.add_column(heading, justify="right")
    for row in rows:
        if row["missing"] is None:
            table.add_row(row["backend"], row["precision"], f"{row['batch 1']:,}", f"{row['batch 256']:,}")
        else:
            table.add_row(row["backend"], row["missing"])
    return table
