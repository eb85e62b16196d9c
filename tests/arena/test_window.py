"""The window under SDL's dummy driver: every key changes the state it should, every size is drawn, games are filmed."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

import numpy as np
import pygame
import pytest
from PIL import Image

from arena.live import Session
from arena.messages import HUMAN, Asks, Command, Failed, Hello, Insight, Setup
from arena.record import Record
from arena.ui import film, ink, window
from arena.ui.keys import handle
from arena.ui.layout import arrange, buttons, cells
from arena.ui.motion import blend
from arena.ui.names import split_name
from arena.ui.paint import Frame, box_of, hit
from arena.ui.screen import draw, status
from arena.ui.screens import table
from arena.ui.theme import Style
from arena.ui.view import DELAYS, View
from games.core.canvas import Disc, Rect
from games.core.errors import ArenaError

HERE = Path(__file__).parent
HEAP, BOTS = str(HERE / "heap.py"), str(HERE / "bots.py")
ALOUD = f"{BOTS}(kind=aloud, seconds=0.06)"
SIZE = (1280, 800)


class Seat:
    """A view at a table, driven by hand."""

    def __init__(self, view: View, setup: Setup) -> None:
        self.view, self.session = view, Session(setup)

    def until(self, wanted: Callable[[View], bool], seconds: float = 15.0) -> None:
        end = time.monotonic() + seconds
        while not wanted(self.view):
            assert time.monotonic() < end, (self.view.error, len(self.view.scenes))
            table.take_in(self.session, self.view, time.monotonic())
            time.sleep(0.005)

    def press(self, key: int, mod: int = 0, up: bool = False) -> list[Command]:
        event = pygame.event.Event(pygame.KEYUP if up else pygame.KEYDOWN, key=key, mod=mod)
        return self._do(event)

    def click(self, tag: str) -> list[Command]:
        layout = arrange(SIZE, self.view)
        box = box_of(self.view.shapes, (tag,))
        assert box is not None
        point = layout.board.to_window((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        self._do(pygame.event.Event(pygame.MOUSEMOTION, pos=point))
        return self._do(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=point, button=1))

    def click_at(self, point: tuple[int, int]) -> list[Command]:
        return self._do(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=point, button=1))

    def _do(self, event: pygame.event.Event) -> list[Command]:
        commands = handle(event, self.view, arrange(SIZE, self.view), time.monotonic())
        for command in commands:
            self.session.send(command)
        return commands


@pytest.fixture(autouse=True)
def _display() -> Iterator[None]:
    pygame.display.init()
    yield
    pygame.display.quit()


@pytest.fixture
def seat() -> Iterator[Callable[..., Seat]]:
    opened: list[Seat] = []

    def sit(mode: str, *players: str, game: str = HEAP, hints: bool = True, **more: object) -> Seat:
        setup = Setup(game, players, **{"delay": 0.0, **more})  # type: ignore[arg-type]
        opened.append(Seat(View(mode, elos={"random": 812.0}, hints=hints), setup))  # type: ignore[arg-type]
        return opened[-1]

    yield sit
    for each in opened:
        each.session.close()


# -- keys --------------------------------------------------------------------------------------------------------------


def test_keys_of_a_watcher(seat: Callable[..., Seat]) -> None:
    at = seat("watch", ALOUD, "random", delay=0.2)
    view = at.view
    at.until(lambda v: len(v.scenes) > 3)
    at.press(pygame.K_SPACE)
    assert view.paused
    time.sleep(0.3)
    at.until(lambda v: True)
    plies = len(view.scenes)
    at.press(pygame.K_LEFT)
    assert (view.cursor, view.newest) == (plies - 2, False)
    at.press(pygame.K_HOME)
    assert view.index == 0
    assert status(view)[0].startswith("Looking at ply 0")
    at.press(pygame.K_RIGHT)
    assert view.index == 1
    at.press(pygame.K_END)
    assert view.cursor is None
    assert [command.order for command in at.press(pygame.K_RIGHT)] == ["step"]
    at.until(lambda v: len(v.scenes) == plies + 1)
    for key, change in ((pygame.K_PLUS, 1), (pygame.K_EQUALS, 1), (pygame.K_MINUS, -1), (pygame.K_KP_MINUS, -1)):
        before = view.speed
        (command,) = at.press(key)
        assert (view.speed, command.value) == (before + change, DELAYS[before + change])
    at.press(pygame.K_h)
    assert not view.hints
    at.press(pygame.K_f)
    assert view.side == 1  # the heap looks different from the other side
    at.press(pygame.K_z, pygame.KMOD_CTRL)
    at.until(lambda v: len(v.scenes) == plies - 1)  # two plies fewer
    at.press(pygame.K_n)
    at.until(lambda v: len(v.scenes) == 1)
    assert view.names == ("random", ALOUD)
    at.press(pygame.K_q)
    assert not view.open


@pytest.mark.parametrize("event", [(pygame.KEYDOWN, pygame.K_ESCAPE), (pygame.QUIT, 0)])
def test_other_ways_out(event: tuple[int, int]) -> None:
    view = View("watch")
    handle(pygame.event.Event(event[0], key=event[1], mod=0), view, arrange(SIZE, view), 0.0)
    assert not view.open


def test_a_person_clicks_takes_back_and_resigns(seat: Callable[..., Seat]) -> None:
    at = seat("play", HUMAN, "random", game=f"{HEAP}(clicks=2)", hints=False, human="you", seed=1)
    at.until(lambda v: v.asks is not None)
    assert status(at.view)[0] == "Your move"
    assert set(at.view.clickable()) == {"heap"}
    assert at.click("heap") == []
    assert set(at.view.clickable()) == {"take 0", "take 1"}
    assert status(at.view)[0] == "Your move  ·  now where to?"
    at.press(pygame.K_ESCAPE)
    assert (at.view.picked, at.view.open) == ((), True)
    at.click("heap")
    assert [command.order for command in at.click("take 1")] == ["move"]
    at.until(lambda v: v.asks is not None and len(v.scenes) == 3)
    at.press(pygame.K_z, pygame.KMOD_CTRL)
    at.until(lambda v: v.asks is not None and len(v.scenes) == 1)
    assert at.press(pygame.K_r) == []
    assert [command.order for command in at.press(pygame.K_r)] == ["resign"]
    at.until(lambda v: v.record is not None)
    assert status(at.view)[0] == "you resigned"
    at.press(pygame.K_z, pygame.KMOD_CTRL)
    assert "counted" in at.view.toast
    at.press(pygame.K_n)
    at.until(lambda v: v.people == (1,))
    assert at.view.side == 1


def test_hover_shows_the_move_and_hints_show_candidates(seat: Callable[..., Seat]) -> None:
    at = seat("play", HUMAN, ALOUD, hints=False)
    at.until(lambda v: v.asks is not None)
    at.press(pygame.K_h)
    at.until(lambda v: v.insight is not None and v.insight.hint)
    layout = arrange(SIZE, at.view)
    handle(pygame.event.Event(pygame.MOUSEMOTION, pos=layout.board.to_window(1, 2.5)), at.view, layout, 0.0)
    assert at.view.hover == "take 0"
    draw(pygame.Surface(SIZE), at.view, time.monotonic())


def test_choices_without_a_place_on_the_board_are_buttons(seat: Callable[..., Seat]) -> None:
    at = seat("play", HUMAN, "random", game=f"{HEAP}(clicks=0)")
    at.until(lambda v: v.asks is not None)
    (first, choice), _ = buttons(arrange(SIZE, at.view), at.view)
    assert choice.text == "take 1"
    assert [command.order for command in at.click_at(first.center)] == ["move"]


def test_the_move_list_is_clicked(seat: Callable[..., Seat]) -> None:
    at = seat("watch", "random", "random")
    at.until(lambda v: v.record is not None)
    place, ply = cells(arrange(SIZE, at.view), at.view)[0]
    at.click_at(place.center)
    assert at.view.index == ply


def test_real_time_keys_are_held(seat: Callable[..., Seat]) -> None:
    at = seat("play", HUMAN, "random", game=f"{HEAP}(stones=400, tick=40.0)")
    at.until(lambda v: len(v.scenes) > 3)
    assert at.press(pygame.K_d)[0].value == {0: 1}
    assert at.press(pygame.K_a)[0].value == {0: 0}
    assert at.press(pygame.K_a, up=True)[0].value == {0: 1}
    assert at.press(pygame.K_RIGHT)[0].value == {0: 1}  # alone at the keyboard: the other's keys work too
    at.press(pygame.K_z, pygame.KMOD_CTRL)
    assert "real time" in at.view.toast
    at.press(pygame.K_MINUS)
    assert at.view.rate == 0.5


def test_replay_turns_its_pages(seat: Callable[..., Seat]) -> None:
    record = Record(
        HEAP, ("a", "b"), 1, (1,) * 6, 0, (-1.0, 1.0), (0.0, 1.0), "last stone", values=(0.5,) + (None,) * 5
    )
    at = seat("replay", "a", "b", record=record)
    at.view.speed = len(DELAYS) - 1
    at.until(lambda v: v.index == 6)
    assert status(at.view)[0] == "b wins  ·  last stone"
    at.press(pygame.K_LEFT)
    assert (at.view.index, at.view.paused) == (5, True)


# -- what is drawn -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(640, 480), (800, 600), (1280, 800), (1080, 1920), (2560, 1600)])
@pytest.mark.parametrize("scale", [0.5, 1.0, 1.5, 3.0])
@pytest.mark.parametrize(("seats", "tick"), [(1, None), (2, None), (4, None), (10, None), (2, 60.0)])
def test_cards_stay_in_the_window_and_apart(
    size: tuple[int, int], scale: float, seats: int, tick: float | None
) -> None:
    view = View("watch", style=Style(scale=scale))
    view.hello = Hello(Setup(HEAP, ("random",) * seats), "Heap", seats, (), (1.0, 1.0), tick, (), None, True)
    layout = arrange(size, view)
    cards = [layout.table, layout.players, layout.graph, layout.thinking, layout.moves, layout.footer]
    shown = [box for box in cards if box.height]
    assert layout.players in shown
    assert all(pygame.Rect((0, 0), size).contains(box) for box in shown)
    assert not any(first.colliderect(second) for first, second in combinations(shown, 2))
    assert layout.table.contains(layout.board.rect)
    if scale == 1.0 and seats == 2:
        assert layout.thinking in shown
        assert layout.moves in shown


def test_pieces_glide_and_fly_in() -> None:
    before = (Disc(0, 0, 1, "seat0", tag="a"),)
    after = (Disc(10, 0, 1, "seat0", tag="a"), Disc(5, 5, 1, "seat1", tag="b", origin=(5, 0)))
    start, middle, end = (blend(before, after, t) for t in (0.0, 0.5, 1.0))
    assert (start[0].x, start[1].y) == (0, 0)  # type: ignore[union-attr]
    assert 0 < middle[0].x < 10  # type: ignore[union-attr]
    assert 0 < middle[1].y < 5  # type: ignore[union-attr]
    assert end == after


def test_the_topmost_tag_is_hit() -> None:
    shapes = (Rect(0, 0, 4, 4, "board", tag="board"), Disc(2, 2, 1, "seat0", tag="piece"))
    assert hit(shapes, (2, 2), {"board", "piece"}) == "piece"
    assert hit(shapes, (1.2, 1.2), {"board", "piece"}) == "board"  # in the box of the disc, not in the disc
    assert hit(shapes, (2, 2), {"board"}) == "board"
    assert hit(shapes, (9, 9), {"board"}) is None


def test_frames_touch_without_gaps() -> None:
    frame = Frame.fitting((3, 1), pygame.Rect(7, 3, 100, 50))
    boxes = [frame.to_rect(i, 0, 1, 1) for i in range(3)]
    assert all(a.right == b.left for a, b in pairwise(boxes))


def test_the_font_has_chessmen() -> None:
    for face in ("regular", "bold", "mono"):
        assert all(ink.font(face, 20).metrics("".join(map(chr, range(0x2654, 0x2660)))) or [])


# -- the loop and films ------------------------------------------------------------------------------------------------


def test_watch_stores_the_game_and_leaves_nothing() -> None:
    records: list[Record] = []

    def store(record: Record) -> None:
        records.append(record)
        pygame.event.post(pygame.event.Event(pygame.QUIT))

    window.watch(f"{HEAP}(stones=3)", ["random", "random"], seed=3, on_record=store)
    assert records[0].reason == "last stone"
    assert not multiprocessing.active_children()


def test_a_store_that_fails_does_not_close_the_window() -> None:
    def store(record: Record) -> None:
        raise OSError("no space left on device")

    view = View("watch")
    table.store(Record(HEAP, (), 0, (), 0, (), (), ""), view, store, 0.0)
    assert view.toast == "Not stored: no space left on device"


def test_frame_time_while_an_agent_thinks(
    seat: Callable[..., Seat], record_property: Callable[[str, object], None]
) -> None:
    at = seat("watch", f"{BOTS}(kind=busy, seconds=30.0)", "random", paused=False)
    at.until(lambda v: v.thinking is not None)
    surface, times, end = pygame.Surface(SIZE), [], time.monotonic() + 1.0
    while time.monotonic() < end:
        begin = time.perf_counter()
        table.take_in(at.session, at.view, time.monotonic())
        draw(surface, at.view, time.monotonic())
        times.append(1000 * (time.perf_counter() - begin))
        time.sleep(0.008)
    median, late = np.percentile(times, [50, 95])
    record_property("frame_ms_median", round(float(median), 1))
    record_property("frame_ms_95", round(float(late), 1))
    print(f"frame time while thinking: median {median:.1f} ms, 95th percentile {late:.1f} ms")
    assert median < 20.0


def test_a_game_is_filmed(tmp_path: Path) -> None:
    record = film.film_game(tmp_path / "game.gif", HEAP, [ALOUD, "random"], size=(640, 400))
    assert record is not None
    with Image.open(tmp_path / "game.gif") as image:
        assert image.size == (640, 400)
        assert image.n_frames > len(record.plays)  # type: ignore[attr-defined]
    assert (tmp_path / "game.gif").stat().st_size < 2_000_000
    film.film_record(tmp_path / "again.gif", record, size=(320, 200))
    assert (tmp_path / "again.gif").exists()


def test_a_moment_is_pictured(tmp_path: Path) -> None:
    screen = table.TableScreen(Setup(HEAP, ("random", "random"), delay=0.1), View("watch"))
    film.still(tmp_path / "ply.png", screen, lambda: len(screen.view.scenes) > 2, size=(640, 400))
    with Image.open(tmp_path / "ply.png") as image:
        assert image.size == (640, 400)
    assert not multiprocessing.active_children()
    late = table.TableScreen(Setup(HEAP, ("random", "random")), View("watch"))
    with pytest.raises(ArenaError, match="did not come"):
        film.still(tmp_path / "never.png", late, lambda: False, patience=0.1)


def test_real_time_is_filmed(tmp_path: Path) -> None:
    film.film_game(tmp_path / "game.gif", f"{HEAP}(stones=20, tick=40.0)", ["random", "random"], size=(640, 480))
    with Image.open(tmp_path / "game.gif") as image:
        assert image.n_frames >= 5  # type: ignore[attr-defined]


def test_programs_are_called_by_their_names() -> None:
    assert split_name("./my_bot.py@666ba858(depth=3)") == ("my_bot", "depth 3")
    assert split_name("./my_bot.py") == ("my_bot", "")
    assert split_name("uct(simulations=400)") == ("uct", "simulations 400")


def test_messages_out_of_order_do_no_harm() -> None:
    view = View("watch")
    view.apply(Insight(0, 0), 0.0)
    view.apply(Asks(0, 0, ()), 0.0)
    view.apply(Failed("gone"), 0.0)
    assert isinstance(draw(pygame.Surface((640, 480)), view, 0.0).board, Frame)
