"""Runs as the command line makes them: graded, rated, resumed; and the ladder of a run that is there."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch

from agents import alphazero
from agents.core import loop
from agents.core.agent import Agent
from agents.core.registry import make_agent
from agents.core.run import KEPT, Run
from agents.core.weights import load_weights
from arena import card, examiner, ladder, tensorboard
from arena.curves import Axis, plot
from arena.examiner import Examiner, best_of, keep_best
from arena.ladder import Ladder
from arena.store import Store
from arena.training import examine_run, train_agent
from games.core.errors import ArenaError
from games.core.registry import make_game

CHANGES = ("blocks=1", "channels=8", "games=16", "chunk=100", "window=200", "batch=32", "simulations=[[0.0,4]]")
GAME = make_game("tic_tac_toe")


def trained(path: Path, steps: int, resume: bool = False) -> Run:
    changes = () if resume else CHANGES
    train_agent("alphazero", GAME.name, str(path), None, steps, resume, None, 1, changes, 1)
    return Run.open(path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three checkpoints, of which only the last was examined."""
    path = tmp_path_factory.mktemp("runs") / "finished"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
        patch.setattr(examiner, "SHARES", {"grade": -1.0, "ladder": -1.0})
        patch.setattr(ladder, "BETWEEN", 10)
        patch.setattr(ladder, "GAMES", 4)
        trained(path, 3)
    return path


