"""Score duels: two agents at the same seeded episodes of a solo game, each alone; the higher score takes the point."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from agents.core.agent import Agent, Move, Turn
from agents.core.registry import make_agent
from arena.course import Course
from arena.glimpse import Glimpse
from arena.match import Seating, play
from arena.record import Record
from arena.report import leaderboard
from arena.schedule import Event, run
from arena.store import Store
from arena.tournament import summary
from games.core.duel import Duel, seated
from games.core.position import Play, Position
from games.core.registry import make_game

SPEC = "game_2048(max_tile=64)"


class Watched(Agent):
    """Plays the last legal action; `look` sees every turn, and may fail."""

    def __init__(self, look: Callable[[Turn], None] = lambda turn: None) -> None:
        self.look = look
        self.ended: list[str] = []

    def think(self, turn: Turn) -> Move:
        self.look(turn)
        return Move(int(turn.actions[-1]))

    def end(self, match: str) -> None:
        self.ended.append(match)


@pytest.fixture(scope="module")
def duel() -> Duel:
    made = seated(make_game(SPEC), 2)
    assert isinstance(made, Duel)
    return made


def duels(duel: Duel, count: int, **agents: Agent) -> list[Record]:
    return play(duel, agents, [Seating(tuple(agents) * (2 // len(agents)), seed, seed) for seed in range(count)])


def episode(duel: Duel, record: Record, seat: int) -> Position:
    """One seat's board at the end, played alone."""
    solo, plays = duel.solo, duel.history(record.plays, seat)
    while plays and plays[-1] == -1:  # over before the other's was
        plays.pop()
    return Position.replay(solo, record.seed, plays)


def test_an_episode_is_one_of_the_solo_game(duel: Duel) -> None:
    """Each replays to its score; who scores more takes the point."""
    for record in duels(duel, 6, random=make_agent("random"), watched=Watched()):
        ends = [episode(duel, record, seat) for seat in range(2)]
        assert all(end.over for end in ends)
        assert record.returns == (ends[0].returns[0], ends[1].returns[0])
        best = max(record.returns)
        winners = [value == best for value in record.returns]
        assert record.points == tuple(wins / sum(winners) for wins in winners)
        assert Position.replay(duel, record.seed, record.plays).returns == record.returns


def test_equal_moves_meet_equal_luck(duel: Duel) -> None:
    """Nature does the same on both boards while they are equal, and what she would do to a player alone."""
    records = duels(duel, 4, watched=Watched())
    for record in records:
        assert record.points == (0.5, 0.5)
        assert duel.history(record.plays, 0) == duel.history(record.plays, 1)
    alone = play(duel.solo, {"watched": Watched()}, [Seating(("watched",), seed, seed) for seed in range(4)])
    assert [list(record.plays) for record in alone] == [duel.history(record.plays, 0) for record in records]


def test_the_same_random_agent_plays_two_episodes(duel: Duel) -> None:
    for record in duels(duel, 3, random=make_agent("random")):
        assert duel.history(record.plays, 0) != duel.history(record.plays, 1)


def test_agents_play_alone(duel: Duel) -> None:
    """What they get is a turn of the solo game, its own history with it; every episode is a match that ends."""
    turns: list[Turn] = []
    watched = Watched(turns.append)
    duels(duel, 2, random=make_agent("random"), watched=watched)
    for turn in turns:
        assert turn.game is duel.solo
        assert turn.seat == 0
        assert turn.history is not None
        assert turn.position is not None
        replayed = Position.replay(duel.solo, int(turn.match.split("/")[0]), list(turn.history))
        assert replayed.row.tobytes() == turn.position.row.tobytes()
        assert turn.legal.shape == (4,)
        assert (turn.observation == duel.solo.observe(turn.position.row, np.zeros(1, np.int32))[0]).all()
    assert {turn.match for turn in turns} <= set(watched.ended)


def test_a_failure_loses_the_duel(duel: Duel) -> None:
    def stumble(turn: Turn) -> None:
        if turn.ply > 10:
            raise RuntimeError("lost my way")

    for record in duels(duel, 2, random=make_agent("random"), clumsy=Watched(stumble)):
        assert record.points == (1, 0)
        assert record.forfeit == 1
        assert record.reason == "forfeit: RuntimeError: lost my way"


def test_duels_are_rated(tmp_path: Path) -> None:
    """Every duel of a pair has a seed of its own; any number of processes plays the same ones; the log rates them."""
    event = Event.of("match", SPEC, ["random", "uct(simulations=30)"], 6, seed=1)
    assert event.opening == 0
    assert len({seating.seed for seating in event.seatings()}) == 6
    alone, together = (records_of(run(event, set(), workers)) for workers in (1, 2))
    assert [record.plays for record in alone] == [record.plays for record in together]
    result = summary(event, alone, 1.0)
    assert result["score"][1] > 0.5
    assert result["returns"][1] > result["returns"][0] > 0
    with Store.open(tmp_path / "games.db") as store:
        number = store.event(event.key, event.kind, event.game, event.settings)
        store.add_many(number, list(enumerate(alone)))
        stored = store.records(event=number, newest=False)[0].record
        assert stored.plays == alone[0].plays
        assert leaderboard(store, SPEC).ratings.games == 6
        assert store.games()[0].game == SPEC


def records_of(finished: Iterable[list[tuple[int, Record]]]) -> list[Record]:
    return [record for _, record in sorted((item for some in finished for item in some), key=lambda item: item[0])]


def test_a_duel_is_shown_again(duel: Duel) -> None:
    """Both boards in one picture, and the names of the moves on both."""
    (record,) = duels(duel, 1, random=make_agent("random"), watched=Watched())
    course, glimpse = Course(duel, Seating(record.agents, record.seed)), Glimpse(duel, [])
    for one in record.plays:
        joint = course.joint(one)
        assert glimpse.text(course.row, joint[0])
        course.make(joint)
        scene = glimpse.scene(course)
    assert course.returns == record.returns
    assert len(scene.views) == 2
    own, other = ({shape.tag for shape in view if shape.tag} for view in scene.views)
    assert own
    assert {tag for tag in own if not tag.endswith("of the other")} & other


def test_history_of_points() -> None:
    """Once one episode is over, points stand alone."""
    plays: list[Play] = [((0.5,), (1.0,)), (0.125,)]
    duel = Duel(make_game(SPEC))
    duel.action_space = object()
    assert duel.history(plays, 0) == [(0.5,), (0.125,)]
