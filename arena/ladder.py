"""The ladder of a run: its checkpoints play their own past and fixed references, and are rated together.

It stands in the run's folder, works at any time, also while the run goes on, and feeds nothing back into it. Who has
played whom can be read from the numbers of the games, so a ladder that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from agents.core.agent import Agent
from agents.core.registry import make_agent
from agents.core.run import Run
from arena.match import Seating, play
from arena.ratings import Rating, Ratings, fit
from arena.record import Record
from arena.store import Store
from games.core.game import Game
from games.core.seeds import derive

REFERENCES = ("random", "uct(simulations=5)", "uct(simulations=25)", "uct(simulations=200)")
BETWEEN = 300  # games of each reference against the next
OPPONENTS = 4  # that a checkpoint meets
GAMES = 20  # against each of them: 10 openings from both seats
OPENING = 2  # plies drawn at random
SIMULATIONS = 16  # of a checkpoint

Contender = Callable[[Path, int], Agent]  # a checkpoint as an agent with that many simulations


class Ladder:
    """Who has played whom in one run, and how strong that says they are."""

    def __init__(self, run: Run, store: Store, game: Game, contender: Contender) -> None:
        self.run, self.store, self.game, self.contender = run, store, game, contender

    def name(self, checkpoint: Path) -> str:
        """What a checkpoint is called on the ladder, as in alphazero/000123."""
        return f"{self.run.about['agent']}/{checkpoint.name}"

    def waiting(self) -> list[Path]:
        """Checkpoints that have not played all their games, the oldest first."""
        return [folder for folder in self.run.checkpoints() if len(self._done(folder)) < OPPONENTS * GAMES]

    def begin(self) -> None:
        """Play what is missing between the references."""
        event = self.store.event("references", "ladder", self.game.name, {"agents": REFERENCES})
        done, seatings = self.store.done(event), list[Seating]()
        for pair, (weaker, stronger) in enumerate(pairwise(REFERENCES)):
            seatings += self._seatings(weaker, stronger, pair * BETWEEN, BETWEEN)
        self._play(event, [seating for seating in seatings if seating.number not in done])

    def join(self, checkpoint: Path) -> None:
        """Play what is missing of the games of `checkpoint`, all in lockstep, each stored as it ends."""
        event, done = self._event(checkpoint), self._done(checkpoint)
        begun = [self._opponent(slot) for slot in sorted({number // GAMES for number in done})]
        wanted = begun + [name for name in self._choice(checkpoint) if name not in begun]
        seatings: list[Seating] = []
        for name in wanted[:OPPONENTS]:
            seatings += self._seatings(self.name(checkpoint), name, self._slot(name) * GAMES, GAMES)
        self._play(event, [seating for seating in seatings if seating.number not in done])

    def ratings(self) -> Ratings | None:
        """All fitted together; the anchor is `random`, unless it has lost every game: see `ratings.fit`. None: there
        are no games yet."""
        results = self.store.results(self.game.name)
        return fit(results) if results else None

    def of_checkpoints(self) -> dict[int, Rating]:
        """The ratings of those that have played, by their number, the oldest first."""
        ratings, head = self.ratings(), f"{self.run.about['agent']}/"
        players = ratings.players if ratings else ()
        return dict(sorted((int(p.name.removeprefix(head)), p) for p in players if p.name.startswith(head)))

    # -- who meets whom --------------------------------------------------------------------------------------------

    def _choice(self, checkpoint: Path) -> list[str]:
        """Those it has most to learn from: the one before it, the two references that are closest to that, and one
        from halfway back; at the beginning all references."""
        ratings = self.ratings()
        rated = {rating.name: rating.known for rating in ratings.players} if ratings else {}
        past = [self.name(older) for older in self.run.checkpoints() if older.name < checkpoint.name]
        past = [name for name in past if name in rated]
        if not past:
            return list(REFERENCES)
        near = sorted(REFERENCES, key=lambda name: abs(rated.get(name, 0.0) - rated[past[-1]]))
        return list(dict.fromkeys([past[-1], *near[:2], past[len(past) // 2], *near[2:]]))

    def _slot(self, name: str) -> int:
        """The place of an opponent in the numbers of games."""
        return REFERENCES.index(name) if name in REFERENCES else len(REFERENCES) + int(name.rpartition("/")[2])

    def _opponent(self, slot: int) -> str:
        """Whose place that is."""
        past = f"{self.run.about['agent']}/{slot - len(REFERENCES):06d}"
        return REFERENCES[slot] if slot < len(REFERENCES) else past

    def _seatings(self, ours: str, theirs: str, first: int, games: int) -> Iterable[Seating]:
        """Games numbered from `first` on; each opening is played from both seats."""
        opening = min(OPENING, self.game.max_plies // 2)
        for k in range(games):
            seats = (ours, theirs) if k % 2 == 0 else (theirs, ours)
            yield Seating(seats, derive(0, ours, theirs, k // 2), first + k, opening)

    # -- playing ---------------------------------------------------------------------------------------------------

    def _event(self, checkpoint: Path) -> int:
        return self.store.event(self.name(checkpoint), "ladder", self.game.name, {"simulations": SIMULATIONS})

    def _done(self, checkpoint: Path) -> set[int]:
        return self.store.done(self._event(checkpoint))

    def _play(self, event: int, seatings: Sequence[Seating]) -> None:
        names = {name for seating in seatings for name in seating.agents}
        agents = {name: self._agent(name) for name in sorted(names)}

        def finished(seating: Seating, record: Record) -> None:
            self.store.add(event, seating.number, record)

        try:
            if seatings:
                play(self.game, agents, seatings, finished)
        finally:
            for agent in agents.values():
                agent.close()

    def _agent(self, name: str) -> Agent:
        if name in REFERENCES:
            return make_agent(name)
        return self.contender(self.run.path / "checkpoints" / name.rpartition("/")[2], SIMULATIONS)
