"""Seats agents at games and plays them to the end, many games in lockstep.

Whatever an agent does wrong (an illegal move, an exception) loses it that game, with the reason on record; it never
stops the others.
"""

from __future__ import annotations

import math
import reprlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from agents.core.agent import Agent, Move, Thought, Turn
from arena.record import Record, points_of
from games.core.duel import Duel
from games.core.errors import ArenaError, GameError
from games.core.game import Game, Positions
from games.core.joint import as_play, draw_point, moved, nobody
from games.core.position import Play, Position
from games.core.seeds import derive


@dataclass(frozen=True)
class Seating:
    """One game to be played. Games of a pair share `seed`, and so the opening and nature's noise."""

    agents: tuple[str, ...]  # names, by seat
    seed: int
    number: int = 0  # within its event; makes the agents' own seeds differ within a pair
    opening: int = 0  # plies drawn at random before the agents take over
    line: tuple[int, ...] = ()  # in place of those: the actions to begin with, of one seat at a time, without nature
    board: int | None = None  # in a score duel: whose episode this is

    @property
    def match(self) -> str:
        return f"{self.seed}/{self.number}" if self.board is None else f"{self.seed}/{self.number}/{self.board}"

    @property
    def match_seed(self) -> int:
        return derive(self.seed, self.number, *(() if self.board is None else (self.board,)))

    def episodes(self, game: Game) -> list[Seating]:
        """What the agents take for a match: in a duel, each seat's episode."""
        return [replace(self, board=seat) for seat in range(2)] if isinstance(game, Duel) else [self]


@dataclass(frozen=True)
class Forfeit:
    """What stands in the place of a move that could not be had."""

    reason: str


def make_turns(
    game: Game,
    positions: Positions,
    due: Sequence[tuple[Seating, int, int, Sequence[Play]]],
    report: Callable[[Thought], bool] | None = None,
) -> list[Turn]:
    """The turns that are due: `positions` [T] (copies the turns may keep), `due` (seating, seat, ply, history) each.

    Where a game cannot be copied, they are the positions themselves, and no agent gets to see them."""
    if isinstance(game, Duel):  # each agent plays alone, and knows nothing of the other
        positions = game.own(positions, np.array([seat for _, seat, _, _ in due]))
        due = [(s.episodes(game)[seat], 0, ply, game.history(plays, seat)) for s, seat, ply, plays in due]
        game = game.solo
    seats = np.array([seat for _, seat, _, _ in due], np.int32)
    seeds = [derive(seating.match_seed, seat, ply) for seating, seat, ply, _ in due]
    legal = game.legal(positions, seats)
    game.reseed(positions, np.array([derive(seed, "noise") for seed in seeds], np.uint64))
    turns = []
    for i, (seating, seat, ply, history) in enumerate(due):
        row, who = positions[i : i + 1], seats[i : i + 1]
        turn = Turn(
            game=game,
            match=seating.match,
            seat=seat,
            ply=ply,
            seed=seeds[i],
            legal=legal[i],
            observe=lambda row=row, who=who: game.observe(row, who)[0],  # type: ignore[misc]
            know=lambda row=row, who=who: game.information_key(row, who)[0],  # type: ignore[misc]
            sample=_Sampler(game, row, seat, seeds[i]),
            match_seed=seating.match_seed,
        )
        if not game.hidden:
            turn.position, turn.history = Position(game, row, ply=ply) if game.forkable else None, tuple(history)
        if report is not None:
            turn.report = report
        turns.append(turn)
    return turns


@dataclass
class _Sampler:
    """`Turn.sample`: positions that a seat cannot tell from the true one."""

    game: Game
    row: Positions  # [1]
    seat: int
    seed: int
    drawn: int = 0

    def __call__(self, count: int) -> Positions:
        many = self.game.empty(count)
        self.game.copy(self.row, np.zeros(count, np.int64), many, np.arange(count))
        seeds = [derive(self.seed, "sample", self.drawn + i) for i in range(count)]
        self.drawn += count
        return self.game.resample(many, np.full(count, self.seat, np.int32), np.array(seeds, np.uint64))


