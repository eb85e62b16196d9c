"""Every native game as an environment of Gymnasium, single and vectorised, and of PettingZoo, by their own checkers."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["SDL_VIDEODRIVER"] = "dummy"

import gymnasium
import numpy as np
import pygame
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import AutoresetMode
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, render_test, seed_test

from agents.core.agent import Agent, Move, Turn
from arena import doors
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.registry import GAMES, make_game

ROOT = Path(__file__).parents[2]
HEAP = str(Path(__file__).with_name("heap.py"))  # a game of objects, not of rows
OPTIONS: dict[str, dict[str, Any]] = {"pong_duel": {"points": 1}, "gomoku": {"board_size": 9}, "go": {"board_size": 5}}
NAMES = GAMES.names()
CYCLES = 300


def made(name: str, **more: Any) -> gymnasium.Env:
    return gymnasium.make(f"arena/{name}-v0", **{**OPTIONS.get(name, {}), **more})


def game_of(name: str) -> Game:
    return made(name).unwrapped._game  # type: ignore[attr-defined,no-any-return]


def several(name: str, count: int, **more: Any) -> gymnasium.vector.VectorEnv:
    return gymnasium.make_vec(f"arena/{name}-v0", num_envs=count, **{**OPTIONS.get(name, {}), **more})


@pytest.fixture(autouse=True)
def _quiet_and_fast(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No waiting between pictures; the checkers' advice (bounds of observations, sizes) is no failure."""

    class Hurry:
        def tick(self, rate: float) -> int:
            return 0

    monkeypatch.setattr(pygame.time, "Clock", Hurry)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


# -- PettingZoo ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_pettingzoo_aec(name: str) -> None:
    options = OPTIONS.get(name, {})
    api_test(doors.env(name, **options), num_cycles=CYCLES)
    seed_test(lambda: doors.env(name, **options), num_cycles=CYCLES)
    render_test(lambda render_mode: doors.env(name, render_mode=render_mode, **options))


@pytest.mark.parametrize("name", NAMES)
def test_pettingzoo_parallel(name: str) -> None:
    options = OPTIONS.get(name, {})
    parallel_api_test(doors.parallel_env(name, **options), num_cycles=CYCLES)
    parallel_seed_test(lambda: doors.parallel_env(name, **options), num_cycles=CYCLES)


def aec_returns(env: Any, seed: int) -> tuple[dict[str, float], list[str]]:
    """What each agent gets in a game of random moves, and who acted."""
    env.reset(seed=seed)
    returns, actors = dict.fromkeys(env.possible_agents, 0.0), []
    draw = np.random.default_rng(seed)
    for agent in env.agent_iter():
        observation, reward, terminated, truncated, _ = env.last()
        returns[agent] += reward
        assert not truncated
        if terminated:
            env.step(None)
            continue
        actors.append(agent)
        env.step(int(draw.choice(np.flatnonzero(observation["action_mask"]))))
    return returns, actors


@pytest.mark.parametrize("name", NAMES)
def test_rewards_of_a_whole_game_are_its_returns(name: str) -> None:
    game = game_of(name)
    for seed in range(3):
        returns, actors = aec_returns(doors.env(name, **OPTIONS.get(name, {})), seed)
        assert set(actors) <= {f"player_{seat}" for seat in range(game.seats)}
        assert not game.zero_sum or sum(returns.values()) == pytest.approx(0, abs=1e-5)
        if game.bounds is not None:
            assert all(game.bounds[0] <= value <= game.bounds[1] for value in returns.values())


def test_only_who_acts_is_asked() -> None:
    """In a game of turns the masks of the others are empty, and a parallel environment does not hear them."""
    env = doors.parallel_env("tic_tac_toe")
    observations, _ = env.reset(seed=1)
    assert observations["player_0"]["action_mask"].all()
    assert not observations["player_1"]["action_mask"].any()
    observations, *_ = env.step({"player_0": 4, "player_1": 4})
    assert not observations["player_0"]["action_mask"].any()
    assert observations["player_1"]["action_mask"].sum() == 8


def test_more_seats_than_two() -> None:
    """Three and four seats, foreign games, and games of objects pass as well."""
    name = "openspiel:pig(players=3)"
    api_test(doors.env(name), num_cycles=20)
    env = gymnasium.make("arena/nim-v0", game=name, opponent=["random", "random"], seat="random")
    observation, info = env.reset(seed=0)
    for _ in range(20):
        observation, _, over, _, info = env.step(env.action_space.sample(info["action_mask"]))
        if over:
            break
    assert observation in env.observation_space
    api_test(doors.env(HEAP), num_cycles=CYCLES)


