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
        actions = [a for a, _ in state.chance_outcomes()] if state.is_chance_node() else state.legal_actions()
        if not actions:
            return "there is a position without a move"
        player = state.current_player()
        [state.action_to_string(player, action) for action in actions]
        if player >= 0 and game.get_type().provides_observation_tensor:
            state.observation_tensor(player)
        state.apply_action(draw.choice(actions))
    return ""


def _trial(name: str, parameters: dict[str, Any]) -> str:
    """What is wrong with the game; empty if nothing is."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every platform
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        game = pyspiel.load_game(name, parameters)
        sizes = game.num_players(), game.num_distinct_actions(), game.max_game_length(), game.max_utility()
        if not all(math.isfinite(size) and size >= 0 for size in sizes[:3]) or math.isnan(sizes[3]):
            return "a number is too small or too large"
        return _play(game)
    except UnicodeDecodeError:
        return "it has no names for so many squares"
    except MemoryError:
        return "too large"
    except Exception as error:
        # Checks read 'file.cc:125 rows_ > 1\nrows_ = 0, 1 = 1': the place in OpenSpiel's source says nothing to a user.
        said = " ".join(re.sub(r"^\S*\.(cc|h):\d+ ", "", str(error)).split())
        return {"std::bad_alloc": "too large"}.get(said, said) or type(error).__name__


if __name__ == "__main__":
    reason = _trial(sys.argv[1], json.loads(sys.argv[2]))
    print(reason)
    sys.exit(1 if reason else 0)
