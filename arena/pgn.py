"""Chess games as PGN (Edwards 1994). Seat 1 is White, as in OpenSpiel."""

from __future__ import annotations

import re
import textwrap

from arena.record import Record
from arena.score import UNFINISHED, Score
from games.core.errors import ArenaError
from games.core.position import Position
from games.core.registry import make_game

CHESS = "openspiel:chess"
_TAG = re.compile(r'\[\s*(\w+)\s+"((?:\\.|[^"\\])*)"\s*\]')
_NOISE = re.compile(r"\{[^}]*\}|;[^\n]*|\$\d+|^%[^\n]*", re.MULTILINE)
_TOKEN = re.compile(r'\{[^}]*\}?|;[^\n]*|^%[^\n]*|\[\s*\w+\s+"(?:\\.|[^"\\])*"\s*\]|[()]|[^\s{}();\[]+', re.MULTILINE)
_NUMBER = re.compile(r"^\d+\.+")
_LOSERS = {"1-0": 0, "0-1": 1, "1/2-1/2": None, "*": None}  # results, and the seat that has lost
_DEFEATS = {"time forfeit": "out of time", "rules infraction": "broke the rules"}  # terminations, other than resigning


def split(text: str) -> list[str]:
    """The text of each game: tags after moves begin another, and so do moves after a result."""
    starts, begun, ended, depth = [0], False, False, 0
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word[0] in "{;%$":
            continue
        is_tag = word[0] == "["
        if (begun and is_tag) or (ended and not depth and word not in "()"):
            starts.append(token.start())
            begun, ended, depth = False, False, 0
        depth = max(0, depth + (word == "(") - (word == ")"))
        begun, ended = begun or not is_tag, ended or (word in _LOSERS and not depth)
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def read(text: str) -> Score:
    """The game, the first if there are several. Raises ArenaError."""
    found = _TAG.findall(text.partition("\n\n")[0] if _TAG.match(text.lstrip()) else "")
    tags = {name: " ".join(re.sub(r"\\(.)", r"\1", value).split()) for name, value in found}
    if "FEN" in tags or tags.get("Variant", "Standard").lower() not in ("standard", "chess"):
        raise ArenaError("games from a position of their own are not read")
    body = _without_variations(_NOISE.sub(" ", _TAG.sub("", text)))
    position, plays, result = Position.new(make_game(CHESS)), list[int](), "*"
    for token in body.split():
        token = _NUMBER.sub("", token)
        if token in _LOSERS:
            result = token
            break
        if _plain(token):
            plays.append(_action(position, token, len(plays)))
            position.play(plays[-1])
    if not plays:
        raise ArenaError("no moves of chess in it")
    loser, how = _LOSERS[result], _DEFEATS.get(tags.get("Termination", "").lower(), "resigned")
    return Score(
        CHESS,
        (tags.get("Black", "Black"), tags.get("White", "White")),
        tuple(plays),
        forfeit=None if loser is None else (loser, how),
        agreed=result == "1/2-1/2",
    )


def _without_variations(body: str) -> str:
    depth, kept = 0, []
    for letter in body:
        depth += letter == "("
        kept.append(letter if not depth else " ")
        depth -= letter == ")" and depth > 0
    return "".join(kept)


def _plain(move: str) -> str:
    """A move without what does not tell it apart: check, mate, praise, and how promotion is written."""
    return move.rstrip("+#!?").replace("=", "").replace("0-0-0", "O-O-O").replace("0-0", "O-O")


def _action(position: Position, token: str, ply: int) -> int:
    if position.over:
        raise ArenaError(f"'{token}' comes after the end of the game")
    names = {_plain(position.action_text(action)): action for action in position.legal_actions()}
    if _plain(token) not in names:
        raise ArenaError(f"move {ply // 2 + 1}: '{token}' is not a move there")
    return names[_plain(token)]


def write(record: Record) -> str:
    """A game of chess. Raises ArenaError for others."""
    if record.game != CHESS:
        raise ArenaError(f"PGN is for {CHESS}, not for {record.game}")
    position, words = Position.new(make_game(CHESS), record.seed), []
    for ply, play in enumerate(record.plays):
        assert isinstance(play, int)
        if ply % 2 == 0:
            words.append(f"{ply // 2 + 1}.")
        words.append(position.action_text(play))
        position.play(play)
    black, white = record.points
    result = "1-0" if white > black else "0-1" if black > white else "1/2-1/2"
    result = "*" if record.reason == UNFINISHED else result
    tags = {"Event": "Planning Arena", "Site": "?", "Date": "????.??.??", "Round": "?"}
    tags |= {
        "White": record.agents[1],
        "Black": record.agents[0],
        "Result": result,
        "Termination": _termination(record),
    }
    quoted = {key: value.replace("\\", "\\\\").replace('"', '\\"') for key, value in tags.items()}
    head = "".join(f'[{key} "{value}"]\n' for key, value in quoted.items())
    return f"{head}\n{textwrap.fill(' '.join([*words, result]), 80)}\n"


def _termination(record: Record) -> str:
    if record.forfeit is None or record.reason.endswith("resigned"):
        return "unterminated" if record.reason == UNFINISHED else "normal"
    return "time forfeit" if record.reason.endswith("out of time") else "rules infraction"
