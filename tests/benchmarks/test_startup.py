"""How long a newcomer waits: commands in new processes, median of five."""

import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
UCT = "uct(simulations=50)"


@pytest.mark.parametrize(
    ("words", "limit"),
    [(["--help"], 0.6), (["match", "connect_four", UCT, UCT, "--games", "2", "--seed", "1"], 3.0)],
    ids=["help", "match"],
)
def test_startup(benchmark: Any, tmp_path: Path, words: list[str], limit: float) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ARENA_HOME": str(tmp_path)}

    def start() -> None:
        subprocess.run(
            [sys.executable, "-m", "arena.cli", *words], cwd=tmp_path, env=environment, check=True, capture_output=True
        )

    start()  # fills the cache of machine code
    benchmark.pedantic(start, rounds=5, iterations=1)
    median = statistics.median(benchmark.stats.stats.data)
    benchmark.extra_info["ratio"] = round(limit / median, 2)
    assert median < limit