def ask(agent: Agent, turns: Sequence[Turn], again: Callable[[int], Turn] | None = None) -> list[Move | Forfeit]:
    """The agent's checked answers, a forfeit where there is none. Never raises what an agent raised, but GameError.

    If a batch fails, each turn is asked by itself; `again(i)` makes turn i anew, since the agent may have played on."""
    allowed = [turn.legal.copy() for turn in turns]
    try:
        moves = list(agent.act(turns))
        if len(moves) != len(turns):
            raise ValueError(f"gave {len(moves)} moves for {len(turns)} turns")
    except GameError:
        raise
    except (Exception, SystemExit) as error:
        if len(turns) > 1:
            return [answer for i, turn in enumerate(turns) for answer in ask(agent, [again(i) if again else turn])]
        return [Forfeit(f"{type(error).__name__}: {error}".strip().partition("\n")[0])]
    return [_check(move, turn.game, legal) for move, turn, legal in zip(moves, turns, allowed, strict=True)]


def _check(move: Move, game: Game, legal: npt.NDArray[np.bool_]) -> Move | Forfeit:
    action = move.action if isinstance(move, Move) else None
    if game.action_space is not None:
        with suppress(TypeError, ValueError):
            if (point := np.asarray(action, np.float32)) in game.action_space and np.isfinite(point).all():
                return Move(point, move.thought)
        return Forfeit(f"answered {reprlib.repr(action)} instead of a point of {game.action_space}")
    if not isinstance(action, int | np.integer) or isinstance(action, bool):
        return Forfeit(f"answered {reprlib.repr(move)} instead of a Move")
    if not (0 <= action < len(legal) and legal[action]):
        return Forfeit(f"illegal move {action}")
    return move


@dataclass
class Table:
    """What is kept of a game while it runs."""

    seating: Seating
    plays: list[Play] = field(default_factory=list)
    decided: int = 0  # plies that were not nature's
    opening: int = 0  # how many of the plays were drawn
    returns: np.ndarray = field(default_factory=lambda: np.zeros(0))
    values: list[float | None] = field(default_factory=list)
    seconds: np.ndarray = field(default_factory=lambda: np.zeros(0))
    forfeit: tuple[int, str] | None = None


def play(
    game: Game,
    agents: Mapping[str, Agent],
    seatings: Sequence[Seating],
    finished: Callable[[Seating, Record], None] | None = None,
    seen: Callable[[Positions, Sequence[Table]], None] | None = None,
) -> list[Record]:
    """Play all `seatings` in lockstep; records in their order. `finished` hears of each as it ends, and `seen` may
    look at all of them after each ply."""
    positions = game.start(np.array([seating.seed for seating in seatings], np.uint64))
    tables = [Table(s, returns=np.zeros(game.seats), seconds=np.zeros(game.seats)) for s in seatings]
    records: list[Record | None] = [None] * len(seatings)
    while any(record is None for record in records):
        acting = game.acting(positions)
        joint = nobody(game, len(tables))
        due: dict[str, list[tuple[int, int]]] = {}
        for row, table in enumerate(tables):
            if records[row] is not None:
                continue
            if table.forfeit is not None or not acting[row].any():
                records[row] = make_record(game, table, positions[row : row + 1])
                for name, match in product(set(table.seating.agents), table.seating.episodes(game)):
                    with suppress(Exception, SystemExit):  # what an agent does afterwards changes no result
                        agents[name].end(match.match)
                if finished is not None:
                    finished(table.seating, records[row])  # type: ignore[arg-type]
                continue
            play_of_chance(game, positions[row : row + 1], table, acting[row], joint[row])
            for seat in np.flatnonzero(acting[row] & ~moved(joint[row])):
                due.setdefault(table.seating.agents[seat], []).append((row, int(seat)))
        values: dict[int, tuple[int, float]] = {}
        for name, places in due.items():
            _ask_agent(game, agents[name], positions, tables, places, joint, values)
        advance(game, positions, tables, joint, {row: value for row, (_, value) in values.items()})
        if seen is not None:
            seen(positions, tables)
    return [record for record in records if record is not None]


