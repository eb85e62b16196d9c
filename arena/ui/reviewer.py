"""The window's end of an analysis: the process that goes over the game shown, as long as that is wanted."""

from __future__ import annotations

from arena.messages import Judged, Remark
from arena.record import Record
from arena.reviewing import serve
from arena.ui.view import View
from arena.worker import Worker


class Reviewer:
    """Starts when a view is `analysing`; each game is gone over once."""

    def __init__(self) -> None:
        self._record: Record | None = None
        self._worker: Worker | None = None

    def follow(self, view: View, now: float) -> bool:
        """Do what the view wants, and let it hear what is found; whether there is news."""
        if view.record is not self._record:
            self.close()
        if view.analysing and view.record is not None and self._record is None:
            self._record, view.reviewing = view.record, True
            self._worker = Worker.start(serve, view.record, None, name="review")
        news = False
        while self._worker is not None and not self._worker.said.empty():
            message = self._worker.said.get_nowait()
            news = True
            if isinstance(message, Judged | Remark):
                view.apply(message, now)
            elif message is None:
                view.reviewing = False
                how = self._worker.epitaph()
                if self._worker.process.exitcode:
                    view.remark(f"No analysis: its process died ({how})", now)
                self._worker.stop(0.0)
                self._worker = None
        return news

    def close(self) -> None:
        """Leave no process behind."""
        if self._worker is not None:
            self._worker.stop(0.0)
        self._worker = self._record = None
