"""Metrics of a run for TensorBoard, which is an extra: `pip install 'planning-arena[tensorboard]'`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agents.core.run import Run
from games.core.errors import ArenaError

NOT_SHOWN = ("time", "iteration")


def missing() -> str | None:
    """Why there is no TensorBoard here, or None."""
    found = find_spec("tensorboard") is not None
    return None if found else "TensorBoard is not installed: pip install 'planning-arena[tensorboard]'"


class Board:
    """Writes what is new in the metrics of a run into its folder `tensorboard`, and begins with all there are."""

    def __init__(self, run: Run) -> None:
        """Raises ArenaError if TensorBoard is not installed."""
        if reason := missing():
            raise ArenaError(reason)
        from torch.utils.tensorboard.writer import SummaryWriter

        folder: Path = run.path / "tensorboard"
        for old in folder.glob("events.*"):  # of before it was resumed: metrics.jsonl knows better
            old.unlink()
        self.run, self.written, self.writer = run, 0, SummaryWriter(str(folder))  # type: ignore[no-untyped-call]
        self.write()

    def write(self) -> None:
        lines = self.run.metrics()
        for line in lines[self.written :]:
            for name, value in scalars(line):
                self.writer.add_scalar(name, value, line["iteration"], line["time"])  # type: ignore[no-untyped-call]
        self.written = len(lines)
        self.writer.flush()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self.write()
        self.writer.close()  # type: ignore[no-untyped-call]


def scalars(line: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The numbers of a line of metrics, by the names that TensorBoard shows."""
    for name, value in line.items():
        if name not in NOT_SHOWN and isinstance(value, int | float):
            yield name.replace("mistakes_", "mistakes/"), float(value)
