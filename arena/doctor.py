"""Checks an installation: `arena doctor`."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = (
    "planning-arena", "numpy", "numba", "torch", "gymnasium", "pettingzoo", "open_spiel", "pygame-ce", "pillow",
    "typer", "rich", "scipy", "sqlalchemy", "safetensors",
)  # fmt: skip


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
        import torch
    except Exception as error:
        problems.append(f"torch does not import: {error}")
        return []
    found = ["cpu"]
    if torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        found.append("cpu bfloat16")
    if torch.cuda.is_available():
        found.append(f"cuda ({torch.cuda.get_device_name()})")
    if torch.backends.mps.is_available():
        found.append("mps")
    return found


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
    for problem in findings["problems"]:
        out.print(f"[bold red]problem[/] {problem}", highlight=False)
    if not findings["problems"]:
        out.print("[bold green]all is well[/]")
