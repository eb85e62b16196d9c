"""What every agent owes: legal moves, the same for equal seeds in any batch, time kept, a reason for a refusal."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from agents.core.agent import Agent, Thought, Turn
from agents.core.registry import AGENTS, make_agent
from agents.uct import UCTAgent
from arena.match import Seating, ask, check_seats, make_turns, play
from games.core.errors import ArenaError
from games.core.game import Game
from games.core.position import Play, Position
from games.core.registry import make_game

QUICK = {
    "uct": "uct(simulations=40)",
    "alphabeta": "alphabeta(depth=2)",
    "openspiel_mcts": "openspiel_mcts(simulations=40)",
}
GAMES = [
    "tic_tac_toe",
    "connect_four",
    "pong_duel(points=1)",
    "openspiel:pig(players=3, winscore=9)",
    "openspiel:breakthrough(rows=6)",
]
SEARCHERS = ["uct", "alphabeta", "openspiel_mcts"]

BOT = '''"""Plays the first or the last legal action."""

from agents.core.agent import Agent, Move


class Bot(Agent):
    def __init__(self, last):
        self.last = last

    def plays(self, game):
        return "it has never seen a ball" if game.tick else None

    def think(self, turn):
        return Move(int(turn.actions[-1 if self.last else 0]))


def agent(last: bool = False):
    return Bot(last)
'''


@pytest.fixture(scope="module")
def agents() -> dict[str, Agent]:
    """Every agent of the registry, at a quick setting; one object each for all tests."""
    return {name: make_agent(QUICK.get(name, name)) for name in AGENTS.names()}


def turns_at(
    game: Game, lines: Sequence[Sequence[Play]], report: Callable[[Thought], bool] | None = None
) -> list[Turn]:
    """The turns that are due after each of `lines`, as the match asks for them."""
    positions = [Position.replay(game, 0, line) for line in lines]
    due = [(Seating(("a", "b"), 5, i), positions[i].acting[0], len(line), line) for i, line in enumerate(lines)]
    return make_turns(game, np.concatenate([position.row for position in positions]), due, report)


def random_lines(game: Game, count: int) -> list[tuple[Play, ...]]:
    draw, lines = np.random.default_rng(3), []
    while len(lines) < count:
        position, plays = Position.new(game), []
        for _ in range(draw.integers(0, 8)):
            if not position.over:
                choice = [int(draw.choice(position.legal_actions(seat))) for seat in position.acting]
                plays.append(choice[0] if len(choice) == 1 else tuple(choice))
                position.play(plays[-1])
        if not position.over and position.acting != [game.seats]:
            lines.append(tuple(plays))
    return lines


def essence(thought: Thought | None) -> dict:
    """What must not depend on the batch, nor on the clock."""
    fields = dataclasses.asdict(thought) if thought is not None else {}
    fields.pop("seconds", None)
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in fields.items()}


@pytest.mark.parametrize("spec", GAMES)
@pytest.mark.parametrize("name", AGENTS.names())
def test_every_agent_plays_or_says_why_not(agents: dict[str, Agent], name: str, spec: str) -> None:
    game, agent = make_game(spec), agents[name]
    reason = agent.plays(game)
    if reason is not None:
        assert reason.strip()
        assert "\n" not in reason
        with pytest.raises(ArenaError, match="cannot play"):
            check_seats(game, {name: agent})
        return
    seats = tuple(name if seat == 0 else "random" for seat in range(game.seats))
    record = play(game, {name: agent, "random": agents["random"]}, [Seating(seats, 1)])[0]
    assert record.forfeit is None, record.reason
    assert Position.replay(game, 1, record.plays).over


def test_what_is_refused(agents: dict[str, Agent]) -> None:
    refused = {spec: sorted(n for n, agent in agents.items() if agent.plays(make_game(spec))) for spec in GAMES}
    assert {"human"} <= set(refused["tic_tac_toe"]) & set(refused["connect_four"])
    assert {"alphabeta", "openspiel_mcts"} <= set(refused["pong_duel(points=1)"])
    assert "alphabeta" in refused[GAMES[3]]
    assert not {"random", "uct"} & {name for names in refused.values() for name in names}


@pytest.mark.parametrize("spec", ["connect_four", "openspiel:tic_tac_toe", "pong_duel"])
@pytest.mark.parametrize("name", AGENTS.names())
def test_the_same_moves_in_any_batch(agents: dict[str, Agent], name: str, spec: str) -> None:
    """32 turns at once, one by one, by another object, in another order: the same moves and the same thoughts."""
    game = make_game(spec)
    if agents[name].plays(game) is not None:
        pytest.skip(str(agents[name].plays(game)))
    lines = random_lines(game, 32)
    moves = list(agents[name].act(turns_at(game, lines)))
    assert all(turn.legal[move.action] for turn, move in zip(turns_at(game, lines), moves, strict=True))
    other = make_agent(QUICK.get(name, name))
    for again in (
        [agents[name].act([turn])[0] for turn in turns_at(game, lines)],
        list(other.act(turns_at(game, lines)[::-1]))[::-1],
    ):
        assert [move.action for move in again] == [move.action for move in moves]
        for one, two in zip(again, moves, strict=True):
            np.testing.assert_equal(essence(one.thought), essence(two.thought))


def test_a_slow_machine_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """How often `uct` looks at the clock does not change what it finds, also where the game is soon decided."""
    game = make_game("tic_tac_toe")
    lines = random_lines(game, 20)
    moves = [make_agent("uct(simulations=1000)").act(turns_at(game, lines))]
    monkeypatch.setattr("agents.core.planner.REPORT_EVERY", 0.0)
    moves.append(make_agent("uct(simulations=1000)").act(turns_at(game, lines)))
    for one, two in zip(*moves, strict=True):
        assert one.action == two.action
        np.testing.assert_equal(essence(one.thought), essence(two.thought))


@pytest.mark.parametrize("name", SEARCHERS)
def test_a_thought_is_sound(name: str) -> None:
    """Policies over legal moves, values of opposite sign, the line of play begins with the move and can be played."""
    game = make_game("connect_four")
    lines = random_lines(game, 6)
    agent = make_agent(QUICK[name])
    for line, turn, move in zip(lines, turns_at(game, lines), agent.act(turns_at(game, lines)), strict=True):
        thought = move.thought
        assert thought is not None
        assert thought.policy.sum() == pytest.approx(1, abs=1e-4)
        assert not thought.policy[~turn.legal].any()
        assert thought.value.shape == (2,)
        assert thought.value.sum() == pytest.approx(0, abs=1e-4)
        assert thought.pv[0] == move.action
        assert thought.simulations > 0
        Position.replay(game, 0, line + thought.pv)


@pytest.mark.parametrize("spec", ["connect_four", "openspiel:connect_four"])
@pytest.mark.parametrize("name", SEARCHERS)
@pytest.mark.parametrize("clock", ["agent", "turn"])
def test_seconds_are_kept(name: str, spec: str, clock: str) -> None:
    """Within 30% and 50 ms, be they the agent's own or what is left on its clock (the best of three counts).

    Thorough, for a search may stop early where its choice cannot change any more."""
    game, seconds = make_game(spec), 0.2
    plenty = "depth=100" if name == "alphabeta" else "simulations=1000000000"
    if name == "uct" and clock == "turn" and spec != "connect_four":
        plenty = "simulations=50000"  # it makes room for all of them
    agent = make_agent(f"{name}({f'seconds={seconds}' if clock == 'agent' else plenty})")
    taken = []
    for number in range(4):
        turn = turns_at(game, [(3,)])[0]
        turn.seconds = seconds if clock == "turn" else None
        turn.thorough = True
        begin = time.perf_counter()
        assert turn.legal[agent.act([turn])[0].action]
        if number > 0:  # the first loads machine code
            taken.append(time.perf_counter() - begin)
    assert min(taken) <= 1.3 * seconds + 0.05
    if name != "alphabeta":  # which does not begin what it cannot finish
        assert max(taken) >= 0.7 * seconds


def test_the_shorter_clock_counts() -> None:
    turn = turns_at(make_game("connect_four"), [(3,)])[0]
    turn.seconds = 0.1
    agent = make_agent("uct(seconds=30)")
    begin = time.perf_counter()
    agent.act([turn])
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize("spec", ["connect_four", "openspiel:connect_four"])
@pytest.mark.parametrize("name", ["uct", "alphabeta"])
def test_report_stops_thinking(name: str, spec: str) -> None:
    """Thoughts come while it thinks; the answer to False is the move, at once."""
    heard: list[Thought] = []

    def report(thought: Thought) -> bool:
        heard.append(thought)
        return len(heard) < 3

    turn = turns_at(make_game(spec), [(3,)], report)[0]
    begin = time.perf_counter()
    move = make_agent(f"{name}(seconds=30)").act([turn])[0]
    assert time.perf_counter() - begin < 10
    assert len(heard) == 3
    assert turn.legal[move.action]
    assert [thought.simulations for thought in heard] == sorted(thought.simulations for thought in heard)
    assert all(turn.legal[thought.pv[0]] for thought in heard)


@pytest.mark.parametrize("spec", ["connect_four", "openspiel:connect_four"])
def test_report_stops_a_count_of_simulations_too(spec: str) -> None:
    turn = turns_at(make_game(spec), [(3,)], lambda thought: False)[0]
    begin = time.perf_counter()
    move = make_agent(f"uct(simulations={10**8 if spec == 'connect_four' else 50_000})").act([turn])[0]
    assert time.perf_counter() - begin < 5
    assert turn.legal[move.action]


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("uct(simulations=100000000)", "connect_four"),
        ("uct(simulations=100000)", "openspiel:connect_four"),
        ("uct(seconds=60)", "openspiel:connect_four"),
        ("alphabeta(depth=40)", "connect_four"),
        ("alphazero(simulations=100000)", "connect_four"),
        ("ismcts(simulations=100000000)", "leduc_poker"),
        ("pimc(simulations=100000000, worlds=10000)", "leduc_poker"),
    ],
)
def test_thoughts_are_told_about_ten_times_a_second(name: str, spec: str) -> None:
    """However fast the game and the agent are, and however much they have to do."""
    agent, times = make_agent(name), list[float]()

    def report(thought: Thought) -> bool:
        times.append(time.perf_counter())
        return times[-1] - times[0] < 1.5

    plies = () if spec == "leduc_poker" else (3,)
    position = Position.new(make_game(spec), seed=1)
    while position.acting == [position.game.seats]:
        position.play(int(position.legal_actions()[0]))
    for ply in plies:
        position.play(ply)
    due = [(Seating(("a", "b"), 0), position.seat, position.ply, list(plies))]
    agent.act(make_turns(position.game, position.row, due, report))
    gaps = np.diff(times)
    print(f"{name}: {len(times)} reports, median {np.median(gaps):.3f} s apart, at most {gaps.max():.3f} s")
    assert np.median(gaps) < 0.25  # on a quiet machine 0.1 and less


def test_options_are_checked() -> None:
    for spec in ("uct(simulations=0)", "uct(seconds=0)", "alphabeta(depth=0)", "openspiel_mcts(seconds=-1)"):
        with pytest.raises(ArenaError, match="positive"):
            make_agent(spec)


def test_a_person_is_not_asked_by_the_match() -> None:
    answer = ask(make_agent("human"), turns_at(make_game("tic_tac_toe"), [()]))[0]
    assert "window" in str(answer)


def test_a_file_of_the_users_is_an_agent(tmp_path: Path) -> None:
    path = tmp_path / "my_bot.py"
    path.write_text(BOT)
    game = make_game("tic_tac_toe")
    agents = {
        "first": make_agent(str(path)),
        "last": make_agent(f"{path}(last=true)"),
        "uct": UCTAgent(50, None, 0.7, None),
    }
    check_seats(game, agents)
    record = play(game, agents, [Seating(("first", "last"), 1), Seating(("uct", "first"), 1)])[0]
    assert record.plays == (0, 8, 1, 7, 2)
    with pytest.raises(ArenaError, match="my bot cannot play pong_duel: it has never seen a ball"):
        check_seats(make_game("pong_duel"), {"my bot": agents["first"]})
    with pytest.raises(ArenaError, match="there is no option 'depth'; options: last"):
        make_agent(f"{path}(depth=3)")
