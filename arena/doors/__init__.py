"""The doors out: every game here as an environment of Gymnasium and of PettingZoo.

    import gymnasium
    import arena.doors                                              # registers arena/NAME-v0 for every native game
    gymnasium.make("arena/connect_four-v0", opponent="uct(simulations=50)")
    gymnasium.make_vec("arena/hex-v0", num_envs=256, board_size=5)  # all rows step as one batch
    gymnasium.make("arena.doors:arena/connect_four-v0")             # imports this module by itself

    arena.doors.env("connect_four")                                 # PettingZoo, seat after seat (AEC)
    arena.doors.parallel_env("pong_duel")                           # PettingZoo, all seats at once

Options of a game are keywords; a game has its name as everywhere, as in `openspiel:chess` or `./my_game.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium

from games.core.registry import GAMES

if TYPE_CHECKING:
    from pettingzoo import AECEnv, ParallelEnv


def _register() -> None:
    """Names alone: nothing of an environment is imported before one is made."""
    for name in GAMES.names():
        if f"arena/{name}-v0" not in gymnasium.registry:
            gymnasium.register(
                f"arena/{name}-v0",
                entry_point="arena.doors.learner:LearnerEnv",
                vector_entry_point="arena.doors.learner:LearnerVectorEnv",
                kwargs={"game": name},
            )


_register()


def env(game: str, render_mode: str | None = None, **options: Any) -> AECEnv:
    """`game` as a PettingZoo environment in which one agent acts after another, as its users know them.

    Nature plays its own moves from the seed of `reset`. Agents are called player_0, player_1, ... by seat; what they
    see is {"observation", "action_mask" (int8 [actions])}. An illegal action raises ArenaError."""
    from pettingzoo.utils import wrappers

    return wrappers.OrderEnforcingWrapper(raw_env(game, render_mode, **options))


def raw_env(game: str, render_mode: str | None = None, **options: Any) -> AECEnv:
    """`env` without PettingZoo's checks of the order of calls."""
    from arena.doors.zoo import make_aec

    return make_aec(game, render_mode, options)


def parallel_env(game: str, render_mode: str | None = None, **options: Any) -> ParallelEnv:
    """`game` as a PettingZoo environment in which all agents act at once.

    Who does not act has an empty mask, and whatever it answers is not heard: so games played in turns fit as well."""
    from arena.doors.zoo import make_parallel

    return make_parallel(game, render_mode, options)
