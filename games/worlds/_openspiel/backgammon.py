"""Backgammon as a board. A play is a click from and a click to for each checker, in the order they move.

OpenSpiel numbers the points 0 to 23 as X runs (seat 0 moves up, seat 1, O, moves down) and codes a play of two
checkers in one action: two digits in base 26 (the point, 24 the bar, 25 no move), the first for the higher die;
676 is added where the lower die comes first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from games.core.canvas import Canvas, Color, Point
from games.worlds._openspiel.skin import Skin

_POINTS, _BAR, _PASS, _BASE = 24, 24, 25, 26
_WIDTH, _HEIGHT = 15.1, 11.6
_LEFT, _TOP, _BOTTOM = 0.4, 0.6, _HEIGHT - 0.6
_BAR_X, _OFF_X, _MIDDLE = _LEFT + 6.5, _LEFT + 13.2, _HEIGHT / 2
_STACK = 4.6  # height of a full point
_PIPS = {
    1: [(0, 0)],
    2: [(-1, -1), (1, 1)],
    3: [(-1, -1), (0, 0), (1, 1)],
    4: [(-1, -1), (-1, 1), (1, -1), (1, 1)],
    5: [(-1, -1), (-1, 1), (0, 0), (1, -1), (1, 1)],
    6: [(-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)],
}
_COLORS: tuple[Color, Color] = ("seat0", "seat1")


@dataclass(frozen=True)
class Board:
    """What stands where; seats are indices."""

    points: tuple[tuple[int, ...], tuple[int, ...]]  # [2][24] checkers
    bar: tuple[int, int]
    off: tuple[int, int]
    dice: tuple[int, ...]  # higher first; four of a kind for a double, two of them in its second half; () before a roll

    @classmethod
    def of(cls, state: Any) -> Board:
        """Read from seat 0's tensor: [2, 24, 4] codes of counts, [2, 3] bar, off and turn, two dice."""
        numbers = [int(number) for number in state.observation_tensor(0)]
        codes = [numbers[i : i + 4] for i in range(0, 192, 4)]
        counts = [3 + more if more else one + 2 * two + 3 * three for one, two, three, more in codes]
        low, high = sorted(numbers[198:200])
        again = low == high and "Extra turn: 1" not in str(state)  # two more steps of the double are to come
        dice = (high, low) * (1 + again) if low else ()
        points = tuple(counts[:_POINTS]), tuple(counts[_POINTS:])
        return cls(points, (numbers[192], numbers[195]), (numbers[193], numbers[196]), dice)


@dataclass(frozen=True)
class Step:
    """One checker's move; `start` and `end` are points, or "bar" and "off"."""

    die: int
    start: int | str
    end: int | str

    @property
    def tags(self) -> tuple[str, str]:
        return _tag(self.start), _tag(self.end)


