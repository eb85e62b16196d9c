"""Every snippet of docs/doors.md runs as it stands."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "doors.md").read_text(encoding="utf-8")
NEEDS = {  # what a snippet names: the package it needs
    "atari:": "ale_py",
    "pettingzoo:atari/": "multi_agent_ale_py",
    "pettingzoo:butterfly/": "pymunk",
    "pettingzoo:classic/tictactoe": "pygame",
    "pettingzoo:mpe/": "mpe2",
}


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)


LINES = [line for snippet in snippets("sh") for line in snippet.splitlines() if line.startswith("arena ")]


def run(command: list[str] | str, folder: Path) -> None:
    shell = isinstance(command, str)
    said = command if shell else command[-1]
    for name, package in NEEDS.items():
        if name in said and find_spec(package) is None:
            pytest.skip(f"{name} needs {package}")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, shell=shell, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_there_is_a_snippet_a_door() -> None:
    assert len(snippets("python")) >= 5
    assert len(LINES) >= 7


@pytest.mark.parametrize("line", LINES)
def test_commands_run(line: str, tmp_path: Path) -> None:
    run(f"{sys.executable} -m arena.cli {line.removeprefix('arena ')} --store games.db", tmp_path)


@pytest.mark.parametrize("code", snippets("python"), ids=range(len(snippets("python"))))
def test_programs_run(code: str, tmp_path: Path) -> None:
    run([sys.executable, "-c", code], tmp_path)


def test_an_environment_of_ones_own_is_matched(tmp_path: Path) -> None:
    """The file of the page, under the name that the page gives it."""
    (code,) = [code for code in snippets("python") if "class Coin" in code]
    (tmp_path / "coin.py").write_text(code, encoding="utf-8")
    (line,) = re.findall(r"`arena (match \./coin\.py [^`]*)`", TEXT)
    run(f"{sys.executable} -m arena.cli {line} --games 4 --store games.db", tmp_path)
