"""Games of two who move in turn as SGF, format 4 (Hollosi 2006). Black is seat 0.

Go, Othello, gomoku and Hex are written as the format has them, for other programs to read. It has no number for the
others: theirs is 0, and moves are called what they are called here. The property `ARENA`, which other programs pass
over, holds the spec.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_lowercase

from arena.record import Record
from arena.score import UNFINISHED, Score, harmless
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.position import Play, Position
from games.core.registry import make_game
from games.core.specs import Spec, parse

_PROPERTY = re.compile(r"([A-Z]+)((?:\s*\[(?:\\.|[^\]\\])*\])+)", re.DOTALL)
_VALUE = re.compile(r"\[((?:\\.|[^\]\\])*)\]", re.DOTALL)
_TREE = re.compile(r"\[(?:\\.|[^\]\\])*\]|\(\s*;|[()]", re.DOTALL)
_SETUP = {"AB", "AW", "AE"}
_DEFEATS = {"R": "resigned", "T": "out of time"}
Tags = dict[str, str]


@dataclass(frozen=True)
class Kind:
    """How SGF has one of our games."""

    number: int  # GM
    size: int  # of a board that does not say
    options: Callable[[int, Tags], dict[str, int | float | bool]]  # from the size and the other properties


def _komi(tags: Tags) -> float:
    try:
        return float(tags.get("KM") or 7.5)
    except ValueError:
        raise ArenaError(f"komi {tags['KM']} is not a number")


KINDS: dict[str, Kind] = {
    "go": Kind(1, 19, lambda size, tags: {"board_size": size, "komi": _komi(tags)}),
    "othello": Kind(2, 8, lambda size, tags: {}),
    "gomoku": Kind(4, 15, lambda size, tags: {"board_size": size}),
    "hex": Kind(11, 11, lambda size, tags: {"board_size": size, "swap": tags.get("RU") == "swap"}),
}


# -- reading -----------------------------------------------------------------------------------------------------------


def split(text: str) -> list[str]:
    """The text of each game of a collection."""
    found, depth, start = list[str](), 0, 0
    for token in _TREE.finditer(text):
        if token[0][0] == "(" and (depth or len(token[0]) > 1):
            start, depth = (start if depth else token.start()), depth + 1
        elif token[0] == ")" and depth:
            depth -= 1
            if not depth:
                found.append(text[start : token.end()])
    return [*found, text[start:]] if depth or not found else found


def read(text: str) -> Score:
    """The main line of the game, of the first if there are several. Raises ArenaError."""
    tags, moves = _main_line(text)
    if any(value.startswith("swap") for _, value in moves):
        tags["RU"] = "swap"
    game = _of_turns(make_game(_spec(tags)))
    position, plays = Position.new(game), list[Play]()
    for color, value in moves:
        if position.over:
            break
        if position.seat != "BW".index(color) and "pass" in _names(position):
            plays.append(_names(position)["pass"])  # passes are often left out
            position.play(plays[-1])
        plays.append(_action(position, value))
        position.play(plays[-1])
    agents = (tags.get("PB", "Black"), tags.get("PW", "White"))
    result = tags.get("RE", "")
    loser = {"B+": 1, "W+": 0}.get(result[:2])
    how = _DEFEATS.get(result[2:3], f"the file says {result}")
    return Score(
        game.name,
        agents,
        tuple(plays),
        forfeit=None if loser is None else (loser, how),
        agreed=result in ("0", "Draw"),
    )


def _spec(tags: Tags) -> Spec:
    """The game that the properties of the first node tell of."""
    number = tags.get("GM", "1")
    if "ARENA" in tags:
        return harmless(tags["ARENA"])
    found = [(name, kind) for name, kind in KINDS.items() if str(kind.number) == number]
    if not found:
        raise ArenaError(f"game number {number} of SGF is not played here")
    name, kind = found[0]
    size = tags.get("SZ", str(kind.size))
    if not re.fullmatch(r"[0-9]{1,2}", size) or (name == "othello" and size != "8"):
        raise ArenaError(f"{name} is not played here on a board of {size}")
    return Spec(name, kind.options(int(size), tags))


def _main_line(text: str) -> tuple[Tags, list[tuple[str, str]]]:
    """The properties and the moves along the first variation at every branch."""
    if "(" not in text or ";" not in text:
        raise ArenaError("not SGF")
    tags, moves, depth, at, closed = Tags(), list[tuple[str, str]](), 0, text.index("("), False
    while at < len(text):
        letter = text[at]
        if letter == "(" and closed:
            break  # the first variation has ended, and here begins its sibling
        depth += letter == "("
        if letter == ")":
            closed, depth = True, depth - 1
            if depth <= 0:
                break
        match = _PROPERTY.match(text, at) if letter.isupper() else None
        if match is None:
            at += 1
            continue
        name, value = match[1], re.sub(r"\\(.)", r"\1", _VALUE.findall(match[2])[0], flags=re.DOTALL).strip()
        if name in _SETUP:
            raise ArenaError("games with stones set up before them are not read")
        if name in ("B", "W"):
            moves.append((name, value))
        else:
            tags.setdefault(name, " ".join(value.split()))
        at = match.end()
    if not moves:
        raise ArenaError("no moves in it")
    return tags, moves


def _names(position: Position) -> dict[str, int]:
    return {position.action_text(action): action for action in position.legal_actions()}


def _action(position: Position, value: str) -> int:
    """The action of a move property's value."""
    action, size = None, int(getattr(position.game, "size", 8))
    if _is_grid(position.game):
        text = value.lower()
        if text == "" or (text == "tt" and size <= 19):
            action = _names(position).get("pass")
        elif len(text) == 2 and set(text) <= set(ascii_lowercase[:size]):
            action = size * ascii_lowercase.index(text[1]) + ascii_lowercase.index(text[0])
    else:
        action = _names(position).get("swap" if value.startswith("swap") else value)
    if action is None or action not in position.legal_actions():
        raise ArenaError(f"move {position.ply + 1}: [{value}] is not a move there")
    return action