def steps(action: int, seat: int, dice: tuple[int, ...]) -> list[Step]:
    """The checker moves of an action, in the order they are made."""
    low_first, pair = divmod(action, _BASE * _BASE)
    high, low = dice[:2]
    order = (low, high) if low_first else (high, low)
    made = []
    for die, start in zip(order, (pair % _BASE, pair // _BASE), strict=True):
        if start != _PASS:
            entry = -1 if seat == 0 else _POINTS
            end = (entry if start == _BAR else start) + (die if seat == 0 else -die)
            made.append(Step(die, "bar" if start == _BAR else start, end if 0 <= end < _POINTS else "off"))
    return made


class BackgammonSkin(Skin):
    extent = (_WIDTH, _HEIGHT)

    def seat_names(self, seats: int) -> tuple[str, ...]:
        return "X", "O"

    def outcome_text(self, state: Any, outcome: int) -> str:
        text = super().outcome_text(state, outcome)
        roll = " and ".join(map(str, _roll(text)))
        starts = re.search(r"[XO] starts", text)
        return f"{starts[0]}: {roll}" if starts else roll

    def action_text(self, state: Any, action: int) -> str:
        """As in 24/18* 13/9: each checker's point from and point to, numbered from its own side, in order."""
        seat, board = state.current_player(), Board.of(state)
        made = steps(action, seat, board.dice)
        if not made:
            return "Pass"
        hit: set[int | str] = set()
        words = []
        for step in made:
            hits = isinstance(step.end, int) and board.points[1 - seat][step.end] == 1 and step.end not in hit
            hit |= {step.end} if hits else set()
            words.append(f"{_number(step.start, seat)}/{_number(step.end, seat)}{'*' if hits else ''}")
        return " ".join(words) + (" low die first" if _twin(action, made) else "")

    def reason(self, state: Any) -> str:
        if not any(state.returns()):
            return "move limit"
        return "all checkers off" if all(Board.of(state).off) else "all checkers off: a gammon"

    def gesture(self, state: Any, action: int) -> tuple[str, ...]:
        made = steps(action, state.current_player(), Board.of(state).dice)
        if not made:
            return ("pass",)
        clicks = tuple(tag for step in made for tag in step.tags)
        return ("low die", *clicks) if _twin(action, made) else clicks

    def last_move(self, state: Any) -> tuple[str, ...]:
        _, made = _last(state)
        return tuple(dict.fromkeys(tag for step in made for tag in step.tags))

    def draw(self, canvas: Canvas, state: Any, seat: int) -> None:
        board, view = Board.of(state), View(1 if seat == 1 else 0)
        view.board(canvas)
        mover, made = _last(state)
        for owner in (0, 1):
            arrivals = [(step.end, step.start) for step in made] if owner == mover else []
            for point, count in enumerate(board.points[owner]):
                view.stack(canvas, owner, point, count, [start for end, start in arrivals if end == point])
            view.stack(canvas, owner, "bar", board.bar[owner], [])
            view.borne_off(canvas, owner, board.off[owner])
        view.targets(canvas)
        roller = state.current_player()
        view.dice(canvas, board.dice, roller)
        if roller >= 0 and any(not steps(action, roller, board.dice) for action in state.legal_actions()):
            canvas.rect(_LEFT + 2.0, _MIDDLE - 0.4, 2.0, 0.8, "accent", radius=0.2, tag="pass")
            canvas.text(_LEFT + 3.0, _MIDDLE, "Pass", 0.5, "ink")


class View:
    """The board from one seat's side: its own home at the bottom right."""

    def __init__(self, seat: int) -> None:
        self.seat = seat

    def column(self, point: int) -> tuple[float, bool]:
        """The x of the middle of a point, and whether it stands at the bottom."""
        number = point if self.seat == 1 else _POINTS - 1 - point
        across = 11 - number if number < 12 else number - 12
        return _LEFT + across + 0.5 + (across >= 6), number < 12

    def spot(self, place: int | str, owner: int, index: int, count: int) -> Point:
        """The middle of the checker number `index` of `count` there."""
        gap = min(0.92, (_STACK - 0.92) / max(count - 1, 1))
        if place == "off":
            return _OFF_X + 0.5, _MIDDLE
        if place == "bar":
            away = 0.9 + index * min(0.92, 3.6 / max(count, 1))
            return _BAR_X, _MIDDLE + (away if owner == self.seat else -away)
        x, bottom = self.column(int(place))
        return x, _BOTTOM - 0.5 - index * gap if bottom else _TOP + 0.5 + index * gap

    def board(self, canvas: Canvas) -> None:
        canvas.rect(_LEFT - 0.2, _TOP - 0.1, _OFF_X - _LEFT + 1.4, _BOTTOM - _TOP + 0.2, "grid", radius=0.2)
        for left in (_LEFT, _LEFT + 7):
            canvas.rect(left, _TOP, 6, _BOTTOM - _TOP, "board")
        canvas.rect(_OFF_X, _TOP, 1, _STACK, "board", radius=0.1)
        canvas.rect(_OFF_X, _BOTTOM - _STACK, 1, _STACK, "board", radius=0.1)
        for point in range(_POINTS):
            x, bottom = self.column(point)
            base, tip = (_BOTTOM, _BOTTOM - _STACK) if bottom else (_TOP, _TOP + _STACK)
            color: Color = "board_light" if point % 2 else "board_dark"
            canvas.polygon([(x - 0.48, base), (x + 0.48, base), (x, tip)], color)
            canvas.text(x, base + (0.3 if bottom else -0.3), str(_number(point, self.seat)), 0.34, "muted")

    def stack(self, canvas: Canvas, owner: int, place: int | str, count: int, starts: list[int | str]) -> None:
        """The checkers of one seat at one place; the topmost have just come from `starts`."""
        for index in range(count):
            x, y = self.spot(place, owner, index, count)
            new = index - (count - len(starts))
            origin = self.spot(starts[new], owner, 0, 1) if new >= 0 else None
            tag = f"checker {owner} {place} {index}"
            canvas.disc(x, y, 0.46, "ink", tag=f"{tag} edge", origin=origin)
            canvas.disc(x, y, 0.44, _COLORS[owner], tag=tag, origin=origin)
        if count > 5:
            x, y = self.spot(place, owner, count - 1, count)
            canvas.text(x, y, str(count), 0.42, "ink")

    def borne_off(self, canvas: Canvas, owner: int, count: int) -> None:
        for index in range(count):
            y = _BOTTOM - 0.3 * (index + 1) if owner == self.seat else _TOP + 0.3 * index
            canvas.rect(_OFF_X + 0.06, y + 0.02, 0.88, 0.26, _COLORS[owner], radius=0.05)

    def targets(self, canvas: Canvas) -> None:
        """What a person clicks, above the checkers."""
        for point in range(_POINTS):
            x, bottom = self.column(point)
            canvas.rect(x - 0.5, _BOTTOM - _STACK if bottom else _TOP, 1, _STACK, "clear", tag=_tag(point))
        canvas.rect(_BAR_X - 0.5, _TOP, 1, _BOTTOM - _TOP, "clear", tag="bar")
        canvas.rect(_OFF_X, _TOP, 1, _BOTTOM - _TOP, "clear", tag="off")

    def dice(self, canvas: Canvas, dice: tuple[int, ...], roller: int) -> None:
        for i, value in enumerate(dice):
            x, tag = _LEFT + 10 + (i - (len(dice) - 1) / 2) * 0.95, "low die" if i else "high die"
            edge: Color = _COLORS[roller] if roller >= 0 else "ink"
            canvas.rect(x - 0.4, _MIDDLE - 0.4, 0.8, 0.8, edge, radius=0.15, tag=tag)
            canvas.rect(x - 0.34, _MIDDLE - 0.34, 0.68, 0.68, "paper", radius=0.1)
            for dx, dy in _PIPS[value]:
                canvas.disc(x + 0.19 * dx, _MIDDLE + 0.19 * dy, 0.065, "ink")


def _tag(place: int | str) -> str:
    return f"point {place}" if isinstance(place, int) else place


def _number(place: int | str, seat: int) -> int | str:
    """A point as its owner counts it, 1 to 24 on the way home; 'Bar' and 'Off' as they are."""
    if isinstance(place, str):
        return place.capitalize()
    return _POINTS - place if seat == 0 else place + 1


def _twin(action: int, made: list[Step]) -> bool:
    """Whether the same clicks with the higher die first could be another legal action: both checkers go off."""
    return action >= _BASE * _BASE and len(made) == 2 and all(step.end == "off" for step in made)


def _roll(text: str) -> tuple[int, ...]:
    """The dice in the name of an outcome, higher first."""
    found = re.search(r"roll: (\d)(\d)", text)
    return tuple(sorted(map(int, found.groups()), reverse=True)) if found else ()


def _last(state: Any) -> tuple[int, list[Step]]:
    """The seat that moved last and what it moved."""
    history = [(int(item.player), int(item.action)) for item in state.full_history()]
    played = next((i for i in range(len(history) - 1, -1, -1) if history[i][0] >= 0), None)
    if played is None:
        return -1, []
    rolled = next(history[i][1] for i in range(played, -1, -1) if history[i][0] < 0)
    seat, action = history[played]
    return seat, steps(action, seat, _roll(state.action_to_string(-1, rolled)))
