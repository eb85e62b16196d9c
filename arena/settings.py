"""The user's settings: `settings.json` in the data folder. Written by hand or by the lobby, which remembers what was
chosen last; whatever makes no sense is said in one line, and the default used."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arena.database import data_folder

KINDS: dict[str, tuple[type, ...]] = {
    "palette": (str,),
    "scale": (int, float),
    "sound": (bool,),
    "keys": (dict,),
    "lobby": (dict,),
}


@dataclass(frozen=True)
class Settings:
    palette: str = "light"
    scale: float = 1.0
    sound: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)  # what to do -> the keys for it, as in "ctrl z, u"
    lobby: Mapping[str, Any] = field(default_factory=dict)  # the last choice


def user_name() -> str:
    """What the person at this machine is called; "You" where the system does not know, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "You"


def settings_file() -> Path:
    return data_folder() / "settings.json"


def read_settings() -> tuple[Settings, str]:
    """The settings, and what is wrong with them in one line; empty: nothing."""
    told, problem = _told()
    known: dict[str, Any] = {}
    for key, value in told.items():
        if key not in KINDS:
            problem = problem or f"there is no setting '{key}'; there are {', '.join(KINDS)}"
        elif not isinstance(value, KINDS[key]) or (isinstance(value, bool) and bool not in KINDS[key]):
            problem = problem or f"{key} cannot be {json.dumps(value)[:40]}"
        elif key == "scale" and isinstance(value, int | float) and not 0.5 <= value <= 3.0:
            problem = problem or f"scale {value} is not between 0.5 and 3"
        elif key == "palette" and value not in ("light", "dark", "safe"):
            problem = problem or f"there is no palette '{value}': there are light, dark, safe"
        else:
            known[key] = value
    return Settings(**known), f"{settings_file()}: {problem}" if problem else ""


def remember(**chosen: Any) -> None:
    """Keep these settings. A file that cannot be read is the user's to mend, and is left alone."""
    told, problem = _told()
    if problem or told == {**told, **chosen}:
        return
    file = settings_file()
    part = file.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps({**told, **chosen}, indent=1) + "\n", encoding="utf-8")
        part.replace(file)


def _told() -> tuple[dict[str, Any], str]:
    """What the file says, and why it cannot be read."""
    try:
        told = json.loads(settings_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, (error.strerror or str(error)).lower()
    except ValueError as error:
        return {}, f"not JSON ({' '.join(str(error).split())})"
    return (told, "") if isinstance(told, dict) else ({}, "not a JSON object")
