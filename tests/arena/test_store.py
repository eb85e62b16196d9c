"""The log keeps what it says it keeps: twice added, two writers, killed, corrupt, locked, full, forbidden, foreign."""

from __future__ import annotations

import itertools
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from arena.database import data_folder, locate
from arena.ratings import Result
from arena.record import Record
from arena.schema import FORMAT
from arena.store import Store
from games.core.errors import ArenaError

GAME = "connect_four"


def make_record(
    number: int = 0, first: str = "uct(simulations=50)", second: str = "random", points: float = 1
) -> Record:
    return Record(
        game=GAME,
        agents=(first, second),
        seed=2**64 - 1 - number,
        plays=(number, 3, (2, -1), 4),
        opening=1,
        returns=(2 * points - 1, 1 - 2 * points),
        points=(points, 1 - points),
        reason="four in a row",
        forfeit=None,
        values=(None, 0.1, -0.25, 1.0),
        seconds=(0.125, 0.0),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "arena.db") as opened:
        yield opened


def fill(store: Store, games: int, key: str = "k") -> int:
    event = store.event(key, "match", GAME, {})
    store.add_many(event, ((number, make_record(number)) for number in range(games)))
    return event


def test_a_record_comes_back_as_it_went_in(store: Store) -> None:
    event = store.event("k", "match", GAME, {"games": 2})
    forfeited = replace(make_record(7), forfeit=1, reason="forfeit: illegal move", values=(), seconds=())
    assert store.add(event, 0, make_record(5))
    assert store.add(event, 1, forfeited)
    assert [game.record for game in store.records()] == [forfeited, make_record(5)]
    last = store.last_id()
    assert last is not None
    assert store.record(last) == forfeited
    with pytest.raises(ArenaError, match="has no game 99"):
        store.record(99)


def test_a_game_is_counted_once(store: Store) -> None:
    event = store.event("k", "tournament", GAME, {})
    assert store.event("k", "tournament", GAME, {}) == event
    assert store.event("other", "tournament", GAME, {}) != event
    assert store.add(event, 3, make_record(3))
    assert not store.add(event, 3, make_record(4))
    assert store.add_many(event, [(n, make_record(n)) for n in range(5)]) == 4
    assert store.add_many(event, []) == 0
    assert store.done(event) == {0, 1, 2, 3, 4}
    assert sum(row.wins_first for row in store.results(GAME)) == 5


def test_many_games_are_added_all_or_none(store: Store) -> None:
    event = fill(store, 2)
    broken = replace(make_record(9), points=(None, None))  # type: ignore[arg-type]
    with pytest.raises(sa.exc.IntegrityError):
        store.add_many(event, [(8, make_record(8)), (9, broken)])
    assert store.done(event) == {0, 1}
    with pytest.raises(ValueError, match="is about connect_four"):
        store.add(event, 8, replace(make_record(8), game="tic_tac_toe"))


def test_records_are_chosen_and_ordered(store: Store) -> None:
    early, late = store.event("a", "match", GAME, {}), store.event("b", "play", GAME, {})
    store.add(early, 1, make_record(1))
    store.add(early, 0, make_record(0))
    store.add(late, 0, make_record(2, second="you"))
    assert [(game.event, game.number) for game in store.records()] == [(late, 0), (early, 0), (early, 1)]
    assert [game.number for game in store.records(event=early, newest=False)] == [0, 1]
    assert [game.event for game in store.records(agent="you")] == [late]
    assert len(store.records(game=GAME, limit=2)) == 2
    assert store.records(game="go") == []
    assert store.last_id("go") is None


def test_results_are_counted_by_ordered_pair(store: Store) -> None:
    event = store.event("k", "match", GAME, {})
    points = [("a", "b", 1.0), ("a", "b", 1.0), ("a", "b", 0.5), ("b", "a", 0.0), ("b", "a", 0.5), ("a", "c", 0.0)]
    store.add_many(event, ((n, make_record(n, *row)) for n, row in enumerate(points)))
    solo = replace(make_record(9), agents=("a",), returns=(3.0,), points=(1.0,), seconds=(0.5,))
    store.add(event, 9, solo)
    other = store.event("o", "match", "tic_tac_toe", {})
    store.add(other, 0, replace(make_record(0, "a", "b"), game="tic_tac_toe"))
    assert store.results(GAME) == [Result("a", "b", 2, 1, 0), Result("a", "c", 0, 0, 1), Result("b", "a", 0, 1, 1)]
    assert [(game.game, game.played) for game in store.games()] == [(GAME, 7), ("tic_tac_toe", 1)]


