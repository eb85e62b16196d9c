"""The leaderboard as people and programs read it, and its files, whole or not at all."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from arena.ratings import Result
from arena.record import Record
from arena.report import Leaderboard, file_name, leaderboard, publish, rank
from arena.store import Store
from games.core.errors import ArenaError

UCT = "uct(simulations=400)"
RESULTS = [
    Result(UCT, "alphabeta(depth=4)", 60, 20, 20),
    Result("alphabeta(depth=4)", UCT, 20, 20, 60),
    Result("random", UCT, 0, 0, 10),
    Result(UCT, "random", 10, 0, 0),
    Result("you", "me", 1, 0, 0),
]


def board(anchor: str | None = "alphabeta(depth=4)") -> Leaderboard:
    return replace(rank("connect_four", RESULTS, anchor), date="2026-01-31")


def shown(leaderboard: Leaderboard, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(leaderboard.table())
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_json() -> None:
    data = board().to_json()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert (data["game"], data["anchor"], data["games"], data["date"]) == (
        "connect_four",
        "alphabeta(depth=4)",
        221,
        "2026-01-31",
    )
    assert data["model"] == "davidson-1970/first-seat"
    assert data["first_seat"]["low"] < 0 < data["first_seat"]["high"]
    first, second, third, *others = data["players"]
    assert first == {
        "rank": 1,
        "agent": UCT,
        "elo": 190.8,
        "low": first["low"],
        "high": first["high"],
        "score": 0.7273,
        "games": 220,
        "wins": 140,
        "draws": 40,
        "losses": 40,
    }
    assert first["low"] < 190.8 < first["high"]
    assert (second["elo"], second["low"], second["high"]) == (0, 0, 0)
    assert (third["agent"], third["elo"], third["low"]) == ("random", None, None)
    assert third["high"] < -100
    assert [(player["rank"], player["elo"]) for player in others] == [(None, None)] * 2


def test_markdown_is_aligned_and_says_what_it_rests_on() -> None:
    text = board().to_markdown()
    assert text.startswith("# connect_four\n\n- 221 games, rated 2026-01-31\n- model `davidson-1970/first-seat`\n")
    assert "- anchor `alphabeta(depth=4)` = 0\n- first seat +0 Elo (" in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(line) for line in table}) == 1
    assert len(table) == 2 + 5
    assert "`random`" in table[4]
    assert "| < -" in table[4].replace("|  ", "| ")
    assert "for a finite estimate" in text
    assert "do not tell how it compares" in text
    assert "finite estimate" not in rank("g", RESULTS[:2]).to_markdown()


def test_the_terminal_shows_every_number() -> None:
    text = shown(board())
    for part in ("connect_four", UCT, "191", "72.7%", "anchor", "< -", "?", "221 games", "first seat +0 Elo"):
        assert part in text
    assert "davidson-1970/first-seat" in text
    narrow = shown(board(), width=80)
    assert max(map(len, narrow.splitlines())) <= 80
    for number in (UCT, "191", "72.7%", "220", "140"):
        assert number in narrow


def test_names_are_not_markup() -> None:
    results = [Result("[red]a|b", "b", 6, 2, 2), Result("b", "[red]a|b", 2, 2, 6)]
    odd = rank("./my[0]game.py", results)
    assert "[red]a|b" in shown(odd)
    assert "./my[0]game.py" in shown(odd)
    assert "`[red]a\\|b`" in odd.to_markdown()


def test_a_rounded_zero_has_no_sign() -> None:
    results = [Result("a", "b", 5000, 0, 5003), Result("b", "a", 5000, 0, 5000)]
    assert "-0 " not in rank("g", results, "b").to_markdown()


def test_publish(tmp_path: Path) -> None:
    page, data = publish(board(), tmp_path / "leaderboards")
    assert (page.name, data.name) == ("connect_four.md", "connect_four.json")
    assert page.read_text(encoding="utf-8") == board().to_markdown()
    assert json.loads(data.read_text(encoding="utf-8")) == board().to_json()
    publish(board(anchor="random"), tmp_path / "leaderboards")
    assert json.loads(data.read_text(encoding="utf-8"))["anchor"] == "random"
    assert sorted(path.name for path in page.parent.iterdir()) == ["connect_four.json", "connect_four.md"]


def test_a_failed_publication_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, _ = publish(board(), tmp_path)
    before = page.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ArenaError, match=r"cannot write .*connect_four\.md: no space left on device"):
        publish(board(anchor="random"), tmp_path)
    assert page.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2
    monkeypatch.undo()
    (tmp_path / "file").write_text("")
    with pytest.raises(ArenaError, match="cannot write"):
        publish(board(), tmp_path / "file")


@pytest.mark.parametrize(
    ("game", "name"),
    [
        ("connect_four", "connect_four"),
        ("go(board_size=9)", "go_board_size-9"),
        ("openspiel:hex(board_size=5)", "openspiel_hex_board_size-5"),
        ("./my_game.py", "my_game.py"),
        ("../..", "game"),
    ],
)
def test_file_names(game: str, name: str) -> None:
    assert file_name(game) == name


def test_from_the_store(tmp_path: Path) -> None:
    with Store.open(tmp_path / "arena.db") as store:
        with pytest.raises(ArenaError, match="no games of connect_four to rate yet"):
            leaderboard(store, "connect_four")
        event = store.event("k", "match", "connect_four", {})
        for number, points in enumerate([1.0, 0.5, 0.0, 1.0]):
            agents = ("a", "random") if number % 2 else ("random", "a")
            record = Record("connect_four", agents, 1, (3,), 0, (0.0, 0.0), (points, 1 - points), "over")
            store.add(event, number, record)
        found = leaderboard(store, "connect_four")
        assert (found.ratings.anchor, found.ratings.games) == ("random", 4)
        assert found.ratings["a"].points == 2.5
        with pytest.raises(ArenaError, match="no player 'uct' to anchor at; there are a, random"):
            leaderboard(store, "connect_four", anchor="uct")
