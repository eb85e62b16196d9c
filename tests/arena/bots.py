"""Players for tests of the window: ones that think aloud or imagine, and ones that fail in every way."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import SimpleNamespace
from typing import Any

import numpy as np

from agents.core.agent import Agent, Imagined, Move, Thought, Turn


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("cannot be told")


def raving(turn: Turn) -> Thought:
    """Another kind of nonsense each ply."""
    wild = np.array([np.nan, np.inf, -np.inf, -5.0, 1e300])
    numbers = wild[np.arange(len(turn.legal)) % len(wild)]
    kinds: list[dict[str, Any]] = [
        {"visits": numbers, "q": numbers, "prior": numbers, "value": numbers, "seconds": np.nan},
        {"policy": -numbers, "simulations": -3, "depth": -1, "seconds": -np.inf, "note": "\0\ud800\n" + 5000 * "x"},
        {"visits": np.zeros(0), "pv": (-1, 10**9)},
        {"simulations": "many", "depth": "deep", "value": "good"},
        {"visits": numbers, "imagined": (Imagined(3, numbers, numbers, numbers, np.full((1, 2, 2), np.nan)),)},
        {"note": None, "pv": None},
    ]
    thought = Thought(**kinds[turn.ply % len(kinds)])
    return thought if turn.ply % 13 else "a thought"  # type: ignore[return-value]


class Bot(Agent):
    def __init__(self, kind: str, seconds: float) -> None:
        self.kind, self.seconds = kind, seconds
        if kind == "stillborn":
            raise RuntimeError("no weights")
        if kind == "unborn":
            time.sleep(3600)
        if kind == "dies at birth":
            os._exit(7)
        self.ended: list[str] = []

    def think(self, turn: Turn) -> Move:
        if self.kind == "raises":
            raise RuntimeError("lost my way")
        if self.kind == "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if self.kind in ("hangs", "deaf"):
            time.sleep(3600)
        if self.kind == "dies":
            os._exit(7)
        if self.kind == "eats":
            hoard: list[np.ndarray] = []
            while True:  # reserved but never touched, so that the machine has it no harder than the table
                hoard.append(np.empty(1 << 30, np.uint8))
        if self.kind == "litters":  # dies and leaves a child that holds whatever it has inherited
            if os.fork() == 0:
                time.sleep(3600)
            os._exit(7)
        if self.kind == "dawdles":  # whatever the clock says
            time.sleep(0.6)
        if self.kind == "illegal":
            return Move(10_000)
        if self.kind == "exits":
            sys.exit("enough")
        if self.kind == "crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.kind == "stammers":  # what it says can be neither printed nor drawn
            raise RuntimeError("\0\ud800 lost" + 5000 * "x")
        if self.kind in ("silent", "bare", "unspeakable"):
            return {"silent": None, "bare": SimpleNamespace(action=int(turn.actions[0])), "unspeakable": Unspeakable()}[
                self.kind
            ]  # type: ignore[return-value]
        if self.kind == "raves":
            return Move(int(turn.actions[turn.ply % len(turn.actions)]), raving(turn))
        if self.kind == "remembers":  # says in its note how often its memory was ended
            action = int(turn.actions[turn.seed % len(turn.actions)])
            return Move(action, Thought(note=f"ended {len(self.ended)}", simulations=1))
        if self.kind == "muddled":
            return Move(int(turn.actions[0]), Thought(value=np.zeros(0, np.float32), pv=("left",)))  # type: ignore[arg-type]
        return self._aloud(turn)

    def _aloud(self, turn: Turn) -> Move:
        """Makes up visits that drift towards a favourite, and says so ten times a second."""
        limit = min(self.seconds, turn.seconds or self.seconds)
        generator = np.random.default_rng(turn.seed)
        appeal, began = generator.normal(size=len(turn.legal)) - 9.0 * ~turn.legal, time.perf_counter()
        while True:
            seconds = time.perf_counter() - began
            visits = (1000 * (seconds + 0.01) * np.exp(1.5 * appeal)).astype(np.int64)
            value = np.zeros(turn.game.seats, np.float32)
            value[turn.seat] = np.tanh(0.1 * (turn.ply + appeal.max()) * (1 - 2 * (turn.seat % 2)))
            best = int(visits.argmax() if visits.any() else turn.actions[0])
            thought = Thought(
                value=value,
                visits=visits,
                q=np.where(turn.legal, np.tanh(appeal), np.nan).astype(np.float32),
                pv=(best, *self._line(turn, best)),
                simulations=int(visits.sum()),
                seconds=seconds,
                depth=7,
                imagined=self._imagined(turn, best) if self.kind == "dreams" else (),
            )
            if seconds >= limit or not turn.report(thought):
                return Move(best, thought)
            if self.kind != "busy":  # which keeps a core as hot as it can
                time.sleep(0.05)

    def _line(self, turn: Turn, action: int) -> tuple[int, ...]:
        if turn.position is None or not turn.game.forkable or turn.game.simultaneous:
            return ()
        position, line = turn.position.copy(), []
        position.play(action)
        while len(line) < 6 and len(position.acting) == 1 and position.acting[0] < turn.game.seats:
            line.append(position.legal_actions()[len(line) % len(position.legal_actions())])
            position.play(line[-1])
        return tuple(line)

    def _imagined(self, turn: Turn, action: int) -> tuple[Imagined, ...]:
        """The line of play as it is, and then more and more vague."""
        assert turn.position is not None
        position, dice = turn.position.copy(), np.random.default_rng(turn.seed)
        steps = []
        for ply, play in enumerate((None, action, *self._line(turn, action))):
            if play is not None:
                position.play(play)
            if not position.acting or position.acting[0] >= turn.game.seats:
                break
            seen = turn.game.observe(position.row, np.array([position.seat], np.int32))[0]
            policy = np.zeros(turn.game.actions, np.float32)
            policy[position.legal_actions()] = 1 / len(position.legal_actions())
            worth = np.linspace(0.1, -0.1, turn.game.seats, dtype=np.float32) * (ply + 1)
            vague = np.clip(seen + 0.06 * ply * (dice.random(seen.shape) - seen), 0, 1).astype(np.float32)
            board = vague if seen.ndim == 3 else None
            steps.append(Imagined(play, None if play is None else 0 * worth, worth, policy, board))
        return tuple(steps)

    def end(self, match: str) -> None:
        self.ended.append(match)


def agent(kind: str = "aloud", seconds: float = 0.3) -> Agent:
    return Bot(kind, seconds)
