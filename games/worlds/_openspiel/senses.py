"""What a seat of an OpenSpiel game sees and knows: as numbers, as bytes and as words."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyspiel

from games.core.errors import ArenaError
from games.core.game import Array

Look = Callable[[Any, int], Array]  # (state, seat) -> the numbers that show the state to the seat


def is_hidden(loaded: Any) -> bool:
    """Whether a `pyspiel.Game` keeps something from a seat. (In one-shot games nothing has happened yet.)"""
    return bool(loaded.get_type().information == pyspiel.GameType.Information.IMPERFECT_INFORMATION)


def tensor(loaded: Any) -> tuple[Look, tuple[int, ...]]:
    """What shows a state to a seat, and its shape: [C, H, W], or [F] where OpenSpiel has another number of axes.

    Where things are hidden the tensor that remembers what the seat has seen goes before the one that does not."""
    kind = loaded.get_type()
    seen = kind.provides_observation_tensor, loaded.observation_tensor_shape, _observation
    known = kind.provides_information_state_tensor, loaded.information_state_tensor_shape, _information
    for provided, shape_of, look in (known, seen) if is_hidden(loaded) else (seen, known):
        if provided:
            shape = tuple(shape_of())
            return look, shape if len(shape) == 3 else (math.prod(shape),)
    return (_own_moves if is_hidden(loaded) else _played_and_legal), (2 * loaded.num_distinct_actions(),)


def _observation(state: Any, seat: int) -> Array:
    return np.asarray(state.observation_tensor(seat), np.float32)


def _information(state: Any, seat: int) -> Array:
    return np.asarray(state.information_state_tensor(seat), np.float32)


def _played_and_legal(state: Any, seat: int) -> Array:
    """[2 * actions] how often each action was played, and which are legal: for games without a tensor."""
    seen = np.zeros((2, state.num_distinct_actions()), np.float32)
    for action in state.history():
        seen[0, action] += 1
    if state.current_player() >= 0:
        seen[1, state.legal_actions()] = 1
    return seen.ravel()


def _own_moves(state: Any, seat: int) -> Array:
    """[2 * actions] the same of the seat alone: for games without a tensor that hide things."""
    seen = np.zeros((2, state.num_distinct_actions()), np.float32)
    for played in state.full_history():
        if played.player == seat:
            seen[0, played.action] += 1
    if not state.is_terminal() and not state.is_chance_node():
        seen[1, state.legal_actions(seat)] = 1
    return seen.ravel()


def key(state: Any, seat: int) -> bytes:
    """All that `seat` knows, as bytes."""
    game = state.get_game()
    kind = game.get_type()
    if kind.provides_information_state_string:
        return str(state.information_state_string(seat)).encode()
    if kind.provides_information_state_tensor:
        return _information(state, seat).tobytes()
    return _remembered(state, seat) if is_hidden(game) else repr(state.history()).encode()


def _remembered(state: Any, seat: int) -> bytes:
    """A digest of all that `seat` has seen and done, for games that say only what it sees now."""
    game, memory = state.get_game(), hashlib.sha256()
    if game.get_type().chance_mode == pyspiel.GameType.ChanceMode.SAMPLED_STOCHASTIC:
        game = pyspiel.load_game(str(game))  # its dice begin anew, so the same falls again
    past, plays = game.new_initial_state(), [(play.player, play.action) for play in state.full_history()]
    see = past.observation_string if game.get_type().provides_observation_string else past.observation_tensor
    while plays:
        if not past.is_chance_node():
            memory.update(repr(see(seat)).encode())
        together = game.num_players() if past.is_simultaneous_node() else 1
        ply, plays = plays[:together], plays[together:]
        memory.update(repr([action for player, action in ply if player == seat]).encode())
        if past.is_simultaneous_node():
            past.apply_actions([action for _, action in ply])
        else:
            past.apply_action(ply[0][1])
    memory.update(repr(see(seat)).encode())
    return memory.digest()


def resample(state: Any, seat: int, seed: int) -> Any:
    """A state drawn from those that `seat` cannot tell from `state`. Raises ArenaError where OpenSpiel draws none."""
    draw = np.random.default_rng(seed)
    try:
        return state.resample_from_infostate(seat, lambda: float(draw.random()))
    except pyspiel.SpielError as error:
        name = state.get_game().get_type().short_name
        what = "" if "not implemented" in str(error) else f": {' '.join(str(error).split())}"
        raise ArenaError(f"openspiel:{name}: OpenSpiel cannot draw what a seat does not see{what}") from None


def view(state: Any, seat: int) -> str:
    """In words what `seat` may see of a game that hides things; empty where OpenSpiel has no words for it."""
    kind = state.get_game().get_type()
    if kind.provides_observation_string:
        return str(state.observation_string(seat))
    return str(state.information_state_string(seat)) if kind.provides_information_state_string else ""
