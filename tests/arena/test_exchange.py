"""Games to files and back: nothing is lost, and what other programs write is understood."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agents.core.registry import make_agent
from arena.exchange import import_games, others, read_game, write_game
from arena.match import Seating, play
from arena.record import Record
from arena.score import named
from arena.store import Store
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.registry import make_game

BOTS = str(Path(__file__).parent / "bots.py")


def played(game: str, *agents: str, seed: int = 3) -> Record:
    (record,) = play(
        seated(make_game(game), len(agents)), {spec: make_agent(spec) for spec in agents}, [Seating(agents, seed, 0, 1)]
    )
    return record


def told(record: Record) -> tuple[object, ...]:
    """What every notation keeps."""
    return record.game, record.agents, record.plays, record.returns, record.points, record.forfeit


@pytest.mark.parametrize(
    "game",
    [
        "connect_four",
        "go(board_size=5)",
        "openspiel:chess",
        "leduc_poker",
        "pong_duel(points=1)",
        "game_2048(max_tile=32)",
    ],
)
def test_json_keeps_everything(game: str, tmp_path: Path) -> None:
    record = played(game, "random", "random")
    write_game(tmp_path / "game.json", record)
    assert read_game(tmp_path / "game.json") == record


@pytest.mark.parametrize(
    "game",
    [
        "go(board_size=5)",
        "go",
        "gomoku",
        "othello",
        "hex",
        "hex(board_size=5, swap=true)",
        "breakthrough(rows=6)",
        "connect_four",
        "openspiel:checkers",
    ],
)
@pytest.mark.parametrize("seed", [3, 4])
def test_sgf_keeps_the_game(game: str, seed: int, tmp_path: Path) -> None:
    record = played(game, "random", f"{BOTS}(kind=aloud, seconds=0.0)" if seed == 3 else "random", seed=seed)
    write_game(tmp_path / "game.sgf", record)
    again = read_game(tmp_path / "game.sgf")
    assert told(again) == told(replace(record, agents=tuple(named(agent) for agent in record.agents)))
    assert again.reason == record.reason


def test_pgn_keeps_the_game(tmp_path: Path) -> None:
    for seed in range(3):
        record = played("openspiel:chess", "random", "random", seed=seed)
        write_game(tmp_path / "game.pgn", record)
        assert told(read_game(tmp_path / "game.pgn")) == told(record)


@pytest.mark.parametrize("ending", [".sgf", ".pgn", ".json"])
@pytest.mark.parametrize("how", ["resigned", "out of time", "illegal move 7"])
def test_defeats_are_kept(ending: str, how: str, tmp_path: Path) -> None:
    game = "openspiel:chess" if ending == ".pgn" else "gomoku"
    first = 89 if ending == ".pgn" else 7
    record = Record(game, ("a", "b"), 0, (first,), 0, (0.0, 0.0), (1.0, 0.0), f"forfeit: {how}", 1)
    write_game(tmp_path / f"game{ending}", record)
    again = read_game(tmp_path / f"game{ending}")
    assert told(again) == told(record)
    if how != "illegal move 7" or ending == ".json":
        assert again.reason == record.reason


CHESS = """\ufeff[Event "A ""story"]
[White "Anderssen, \\"Adolf\\""]
[Black "Dufresne"]
[Result "1-0"]

; the evergreen
1. e4 e5 2. Nf3 {a [comment "here"]} Nc6 3.Bc4 (3. Bb5 a6 (3... Nf6)) 3... Bc5 $1 4. b4!? Bxb4
5.c3 Ba5 6. d4 exd4 7. 0-0 d3 *

[Event "another"]