def test_the_default_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ARENA_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert data_folder() == tmp_path / "xdg" / "planning-arena"
    monkeypatch.setenv("ARENA_HOME", str(tmp_path / "home"))
    assert locate(None).database == str(tmp_path / "home" / "arena.db")
    with pytest.raises(ArenaError, match="does not exist yet"):
        Store.open(create=False)
    with Store.open() as store:
        fill(store, 1)
    with Store.open(f"sqlite:///{tmp_path}/home/arena.db", create=False) as store:
        assert len(store.records()) == 1


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE arena_format SET number = ?", (FORMAT + 1,))
    connection.close()
    with pytest.raises(ArenaError, match=f"has format {FORMAT + 1}; this version reads up to {FORMAT}"):
        Store.open(path)


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ArenaError, match="belongs to another program"):
        Store.open(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def damage_header(data: bytearray) -> None:
    data[:16] = os.urandom(16)


def damage_middle(data: bytearray) -> None:
    for at in range(4096, len(data), 4096):  # every page but the first
        data[at : at + 64] = b"\xff" * 64


def damage_length(data: bytearray) -> None:
    del data[len(data) // 2 :]


def damage_everything(data: bytearray) -> None:
    data[:] = b"not a database, but a text of the user's own\n" * 3


@pytest.mark.parametrize("damage", [damage_header, damage_middle, damage_length, damage_everything])
def test_a_corrupt_file_is_refused_and_left_as_it_is(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "arena.db"
    with Store.open(path) as store:
        fill(store, 100)
    data = bytearray(path.read_bytes())
    damage(data)  # type: ignore[operator]
    path.write_bytes(data)
    with pytest.raises(ArenaError, match="corrupt") as caught:
        Store.open(path)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_damage_within_a_game_is_noticed(store: Store) -> None:
    fill(store, 2)
    with sqlite3.connect(store.where) as connection:
        connection.execute("UPDATE games SET plays = '[1,2' WHERE id = 1")
        connection.execute("UPDATE games SET plays = '[1,2]' WHERE id = 2")
    connection.close()
    for game in (1, 2):
        with pytest.raises(ArenaError, match=f"game {game} is damaged"):
            store.record(game)


def test_a_folder_or_a_file_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="is a folder, not a file"):
        Store.open(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ArenaError, match=r"store .*file/arena\.db"):
        Store.open(tmp_path / "file" / "arena.db")


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may write anywhere, so for a while be nobody."""
    if not hasattr(os, "seteuid"):
        pytest.skip("this system has no file permissions to test")
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.parametrize(("folder", "file"), [(0o555, 0o644), (0o555, 0o444), (0o755, 0o000), (0o000, 0o644)])
def test_no_permission(folder: int, file: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        path = Path(name) / "data" / "arena.db"
        with Store.open(path) as store:
            fill(store, 1)
        path.chmod(file)
        path.parent.chmod(folder)
        try:
            with without_privileges(), pytest.raises(ArenaError) as caught, Store.open(path) as store:
                fill(store, 1, "other")
            assert "permission" in str(caught.value) or "not yours to write" in str(caught.value)
            assert "\n" not in str(caught.value)
        finally:
            path.parent.chmod(0o755)
        path.chmod(0o644)
        with Store.open(path) as store:
            assert len(store.records()) == 1


def test_a_lock_that_is_not_released(tmp_path: Path) -> None:
    with Store.open(tmp_path / "arena.db", timeout=0.2) as store:
        event = fill(store, 3)
        other = sqlite3.connect(store.where, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArenaError, match="another program has kept it locked for too long"):
            store.add(event, 3, make_record(3))
        assert len(store.records()) == 3  # who reads is not held up
        with Store.open(store.where, timeout=0.2) as second:
            assert len(second.records()) == 3
        other.execute("ROLLBACK")
        other.close()
        assert store.add(event, 3, make_record(3))


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small tmpfs is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def add_until_it_fails(store: Store, event: int, kept: set[int]) -> None:
    for number in itertools.count():
        store.add(event, number, make_record(number))
        kept.add(number)


def write_until_it_fails(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(512))


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "256k") as folder:
        path = folder / "arena.db"
        with Store.open(path) as store:
            event = store.event("k", "match", GAME, {})
            kept: set[int] = set()
            with pytest.raises(ArenaError, match=r"disk is full|or is full") as caught:
                add_until_it_fails(store, event, kept)
            assert "\n" not in str(caught.value)
            assert len(kept) > 5
            assert store.done(event) == kept
            with pytest.raises(OSError, match="No space left"):
                write_until_it_fails(folder / "ballast")
            with pytest.raises(ArenaError, match=r"disk is full|or is full"):
                store.add_many(event, ((n, make_record(n)) for n in range(10_000, 10_200)))
            assert {game.number: game.record for game in store.records()} == {n: make_record(n) for n in kept}
        (folder / "ballast").unlink()
        subprocess.run(["mount", "-o", "remount,size=2m", str(folder)], check=True)
        with Store.open(path) as store:
            assert store.done(event) == kept
            assert store.add(event, 20_000, make_record(1))


def test_a_disk_too_full_for_a_new_store(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "16k") as folder, pytest.raises(ArenaError, match="full"):
        Store.open(folder / "arena.db")


WRITER = """
import sys
from test_store import GAME, make_record
from arena.store import Store
path, key, games = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Store.open(path) as store:
    event = store.event(key, "match", GAME, {})
    for number in range(games):
        if store.add(event, number, make_record(number)):
            print(number, flush=True)
"""


def start_writer(path: Path, key: str, games: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), key, str(games)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_two_processes_write_to_one_store(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"  # neither finds it there: both make it
    writers = [start_writer(path, key, 200) for key in ("a", "b")]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors
    with Store.open(path) as store:
        assert sum(row.wins_first for row in store.results(GAME)) == 400
        for key in ("a", "b"):
            assert store.done(store.event(key, "match", GAME, {})) == set(range(200))


def test_two_processes_play_the_same_event(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    outputs = [writer.communicate(timeout=120) for writer in [start_writer(path, "same", 100) for _ in range(2)]]
    added = [int(line) for output, _ in outputs for line in output.split()]
    assert sorted(added) == list(range(100))
    with Store.open(path) as store:
        assert sum(row.wins_first for row in store.results(GAME)) == 100


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_writer_leaves_whole_games(tmp_path: Path) -> None:
    path, random_time, reported = tmp_path / "arena.db", random.Random(4), set()
    for _ in range(5):
        writer = start_writer(path, "k", 100_000)
        assert writer.stdout is not None
        reported.add(int(writer.stdout.readline()))
        time.sleep(random_time.uniform(0, 0.15))
        writer.kill()
        output, _ = writer.communicate(timeout=60)
        lines = output.split("\n")
        reported |= {int(line) for line in lines[:-1]}  # what follows the last newline was cut off
        with Store.open(path) as store:
            event = store.event("k", "match", GAME, {})
            assert store.done(event) >= reported
            stored = store.records(event=event, newest=False)
            assert [game.number for game in stored] == list(range(len(stored)))
            assert all(game.record == make_record(game.number) for game in stored)
            assert sum(row.wins_first for row in store.results(GAME)) == len(stored)


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("nosuch://host/name", "no dialect of that name"),
        ("oracle+oracledb://host/name", "the driver is not installed"),
        ("postgresql+asyncpg://me:secret@host/name", "the driver is not installed"),
        ("://", "neither a file nor a URL"),
    ],
)
def test_a_url_that_leads_nowhere(url: str, line: str) -> None:
    with pytest.raises(ArenaError, match=line) as caught:
        Store.open(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_store_in_memory() -> None:
    with Store.open("sqlite://") as store:
        event = fill(store, 3)
        assert store.done(event) == {0, 1, 2}


@pytest.mark.skipif("ARENA_TEST_DATABASE" not in os.environ, reason="ARENA_TEST_DATABASE names no empty database")
def test_another_database() -> None:
    url = os.environ["ARENA_TEST_DATABASE"]
    with Store.open(url) as store, Store.open(url) as other:
        event = store.event("k", "match", GAME, {})
        assert other.event("k", "match", GAME, {}) == event
        assert store.add(event, 0, make_record())
        assert not other.add(event, 0, make_record())
        assert other.records(agent="random", limit=1)[0].record == make_record()
        assert store.results(GAME) == [Result("uct(simulations=50)", "random", 1, 0, 0)]
        assert other.games()[0].played == 1
