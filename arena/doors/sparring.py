"""Games in lockstep between a learner and its partners: what the Gymnasium environments step.

The learner holds one seat of each game. Agents of the arena hold the others and get all turns that are due as one
batch; nature's moves are drawn from the episode's seed. So an episode is a function of its seed and the learner's
actions, whatever stands in the rows next to it (agents on a clock are exempt).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import count

import numpy as np
import numpy.typing as npt

from agents.core.agent import Agent, Turn
from agents.core.registry import make_agent
from arena.match import Forfeit, Seating, ask, check_seats, make_turns
from games.core.errors import ArenaError
from games.core.game import Array, Bool, Game, Int, Positions, Seeds
from games.core.joint import as_play
from games.core.kernels import mix
from games.core.position import Play
from games.core.seeds import derive

Opponent = str | Agent
Float64 = npt.NDArray[np.float64]
NONE = np.zeros(0, np.int64)
RANDOM = "random"
_KEYS = count()


@dataclass(frozen=True)
class Episode(Seating):
    """One game. Agents remember it by its key: seeds may be equal."""

    key: int = 0

    @cached_property
    def match(self) -> str:  # type: ignore[override]
        return f"door {self.key}"

    @cached_property
    def match_seed(self) -> int:  # type: ignore[override]
        return super().match_seed


def draw(weights: Array, seeds: Seeds, plies: Int, seat: int) -> Int:
    """[B] a choice in proportion to `weights` [B, n], -1 where all are 0: a function of seed, ply and who chooses."""
    sums = np.cumsum(weights, axis=1, dtype=np.float64)
    bits = mix(mix(~seeds) ^ (plies.astype(np.uint64) << np.uint64(8) | np.uint64(seat)))  # ~: not the game's own noise
    shares = (bits >> np.uint64(24)) * 2.0**-40
    return np.where(sums[:, -1] > 0, (sums <= shares[:, None] * sums[:, -1:]).sum(axis=1), -1).astype(np.int32)


def draw_nature(game: Game, positions: Positions, seeds: Seeds, plies: Int) -> Int:
    """[B] nature's moves; -1 where it does not act."""
    return draw(game.odds(positions), seeds, plies, game.seats)


def seat_opponents(
    game: Game, opponent: Opponent | Sequence[Opponent] | None
) -> tuple[list[Agent | None], list[Agent]]:
    """The agents of the other seats, in order, and those among them that were made here and have to be closed.

    None stands for random play, which is drawn for all rows at once.

    `opponent`: one for all the other seats (by default random), or a sequence of one each. Raises ArenaError if
    there are too few or too many, or one cannot play."""
    others = game.seats - 1
    if not others and opponent is not None:
        raise ArenaError(f"{game.name} is played alone: it takes no opponent")
    if opponent is None:
        given: list[Opponent] = [RANDOM] * others
    else:
        given = list(opponent) if isinstance(opponent, list | tuple) else [opponent] * others  # type: ignore[list-item]
    if len(given) != others:
        raise ArenaError(f"{game.name} needs an opponent for each of {others} other seats, not {len(given)}")
    for one in given:
        if not isinstance(one, str | Agent):
            raise ArenaError(f"opponent={one!r:.60} is neither an agent nor the name of one, as in uct(simulations=50)")
    made = {one: make_agent(one) for one in dict.fromkeys(given) if isinstance(one, str) and one != RANDOM}
    agents: list[Agent | None] = [made.get(one) if isinstance(one, str) else one for one in given]
    for one, agent in zip(given, agents, strict=True):
        if agent is not None:
            check_seats(game, {one if isinstance(one, str) else type(one).__name__: agent})
    return agents, list(made.values())


