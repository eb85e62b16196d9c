"""Grades against perfect play: what is drawn, what counts as a mistake, and what is said when nobody can judge."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from agents import solver as solver_file
from agents.core.agent import Agent, Move
from agents.core.registry import make_agent
from arena import solved as solved_file
from arena.analysis import BATCH
from arena.grade import Share, defend, grade, yardstick
from arena.judges import PONS, judge_of
from arena.match import Seating, play
from arena.solved import draw, read_pons, replayed
from games.core.errors import ArenaError
from games.core.position import Position
from games.core.registry import make_game

LINES = [tuple(map(int, line)) for line in ("012", "345", "678", "036", "147", "258", "048", "246")]
NO_SOLVER = "needs bitbully, which is not installed: pip install 'planning-arena[solver]'"
with_solver = pytest.mark.skipif(importlib.util.find_spec("bitbully") is None, reason=NO_SOLVER)


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory):
    """Solved positions are kept apart from the user's; machine code is where it always is."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solved_file, "cache_folder", lambda: folder)
        yield folder


@pytest.fixture(scope="module")
def connect_four(own_cache):
    return draw(make_game("connect_four"), 8)


class Follows(Agent):
    """Plays by a table of rows: [N, actions] bool, one of those that are true."""

    def __init__(self, wanted):
        self.wanted, self.batches, self.ended = wanted, [], []

    def act(self, turns):
        self.batches.append(len(turns))
        return [self.think(turn) for turn in turns]

    def think(self, turn):
        wanted = self.wanted[int(turn.match.partition("/")[2])] & turn.legal
        return Move(int(np.argmax(wanted if wanted.any() else turn.legal)))

    def end(self, match):
        self.ended.append(match)


def best_by_hand(position):
    """What a position is worth to the seat to act and to each action, by the rules alone."""
    values = {}
    for action in position.legal_actions():
        after = position.copy()
        after.play(action)
        gain = int(np.sign(after.returns[position.seat]))
        if not after.over:
            worth = max(best_by_hand(after).values())
            gain = worth if after.seat == position.seat else -worth
        values[action] = gain
    return values


# -- tables and intervals ------------------------------------------------------------------------------------------


