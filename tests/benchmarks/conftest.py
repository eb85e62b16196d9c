"""Two contenders alternate in one process; what counts is the median of the ratios of their rounds."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def race(benchmark: Any) -> Callable[..., float]:
    """race(ours, theirs, work, their_work, rounds): how many times the work a second of theirs we do."""

    def run(ours: Callable[[], Any], theirs: Callable[[], Any], work: float, their_work: float, rounds: int) -> float:
        seconds: list[float] = []

        def before() -> None:
            begin = time.perf_counter()
            theirs()
            seconds.append(time.perf_counter() - begin)

        ours()
        theirs()
        benchmark.pedantic(ours, setup=before, rounds=rounds, iterations=1)
        mine = benchmark.stats.stats.data
        ratio = statistics.median((work / own) / (their_work / other) for own, other in zip(mine, seconds, strict=True))
        benchmark.extra_info["ratio"] = round(ratio, 2)
        benchmark.extra_info["ours_per_second"] = round(work / statistics.median(mine))
        benchmark.extra_info["theirs_per_second"] = round(their_work / statistics.median(seconds))
        return ratio

    return run
