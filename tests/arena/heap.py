"""A small game for tests of the window: take one or two stones, who takes the last wins. With `tick` it runs by itself
in real time, all seats at once: each ply takes a stone, who pressed last most wins."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from games.core.canvas import Canvas
from games.core.game import Array, Bool, Float, Game, Int, Positions, Seats, Seeds

_ROW = np.dtype([("stones", np.int32), ("turn", np.int32), ("last", np.int32), ("lead", np.int32, 4)])


class Heap(Game):
    title = "Heap"
    actions = 2
    observation_shape = (2,)
    extent = (8.0, 3.0)
    keys: ClassVar = ({"a": 0, "d": 1}, {"left": 0, "right": 1})

    def __init__(self, stones: int, seats: int, tick: float, clicks: int, fails: bool) -> None:
        self.stones, self.seats, self.clicks, self.fails = stones, seats, clicks, fails
        self.max_plies = stones + 1
        self.zero_sum = seats == 2
        self.seat_names = tuple(f"Seat {seat + 1}" for seat in range(seats))
        if tick:
            self.tick, self.idle, self.simultaneous, self.bounds = tick, 0, True, None

    def start(self, seeds: Seeds) -> Positions:
        rows = self.empty(len(seeds))
        rows["stones"], rows["last"] = self.stones, -1
        return rows

    def empty(self, count: int) -> Positions:
        return np.zeros(count, _ROW)

    def copy(self, source: Positions, rows: Array, target: Positions, slots: Array) -> None:
        target[slots] = source[rows]

    def acting(self, positions: Positions) -> Bool:
        found = np.zeros((len(positions), self.seats + 1), bool)
        for i, row in enumerate(positions):
            if row["stones"] > 0:
                found[i, : self.seats] = True if self.tick else np.arange(self.seats) == row["turn"]
        return found

    def legal(self, positions: Positions, seats: Seats) -> Bool:
        acts = self.acting(positions)[np.arange(len(positions)), seats]
        enough = np.arange(1, 3)[None] <= positions["stones"][:, None]
        return acts[:, None] & (enough | bool(self.tick))

    def step(self, positions: Positions, joint: Int, out: Float | None = None) -> Float:
        rewards = np.zeros((len(positions), self.seats), np.float32) if out is None else out
        for i, row in enumerate(positions):
            if row["stones"] == 0 or (joint[i] < 0).all():
                continue
            if self.fails and row["stones"] < self.stones - 2:
                raise RuntimeError("the stones rolled away")
            if self.tick:
                row["lead"][: self.seats] += joint[i, : self.seats]
                row["stones"] -= 1
                rewards[i] = joint[i, : self.seats] - joint[i, : self.seats].mean()
                continue
            seat = int(row["turn"])
            row["stones"] -= 1 + joint[i, seat]
            row["turn"], row["last"] = (seat + 1) % self.seats, row["stones"]
            if row["stones"] == 0:
                rewards[i] = -1.0 if self.seats > 1 else 0.0
                rewards[i, seat] = 1.0
        return rewards

    def observe(self, positions: Positions, seats: Seats) -> Array:
        return np.stack([positions["stones"], seats], 1).astype(np.float32)

    def action_text(self, position: Positions, action: int) -> str:
        return f"take {action + 1}"

    def reason(self, position: Positions) -> str:
        return "" if position["stones"][0] else "last stone"

    def text(self, position: Positions) -> str:
        return f"{position['stones'][0]} stones"

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        canvas.rect(0, 0, 8, 3, "board_light", radius=0.2)
        for stone in range(int(position["stones"][0])):
            color = "seat0" if seat == 0 or self.seats == 1 else "seat1"
            canvas.disc(0.5 + stone % 8, 0.5 + stone // 8 * 0.8, 0.3, color, tag=f"stone {stone}", origin=(0, 0))
        for action in range(2):
            canvas.rect(4 * action, 2, 4, 1, "clear", tag=f"take {action}")
        canvas.rect(7, 0, 1, 1, "clear", tag="heap")

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        if self.clicks == 0:
            return ("nowhere",)
        return ("heap", f"take {action}")[2 - self.clicks :]

    def last_move(self, position: Positions) -> tuple[str, ...]:
        return () if position["last"][0] < 0 else ("heap",)


def game(stones: int = 12, seats: int = 2, tick: float = 0.0, clicks: int = 1, fails: bool = False) -> Any:
    return Heap(stones, seats, tick, clicks, fails)
