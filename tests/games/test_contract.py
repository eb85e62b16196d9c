"""The laws of `games/core/game.py`, held by every native game, and by some of OpenSpiel's, on random games."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from games.core.canvas import Canvas, Disc, Line, Polygon, Rect, Sprite, Text
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.game import Game, Positions
from games.core.native import NativeGame
from games.core.position import Position
from games.core.registry import GAMES, make_game

OPTIONS = {"pong_duel": "pong_duel(points=2)"}
FOREIGN = ["openspiel:breakthrough(rows=6, columns=5)", "openspiel:pig(players=3)", "openspiel:quoridor(board_size=3)"]
VARIANTS = ["hex(board_size=5, swap=true)"]
DUELS = ["duel of game_2048(max_tile=32)", "duel of openspiel:2048(max_tile=16)"]
SPECS = [OPTIONS.get(name, name) for name in GAMES.names()] + VARIANTS + FOREIGN + DUELS
ROWS = 6
LOOKS = 400  # plies a game whose words and drawings are checked; the rules are checked at every ply


@dataclass
class Ply:
    """What stood before a step, and the step."""

    rows: Positions
    acting: np.ndarray
    joint: np.ndarray
    rewards: np.ndarray


@dataclass
class Played:
    """Random games, one a row, played in lockstep until all are over."""

    game: Game
    seeds: np.ndarray
    plies: list[Ply]
    final: Positions

    @property
    def returns(self) -> np.ndarray:
        return np.sum([ply.rewards for ply in self.plies], axis=0)

    @property
    def snapshots(self) -> list[Positions]:
        return [ply.rows for ply in self.plies] + [self.final]

    def plays(self, row: int) -> list[Sequence[int]]:
        """The game of one row, written down."""
        joints = [ply.joint[row] for ply in self.plies if ply.acting[row].any()]
        return [int(joint.max()) if (joint >= 0).sum() == 1 else [int(a) for a in joint] for joint in joints]


def duplicate(game: Game, rows: Positions) -> Positions:
    copies = game.empty(len(rows))
    game.copy(rows, np.arange(len(rows)), copies, np.arange(len(rows)))
    return copies


def same(game: Game, left: Positions, right: Positions) -> bool:
    if isinstance(game, NativeGame):
        return left.tobytes() == right.tobytes()
    return [str(state) for state in left] == [str(state) for state in right]


def random_joint(game: Game, rows: Positions, draw: np.random.Generator) -> np.ndarray:
    acting = game.acting(rows)
    joint = np.full((len(rows), game.seats + 1), -1, np.int32)
    for row, seat in np.argwhere(acting):
        one = rows[row : row + 1]
        weights = game.odds(one)[0] if seat == game.seats else game.legal(one, np.array([seat], np.int32))[0]
        joint[row, seat] = draw.choice(np.flatnonzero(weights))
    return joint


def seats_of(rows: Positions, seat: int) -> np.ndarray:
    return np.full(len(rows), seat, np.int32)


@pytest.fixture(scope="module", params=SPECS)
def played(request: pytest.FixtureRequest) -> Played:
    spec = request.param.removeprefix("duel of ")
    game = seated(make_game(spec), 2 if spec != request.param else 1)
    seeds, draw, plies = np.array([3, 3, 4, 5, 6, 7], np.uint64), np.random.default_rng(1), []
    rows = game.start(seeds)
    while game.acting(rows).any():
        assert len(plies) <= game.max_plies, "longer than max_plies"
        ply = Ply(duplicate(game, rows), game.acting(rows), random_joint(game, rows, draw), np.zeros(0))
        ply.rewards = game.step(rows, ply.joint)
        plies.append(ply)
    return Played(game, seeds, plies, rows)


def test_who_acts_has_a_move_and_nobody_else(played: Played) -> None:
    """An acting seat has a legal action, another has none; nature's odds add up to 1, and are 0 where it is silent."""
    game = played.game
    for rows in played.snapshots:
        acting, odds = game.acting(rows), game.odds(rows)
        assert acting.shape == (ROWS, game.seats + 1)
        assert acting.dtype == np.bool_
        for seat in range(game.seats):
            legal = game.legal(rows, seats_of(rows, seat))
            assert legal.shape == (ROWS, game.actions)
            assert legal.dtype == np.bool_
            assert (legal.any(1) == acting[:, seat]).all()
            if game.idle is not None:
                assert (legal[:, game.idle] == acting[:, seat]).all()
        assert odds.shape == (ROWS, game.outcomes)
        assert odds.sum(1) == pytest.approx(acting[:, -1].astype(float), abs=1e-5)
        assert game.simultaneous or acting.sum(1).max() <= 1


