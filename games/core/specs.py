"""Specs: how games and agents are named in commands, files and the store.

    connect_four                     a name
    go(board_size=9)                 a name with options
    openspiel:breakthrough(rows=6)   a name in a foreign world
    ./my_bot.py(depth=3)             a file of the user's own

Values are whole numbers, decimals, true, false, none, "quoted" or bare text; bare text may itself be a spec.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from games.core.errors import ArenaError

Value = int | float | bool | str | None

_HEAD = re.compile(r"(?:(?P<world>[a-z][a-z0-9_]*):)?(?P<name>[\w./~+@\- ]+)$")
_MARK = re.compile(r"@[0-9a-f]{8}$")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")
_INT = re.compile(r"[+-]?\d+(_\d+)*$")
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_WORDS: dict[str, Value] = {"true": True, "false": False, "none": None}


@dataclass(frozen=True)
class Spec:
    """A name and its options; `str` gives the text that parses back to it."""

    name: str
    options: Mapping[str, Value] = field(default_factory=dict)
    world: str | None = None

    @property
    def is_file(self) -> bool:
        return self.path.endswith(".py")

    @property
    def path(self) -> str:
        """The name without the mark of a file's content, as in ./my_bot.py@3fa2b1c4."""
        return _MARK.sub("", self.name)

    @property
    def mark(self) -> str:
        """The mark alone; empty where there is none."""
        return self.name[len(self.path) + 1 :]

    def __str__(self) -> str:
        head = f"{self.world}:{self.name}" if self.world else self.name
        if not self.options:
            return head
        return f"{head}({', '.join(f'{key}={_format(value)}' for key, value in self.options.items())})"


def parse(text: str) -> Spec:
    """The spec a text stands for. Raises ArenaError with what is wrong with it."""
    text = text.strip()
    if not text.isprintable():
        raise ArenaError(f"{text!r} is not a name: it is more than one line, or has characters that cannot be seen")
    head, bracket, rest = text.partition("(")
    if bracket and not rest.endswith(")"):
        raise ArenaError(f"'{text}': the bracket opened after '{head}' is not closed at the end")
    match = _HEAD.match(head.strip())
    if match is None:
        raise ArenaError(f"'{text}' is not a name like connect_four, uct(simulations=400) or ./my_bot.py")
    options: dict[str, Value] = {}
    for part in _split(rest[:-1], text) if bracket else ():
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not _KEY.match(key):
            raise ArenaError(f"'{text}': '{part.strip()}' is not an option; options are written key=value")
        if key in options:
            raise ArenaError(f"'{text}': option '{key}' is given twice")
        options[key] = _value(value)
    return Spec(match["name"].strip(), options, match["world"])


def _split(inside: str, whole: str) -> Iterator[str]:
    """The parts between commas that are not within quotes or inner brackets."""
    depth, quote, start = 0, "", 0
    for i, char in enumerate(inside):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
            if depth < 0:
                raise ArenaError(f"'{whole}': a bracket is closed that was not opened")
        elif char == "," and depth == 0:
            yield inside[start:i]
            start = i + 1
    if quote or depth:
        raise ArenaError(f"'{whole}': a {'quote' if quote else 'bracket'} is not closed")
    if inside.strip():
        yield inside[start:]


def _value(text: str) -> Value:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'" and text[0] not in text[1:-1]:
        return text[1:-1]
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    with suppress(ValueError):  # more digits than Python reads
        if _INT.match(text):
            return int(text)
        if _FLOAT.match(text) and math.isfinite(float(text)):
            return float(text)
    return text


def _format(value: Value) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if not isinstance(value, str):
        return repr(value)
    bare = value and not re.search(r"[,\"'()\[\]=]|^\s|\s$", value) and isinstance(_value(value), str)
    quotes = [quote for quote in "\"'" if quote not in value]
    return f"{quotes[0]}{value}{quotes[0]}" if quotes and not bare else value
