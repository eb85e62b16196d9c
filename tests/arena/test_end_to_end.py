"""The real `arena` on a real X server: a game is chosen, played, taken back, finished, stored and seen again, with
nothing but a mouse and eyes on the pixels."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pygame
import pytest
from PIL import ImageGrab

from arena.glimpse import hello
from arena.messages import HUMAN, Setup
from arena.record import Record
from arena.store import Store
from arena.ui.layout import arrange
from arena.ui.lobby import places
from arena.ui.lobby.state import Lobby
from arena.ui.theme import LIGHT, STYLE, Rgb
from arena.ui.view import View
from arena.ui.window import SIZE
from games.connect_four import COLUMNS, ROWS, ConnectFour
from games.core.position import Position
from games.core.registry import make_game
from tests.arena.processes import running

MISSING = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
SECONDS = 40.0  # that a state is waited for: the machine may be busy
SPOT = (0.197, 0.082)  # in a cell: on a piece's face, beside the dot of the last move and any winning line
EMPTY = 2
GAME = make_game("connect_four")


class Desk:
    """A display of its own, its pixels and its mouse."""

    def __init__(self) -> None:
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp", "-noreset"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.server.stdout is not None
        dropped = {"SDL_VIDEODRIVER", "SDL_AUDIODRIVER", "WAYLAND_DISPLAY"}
        self.display = f":{self.server.stdout.readline().decode().strip()}"
        kept = {key: value for key, value in os.environ.items() if key not in dropped}
        self.environment = {**kept, "DISPLAY": self.display}

    def look(self) -> None:
        """Take in what is on the screen."""
        self.screen = ImageGrab.grab(xdisplay=self.display)

    def until(self, wanted: Callable[[], bool], what: str) -> None:
        """Look until that is seen."""
        end = time.monotonic() + SECONDS
        self.look()
        while not wanted():
            assert time.monotonic() < end, f"waited in vain for {what}"
            time.sleep(0.02)
            self.look()

    def pixel(self, point: tuple[float, float]) -> Rgb:
        """As it was at the last look."""
        return self.screen.getpixel((round(point[0]), round(point[1])))

    def mouse(self, *orders: object) -> None:
        subprocess.run(["xdotool", *map(str, orders)], env=self.environment, check=True, timeout=SECONDS)

    def click(self, point: tuple[float, float]) -> None:
        """What is under the mouse looks different, so it does not stay there."""
        self.mouse("mousemove", *map(round, point), "click", 1, "mousemove", 2, 2)


class Guest:
    """Somebody before the window, who knows where things stand and sees what is there."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.lobby, self.view = desk, Lobby(), View("play", hints=False)
        self.lobby.choose(self.lobby.games.index("connect_four"))
        self.view.apply(hello(GAME, Setup("connect_four", (HUMAN, "uct"))), 0.0)

    # -- the lobby -------------------------------------------------------------------------------------------------

    def spot(self, *name: object) -> pygame.Rect:
        return places.arrange(SIZE, self.lobby, STYLE).spots[name]

    def in_lobby(self) -> bool:
        seen = [self.desk.pixel(self.spot(name).move(8, 0).midleft) for name in ("start", "files")]
        return seen == [LIGHT.accent, LIGHT.accent_soft]

    def chosen(self) -> bool:
        box = self.spot("game", self.lobby.chosen)
        return self.desk.pixel(box.move(6, 0).midleft) == LIGHT.accent_soft

    # -- the table -------------------------------------------------------------------------------------------------

    def board(self) -> list[list[int]]:
        """[6, 7] the seat on each cell as it is seen."""
        colors = {LIGHT.canvas["seat0"]: 0, LIGHT.canvas["seat1"]: 1}
        frame = arrange(SIZE, self.view).board
        spots = [[frame.to_window(x + 0.7 + SPOT[0], y + 0.9 + SPOT[1]) for x in range(COLUMNS)] for y in range(ROWS)]
        return [[colors.get(self.desk.pixel(spot), EMPTY) for spot in row] for row in spots]

    def said(self) -> str:
        """How the label at the top is coloured."""
        header = arrange(SIZE, self.view).header
        tones = {LIGHT.well: "calm", LIGHT.accent_soft: "act", LIGHT.accent: "end", LIGHT.bad_soft: "bad"}
        return tones.get(self.desk.pixel((header.right - 8, header.y + 20)), "")

    def pieces(self, seat: int) -> int:
        return sum(row.count(seat) for row in self.board())

    def to_move(self) -> bool:
        board = self.board()
        hangs = any(
            above != EMPTY == below for y in range(ROWS - 1) for above, below in zip(*board[y : y + 2], strict=True)
        )
        return self.said() == "act" and self.pieces(0) == self.pieces(1) and not hangs

    def drop(self) -> None:
        """A piece in the first column from the left that has room, and wait for the answer."""
        column, before = self.board()[0].index(EMPTY), self.pieces(0)
        self.desk.click(arrange(SIZE, self.view).board.to_window(column + 0.7, 3.4))
        self.desk.until(
            lambda: self.said() == "end" or (self.pieces(0) > before and self.to_move()), "the answer to a move"
        )

    def press(self, button: str) -> None:
        self.desk.click(next(box.center for box, name in arrange(SIZE, self.view).tools if name == button))


