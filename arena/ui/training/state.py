"""What is known of a training run that is followed, and what of it is looked at: no pygame here."""

from __future__ import annotations

from dataclasses import dataclass, field

from arena.following import Chart, Progress
from arena.messages import Failed
from arena.ui.theme import STYLE, Style
from arena.ui.view import View

PATIENCE = 90.0  # seconds, and four iterations, after which a run that wrote nothing is at rest


@dataclass
class Training:
    """Everything on the screen."""

    folder: str
    style: Style = STYLE
    progress: Progress | None = None
    view: View = field(default_factory=lambda: View("watch", hints=False))  # the board
    playing: int | None = None  # the checkpoint that plays there
    chosen: str | None = None  # the chart that is enlarged, by title
    first: int = 0  # of the charts in the grid: scrolled so far
    hover: tuple[int, int] | None = None  # the mouse
    resting: bool = False  # nothing was written for long
    error: str = ""
    open: bool = True

    @property
    def charts(self) -> tuple[Chart, ...]:
        return self.progress.charts if self.progress is not None else ()

    @property
    def chart(self) -> Chart | None:
        """The one enlarged."""
        return next((chart for chart in self.charts if chart.title == self.chosen), None)

    @property
    def extent(self) -> tuple[float, float]:
        """Of the board."""
        return self.view.hello.extent if self.view.hello is not None else (1.0, 1.0)

    def hear(self, word: Progress | Failed) -> None:
        """Take in what the follower says."""
        if isinstance(word, Progress):
            self.progress = word
        else:
            self.error = word.text

    def rest(self, clock: float) -> bool:
        """Notice that nothing is written any more at `clock`, in seconds since 1970; whether that is news."""
        before, progress = self.resting, self.progress
        self.resting = progress is not None and clock - progress.written > PATIENCE + 4 * progress.beat
        return self.resting is not before

    def step(self, by: int) -> None:
        """Enlarge the next chart, or the one before."""
        titles = [chart.title for chart in self.charts]
        if titles:
            place = (titles.index(self.chosen) + by) % len(titles) if self.chosen in titles else 0
            self.chosen = titles[place]

    def back(self) -> bool:
        """To all charts; False: they are shown."""
        shown, self.chosen = self.chart is not None, None
        return shown
