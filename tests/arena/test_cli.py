"""Commands as a user types them: what they print, and one clear line for everything that can go wrong."""

import json
import subprocess
import sys

import pytest

from arena.doctor import measure

PLAYERS = ("uct(simulations=20)", "random")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("ARENA_HOME", str(tmp_path / "home"))
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(variable, raising=False)


def arena(*words, given=None):
    command = [sys.executable, "-m", "arena.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, input=given)


def complaint(*words, given=None):
    """The one line that a command ends with."""
    ended = arena(*words, given=given)
    assert ended.returncode != 0
    assert ended.stderr.startswith("arena: ")
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


def test_match_prints_one_json_object():
    ended = arena("match", "connect_four", *PLAYERS, "--games", 6, "--seed", 1, "--json")
    result = json.loads(ended.stdout)
    assert list(result) == ["game", "agents", "games", "wins", "draws", "score", "distinct", "forfeits", "seconds"]
    assert (result["agents"], result["games"], result["forfeits"]) == (list(PLAYERS), 6, 0)
    assert sum(result["wins"]) + result["draws"] == 6
    assert sum(result["score"]) == pytest.approx(1)
    assert result["distinct"] == 6


def test_match_counts_an_odd_number_of_games():
    assert json.loads(arena("match", "tic_tac_toe", *PLAYERS, "--games", 3, "--json").stdout)["games"] == 3


def test_tournament_publishes_and_leaderboard_reads_the_same(tmp_path):
    names = ["random", "uct(simulations=5)", "alphabeta(depth=1)"]
    ended = arena("tournament", "tic_tac_toe", *names, "--games", 4, "--publish", tmp_path / "boards", "--json")
    board = json.loads(ended.stdout)
    assert board["games"] == 12
    assert json.loads((tmp_path / "boards/tic_tac_toe.json").read_text()) == board
    assert "| agent" in (tmp_path / "boards/tic_tac_toe.md").read_text()
    assert json.loads(arena("leaderboard", "tic_tac_toe", "--json").stdout) == board


def test_listings_are_json_for_programs():
    assert {"connect_four", "pong_duel", "tic_tac_toe", "openspiel:"} <= {
        row["name"] for row in json.loads(arena("games", "--json").stdout)
    }
    assert {"random", "uct", "alphabeta"} <= {row["name"] for row in json.loads(arena("agents", "--json").stdout)}


def test_doctor_finds_nothing_wrong_here():
    findings = json.loads(arena("doctor", "--json").stdout)
    assert findings["problems"] == []
    assert findings["packages"]["pygame-ce"]
    assert {"folded", "eager"} <= set(findings["backends"])
    assert "speed" not in findings


def test_doctor_times_the_backends(monkeypatch):
    monkeypatch.setattr("arena.doctor.ROUNDS", 1)
    rows = {row["backend"]: row for row in measure()}
    assert rows["eager"]["precision"] == "float32"
    for row in rows.values():
        assert row["missing"] or min(row["batch 1"], row["batch 256"]) > 0


def test_analyse_answers_line_by_line(tmp_path):
    file = tmp_path / "positions.jsonl"
    file.write_text('{"moves": []}\n\n{"moves": [0, 3, 1, 4]}\n')
    lines = arena("analyse", "tic_tac_toe", "uct(simulations=300)", "--positions", file).stdout.splitlines()
    first, second = map(json.loads, lines)
    assert set(first) >= {"action", "value", "policy", "visits"}
    assert sum(first["visits"].values()) == 300
    assert (second["action"], second["value"]) == (2, 1.0)  # three in a row, proven


def test_a_game_is_gone_over(tmp_path):
    arena("match", "tic_tac_toe", "random", "random", "--games", 1, "--opening", 0)
    arena("export", tmp_path / "game.json")
    lines = arena("analyse", "--game", tmp_path / "game.json", "--tree", tmp_path / "tree.svg").stdout.splitlines()
    plies = list(map(json.loads, lines))
    plays = json.loads((tmp_path / "game.json").read_text())["plays"]
    assert [each["played"]["action"] for each in plies] == plays
    assert all(each["mistake"] == (each["loss"] > 0) == (each["played"]["true"] < each["true"]) for each in plies)
    assert set(plies[0]["candidates"][0]) == {"action", "text", "visits", "prior", "q", "true"}
    assert (tmp_path / "tree.svg").read_text().startswith("<svg")
    table = arena("analyse", "uct(simulations=50)", "--game", 1, "--table").stdout
    assert "gone over by uct(simulations=50)" in table
    assert "mistakes in" in table or "mistake in" in table


def test_watch_films_without_a_display(tmp_path):
    film = tmp_path / "game.gif"
    arena("watch", "tic_tac_toe", "random", "random", "--headless", "--record", film)
    assert film.read_bytes()[:4] == b"GIF8"
    arena("replay", "--headless", "--record", tmp_path / "again.gif")
    assert (tmp_path / "again.gif").exists()
    arena("replay", "--record", tmp_path / "position.png", "--headless", "--ply", 3)
    assert (tmp_path / "position.png").read_bytes()[1:4] == b"PNG"
    assert "the game has" in complaint("replay", "--record", tmp_path / "position.png", "--ply", 300)


def test_games_go_to_files_and_back(tmp_path):
    arena("match", "gomoku(board_size=6)", "random", "random", "--games", 1)
    for name in ("game.sgf", "game.json"):
        assert arena("export", tmp_path / name).returncode == 0
    other = ("--store", tmp_path / "other.db")
    ended = arena("import", tmp_path / "game.json", *other)
    assert "gomoku(board_size=6), random - random" in ended.stdout
    assert "imported before" in arena("import", tmp_path / "game.json", *other).stdout
    assert arena("export", tmp_path / "again.json", *other).returncode == 0
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "game.json").read_bytes()
    several = tmp_path / "several.sgf"
    several.write_text((tmp_path / "game.sgf").read_text() * 2 + "(;GM[1]SZ[9];B[zz])")
    ended = arena("import", several, *other)
    assert ended.returncode == 2
    assert ended.stdout.splitlines()[1:] == ["several.sgf#2: was imported before"]
    assert ended.stderr == "arena: several.sgf#3: move 1: [zz] is not a move there\n"
    arena("replay", tmp_path / "game.sgf", "--headless", "--record", tmp_path / "film.gif", "--palette", "dark")
    assert (tmp_path / "film.gif").read_bytes()[:4] == b"GIF8"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("match", "conect_four", *PLAYERS), "did you mean connect_four"),
        (("match", "connect_four", "randm", "random"), "did you mean random"),
        (("match", "connect_four", "uct(sims=3)", "random"), "options: simulations"),
        (("match", "connect_four", "uct(simulations=x)", "random"), "not a positive whole number"),
        (("match", "connect_four", "uct(simulations=3", "random"), "not closed"),
        (("match", "connect_four", "random"), "between two agents"),
        (("match", "connect_four", *PLAYERS, "--games", "0"), "at least one game"),
        (("match", "connect_four", *PLAYERS, "--gaems", "2"), "No such option"),
        (("match", "pong_duel", "alphabeta", "random"), "cannot play pong_duel"),
        (("match", "./nope.py", *PLAYERS), "no file"),
        (("match", "openspiel:kuhn_poker", *PLAYERS), "hides"),
        (("tournament", "connect_four", "random", "random"), "twice"),
        (("watch", "tests"), "holds no run"),
        (("watch", "tests", "random"), "without agents"),
        (("watch", "connect_four"), "takes 2 agents"),
        (("leaderboard", "connect_four"), "does not exist"),
        (("watch", "connect_four", "random"), "2 seats"),
        (("watch", "connect_four", "random", "random"), "no display"),
        (("watch", "connect_four", "random", "random", "--headless"), "--record"),
        (("watch", "connect_four", "random", "random", "--record", "game.avi"), ".gif or .mp4"),
        (("play", "connect_four", "--level", "godlike"), "easy, medium, hard"),
        (("play", "connect_four", "--seat", "2"), "seats 0 to 1"),
        (("play", "connect_four", "--name", "random"), "not a name for a person"),
        (("replay",), "does not exist"),
        (("replay", "nowhere.pgn"), "cannot read nowhere.pgn: no such file"),
        (("replay", "game.txt"), ".json, .pgn, .sgf"),
        (("export", "game.json"), "does not exist"),
        (("import", "nowhere.sgf"), "cannot read nowhere.sgf"),
        (("watch", "connect_four", "random", "random", "--palette", "pink"), "light, dark, safe"),
        (("watch", "connect_four", "random", "random", "--ui-scale", "9"), "--ui-scale"),
        (("analyse",), "say what to analyse"),
        (("analyse", "--game", "nowhere.pgn"), "cannot read nowhere.pgn"),
        (("analyse", "--game", "3"), "does not exist"),
        (("analyse", "uct", "random", "--game", "3"), "at most one AGENT"),
        (("analyse", "--game", "game.json", "--tree", "tree.png"), "pictures of trees are .svg"),
        (("analyse", "--game", "game.json", "--tree", "nowhere/tree.svg"), "there is no folder nowhere"),
        (("analyse", "--game", "game.json", "--ply", "3"), "goes with --tree"),
        (("frobnicate",), "No such command"),
    ],
)
def test_bad_input_is_one_clear_line(words, said):
    assert said in complaint(*words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"moves": [3]}\n{"moves": [3, 9]}\n', "line 2: action 9 is not legal"),
        ("hello\n", "line 1: not JSON"),
        ('{"plays": []}\n', 'like {"moves": [3, 3, 4]}'),
        ('{"moves": ["e4"]}\n', "line 1"),
        ('{"moves": [[]]}\n', "line 1"),
        ('{"moves": [-9999999999]}\n', "line 1: -9999999999 is not an action"),
        ('{"moves": [0, 1, 0, 1, 0, 1, 0]}\n', "the game is over"),
    ],
)
def test_a_bad_line_of_positions_is_named(text, said):
    assert said in complaint("analyse", "connect_four", "random", "--positions", "-", given=text)


def test_a_corrupt_store_is_left_as_it_is(tmp_path):
    store = tmp_path / "store.db"
    store.write_bytes(b"not a database" * 500)
    assert "corrupt" in complaint("match", "tic_tac_toe", *PLAYERS, "--store", store)
    assert store.read_bytes() == b"not a database" * 500
