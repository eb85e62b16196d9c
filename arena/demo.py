"""The demonstration: two rated tournaments with live tables, then the window."""

from __future__ import annotations

import os
from itertools import count

from arena.doctor import has_display
from arena.schedule import Event
from arena.screen import console, print_board
from arena.store import Store
from arena.tournament import hold

BOARD = (
    "random",
    "uct(simulations=5)",
    "alphabeta(depth=4)",
    "uct(simulations=200)",
    "openspiel_mcts(simulations=200)",
    "uct(simulations=1000)",
)
ARCADE = ("random", "uct(simulations=4)", "uct(simulations=64)")
NEXT = (
    ("arena play connect_four --level easy", "play yourself; your games rate you"),
    ('arena watch connect_four "uct(seconds=0.5)" "alphabeta(seconds=0.5)"', "watch two planners think"),
    ('arena watch pong_duel "uct(simulations=64)" random', "watch an arcade game"),
    ("arena games", "what can be played"),
    ("arena agents", "who can play it"),
)


def show(store: Store, seed: int | None, window: bool) -> None:
    """Hold both tournaments, say what to try next, open the window if there is a display."""
    out = console()
    for game, agents, games in (("connect_four", BOARD, 10), ("pong_duel", ARCADE, 10)):
        event = _event(store, game, agents, games, seed)
        out.print(f"\n[bold]A tournament of {game}[/]: {len(agents)} agents, {games} games a pair", highlight=False)
        print_board(hold(event, store, os.cpu_count() or 1, out), False, None)
    out.print("\n[bold]Try next[/]")
    for command, what in NEXT:
        out.print(f"  {command:<70} [dim]{what}[/]", highlight=False)
    if window and has_display():
        from arena.watching import watch_agents

        watch_agents(store, "connect_four", [BOARD[-1], BOARD[2]], seed or 0, 0, None)


def _event(store: Store, game: str, agents: tuple[str, ...], games: int, seed: int | None) -> Event:
    """The tournament with that seed, or with the first seed whose tournament is not finished."""
    for number in count() if seed is None else (seed,):
        event = Event.of("tournament", game, agents, games, number)
        total = games * len(event.pairs)
        if seed is not None or len(store.done(store.event(event.key, event.kind, event.game, event.settings))) < total:
            return event
    raise AssertionError("unreachable")
