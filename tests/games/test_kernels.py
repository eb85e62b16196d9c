"""Machine code on disk: never stale, never in the way when it is damaged. Each run is a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.games.own_files import race

PLAY = """
from games.core.position import Position
from games.core.registry import make_game

print(Position.replay(make_game("./race.py(goal=5)"), 0, (0, 1, 0)).text())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tests of this module play, one after the other, with one cache."""
    return tmp_path_factory.mktemp("race")


def write(folder: Path, gain: str = "joint[seat] + 1", more: str = "") -> None:
    (folder / "race.py").write_text(race(gain, more))


def play(folder: Path, script: str = PLAY) -> str:
    """What a new process prints that plays ./race.py."""
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "ARENA_CACHE": str(folder / "cache"), "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def files(folder: Path, kind: str) -> list[Path]:
    return sorted((folder / "cache").rglob(f"*.{kind}"))


def written(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in files(folder, "nbc")}


def test_machine_code_is_kept(folder: Path) -> None:
    write(folder)
    assert play(folder) == "4"
    before = written(folder)
    assert before
    assert play(folder) == "4"
    assert written(folder) == before


def test_an_edit_counts_and_its_undoing_too(folder: Path) -> None:
    write(folder, "2 * joint[seat] + 1")
    assert play(folder) == "5"
    write(folder)
    assert play(folder) == "4"


def test_an_edit_within_a_process(folder: Path) -> None:
    """Each loading of the file plays what the file said then, even if it was edited again before it was compiled."""
    write(folder, "joint[seat] + 2")
    edited = race("2 * joint[seat] + 1")
    script = f"""
from pathlib import Path
from games.core.position import Position
from games.core.registry import make_game
old = make_game("./race.py")
Path("race.py").write_text({edited!r})
new = make_game("./race.py")
print(*(Position.replay(game, 0, (0, 0, 0) if game is new else (0, 0)).text() for game in (old, new, old)))
"""
    assert play(folder, script) == "4 3 4"
    assert play(folder) == "5"  # 1 + 3 + 1: the edited file, not what the first loading left behind


def test_an_edit_of_what_the_file_imports(folder: Path) -> None:
    """A rule may stand in another file of the user's."""
    helper = "from games.core.kernels import helper\n\n\n@helper\ndef gain(action):\n    return action + {}\n"
    script = "import sys\nsys.path.insert(0, '.')\n" + PLAY
    write(folder, "gain(joint[seat])", "from race_rules import gain")
    (folder / "race_rules.py").write_text(helper.format("1"))
    assert play(folder, script) == "4"
    (folder / "race_rules.py").write_text(helper.format("1 + 0 * action"))
    assert play(folder, script) == "4"
    (folder / "race_rules.py").write_text(helper.format("(2 if action else 1)"))
    assert play(folder, script) == "5"


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_damaged_files_cost_a_compilation_and_nothing_else(folder: Path, kind: str) -> None:
    write(folder)
    for number, path in enumerate(files(folder, kind)):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 if number % 2 else 0])
    assert play(folder) == "4"
    before = written(folder)
    assert play(folder) == "4"
    assert written(folder) == before, "the damaged files were not mended"


def test_no_place_for_machine_code(folder: Path, tmp_path: Path) -> None:
    """A cache folder that cannot be made costs compile time, nothing else."""
    write(tmp_path)
    (tmp_path / "cache").write_text("a file stands where the folder should be")
    assert play(tmp_path) == "4"
