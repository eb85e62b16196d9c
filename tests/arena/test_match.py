"""The match: openings shared by a pair, forfeits that touch nobody else, records that do not depend on the batch."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from agents.core.agent import Agent, Move, Thought, Turn
from agents.core.registry import make_agent
from arena.match import Seating, play, points_of
from arena.record import Record
from arena.schedule import Event
from games.core.position import Position
from games.core.registry import make_game


class Scripted(Agent):
    """Plays the first legal action; `answer` may do something else with a turn."""

    def __init__(self, answer: Callable[[Turn], Move | None] = lambda turn: None) -> None:
        self.answer = answer
        self.ended: list[str] = []
        self.batches: list[int] = []

    def act(self, turns: Sequence[Turn]) -> Sequence[Move]:
        self.batches.append(len(turns))
        return super().act(turns)

    def think(self, turn: Turn) -> Move:
        return self.answer(turn) or Move(int(turn.actions[0]))

    def end(self, match: str) -> None:
        self.ended.append(match)


class Short(Scripted):
    """Forgets the last turn of every batch."""

    def act(self, turns: Sequence[Turn]) -> Sequence[Move]:
        return list(super().act(turns))[:-1]


def timeless(records: Sequence[Record]) -> list[Record]:
    return [replace(record, seconds=()) for record in records]


def seatings(games: int, first: str = "a", second: str = "b", opening: int = 0) -> list[Seating]:
    """Pairs of games with one seed and the seats swapped."""
    names = ((first, second), (second, first))
    return [Seating(names[i % 2], 100 + i // 2, i, opening) for i in range(games)]


def replays(record: Record) -> bool:
    """The record leads to the same end."""
    position = Position.replay(make_game(record.game), record.seed, record.plays)
    assert position.returns == pytest.approx(record.returns)
    return position.over


# -- pairs and openings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["connect_four", "pong_duel(points=1)", "openspiel:tic_tac_toe"])
def test_the_games_of_a_pair_share_seed_and_opening(name: str) -> None:
    event = Event.of("match", name, ["random", "uct(simulations=5)"], 6, seed=3, opening=4)
    plan = list(event.seatings())
    records = play(make_game(name), {agent: make_agent(agent) for agent in event.agents}, plan)
    for one, two in zip(records[::2], records[1::2], strict=True):
        assert one.agents == two.agents[::-1]
        assert one.seed == two.seed
        assert one.opening == two.opening == 4
        assert one.plays[:4] == two.plays[:4]
        assert one.values[:4] == (None,) * 4
    assert len({record.plays[:4] for record in records}) > 1
    assert len({seating.match for seating in plan}) == 6
    assert all(map(replays, records))


def test_an_opening_may_be_the_whole_game() -> None:
    nobody = Scripted()
    record = play(make_game("tic_tac_toe"), {"a": nobody}, [Seating(("a", "a"), 1, opening=9)])[0]
    assert nobody.batches == []
    assert record.opening == len(record.plays)
    assert nobody.ended == ["1/0"]


def test_natures_moves_are_shared_and_on_record() -> None:
    game = make_game("openspiel:pig(players=2, winscore=12)")
    records = play(game, {"a": make_agent("random"), "b": Scripted()}, seatings(4))
    assert all(map(replays, records))
    assert play(game, {"a": make_agent("random"), "b": Scripted()}, seatings(4)) != []
    again = play(game, {"a": make_agent("random"), "b": Scripted()}, seatings(4))
    assert timeless(again) == timeless(records)


# -- what an agent is given ----------------------------------------------------------------------------------------


def test_turns_say_what_there_is_to_know() -> None:
    seen: list[Turn] = []

    def look(turn: Turn) -> None:
        position = Position.replay(turn.game, 100, turn.history)
        assert turn.position is not None
        assert (turn.position.row == position.row).all()
        assert (turn.observation == turn.game.observe(position.row, np.array([turn.seat], np.int32))[0]).all()
        assert turn.sample(3).tobytes() == position.row.tobytes() * 3
        assert turn.ply == len(turn.history) == turn.position.ply
        seen.append(turn)

    game = make_game("connect_four")
    record = play(game, {"a": Scripted(look)}, [Seating(("a", "a"), 100)])[0]
    assert record.forfeit is None
    assert [turn.seat for turn in seen] == [ply % 2 for ply in range(len(record.plays))]
    assert len({turn.seed for turn in seen}) == len(seen)
    assert {turn.match for turn in seen} == {"100/0"}


def test_an_agent_may_play_on_its_own_position() -> None:
    """Also in a batch in which another turn fails, so that all are asked again."""

    def careless(turn: Turn) -> Move:
        action = int(Position(turn.game, turn.position.row).legal_actions()[0])
        turn.position.play(action)
        if turn.match == "101/3" and turn.ply >= 3:
            raise RuntimeError("lost")
        return Move(action)

    game = make_game("tic_tac_toe")
    records = play(game, {"a": Scripted(careless), "b": Scripted()}, seatings(4))
    plain = play(game, {"a": Scripted(), "b": Scripted()}, seatings(4))
    assert [record.forfeit for record in records] == [None, None, None, 1]
    assert [record.plays for record in records[:3]] == [record.plays for record in plain[:3]]


def test_no_agent_can_change_what_is_legal() -> None:
    def cheat(turn: Turn) -> Move:
        turn.legal[:] = True
        return Move(0)

    records = play(make_game("tic_tac_toe"), {"a": Scripted(cheat), "b": Scripted()}, seatings(2))
    assert [record.forfeit for record in records] == [0, 1]


def test_a_planner_does_not_see_the_noise_to_come() -> None:
    """The noise of a position given to an agent is another at every turn, and not the match's."""
    noises: list[int] = []
    game = make_game("pong_duel(points=1)")

    def look(turn: Turn) -> None:
        position = Position.replay(game, 100, turn.history)
        noises.append(int(turn.position.row["noise"][0, 0]))
        assert noises[-1] != int(position.row["noise"][0, 0])

    assert play(game, {"a": Scripted(look)}, [Seating(("a", "a"), 100)])[0].forfeit is None
    assert len(set(noises)) == len(noises)