# -- writing -----------------------------------------------------------------------------------------------------------


def write(record: Record) -> str:
    """A game of two who move in turn. Raises ArenaError for others."""
    game = _of_turns(make_game(record.game))
    kind, position, nodes = _kind(game), Position.new(game, record.seed), list[str]()
    for play in record.plays:
        assert isinstance(play, int)
        nodes.append(f";{'BW'[position.seat]}[{_escaped(_value(position, play))}]")
        position.play(play)
    tags = {"FF": "4", "GM": str(kind.number if kind is not None else 0), "CA": "UTF-8", "AP": "Planning Arena"}
    if kind is not None:
        tags["SZ"] = str(getattr(game, "size", kind.size))
        tags |= {"KM": f"{game.komi:g}"} if hasattr(game, "komi") else {}
    tags |= {"PB": record.agents[0], "PW": record.agents[1], "ARENA": game.name}
    if record.reason != UNFINISHED:
        first, second = record.points
        tail = "" if record.forfeit is None else "F"
        tail = next((letter for letter, how in _DEFEATS.items() if record.reason == f"forfeit: {how}"), tail)
        tags["RE"] = "Draw" if first == second else f"{'B' if first > second else 'W'}+{tail}"
    head = "".join(f"{key}[{_escaped(value)}]" for key, value in tags.items())
    lines = ["".join(nodes[start : start + 12]) for start in range(0, len(nodes), 12)]
    return "\n".join([f"(;{head}", *lines]) + ")\n"


def _of_turns(game: Game) -> Game:
    """The game, if it is one of two who move in turn and see all."""
    if game.seats != 2 or game.outcomes or game.hidden or game.simultaneous or game.action_space is not None:
        raise ArenaError(f"SGF is for games of two who move in turn and see all, which {game.name} is not")
    return game


def _kind(game: Game) -> Kind | None:
    """How SGF has the game, if it has."""
    spec = parse(game.name)
    return KINDS.get(spec.name) if spec.world is None else None


def _is_grid(game: Game) -> bool:
    """Whether SGF names the moves of a game by column and row; of Hex it has them as players do."""
    return _kind(game) not in (None, KINDS["hex"])


def _value(position: Position, action: int) -> str:
    name, size = position.action_text(action), int(getattr(position.game, "size", 8))
    if _is_grid(position.game):
        return "" if name == "pass" else ascii_lowercase[action % size] + ascii_lowercase[action // size]
    return "swap-pieces" if name == "swap" else name


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("]", "\\]")
