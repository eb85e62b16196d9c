"""What is known of a tournament that is watched, and what of it is looked at: no pygame here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from arena.boards import Board
from arena.hall import Boards, Opened, Over, Standings, Word
from arena.messages import Failed
from arena.ratings import Rating
from arena.ui.motion import Motion
from arena.ui.theme import STYLE, Style
from games.core.specs import parse

GLIDE = 0.2  # seconds a piece of the enlarged board takes to its place


@dataclass
class Tournament:
    """Everything on the screen."""

    agents: tuple[str, ...]
    title: str = "Tournament"
    style: Style = STYLE
    extent: tuple[float, float] = (1.0, 1.0)
    total: int = 0
    stored: int = 0  # games before this window was opened
    tables: dict[int, Board] = field(default_factory=dict)
    standings: Standings | None = None
    chosen: int | None = None  # the table whose board is enlarged
    crossed: bool = False  # the cross-table is
    first: int = 0  # of the boards in the grid: scrolled so far
    over: bool = False
    error: str = ""
    open: bool = True
    motion: Motion = field(default_factory=Motion)

    # -- what there is ---------------------------------------------------------------------------------------------

    @property
    def played(self) -> int:
        return self.standings.played if self.standings is not None else self.stored

    @property
    def board(self) -> Board | None:
        """The one enlarged."""
        return None if self.chosen is None else self.tables.get(self.chosen)

    @property
    def players(self) -> tuple[Rating, ...]:
        """All who are entered, best first; at the end who has not played yet."""
        rated = self.standings.players if self.standings is not None else ()
        there = {player.name for player in rated}
        return rated + tuple(Rating(name, None, None, None, 0, 0, 0) for name in self.agents if name not in there)

    # -- what happens ----------------------------------------------------------------------------------------------

    def hear(self, word: Word, now: float) -> None:
        """Take in what the hall says."""
        if isinstance(word, Opened):
            self.title, self.extent, self.total, self.stored = word.title, word.extent, word.total, word.stored
        elif isinstance(word, Boards):
            self.tables.update(word.tables)
            self.settle(now)
        elif isinstance(word, Standings):
            self.standings = word
        elif isinstance(word, Over):
            self.over = True
        elif isinstance(word, Failed):
            self.error = word.text

    def settle(self, now: float) -> None:
        """Set out for the picture of the enlarged board; another game is there at once."""
        board, motion = self.board, self.motion
        if board is None:
            self.motion = Motion()
        elif board.shapes is not motion.after:
            seconds = GLIDE if motion.after and board.ply else 0.0
            self.motion = Motion(motion.at(now), board.shapes, now, seconds)

    def moving(self, now: float) -> bool:
        """Whether the picture changes by itself."""
        return now < self.motion.start + self.motion.seconds

    # -- what the user does ----------------------------------------------------------------------------------------

    def choose(self, table: int | None, now: float) -> None:
        """Enlarge the board of a table; None: show all."""
        self.chosen, self.crossed, self.motion = table, False, Motion()
        self.settle(now)

    def step(self, by: int, now: float) -> None:
        """To the next board, or the one before."""
        tables = sorted(self.tables)
        if tables:
            place = (tables.index(self.chosen) + by) % len(tables) if self.chosen in tables else 0
            self.choose(tables[place], now)

    def back(self) -> bool:
        """To all boards; False: they are shown."""
        shown = self.chosen is not None or self.crossed
        self.chosen, self.crossed, self.motion = None, False, Motion()
        return shown


def briefly(names: Sequence[str]) -> dict[str, str]:
    """Names short enough for a caption, as in 'uct 400'; whole where two would be alike."""
    short = {name: _short(name) for name in names}
    alike = list(short.values())
    return {name: text if alike.count(text) == 1 else name for name, text in short.items()}


def _short(name: str) -> str:
    spec = parse(name)
    head = PurePath(spec.path).stem if spec.is_file else spec.name
    values = [PurePath(value).name if isinstance(value, str) else value for value in spec.options.values()]
    return " ".join([head, *(f"{value:g}" if isinstance(value, float) else str(value) for value in values)])