def test_intervals_are_wilsons():
    z = 1.959964
    assert Share(0, 10).interval == pytest.approx((0, z**2 / (10 + z**2)))
    assert Share(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe (1998), table I
    assert Share(0, 0).interval is None
    assert Share(0, 0).rate is None


# -- small games ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tic_tac_toe(own_cache):
    return draw(make_game("tic_tac_toe"), 5000)


def test_all_positions_of_tic_tac_toe_are_drawn_and_judged_right(tic_tac_toe):
    game = make_game("tic_tac_toe")
    assert len(tic_tac_toe.bin) == 4520  # of 5,478 positions 958 are over

    @cache
    def values(board):  # "XO.": what the seat to act gets from each cell
        mark, found = "XO"[board.count("X") > board.count("O")], {}
        for cell in range(9):
            if board[cell] == ".":
                after = board[:cell] + mark + board[cell + 1 :]
                won = any(all(after[c] == mark for c in line) for line in LINES)
                found[cell] = 1 if won else 0 if "." not in after else -max(values(after).values())
        return found

    rows, _ = replayed(game, tic_tac_toe.plays)
    views = game.observe(rows, np.zeros(len(rows), np.int32))
    for i in range(len(rows)):
        first, second = views[i].reshape(2, 9)
        right = values("".join("X" if x else "O" if o else "." for x, o in zip(first, second, strict=True)))
        assert tic_tac_toe.scores[i] == max(right.values())
        wrong = [right.get(cell, 9) < max(right.values()) for cell in range(9)]
        assert tic_tac_toe.mistakes[i].tolist() == wrong


def test_mistakes_are_counted_where_they_are_made(tic_tac_toe):
    game, some = make_game("tic_tac_toe"), tic_tac_toe.first(700)
    worst, best = Follows(some.mistakes), Follows(~some.mistakes)
    chances = int(some.mistakes.any(axis=1).sum())
    assert 0 < chances < 700
    (bin,) = grade(game, worst, some).bins
    assert (bin.mistakes, bin.chances, bin.positions) == (chances, chances, 700)
    assert grade(game, best, some).mean == 0
    assert worst.batches == [BATCH, BATCH, 700 - 2 * BATCH]
    assert len(set(worst.ended)) == 700


def test_alphabeta_errs_where_it_does_not_look_far_enough_and_random_as_often_as_chance_has_it(tic_tac_toe):
    game = make_game("tic_tac_toe")
    few = tic_tac_toe.first(300)
    assert grade(game, make_agent("alphabeta(depth=9)"), few).mean == 0
    assert grade(game, make_agent("alphabeta(depth=1)"), few).mean > 0.05
    rows, seats = replayed(game, tic_tac_toe.plays)
    odds = tic_tac_toe.mistakes.sum(axis=1) / game.legal(rows, seats).sum(axis=1)
    found = grade(game, make_agent("random"), tic_tac_toe).bins[0].mistakes
    assert abs(found - odds.sum()) < 4 * np.sqrt((odds * (1 - odds)).sum())


@pytest.mark.parametrize("name", ["hex(board_size=2)", "hex(board_size=3)", "othello"])
def test_the_house_judges_as_the_rules_do(name):
    game = make_game(name)
    drawn = draw(game, 40)
    rows, _ = replayed(game, drawn.plays)
    for i in np.argsort(-drawn.plies)[:12]:
        right = best_by_hand(Position(game, rows[i : i + 1], ply=int(drawn.plies[i])))
        assert drawn.scores[i] == max(right.values())
        assert np.flatnonzero(drawn.mistakes[i]).tolist() == [a for a in right if right[a] < max(right.values())]
    if name.startswith("hex"):  # the first player wins (Nash)
        assert judge_of(game).scores(game.start(np.zeros(1, np.uint64))).tolist() == [1]


def test_equal_seeds_give_equal_positions_and_they_are_kept(own_cache, monkeypatch):
    game = make_game("hex(board_size=3)")
    first, other = draw(game, 20, 5), draw(game, 20, 6)
    assert not np.array_equal(first.plays, other.plays)
    assert not list(own_cache.rglob("*.part"))
    monkeypatch.setattr(solved_file, "_draw", lambda *arguments: pytest.fail("it was kept"))
    assert same(draw(game, 20, 5), first)
    monkeypatch.undo()
    monkeypatch.setattr(solved_file, "cache_folder", lambda: own_cache)
    for file in (own_cache / "solved").glob("*.npz"):
        file.write_bytes(file.read_bytes()[:100])  # what was cut off is made anew
    assert same(draw(game, 20, 5), first)


def same(one, two):
    return all(np.array_equal(getattr(one, key), getattr(two, key)) for key in vars(one))


# -- agents and games that do not fit ------------------------------------------------------------------------------


class Fails(Agent):
    def plays(self, game):
        return None if game.actions == 9 else "too big for it"

    def think(self, turn):
        raise RuntimeError("lost my way")


def test_who_cannot_play_or_fails_is_told():
    with pytest.raises(ArenaError, match=r"bot cannot play hex.*: too big for it"):
        grade(make_game("hex(board_size=4)"), Fails(), draw(make_game("hex(board_size=2)"), 5), "bot")
    with pytest.raises(ArenaError, match=r"bot failed after \[.*: RuntimeError: lost my way"):
        grade(make_game("hex(board_size=3)"), Fails(), draw(make_game("hex(board_size=3)"), 5), "bot")


def test_without_a_judge_a_training_goes_on_and_says_so(capsys, monkeypatch):
    assert yardstick(make_game("hex(board_size=5)")) is None
    assert "nobody knows the best moves of hex(board_size=5)" in capsys.readouterr().err
    monkeypatch.setattr(solver_file, "find_spec", lambda name: None)
    solver_file.solver.cache_clear()
    assert yardstick(make_game("connect_four"), 3, 77) is None
    assert capsys.readouterr().err == f"mistakes are not measured: {solver_file.MISSING}\n"
    with pytest.raises(ArenaError, match="solver cannot play connect_four: bitbully is not installed"):
        defend(make_agent("random"))


def arena(*words):
    return subprocess.run([sys.executable, "-m", "arena.cli", *map(str, words)], capture_output=True, text=True)


def test_the_command_prints_json_and_a_table():
    found = json.loads(arena("grade", "tic_tac_toe", "random", "--positions-per-bin", 50, "--json").stdout)
    assert list(found) == ["game", "agent", "judge", "bins", "mean", "mean_possible"]
    assert found["bins"][0]["all"]["total"] == 50
    assert "95%" in arena("grade", "tic_tac_toe", "random", "--positions-per-bin", 50).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pong_duel", "random"), "what can be graded: connect_four, tic_tac_toe, hex(board_size=2 to 4)"),
        (("tic_tac_toe", "solver"), "it knows Connect Four alone"),
        (("tic_tac_toe", "random", "--positions", "."), "for connect_four alone"),
        (("tic_tac_toe", "random", "--against-solver"), "for connect_four"),
        (("connect_four", "random", "--positions", "nowhere"), "is not a folder"),
        (("connect_four", "random", "--positions", "docs"), "has none of Test_L3_R1"),
        (("tic_tac_toe", "random", "--positions-per-bin", "0"), "positions-per-bin"),
    ],
)
def test_bad_input_is_one_clear_line(words, said):
    ended = arena("grade", *words)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


# -- Connect Four --------------------------------------------------------------------------------------------------


