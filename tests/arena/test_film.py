"""Films and pictures without a display: every ending, whole at every size, one clear line for what cannot be made."""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

import numpy as np
import pytest
from PIL import Image

from arena.record import Record
from arena.ui import film, reel
from arena.ui.view import View
from games.core.errors import ArenaError

GAME = Record("tic_tac_toe", ("ann", "bob"), 0, (0, 3, 1, 4, 2), 0, (1.0, -1.0), (1.0, 0.0), "three in a row")
NEEDS_VIDEO = pytest.mark.skipif(find_spec("imageio_ffmpeg") is None, reason="needs the extra video")


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), np.int64)


def test_a_picture_shows_the_end_or_a_ply(tmp_path: Path) -> None:
    film.film_record(tmp_path / "end.png", GAME)
    film.film_record(tmp_path / "start.png", GAME, last=0)
    film.film_record(tmp_path / "two.png", GAME, last=2)
    end, start, two = (pixels(tmp_path / f"{name}.png") for name in ("end", "start", "two"))
    assert end.shape == (600, 960, 3)
    assert (end != start).any()
    assert (two != start).any()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["end.png", "start.png", "two.png"]


@pytest.mark.parametrize("size", [(320, 200), (640, 300), (200, 480)])
def test_small_films_show_the_whole_window(size: tuple[int, int]) -> None:
    image = film.render(View("watch"), size, 0.0)
    assert image.size == size
    larger = max(640 / size[0], 480 / size[1])
    whole = film.render(View("watch"), (round(size[0] * larger), round(size[1] * larger)), 0.0)
    difference = np.asarray(image, np.int64) - np.asarray(whole.resize(size, Image.Resampling.BOX), np.int64)
    assert np.abs(difference).mean() < 4


@NEEDS_VIDEO
@pytest.mark.parametrize("size", [(640, 480), (401, 301)])
def test_a_film_as_mp4(size: tuple[int, int], tmp_path: Path) -> None:
    from imageio_ffmpeg import count_frames_and_secs, get_ffmpeg_exe, read_frames

    film.film_record(tmp_path / "game.mp4", GAME, delay=0.3, size=size)
    about = next(read_frames(str(tmp_path / "game.mp4")))
    assert about["size"] == (size[0] // 2 * 2, size[1] // 2 * 2)
    assert about["fps"] == reel.MP4_RATE
    frames, seconds = count_frames_and_secs(str(tmp_path / "game.mp4"))
    assert 6 * 0.3 + 4 <= seconds <= 6 * 0.3 + 4 + 5 * 0.6
    assert frames == pytest.approx(seconds * reel.MP4_RATE, abs=2)
    command = [get_ffmpeg_exe(), "-v", "error", "-i", str(tmp_path / "game.mp4"), "-f", "null", "-"]
    assert subprocess.run(command, capture_output=True, check=True).stderr == b""
    assert [path.name for path in tmp_path.iterdir()] == ["game.mp4"]


def test_what_cannot_be_made_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("game.avi", "game", "gif"):
        with pytest.raises(ArenaError, match=f"^{name}: films are "):
            reel.ending(tmp_path / name)
    monkeypatch.setattr(reel, "find_spec", lambda name: None)
    with pytest.raises(ArenaError, match=r"^game.mp4: .mp4 needs the extra video: pip install"):
        reel.ending("game.mp4")
    with pytest.raises(ArenaError, match=r"cannot write .*: no such file"):
        film.film_record(tmp_path / "nowhere" / "game.png", GAME)
    assert list(tmp_path.iterdir()) == []
