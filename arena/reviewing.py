"""Games gone over for somebody: as JSON for `arena analyse --game`, and in a process of its own for the window, which
imports this and must not load games and agents by that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena.messages import Judged, Remark
from arena.record import Record
from arena.worker import bound_memory, leave_with_parent
from games.core.errors import ArenaError

if TYPE_CHECKING:
    from arena.store import Store

Heard = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Reviewed:
    """A game as `agent` sees it."""

    game: str
    agent: str
    reason: str
    plies: Sequence[Judged]


def analyse_game(
    store: Store, name: str, agent: str | None, seed: int, tree: str | None, ply: int | None, heard: Heard
) -> Reviewed:
    """The game of that number or file, gone over. Writes the picture `tree` of the search at `ply`, by default where
    most was lost. Raises ArenaError."""
    from arena.exchange import find_game
    from arena.review import Review, analyst_of

    if tree is None and ply is not None:
        raise ArenaError("--ply says which tree to picture: it goes with --tree FILE.svg")
    if tree is not None and Path(tree).suffix.lower() != ".svg":
        raise ArenaError(f"--tree {tree}: pictures of trees are .svg")
    if tree is not None and not Path(tree).absolute().parent.is_dir():
        raise ArenaError(f"--tree {tree}: there is no folder {Path(tree).parent}")
    record = find_game(store, name)
    analyst = agent or analyst_of(record.game)
    with closing(Review(record, analyst, seed)) as review:
        plies = []
        for judged in review.judged():
            plies.append(judged)
            heard(f"asking {analyst}", len(plies), len(review.decisions))
        if tree is not None:
            worst = max(plies, key=lambda each: each.loss or 0.0)
            _write(tree, review.tree(worst.ply if ply is None else ply))
        return Reviewed(review.game.name, analyst, record.reason, plies)


def _write(path: str, picture: str) -> None:
    from arena.report import replace_file

    try:
        replace_file(Path(path), picture)
    except OSError as error:
        raise ArenaError(f"cannot write {path}: {(error.strerror or str(error)).lower()}")


def to_json(judged: Judged) -> dict[str, Any]:
    """A decision as a JSON object; `true`: under perfect play, where that is known."""
    truths, insight = dict(judged.truths), judged.insight
    candidates = [
        {
            "action": each.action,
            "text": each.text,
            "visits": each.visits,
            "prior": None if each.prior is None else round(each.prior, 4),
            "q": None if each.q is None else round(each.q, 4),
            "true": truths.get(each.action),
        }
        for each in insight.candidates
    ]
    return {
        "ply": judged.ply,
        "seat": judged.seat,
        "player": judged.player,
        "value": None if insight.value is None else round(insight.value, 4),
        "true": max(truths.values()) if truths else None,
        "played": _move(judged.played, judged.played_text, judged.played_value, truths),
        "best": _move(judged.best, judged.best_text, judged.value, truths),
        "loss": judged.loss,
        "mistake": judged.mistake,
        "candidates": candidates,
        "line": list(insight.actions),
        "line_text": list(insight.line),
    }


def _move(action: int, text: str, value: float | None, truths: dict[int, int]) -> dict[str, Any]:
    return {"action": action, "text": text, "value": value, "true": truths.get(action)}


def serve(record: Record, agent: str | None, pipe: Connection) -> None:
    """Tell each `Judged` of a game, then nothing more; a `Remark` where it cannot be gone over."""
    from arena.review import Review, analyst_of

    leave_with_parent()
    bound_memory()
    with suppress(BrokenPipeError, ConnectionResetError):
        try:
            with closing(Review(record, agent or analyst_of(record.game))) as review:
                for judged in review.judged():
                    pipe.send(judged)
        except Exception as error:
            pipe.send(Remark(f"No analysis: {error or type(error).__name__}".partition("\n")[0]))