def test_an_illegal_action_is_one_clear_line() -> None:
    env = doors.env("tic_tac_toe")
    env.reset(seed=0)
    env.step(4)
    for action in (4, -1, 9, 2**40):
        with pytest.raises(ArenaError, match="is not"):
            env.step(action)
    for action in (1.7, True, "x", np.array([2])):
        with pytest.raises(ArenaError, match="an action is a whole number"):
            env.step(action)
    env.step(0)
    parallel = doors.parallel_env("pong_duel")
    parallel.reset(seed=0)
    with pytest.raises(ArenaError, match="player_1 must act"):
        parallel.step({"player_0": 0})
    with pytest.raises(ArenaError, match="there are human, rgb_array, ansi"):
        doors.env("hex", render_mode="svg")


# -- Gymnasium -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_gymnasium(name: str) -> None:
    seat = game_of(name).seats - 1
    check_env(made(name).unwrapped)
    check_env(made(name, seat=seat).unwrapped, skip_render_check=True)


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_a_batch_are_single_environments(name: str) -> None:
    """Row i, reset with seed s, is a single environment reset with s + i, over several episodes; infos and all."""
    rows, seat = 5, "random"
    batch, single = several(name, rows, seat=seat), several(name, rows, seat=seat, vectorization_mode="sync")
    assert type(batch) is not type(single)
    assert batch.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    assert batch.single_observation_space == single.single_observation_space
    assert batch.observation_space == single.observation_space
    assert batch.action_space == single.action_space
    ours, theirs = batch.reset(seed=7), single.reset(seed=7)
    draw, ended = np.random.default_rng(1), 0
    for _ in range(150):
        assert data_equivalence(ours, theirs, exact=True)
        assert ours[0] in batch.observation_space
        mask = ours[-1]["action_mask"]
        actions = np.argmax(draw.random(mask.shape) * mask, axis=1)
        ours, theirs = batch.step(actions), single.step(actions)
        ended += int(ours[2].sum())
        if ended > 4 * rows:
            break
    assert data_equivalence(ours, theirs, exact=True)
    batch.close()
    single.close()


def test_equal_seeds_equal_trajectories() -> None:
    first, second = several("leduc_poker", 8), several("leduc_poker", 8)
    for seed in (3, [5, 5, 6, 6, 7, 7, 8, 8]):
        ours, theirs = first.reset(seed=seed), second.reset(seed=seed)
        for _ in range(30):
            assert data_equivalence(ours, theirs, exact=True)
            actions = np.argmax(ours[-1]["action_mask"], axis=1)
            ours, theirs = first.step(actions), second.step(actions)
    observations, _ = first.reset(seed=[1] * 8)
    assert (observations == observations[0]).all()
    before = observations.copy()
    observations, _ = first.reset()
    assert (observations != before).any() or (observations != observations[0]).any()


def test_an_episode_ends_with_its_last_observation_and_begins_at_the_next_step() -> None:
    envs = several("tic_tac_toe", 16)
    observations, infos = envs.reset(seed=0)
    ended = np.zeros(16, np.bool_)
    for _ in range(40):
        full = observations.sum(axis=(1, 2, 3))  # stones on the board
        actions = envs.action_space.sample()
        actions[ended] = 99  # not heard
        observations, rewards, terminated, truncated, infos = envs.step(actions)
        stones = observations.sum(axis=(1, 2, 3))
        assert not truncated.any()
        assert not rewards[ended].any()
        assert not terminated[ended].any()
        assert (stones[ended] == 0).all()
        assert (stones[~ended] > full[~ended]).all()
        assert (stones[terminated] >= 5).all()
        assert not infos["action_mask"][terminated].any()
        assert infos["action_mask"][~terminated].any(axis=1).all()
        assert "final_obs" not in infos
        ended = terminated
    statistics = gymnasium.wrappers.vector.RecordEpisodeStatistics(several("tic_tac_toe", 16))
    statistics.reset(seed=0)
    lengths = [
        length
        for _ in range(40)
        for infos in [statistics.step(statistics.action_space.sample())[-1]]
        for length in infos.get("episode", {}).get("l", [])
        if length
    ]
    assert lengths
    assert set(lengths) <= {3, 4, 5}


