"""MuZero: told no rules, trained so that it can be stopped at any instant, and what it imagines."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agents import alphazero, muzero, stochastic_muzero
from agents.core import loop
from agents.core.run import Run
from agents.core.weights import load_network, load_weights
from agents.core.world import StochasticWorldNet, WorldNet
from agents.muzero import Budget
from arena.analysis import analyse_positions
from arena.match import Seating, make_turns, play
from games.core.errors import ArenaError
from games.core.position import Position
from games.core.registry import make_game
from games.tic_tac_toe import TicTacToe

TINY: dict[str, Any] = {
    "blocks": 1, "channels": 8, "bins": 11, "games": 4, "simulations": ((0.0, 4), (0.5, 6)), "chunk": 30, "window": 100,
    "batch": 16, "unroll": 3, "passes": 1.0, "opening_plies": 3,
}  # fmt: skip
PARTS = {
    "reanalyse": 0.5, "priority": 0.5, "consistency_weight": 1.0, "distance_weight": 1.0, "apart_weight": 1.0,
    "fresh": 1, "td_steps": 2, "search_value": 0.2,
}  # fmt: skip
CASES = {  # agent, game, settings
    "turns": (muzero, "tic_tac_toe", TINY | PARTS),
    "alone": (muzero, "gymnasium:CartPole-v1", TINY | PARTS | {"largest": 100.0, "td_steps": 4, "discount": 0.99}),
    "at once": (muzero, "pong_duel(points=1)", TINY | {"chunk": 200, "games": 2, "td_steps": 5, "fresh": 1}),
    "chance": (stochastic_muzero, "game_2048(max_tile=16)", TINY | PARTS | {"codes": 4, "largest": 200.0}),
    "chance as it comes": (muzero, "game_2048(max_tile=16)", TINY | {"largest": 200.0}),
}
STEPS = 3


def trained(folder: Path, case: str = "turns", steps: int = STEPS, stop: int | None = None) -> dict[str, torch.Tensor]:
    """The weights of a short training in `folder`, new or gone on with; stopped after so many checkpoints, if given."""
    module, spec, values = CASES[case]
    game, settings = make_game(spec), module.Settings(**values)
    new = not (folder / "run.toml").exists()
    run = Run.create(folder, {"game": game.name, "settings": asdict(settings)}) if new else Run.open(folder)
    for number, _ in enumerate(module.train(game, settings, run, Budget(60, steps), seed=3)):
        if number + 1 == stop:
            break
    last = run.latest()
    assert last is not None
    return load_weights(last / "weights.safetensors", game.name)[0]


def same(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> bool:
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.fixture
def every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("every_time")
def test_a_stopped_run_goes_on_to_the_same_weights(tmp_path: Path, case: str) -> None:
    whole = trained(tmp_path / "whole", case)
    trained(tmp_path / "stopped", case, stop=1)
    assert same(trained(tmp_path / "stopped", case), whole)
    metrics = Run.open(tmp_path / "whole").metrics()
    assert {"policy", "value", "reward", "follower", "decoder"} <= metrics[-1].keys()
    assert ("score" in metrics[-1]) == (make_game(CASES[case][1]).seats == 1)


@pytest.mark.slow
def test_killed_at_random_instants_it_ends_with_the_same_weights(tmp_path: Path) -> None:
    """kill -9, twenty times; each time the same command goes on."""
    command = [sys.executable, "-c", (
        "import sys; from pathlib import Path; from agents.core import loop; loop.CHECKPOINT_EVERY = 0.0\n"
        "from tests.agents.test_muzero import trained; trained(Path(sys.argv[1]))"
    )]  # fmt: skip
    dice, begin = random.Random(1), time.monotonic()
    subprocess.run([*command, str(tmp_path / "whole")], check=True)
    longest = time.monotonic() - begin
    whole = trained(tmp_path / "whole")
    for instant in range(20):
        folder = tmp_path / str(instant)
        process = subprocess.Popen([*command, str(folder)])
        time.sleep(dice.uniform(0.2, 1.0) * longest)
        process.send_signal(signal.SIGKILL)
        process.wait()
        subprocess.run([*command, str(folder)], check=True)
        assert same(trained(folder), whole), instant


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "turns"
    trained(path)
    return path


SHAPE = {"name", "asked", "seats", "actions", "outcomes", "zero_sum", "hidden", "simultaneous", "observation_shape"}


class Counting(TicTacToe):
    """Keeps account of how often it is asked for anything that tells more than its shape: a rule, a kernel, a guess."""

    asked = 0
    name = "tic_tac_toe"

    def __getattribute__(self, name: str) -> Any:
        if name not in SHAPE and not name.startswith("_"):
            Counting.asked += 1
        return super().__getattribute__(name)


@pytest.mark.parametrize("simulations", [1, 60])
def test_no_rule_is_called_below_the_root(finished: Path, simulations: int) -> None:
    """Whatever the number of simulations: the game is asked what is seen, by the turn itself, and nothing else."""
    game = Counting()
    agent = muzero.agent(str(finished), simulations)
    positions = game.start(np.arange(4, dtype=np.uint64))
    turns = make_turns(game, positions, [(Seating(("a", "b"), 1, n), 0, 0, ()) for n in range(4)])
    agent.act(turns)  # loads the network, which has to know the shape of things
    before = game.asked
    for turn in turns:
        turn.observe()
    looked, before = game.asked - before, game.asked
    assert looked > 0
    agent.act(turns)
    assert game.asked - before == looked


def test_a_finished_run_plays(finished: Path) -> None:
    game = make_game("tic_tac_toe")
    agents = {"muzero": muzero.agent(str(finished), 20), "again": muzero.contender(finished, 20)}
    assert agents["muzero"].plays(game) is None
    record = play(game, agents, [Seating(("muzero", "again"), 1), Seating(("again", "muzero"), 1)])
    assert [one.forfeit for one in record] == [None, None]
    assert "tic_tac_toe, not for connect_four" in str(agents["muzero"].plays(make_game("connect_four")))
    assert "was not trained for" in str(muzero.agent().plays(make_game("nim")))
    assert "hides" in str(muzero.agent().plays(make_game("kuhn_poker")))
    assert "chance" in str(stochastic_muzero.agent().plays(make_game("tic_tac_toe")))
    assert "of a world network, not of a policy-value network" in str(alphazero.agent(str(finished)).plays(game))


def test_games_that_cannot_be_copied_are_played(tmp_path: Path) -> None:
    trained(tmp_path, "alone", 1)
    game = make_game("gymnasium:CartPole-v1")
    record = play(game, {"muzero": muzero.agent(str(tmp_path), 8)}, [Seating(("muzero",), 1)])[0]
    assert record.forfeit is None
    assert record.returns[0] > 0


def test_where_seats_act_at_once_they_choose_one_after_the_other(tmp_path: Path) -> None:
    """It learns a few steps of an arcade game and plays there; who plans comes first in what it imagines."""
    trained(tmp_path, "at once", 2)
    game = make_game(CASES["at once"][1])
    agents = {"it": muzero.agent(str(tmp_path), 8), "again": muzero.agent(str(tmp_path), 8)}
    record = play(game, agents, [Seating(("it", "again"), 1)])[0]
    assert record.forfeit is None
    search = muzero.agent(str(tmp_path), 32).make_search(game)  # type: ignore[attr-defined]
    position, seats = game.start(np.zeros(1, np.uint64)).repeat(2), np.arange(2, dtype=np.int32)
    tree = search.run((game.observe(position, seats), game.legal(position, seats), seats), 32, np.zeros(2, np.uint64))
    for seat in seats:
        nodes = tree.nodes[seat]
        below = nodes[1 : tree.used[seat, 0]]
        assert nodes["mover"][0] == seat
        assert (below["mover"][below["parent"] == 0] == 1 - seat).all()


def test_what_it_imagines_is_analysed(finished: Path, tmp_path: Path) -> None:
    """Where it stands, and what comes of each move of its line of play; no board where it sees the end."""
    source = tmp_path / "positions.jsonl"
    source.write_text('{"moves": []}\n{"moves": [4, 0]}\n')
    game = make_game("tic_tac_toe")
    for line in analyse_positions("tic_tac_toe", f"muzero(weights={finished}, simulations=30)", str(source), 0):
        first, *steps = json.loads(json.dumps(line))["imagined"]
        assert first["action"] is None
        assert first["reward"] is None
        assert first["value"][0] == pytest.approx(line["value"], abs=1e-3)
        assert [step["action"] for step in steps] == line["line"][: len(steps)]
        assert all(len(step["reward"]) == game.seats for step in steps)
        assert all(np.shape(step["board"]) == game.observation_shape for step in [first, *steps[:-1]])
        assert sum(first["policy"]) == pytest.approx(1, abs=0.01)


def test_it_imagines_what_chance_may_bring(tmp_path: Path) -> None:
    """The line of play goes on past nature, whose codes are no moves."""
    trained(tmp_path, "chance", 1)
    game, plays = make_game(CASES["chance"][1]), (0, 4)
    turns = make_turns(game, Position.replay(game, 0, plays).row, [(Seating(("it",), 1), 0, len(plays), plays)])
    turns[0].thorough = True
    thought = stochastic_muzero.agent(str(tmp_path), 100).act(turns)[0].thought
    assert thought is not None
    actions = [step.action for step in thought.imagined]
    assert actions[:2] == [None, thought.pv[0]]
    assert len(actions) > 2
    assert all(action in range(game.actions) for action in actions[1:])


def test_another_process_that_plays_is_heard(tmp_path: Path) -> None:
    game, settings = make_game("tic_tac_toe"), muzero.Settings(**TINY)
    run = Run.create(tmp_path, {"game": game.name, "settings": asdict(settings)})
    for _ in muzero.train(game, settings, run, Budget(60, 1000), seed=3, actors=1):
        if list(run.games.glob("*-1.npz")):
            break
    else:
        pytest.fail("nothing was heard")


# -- what breaks down ----------------------------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """broken(name): the part `name` of a new network answers NaN."""
    make = WorldNet.__init__

    def breaking(name: str) -> None:
        def made(self: WorldNet, architecture: Any) -> None:
            make(self, architecture)
            with torch.no_grad():
                for parameter in self.get_submodule(name).parameters():
                    parameter.fill_(float("nan"))

        monkeypatch.setattr(WorldNet, "__init__", made)

    return breaking


@pytest.mark.parametrize("part", ["values", "rewards.out", "followers.out", "places"])
def test_nan_in_search_stops_the_run_and_keeps_what_was_asked(tmp_path: Path, broken: Any, part: str) -> None:
    broken(part)
    with pytest.raises(ArenaError, match=r"^iteration 1: the network answered NaN .* is in .*diverged.npz") as caught:
        trained(tmp_path)
    assert "\n" not in str(caught.value)
    with np.load(tmp_path / loop.BROKEN) as kept:
        assert kept["input_0"].shape[0] > 0


def test_nan_in_a_loss_stops_the_run_and_keeps_the_batch(tmp_path: Path, broken: Any) -> None:
    broken("decoder.2")  # which no search asks
    with pytest.raises(ArenaError, match=r"^iteration 1: the loss is NaN or infinity: decoder; .*diverged.npz"):
        trained(tmp_path)
    with np.load(tmp_path / loop.BROKEN) as kept:
        assert kept["observations"].shape[0] == kept["policy"].shape[0] == TINY["batch"]


def test_weights_of_chance_are_of_their_own_kind(tmp_path: Path) -> None:
    trained(tmp_path, "chance", 1)
    last = Run.open(tmp_path).latest()
    assert last is not None
    game = make_game(CASES["chance"][1])
    net, _ = load_network(last / "weights.safetensors", game, StochasticWorldNet)
    assert net.architecture.codes == 4
    with pytest.raises(ArenaError, match="weights of a stochastic-world network, not of a world network"):
        load_network(last / "weights.safetensors", game, WorldNet)
    record = play(game, {"it": stochastic_muzero.agent(str(tmp_path), 8)}, [Seating(("it",), 1)])[0]
    assert record.forfeit is None
