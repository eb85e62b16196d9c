"""Two paddles, one ball that quickens with every hit; the first to so many points wins.

Both seats act at once, twenty times a second. The ball leaves a paddle the steeper the nearer it was to the edge, and
with a little spin, which with the direction of the serve is the game's only noise. Units: the field is 1.6 wide and
1 high, speeds are per tick.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from games.core.canvas import Canvas
from games.core.game import Positions
from games.core.kernels import helper, mix, uniform
from games.core.native import NativeGame

STAY, UP, DOWN = 0, 1, 2
WIDTH, HEIGHT = 1.6, 1.0
EDGE = 0.08  # of a paddle's face from its end of the field
REACH = 0.095  # half a paddle, with the ball's radius
PADDLE_SPEED = 0.034
SERVE_SPEED, TOP_SPEED, QUICKENING = 0.038, 0.085, 1.06
STEEPEST = 1.1  # radians from the horizontal, off the edge of a paddle
SPIN = 0.12  # radians
PAUSE = 12  # ticks before a serve
LONGEST = 2400  # ticks: two minutes
POSITION = np.dtype(
    [
        ("x", "f4"), ("y", "f4"), ("vx", "f4"), ("vy", "f4"), ("paddle", "f4", (2,)), ("score", "u1", (2,)),
        ("pause", "u1"), ("ply", "u2"), ("noise", "u8", (1,)),
    ]
)  # fmt: skip


class Rules(NamedTuple):
    """The tag of Pong Duel with its option."""

    points: int


@helper
def serve(row: Any, towards: Any) -> None:
    """Put the ball in the middle, to leave for seat `towards` after the pause."""
    angle = (uniform(row.noise) - 0.5) * 1.2
    row.x = WIDTH / 2
    row.y = HEIGHT / 2
    row.vx = SERVE_SPEED * np.cos(angle) * (2 * towards - 1)
    row.vy = SERVE_SPEED * np.sin(angle)
    row.pause = PAUSE


@helper
def fold(y: Any) -> Any:
    """Where a ball that flew to height `y` through the walls really is: they reflect it."""
    y = abs(y) % (2 * HEIGHT)
    return 2 * HEIGHT - y if y > HEIGHT else y


def start(rules, row, seed):  # type: ignore[no-untyped-def]
    row.noise[0] = mix(np.uint64(seed))
    row.paddle[:] = HEIGHT / 2
    row.score[:] = 0
    row.ply = 0
    serve(row, 0 if uniform(row.noise) < 0.5 else 1)


def reseed(rules, row, seed):  # type: ignore[no-untyped-def]
    row.noise[0] = np.uint64(seed)


def acting(rules, row):  # type: ignore[no-untyped-def]
    over = row.score[0] >= rules.points or row.score[1] >= rules.points or row.ply >= LONGEST
    return 0 if over else 3


def legal(rules, row, seat, out):  # type: ignore[no-untyped-def]
    out[:] = True


def step(rules, row, joint, rewards):  # type: ignore[no-untyped-def]
    row.ply += 1
    for seat in range(2):
        move = (joint[seat] == DOWN) * PADDLE_SPEED - (joint[seat] == UP) * PADDLE_SPEED
        row.paddle[seat] = min(max(row.paddle[seat] + move, REACH), HEIGHT - REACH)
    if row.pause > 0:
        row.pause -= 1
        return
    seat = 1 if row.vx > 0 else 0
    face = WIDTH - EDGE if seat == 1 else EDGE
    x, y = row.x + row.vx, row.y + row.vy
    if (x - face) * (row.x - face) <= 0 and abs(row.x - face) > 0:  # the ball crosses the line of the paddle
        part = (face - row.x) / row.vx
        offset = (fold(row.y + part * row.vy) - row.paddle[seat]) / REACH
        if abs(offset) <= 1:
            speed = min(np.sqrt(row.vx**2 + row.vy**2) * QUICKENING, TOP_SPEED)
            angle = offset * STEEPEST * 0.8 + (uniform(row.noise) - 0.5) * 2 * SPIN
            row.y = fold(row.y + part * row.vy)
            row.x = face
            row.vx = speed * np.cos(angle) * (1 - 2 * seat)
            row.vy = speed * np.sin(angle)
            return
    row.x = x
    row.y = fold(y)
    if y < 0 or y > HEIGHT:
        row.vy = -row.vy
    if x < 0 or x > WIDTH:
        row.score[1 - seat] += 1
        rewards[1 - seat] += 1
        rewards[seat] -= 1
        serve(row, seat)


def observe(rules, row, seat, out):  # type: ignore[no-untyped-def]
    """Ball and its speed, both paddles, both scores, the pause; seen as if one's own paddle stood at x = 0."""
    side = 1 - 2 * seat
    out[0] = row.x if seat == 0 else WIDTH - row.x
    out[1] = row.y
    out[2] = row.vx * side * 10
    out[3] = row.vy * 10
    out[4] = row.paddle[seat]
    out[5] = row.paddle[1 - seat]
    out[6] = row.score[seat] / rules.points
    out[7] = row.score[1 - seat] / rules.points
    out[8] = row.pause / PAUSE