def test_equal_seeds_give_equal_games(played: Played) -> None:
    game = played.game
    again = game.start(played.seeds)
    game.restart(again, np.array([1, 4]), played.seeds[[1, 4]])
    for ply in played.plies:
        assert same(game, again, ply.rows)
        assert (game.step(again, ply.joint) == ply.rewards).all()
    assert same(game, again, played.final)


def test_restart_begins_anew_in_place(played: Played) -> None:
    game, rows = played.game, duplicate(played.game, played.final)
    game.restart(rows, np.array([0, 5]), played.seeds[[0, 5]])
    begun, over = [0, 5], [1, 2, 3, 4]
    assert same(game, rows[begun], played.plies[0].rows[begun])
    assert same(game, rows[over], played.final[over])


def test_a_step_leaves_other_rows_alone_and_over_is_over(played: Played) -> None:
    game = played.game
    for number, ply in enumerate(played.plies):
        row = number % ROWS
        others = [other for other in range(ROWS) if other != row]
        rows, joint = duplicate(game, ply.rows), np.full_like(ply.joint, -1)
        joint[row] = ply.joint[row]
        rewards = game.step(rows, joint)
        assert same(game, rows[others], ply.rows[others])
        assert not rewards[others].any()
        assert same(game, rows[[row]], played.snapshots[number + 1][[row]])
        assert (rewards[row] == ply.rewards[row]).all()
    rows = duplicate(game, played.final)
    joint = np.zeros((ROWS, game.seats + 1), np.int32)
    joint[:, -1] = -1
    assert not game.step(rows, joint).any()
    assert same(game, rows, played.final)


def test_rewards(played: Played) -> None:
    """Zero-sum rewards add up to 0, returns stay within bounds, `out` takes the rewards and is overwritten."""
    game = played.game
    for ply in played.plies:
        assert ply.rewards.shape == (ROWS, game.seats)
        assert ply.rewards.dtype == np.float32
        assert not game.zero_sum or ply.rewards.sum(1) == pytest.approx(np.zeros(ROWS), abs=1e-5)
    if game.bounds is not None:
        assert (played.returns >= game.bounds[0]).all()
        assert (played.returns <= game.bounds[1]).all()
    out = np.full((ROWS, game.seats), 9, np.float32)
    assert game.step(duplicate(game, played.plies[-1].rows), played.plies[-1].joint, out) is out
    assert (out == played.plies[-1].rewards).all()


