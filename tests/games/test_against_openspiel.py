"""Native games that OpenSpiel has too are held to it by random play and by counts of move sequences."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyspiel
import pytest

from games.core.game import Game
from games.core.registry import GAMES, make_game


class Numbering(NamedTuple):
    """How OpenSpiel's plies are ours: our legal actions at a state of theirs, and how to play one."""

    openspiel: str
    legal: Callable[[pyspiel.State], list[int]]
    play: Callable[[pyspiel.State, int], None]


def chooses_board(state: pyspiel.State) -> bool:
    return state.action_to_string(state.legal_actions()[0]).startswith("Choose")


def board_and_cell(state: pyspiel.State) -> list[int]:
    """Ultimate tic-tac-toe: where any small board will do, OpenSpiel chooses it in a ply of its own."""
    legal = state.legal_actions()
    if chooses_board(state):
        return [9 * board + cell for board in legal for cell in state.child(board).legal_actions()]
    return [9 * state.history()[-1] + cell for cell in legal]


def play_board_and_cell(state: pyspiel.State, action: int) -> None:
    for part in divmod(action, 9) if chooses_board(state) else (action % 9,):
        state.apply_action(part)


def with_merged_tiles(state: pyspiel.State) -> list[int]:
    """2048: OpenSpiel takes a tile that has just merged for one that may not merge in the next slide either, and says
    that such a slide is not legal; but it makes it."""
    legal: list[int] = state.legal_actions()
    hidden = set() if state.is_chance_node() else set(range(4)) - set(legal)
    return legal + [action for action in hidden if state.child(action).current_player() != 0]


NUMBERINGS = {
    "game_2048": Numbering("2048", with_merged_tiles, pyspiel.State.apply_action),
    "ultimate_tic_tac_toe": Numbering("ultimate_tic_tac_toe", board_and_cell, play_board_and_cell),
}
GAMES_OF_BOTH = [name for name in GAMES.names() if name in NUMBERINGS or make_game(name).openspiel is not None]
WITH_OPTIONS = ["hex(board_size=5, swap=true)", "kuhn_poker(seats=4)"]
MATCHES = 10_000
UNUSED = {"nim": 1}  # how many of OpenSpiel's action numbers, the highest, are never legal


@pytest.mark.parametrize("name", GAMES_OF_BOTH + WITH_OPTIONS)
def test_the_same_game(name: str) -> None:
    """10,000 random games: at every ply the same seat to act, legal actions, end and returns."""
    game = make_game(name)
    equal = Numbering(game.openspiel or "", pyspiel.State.legal_actions, pyspiel.State.apply_action)
    numbering = NUMBERINGS.get(name, equal)
    theirs = pyspiel.load_game(numbering.openspiel)
    assert theirs.num_players() == game.seats
    assert numbering is not equal or theirs.num_distinct_actions() - game.actions == UNUSED.get(name, 0)
    states = [theirs.new_initial_state() for _ in range(MATCHES)]
    rows, draw = game.start(np.arange(MATCHES, dtype=np.uint64)), np.random.default_rng(1)
    returns = np.zeros((MATCHES, game.seats), np.float32)
    while states:
        acting = game.acting(rows)
        players = [state.current_player() for state in states]  # PlayerId.CHANCE is -1, nature's column is the last
        over = [player == pyspiel.PlayerId.TERMINAL for player in players]
        assert (~acting.any(1) == over).all()
        assert (returns == [state.returns() for state in states]).all()
        going = np.flatnonzero(~np.array(over))
        if not len(going):
            break
        states = [states[i] for i in going]
        rows, returns, seats = rows[going], returns[going], acting[going].argmax(1)
        assert (acting[going].sum(1) == 1).all()
        assert (seats == np.array(players)[going] % (game.seats + 1)).all()
        choices = choices_of(game, rows, seats)
        shared = np.zeros_like(choices)
        for row, state in zip(shared, states, strict=True):
            row[numbering.legal(state)] = True
        assert (choices == shared).all()
        actions = (choices * draw.random(choices.shape)).argmax(1)
        joint = np.full((len(rows), game.seats + 1), -1, np.int32)
        joint[np.arange(len(rows)), seats] = actions
        returns = returns + game.step(rows, joint)
        for state, action in zip(states, actions.tolist(), strict=True):
            numbering.play(state, action)


def choices_of(game: Game, rows: np.ndarray, seats: np.ndarray) -> np.ndarray:
    """[B, width] the legal actions of the seats that act, and what nature can do."""
    choices = np.zeros((len(rows), max(game.actions, game.outcomes)), np.bool_)
    choices[:, : game.actions] = game.legal(rows, seats)
    nature = seats == game.seats
    if nature.any():
        choices[nature, : game.outcomes] = game.odds(rows[nature]) > 0
    return choices


# Sequences of legal moves of length 1, 2, ..., as OpenSpiel counts them; 127,872 of the 255,168 games fill the board.
COUNTS = {
    "connect_four": [7, 49, 343, 2401, 16807, 117649, 823536, 5673234],
    "othello": [4, 12, 56, 244, 1396, 8200, 55092, 390216],
    "tic_tac_toe": [9, 72, 504, 3024, 15120, 54720, 148176, 200448, 127872],
}


@pytest.mark.parametrize("name", COUNTS)
def test_number_of_move_sequences(name: str) -> None:
    game = make_game(name)
    rows, counts = game.start(np.zeros(1, np.uint64)), []
    for depth in range(len(COUNTS[name])):
        legal = game.legal(rows, np.full(len(rows), depth % 2, np.int32))
        counts.append(int(legal.sum()))
        if depth + 1 < len(COUNTS[name]):
            parents, actions = np.nonzero(legal)
            rows, joint = rows[parents], np.full((len(parents), 3), -1, np.int32)
            joint[:, depth % 2] = actions
            game.step(rows, joint)
    assert counts == COUNTS[name]


def test_openspiel_counts_the_same() -> None:
    """The same numbers, up to a depth that OpenSpiel reaches in a moment."""

    def sequences(state: pyspiel.State, depth: int) -> int:
        if depth == 0:
            return 1
        return sum(sequences(state.child(action), depth - 1) for action in state.legal_actions())

    for name, counts in COUNTS.items():
        initial = pyspiel.load_game(name).new_initial_state()
        assert [sequences(initial, depth) for depth in range(1, 6)] == counts[:5]
