"""What is chosen in the lobby: a game, who sits where and how strong, openings, a clock. No pygame, no processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any, Literal

from agents.core.registry import AGENTS
from arena.messages import HUMAN, Setup
from arena.showcase import Broken, Fits, Picture
from games.core.registry import GAMES, marked
from games.core.specs import parse

ABROAD = ("openspiel:chess", "openspiel:backgammon", "atari:Pong", "gymnasium:CartPole-v1")  # of thousands
LADDERS: dict[str, tuple[Any, ...]] = {  # what the slider goes through
    "level": ("easy", "medium", "hard"),
    "simulations": (5, 10, 20, 50, 100, 200, 400, 1000, 2000, 5000, 10000),
    "seconds": (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    "depth": (1, 2, 3, 4, 5, 6, 7, 8),
    "iterations": (10, 100, 1000, 10000),
}
LEVELS = {"simulations": (20, 400, 10000), "depth": (2, 4, 6), "iterations": (10, 100, 1000)}
REAL_TIME_LEVELS = {"simulations": (4, 16, 100), "depth": (1, 2, 3), "iterations": (10, 100, 1000)}
CLOCKS: tuple[tuple[float, float] | None, ...] = (
    None, (60, 0), (60, 1), (180, 2), (300, 0), (300, 3), (600, 5), (900, 10), (1800, 20),
)  # fmt: skip
MOST_OPENING = 20
Page = Literal["games", "stored", "files"]


@dataclass(frozen=True)
class Seat:
    """Who sits there, and how strong."""

    player: str = HUMAN  # or an agent's name
    unit: str = "level"
    place: int = 1  # on the unit's ladder

    @property
    def units(self) -> tuple[str, ...]:
        """How this player's strength can be set."""
        if self.player == HUMAN:
            return ()
        try:
            options = AGENTS.entry(self.player).options
        except (OSError, ValueError, SyntaxError):  # a file that is not what it was
            return ()
        own = tuple(unit for unit in LADDERS if unit in options)
        return ("level", *own) if any(unit in LEVELS for unit in own) else own

    @property
    def title(self) -> str:
        return "You" if self.player == HUMAN else PurePath(self.player).stem

    def named(self, player: str) -> Seat:
        """Another player in the same seat, as strong as can be said."""
        seat = replace(self, player=player)
        if seat.units and seat.unit not in seat.units:
            seat = replace(seat, unit=seat.units[0], place=len(LADDERS[seat.units[0]]) // 2)
        return seat

    def next_unit(self) -> Seat:
        if not self.units:
            return self
        unit = self.units[(self.units.index(self.unit) + 1) % len(self.units)]
        return replace(self, unit=unit, place=len(LADDERS[unit]) // 2)

    def at(self, share: float) -> Seat:
        """The slider pushed to a share of its way."""
        last = len(LADDERS[self.unit]) - 1
        return replace(self, place=max(0, min(round(share * last), last)))

    def spec(self, real_time: bool = False) -> str:
        """The player as the table takes it."""
        if not self.units:
            return self.player
        if self.unit != "level":
            return f"{self.player}({self.unit}={LADDERS[self.unit][self.place]})"
        ladders = REAL_TIME_LEVELS if real_time else LEVELS
        option = next(unit for unit in self.units if unit in ladders)
        return f"{self.player}({option}={ladders[option][self.place]})"


@dataclass
class Lobby:
    """Everything on the screen."""

    games: tuple[str, ...] = ()
    chosen: int = 0
    players: tuple[Seat, ...] = (Seat(HUMAN), Seat("uct"))  # as many as any game had; a game takes the first of them
    guests: tuple[str, ...] = ()  # players from files of the user's own
    opening: int = 0
    clock: int = 0  # a place in CLOCKS
    page: Page = "games"
    scroll: int = 0  # rows of the left side that are out of sight above
    first: int = 0  # the uppermost seat in sight
    pictures: dict[str, Picture] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    fits: dict[str, Fits] = field(default_factory=dict)
    rows: list[tuple[str, str, Any]] = field(default_factory=list)  # of a list: text, detail, what it stands for
    unfinished: Setup | None = None
    dragging: int | None = None  # the seat whose slider is held
    hover: tuple[Any, ...] | None = None
    remark: str = ""
    remark_until: float = 0.0
    open: bool = True

    def __post_init__(self) -> None:
        self.games = self.games or (*GAMES.names(), *ABROAD)

    @property
    def game(self) -> str:
        return self.games[self.chosen]

    @property
    def picture(self) -> Picture | None:
        return self.pictures.get(self.game)

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Who sits at the game chosen; two until it is known how many it takes."""
        count = self.picture.seats if self.picture is not None else 2
        last = self.players[-1]
        return (*self.players, *(last for _ in range(count - len(self.players))))[:count]

    @property
    def able(self) -> tuple[str, ...]:
        """Who can play the game chosen, as far as that is known."""
        return (HUMAN, *(self.fits[self.game].agents if self.game in self.fits else ("random",)), *self.guests)

    def elo(self, seat: Seat) -> float | None:
        """A player's rating in the game chosen."""
        fits = self.fits.get(self.game)
        return None if fits is None else fits.elos.get(seat.spec(self.real_time))

    @property
    def real_time(self) -> bool:
        return self.picture is not None and self.picture.tick

    @property
    def title(self) -> str:
        return title_of(self, self.game)

    # -- what happens ----------------------------------------------------------------------------------------------

    def hear(self, message: Picture | Broken | Fits) -> None:
        """Take in what the showcase tells."""
        if isinstance(message, Picture):
            self.pictures[message.game] = message
        elif isinstance(message, Broken):
            self.broken[message.game] = message.text
        else:
            self.fits[message.game] = message

    def choose(self, number: int) -> None:
        self.chosen, self.first = max(0, min(number, len(self.games) - 1)), 0

    def admit(self, file: str, agent: bool) -> None:
        """A file of the user's own: a game, which is chosen, or an agent, which takes the last seat."""
        if agent:
            self.guests = (*(guest for guest in self.guests if guest != file), file)
            last = len(self.seats) - 1
            self.seat(last, self.seats[last].named(file))
        else:
            self.games = self.games if file in self.games else (*self.games, file)
            self.choose(self.games.index(file))

    def seat(self, number: int, seat: Seat) -> None:
        """Put somebody in a seat."""
        seats = [*self.seats, *self.players[len(self.seats) :]]
        seats[number] = seat
        self.players = tuple(seats)

    def turn_player(self, number: int, by: int) -> None:
        """The next who can play."""
        able, seat = self.able, self.seats[number]
        place = able.index(seat.player) if seat.player in able else 0
        self.seat(number, seat.named(able[(place + by) % len(able)]))

    def setup(self, seed: int, human: str) -> Setup:
        """The table as chosen. Raises ArenaError where a player's file is gone."""
        players = tuple(str(marked(parse(seat.spec(self.real_time)))) for seat in self.seats)
        clock = None if self.real_time else CLOCKS[self.clock]
        delay = 0.3 if HUMAN in players else 0.6
        return Setup(
            self.game, players, seed=seed, opening=self.opening, human=human, clock=clock, delay=delay, rate=1.0
        )

    def misfit(self) -> str:
        """Why the game cannot begin; empty: it can."""
        if self.game in self.broken:
            return self.broken[self.game]
        known = self.game in self.fits and self.fits[self.game].complete
        strangers = [seat.player for seat in self.seats if known and seat.player not in self.able]
        return f"{strangers[0]} does not play {self.title}" if strangers else ""

    # -- what is remembered ----------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        players = [[seat.player, seat.unit, seat.place] for seat in self.players]
        return {"game": self.game, "players": players, "opening": self.opening, "clock": self.clock}

    def recall(self, told: Mapping[str, Any]) -> None:
        """Choose as last time; what makes no sense any more is passed over."""
        game = str(told.get("game"))
        if game in self.games or _is_file(game):
            self.games = self.games if game in self.games else (*self.games, game)
            self.chosen = self.games.index(game)
        if told.get("opening") in range(MOST_OPENING + 1):
            self.opening = int(told["opening"])
        if told.get("clock") in range(len(CLOCKS)):
            self.clock = int(told["clock"])
        players = [seat for each in _list(told.get("players")) if (seat := _recalled(each)) is not None]
        if len(players) >= 2:
            self.players = tuple(players)
        self.guests = tuple(dict.fromkeys(seat.player for seat in self.players if _is_file(seat.player)))


def title_of(lobby: Lobby, game: str) -> str:
    """What people call a game; made of its name until it is known."""
    if game in lobby.pictures:
        return lobby.pictures[game].title
    return game.partition(":")[2] or PurePath(game).stem.replace("_", " ").capitalize()


def clock_text(clock: tuple[float, float] | None) -> str:
    """As players write it: minutes + seconds a move."""
    return "none" if clock is None else f"{clock[0] / 60:g} min + {clock[1]:g} s"


def _is_file(name: str) -> bool:
    """Whether a name is that of a file of the user's own, and it is there."""
    return name.endswith(".py") and Path(name).expanduser().is_file()


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []


def _recalled(told: Any) -> Seat | None:
    names = {HUMAN, *AGENTS.names()}
    match told:
        case [str(player), str(unit), int(place)] if (player in names or _is_file(player)) and unit in LADDERS:
            seat = Seat(player, unit, max(0, min(place, len(LADDERS[unit]) - 1)))
            return seat if not seat.units or unit in seat.units else seat.named(player)
    return None
