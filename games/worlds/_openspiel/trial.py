"""A program of its own: can OpenSpiel load and play this game with these parameters? Prints why not, and exits with 1.

python trial.py breakthrough '{"rows": 6}'
"""

import contextlib
import json
import math
import random
import re
import sys
from typing import Any

import pyspiel

_PLIES = 200
_TOO_FAR = "a number is too small or too large"
_CPLUSPLUS = re.compile(r"std::|vector::|basic_string::|cannot create std::")  # what its containers say
_MEMORY = 4 << 30  # bytes; enough for any game that is fun, too little to drive the machine into swap


def _play(game: Any) -> str:
    """What is wrong with one random game; empty if nothing is."""
    draw = random.Random(0)
    state = game.new_initial_state()
    if state.is_terminal():
        return "the game is over before it begins"
    for _ in range(_PLIES):
        str(state)
        if state.is_terminal():
            return ""
        seats = range(game.num_players()) if state.is_simultaneous_node() else [state.current_player()]
        choices = [_choices(state, seat) for seat in seats]
        if not any(choices):
            return "there is a position without a move"
        for seat, actions in zip(seats, choices, strict=True):
            [state.action_to_string(seat, action) for action in actions]
            if seat >= 0 and game.get_type().provides_observation_tensor:
                state.observation_tensor(seat)
        plays = [draw.choice(actions) if actions else pyspiel.INVALID_ACTION for actions in choices]
        if state.is_simultaneous_node():
            state.apply_actions(plays)
        else:
            state.apply_action(plays[0])
    return ""


def _choices(state: Any, seat: int) -> list[int]:
    return [a for a, _ in state.chance_outcomes()] if seat < 0 else list(state.legal_actions(seat))


def _trial(name: str, parameters: dict[str, Any]) -> str:
    """What is wrong with the game; empty if nothing is."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every platform
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        game = pyspiel.load_game(name, parameters)
        wrong = _play(game)
        sizes = game.num_players(), game.num_distinct_actions(), game.max_game_length()
        if min(sizes) < 0 or math.isnan(game.max_utility()):
            return _TOO_FAR
        return wrong
    except UnicodeDecodeError:
        return "it has no names for so many squares"
    except MemoryError:
        return "too large"
    except Exception as error:
        # A check reads 'file.cc:125 rows_ > 1\nrows_ = 0, 1 = 1': only the condition says something to a user.
        said = re.sub(r"^\S*\.(cc|h):\d+ ", "", str(error)).partition("\n")[0].strip()
        return _TOO_FAR if not said or _CPLUSPLUS.match(said) else said


if __name__ == "__main__":
    reason = _trial(sys.argv[1], json.loads(sys.argv[2]))
    print(reason)
    sys.exit(1 if reason else 0)