def play_of_chance(game: Game, position: Positions, table: Table, acting: np.ndarray, joint: np.ndarray) -> None:
    """Fill in nature's move and, in the opening, everybody's; joint [seats + 1]."""
    ply = len(table.plays)
    if acting[game.seats]:
        odds = game.odds(position)[0].astype(np.float64)
        generator = np.random.default_rng(derive(table.seating.seed, "nature", ply))
        joint[game.seats] = generator.choice(len(odds), p=odds / odds.sum())
    elif ply < len(table.seating.line):
        joint[int(acting.argmax())] = table.seating.line[ply]
        table.opening = ply + 1
    elif table.decided < table.seating.opening:
        for seat in np.flatnonzero(acting):
            if game.action_space is not None:
                joint[seat] = draw_point(game.action_space, derive(table.seating.seed, "opening", ply, int(seat)))
                continue
            legal = np.flatnonzero(game.legal(position, np.array([seat], np.int32))[0])
            joint[seat] = legal[derive(table.seating.seed, "opening", ply, int(seat)) % len(legal)]
        table.opening = ply + 1


def _ask_agent(
    game: Game,
    agent: Agent,
    positions: Positions,
    tables: Sequence[Table],
    places: Sequence[tuple[int, int]],
    joint: np.ndarray,
    values: dict[int, tuple[int, float]],
) -> None:
    """All turns of one agent that are due, in one batch; fills `joint` [B, seats + 1] and `values` (of the first seat
    that says what it expects). Of several seats that fail at once the first loses."""
    due = [(tables[row].seating, seat, len(tables[row].plays), tables[row].plays) for row, seat in places]

    def turns_of(some: Sequence[int]) -> list[Turn]:
        rows = np.array([places[i][0] for i in some])
        copies = positions[rows]
        if game.forkable:
            copies = game.empty(len(some))
            game.copy(positions, rows, copies, np.arange(len(some)))
        return make_turns(game, copies, [due[i] for i in some])

    turns = turns_of(range(len(places)))
    begin = time.perf_counter()
    answers = ask(agent, turns, lambda i: turns_of([i])[0])
    each = (time.perf_counter() - begin) / len(places)
    for (row, seat), turn, answer in zip(places, turns, answers, strict=True):
        table = tables[row]
        table.seconds[seat] += each
        if isinstance(answer, Forfeit):
            if table.forfeit is None or seat < table.forfeit[0]:
                table.forfeit = (seat, answer.reason)
            continue
        joint[row, seat] = answer.action
        value = expected(answer, turn.seat)
        if value is not None and (row not in values or seat < values[row][0]):
            values[row] = (seat, value)


def expected(move: Move, seat: int) -> float | None:
    """The return that the mover expects for itself, if it says so and makes sense."""
    try:
        value = float(move.thought.value[seat])  # type: ignore[union-attr, index]
    except (AttributeError, IndexError, TypeError, ValueError):
        return None
    return round(value, 4) if math.isfinite(value) else None


def advance(
    game: Game, positions: Positions, tables: Sequence[Table], joint: np.ndarray, values: Mapping[int, float]
) -> None:
    """Play `joint` [B, seats + 1] where it is complete."""
    for row, table in enumerate(tables):
        if table.forfeit is not None:
            joint[row] = nobody(game, 1)[0]
        elif moved(joint[row]).any():
            table.plays.append(game.written(joint[row]) if isinstance(game, Duel) else as_play(joint[row]))
            table.decided += int(not moved(joint[row])[game.seats])
            table.values.append(values.get(row))
    rewards = game.step(positions, joint)
    for table, reward in zip(tables, rewards, strict=True):
        table.returns += reward


def make_record(game: Game, table: Table, position: Positions) -> Record:
    points = points_of(table.returns.tolist(), table.forfeit[0] if table.forfeit else None)
    return Record(
        game=game.name,
        agents=table.seating.agents,
        seed=table.seating.seed,
        plays=tuple(table.plays),
        opening=table.opening,
        returns=tuple(float(value) for value in table.returns),
        points=points,
        reason=f"forfeit: {table.forfeit[1]}" if table.forfeit else game.reason(position),
        forfeit=table.forfeit[0] if table.forfeit else None,
        values=tuple(table.values),
        seconds=tuple(round(float(s), 6) for s in table.seconds),
    )


def check_seats(game: Game, agents: Mapping[str, Agent]) -> None:
    """Raises ArenaError if an agent cannot play the game."""
    for name, agent in agents.items():
        try:
            reason = agent.plays(game.solo if isinstance(game, Duel) else game)
            if reason is None and game.action_space is not None and not agent.points:
                reason = "its actions are points, not numbers from a list"
        except (Exception, SystemExit) as error:
            reason = f"it fails to say whether it can: {error}"
        if reason is not None:
            raise ArenaError(f"{name} cannot play {game.name}: {reason}")