class Sparring:
    """B games of a learner against agents."""

    def __init__(self, game: Game, rows: int, opponent: Opponent | Sequence[Opponent] | None, seat: int | str) -> None:
        """`seat`: the learner's, or "random": another one an episode."""
        if seat != "random" and (isinstance(seat, bool) or seat not in range(game.seats)):
            raise ArenaError(f"seat={seat}: {game.name} has the seats 0 to {game.seats - 1}, or seat='random'")
        self.game, self.seat = game, seat
        self._agents, self._made = seat_opponents(game, opponent)
        self._players = {id(agent): agent for agent in self._agents if agent is not None}
        self._random = np.array([agent is None for agent in self._agents], np.bool_)
        self.positions = game.empty(rows)
        self.seats = np.zeros(rows, np.int32)  # [B] the learner's
        self.over: Bool = np.ones(rows, np.bool_)  # [B]
        self.due: Bool = np.zeros(rows, np.bool_)  # [B] the learner is to act
        self.legal = np.zeros((rows, game.actions), np.bool_)  # [B, actions] what the learner may do
        self.lost: Bool = np.zeros(rows, np.bool_)  # [B] by an action that was not legal
        self.worst = game.bounds[0] if game.bounds is not None else -1.0
        self._seeds = np.zeros(rows, np.uint64)
        self._plies = np.zeros(rows, np.int32)
        self._earned = np.zeros(rows, np.float64)  # by the learner since its last step
        self._episodes: list[Episode | None] = [None] * rows
        self._plays: list[list[Play]] = [[] for _ in range(rows)]
        self._every = np.arange(rows)

    def begin(self, rows: Array, seeds: Sequence[int]) -> None:
        """New episodes at `rows` (the first time: at all), up to the learner's first decision; seeds [len(rows)]."""
        self._restart(rows, seeds)
        self._advance(np.full(len(self.seats), -1, np.int32))

    def step(self, actions: Array, anew: Array = NONE, seeds: Sequence[int] = ()) -> Float64:
        """Play the learner's `actions` [B], begin new episodes at the rows `anew` instead, and go on to its next
        decisions; what it earned [B], nothing at `anew`.

        Actions are not heard where the learner is not to act. One that is not legal loses: it ends the episode with
        the game's least return, or -1 where none is known."""
        if self._episodes[0] is None:
            raise ArenaError("reset the environment before its first step")
        actions = np.asarray(actions)
        if actions.shape != self.due.shape or not np.issubdtype(actions.dtype, np.integer):
            raise ArenaError(f"actions have to be {len(self.due)} whole numbers, not {actions.dtype} {actions.shape}")
        heard, stepped = self.due.copy(), np.ones(len(self.due), np.bool_)
        heard[anew] = stepped[anew] = False
        inside = (actions >= 0) & (actions < self.game.actions)
        lost = heard & ~(inside & self.legal[self._every, np.where(inside, actions, 0)])
        self._earned[lost] += self.worst
        self.lost |= lost
        if len(anew):
            self._restart(anew, seeds)
        self._advance(np.where(heard, actions, -1).astype(np.int32))
        earned = np.where(stepped, self._earned, 0.0)
        self._earned[stepped] = 0
        return earned

    def observe(self) -> Array:
        """[B, *observation_shape] what the learner sees."""
        return self.game.observe(self.positions, self.seats)

    def close(self) -> None:
        """The agents that were made here are not needed any more."""
        self._forget(self._every)
        for agent in self._made:
            agent.close()
        self._made = []

    def _restart(self, rows: Array, seeds: Sequence[int]) -> None:
        self._forget(rows)
        for row, seed in zip(rows, seeds, strict=True):
            self._episodes[row], self._plays[row] = Episode((), seed, key=next(_KEYS)), []
            self.seats[row] = derive(seed, "seat") % self.game.seats if self.seat == "random" else self.seat
        self._seeds[rows] = seeds
        self._plies[rows] = 0
        self._earned[rows] = 0
        self.lost[rows] = False
        self.game.restart(self.positions, rows, self._seeds[rows])

    def _forget(self, rows: Array) -> None:
        """The agents' memory of these episodes ends."""
        for row in rows:
            episode, self._episodes[row] = self._episodes[row], None
            if episode is not None:
                for agent in self._players.values():
                    agent.end(episode.match)

    def _advance(self, actions: Int) -> None:
        """Play on until every game is over or at a decision of the learner; `actions` [B] are its next, -1 none.

        Where only nature acts it goes first, so that afterwards the turns of all games are due together."""
        game = self.game
        while True:
            acting = game.acting(self.positions) & ~self.lost[:, None]
            mine, others = acting[self._every, self.seats], np.any(acting[:, :-1], axis=1)
            phases = (mine & (actions >= 0), acting[:, -1] & ~others, others & ~mine)
            going = next((rows for rows in phases if rows.any()), None)
            if going is None:
                break
            joint = np.full((len(going), game.seats + 1), -1, np.int32)
            joint[self._every, self.seats] = np.where(going & mine, actions, -1)
            actions = np.where(going, -1, actions)
            self._play_others(acting & going[:, None], joint)
            rewards = game.step(self.positions, joint)
            self._earned += rewards[self._every, self.seats]
            self._plies += going
            if self._players:
                self._write_down(going, joint)
        self.over, self.due = ~np.any(acting, axis=1), mine
        self.legal = game.legal(self.positions, self.seats) & ~self.lost[:, None]

    def _write_down(self, going: Bool, joint: Int) -> None:
        """The plies of a step, for agents that want the history."""
        alone, actions = ((joint >= 0).sum(axis=1) == 1).tolist(), joint.max(axis=1).tolist()
        for row in np.flatnonzero(going).tolist():
            self._plays[row].append(actions[row] if alone[row] else as_play(joint[row]))

    def _play_others(self, acting: Bool, joint: Int) -> None:
        """Fill in what nature and the agents play, each agent asked once; acting, joint [B, seats + 1]."""
        if acting[:, -1].any():
            joint[:, -1] = np.where(acting[:, -1], draw_nature(self.game, self.positions, self._seeds, self._plies), -1)
        due: dict[int, list[tuple[int, int]]] = {}
        for seat in np.flatnonzero(acting[:, :-1].any(axis=0)).tolist():
            asked = acting[:, seat] & (self.seats != seat)
            if not asked.any():
                continue
            agents = seat - (seat > self.seats)  # [B] who of them sits here
            drawn = asked & self._random.take(agents, mode="clip")
            if drawn.any():
                legal = self.game.legal(self.positions, np.full(len(drawn), seat, np.int32))
                joint[drawn, seat] = draw(legal, self._seeds, self._plies, seat)[drawn]
            for row in np.flatnonzero(asked & ~drawn).tolist():
                due.setdefault(id(self._agents[agents[row]]), []).append((row, seat))
        for key, places in due.items():
            agent = self._players[key]
            answers = ask(agent, self._turns(places), partial(self._turn_again, places))
            for (row, seat), answer in zip(places, answers, strict=True):
                if isinstance(answer, Forfeit):
                    raise ArenaError(f"the opponent in seat {seat}, {type(agent).__name__}, failed: {answer.reason}")
                joint[row, seat] = answer.action

    def _turns(self, places: Sequence[tuple[int, int]]) -> list[Turn]:
        copies = self.game.empty(len(places))
        self.game.copy(self.positions, np.array([row for row, _ in places]), copies, np.arange(len(places)))
        due = [(self._episodes[row], seat, int(self._plies[row]), self._plays[row]) for row, seat in places]
        return make_turns(self.game, copies, due)  # type: ignore[arg-type]

    def _turn_again(self, places: Sequence[tuple[int, int]], i: int) -> Turn:
        return self._turns([places[i]])[0]
