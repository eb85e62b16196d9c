"""Environments of Gymnasium take their seat: seeded, seen, matched alone and in duels, blamed for their own faults."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from agents.core.agent import Agent, Move, Turn
from agents.core.registry import make_agent
from arena.cli import main
from arena.match import Seating, check_seats, play
from arena.record import Record
from games.core.canvas import Canvas, Sprite
from games.core.errors import ArenaError, GameError
from games.core.joint import moved, nobody
from games.core.position import Position
from games.core.registry import make_game
from games.worlds._foreign.spaces import moves, sight
from games.worlds.gymnasium import GymnasiumGame

NAMES = [
    "Acrobot-v1",
    "Blackjack-v1",
    "CartPole-v1",
    "CartPole-v1(max_episode_steps=7)",
    "FrozenLake-v1(is_slippery=false)",
    "MountainCar-v0",
    "Pendulum-v1",
    "Taxi-v4",
]


class Room(gymnasium.Env):
    """Does what it is told: shows, takes and raises what a test wants."""

    render_mode = None

    def __init__(self, seen: spaces.Space, taken: spaces.Space, fails: str = "") -> None:
        self.observation_space, self.action_space, self.fails = seen, taken, fails
        self.took: list[Any] = []

    def reset(self, *, seed: int | None = None, options: Mapping[str, Any] | None = None) -> tuple[Any, dict]:
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        if self.fails == "reset":
            raise RuntimeError("no\nlight")
        return self.observation_space.sample(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict]:
        if self.fails == "step":
            raise RuntimeError("no\nfloor")
        if self.fails == "exit":
            raise SystemExit(0)
        self.took.append(action)
        reward = float("nan") if self.fails == "reward" else 1.0
        return self.observation_space.sample(), reward, len(self.took) >= 3, False, {"action_mask": [0, 1]}


def room(seen: spaces.Space | None = None, taken: spaces.Space | None = None, fails: str = "") -> GymnasiumGame:
    return GymnasiumGame("room", lambda: Room(seen or spaces.Discrete(3), taken or spaces.Discrete(2), fails))


def alone(game: Any, agent: str | Agent = "random", seed: int = 1) -> Record:
    made = make_agent(agent) if isinstance(agent, str) else agent
    return play(game, {"a": made}, [Seating(("a",), seed)])[0]


# -- laws ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_laws(name: str) -> None:
    """Equal seeds, equal games, in other rows and after `restart` too; a step leaves other rows alone."""
    game, draw = make_game(f"gymnasium:{name}"), np.random.default_rng(0)
    assert (game.seats, game.outcomes, game.bounds, game.forkable, game.hidden) == (1, 0, None, False, False)
    rows, seats = game.start(np.array([9, 5, 5], np.uint64)), np.zeros(3, np.int32)
    game.restart(rows, np.array([0]), np.array([5], np.uint64))
    alone_before = game.observe(rows, seats)[1].copy()
    plays, seen = [], [game.observe(rows, seats)[0].copy()]
    for _ in range(30):
        acting = game.acting(rows)
        assert acting.shape == (3, 2)
        if not acting[0].any():
            break
        joint = nobody(game, 3)
        if game.action_space is None:
            legal = game.legal(rows, seats)
            assert legal.shape == (3, game.actions)
            joint[[0, 2], 0] = draw.choice(np.flatnonzero(legal[0]))
        else:
            joint[[0, 2], 0] = draw.uniform(game.action_space.low, game.action_space.high)
        plays.append(joint[0].copy())
        rewards = game.step(rows, joint)
        assert rewards[0] == rewards[2]
        assert rewards[1] == 0
        observed = game.observe(rows, seats)
        assert observed.shape == (3, *game.observation_shape)
        assert observed.dtype == game.observation_dtype
        assert np.isfinite(observed).all()
        assert (observed[0] == observed[2]).all()
        assert (observed[1] == alone_before).all()
        seen.append(observed[0].copy())
    game.restart(rows, np.array([0]), np.array([5], np.uint64))
    for play_, before in zip(plays, seen, strict=False):
        assert (game.observe(rows[:1], seats[:1])[0] == before).all()
        game.step(rows[:1], play_[None])


@pytest.mark.parametrize("name", NAMES)
def test_matches_end_and_their_records_lead_to_the_same_end(name: str) -> None:
    game = make_game(f"gymnasium:{name}")
    record = alone(game)
    assert record.forfeit is None
    assert len(record.plays) <= game.max_plies
    again = Position.replay(game, 1, Record.from_json(record.to_json()).plays)
    assert again.over
    assert again.returns == record.returns
    assert alone(game).plays == record.plays
    assert alone(game, seed=2).plays != record.plays
    assert again.outcome().winner is None
    assert record.reason == game.reason(again.row) != ""


@pytest.mark.parametrize("name", ["CartPole-v1", "Pendulum-v1", "FrozenLake-v1"])
def test_pictures_and_buttons(name: str) -> None:
    game = make_game(f"gymnasium:{name}")
    position = Position.new(game, 1)
    canvas = position.draw()
    (sprite,) = [shape for shape in canvas.shapes if isinstance(shape, Sprite)]
    assert sprite.pixels.dtype == np.uint8
    assert sprite.pixels.shape[2] == 3
    assert min(sprite.x, sprite.y) >= 0
    assert sprite.x + sprite.width <= game.extent[0] + 1e-6
    assert sprite.y + sprite.height <= game.extent[1] + 1e-6
    for action in range(game.actions):
        assert set(game.gesture(position.row, action)) <= canvas.tags
        assert game.parse_action(position.row, position.action_text(action)) == action
    assert position.text()


def test_what_has_no_picture_is_drawn_in_words() -> None:
    canvas = Canvas()
    game = room()
    game.draw(canvas, game.start(np.zeros(1, np.uint64)), 0)
    assert {"action 0", "action 1"} == canvas.tags


def test_nothing_is_copied() -> None:
    game = make_game("gymnasium:CartPole-v1")
    position = Position.new(game)
    with pytest.raises(ArenaError, match="cannot be copied"):
        position.copy()
    with pytest.raises(ArenaError, match="cannot be copied"):
        game.copy(position.row, np.zeros(1, int), game.empty(1), np.zeros(1, int))
    with pytest.raises(ArenaError, match="cannot be copied"):
        check_seats(game, {"uct": make_agent("uct")})

    class Looks(Agent):
        def think(self, turn: Turn) -> Move:
            assert turn.position is None
            assert turn.history is not None
            return Move(int(turn.actions[0]))

    assert alone(game, Looks()).forfeit is None


# -- spaces --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("space", "shape", "dtype"),
    [
        (spaces.Box(0, 255, (96, 64, 3), np.uint8), (3, 96, 64), np.uint8),
        (spaces.Box(0, 255, (4, 84, 84), np.uint8), (4, 84, 84), np.uint8),
        (spaces.Box(0, 255, (84, 84, 4), np.uint8), (4, 84, 84), np.uint8),
        (spaces.Box(0, 1, (8, 8, 111), np.int8), (111, 8, 8), np.float32),
        (spaces.Box(0, 255, (20, 30), np.uint8), (1, 20, 30), np.uint8),
        (spaces.Box(-1, 1, (5, 2)), (10,), np.float32),
        (spaces.Discrete(4), (4,), np.float32),
        (spaces.MultiBinary(6), (6,), np.float32),
        (spaces.Tuple([spaces.Discrete(2), spaces.Box(0, 1, (3,))]), (5,), np.float32),
        (spaces.Dict({"a": spaces.Discrete(2), "b": spaces.Box(0, 1, (2, 2))}), (6,), np.float32),
    ],
)
def test_what_is_seen(space: spaces.Space, shape: tuple[int, ...], dtype: type) -> None:
    made = sight(space)
    assert (made.shape, made.dtype) == (shape, dtype)
    seen = made(space.sample())
    assert (seen.shape, seen.dtype) == (shape, dtype)
    assert room(seen=space).observation_shape == shape


@pytest.mark.parametrize(
    "space",
    [spaces.Discrete(3, start=-1), spaces.MultiDiscrete([2, 3, 4]), spaces.MultiBinary(3), spaces.MultiBinary([2, 2])],
)
def test_numbers_stand_for_every_action_once(space: spaces.Space) -> None:
    made = moves(space)
    played = [made.play(action) for action in range(made.count)]
    assert all(action in space for action in played)
    assert len({str(action) for action in played}) == made.count
    assert len({made.text(action) for action in range(made.count)}) == made.count


def test_points() -> None:
    space = spaces.Box(np.array([[-1.0, 0.0]]), np.array([[1.0, 0.1]]), dtype=np.float64)
    made = moves(space)
    assert made.box.shape == (2,)
    assert made.play(made.box.high) in space
    game = room(taken=space)
    assert not moved(nobody(game, 2)).any()
    position = Position.new(game)
    position.play([0.5, 0.05])
    assert position.row[0].env.took[0].shape == (1, 2)
    for wrong in ([0.5], [2.0, 0.0], [float("nan"), 0.0], 3, "left"):
        with pytest.raises(ArenaError, match="is not an action"):
            position.play(wrong)


def test_who_answers_with_no_point_loses() -> None:
    class Answers(Agent):
        points = True

        def __init__(self, answer: Any) -> None:
            self.answer = answer

        def think(self, turn: Turn) -> Move:
            return Move(self.answer)

    game = make_game("gymnasium:Pendulum-v1(max_episode_steps=3)")
    assert alone(game, Answers([1.5])).forfeit is None
    for answer in ([3.0], 1, [0.0, 0.0], None, [float("nan")]):
        record = alone(game, Answers(answer))
        assert record.forfeit == 0
        assert "instead of a point" in record.reason

    class Picks(Agent):
        def think(self, turn: Turn) -> Move:
            return Move(0)

    with pytest.raises(ArenaError, match="its actions are points"):
        check_seats(game, {"picks": Picks()})


def test_masks_are_kept() -> None:
    position = Position.new(room())
    assert position.legal_actions() == [0, 1]
    position.play(0)
    assert position.legal_actions() == [1]
    with pytest.raises(ArenaError, match="not legal"):
        position.play(0)


# -- what goes wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("CartPol-v1", "Did you mean: `CartPole`"),
        ("CartPole-v99", "CartPole-v99"),
        ("nothing/CartPole-v1", "nothing"),
        ("CartPole-v1(gravity=1)", "gravity"),
        ("CartPole-v1(max_episode_steps=no)", "max_episode_steps"),
        ("GymV21Environment-v0", "shimmy"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_line(spec: str, said: str) -> None:
    with pytest.raises(ArenaError) as error:
        make_game(f"gymnasium:{spec}")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gymnasium.registry, "Far-v0", gymnasium.envs.registration.EnvSpec("Far-v0", "far_away:Far"))
    with pytest.raises(ArenaError, match="it needs the package far_away"):
        make_game("gymnasium:Far-v0")


@pytest.mark.parametrize(
    ("seen", "taken", "said"),
    [
        (spaces.Graph(spaces.Discrete(2), None), None, "no fixed size"),
        (spaces.Sequence(spaces.Discrete(2)), None, "no fixed size"),
        (None, spaces.Dict({"a": spaces.Discrete(2)}), "neither numbers from a list nor points"),
        (None, spaces.MultiDiscrete([1000, 1000]), "too many combinations"),
    ],
)
def test_spaces_that_cannot_be_had(seen: spaces.Space | None, taken: spaces.Space | None, said: str) -> None:
    with pytest.raises(ArenaError, match=said):
        room(seen, taken)


@pytest.mark.parametrize(
    ("fails", "said"),
    [
        ("reset", "failed in reset: RuntimeError: no light"),
        ("step", "failed in step"),
        ("exit", "failed in step: SystemExit"),
        ("reward", "no number"),
    ],
)
def test_an_environment_that_fails_is_to_blame_and_nobody_loses(fails: str, said: str) -> None:
    with pytest.raises(GameError, match=said):
        alone(room(fails=fails))


FAILING = """
import gymnasium
from games.worlds.gymnasium import GymnasiumGame

class Broken(gymnasium.Env):
    action_space = observation_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        return 0, {}

    def step(self, action):
        raise ValueError("on fire")

def game():
    return GymnasiumGame("broken", Broken)
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_match_in_a_broken_environment_stores_nothing(
    workers: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, store = tmp_path / "broken.py", tmp_path / "games.db"
    file.write_text(FAILING, encoding="utf-8")
    words = ["match", str(file), "random", "random", "--games", "4", "--store", str(store), "--workers", str(workers)]
    assert run(words) == 2
    said = capsys.readouterr().err
    assert "the environment failed in step: ValueError: on fire" in said
    assert said.count("\n") == 1
    with sqlite3.connect(store) as database:
        assert database.execute("select count(*) from games").fetchone() == (0,)


def run(words: list[str]) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["arena", *words])
        with pytest.raises(SystemExit) as end:
            main()
    return int(end.value.code or 0)


def test_a_score_duel_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(tmp_path / "games.db")
    assert run(["match", "gymnasium:CartPole-v1", "random", "random", "--games", "4", "--store", store]) == 0
    assert "4 games" in capsys.readouterr().out
