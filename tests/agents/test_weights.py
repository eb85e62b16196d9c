"""Files of weights: back as they were, refused with one line where they are not, and never lost."""

from __future__ import annotations

import json
import pickle
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from agents.core.networks import PolicyValueNet, Tower, make_network
from agents.core.weights import load_network, load_tensors, load_weights, save_tensors, save_weights
from games.core.errors import ArenaError
from games.core.registry import make_game

GAME = make_game("tic_tac_toe")
ABOUT = {"settings": {"simulations": [[0.0, 24]], "rate": 1.5e-3}, "progress": 0.25}


def network(seed: int = 0) -> PolicyValueNet:
    torch.manual_seed(seed)
    return make_network(GAME, Tower(1, 8))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    save_weights(path, network(), GAME.name, ABOUT)
    return path


def refused(path: Path, game: str = "tic_tac_toe") -> str:
    """The one line of the refusal."""
    with pytest.raises(ArenaError) as caught:
        load_network(path, make_game(game))
    with pytest.raises(ArenaError):
        load_weights(path, make_game(game).name)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def rewrite(path: Path, tensors: dict[str, torch.Tensor] | None = None, **metadata: str) -> None:
    """The file with other tensors or metadata."""
    net = network()
    said = {"format": "1", "game": '"tic_tac_toe"', "architecture": json.dumps(asdict(net.architecture)), "about": "{}"}
    save_file(net.state_dict() if tensors is None else tensors, path, {**said, **metadata})


def test_back_as_it_was(path: Path) -> None:
    net, about = load_network(path, GAME)
    assert about == ABOUT
    assert net.architecture == network().architecture
    assert not net.training
    saved = network().state_dict()
    assert all(torch.equal(tensor, saved[name]) for name, tensor in net.state_dict().items())
    tensors, about = load_weights(path, GAME.name)
    assert tensors.keys() == saved.keys()
    assert about == ABOUT
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_any_layout_is_saved(path: Path) -> None:
    save_weights(path, network().to(memory_format=torch.channels_last), GAME.name, {})
    assert torch.equal(load_network(path, GAME)[0].stem.map.weight, network().stem.map.weight)


def test_tensors_of_any_kind(tmp_path: Path) -> None:
    tensors = {"step": torch.tensor(3), "moment": torch.rand(2, 3)}
    save_tensors(tmp_path / "learner.safetensors", tensors, files=["a", "b"])
    back, about = load_tensors(tmp_path / "learner.safetensors")
    assert all(torch.equal(back[name], tensors[name]) for name in tensors)
    assert about == {"format": 2, "files": ["a", "b"]}


def test_another_game(path: Path) -> None:
    assert "holds weights for tic_tac_toe, not for connect_four" in refused(path, "connect_four")
    rewrite(path, game='"connect_four"')
    assert "holds weights for connect_four, not for tic_tac_toe" in refused(path)


def test_other_rules(path: Path) -> None:
    rewrite(path, game='"connect_four"')
    with pytest.raises(ArenaError, match="holds weights for other rules of connect_four"):
        load_network(path, make_game("connect_four"))


def test_a_newer_format(path: Path) -> None:
    rewrite(path, format="3")
    assert "has format 3, and this version reads 2: it needs a newer planning-arena" in refused(path)


def test_somebody_elses_file(path: Path) -> None:
    save_file({"weight": torch.zeros(3)}, path)
    assert "was not written by this program" in refused(path)


@pytest.mark.parametrize("keep", [0, 4, 200, -100, -1])
def test_a_truncated_file(path: Path, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])
    assert "is no file of weights, or is damaged" in refused(path)


class Trap:
    """Runs when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.mark,))


def test_a_pickle_runs_nothing(path: Path) -> None:
    mark = path.parent / "ran"
    path.write_bytes(pickle.dumps(Trap(mark)))
    assert "is no file of weights, or is damaged" in refused(path)
    torch.save({"trap": Trap(mark)}, path)
    assert "is no file of weights, or is damaged" in refused(path)
    assert not mark.exists()


def test_wrong_shapes(path: Path) -> None:
    tensors = network().state_dict()
    rewrite(path, {**tensors, "stem.map.weight": torch.zeros(8, 2, 5, 5)})
    wrong = refused(path)
    assert "stem.map.weight is float32 [8, 2, 5, 5] where the network has float32 [8, 2, 3, 3]" in wrong
    rewrite(path, {**tensors, "values.bias": torch.zeros(1, dtype=torch.float64)})
    assert "values.bias is float64 [1] where the network has float32 [1]" in refused(path)
    rewrite(path, {**tensors, "extra": torch.zeros(1)})
    assert "extra is float32 [1] where the network has none" in refused(path)
    hidden = {**tensors, "blocks.0.first.map.weight": torch.full_like(tensors["blocks.0.first.map.weight"], torch.nan)}
    rewrite(path, hidden)
    assert "blocks.0.first.map.weight holds NaN or infinity" in refused(path)
    del tensors["values.bias"]
    rewrite(path, tensors)
    assert "values.bias is none where the network has float32 [1]" in refused(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"blocks": 10**12},
        {"blocks": -1},
        {"channels": "8"},
        {"channels": 10**30},
        {"actions": True},
        {"observation": []},
        {"cells": [0, 0, 0, 0, 0, 0, 0, 0, 10**9]},
        {"depth": 3},
    ],
    ids=str,
)
def test_a_senseless_architecture(path: Path, wrong: dict[str, Any]) -> None:
    rewrite(path, architecture=json.dumps({**asdict(network().architecture), **wrong}))
    assert "does not say what its weights belong to: it is damaged" in refused(path)


@pytest.mark.parametrize("field", ["architecture", "about"])
@pytest.mark.parametrize("text", ["null", "[1, 2]", "7", '"x"'])
def test_senseless_words(path: Path, field: str, text: str) -> None:
    rewrite(path, **{field: text})
    assert "damaged" in refused(path)


def test_no_json(path: Path) -> None:
    rewrite(path, about="{")
    assert "is no file of weights, or is damaged" in refused(path)


def test_no_file(path: Path) -> None:
    path.unlink()
    assert "there is no file" in refused(path)
    path.mkdir()
    assert refused(path)
    with pytest.raises(ArenaError, match="cannot be written"):
        save_weights(path.parent / "nowhere" / "weights", network(), GAME.name, {})


def test_a_failed_write_leaves_the_last_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(ArenaError, match=r"cannot be written \(No space left on device\); what it held before stands"):
        save_weights(path, network(1), GAME.name, {})
    assert load_network(path, GAME)[1] == ABOUT
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small tmpfs is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_last_file(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "44k") as folder:
        path = folder / "weights.safetensors"
        save_weights(path, network(0), GAME.name, ABOUT)
        assert path.stat().st_size > 22 << 10
        for seed in (1, 2):
            with pytest.raises(ArenaError, match="No space left on device"):
                save_weights(path, network(seed), GAME.name, {})
        net, about = load_network(path, GAME)
        assert about == ABOUT
        assert torch.equal(net.values.weight, network(0).values.weight)
        assert [file.name for file in folder.iterdir()] == [path.name]