class Bookkeeper(Agent):
    """Plays at random, and remembers who asked it what."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.open: set[str] = set()
        self.seats: set[int] = set()
        self.hidden = 0

    def act(self, turns: Any) -> Any:
        self.batches.append(len(turns))
        assert len({(turn.match, turn.seat) for turn in turns}) == len(turns)
        return super().act(turns)

    def think(self, turn: Turn) -> Move:
        self.open.add(turn.match)
        self.seats.add(turn.seat)
        self.hidden += turn.position is None
        if turn.history is not None:
            assert len(turn.history) == turn.ply
        return Move(int(turn.actions[turn.seed % len(turn.actions)]))

    def end(self, match: str) -> None:
        self.open.discard(match)

    def close(self) -> None:
        raise AssertionError("who made it closes it")


@pytest.mark.parametrize("name", ["connect_four", "pong_duel", "leduc_poker"])
def test_opponents_are_asked_in_one_batch_a_ply(name: str) -> None:
    keeper = Bookkeeper()
    envs = several(name, 32, opponent=keeper, seat="random")
    envs.reset(seed=[row // 2 for row in range(32)])
    for _ in range(25):
        asked = len(keeper.batches)
        envs.step(envs.action_space.sample())
        assert len(keeper.batches) - asked <= (1 if name != "leduc_poker" else 2)  # a round may open with it
    assert keeper.seats == {0, 1}
    assert bool(keeper.hidden) == make_game(name).hidden
    assert 0 < len(keeper.open) <= 32
    envs.close()
    assert not keeper.open


def test_the_learner_may_sit_anywhere() -> None:
    """The first seat sees an empty board, the second a stone; a random seat is now one, now the other."""
    stones = {seat: [] for seat in (0, 1, "random")}  # type: ignore[var-annotated]
    for seat, seen in stones.items():
        env = made("connect_four", seat=seat)
        seen += [int(env.reset(seed=seed)[0].sum()) for seed in range(20)]
    assert set(stones[0]) == {0}
    assert set(stones[1]) == {1}
    assert set(stones["random"]) == {0, 1}


class Stubborn(Agent):
    """Always the last column that is open."""

    def think(self, turn: Turn) -> Move:
        return Move(int(turn.actions[-1]))


def test_rewards_are_the_learners() -> None:
    """Both sides pile up a column: who begins wins."""
    for seat, reward in ((0, 1.0), (1, -1.0)):
        env = made("connect_four", opponent=Stubborn(), seat=seat)
        seen = [env.reset(seed=0), *(env.step(0) for _ in range(4 - seat))]
        assert [step[1:3] for step in seen[1:]] == [(0.0, False)] * (3 - seat) + [(reward, True)]


def test_a_game_that_ends_before_the_learner_acts() -> None:
    """The only thing is taken by the other seat, who loses by it: the first step says so."""
    env = made("nim", piles="1", seat=1)
    _, info = env.reset(seed=0)
    assert not info["action_mask"].any()
    _, reward, terminated, _, _ = env.step(0)
    assert (reward, terminated) == (1.0, True)
    with pytest.raises(ArenaError, match="reset"):
        env.unwrapped.step(0)
    envs = several("nim", 2, piles="1", seat=1)
    envs.reset(seed=0)
    for expected in (1.0, 0.0, 1.0):
        _, rewards, terminations, _, _ = envs.step(np.zeros(2, np.int64))
        assert (rewards == expected).all()
        assert (terminations == bool(expected)).all()


# -- what they are made of -------------------------------------------------------------------------------------------


def test_options_of_the_game_are_keywords() -> None:
    assert made("hex", board_size=5).action_space.n == 25  # type: ignore[attr-defined]
    assert several("hex", 3, board_size=5).action_space.shape == (3,)
    assert doors.env("hex", board_size=5).action_space("player_0").n == 25  # type: ignore[attr-defined]
    assert doors.env("hex(board_size=5)").action_space("player_0").n == 25  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["connect_four", "pong_duel"])
def test_pictures(name: str) -> None:
    for mode, kind in (("rgb_array", np.ndarray), ("ansi", str)):
        env = made(name, render_mode=mode)
        env.reset(seed=0)
        before = env.render()
        for _ in range(30 if name == "pong_duel" else 1):
            env.step(env.action_space.sample())
        assert isinstance(before, kind)
        assert not np.array_equal(before, env.render())
        envs = several(name, 3, render_mode=mode)
        envs.reset(seed=0)
        pictures = envs.render()
        assert pictures is not None
        assert [type(picture) for picture in pictures] == [kind] * 3
    assert made(name).metadata["render_fps"] == (20 if name == "pong_duel" else 4)
    picture = doors.raw_env(name, render_mode="rgb_array").unwrapped
    picture.reset(seed=0)
    height, width, _ = picture.render().shape  # type: ignore[union-attr]
    assert height % 2 == width % 2 == 0
    assert max(height, width) == 480


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("connect_four", {"opponent": "utc"}, "did you mean uct"),
        ("connect_four", {"opponent": 5}, "opponent=5 is neither an agent nor the name"),
        ("connect_four", {"opponent": ["random", "random"]}, "an opponent for each of 1 other seats, not 2"),
        ("connect_four", {"opponent": "human"}, "human cannot play connect_four"),
        ("leduc_poker", {"opponent": "uct"}, "uct cannot play leduc_poker"),
        ("connect_four", {"seat": 2}, "seats 0 to 1, or seat='random'"),
        ("connect_four", {"seat": "first"}, "seats 0 to 1, or seat='random'"),
        ("connect_four", {"render_mode": "svg"}, "there are (human, )?rgb_array, ansi"),
        ("connect_four", {"board_size": 5}, "there is no option 'board_size'; it takes none"),
        ("hex", {"board_size": 99}, "board_size"),
        ("hex", {"game": "hexx"}, "did you mean hex"),
        ("hex", {"game": HEAP, "opponent": "random"}, "played alone"),
    ],
)
def test_what_cannot_be_is_one_clear_line(name: str, options: dict[str, Any], words: str) -> None:
    for make in (made, lambda name, **more: several(name, 2, **more)):
        if options.get("game") == HEAP and make_game(HEAP).seats > 1:
            continue
        with pytest.raises(ArenaError, match=words) as caught:
            make(name, **options)
        assert "\n" not in str(caught.value)


def test_an_illegal_action_loses() -> None:
    env = made("connect_four")
    with pytest.raises(ArenaError, match="reset"):
        env.unwrapped.step(0)
    env.reset(seed=0)
    _, reward, over, _, info = env.step(7)
    assert (reward, over, info["illegal_action"]) == (-1.0, True, True)
    assert not info["action_mask"].any()
    env.reset(seed=0)
    assert env.step(3)[0].sum() == 2
    envs = several("connect_four", 3)
    with pytest.raises(ArenaError, match="reset"):
        envs.step(np.zeros(3, np.int64))
    observations, _ = envs.reset(seed=0)
    assert not observations.any()
    for actions in (np.zeros(2, np.int64), np.zeros(3)):
        with pytest.raises(ArenaError, match="3 whole numbers"):
            envs.step(actions)
    observations, rewards, over, _, infos = envs.step(np.array([0, 0, 7]))
    assert rewards.tolist() == [0, 0, -1]
    assert over.tolist() == infos["illegal_action"].tolist() == [False, False, True]
    assert observations.sum(axis=(1, 2, 3)).tolist() == [2, 2, 0]
    observations, rewards, over, _, infos = envs.step(np.array([1, 1, 1]))  # the lost game begins anew
    assert rewards.tolist() == [0, 0, 0]
    assert not over.any()
    assert infos["action_mask"].all()
    with pytest.raises(ArenaError, match="2 seeds for 3"):
        envs.reset(seed=[1, 2])
    with pytest.raises(ArenaError, match="num_envs=0"):
        several("connect_four", 0)


class Cheat(Agent):
    def think(self, turn: Turn) -> Move:
        return Move(1000)


def test_an_opponent_that_fails_says_so() -> None:
    env = made("connect_four", opponent=Cheat())
    env.reset(seed=0)
    with pytest.raises(ArenaError, match="opponent in seat 1, Cheat, failed: illegal move 1000"):
        env.step(0)


def test_names_alone_are_registered() -> None:
    """Registering loads no game, no agent and nothing that paints; a name with its module needs no import."""
    code = """
import sys, gymnasium
import arena.doors
assert "arena/connect_four-v0" in gymnasium.registry
print(*sorted({"numba", "torch", "pygame", "pettingzoo", "pyspiel", "games.connect_four"} & set(sys.modules)))
"""
    named = "import gymnasium; print(gymnasium.make('arena.doors:arena/tic_tac_toe-v0').reset(seed=0)[0].shape)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for text, said in ((code, ""), (named, "(2, 3, 3)")):
        done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == said