@pytest.fixture
def desk() -> Iterator[Desk]:
    opened = Desk()
    yield opened
    opened.server.terminate()
    opened.server.wait()


def records(home: Path) -> list[Record]:
    with Store.open(home / "arena.db") as store:
        return [each.record for each in store.records()]


def test_a_game_from_the_lobby_to_its_replay(desk: Desk, tmp_path: Path) -> None:
    guest, home = Guest(desk), tmp_path / "home"
    arena = subprocess.Popen(
        [sys.executable, "-m", "arena.cli"],
        env={**desk.environment, "ARENA_HOME": str(home)},
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        desk.until(guest.in_lobby, "the lobby")
        desk.click(guest.spot("game", guest.lobby.chosen).center)
        desk.until(guest.chosen, "the game to be chosen")
        slider = guest.spot("slider", 1)
        desk.mouse("mousemove", *slider.center, "mousedown", 1)
        desk.mouse("mousemove", *slider.midleft)
        desk.until(lambda: desk.pixel(slider.midleft) == LIGHT.card, "the slider to be at its left end")
        desk.mouse("mouseup", 1)
        desk.click(guest.spot("start").center)

        desk.until(guest.to_move, "the table")
        boards = [guest.board()]
        for _ in range(3):
            guest.drop()
            boards.append(guest.board())
        assert [sum(row.count(EMPTY) for row in board) for board in boards] == [42, 40, 38, 36]
        guest.press("take_back")
        desk.until(lambda: guest.to_move() and guest.board() == boards[2], "the move to be taken back")
        while guest.said() != "end":
            guest.drop()

        desk.until(lambda: len(records(home)) == 1, "the game to be stored")
        (record,) = records(home)
        assert (record.game, record.agents[1]) == ("connect_four", "uct(simulations=20)")
        assert isinstance(GAME, ConnectFour)
        final = GAME.cells(Position.replay(GAME, record.seed, record.plays).row).tolist()
        desk.until(lambda: guest.board() == final, "the last piece to lie")

        guest.view.record = record  # other buttons
        guest.press("leave")
        desk.until(guest.in_lobby, "the lobby again")
        desk.click(guest.spot("stored").center)
        guest.lobby.page, guest.lobby.rows = "stored", [("", "", record)]
        row = guest.spot("row", 0)
        desk.until(lambda: desk.pixel(guest.spot("back").move(8, 0).midleft) == LIGHT.accent_soft, "the games stored")
        desk.mouse("mousemove", *row.center)
        desk.until(lambda: desk.pixel(row.move(4, 0).midleft) == LIGHT.accent_soft, "the game in the list")
        desk.click(row.center)
        guest.view = View("replay")
        guest.view.apply(hello(GAME, Setup("connect_four", record.agents, record=record)), 0.0)
        desk.until(lambda: guest.said() == "act" and guest.pieces(0) < 3, "the replay")
        for _ in range(3):
            guest.press("faster")
        desk.until(lambda: guest.said() == "end" and guest.board() == final, "the end of the replay")

        desk.mouse("key", "q")
        desk.until(guest.in_lobby, "the lobby at last")
        desk.mouse("key", "q")
        _, complaints = arena.communicate(timeout=SECONDS)
        assert (arena.returncode, complaints) == (0, "")
        desk.until(lambda: running(home) == [], "its processes to end")
    finally:
        arena.kill()
        arena.wait()