1. d4 1-0
"""


def test_pgn_of_others_is_understood(tmp_path: Path) -> None:
    (tmp_path / "game.pgn").write_text(CHESS.replace('A ""story', "A story"), encoding="utf-8")
    record = read_game(tmp_path / "game.pgn")
    assert record.agents == ("Dufresne", 'Anderssen, "Adolf"')
    assert (len(record.plays), record.reason) == (14, "unfinished")


def test_sgf_of_others_is_understood(tmp_path: Path) -> None:
    (tmp_path / "game.sgf").write_text(
        "(;GM[1]FF[4]SZ[9]KM[6.5]PB[Lee \\[9p\\]]PW[Kim]RE[W+R]\nC[a (strange;) comment];B[ee]C[x];W[ce]"
        "(;B[ec];W[tt];B[])(;B[gg]))(;B[aa])",
        encoding="utf-8",
    )
    record = read_game(tmp_path / "game.sgf")
    assert (record.game, record.agents) == ("go(board_size=9, komi=6.5)", ("Lee [9p]", "Kim"))
    assert record.plays == (40, 38, 22, 81, 81)
    assert record.reason.startswith("White by")  # two passes: the rules say who won, not the file


def test_a_result_without_its_moves_is_said_to_be_the_files(tmp_path: Path) -> None:
    (tmp_path / "game.sgf").write_text("(;SZ[9];B[ee];W[ce];RE[B+3.5])")
    record = read_game(tmp_path / "game.sgf")
    assert (record.points, record.reason) == ((1.0, 0.0), "forfeit: the file says B+3.5")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("game.txt", "", "kept in .json, .pgn, .sgf files"),
        ("game.pgn", "", "no moves of chess"),
        ("game.pgn", "1. e4 e4", "move 1: 'e4' is not a move there"),
        ("game.pgn", '[FEN "8/8/8/8/8/8/8/8 w - - 0 1"]\n\n1. e4', "position of their own"),
        ("game.sgf", "hello", "not SGF"),
        ("game.sgf", "(;GM[3]SZ[8];B[aa])", "game number 3"),
        ("game.sgf", "(;GM[1]SZ[9:13];B[aa])", "board of 9:13"),
        ("game.sgf", "(;GM[1]SZ[9]KM[lots];B[aa])", "not a number"),
        ("game.sgf", "(;GM[1]SZ[9];B[aa];W[aa])", "move 2: [aa] is not a move there"),
        ("game.sgf", "(;GM[1]SZ[9];AB[aa][bb];W[cc])", "set up"),
        ("game.sgf", "(;GM[0]ARENA[kuhn_poker];B[bet])", "two who move in turn"),
        ("game.sgf", "(;GM[0]ARENA[no_game];B[bet])", "no game is called"),
        ("game.json", "{}", "format 1"),
        ("game.json", "[]", "not a game of format 1"),
        ("game.json", "[" * 100_000, "not a game"),
        ("game.json", '{"format": 1, "game": "tic_tac_toe"}', "not a game"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ArenaError, match="(?s)^" + name) as error:
        read_game(tmp_path / name)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("points", [0.0, 1.0]),
        ("returns", [9.0, -9.0]),
        ("plays", [0, 0]),
        ("plays", ["a"]),
        ("plays", [10**30]),
        ("seed", -1),
        ("seed", "x"),
        ("agents", ["a"]),
        ("agents", ["a", 7]),
        ("forfeit", 5),
        ("values", [1.0]),
        ("seconds", [float("nan"), 0.0]),
        ("opening", 99),
        ("game", 7),
        ("surprise", 1),
    ],
)
def test_a_record_that_does_not_hold_is_refused(field: str, value: object, tmp_path: Path) -> None:
    record = Record("tic_tac_toe", ("a", "b"), 0, (0, 3, 1, 4, 2), 0, (1.0, -1.0), (1.0, 0.0), "three in a row")
    file = tmp_path / "game.json"
    write_game(file, record)
    assert read_game(file) == record
    file.write_text(json.dumps(json.loads(file.read_text()) | {field: value}))
    with pytest.raises(ArenaError):
        read_game(file)


def test_files_that_cannot_be_opened_or_written(tmp_path: Path) -> None:
    record = played("tic_tac_toe", "random", "random")
    for path in (tmp_path / "nowhere" / "game.json", tmp_path):
        with pytest.raises(ArenaError):
            read_game(path)
        with pytest.raises(ArenaError):
            write_game(path, record)
    with pytest.raises(ArenaError, match="PGN is for openspiel:chess"):
        write_game(tmp_path / "game.pgn", record)
    assert list(tmp_path.iterdir()) == []


def test_a_game_is_imported_once_and_only_when_finished(tmp_path: Path) -> None:
    record = played("tic_tac_toe", "random", "random")
    write_game(tmp_path / "game.json", record)
    (tmp_path / "open.sgf").write_text("(;SZ[9];B[ee];W[ce])")
    with Store.open(tmp_path / "store.db") as store:
        assert list(import_games(store, tmp_path / "game.json")) == [("game.json", record)]
        assert list(import_games(store, tmp_path / "game.json")) == [("game.json", None)]
        ((name, error),) = import_games(store, tmp_path / "open.sgf")
        assert name == "open.sgf"
        assert "not finished" in str(error)
        assert [stored.record for stored in store.records()] == [record]


# -- several games in a file -------------------------------------------------------------------------------------------

SEVERAL_PGN = """[Event "one"]
[White "A"]

