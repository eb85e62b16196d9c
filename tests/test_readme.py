"""The README tells the truth about what is in the box."""

import re
import shlex
from pathlib import Path

import pytest

from docs.tables import README, WINDOW, filled
from games.core.errors import ArenaError
from games.core.registry import make_game
from games.core.specs import parse

TEXT = README.read_text(encoding="utf-8")
COMMANDS = [line.strip() for line in re.findall(r"^(?:\.venv/bin/)?arena .*$", TEXT, flags=re.MULTILINE)]


def test_tables_are_those_of_the_registry():
    assert filled(TEXT) == TEXT, "run: python docs/tables.py"
    page = WINDOW.read_text(encoding="utf-8")
    assert filled(page) == page, "run: python docs/tables.py"


def test_pictures_exist_and_are_small():
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", TEXT)
    assert pictures
    for picture in pictures:
        assert 1_000 < (README.parent / picture).stat().st_size < 2_000_000


def test_linked_files_exist():
    for link in re.findall(r"(?<!!)\[[^]]+\]\(([^)#]+)\)", TEXT):
        assert link.startswith("http") or Path(README.parent / link).exists(), link


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_name_games_and_agents_that_exist(command):
    words = shlex.split(command.partition(" #")[0])[1:]
    if words[0] in {"match", "tournament", "watch", "play", "leaderboard", "analyse"}:
        make_game(words[1])
    for word in words[1:]:
        try:
            parse(word)
        except ArenaError:
            assert word.startswith("-")


def test_nothing_is_left_to_fill_in():
    assert "@@" not in TEXT
    assert not re.search(r"@[A-Z]@", TEXT)