def test_a_copy_shares_nothing(played: Played) -> None:
    game, ply = played.game, played.plies[len(played.plies) // 2]
    rows, before = duplicate(game, ply.rows), duplicate(game, ply.rows)
    game.step(rows, ply.joint)
    assert same(game, ply.rows, before)
    if isinstance(game, NativeGame):
        assert not np.shares_memory(rows, ply.rows)
        assert same(game, np.frombuffer(before.tobytes(), game.dtype), before)
    swapped = game.empty(ROWS)
    game.copy(before, np.arange(ROWS), swapped, np.arange(ROWS)[::-1])
    assert same(game, swapped[::-1], before)


def test_no_seat_sees_the_noise_to_come(played: Played) -> None:
    """`reseed` and `resample` change nothing that a seat can observe, nor what it may do; `resample` copies."""
    game, seeds = played.game, np.arange(ROWS, dtype=np.uint64)
    for rows in played.snapshots[:: max(1, len(played.plies) // 50)]:
        reseeded, before = duplicate(game, rows), duplicate(game, rows)
        game.reseed(reseeded, seeds)
        for seat in range(game.seats):
            seats = seats_of(rows, seat)
            for others in (reseeded, game.resample(rows, seats, seeds)):
                assert (game.observe(others, seats) == game.observe(rows, seats)).all()
                assert (game.legal(others, seats) == game.legal(rows, seats)).all()
                if game.hidden:
                    assert game.information_key(others, seats) == game.information_key(rows, seats)
        assert same(game, rows, before)


def test_observations(played: Played) -> None:
    """Their shape and dtype are as promised, finite, and do not change with the rows next to them."""
    game = played.game
    for rows in played.snapshots[:: max(1, len(played.plies) // 50)]:
        seats = np.arange(ROWS, dtype=np.int32) % game.seats
        seen = game.observe(rows, seats)
        assert seen.shape == (ROWS, *game.observation_shape)
        assert seen.dtype == game.observation_dtype
        assert np.isfinite(seen).all()
        assert (game.observe(rows[2:3], seats[2:3])[0] == seen[2]).all()


def test_estimates(played: Played) -> None:
    game = played.game
    for rows in played.snapshots[:: max(1, len(played.plies) // 50)]:
        guess = game.estimate(rows)
        assert guess.shape == (ROWS, game.seats)
        assert np.isfinite(guess).all()
        assert not game.zero_sum or guess.sum(1) == pytest.approx(np.zeros(ROWS), abs=1e-4)


def test_symmetries_map_games_onto_games(played: Played) -> None:
    """Mapped actions, played in a second game, give mapped legal actions and observations and the same rewards."""
    game, tables = played.game, played.game.symmetries()
    every = np.arange(math.prod(game.observation_shape)), np.arange(game.actions)
    for table, numbers in zip(tables, every, strict=True):
        assert (table[0] == numbers).all()
        assert (np.sort(table) == numbers).all()
    pairs = list(zip(*tables, strict=True))
    assert len({(seen.tobytes(), actions.tobytes()) for seen, actions in pairs}) == len(pairs)
    for seen, actions in () if game.outcomes else pairs[1:]:  # where nature plays, her moves would have to be mapped
        pictures, images = game.start(played.seeds), np.append(np.argsort(actions), -1)
        for ply, after in zip(played.plies, played.snapshots[1:], strict=True):
            assert (game.step(pictures, images[ply.joint]) == ply.rewards).all()
            assert (game.acting(pictures) == game.acting(after)).all()
            for seat in range(game.seats):
                seats = seats_of(after, seat)
                assert (game.legal(pictures, seats) == game.legal(after, seats)[:, actions]).all()
                flat = game.observe(after, seats).reshape(ROWS, -1)
                assert (game.observe(pictures, seats).reshape(ROWS, -1) == flat[:, seen]).all()


def test_an_action_of_a_cell_changes_it(played: Played) -> None:
    """In what its player sees; a cell is numbered once."""
    game, numbers = played.game, played.game.places()
    if numbers is None:
        return
    assert numbers.shape == game.observation_shape[1:]
    assert sorted(numbers.flat) == list(range(numbers.size))
    each = game.actions // numbers.size
    for ply, after in zip(played.plies, played.snapshots[1:], strict=True):
        for row, seat in np.argwhere(ply.joint[:, : game.seats] >= 0):
            cell, seats = ply.joint[row, seat] // each, np.array([seat], np.int32)
            seen = [game.observe(rows[row : row + 1], seats)[0] for rows in (ply.rows, after)]
            assert cell >= numbers.size or (seen[0] != seen[1])[:, numbers == cell].any()


@pytest.mark.parametrize(
    ("spec", "count"),
    [
        ("tic_tac_toe", 8), ("connect_four", 2), ("othello", 4), ("gomoku(board_size=7)", 8), ("hex", 2),
        ("breakthrough(rows=5, columns=4)", 2), ("ultimate_tic_tac_toe", 8), ("nim", 1), ("pong_duel", 1),
        ("game_2048", 8), ("go(board_size=5)", 8),
    ],
)  # fmt: skip
def test_number_of_symmetries(spec: str, count: int) -> None:
    """As many as there are; one after another is one of them."""
    tables = make_game(spec).symmetries()
    for table in tables:
        assert len(table) == count
        assert {table[s][table[t]].tobytes() for s in range(count) for t in range(count)} == set(map(bytes, table))


def looked_at(played: Played) -> list[Positions]:
    """Rows [1] to look at: those of one game, spread over it, its beginning and its end among them."""
    step = max(1, len(played.plies) // LOOKS)
    return [rows[2:3] for rows in played.snapshots[::step]] + [played.final[2:3]]


def test_words(played: Played) -> None:
    """There is always a text; the name of an action parses back to it, and nothing else does."""
    game = played.game
    for row in looked_at(played):
        position = Position(game, row)
        assert game.text(row).strip()
        assert bool(game.reason(row)) <= position.over
        players = [seat for seat in position.acting if seat < game.seats]
        names: dict[int, str] = {}
        for seat in players:
            names |= {action: game.action_text(row, action) for action in position.legal_actions(seat)}
        assert len({name.casefold() for name in names.values()}) == len(names) or not isinstance(game, NativeGame)
        for action, name in names.items():
            assert game.parse_action(row, name) == action
            assert game.parse_action(row, f" {name} ") == action
        with pytest.raises(ArenaError, match="is not a move here"):
            game.parse_action(row, "no such move")
        if position.acting == [game.seats]:
            assert all(game.outcome_text(row, outcome) for outcome in position.legal_actions())
    assert game.reason(played.final[2:3]) or not isinstance(game, NativeGame)


def test_drawings(played: Played) -> None:
    """Every legal action's gesture is drawn and is no other action's; nothing stands outside of the extent."""
    game = played.game
    width, height = game.extent
    for row in looked_at(played):
        position = Position(game, row)
        for seat in range(game.seats):
            canvas = position.draw(seat)
            corners = np.array([corner for shape in canvas.shapes for corner in spots(shape)])
            assert (corners >= -1e-6).all()
            assert (corners <= np.array([width, height]) + 1e-6).all()
            assert set(game.last_move(row)) <= canvas.tags
            gestures = [game.gesture(row, a) for s in position.acting if s == seat for a in position.legal_actions(s)]
            assert {tag for gesture in gestures for tag in gesture} <= canvas.tags
            assert len(set(gestures)) == len(gestures)
            begun = {gesture[:length] for gesture in gestures for length in range(1, len(gesture))}
            assert not begun & set(gestures), "one action's clicks begin another's"


def spots(shape: Rect | Disc | Line | Polygon | Text | Sprite) -> list[tuple[float, float]]:
    """The points of a shape that must be on the canvas: its corners, or its middle."""
    match shape:
        case Rect() | Sprite():
            return [(shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height)]
        case Line():
            return [(shape.x1, shape.y1), (shape.x2, shape.y2)]
        case Polygon():
            return list(shape.points)
    return [(shape.x, shape.y)]


def test_drawing_never_changes_the_position(played: Played) -> None:
    game, row = played.game, duplicate(played.game, played.plies[-1].rows)
    for seat in range(game.seats):
        game.draw(Canvas(), row[:1], seat)
    game.text(row[:1])
    assert same(game, row, played.plies[-1].rows)


def test_a_game_written_down_is_replayed_exactly(played: Played) -> None:
    for row in (0, 3):
        position = Position.replay(played.game, int(played.seeds[row]), played.plays(row))
        assert position.over
        assert same(played.game, position.row, played.final[row : row + 1])
        assert position.returns == pytest.approx(tuple(played.returns[row]))


def test_rollouts_end(played: Played) -> None:
    """Random play ends within bounds and max_plies, equal for equal seeds whatever stands in the other rows."""
    game, seeds = played.game, np.arange(ROWS, dtype=np.uint64)
    begun = played.plies[0].rows
    rows = duplicate(game, begun)
    returns, plies = game.rollouts(rows, seeds)
    assert not game.acting(rows).any()
    assert 0 < plies <= ROWS * game.max_plies
    assert not game.zero_sum or returns.sum(1) == pytest.approx(np.zeros(ROWS), abs=1e-4)
    if game.bounds is not None:
        assert game.bounds[0] <= returns.min()
        assert returns.max() <= game.bounds[1]
    assert (game.rollouts(duplicate(game, begun[4:]), seeds[4:])[0] == returns[4:]).all()
    guess, none = game.rollouts(duplicate(game, begun), seeds, 0)
    assert none == 0
    assert (guess == game.estimate(begun)).all()


def test_keys_and_names(played: Played) -> None:
    game = played.game
    assert len(game.seat_names) >= game.seats
    assert all(0 <= action < game.actions for keys in game.keys for action in keys.values())
    assert (game.tick is None) == (game.idle is None)
    assert game.title
