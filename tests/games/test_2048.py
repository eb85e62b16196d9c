"""2048: slides held to a plain retelling of the rules, its symmetries, how it ends, how its tiles glide."""

import numpy as np
import pytest

from games.core.canvas import Rect
from games.core.position import Position
from games.core.registry import make_game
from games.game_2048 import DOWN, LEFT, RIGHT, UP, Game2048

LOOK = {UP: (0, 1), DOWN: (0, -1), LEFT: (1, 1), RIGHT: (1, -1)}  # axis of the lines, and the way to read them


@pytest.fixture(scope="module")
def game() -> Game2048:
    made = make_game("game_2048(max_tile=32768)")
    assert isinstance(made, Game2048)
    return made


def squeeze(line: list[int]) -> tuple[list[int], int]:
    """Tiles (exponents) slid to the front, and the score: of three equal ones the two in front merge."""
    tiles, slid, score = [tile for tile in line if tile], [], 0
    while tiles:
        tile = tiles.pop(0)
        if tiles and tiles[0] == tile:
            tile = tiles.pop(0) + 1
            score += 2**tile
        slid.append(tile)
    return slid + [0] * (len(line) - len(slid)), score


def slid(board: np.ndarray, action: int) -> tuple[np.ndarray, int]:
    """[4, 4] the exponents after an action, and the score."""
    axis, way = LOOK[action]
    lines = (board if axis else board.T)[:, ::way].tolist()
    after, scores = zip(*map(squeeze, lines), strict=True)
    turned = np.array(after)[:, ::way]
    return turned if axis else turned.T, sum(scores)


def packed(board: np.ndarray) -> int:
    return sum(int(exponent) << 4 * cell for cell, exponent in enumerate(board.reshape(-1)))


def test_slides_and_legal_moves(game: Game2048) -> None:
    """Of 3,000 random boards, crowded and sparse, in all four directions."""
    draw = np.random.default_rng(1)
    count = 3_000
    boards = draw.integers(0, draw.integers(2, 15, (count, 1, 1)), (count, 4, 4))
    for action in range(4):
        rows = game.start(np.zeros(count, np.uint64))
        rows["board"] = [packed(board) for board in boards]
        rows["ply"], rows["seat"], rows["moves"] = 100, 0, 15
        rewards = game.step(rows, np.tile(np.array([action, -1], np.int32), (count, 1)))
        for board, row, reward in zip(boards, rows, rewards, strict=True):
            after, score = slid(board, action)
            assert (game.exponents(row["board"]) == after).all()
            assert reward[0] == score
    for board in boards:
        empty = np.flatnonzero(board == 0)
        if not len(empty):
            continue
        rows = game.start(np.zeros(1, np.uint64))
        filled = board.reshape(-1).copy()
        rows["board"], rows["ply"] = packed(board), 101
        game.step(rows, np.array([[-1, 2 * empty[0]]], np.int32))
        filled[empty[0]] = 1
        assert (game.exponents(rows["board"][0]).reshape(-1) == filled).all()
        wanted = [(slid(filled.reshape(4, 4), action)[0].reshape(-1) != filled).any() for action in range(4)]
        assert (game.legal(rows, np.zeros(1, np.int32))[0] == wanted).all()
        assert game.acting(rows).any() == any(wanted)


def test_odds(game: Game2048) -> None:
    """Every empty cell as often; a 2 nine times out of ten."""
    position = Position.replay(game, 0, (2 * 5 + 1,))
    odds = game.odds(position.row)[0].reshape(16, 2)
    assert odds[5].tolist() == [0, 0]
    assert np.delete(odds, 5, 0) == pytest.approx(np.tile([0.06, 0.9 / 15 / 9], (15, 1)), abs=1e-6)


