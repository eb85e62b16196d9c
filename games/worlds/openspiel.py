"""OpenSpiel's games, as in openspiel:chess, openspiel:kuhn_poker or openspiel:goofspiel.

A position is a `pyspiel.State`. Seats, actions and chance outcomes keep OpenSpiel's numbers, so the seat that moves
first need not be seat 0: in chess it is seat 1, White. Games may hide things, let several seats act at once, and have
any number of seats. Source: Lanctot et al., OpenSpiel (2019), https://github.com/google-deepmind/open_spiel
"""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pyspiel

from games.core.canvas import Canvas
from games.core.game import Array, Bool, Float, Game, Int, Positions, Seats, Seeds
from games.core.specs import Spec, Value
from games.worlds._openspiel import senses
from games.worlds._openspiel.load import load, seatable
from games.worlds._openspiel.skin import plain
from games.worlds._openspiel.skins import skin

_TITLES = {"einstein_wurfelt_nicht": "EinStein würfelt nicht!", "maedn": "Mensch ärgere dich nicht", "mnk": "m,n,k"}


def game(name: str, **options: Value) -> Game:
    """The OpenSpiel game `name`. Raises ArenaError if there is none, or if it cannot be seated here."""
    return _make(name, options)


def named() -> list[str]:
    """The games that can be had by name alone."""
    return seatable()


class OpenSpielGame(Game):
    """One loaded game; its positions are object arrays [B] of `pyspiel.State`."""

    def __init__(self, spec: Spec, loaded: Any) -> None:
        kind = loaded.get_type()
        self._spec, self._game, self._skin = spec, loaded, skin(loaded)
        self._dealt_unseen = kind.chance_mode == pyspiel.GameType.ChanceMode.SAMPLED_STOCHASTIC
        self._rewarded = kind.reward_model == pyspiel.GameType.RewardModel.REWARDS
        self.name = str(spec)
        self.title = _TITLES.get(kind.short_name, kind.long_name)
        self.openspiel = str(loaded)
        self.seats = loaded.num_players()
        self.actions = loaded.num_distinct_actions()
        self.outcomes = loaded.max_chance_outcomes()
        self.hidden = senses.is_hidden(loaded)
        self.simultaneous = kind.dynamics == pyspiel.GameType.Dynamics.SIMULTANEOUS
        self.zero_sum = kind.utility == pyspiel.GameType.Utility.ZERO_SUM
        self.max_plies = _longest(loaded)
        bounds = float(loaded.min_utility()), float(loaded.max_utility())
        # Where rewards come along the way, what is still to come may exceed the bounds of the whole.
        self.bounds = bounds if all(map(math.isfinite, bounds)) and not self._rewarded else None
        self._tensor, self._shape = senses.tensor(loaded)
        self.observation_shape = _with_seats(self._shape, self.seats)
        self.extent, self.seat_names = self._skin.extent, self._skin.seat_names(self.seats)

    def __reduce__(self) -> tuple[Any, ...]:
        return _make, (self._spec.name, dict(self._spec.options))

    # -- positions -------------------------------------------------------------------------------------------------

    def start(self, seeds: Seeds) -> Positions:
        return _rows([self._begin(int(seed)) for seed in seeds])

    def _begin(self, seed: int) -> Any:
        """A new state. One that rolls its dice out of sight gets dice of its own, so that the deal follows from the
        seed."""
        if not self._dealt_unseen:
            return self._game.new_initial_state()
        parameters = self._game.get_parameters() | {"rng_seed": seed % 2**31}
        state = pyspiel.load_game(self._game.get_type().short_name, parameters).new_initial_state()
        while state.is_chance_node():
            state.apply_action(0)
        return state

    def empty(self, count: int) -> Positions:
        return np.empty(count, object)

    def copy(self, source: Positions, rows: Array, target: Positions, slots: Array) -> None:
        target[slots] = _rows([state.clone() for state in source[rows]])

    # -- rules -----------------------------------------------------------------------------------------------------

    def acting(self, positions: Positions) -> Bool:
        acting = np.zeros((len(positions), self.seats + 1), np.bool_)
        for row, state in zip(acting, positions, strict=True):
            player = state.current_player()
            if player >= 0:
                row[player] = True
            elif player == pyspiel.PlayerId.CHANCE:
                row[self.seats] = True
            elif player == pyspiel.PlayerId.SIMULTANEOUS:
                row[: self.seats] = [bool(state.legal_actions(seat)) for seat in range(self.seats)]
        return acting

    def legal(self, positions: Positions, seats: Seats) -> Bool:
        legal = np.zeros((len(positions), self.actions), np.bool_)
        for row, state, seat in zip(legal, positions, seats, strict=True):
            if seat == state.current_player() or state.is_simultaneous_node():
                row[state.legal_actions(int(seat))] = True
        return legal

    def odds(self, positions: Positions) -> Float:
        odds = np.zeros((len(positions), self.outcomes), np.float32)
        for row, state in zip(odds, positions, strict=True):
            if state.is_chance_node():
                for outcome, probability in state.chance_outcomes():
                    row[outcome] = probability
        return odds

    def step(self, positions: Positions, joint: Int, out: Float | None = None) -> Float:
        rewards = np.zeros((len(positions), self.seats), np.float32) if out is None else out
        rewards[:] = 0
        for row, state, plays in zip(rewards, positions, joint, strict=True):
            if (plays >= 0).any() and not state.is_terminal():
                self._apply(state, plays, row)
        return rewards

    def _apply(self, state: Any, plays: Int, rewards: Float) -> None:
        """Play the ply `plays` [seats + 1]; `rewards` [seats] are by how much the returns grew.

        Not `state.rewards()`: 2048 and others show the same reward again after nature's move, so their sum is not
        the return. Games that pay only at the end need not be asked before.
        """
        before = np.array(state.returns()) if self._rewarded else np.zeros(self.seats)
        if state.is_simultaneous_node():
            state.apply_actions(plays[: self.seats].tolist())
        else:
            player = state.current_player()
            state.apply_action(int(plays[player if player >= 0 else self.seats]))
        if self._rewarded or state.is_terminal():
            rewards[:] = state.returns() - before

    def observe(self, positions: Positions, seats: Seats) -> Array:
        """[B, *observation_shape] OpenSpiel's tensor, then one plane (or number) a seat: whose eyes these are.

        Without them a third of the games, breakthrough and checkers among them, do not show whose turn it is.
        """
        seen = np.zeros((len(positions), *self.observation_shape), np.float32)
        size = self._shape[0]
        for row, state, seat in zip(seen, positions, seats, strict=True):
            row[:size] = self._tensor(state, int(seat)).reshape(self._shape)
            if self.seats > 1:
                row[size + seat] = 1
        return seen

    def rollouts(self, positions: Positions, seeds: Seeds, limit: int | None = None) -> tuple[Float, int]:
        """As for every game, but state by state, which is many times as fast as ply by ply over all of them."""
        returns, plies = np.zeros((len(positions), self.seats), np.float32), 0
        for row, state, seed in zip(returns, positions, seeds, strict=True):
            draw, left = random.Random(int(seed)), self.max_plies if limit is None else limit
            if state.is_terminal():
                continue
            before = np.array(state.returns()) if self._rewarded else np.zeros(self.seats)
            while left and not state.is_terminal():
                _play_randomly(state, draw)
                left, plies = left - 1, plies + 1
            if self._rewarded or state.is_terminal():
                row[:] = state.returns() - before
        return returns, plies

    def information_key(self, positions: Positions, seats: Seats) -> list[bytes]:
        return [senses.key(state, int(seat)) for state, seat in zip(positions, seats, strict=True)]

    def resample(self, positions: Positions, seats: Seats, seeds: Seeds) -> Positions:
        if not self.hidden:
            return super().resample(positions, seats, seeds)
        asked = zip(positions, seats, seeds, strict=True)
        return _rows([senses.resample(state, int(seat), int(seed)) for state, seat, seed in asked])

    # -- for people ------------------------------------------------------------------------------------------------

    def action_text(self, position: Positions, action: int) -> str:
        return self._skin.action_text(position[0], action)

    def parse_action(self, position: Positions, text: str) -> int:
        """As for every game, but the case counts first: in chess bxc4 is a pawn's move and Bxc4 a bishop's."""
        for action in self._choices(position):
            if self.action_text(position, action) == text.strip():
                return action
        return super().parse_action(position, text)

    def outcome_text(self, position: Positions, action: int) -> str:
        return self._skin.outcome_text(position[0], action)

    def reason(self, position: Positions) -> str:
        return self._skin.reason(position[0]) if position[0].is_terminal() else ""

    def standing(self, position: Positions) -> tuple[str, ...]:
        return self._skin.standing(position[0])

    def text(self, position: Positions) -> str:
        return plain(position[0])

    def draw(self, canvas: Canvas, position: Positions, seat: int) -> None:
        self._skin.draw(canvas, position[0], seat)

    def gesture(self, position: Positions, action: int) -> tuple[str, ...]:
        return self._skin.gesture(position[0], action)

    def last_move(self, position: Positions) -> tuple[str, ...]:
        return self._skin.last_move(position[0])


