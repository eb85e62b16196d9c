"""The window's end of an export: the process that writes the game to a file, as long as it does."""

from __future__ import annotations

from arena.exporting import serve
from arena.messages import Remark
from arena.ui.view import View
from arena.worker import Worker


class Exporter:
    """Starts when a view is `exporting`."""

    def __init__(self) -> None:
        self._worker: Worker | None = None

    def follow(self, view: View, now: float) -> bool:
        """Do what the view wants, and let it say where the file is; whether there is news."""
        if view.exporting and self._worker is None and view.record is not None:
            self._worker = Worker.start(serve, view.record, name="export")
        news, view.exporting = False, False
        while self._worker is not None and not self._worker.said.empty():
            message, news = self._worker.said.get_nowait(), True
            if isinstance(message, Remark):
                view.apply(message, now)
            else:
                self.close()
        return news

    def close(self) -> None:
        """Leave no process behind; a file is whole or not there."""
        if self._worker is not None:
            self._worker.stop(0.0)
        self._worker = None