@pytest.fixture
def run(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A copy of it to work on, with short ladders."""
    monkeypatch.setattr(ladder, "BETWEEN", 10)
    monkeypatch.setattr(ladder, "GAMES", 4)
    shutil.copytree(finished, tmp_path / "run")
    return Run.open(tmp_path / "run")


def test_the_last_checkpoint_is_graded_and_rated(run: Run) -> None:
    found = {key for line in run.metrics() if line["iteration"] == 3 for key in line}
    assert {"mistakes", "mistakes_network", "elo", "elo_low", "elo_high", "core_hours"} <= found
    assert not any("elo" in line or "mistakes" in line for line in run.metrics() if line["iteration"] < 3)
    assert best_of(run) == 3
    assert make_agent(f"alphazero(weights={run.path}/best)").plays(GAME) is None


def test_examining_changes_no_weights(run: Run, tmp_path: Path) -> None:
    alone = Run.create(tmp_path / "alone", dict(run.about))
    settings = alphazero.Settings(**{**run.about["settings"], "simulations": ((0.0, 4),)})
    for _ in alphazero.train(GAME, settings, alone, alphazero.Budget(60, 3), 1):
        pass
    ours, theirs = (load_weights(found.checkpoints()[-1] / KEPT, GAME.name)[0] for found in (run, alone))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_the_rest_is_examined_afterwards(run: Run) -> None:
    heard = []
    made = Examiner(run, GAME, alphazero.contender)
    made.rest(lambda what, done, total: heard.append((what, done, total)))
    made.rest(lambda *more: pytest.fail(f"{more} again"))
    assert heard == [
        ("grading checkpoints", 1, 2),
        ("grading checkpoints", 2, 2),
        ("playing the ladder", 1, 2),
        ("playing the ladder", 2, 2),
    ]
    assert made.ladder is not None
    assert list(made.ladder.of_checkpoints()) == [1, 2, 3]
    assert {line["iteration"] for line in run.metrics() if "mistakes" in line} == {1, 2, 3}
    made.close()


def test_the_best_is_the_one_with_the_fewest_mistakes(run: Run) -> None:
    run.log(iteration=2, mistakes=0.02, graded=600)
    run.log(iteration=3, mistakes=0.05, graded=600)
    keep_best(run)
    assert best_of(run) == 2
    run.log(iteration=1, mistakes=0.018, graded=600)  # a standard error is 0.0054
    keep_best(run)
    assert best_of(run) == 2
    weights = [run.path / part / "weights.safetensors" for part in ("best", "checkpoints/000002")]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    run.log(iteration=1, mistakes=0.01, graded=600)
    keep_best(run)
    assert best_of(run) == 1


def test_a_stopped_ladder_loses_nothing_and_plays_nothing_twice(run: Run) -> None:
    (run.path / "ladder.db").unlink()
    checkpoint = run.checkpoints()[0]

    def played(store: Store) -> Ladder:
        made = Ladder(run, store, GAME, alphazero.contender)
        made.begin()
        made.join(checkpoint)
        return made

    with Store.open(run.path / "ladder.db") as store:
        add, kept = store.add, []

        def stopping(event: int, number: int, record: object) -> bool:
            if len(kept) == 37:  # in the games of the checkpoint: those of the references are 30
                raise KeyboardInterrupt
            kept.append(number)
            return add(event, number, record)  # type: ignore[arg-type]

        store.add = stopping  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            played(store)
    with Store.open(run.path / "ladder.db") as store:
        assert sum(row.wins_first + row.draws + row.wins_second for row in store.results(GAME.name)) == 37
        made = played(store)
        before = store.last_id()
        assert len(store.records()) == 30 + ladder.OPPONENTS * ladder.GAMES
        made.begin()
        made.join(checkpoint)
        assert store.last_id() == before
        assert checkpoint not in made.waiting()
        assert {record.record.forfeit for record in store.records()} == {None}


def test_later_checkpoints_meet_their_past(run: Run) -> None:
    with Store.open(run.path / "ladder.db") as store:
        made = Ladder(run, store, GAME, alphazero.contender)
        for checkpoint in run.checkpoints()[:2]:
            made.join(checkpoint)
        meets = {name for record in store.records(agent="alphazero/000002") for name in record.record.agents}
        assert "alphazero/000001" in meets
        assert len(meets & set(ladder.REFERENCES)) == 3
        ratings = made.ratings()
    assert ratings is not None
    assert ratings.anchor == "random"
    assert ratings["random"].elo == 0


def test_training_goes_on_where_nothing_can_be_examined(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Examiner, checkpoint: Path) -> dict[str, object]:
        raise ArenaError("the disk is full")

    monkeypatch.setattr(Examiner, "grade", broken)
    run = trained(tmp_path / "run", 1)
    trained(tmp_path / "run", 2, resume=True)
    assert len(run.checkpoints()) == 2
    assert capsys.readouterr().err.count("checkpoints are not examined any more: the disk is full") == 2
    assert Run.open(run.path).about["plan"]["steps"] == 2


@pytest.mark.parametrize(
    ("old", "new"), [("blocks = 1", "blocks = 1\ntricks = 2"), ("batch = 32", "batch = 0"), ("[plan]", "[other]")]
)
def test_a_run_of_another_version_is_one_line(run: Run, old: str, new: str) -> None:
    about = run.path / "run.toml"
    about.write_text(about.read_text().replace(old, new))
    with pytest.raises(ArenaError, match="is not of this version") as caught:
        trained(run.path, 4, resume=True)
    assert "\n" not in str(caught.value)


def test_kill_stops_a_run_as_ctrl_c_does(tmp_path: Path) -> None:
    path, metrics = tmp_path / "run", tmp_path / "run" / "metrics.jsonl"
    words = ["train", "alphazero", "tic_tac_toe", "--minutes", "5", "--workers", "2", "--run", str(path)]
    command = [sys.executable, "-m", "arena.cli", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 120
        while not (metrics.exists() and metrics.read_text()) and time.monotonic() < until:
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "leaked" not in said
    assert said.splitlines()[-1].startswith("arena: stopped")


def test_a_run_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ArenaError, match=r"run\.toml cannot be read"):
        Run.open(tmp_path)


def test_no_run_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="holds no run"):
        examine_run(str(tmp_path), False, lambda *heard: None)
    with pytest.raises(ArenaError, match="holds no run"):
        card.make_card(str(tmp_path), None, lambda *heard: None)
    Run.create(tmp_path, {"agent": "alphazero", "game": GAME.name})
    with pytest.raises(ArenaError, match="has no checkpoint yet"):
        examine_run(str(tmp_path), False, lambda *heard: None)
    with pytest.raises(ArenaError, match="is not of this version"):  # it does not say how it was to be trained
        card.make_card(str(tmp_path), None, lambda *heard: None)


def test_no_judge_is_one_line(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    def contender(weights: Path, simulations: int) -> Agent:
        return make_agent("random")

    made = Examiner(run, make_game("nim"), contender)
    assert made.grade(run.checkpoints()[0]) == {}
    made.close()
    said = capsys.readouterr().err
    assert said.startswith("mistakes are not measured: ")
    assert said.count("\n") == 1


def test_metrics_are_json(run: Run) -> None:
    assert all(json.loads(line) for line in (run.path / "metrics.jsonl").read_text().splitlines())


# -- curves --------------------------------------------------------------------------------------------------------


def test_the_curves_of_a_run(run: Run) -> None:
    board, picture = examine_run(str(run.path), True, lambda *heard: None)
    assert picture is not None
    drawn = ElementTree.fromstring(picture.read_text())
    texts = [text.text or "" for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"alphazero learns tic_tac_toe", "core-hours", *ladder.REFERENCES} <= set(texts)
    rated = sum(p.elo is not None and p.name.startswith("alphazero/") for p in board.ratings.players)
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}circle"))) == rated + 2 * 3


def test_nothing_to_plot_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="nothing to plot"):
        plot(Run.create(tmp_path, {"agent": "alphazero", "game": GAME.name}))


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0.0, 0.93, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (-130.0, 1849.0, ["-500", "0", "500", "1000", "1500", "2000"]),
        (0.0, 0.0, ["0", "0.2"]),
        (3.0, 3.0, ["3", "3.2"]),
    ],
)
def test_axes_end_at_round_values(low: float, high: float, texts: list[str]) -> None:
    axis = Axis(low, high, 100, 0, 6)
    assert [text for _, text in axis.ticks()] == texts
    assert 0 <= axis(high) <= axis(low) <= 100


# -- cards and TensorBoard -----------------------------------------------------------------------------------------


def test_a_card_says_how_it_was_made(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "SIMULATIONS", 4)
    path = card.make_card(str(run.path), str(tmp_path / "zoo"), lambda *heard: None)
    assert path == tmp_path / "zoo" / "tic_tac_toe" / "alphazero.md"
    rows = dict(line.strip("| ").split(" | ", 1) for line in path.read_text().splitlines()[4:])
    command = "`arena train alphazero tic_tac_toe --steps 3 --seed 1 --set 'blocks=1' --set 'channels=8'"
    assert rows["Command"].startswith(command)
    assert "core-hours" in rows["Cost"]
    assert rows["Grade"].startswith('`arena grade "tic_tac_toe" "alphazero(simulations=4)"`: mean ')
    assert str(tmp_path) not in path.read_text()
    weights = path.with_suffix(".safetensors")
    assert weights.read_bytes() == (run.path / "best" / "weights.safetensors").read_bytes()


def test_a_card_has_a_score_where_nobody_can_judge(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*args: object, **options: object) -> None:
        raise ArenaError("there is no judge")

    for name, value in (("SIMULATIONS", 4), ("GAMES", 2), ("OPPONENT", "random"), ("draw", nobody)):
        monkeypatch.setattr(card, name, value)
    text = card.make_card(str(run.path), str(tmp_path / "zoo"), lambda *heard: None).read_text()
    assert '| Score | `arena match "tic_tac_toe" "alphazero(simulations=4)" "random" --games 2`: ' in text


def test_what_is_large_is_halved(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = (run.path / "best" / "weights.safetensors").stat().st_size
    for name, value in (("SIMULATIONS", 4), ("LARGEST", size - 1)):
        monkeypatch.setattr(card, name, value)
    graded: list[bytes] = []
    monkeypatch.setattr(card, "_grade", lambda game, agent, weights, heard: graded.append(weights.read_bytes()) or {})
    path = card.make_card(str(run.path), str(tmp_path / "zoo"), lambda *heard: None).with_suffix(".safetensors")
    assert graded == [path.read_bytes()]
    assert path.stat().st_size < 0.7 * size
    whole, about = load_weights(run.path / "best" / "weights.safetensors", "tic_tac_toe")
    half, said = load_weights(path, "tic_tac_toe")
    assert said == about
    for name, tensor in whole.items():
        assert half[name].dtype == tensor.dtype
        torch.testing.assert_close(half[name], tensor, rtol=1e-3, atol=1e-6)


def test_what_is_too_large_for_the_box_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "LARGEST", 1000)
    with pytest.raises(ArenaError, match="takes 1,000 at most"):
        card.make_card(str(run.path), str(tmp_path / "zoo"), lambda *heard: None)
    assert not (tmp_path / "zoo").exists()


def test_tensorboard_is_asked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorboard, "find_spec", lambda name: None)
    with pytest.raises(ArenaError, match=r"planning-arena\[tensorboard\]"):
        train_agent("alphazero", GAME.name, str(tmp_path / "run"), None, 1, False, None, 1, (), 1, boarded=True)
    assert not (tmp_path / "run").exists()


def test_numbers_for_tensorboard() -> None:
    line = {"time": 1.5, "iteration": 3, "policy": 0.5, "mistakes_end-easy": 0.25, "note": "text"}
    assert dict(tensorboard.scalars(line)) == {"policy": 0.5, "mistakes/end-easy": 0.25}


def test_tensorboard_reads_what_is_written(run: Run) -> None:
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed: pip install 'planning-arena[tensorboard]'")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for _ in range(2):  # as when the run is resumed
        tensorboard.Board(run).close()
    events = EventAccumulator(str(run.path / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("policy")] == [1, 2, 3]
    assert [event.step for event in events.Scalars("mistakes")] == [3]