def estimate(rules, row, out):  # type: ignore[no-untyped-def]
    """How far the paddle that the ball flies to is from where it will arrive, and whether it can still get there."""
    seat = 1 if row.vx > 0 else 0
    face = WIDTH - EDGE if seat == 1 else EDGE
    ticks = max((face - row.x) / row.vx, 0.0)
    away = abs(fold(row.y + ticks * row.vy) - row.paddle[seat])
    late = away - REACH - (ticks + row.pause) * PADDLE_SPEED
    danger = 0.1 * away + (0.8 if late > 0 else 0.0)
    centred = 0.05 * abs(row.paddle[1 - seat] - HEIGHT / 2)
    out[seat] += centred - danger
    out[1 - seat] += danger - centred


class PongDuel(NativeGame):
    title = "Pong Duel"
    seats, actions, max_plies = 2, 3, LONGEST
    simultaneous = True
    tick, idle = 20.0, STAY
    bounds = None  # a point is 1, but a planner sees few of them: it scales by what it meets
    observation_shape, observation_dtype = (9,), np.float32
    extent = (WIDTH, HEIGHT)
    seat_names = ("Left", "Right")
    keys = ({"w": UP, "s": DOWN}, {"up": UP, "down": DOWN})

    def __init__(self, points: int) -> None:
        if not isinstance(points, int) or isinstance(points, bool) or not 1 <= points <= 100:
            raise ValueError(f"points={points} is not a whole number from 1 to 100")
        super().__init__(Rules(points), POSITION, globals())

    def action_text(self, position: Positions, action: int) -> str:
        return ("stay", "up", "down")[action]

    def reason(self, position: Positions) -> str:
        best = int(position["score"][0].max())
        if best >= self.rules.points:
            return f"first to {best}"
        return "time is up" if position["ply"][0] >= LONGEST else ""

    def text(self, position: Positions) -> str:
        row = position[0]
        grid = [[" "] * 41 for _ in range(15)]
        for seat in range(2):
            for line in range(15):
                if abs((line + 0.5) / 15 - row["paddle"][seat]) < REACH:
                    grid[line][40 * seat] = "|"
        grid[min(int(row["y"] * 15), 14)][min(max(int(row["x"] / WIDTH * 41), 0), 40)] = "o"
        score = f"{row['score'][0]} : {row['score'][1]}".center(41)
        return "\n".join([score, *("".join(line) for line in grid)])

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        row = position[0]
        canvas.rect(0, 0, WIDTH, HEIGHT, "board", radius=0.03)
        for i in range(20):
            canvas.rect(WIDTH / 2 - 0.004, 0.01 + i * 0.05, 0.008, 0.025, "board_light")
        for side in range(2):
            color = ("seat0", "seat1")[side]
            score = str(int(row["score"][side]))
            canvas.text(WIDTH / 2 + (0.14 if side else -0.14), 0.1, score, 0.12, color)  # type: ignore[arg-type]
            x, y = (WIDTH - EDGE if side else EDGE - 0.03), float(row["paddle"][side]) - REACH
            canvas.rect(x, y, 0.03, 2 * REACH, color, radius=0.012, tag=f"paddle {side}")  # type: ignore[arg-type]
        rally = int(row["score"].sum())  # a new ball a point, so that it does not glide back to the middle
        canvas.disc(float(row["x"]), float(row["y"]), 0.018, "paper", tag=f"ball {rally}")
        for i, name in enumerate(("up", "stay", "down")):
            canvas.rect(0, i * HEIGHT / 3, WIDTH, HEIGHT / 3, "clear", tag=name)

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return (self.action_text(position, action),)


def game(points: int = 5) -> PongDuel:
    return PongDuel(points)
