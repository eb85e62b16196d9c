"""What the window and a table say to each other (see `live.py`): plain data, sent between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from arena.record import Record
from games.core.canvas import Shape
from games.core.position import Play

HUMAN = "human"  # the spec of a seat whose moves come from the window


@dataclass(frozen=True)
class Setup:
    """What a table is laid with. Games of a round, one from each seat, share `seed` as those of a tournament do."""

    game: str
    players: tuple[str, ...]  # specs by seat; HUMAN for a person
    seed: int = 0
    number: int = 0
    opening: int = 0  # plies drawn at random before the players take over
    human: str = "You"  # the person's name
    plays: tuple[Play, ...] = ()  # made already
    record: Record | None = None  # show this game instead of playing one
    paused: bool = False
    delay: float = 0.6  # least seconds between two moves
    rate: float = 1.0  # of a real-time game: 2 is twice as fast
    hints: bool = False  # think for the person too
    clock: tuple[float, float] | None = None  # seconds a seat for the whole game, and more after each move
    patience: float = 120.0  # seconds of silence after which an agent that is due has lost

    @property
    def names(self) -> tuple[str, ...]:
        """Whom to call what, by seat."""
        guests = iter((self.human, "Guest", *(f"Guest {number}" for number in range(2, len(self.players) + 1))))
        return tuple(next(guests) if player == HUMAN else player for player in self.players)

    def next_game(self) -> Setup:
        """The game after this one: everybody a seat further, a new seed after a full round."""
        number = self.number + 1
        fresh = number % len(self.players) == 0
        players = self.players[1:] + self.players[:1]
        return replace(self, players=players, number=number, seed=self.seed + int(fresh), plays=())

    def swapped(self, plays: tuple[Play, ...]) -> Setup:
        """The same game gone on with after `plays`, everybody a seat further."""
        return replace(self, players=self.players[1:] + self.players[:1], plays=plays)


# -- what the table says -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hello:
    """A game begins, or goes on from `setup.plays`: then all its scenes follow once more, and a `Back` to the last."""

    setup: Setup
    title: str
    seats: int
    seat_names: tuple[str, ...]
    extent: tuple[float, float]
    tick: float | None
    keys: tuple[Mapping[str, int], ...]
    bounds: tuple[float, float] | None
    zero_sum: bool
    forkable: bool = True
    hidden: bool = False
    solved: bool = False  # whether the true value of a move can be had


@dataclass(frozen=True)
class Candidate:
    """A move that the thinking agent weighs."""

    action: int
    text: str
    share: float  # of the visits, or the probability
    visits: int | None
    q: float | None
    prior: float | None = None
    gesture: tuple[str, ...] = ()  # the tags it would be clicked with
    ghost: tuple[tuple[Shape, ...], ...] = ()  # what the move would add to the board, in each view


@dataclass(frozen=True)
class Dream:
    """One step of the line of play as an agent's own model imagines it."""

    text: str  # the move that leads there; empty for where the line begins
    reward: float | None  # for the seat that thinks, as are values
    value: float | None
    policy: tuple[tuple[str, float], ...] = ()  # the likeliest moves from there
    seat: int = 0  # from whose side the board is seen
    planes: Any = None  # uint8 [C, H, W], 255 is certain: the pieces of that seat, of the next, ...


@dataclass(frozen=True)
class Insight:
    """A thought, made readable."""

    ply: int
    seat: int
    candidates: tuple[Candidate, ...] = ()  # best first
    line: tuple[str, ...] = ()  # the principal variation
    actions: tuple[int, ...] = ()  # the same as numbers
    value: float | None = None  # the return it expects for itself
    simulations: int = 0
    seconds: float = 0.0
    depth: int = 0
    note: str = ""
    hint: bool = False  # thought on behalf of the person to move
    dreams: tuple[Dream, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A decision of a game, gone over. Values are expected returns of the seat that moved, true ones what perfect play
    is known to lead to: 1 a win, 0 a draw, -1 a loss. None: not known."""

    ply: int  # plies played before it
    seat: int
    player: str
    played: int
    played_text: str
    best: int  # what the analyst would play
    best_text: str
    insight: Insight  # of the analyst
    value: float | None  # of the best move
    played_value: float | None
    loss: float | None  # the truth where it is known
    mistake: bool
    truths: tuple[tuple[int, int], ...] = ()  # the true value of each move


@dataclass(frozen=True)
class Scene:
    """The table after `ply` plays."""

    ply: int
    views: tuple[tuple[Shape, ...], ...]  # one a seat, or just one where all see the same
    marks: tuple[str, ...]  # tags of the last move
    acting: tuple[int, ...]  # seats to move now
    returns: tuple[float, ...]
    play: Play | None = None  # that led here; None at the start
    movers: tuple[int, ...] = ()  # who made it; `seats` is nature
    text: str = ""  # what it is called
    values: tuple[float | None, ...] = ()  # by seat: the return that the movers expected for themselves
    insights: tuple[Insight, ...] = ()  # that led to it, one a mover that told
    spent: tuple[float, ...] = ()  # seconds each seat has thought so far
    standing: tuple[str, ...] = ()  # by seat: material or points, where the game counts them


@dataclass(frozen=True)
class Choice:
    action: int
    text: str
    gesture: tuple[str, ...]  # the tags to click, in order


@dataclass(frozen=True)
class Asks:
    """A person is to move."""

    ply: int
    seat: int
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Due:
    """Of several who act at once, this agent is asked now: if all falls silent, it is its doing."""

    seat: int


@dataclass(frozen=True)
class Back:
    """Taken back: scenes after `ply` did not happen."""

    ply: int


@dataclass(frozen=True)
class Ghost:
    """What an action would add to the board, in each view."""

    ply: int
    action: int
    views: tuple[tuple[Shape, ...], ...]


@dataclass(frozen=True)
class PlayedOut:
    """The boards that a line of play leads to, one a move, in each view."""

    ply: int  # where it begins
    actions: tuple[int, ...]
    boards: tuple[tuple[tuple[Shape, ...], ...], ...]


@dataclass(frozen=True)
class Truths:
    """What the moves at `ply` are worth under perfect play to who makes them."""

    ply: int
    moves: tuple[tuple[Choice, int], ...]  # 1: wins, 0: draws, -1: loses
    problem: str = ""  # why nobody knows


@dataclass(frozen=True)
class Remark:
    """Something said in passing."""

    text: str


@dataclass(frozen=True)
class Ended:
    """The game is over."""

    record: Record


@dataclass(frozen=True)
class Failed:
    """The table can do no more; `text` says why in one line."""

    text: str


@dataclass(frozen=True)
class Heard:
    """Commands up to `number` have been obeyed; the client keeps this to itself."""

    number: int


Message = (
    Hello | Scene | Insight | Judged | Asks | Due | Back | Ghost | Remark | Ended | Failed | Heard | Truths | PlayedOut
)


# -- what the window says ----------------------------------------------------------------------------------------------

Order = Literal[
    "pause", "step", "delay", "rate", "hints", "held", "ghost", "line",  # obeyed when the table gets to it
    "move", "back", "resign", "draw", "swap", "new", "quit",  # interrupt the thinking
]  # fmt: skip
URGENT = frozenset({"move", "back", "resign", "draw", "swap", "new", "quit"})


@dataclass(frozen=True)
class Command:
    """pause(bool), step(), delay(seconds), rate(factor), hints(bool), held({seat: action}), ghost(action),
    line(actions), move(action), back(), resign(seat), draw(seat), swap(), new(), quit(). `ply` guards against moves for
    a position that is gone.
    """

    order: Order
    value: Any = None
    ply: int | None = None
