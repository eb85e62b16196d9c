"""Training that can be stopped at any instant, and what comes of it at the table."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from agents import alphazero
from agents.alphazero import Budget, Settings, pictured, staged, train
from agents.core import loop
from agents.core.actors import read_chunk
from agents.core.cost import core_seconds
from agents.core.replay import Replay
from agents.core.run import Run
from agents.core.selfplay import Samples
from agents.core.weights import load_tensors, load_weights, save_tensors
from games.core.errors import ArenaError
from games.core.registry import make_game

SMALL = Settings(
    blocks=1, channels=8, games=8, simulations=((0.0, 4), (0.5, 6)), chunk=60, window=200, batch=32, opening_plies=3
)
STEPS = 5


def trained(
    folder: Path, steps: int = STEPS, stop: int | None = None, settings: Settings = SMALL
) -> dict[str, torch.Tensor]:
    """The weights of a short training in `folder`, new or gone on with; stopped after so many checkpoints, if given."""
    game = make_game("tic_tac_toe")
    new = not (folder / "run.toml").exists()
    run = Run.create(folder, {"game": game.name, "settings": asdict(settings)}) if new else Run.open(folder)
    for number, _ in enumerate(train(game, settings, run, Budget(60, steps), seed=3)):
        if number + 1 == stop:
            break
    last = run.latest()
    assert last is not None
    return load_weights(last / "weights.safetensors", game.name)[0]


def same(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> bool:
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
        return trained(tmp_path_factory.mktemp("whole"))


def test_a_stopped_run_goes_on_to_the_same_weights(
    tmp_path: Path, uninterrupted: dict[str, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    trained(tmp_path, stop=2)
    run = Run.open(tmp_path)
    run.log(iteration=99)  # a line that the checkpoint does not know
    (run.games / "000002-0.npz").write_bytes(b"cut off")
    (run.path / "checkpoints" / "000003.new").mkdir()
    for left in ("playing.safetensors.7.new", "games/000007-1.new", "checkpoints/000003.new/state.json.new"):
        (run.path / left).write_bytes(b"cut off")
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"iteration": 1, "cut')
    assert same(trained(tmp_path), uninterrupted)
    assert [line["iteration"] for line in Run.open(tmp_path).metrics()] == [1, 2, 3, 4, 5]
    assert list(tmp_path.rglob("*.new")) == []


def test_what_has_left_the_window_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    small = replace(SMALL, window=60)
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    weights = trained(whole, 8, settings=small)
    left = [path.name for path in sorted((whole / "games").glob("*.npz"))]
    assert "000000-0.npz" not in left
    assert "000007-0.npz" in left
    trained(stopped, 8, stop=6, settings=small)
    shutil.copy(whole / "games" / "000007-0.npz", stopped / "games" / "000000-0.npz")  # killed before it was deleted
    assert same(trained(stopped, 8, settings=small), weights)
    assert [path.name for path in sorted((stopped / "games").glob("*.npz"))] == left


@pytest.mark.parametrize("file", ["state.json", "learner.safetensors", "selfplay.npz", "pickle"])
def test_a_damaged_checkpoint_is_one_line(tmp_path: Path, file: str) -> None:
    trained(tmp_path, 1)
    last = Run.open(tmp_path).latest()
    assert last is not None
    if file == "pickle":
        (last / "selfplay.npz").write_bytes(pickle.dumps({"counts": [1, 2, 3]}))
    else:
        (last / file).write_bytes((last / file).read_bytes()[:-40])
    with pytest.raises(ArenaError, match="damaged") as caught:
        trained(tmp_path, 2)
    assert "\n" not in str(caught.value)


HOSTILE: dict[str, Callable[[Path], object]] = {
    "count": lambda last: rewritten(last / "state.json", iterations="many"),
    "number": lambda last: (last / "state.json").write_text('{"number": 1e999}'),
    "files": lambda last: rewritten(last / "state.json", files={"nothing.npz": 1}),
    "useless": lambda last: rewritten(last / "state.json", useless=7),
    "depth": lambda last: (last / "state.json").write_text("[" * 100_000),
    "games": lambda last: np.savez(last / "selfplay.npz", counts=np.zeros(9), positions=np.zeros(3)),
    "optimizer": lambda last: save_tensors(
        last / "learner.safetensors",
        load_tensors(last / "learner.safetensors")[0] | {"optimizer.999.exp_avg": torch.zeros(2, 2)},
    ),
    "nothing": lambda last: save_tensors(last / "learner.safetensors", {}),
}


def rewritten(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("what", HOSTILE)
def test_a_checkpoint_that_somebody_has_changed_is_one_line(tmp_path: Path, what: str) -> None:
    trained(tmp_path, 1)
    last = Run.open(tmp_path).latest()
    assert last is not None
    HOSTILE[what](last)
    with pytest.raises(ArenaError) as caught:
        trained(tmp_path, 2)
    assert "\n" not in str(caught.value)


def test_chunks_of_no_size_that_fits_are_refused(tmp_path: Path) -> None:
    """An array's head may name any shape: here one of more memory than there is."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (1 << 52,)})
    with zipfile.ZipFile(tmp_path / "games.npz", "w") as file:
        for name in (*Samples._fields, "games"):
            file.writestr(f"{name}.npy", head.getvalue())
    with pytest.raises(ArenaError, match="it is damaged"):
        read_chunk(tmp_path / "games.npz", Samples)


