"""Atari games are played and shown as the field does it; the emulator is an extra."""

import numpy as np
import pytest

from agents.core.registry import make_agent
from arena.match import Seating, play
from games.core.canvas import Sprite
from games.core.errors import ArenaError
from games.core.position import Position
from games.core.registry import make_game

NOOP = np.array([[0, -1]], np.int32)


@pytest.fixture(scope="module")
def ale() -> None:
    pytest.importorskip("ale_py", reason="ale-py is not installed (the extra 'atari')")


@pytest.mark.usefixtures("ale")
@pytest.mark.parametrize("name", ["Pong", "Breakout", "MsPacman"])
def test_laws(name: str) -> None:
    """Equal seeds, equal games, after `restart` too; other seeds, other games: the sticky actions see to it."""
    game = make_game(f"atari:{name}")
    assert (game.observation_shape, game.observation_dtype) == ((4, 84, 84), np.uint8)
    assert (game.tick, game.idle, game.forkable, game.bounds) == (15.0, 0, False, None)
    rows, seats = game.start(np.array([1, 2, 1], np.uint64)), np.zeros(3, np.int32)
    draw, plays, seen = np.random.default_rng(0), [], []
    for _ in range(80):
        joint = np.full((3, 2), -1, np.int32)
        joint[:, 0] = draw.integers(game.actions)
        plays.append(joint[:1].copy())
        game.step(rows, joint)
        observed = game.observe(rows, seats)
        assert (observed[0] == observed[2]).all()
        seen.append(observed)
    assert any((one[0] != one[1]).any() for one in seen)
    game.restart(rows, np.array([1]), np.array([1], np.uint64))
    for joint in plays:
        game.step(rows[1:2], joint)
    assert (game.observe(rows, seats)[1] == seen[-1][0]).all()


@pytest.mark.usefixtures("ale")
def test_a_ply_is_four_frames_and_an_observation_four_plies() -> None:
    game = make_game("atari:Pong")
    rows, seat = game.start(np.array([3], np.uint64)), np.zeros(1, np.int32)
    before, frames = game.observe(rows, seat)[0], rows[0]._ale.getEpisodeFrameNumber()
    assert (before == before[0]).all()
    for _ in range(20):
        after = game.step(rows, NOOP) is not None and game.observe(rows, seat)[0]
        assert (after[:3] == before[1:]).all()
        before = after
    assert rows[0]._ale.getEpisodeFrameNumber() == frames + 80
    screens = rows[0]._screens
    blocks = screens.max(axis=0)[:210, :160]
    assert after[3].mean() == pytest.approx(blocks.mean(), abs=0.6)
    assert screens[1].tolist() == rows[0]._ale.getScreenGrayscale().tolist()


@pytest.mark.usefixtures("ale")
def test_actions_stick() -> None:
    """In Breakout's first frames the paddle would be moved as told, were it not for the emulator."""
    game = make_game("atari:Breakout")
    right = [game.action_text(game.start(np.zeros(1, np.uint64)), a) for a in range(game.actions)].index("RIGHT")
    rows = game.start(np.arange(12, dtype=np.uint64))
    joint = np.full((12, 2), -1, np.int32)
    joint[:, 0] = right
    game.step(rows, joint)
    assert len({row.tobytes() for row in game.observe(rows, np.zeros(12, np.int32))}) > 1


@pytest.mark.usefixtures("ale")
def test_a_game_of_pong_is_lost_by_random() -> None:
    game = make_game("atari:pong")
    record = play(game, {"random": make_agent("random")}, [Seating(("random",), 1)])[0]
    assert -21 <= record.returns[0] <= -15
    assert record.reason == "game over"
    again = Position.replay(game, 1, record.plays)
    assert again.over
    assert again.returns == record.returns
    assert again.text().endswith("lives 0")


@pytest.mark.usefixtures("ale")
def test_pictures_and_buttons() -> None:
    position = Position.new(make_game("atari:MsPacman"))
    canvas = position.draw()
    (sprite,) = [shape for shape in canvas.shapes if isinstance(shape, Sprite)]
    assert sprite.pixels.shape == (210, 160, 3)
    assert {f"action {a}" for a in position.legal_actions()} <= canvas.tags
    assert position.action_text(0) == "NOOP"


@pytest.mark.usefixtures("ale")
@pytest.mark.parametrize(
    ("spec", "said"),
    [("Pongo", "did you mean Pong"), ("zzz", "there are: Adventure"), ("Pong(sticky=0)", "no option 'sticky'")],
)
def test_what_cannot_be_made_is_said_in_one_line(spec: str, said: str) -> None:
    with pytest.raises(ArenaError, match=said) as error:
        make_game(f"atari:{spec}")
    assert "\n" not in str(error.value)


def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ale_py.roms", None)
    monkeypatch.setitem(__import__("sys").modules, "ale_py", None)
    with pytest.raises(ArenaError, match=r"needs the package ale-py: pip install 'planning-arena\[atari\]'"):
        make_game("atari:Pong")