def test_random_play_follows_the_odds(game: Game2048) -> None:
    """Within 6 standard errors."""
    count = 20_000
    rows = np.repeat(Position.replay(game, 0, (2 * 5 + 1,)).row, count)
    odds = game.odds(rows[:1])[0].astype(float)
    game.rollouts(rows, np.arange(count, dtype=np.uint64), 1)
    cells, fours = rows["cell"], (rows["board"] >> (4 * rows["cell"]).astype(np.uint64) & np.uint64(15)) == 2
    counts = np.bincount(2 * cells + fours, minlength=game.outcomes)
    assert (np.abs(counts - count * odds) <= 6 * np.sqrt(count * odds * (1 - odds))).all()


def test_ends() -> None:
    """At `max_tile`, at once; where nothing moves; after 4 * max_tile plies."""
    game = make_game("game_2048(max_tile=8)")
    position = Position.replay(game, 0, (1, 3, LEFT))
    assert position.over
    assert position.returns == (8,)
    assert position.outcome().reason == "reached 8"  # type: ignore[union-attr]
    stuck = Position.new(make_game("game_2048"))
    stuck.row["board"], stuck.row["ply"] = 0x1212_2121_1212_212F & ~0xF, 51
    stuck.play(0)
    assert stuck.outcome().reason == "nothing moves"  # type: ignore[union-attr]
    late = Position.replay(game, 0, (0, 6))
    late.row["ply"] = 30
    late.play(LEFT)
    late.play(30)
    assert late.outcome().reason == "time is up"  # type: ignore[union-attr]


def test_symmetries_with_nature(game: Game2048) -> None:
    """A mapped game: nature's tiles appear in the pictures of their cells."""
    count, draw = 8, np.random.default_rng(2)
    for seen, actions in zip(*game.symmetries(), strict=True):
        images = np.argsort(actions)
        cells = np.argsort(seen[:16])  # the picture of a cell; the first plane is entries 0 to 15
        rows = game.start(np.arange(count, dtype=np.uint64))
        pictures = rows.copy()
        for _ in range(150):
            acting = game.acting(rows)
            choices = np.where(acting[:, 1:], game.odds(rows), 0)
            choices[:, :4] += game.legal(rows, np.zeros(count, np.int32))
            picks = (choices * draw.random(choices.shape)).argmax(1)
            joint = np.full((2, count, 2), -1, np.int32)
            joint[0, acting[:, 0], 0] = picks[acting[:, 0]]
            joint[1, acting[:, 0], 0] = images[picks[acting[:, 0]]]
            joint[0, acting[:, 1], 1] = picks[acting[:, 1]]
            joint[1, acting[:, 1], 1] = 2 * cells[picks[acting[:, 1]] // 2] + picks[acting[:, 1]] % 2
            assert (game.step(rows, joint[0]) == game.step(pictures, joint[1])).all()
            seats = np.zeros(count, np.int32)
            assert (game.acting(rows) == game.acting(pictures)).all()
            assert (game.legal(pictures, seats) == game.legal(rows, seats)[:, actions]).all()
            flat = game.observe(rows, seats).reshape(count, -1)
            assert (game.observe(pictures, seats).reshape(count, -1) == flat[:, seen]).all()


def test_tiles_glide(game: Game2048) -> None:
    """A tile has one name before and after a slide; the next time it moves it has another."""
    position = Position.replay(game, 0, (2 * 1, 2 * 3))  # a 2 at the second and at the last cell of the first row
    before = position.draw()
    tiles: dict[str | None, list[tuple[int, int]]] = {}
    position.play(DOWN)
    for picture in (before, position.draw()):
        for shape in picture.shapes:
            if isinstance(shape, Rect) and (shape.tag or "").startswith("tile"):
                tiles.setdefault(shape.tag, []).append((round(shape.x), round(shape.y)))
    assert sorted(tiles.values()) == [[(2, 1), (2, 4)], [(4, 1), (4, 4)]]
    position.play(0)
    assert not {tag for tag in position.draw().tags if tag.startswith("tile")} & set(tiles)


@pytest.mark.parametrize("tile", [4, 100, 65536])
def test_tiles_that_cannot_be(tile: int) -> None:
    with pytest.raises(ValueError, match="max_tile is a power of two from 8 to 32768"):
        Game2048(tile)
