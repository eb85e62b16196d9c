"""What an analysis says about the ply shown, in words, and about the moves of the list."""

from __future__ import annotations

from arena.messages import Judged
from arena.ui.names import signed
from arena.ui.view import View

RESULTS = {1: "a win", 0: "a draw", -1: "a loss"}


def made(view: View, ply: int) -> Judged | None:
    """The judgement of the move that led to `ply`, if it is shown: where several moved, of the one that lost most."""
    found = [judged for (before, _), judged in view.judged.items() if before == ply - 1] if view.analysing else []
    return max(found, key=lambda judged: judged.loss or 0.0, default=None)


def lost(view: View, ply: int) -> str:
    """What the move that led to `ply` has lost, if it was a mistake."""
    judged = made(view, ply)
    return signed(-(judged.loss or 0.0), ".2f") if judged is not None and judged.mistake else ""


def verdict(view: View) -> tuple[str, str, int | None] | None:
    """What the header says of it: text, tone, whom it is about. None: nothing."""
    judged = made(view, view.index)
    if judged is not None and judged.mistake:
        truths = dict(judged.truths)
        loses = f"gives away {judged.loss:.2f}"
        if truths:
            loses = f"turns {RESULTS[max(truths.values())]} into {RESULTS[truths[judged.played]]}"
        better = "" if judged.best == judged.played else f"  ·  better {judged.best_text}"
        return f"Mistake: {judged.played_text} {loses}{better}", "bad", judged.seat
    if view.analysing and view.reviewing:
        done = max((ply + 1 for ply, _ in view.judged), default=0)
        return f"Going over the game: ply {done} of {len(view.scenes) - 1}", "calm", None
    return None


def failure(view: View) -> tuple[int, str] | None:
    """The seat that lost the game shown by breaking its rules or breaking down, and how; None: nobody did."""
    record = view.record
    if record is None or record.forfeit is None or not view.newest or view.analysing:
        return None
    why = record.reason.removeprefix("forfeit: ")
    return None if why == "resigned" else (record.forfeit, why)


def summary(view: View) -> str:
    """How often each player erred."""
    counts = [sum(j.mistake for j in view.judged.values() if j.seat == seat) for seat in range(len(view.names))]
    return f"mistakes: {' – '.join(map(str, counts))}"
