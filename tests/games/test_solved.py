"""What is known about how a game ends with best play, found again by alpha-beta search to the end."""

import functools
import itertools
import operator

import numpy as np
import pytest

from games.core.position import Position
from games.core.registry import make_game
from search.alphabeta import AlphaBeta


def value(spec: str, *plays: str) -> float:
    """The return of the seat to move after `plays`, if both play best."""
    game = make_game(spec)
    position = Position.new(game)
    for text in plays:
        position.play(game.parse_action(position.row, text))
    found = AlphaBeta(game).deepen(position.row, position.seat, game.max_plies, None)
    return float(np.nanmax(found.values))


def test_tic_tac_toe_is_a_draw() -> None:
    assert value("tic_tac_toe") == 0
    assert value("tic_tac_toe", "a1", "b1") == 1


def test_hex_is_won_by_the_first_player() -> None:
    """Nash 1949. On three rows the middle wins; a1, at a blunt corner, loses."""
    assert value("hex(board_size=3)") == 1
    assert value("hex(board_size=3)", "b2") == -1
    assert value("hex(board_size=3)", "a1") == 1


def test_hex_with_the_swap_is_won_by_the_second_player() -> None:
    """Who takes over what wins, leaves what loses."""
    assert value("hex(board_size=3, swap=true)") == -1
    assert value("hex(board_size=3, swap=true)", "b2", "swap") == -1
    assert value("hex(board_size=3, swap=true)", "b1", "swap") == value("hex(board_size=3)", "b1")


@pytest.mark.parametrize("misere", [False, True])
def test_nim_is_won_by_the_rule_of_exclusive_or(misere: bool) -> None:
    """Bouton 1901: the mover loses at balance 0; in misère play the opposite holds once no pile is above one."""
    for piles in itertools.combinations_with_replacement(range(1, 5), 3):
        balanced = functools.reduce(operator.xor, piles) == 0
        lost = balanced != (misere and max(piles) == 1)
        game = make_game(f"nim(piles='{' '.join(map(str, piles))}', misere={str(misere).lower()})")
        assert value(game.name) == (-1 if lost else 1)
        guess = game.estimate(game.start(np.zeros(1, np.uint64)))[0]
        assert np.sign(guess).tolist() == ([-1, 1] if lost else [1, -1])
