"""Environments of PettingZoo take their seats, at once or in turn; rewards, masks and early deaths count right."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from pettingzoo import AECEnv, ParallelEnv
from pettingzoo.utils.conversions import parallel_to_aec

from agents.core.registry import make_agent
from arena.cli import main
from arena.match import Seating, check_seats, play
from arena.record import Record
from games.core.canvas import Sprite
from games.core.errors import ArenaError, GameError
from games.core.game import Game
from games.core.joint import draw_point, nobody
from games.core.position import Position
from games.core.registry import make_game
from games.worlds.pettingzoo import PACKAGES

NEEDS = {"atari": "multi_agent_ale_py", "butterfly": "pymunk", "classic": "pygame", "mpe": "mpe2", "sisl": "Box2D"}
NAMES = [
    "atari/pong_v3(max_cycles=20)",
    "atari/warlords_v3(max_cycles=20)",
    "butterfly/cooperative_pong_v6(max_cycles=40)",
    "butterfly/knights_archers_zombies_v11(max_cycles=150)",
    "classic/connect_four_v3",
    "classic/rps_v2",
    "classic/tictactoe_v3",
    "mpe/simple_adversary_v3",
    "mpe/simple_tag_v3(continuous_actions=true)",
    "mpe/simple_v3",
    "mpe/simple_world_comm_v3",
    "sisl/multiwalker_v9(max_cycles=40)",
    "sisl/pursuit_v5(max_cycles=10)",
]


def made(name: str) -> Game:
    family = name.partition("/")[0]
    if family in NEEDS and find_spec(NEEDS[family]) is None:
        pytest.skip(f"{NEEDS[family]} is not installed")
    return make_game(f"pettingzoo:{name}")


def by_random(game: Game, seed: int = 1) -> Record:
    return play(game, {"random": make_agent("random")}, [Seating(("random",) * game.seats, seed)])[0]


def random_joint(game: Game, rows: Any, draw: np.random.Generator) -> np.ndarray:
    """[B, seats + 1, ...] the same random play in every row, all of which are alike."""
    joint = nobody(game, len(rows))
    for seat in np.flatnonzero(game.acting(rows)[0]):
        if game.action_space is not None:
            joint[:, seat] = draw_point(game.action_space, int(draw.integers(2**32)))
        else:
            joint[:, seat] = draw.choice(np.flatnonzero(game.legal(rows, np.full(len(rows), seat))[0]))
    return joint


@pytest.mark.parametrize("name", NAMES)
def test_laws(name: str) -> None:
    """Equal seeds, equal games, also after `restart`; who acts may do something and who does not may not."""
    game, draw = made(name), np.random.default_rng(0)
    assert (game.outcomes, game.bounds, game.forkable, game.hidden) == (0, None, False, False)
    assert len(game.seat_names) == game.seats
    rows = game.start(np.array([5, 6], np.uint64))
    game.restart(rows, np.array([1]), np.array([5], np.uint64))
    returns, ply = np.zeros(game.seats), 0
    while (acting := game.acting(rows)).any() and ply < 60:
        assert (acting[0] == acting[1]).all()
        assert not acting[:, -1].any()
        assert acting[0].sum() == 1 or game.simultaneous
        for seat in range(game.seats):
            seats = np.full(2, seat, np.int32)
            legal, seen = game.legal(rows, seats), game.observe(rows, seats)
            assert legal.shape == (2, game.actions)
            assert (legal[0] == legal[1]).all()
            assert game.action_space is not None or legal[0].any() == acting[0, seat]
            assert seen.shape == (2, *game.observation_shape)
            assert seen.dtype == game.observation_dtype
            assert np.isfinite(seen).all()
            assert (seen[0] == seen[1]).all()
        rewards = game.step(rows, random_joint(game, rows, draw))
        assert rewards[0] == pytest.approx(rewards[1])
        returns, ply = returns + rewards[0], ply + 1
    assert ply > 0


@pytest.mark.parametrize("name", NAMES)
def test_matches_end_and_their_records_lead_to_the_same_end(name: str) -> None:
    game = made(name)
    record = by_random(game)
    assert record.forfeit is None
    assert record.reason in ("the episode ended", "time is up")
    again = Position.replay(game, 1, Record.from_json(record.to_json()).plays)
    assert again.over
    assert again.returns == record.returns
    assert by_random(game).plays == record.plays


@pytest.mark.parametrize("name", ["classic/tictactoe_v3", "mpe/simple_spread_v3", "butterfly/cooperative_pong_v6"])
def test_pictures_and_buttons(name: str) -> None:
    position = Position.new(made(name), 1)
    for seat in position.acting:
        canvas = position.draw(seat)
        assert any(isinstance(shape, Sprite) and shape.pixels.dtype == np.uint8 for shape in canvas.shapes)
        assert {f"action {action}" for action in position.legal_actions(seat)} <= canvas.tags
    assert position.text()


def test_tic_tac_toe_is_tic_tac_toe() -> None:
    game = made("classic/tictactoe_v3")
    position = Position.new(game)
    for action in (0, 3, 1, 4, 2):
        assert position.legal_actions() == sorted(position.legal_actions())
        position.play(action)
    assert str(position.outcome()) == "seat 0 wins (the episode ended)"
    assert position.returns == (1.0, -1.0)
    with pytest.raises(ArenaError, match="not legal"):
        Position.replay(game, 0, [4, 4])
    with pytest.raises(ArenaError, match="cannot be copied"):
        check_seats(game, {"uct": make_agent("uct")})


# -- small environments that show one thing each -------------------------------------------------------------------


class Falling(ParallelEnv):
    """Three agents; agent i falls in step i + 1 and gets 10 at that, the others 1; actions are masked by turns."""

    metadata = {"name": "falling", "render_modes": []}  # noqa: RUF012
    possible_agents = ["one", "two", "three"]  # noqa: RUF012
    render_mode = None

    def __init__(self, render_mode: str | None = None, fails: bool = False, apart: bool = False) -> None:
        self.fails, self.apart = fails, apart

    def observation_space(self, agent: str) -> spaces.Space:
        size = 1 + self.possible_agents.index(agent)
        mask = spaces.Box(0, 1, (2,), np.int8)
        return spaces.Dict({"observation": spaces.Box(0, 9, (size,)), "action_mask": mask})

    def action_space(self, agent: str) -> spaces.Space:
        return spaces.Box(-1, 1, (2,)) if self.apart and agent == "two" else spaces.Discrete(2)

    def _look(self) -> dict[str, Any]:
        mask = np.array([self.steps % 2, 1], np.int8)
        sizes = {agent: 1 + self.possible_agents.index(agent) for agent in self.agents}
        return {a: {"observation": np.full(n, self.steps, np.float32), "action_mask": mask} for a, n in sizes.items()}

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[dict, dict]:
        self.agents, self.steps = list(self.possible_agents), 0
        return self._look(), {agent: {} for agent in self.agents}

    def step(self, actions: dict[str, int]) -> tuple[dict, dict, dict, dict, dict]:
        if self.fails:
            raise KeyError("rope")
        assert set(actions) == set(self.agents)
        acted, falls = list(self.agents), self.possible_agents[self.steps]
        self.steps += 1
        seen = self._look()
        self.agents = [agent for agent in self.agents if agent != falls]
        rewards = {agent: 10.0 if agent == falls else 1.0 for agent in acted}
        return seen, rewards, {a: a == falls for a in acted}, dict.fromkeys(acted, False), {a: {} for a in acted}


def falling_in_turn(**settings: Any) -> AECEnv:
    return parallel_to_aec(Falling(**settings))


@pytest.fixture
def zoo() -> Iterator[None]:
    """A package `small_zoo` of two environments, as if it were installed."""
    package, at_once, in_turn = (ModuleType(name) for name in ("small_zoo", "small_zoo.fall_v0", "small_zoo.turns_v0"))
    package.__path__ = []
    at_once.parallel_env, in_turn.env = Falling, falling_in_turn
    modules = {module.__name__: module for module in (package, at_once, in_turn)}
    sys.modules.update(modules)
    yield
    for name in modules:
        del sys.modules[name]


@pytest.mark.usefixtures("zoo")
@pytest.mark.parametrize("name", ["fall_v0", "turns_v0"])
def test_who_falls_acts_no_more_and_keeps_what_it_earned(name: str) -> None:
    game = make_game(f"pettingzoo:small_zoo/{name}")
    assert game.observation_shape == (3,)
    assert game.simultaneous == (name == "fall_v0")
    record = by_random(game)
    assert record.returns == (10.0, 11.0, 12.0)
    who = [sum(a >= 0 for a in play) if isinstance(play, tuple) else 1 for play in record.plays]
    assert who == ([3, 2, 1] if game.simultaneous else [1] * 6)


@pytest.mark.usefixtures("zoo")
def test_masks_of_the_observation_are_kept() -> None:
    position = Position.new(make_game("pettingzoo:small_zoo/fall_v0"))
    assert [position.legal_actions(seat) for seat in range(3)] == [[1], [1], [1]]
    position.play([1, 1, 1])
    assert position.acting == [1, 2]
    assert position.legal_actions(1) == [0, 1]
    assert position.legal_actions(0) == []
    assert (position.game.observe(position.row, np.array([1], np.int32)) == [[1, 1, 0]]).all()


@pytest.mark.parametrize("name", ["connect_four_v3", "rps_v2", "tictactoe_v3"])
def test_returns_are_those_of_pettingzoos_own_loop(name: str) -> None:
    """The rewards that `last` tells each agent, summed over `agent_iter`."""
    made(f"classic/{name}")
    module = __import__(f"pettingzoo.classic.{name}", fromlist=["env"])
    make, shown = module.env, ModuleType("shown_v0")
    shown.env = make
    package = ModuleType("shown_zoo")
    package.__path__ = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "shown_zoo", package)
        patch.setitem(sys.modules, "shown_zoo.shown_v0", shown)
        record = by_random(make_game("pettingzoo:shown_zoo/shown_v0"), seed=4)
    env, heard, plays = make(), defaultdict(float), iter(record.plays)
    env.reset(seed=4)
    for agent in env.agent_iter():
        _, reward, terminated, truncated, _ = env.last()
        heard[agent] += reward
        env.step(None if terminated or truncated else next(plays))
    assert [heard[agent] for agent in env.possible_agents] == pytest.approx(record.returns)
    assert next(plays, None) is None


# -- what goes wrong -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("zoo")
def test_an_environment_that_fails_is_to_blame() -> None:
    with pytest.raises(GameError, match="the environment failed in step: KeyError: 'rope'"):
        by_random(make_game("pettingzoo:small_zoo/fall_v0(fails=true)"))


@pytest.mark.usefixtures("zoo")
@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("tictactoe", "a name is a family and an environment"),
        ("classic/", "a name is a family and an environment"),
        ("nowhere/tictactoe_v3", "there is no family nowhere; there are atari, butterfly, classic, mpe, sisl"),
        ("classic/tictactoe_v99", "there is no tictactoe_v99 in classic; there are:.*tictactoe_v3"),
        ("classic/tictactoe_v3(size=4)", "unexpected keyword argument 'size'"),
        ("small_zoo/fall_v0(apart=true)", "its agents act in different spaces"),
        ("small_zoo/missing_v0", "there is no missing_v0 in small_zoo"),
    ],
)
def test_what_cannot_be_seated_is_said_in_one_line(spec: str, said: str) -> None:
    with pytest.raises(ArenaError, match=said) as error:
        make_game(f"pettingzoo:{spec}")
    assert "\n" not in str(error.value)


def test_what_to_install_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PACKAGES, "mpe", "mpe3")
    with pytest.raises(ArenaError, match="there is no family mpe; pip install mpe3"):
        make_game("pettingzoo:mpe/simple_v3")
    for name in [name for name in sys.modules if name.startswith("pettingzoo.classic")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "rlcard", None)
    with pytest.raises(ArenaError, match=r"needs the package rlcard: pip install 'pettingzoo\[classic\]'"):
        make_game("pettingzoo:classic/leduc_holdem_v4")


def test_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made("classic/tictactoe_v3")
    words = ["match", "pettingzoo:classic/tictactoe_v3", "random", "random", "--games", "10", "--store"]
    monkeypatch.setattr("sys.argv", ["arena", *words, str(tmp_path / "games.db")])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    assert "10 games" in capsys.readouterr().out
