"""What a seat observes tells as much as OpenSpiel's observation of the same position does, and no more.

Two positions with the same seat to act look equal to a seat here if and only if they do there. Compared with something
else: the poker games, whose observation in OpenSpiel forgets in which order was bet, with its information states, for
ours forgets nothing. Not compared: Go, since superko makes more of the past matter than OpenSpiel shows.
"""

from collections import defaultdict

import numpy as np
import pyspiel
import pytest

from games.core.game import Game
from games.core.registry import make_game
from tests.games.test_against_openspiel import GAMES_OF_BOTH, NUMBERINGS, Numbering, choices_of

SMALL = [  # boards on which random games come to the same position again and again
    "hex(board_size=3)", "hex(board_size=3, swap=true)", "breakthrough(rows=5, columns=4)", "nim(piles='1 2 3')",
    "gomoku(board_size=5)", "game_2048(max_tile=8)", "kuhn_poker(seats=3)",
]  # fmt: skip
MATCHES, PLIES = 200, 40


def seen_there(state: pyspiel.State, game: Game, seat: int) -> bytes:
    if game.hidden:
        return str(state.information_state_string(seat)).encode()
    return np.array(state.observation_tensor(seat), np.float32).tobytes()


@pytest.mark.parametrize("name", [name for name in GAMES_OF_BOTH if name != "go"] + SMALL)
def test_as_much_is_seen_as_in_openspiel(name: str) -> None:
    """Along 200 random games, by every seat, wherever a player acts."""
    game = make_game(name)
    equal = Numbering(game.openspiel or "", pyspiel.State.legal_actions, pyspiel.State.apply_action)
    numbering = NUMBERINGS.get(name.partition("(")[0], equal)
    theirs = pyspiel.load_game(game.openspiel or numbering.openspiel)
    states = [theirs.new_initial_state() for _ in range(MATCHES)]
    rows, draw = game.start(np.arange(MATCHES, dtype=np.uint64)), np.random.default_rng(1)
    here, there, pairs = defaultdict(set), defaultdict(set), defaultdict(set)  # by seat and the seat to act
    for _ in range(PLIES):
        acting = game.acting(rows)
        going = np.flatnonzero(acting.any(1))
        states, rows, movers = [states[i] for i in going], rows[going], acting[going].argmax(1)
        if not states:
            break
        for seat in range(game.seats):
            observed = game.observe(rows, np.full(len(rows), seat, np.int32))
            for state, mover, ours in zip(states, movers.tolist(), observed, strict=True):
                if mover < game.seats:
                    here[seat, mover].add(ours.tobytes())
                    there[seat, mover].add(seen_there(state, game, seat))
                    pairs[seat, mover].add((ours.tobytes(), seen_there(state, game, seat)))
        choices = choices_of(game, rows, movers)
        actions = (choices * draw.random(choices.shape)).argmax(1)
        joint = np.full((len(rows), game.seats + 1), -1, np.int32)
        joint[np.arange(len(rows)), movers] = actions
        game.step(rows, joint)
        for state, action in zip(states, actions.tolist(), strict=True):
            numbering.play(state, action)
    for seats, both in pairs.items():
        assert len(here[seats]) == len(both), "OpenSpiel shows more"
        assert len(there[seats]) == len(both), "OpenSpiel shows less"
