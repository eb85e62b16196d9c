"""The registry: games and agents by file name, a user's own files, and one clear line for what is wrong."""

import re
from pathlib import Path

import numpy as np
import pytest

from agents.core.registry import AGENTS, make_agent
from arena.match import Seating, check_seats, play
from games.core.errors import ArenaError
from games.core.native import NativeGame
from games.core.position import Position
from games.core.registry import GAMES, WORLDS, Registry, make_game
from tests.games.own_files import NIM, race


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with two games of the user's: native and in plain Python."""
    (tmp_path / "race.py").write_text(race())
    (tmp_path / "nim.py").write_text(NIM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complaint(spec: str) -> str:
    with pytest.raises(ArenaError) as error:
        make_agent(spec) if "agent" in spec or "bot" in spec else make_game(spec)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("registry", [GAMES, WORLDS, AGENTS], ids=lambda registry: registry.package)
def test_entries_describe_themselves(registry: Registry) -> None:
    for entry in registry.entries():
        assert entry.description
        assert len(entry.description) < 150


def test_names_and_options() -> None:
    assert {"connect_four", "tic_tac_toe", "pong_duel"} <= set(GAMES.names())
    assert {"random", "uct", "alphabeta", "openspiel_mcts", "human"} <= set(AGENTS.names())
    assert GAMES.entry("pong_duel").options == {"points": "5"}
    assert AGENTS.entry("uct").options == {"simulations": "400", "seconds": "None", "c": "0.7", "rollout": "None"}


def test_a_game_is_named_by_its_spec() -> None:
    assert make_game("pong_duel( points=2 )").name == "pong_duel(points=2)"
    assert make_game("openspiel:pig( players = 3 )").name == "openspiel:pig(players=3)"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("conect_four", "no game is called 'conect_four'; did you mean connect_four? there are: breakthrough, "),
        ("core", "no game is called 'core'"),
        ("chess", "no game is called 'chess'; did you mean openspiel:chess? there are: "),
        ("connect_four(rows=7)", "connect_four(rows=7): there is no option 'rows'; it takes none"),
        ("pong_duel(point=7)", "there is no option 'point'; options: points"),
        ("pong_duel(points=0)", "points=0 is not a whole number from 1 to 100"),
        ("pong_duel(points=many)", "pong_duel(points=many): "),
        ("nowhere:chess", "no world is called 'nowhere'; there are: atari, gymnasium"),
        ("./nothing.py", "there is no file"),
        ("bot", "no agent is called 'bot'; "),
        ("world:bot", "agents have no worlds"),
    ],
)
def test_complaints(spec: str, words: str) -> None:
    assert words in complaint(spec)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def game(:", "agent_or_game.py does not load: SyntaxError"),
        ("raise SystemExit(0)", "does not load: SystemExit"),
        ("import nothing_of_this_name", "does not load: ModuleNotFoundError"),
        ("raise KeyError('first\\nsecond')", "does not load: KeyError"),
        ("x = 1", "has no function called"),
        ("def game(): return 3\ndef agent(): return 3", "gave a int, not a"),
        ("def game(size): return size\ndef agent(size): return size", "option 'size' must be given"),
        (
            "def game(): raise ValueError('no\\nboard')\ndef agent(): raise ValueError('no\\nboard')",
            "./agent_or_game.py: no board",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["game", "agent"])
def test_complaints_about_a_file(folder: Path, kind: str, source: str, words: str) -> None:
    (folder / "agent_or_game.py").write_text(source)
    with pytest.raises(ArenaError) as error:
        (make_game if kind == "game" else make_agent)("./agent_or_game.py")
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("spec", ["./race.py(goal=4)", "./nim.py(heap=5)"])
def test_a_file_of_the_users_is_a_game(folder: Path, spec: str) -> None:
    """Native or not, it is played like any other: by agents that know nothing of it, and well."""
    game = make_game(spec)
    assert re.sub("@[0-9a-f]{8}", "", game.name) == spec  # marked by what is in the file
    assert isinstance(game, NativeGame) == spec.startswith("./race")
    agents = {name: make_agent(name) for name in ("random", "uct(simulations=200)")}
    check_seats(game, agents)
    names = list(agents)
    for first in names:
        for second in names:
            record = play(game, agents, [Seating((first, second), seed=1)])[0]
            assert record.forfeit is None
            if first != "random":  # both games are won by who begins and thinks: five sticks, race to four
                assert record.points == (1.0, 0.0)
            assert Position.replay(game, 1, record.plays).returns == record.returns


def test_an_edited_file_is_another_game(folder: Path) -> None:
    old = make_game("./race.py")
    (folder / "race.py").write_text(race("2 * joint[seat] + 1"))
    new = make_game("./race.py")
    seen = [Position.replay(game, 0, (1, 1)).text() for game in (old, new, old)]
    assert seen == ["4", "6", "4"]
    assert make_game("./race.py").rules.__class__ is new.rules.__class__


def test_options_of_a_file(folder: Path) -> None:
    assert "a heap of 0 is none" in complaint("./nim.py(heap=0)")
    assert "there is no option 'sticks'; options: heap" in complaint("./nim.py(sticks=4)")
    assert Position.new(make_game(f"{folder}/nim.py(heap=3)")).text() == "|||"


def test_rows_of_two_files_with_tags_of_one_name(folder: Path) -> None:
    """Two games whose tags and rows look alike are still two games."""
    (folder / "other.py").write_text(race("joint[seat] + 2"))
    rows = [make_game(spec).start(np.zeros(1, np.uint64)) for spec in ("./race.py", "./other.py")]
    for spec, row in zip(("./race.py", "./other.py"), rows, strict=True):
        make_game(spec).step(row, np.array([[0, -1, -1]], np.int32))
    assert [int(row["sum"][0]) for row in rows] == [1, 2]