def test_one_learner_at_a_time(tmp_path: Path) -> None:
    trained(tmp_path, 1)
    run = Run.open(tmp_path)
    with run.held(), pytest.raises(ArenaError, match="is being trained by another process"), Run.open(tmp_path).held():
        pass
    with run.held():
        pass


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    weights = trained(tmp_path, 2)

    def full(path: Path, **arrays: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez_compressed", full)
        patch.setattr(loop, "write_chunk", lambda *chunk: None)
        with pytest.raises(ArenaError, match="No space left on device"):
            trained(tmp_path, 3)
    last = Run.open(tmp_path).latest()
    assert last is not None
    assert same(load_weights(last / "weights.safetensors", "tic_tac_toe")[0], weights)
    trained(tmp_path, 3)


def test_the_cost_survives(tmp_path: Path) -> None:
    trained(tmp_path, 1)
    first = core_seconds(tmp_path / "cost")
    trained(tmp_path, 2)
    assert core_seconds(tmp_path / "cost") > first > 0
    (tmp_path / "cost" / "cut-off").write_text("")
    hours = [line["core_hours"] for line in Run.open(tmp_path).metrics()]
    assert hours == sorted(hours)


@pytest.mark.slow
def test_killed_at_random_instants_it_ends_with_the_same_weights(
    tmp_path: Path, uninterrupted: dict[str, torch.Tensor]
) -> None:
    """kill -9, twenty times; each time the same command goes on."""
    command = [sys.executable, "-c", (
        "import sys; from pathlib import Path; from agents.core import loop; loop.CHECKPOINT_EVERY = 0.0\n"
        "from tests.agents.test_alphazero import trained; trained(Path(sys.argv[1]))"
    )]  # fmt: skip
    dice = random.Random(1)
    begin = time.monotonic()
    subprocess.run([*command, str(tmp_path / "whole")], check=True)
    longest = time.monotonic() - begin
    for instant in range(20):
        folder = tmp_path / str(instant)
        process = subprocess.Popen([*command, str(folder)])
        time.sleep(dice.uniform(0.2, 1.0) * longest)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        subprocess.run([*command, str(folder)], check=True)
        last = Run.open(folder).latest()
        assert last is not None
        assert same(load_weights(last / "weights.safetensors", "tic_tac_toe")[0], uninterrupted), instant


def test_another_process_that_plays_is_heard(tmp_path: Path) -> None:
    game = make_game("tic_tac_toe")
    run = Run.create(tmp_path, {"game": game.name, "settings": asdict(SMALL)})
    for metrics, _ in train(game, SMALL, run, Budget(60, 1000), seed=3, actors=1):
        alone = sum(read_chunk(path, Samples)[0].size for path in run.games.glob("*-0.npz"))
        if metrics["positions"] > alone:
            break
    else:
        pytest.fail("nothing was heard")


def test_a_finished_run_plays(tmp_path: Path) -> None:
    trained(tmp_path)
    game = make_game("tic_tac_toe")
    agent = alphazero.agent(weights=str(tmp_path), simulations=20)
    assert agent.plays(game) is None
    assert "tic_tac_toe, not for connect_four" in str(agent.plays(make_game("connect_four")))
    assert "was not trained for" in str(alphazero.agent().plays(make_game("nim")))
    assert "chance" in str(alphazero.agent().plays(make_game("game_2048")))


def test_simulations_and_rate_follow_the_run() -> None:
    settings = Settings()
    assert staged(settings, 0.0) == (24, settings.learning_rate)
    assert staged(settings, 0.4)[0] == 80
    assert staged(settings, 1.0)[1] == pytest.approx(0)


def samples(count: int, first: int = 0) -> Samples:
    numbers = np.arange(first, first + count, dtype=np.float32)
    game = make_game("tic_tac_toe")
    observations = np.zeros((count, *game.observation_shape), np.float32)
    observations[:, 0, 0, 0] = numbers
    policy = np.zeros((count, 9), np.float16)
    policy[:, 0] = 1
    return Samples(observations, policy, numbers[:, None], numbers[:, None], numbers)


def test_the_window_holds_the_latest() -> None:
    replay = Replay(50)
    for first in range(0, 1000, 20):
        replay.add(samples(20, first))
        drawn = replay.draw(500, np.random.default_rng(first)).surprise
        assert drawn.max() < first + 20
        assert drawn.min() >= first + 20 - replay.window
    assert 50 < replay.window < 1000


def test_pictures_keep_position_and_policy_together() -> None:
    game = make_game("tic_tac_toe")
    batch = pictured(samples(64, 1), game.symmetries(), np.random.default_rng(0))
    corner = batch.observations[:, 0].reshape(64, 9) != 0
    assert (corner == (batch.policy != 0)).all()
    assert len(np.unique(batch.policy.argmax(1))) == 4


@pytest.mark.parametrize("damage", [b"", b"not toml =", b'format = 99\ngame = "x"\n', b"format = 1\n"])
def test_a_damaged_run_is_one_line(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "run.toml").write_bytes(damage)
    with pytest.raises(ArenaError) as caught:
        Run.open(tmp_path)
    assert "\n" not in str(caught.value)
