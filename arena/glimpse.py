"""What people get to see of a position and of a thought: pictures, the names of moves, lines of play."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from agents.core.agent import Imagined, Thought
from arena.course import Course
from arena.messages import Candidate, Choice, Dream, Ghost, Hello, Insight, PlayedOut, Scene, Setup
from games.core.canvas import Canvas, Disc, Rect, Shape, Sprite, Text
from games.core.duel import Duel
from games.core.errors import ArenaError
from games.core.game import Game, Positions
from games.core.joint import moved
from games.core.position import Play, Position

CANDIDATES = 8  # moves shown
LINE = 12  # plies shown of the principal variation
DREAMS = 8  # imagined boards

Shapes = tuple[Shape, ...]
Views = tuple[Shapes, ...]  # one a seat, or just one where all see the same


def hello(game: Game, setup: Setup) -> Hello:
    """What the window has to know of a game."""
    return Hello(
        setup=setup,
        title=getattr(game, "title", game.name),
        seats=game.seats,
        seat_names=tuple(game.seat_names),
        extent=game.extent,
        tick=game.tick,
        keys=tuple(game.keys),
        bounds=game.bounds,
        zero_sum=game.zero_sum,
        forkable=game.forkable,
        hidden=game.hidden,
        solved=is_solved(game),
    )


def is_solved(game: Game) -> bool:
    """Whether somebody here knows the true value of its moves."""
    from arena.judges import judge_at_hand

    return judge_at_hand(game) is not None


def _settled(shape: Shape) -> Shape:
    """A shape however it came there."""
    return replace(shape, origin=None) if isinstance(shape, Disc | Rect | Text) and shape.origin else shape


def _added(before: Shapes, after: Shapes) -> Shapes:
    """What is in the second picture only."""
    if any(isinstance(shape, Sprite) for shape in before):  # images do not compare
        return ()
    known = {_settled(shape) for shape in before}
    return tuple(shape for shape in after if _settled(shape) not in known)


def _finite(number: float) -> float | None:
    """A number that can be drawn; None for what is none."""
    value = float(number)
    return value if math.isfinite(value) else None


class Glimpse:
    """Makes a game's positions [1] readable. People at the table see hidden games from their own seat only."""

    def __init__(self, game: Game, people: Sequence[int]) -> None:
        self.game = game
        self._secret = game.hidden and len(people) > 0
        self._seats = list(people if self._secret else range(game.seats))
        self._ghosts: dict[tuple[int, int], Views] = {}  # (ply, action)

    # -- positions -------------------------------------------------------------------------------------------------

    def _picture(self, row: Positions, seat: int) -> Shapes:
        canvas = Canvas()
        self.game.draw(canvas, row, seat)
        return tuple(canvas.shapes)

    def _views(self, row: Positions) -> Views:
        views = [self._picture(row, seat) for seat in self._seats]
        frames = any(isinstance(shape, Sprite) for shape in views[0])  # images do not compare
        return tuple(views[:1] if frames or all(view == views[0] for view in views) else views)

    def scene(
        self,
        course: Course,
        text: str = "",
        values: tuple[float | None, ...] = (),
        insights: Sequence[Insight] = (),
    ) -> Scene:
        """The table as it stands now, after a play called `text`."""
        return Scene(
            ply=course.ply,
            views=self._views(course.row),
            marks=self.game.last_move(course.row),
            acting=course.acting,
            returns=course.returns,
            play=course.plays[-1] if course.plays else None,
            movers=course.movers[-1] if course.movers else (),
            text=text,
            values=values,
            insights=tuple(insights),
            spent=course.spent,
            standing=self.game.standing(course.row),
        )

    def text(self, row: Positions, joint: np.ndarray) -> str:
        """What a joint action [seats + 1] is called."""
        game = self.game
        if game.action_space is not None:
            return " / ".join(game.point_text(row, point) for point in joint[:-1][moved(joint)[:-1]])
        if joint[game.seats] >= 0 and self._secret:
            return "deal"
        if joint[game.seats] >= 0:
            return game.outcome_text(row, int(joint[game.seats]))
        return " / ".join(game.action_text(row, int(action)) for action in joint[:-1] if action >= 0)

    def choices(self, row: Positions, seat: int) -> tuple[Choice, ...]:
        """What `seat` may do, and how to say it with the mouse."""
        legal = self.game.legal(row, np.array([seat], np.int32))[0]
        return tuple(
            Choice(int(a), self.game.action_text(row, int(a)), tuple(self.game.gesture(row, int(a))))
            for a in np.flatnonzero(legal)
        )

    def ghost(self, row: Positions, ply: int, action: int) -> Ghost:
        """What `action` of the one seat to act would add to the board."""
        key = (ply, action)
        if key not in self._ghosts:
            self._ghosts = {old: shapes for old, shapes in self._ghosts.items() if old[0] == ply}
            self._ghosts[key] = self._difference(row, action)
        return Ghost(ply, action, self._ghosts[key])

    def _difference(self, row: Positions, action: int) -> Views:
        game = self.game
        if not game.forkable or game.hidden or game.simultaneous:
            return ()
        after = Position(game, row).copy()
        try:
            after.play(action)
        except ArenaError:
            return ()
        return tuple(
            _added(old, self._picture(after.row, seat))
            for seat, old in zip(self._seats, self._views(row), strict=False)
        )

    def played_out(self, seed: int, plays: Sequence[Play], actions: Sequence[int]) -> PlayedOut:
        """The boards that `actions` lead to after `plays`; none where people may not know, or it cannot be told."""
        boards, game = list[Views](), self.game
        if game.forkable and not game.hidden and not game.tick:
            position = Position.replay(game, seed, plays)
            with suppress(ArenaError, IndexError, ValueError):
                for action in actions:
                    position.play(int(action))
                    boards.append(self._views(position.row))
        return PlayedOut(len(plays), tuple(actions), tuple(boards))

    # -- thoughts --------------------------------------------------------------------------------------------------

    def insight(self, course: Course, seat: int, thought: Thought, hint: bool = False) -> Insight:
        """A thought of `seat` in words and pictures. One that makes no sense says so, and harms nothing; one that would
        tell what people may not know says nothing."""
        return self.thought(course.row, course.ply, seat, thought, hint)

    def thought(self, row: Positions, ply: int, seat: int, thought: Thought, hint: bool = False) -> Insight:
        """The same of any position [1]."""
        try:
            if self._secret and seat not in self._seats:
                return Insight(ply, seat, seconds=_finite(thought.seconds) or 0.0, hint=hint)
            return self._insight(row, ply, seat, thought, hint)
        except Exception as error:
            return Insight(ply, seat, note=f"{type(error).__name__} in its thought: {error}", hint=hint)

    def _insight(self, row: Positions, ply: int, seat: int, thought: Thought, hint: bool) -> Insight:
        own = 0 if isinstance(self.game, Duel) else seat
        return Insight(
            ply=ply,
            seat=seat,
            candidates=tuple(self._candidates(row, ply, seat, thought)),
            line=tuple(line := self._line(row, thought.pv)),
            actions=tuple(int(action) for action in thought.pv[: len(line)]),
            value=None if thought.value is None else _finite(thought.value[own]),
            simulations=max(0, int(thought.simulations)),
            seconds=_finite(thought.seconds) or 0.0,
            depth=max(0, int(thought.depth)),
            note=str(thought.note),
            hint=hint,
            dreams=tuple(self._dreams(row, own, thought.imagined)),
        )

    def _candidates(self, row: Positions, ply: int, seat: int, thought: Thought) -> list[Candidate]:
        weights = thought.visits if thought.visits is not None else thought.policy
        if weights is None or self.game.tick:
            return []
        legal = self.game.legal(row, np.array([seat], np.int32))[0]
        weights = np.nan_to_num(np.asarray(weights, np.float64), posinf=0.0).clip(min=0.0)
        total = float(np.sum(weights)) or 1.0
        order = [int(a) for a in np.argsort(-weights, kind="stable")[:CANDIDATES] if legal[a]]
        found = []
        for action in order:
            found.append(
                Candidate(
                    action=action,
                    text=self.game.action_text(row, action),
                    share=float(weights[action]) / total,
                    visits=None if thought.visits is None else int(weights[action]),
                    q=None if thought.q is None else _finite(thought.q[action]),
                    prior=None if thought.prior is None else _finite(thought.prior[action]),
                    gesture=tuple(self.game.gesture(row, action)),
                    ghost=self.ghost(row, ply, action).views,
                )
            )
        return found

    def _line(self, row: Positions, actions: Sequence[int]) -> list[str]:
        """The principal variation as people write it; as much of it as can be played."""
        if self.game.tick:
            return []
        if not self.game.forkable or self.game.hidden or self.game.simultaneous:
            return [self.game.action_text(row, int(action)) for action in actions[:1]]
        position, texts = Position(self.game, row).copy(), []
        for action in actions[:LINE]:
            try:
                text = position.action_text(int(action))
                position.play(int(action))
            except (ArenaError, IndexError, ValueError):
                break
            texts.append(text)
        return texts

    def _dreams(self, row: Positions, seat: int, imagined: Sequence[Imagined]) -> list[Dream]:
        """What an agent's model imagines. Moves are named as they would be in the true line, or else by number."""
        position = Position(self.game, row).copy() if self.game.forkable and not self.game.hidden else None
        found, turns = list[Dream](), seat  # whose it is, if turns alternate
        for step in imagined[:DREAMS]:
            text = ""
            if step.action is not None:
                turns += not self.game.simultaneous
                text, position = self._named(position, step.action)
            found.append(
                Dream(
                    text=text,
                    reward=None if step.reward is None else _finite(step.reward[seat]),
                    value=None if step.value is None else _finite(step.value[seat]),
                    policy=() if step.policy is None else self._likeliest(position, step.policy),
                    seat=viewer if (viewer := self._viewer(position)) is not None else turns % self.game.seats,
                    planes=self._planes(step.board),
                )
            )
        return found

    def _named(self, position: Position | None, action: int) -> tuple[str, Position | None]:
        """The name of an action, and where it leads; a model may play on where the rules say no."""
        try:
            assert position is not None
            text = position.action_text(int(action))
            position.play(int(action))
            return text, position
        except (AssertionError, ArenaError, IndexError, ValueError):
            return f"#{action}", None

    def _viewer(self, position: Position | None) -> int | None:
        """The one seat to act, if that is known."""
        acting = position.acting if position is not None else []
        return acting[0] if len(acting) == 1 and acting[0] < self.game.seats else None

    def _planes(self, board: np.ndarray | None) -> np.ndarray | None:
        """Of the planes of an observation, those of the seats' pieces, which stand first; in a solo game, which of the
        planes it is at each cell. None where it is no board."""
        if board is None or board.ndim != 3 or not np.isfinite(board).all():
            return None
        if self.game.seats > 1:
            shown = board[: self.game.seats]
        else:
            shown = np.tensordot(np.linspace(0, 1, len(board)), board, 1)[None] if len(board) > 1 else board
        planes: np.ndarray = np.clip(255 * shown, 0, 255).astype(np.uint8)
        return planes

    def _likeliest(self, position: Position | None, policy: np.ndarray) -> tuple[tuple[str, float], ...]:
        legal = set(position.legal_actions()) if position is not None and len(position.acting) == 1 else set()
        best = [int(action) for action in np.argsort(-policy, kind="stable")[:3]]
        named = [(position.action_text(a) if position is not None and a in legal else f"#{a}", a) for a in best]
        return tuple((text, float(policy[action])) for text, action in named)