@with_solver
def test_positions_of_connect_four_are_distinct_and_fall_into_pons_bins(connect_four):
    game = make_game("connect_four")
    rows, seats = replayed(game, connect_four.plays)
    assert [connect_four.bins[b] for b in connect_four.bin] == [name for name in PONS for _ in range(8)]
    assert len({row["own"].tobytes() + row["all"].tobytes() for row in rows}) == 48
    assert set(seats.tolist()) == {0, 1}
    for i in range(len(rows)):
        ply, score = int(connect_four.plies[i]), int(connect_four.scores[i])
        stage, ease = connect_four.bins[connect_four.bin[i]].split("-")
        assert stage == ("begin" if ply <= 14 else "middle" if ply <= 28 else "end")
        left = longest_play(game, rows[i : i + 1])
        assert left == solver_file.plies_left(score, ply)
        assert ease == ("easy" if left <= 14 else "medium" if left <= 28 else "hard")
        assert not (left == 1 and score > 0)


def longest_play(game, row):
    """How many plies a game between perfect players goes on."""
    position, plies = Position(game, row.copy()), 0
    while not position.over:
        board = solver_file.boards(game, position.row)[0]
        position.play(solver_file.columns_worth(board, solver_file.solver().mtdf(board))[-1])
        plies += 1
    return plies


@with_solver
def test_the_houses_own_search_agrees_with_the_solver(connect_four):
    from search.solving import solve

    game = make_game("connect_four")
    late = np.flatnonzero(connect_four.plies >= 20)
    rows, seats = replayed(game, connect_four.plays)
    values = solve(game, rows[late])
    assert np.sign(connect_four.scores[late]).tolist() == values[np.arange(len(late)), seats[late]].tolist()


@with_solver
def test_the_solver_makes_no_mistake_and_is_in_no_hurry_to_lose(connect_four):
    game = make_game("connect_four")
    assert grade(game, make_agent("solver"), connect_four).mean == 0
    assert grade(game, make_agent("random"), connect_four).mean > 0.05
    win = Position.replay(game, 0, [3, 0, 3, 0, 3, 1])
    board = solver_file.boards(game, win.row)[0]
    assert solver_file.columns_worth(board, solver_file.solver().mtdf(board)) == [3]
    lost = Position.replay(game, 0, [3, 0, 3, 0, 3])
    board = solver_file.boards(game, lost.row)[0]
    assert solver_file.columns_worth(board, solver_file.solver().mtdf(board)) == [3]  # all lose, but one at once


@with_solver
def test_seeds_decide_between_equal_moves():
    game, solver = make_game("connect_four"), make_agent("solver")
    records = play(game, {"solver": solver}, [Seating(("solver", "solver"), seed) for seed in range(4)])
    assert {record.returns for record in records} == {(1.0, -1.0)}  # the first player wins (Allis, Allen 1988)
    assert {record.plays[0] for record in records} == {3}
    assert len({record.plays for record in records}) == 4
    assert {len(record.plays) for record in records} == {41}


def written(folder, drawn):
    """The positions as files of the published form."""
    for number, file in enumerate(PONS.values()):
        rows = np.flatnonzero(drawn.bin == number)
        lines = ["".join(str(a + 1) for a in drawn.plays[i][: drawn.plies[i]]) + f" {drawn.scores[i]}" for i in rows]
        (folder / file).write_text("\n".join(lines) + "\n")
    return folder


@with_solver
def test_published_files_are_read(connect_four, tmp_path):
    drawn = read_pons(str(written(tmp_path, connect_four)))
    assert same(drawn, connect_four)
    assert [len(read_pons(str(tmp_path), 3).bin), len(drawn.bin)] == [18, 48]


@with_solver
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("4455", "line 2: expected columns, 1 to 7, and a score, as in '4455 18', not '4455'"),
        ("4485 3", "line 2: expected columns"),
        ("4444444 0", "line 2: action 3 is not legal"),
        ("11223344 0", "line 2: the game is over"),
        ("1212121 0", "line 2: the game is over there"),
        ("4455 17", "line 2: the score is 17, bitbully finds 18"),
    ],
)
def test_a_bad_line_of_a_file_is_named(line, said, tmp_path):
    (tmp_path / "Test_L1_R1").write_text(f"4455 18\n{line}\n")
    with pytest.raises(ArenaError, match=r"^Test_L1_R1, ") as error:
        read_pons(str(tmp_path))
    assert said in str(error.value)


def test_a_game_can_begin_with_a_given_line():
    (record,) = play(make_game("connect_four"), {"random": make_agent("random")},
                     [Seating(("random", "random"), 1, line=(6, 0, 6))])  # fmt: skip
    assert (record.plays[:3], record.opening) == ((6, 0, 6), 3)


@with_solver
def test_whoever_plays_at_random_holds_no_opening():
    found = defend(make_agent("random"), "random")
    assert (found.all.count, found.all.total) == (0, 61)
    assert [share.total for share in found.seats] == [39, 22]
    assert (found.won.total, found.drawn.total) == (37, 24)


@pytest.mark.slow
@with_solver
def test_the_solver_holds_every_opening():
    found = defend(make_agent("solver"), "solver")
    assert (found.all.count, found.all.total) == (61, 61)