# -- forfeits ------------------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[Callable[[Turn], object], str]] = {
    "occupied": (lambda turn: Move(int(np.flatnonzero(~turn.legal)[0])), "illegal move 0"),
    "too great": (lambda turn: Move(9), "illegal move 9"),
    "negative": (lambda turn: Move(-1), "illegal move -1"),
    "no number": (lambda turn: Move("a1"), "instead of a Move"),
    "a truth": (lambda turn: Move(True), "instead of a Move"),
    "no move": (lambda turn: "a1", "instead of a Move"),
    "exception": (lambda turn: 1 // 0, "ZeroDivisionError: integer division or modulo by zero"),
    "many lines": (lambda turn: make_game("first\nsecond"), "ArenaError"),
    "exit": (lambda turn: sys.exit(3), "SystemExit"),
    "thought too short": (lambda turn: Move(int(turn.actions[0]), Thought(value=np.zeros(0))), ""),
    "thought of nothing": (lambda turn: Move(int(turn.actions[0]), Thought(value=np.full(2, np.nan))), ""),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_in_one_game_stays_there(kind: str) -> None:
    """The game is lost (or the muddled thought forgotten), the reason is one line on record, the others go on."""
    answer, reason = WRONG[kind]
    game = make_game("tic_tac_toe")
    bad = Scripted(lambda turn: answer(turn) if turn.match == "101/2" and turn.ply >= 2 else None)
    records = play(game, {"a": bad, "b": Scripted()}, seatings(6))
    plain = play(game, {"a": Scripted(), "b": Scripted()}, seatings(6))
    assert timeless(records[:2] + records[3:]) == timeless(plain[:2] + plain[3:])
    record = records[2]
    assert (record.forfeit is None) == (reason == "")
    if reason:
        assert record.forfeit == 0
        assert record.reason.startswith("forfeit: ")
        assert reason in record.reason
        assert "\n" not in record.reason
        assert record.points == (0.0, 1.0)
        assert len(record.plays) == 2
    assert "NaN" not in json.dumps(record.to_json())
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record
    assert sorted(bad.ended) == sorted(seating.match for seating in seatings(6))


def test_a_batch_of_the_wrong_length_is_asked_one_by_one() -> None:
    records = play(make_game("tic_tac_toe"), {"a": Short(), "b": Scripted()}, seatings(4))
    assert [record.forfeit for record in records] == [0, 1, 0, 1]
    assert all(record.reason == "forfeit: ValueError: gave 0 moves for 1 turns" for record in records)


def test_trouble_when_a_match_ends_stops_nobody() -> None:
    class Forgetful(Scripted):
        def end(self, match: str) -> None:
            raise KeyError(match)

    records = play(make_game("tic_tac_toe"), {"a": Forgetful(), "b": Scripted()}, seatings(4))
    assert len(records) == 4


def test_both_seats_may_fail_at_once() -> None:
    """One of them is named, whatever batch they fail in."""
    game = make_game("pong_duel(points=1)")
    bad = {name: Scripted(lambda turn: Move(7) if turn.ply == 5 else None) for name in "ab"}
    together = play(game, bad, seatings(4))
    alone = [play(game, bad, [seating])[0] for seating in seatings(4)]
    assert timeless(together) == timeless(alone)
    assert all(record.forfeit in (0, 1) and sum(record.points) == 1 for record in together)


# -- records -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["connect_four", "pong_duel(points=1)", "openspiel:tic_tac_toe"])
@pytest.mark.parametrize("batch", [1, 3])
def test_records_do_not_depend_on_the_batch(name: str, batch: int) -> None:
    game = make_game(name)
    plan = seatings(8, "uct(simulations=20)", "uct(simulations=30)", opening=3)
    agents = {agent: make_agent(agent) for agent in plan[0].agents}
    at_once = play(game, agents, plan)
    parts = [record for i in range(0, 8, batch) for record in play(game, agents, plan[i : i + batch])]
    assert timeless(parts) == timeless(at_once)
    assert all(map(replays, at_once))
    assert all(len(record.values) == len(record.plays) for record in at_once)
    assert all(value is not None for record in at_once for value in record.values[record.opening :])


def test_a_record_of_two_at_once_replays_exactly() -> None:
    """Every tick of Pong Duel, its noise included, to the byte."""
    game = make_game("pong_duel(points=2)")
    agents = {"random": make_agent("random"), "uct": make_agent("uct(simulations=10)")}
    record = play(game, agents, seatings(1, "random", "uct"))[0]
    data = json.loads(json.dumps(record.to_json()))
    again = Record.from_json(data)
    assert again == record
    assert again.moves_key == record.moves_key
    assert all(isinstance(tick, tuple) and len(tick) == 2 for tick in again.plays)
    positions = [Position.replay(game, record.seed, plays) for plays in (record.plays, again.plays)]
    assert positions[0].row.tobytes() == positions[1].row.tobytes()
    assert positions[0].over
    assert max(record.returns) == sum(record.points) * record.returns[record.points.index(1.0)]


def test_finished_hears_of_every_game_once() -> None:
    heard: dict[str, Record] = {}
    plan = seatings(6)
    agents = {"a": Scripted(), "b": make_agent("random")}
    records = play(
        make_game("tic_tac_toe"), agents, plan, lambda seating, record: heard.update({seating.match: record})
    )
    assert [heard[seating.match] for seating in plan] == records
    assert play(make_game("tic_tac_toe"), agents, []) == []


@pytest.mark.parametrize(
    ("returns", "forfeit", "points"),
    [
        ((1, -1), None, (1, 0)),
        ((0, 0), None, (0.5, 0.5)),
        ((1, -1), 0, (0, 1)),
        ((2, 5, 5, 1), None, (0, 0.5, 0.5, 0)),
        ((9, 1, 1), 0, (0, 0.5, 0.5)),
        ((3,), None, (1,)),
        ((3,), 0, (0,)),
    ],
)
def test_points(returns: tuple, forfeit: int | None, points: tuple) -> None:
    assert points_of(returns, forfeit) == points