1. e4 {[Event "no"] 1-0 (;} e5 (1... c5 1-0) 2. Nf3 ; 0-1 [Event "no"]
% [Event "no"]
1-0

[Event "two"]
[White "B (;"]

1. d4 $1 d5 1/2-1/2 {agreed}
1. c4 0-1 [Event "four"]
[White "D"]
1. e5 *

[Event "five"]
[White "E"]

1. Nf3 Nf6 *"""
SEVERAL_SGF = (
    "hello (world) (;GM[1]SZ[9]PB[A (;\\]]RE[B+R];B[ee](;W[ce];B[cc])(;W[gg]))\n\n"
    "(;GM[1]SZ[9]PB[B]RE[W+T];B[aa];W[bb])( ;GM[1]SZ[9]PB[C];B[aa];W[aa])(;GM[4]SZ[9]PB[D]RE[B+];B[aa]"
)


def test_every_game_of_a_pgn_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "games.pgn"
    file.write_text(SEVERAL_PGN)
    found = [read_game(f"{file}#{number}") for number in (1, 2, 3, 5)]
    assert [(record.agents[1], len(record.plays)) for record in found] == [
        ("A", 3),
        ("B (;", 2),
        ("White", 1),
        ("E", 2),
    ]
    assert [record.points for record in found[:3]] == [(0.0, 1.0), (0.5, 0.5), (1.0, 0.0)]
    assert read_game(file) == found[0]
    with pytest.raises(ArenaError, match=r"^games.pgn#4: move 1: 'e5' is not a move there$"):
        read_game(f"{file}#4")
    assert others(file) == "games.pgn holds 5 games: this is games.pgn#1"
    assert others(f"{file}#2") == ""


def test_every_game_of_an_sgf_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "games.sgf"
    file.write_text(SEVERAL_SGF)
    found = [read_game(f"{file}#{number}") for number in (1, 2, 4)]
    assert [(record.agents[0], len(record.plays)) for record in found] == [("A (;]", 3), ("B", 2), ("D", 1)]
    assert [record.reason for record in found[:2]] == ["forfeit: resigned", "forfeit: out of time"]
    assert found[2].game == "gomoku(board_size=9)"
    with pytest.raises(ArenaError, match=r"^games.sgf#3: move 2: \[aa\] is not a move there$"):
        read_game(f"{file}#3")


@pytest.mark.parametrize("number", [0, 6, 999999999])
def test_a_number_that_is_not_there_is_one_clear_line(number: int, tmp_path: Path) -> None:
    (tmp_path / "games.pgn").write_text(SEVERAL_PGN)
    with pytest.raises(ArenaError, match=f"^games.pgn#{number}: the file holds 5 games$"):
        read_game(tmp_path / f"games.pgn#{number}")


def test_all_that_can_be_imported_is(tmp_path: Path) -> None:
    (tmp_path / "games.pgn").write_text(SEVERAL_PGN)
    with Store.open(tmp_path / "store.db") as store:
        outcomes = dict(import_games(store, tmp_path / "games.pgn"))
        assert list(outcomes) == [f"games.pgn#{number}" for number in range(1, 6)]
        kept = [outcome for outcome in outcomes.values() if isinstance(outcome, Record)]
        assert [stored.record for stored in store.records()] == kept[::-1]
        assert [record.agents[1] for record in kept] == ["A", "B (;", "White"]
        assert "not a move there" in str(outcomes["games.pgn#4"])
        assert "not finished" in str(outcomes["games.pgn#5"])
        assert list(import_games(store, tmp_path / "games.pgn#2")) == [("games.pgn#2", None)]
        ((_, error),) = import_games(store, tmp_path / "games.pgn#7")
        assert "holds 5 games" in str(error)


def test_a_file_whose_name_ends_like_a_number_is_itself(tmp_path: Path) -> None:
    record = played("tic_tac_toe", "random", "random")
    write_game(tmp_path / "game#2.json", record)
    assert read_game(tmp_path / "game#2.json") == record


# -- files of others load nothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "game",
    [
        "{file}",
        "{file}(stones=3)",
        "pettingzoo:evil/trap",
        "openspiel:{file}",
        "nim(piles={file})",
        "nim(piles=trap:game)",
        "gymnasium:GymV26Environment-v0(env_id=trap:Trap)",
        "openspiel:nfg_game(filename=/dev/zero)",
    ],
)
@pytest.mark.parametrize("ending", [".json", ".sgf"])
def test_no_file_makes_the_arena_load_a_program(
    game: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w')\n"
    (tmp_path / "evil").mkdir()
    for name in ("trap.py", "evil/__init__.py", "evil/trap.py"):
        (tmp_path / name).write_text(trap)
    spec, file = game.format(file=tmp_path / "trap.py"), tmp_path / f"game{ending}"
    told = Record(spec, ("a", "b"), 0, (0,), 0, (0.0, 0.0), (0.5, 0.5), "unfinished").to_json()
    file.write_text(json.dumps({"format": 1, **told}) if ending == ".json" else f"(;GM[0]ARENA[{spec}];B[0])")
    with pytest.raises(ArenaError, match=f"^game{ending}: ") as error:
        read_game(file)
    assert "\n" not in str(error.value)
    assert "may not name the game" in str(error.value)
    assert not (tmp_path / "sprung").exists()


def test_a_player_that_is_a_program_is_only_a_name(tmp_path: Path) -> None:
    record = played("tic_tac_toe", BOTS, "random")
    for file in (tmp_path / "game.json", tmp_path / "game.sgf"):
        write_game(file, record)
        again = read_game(file)
        assert again.agents == (f'"{BOTS}"', "random")
        with pytest.raises(ArenaError, match="is not a name"):
            make_agent(again.agents[0])
        write_game(file, again)
        assert read_game(file) == again