def _make(name: str, options: dict[str, Value]) -> OpenSpielGame:
    return OpenSpielGame(Spec(name, options, "openspiel"), load(name, options))


def _rows(states: list[Any]) -> Positions:
    """[B] the states as an object array."""
    rows = np.empty(len(states), object)
    rows[:] = states
    return rows


def _play_randomly(state: Any, draw: random.Random) -> None:
    """One ply in place, every move as likely as the next, nature's by its odds."""
    if state.is_chance_node():
        outcomes, odds = zip(*state.chance_outcomes(), strict=True)
        state.apply_action(draw.choices(outcomes, odds)[0])
    elif state.is_simultaneous_node():
        choices = [state.legal_actions(seat) for seat in range(state.num_players())]
        state.apply_actions([draw.choice(legal) if legal else pyspiel.INVALID_ACTION for legal in choices])
    else:
        state.apply_action(draw.choice(state.legal_actions()))


def _longest(loaded: Any) -> int:
    """The most plies of a game, nature's included."""
    plies = int(loaded.max_game_length() + loaded.max_chance_nodes_in_history())
    if loaded.max_chance_outcomes() and loaded.get_type().dynamics == pyspiel.GameType.Dynamics.SIMULTANEOUS:
        # Nature may sort out each seat's move and then the whole, and OpenSpiel counts that once a ply.
        plies = max(plies, int(loaded.max_game_length()) * (2 + loaded.num_players()))
    if loaded.get_type().short_name == "dots_and_boxes":  # OpenSpiel counts one line short on some oblong boards
        plies = max(plies, int(loaded.num_distinct_actions()))
    return plies


def _with_seats(shape: tuple[int, ...], seats: int) -> tuple[int, ...]:
    return (shape[0] + (seats if seats > 1 else 0), *shape[1:])
