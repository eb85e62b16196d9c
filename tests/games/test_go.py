"""Go against OpenSpiel, against a slow reading of the rules, and in positions set up by hand."""

from collections.abc import Iterator

import numpy as np
import pyspiel
import pytest

from games.core.errors import ArenaError
from games.core.position import Position
from games.core.registry import make_game
from search.alphabeta import AlphaBeta
from tests.games.slow_go import Slow


def board_of(text: str) -> str:
    """The stones in the text of a position."""
    return "".join(line[3:].replace(" ", "") for line in text.splitlines()[:-1])


def random_games(spec: str, count: int) -> Iterator[tuple[Position, np.random.Generator]]:
    """Positions at the start, each with a generator for the moves."""
    game = make_game(spec)
    for seed in range(count):
        yield Position.new(game, seed), np.random.default_rng(seed)


@pytest.mark.parametrize(("size", "count"), [(2, 600), (3, 300), (4, 120), (5, 60)])
def test_the_same_as_the_slow_rules(size: int, count: int) -> None:
    """Boards, legal moves, ends and scores of random games; superko forbids a move in many of them."""
    forbidden = 0
    for position, draw in random_games(f"go(board_size={size}, komi=0.5)", count):
        slow, plies = Slow(size), 0
        while not position.over:
            assert board_of(position.text()) == slow.board
            afters = [slow.after(point) for point in range(size**2)]
            ko = [after in slow.boards for after in afters]
            legal = [p for p in range(size**2) if afters[p] is not None and not ko[p]] + [size**2]
            assert position.legal_actions() == legal
            seen = position.game.observe(position.row, np.array([position.seat], np.int32))[0]
            assert (seen[2].ravel() == ko).all()
            assert (seen[3] == (slow.passes > 0)).all()
            forbidden += sum(ko)
            action = int(draw.choice(legal[:-1] if len(legal) > 1 and draw.random() < 0.8 else legal))
            slow.play(action)
            position.play(action)
            plies += 1
            assert position.over == (slow.passes == 2 or plies == position.game.max_plies)
        assert board_of(position.text()) == slow.board
        lead = slow.lead() - 0.5
        assert position.returns == ((1, -1) if lead > 0 else (-1, 1))
        end = "" if slow.passes == 2 else " at the last ply"
        assert position.game.reason(position.row) == f"{'Black' if lead > 0 else 'White'} by {abs(lead):g}{end}"
    assert forbidden > count / 10


@pytest.mark.parametrize(("size", "count"), [(4, 2000), (5, 5000), (9, 2750), (13, 200), (19, 50)])
def test_the_same_as_openspiel(size: int, count: int) -> None:
    """10,000 random games in all: legal actions, ends and returns. OpenSpiel numbers points from the bottom left, and
    lets a move bring back an earlier board, which then ends the game 0-0; that and no other move it has in excess."""
    game = make_game(f"go(board_size={size})")
    theirs = pyspiel.load_game(f"go(board_size={size},komi=7.5,max_game_length={game.max_plies})")
    assert theirs.num_distinct_actions() == game.actions
    number = np.append(np.arange(size**2).reshape(size, size)[::-1].ravel(), size**2)  # theirs of each of ours
    states, draw = [theirs.new_initial_state() for _ in range(count)], np.random.default_rng(size)
    rows, returns, ply, repeats = game.start(np.arange(count, dtype=np.uint64)), np.zeros((count, 2)), 0, 0
    while states:
        over = ~game.acting(rows).any(1)
        assert over.tolist() == [state.is_terminal() for state in states]
        for row in np.flatnonzero(over):
            assert states[row].returns() == returns[row].tolist()
        states = [state for state, done in zip(states, over, strict=True) if not done]
        rows, returns = rows[~over], returns[~over]
        legal = game.legal(rows, np.full(len(rows), ply % 2, np.int32))
        for state, own in zip(states, legal, strict=True):
            excess = set(state.legal_actions()) ^ set(number[own].tolist())
            repeats += len(excess)
            for action in excess:
                assert action in state.legal_actions()
                assert state.child(action).is_terminal()
                assert state.child(action).returns() == [0, 0]
        joint = np.full((len(rows), 3), -1, np.int32)
        joint[:, ply % 2] = (legal * draw.random(legal.shape)).argmax(1)
        returns = returns + game.step(rows, joint)
        for state, action in zip(states, number[joint[:, ply % 2]].tolist(), strict=True):
            state.apply_action(action)
        ply += 1
    assert repeats > count / 100


COUNTS = {2: [5, 21, 68, 156, 316, 604, 1088, 2184, 4184], 3: [10, 91, 738, 5281, 33384]}


def test_number_of_move_sequences() -> None:
    """Of length 1, 2, ...; the slow rules count the same."""

    def slow_sequences(size: int, plays: tuple[int, ...], depth: int) -> int:
        slow = Slow(size)
        for action in plays:
            slow.play(action)
        if depth == 0 or slow.passes == 2:
            return int(depth == 0)
        afters = [slow.after(point) for point in range(size**2)]
        legal = [point for point, after in enumerate(afters) if after is not None and after not in slow.boards]
        return sum(slow_sequences(size, (*plays, action), depth - 1) for action in [*legal, size**2])

    for size, counts in COUNTS.items():
        game = make_game(f"go(board_size={size})")
        rows = game.start(np.zeros(1, np.uint64))
        for depth, count in enumerate(counts):
            legal = game.legal(rows, np.full(len(rows), depth % 2, np.int32))
            assert legal.sum() == count
            parents, actions = np.nonzero(legal)
            rows, joint = rows[parents], np.full((len(parents), 3), -1, np.int32)
            joint[:, depth % 2] = actions
            game.step(rows, joint)
        assert [slow_sequences(size, (), depth + 1) for depth in range(4)] == counts[:4]


# -- positions set up by hand ----------------------------------------------------------------------------------------


def played(spec: str, moves: str) -> Position:
    position = Position.new(make_game(spec))
    for text in moves.split():
        position.play(position.game.parse_action(position.row, text))
    return position


def choices(position: Position) -> set[str]:
    return {position.action_text(action) for action in position.legal_actions()}


def forbidden(position: Position) -> list[str]:
    """What superko forbids, as the mover observes it."""
    points = position.game.observe(position.row, np.array([position.seat], np.int32))[0, 2].ravel()
    return [position.action_text(int(point)) for point in np.flatnonzero(points)]


KO = "B3 D4 C4 E3 C2 D2 E1 C3 D3"  # Black has just taken C3
SEKI = "A4 C4 A3 C3 B3 C2 A2 C1 B2 D4 A1 D3 pass D2 pass D1"


def test_capture() -> None:
    """In a corner, of a chain, and of two chains at once."""
    assert played("go(board_size=3)", "A1 A2 C3 B1").text() == " 3 . . X\n 2 O . .\n 1 . O .\n   A B C"
    chain = played("go(board_size=3)", "A3 A2 B3 B2 pass C3")
    assert chain.text() == " 3 . . O\n 2 O O .\n 1 . . .\n   A B C"
    two = played("go(board_size=3)", "A3 A2 C3 C2 pass B2 pass B3")
    assert two.text() == " 3 . O .\n 2 O O O\n 1 . . .\n   A B C"


def test_suicide() -> None:
    assert "A1" not in choices(played("go(board_size=5)", "E5 A2 E4 B1"))
    two = played("go(board_size=5)", "A1 A2 E5 B2 E4 C1")
    assert "B1" not in choices(two)
    two.play(two.game.parse_action(two.row, "pass"))
    assert "B1" in choices(two)


def test_ko() -> None:
    """Not at once; but after moves elsewhere the board is another."""
    position = played("go(board_size=5)", KO)
    assert forbidden(position) == ["C3"]
    assert "C3" not in choices(position)
    with pytest.raises(ArenaError, match="not a move here"):
        position.game.parse_action(position.row, "C3")
    for reply in ("A1 A5", "pass A5"):
        later = played("go(board_size=5)", f"{KO} {reply}")
        assert forbidden(later) == []
        assert "C3" in choices(later)


def test_superko() -> None:
    """A board four plies back, brought back by a stone that captures nothing."""
    position = played("go(board_size=2)", "A1 B2 B1 A2 A1 pass B1")
    assert position.text() == " 2 . .\n 1 X X\n   A B"
    assert forbidden(position) == ["B2"]
    assert choices(position) == {"A2", "pass"}


@pytest.mark.parametrize(
    ("spec", "moves", "reason", "returns"),
    [
        ("go", "pass pass", "White by 7.5", (-1, 1)),
        ("go(komi=-3)", "pass pass", "Black by 3", (1, -1)),
        ("go(komi=0)", "pass pass", "a tie", (0, 0)),
        ("go(komi=0)", "E5 pass pass", "Black by 81", (1, -1)),
        ("go(komi=0)", "E5 A1 pass pass", "a tie", (0, 0)),
        # a wall each with a free column between them, which is nobody's
        ("go(board_size=5, komi=0)", "B1 D1 B2 D2 B3 D3 B4 D4 B5 D5 pass pass", "a tie", (0, 0)),
        ("go(board_size=5, komi=0.5)", "B1 D1 B2 D2 B3 D3 B4 D4 B5 D5 C3 pass pass", "Black by 0.5", (1, -1)),
        # seki: whoever fills B1 or B4 is captured on the other
        ("go(board_size=4, komi=0)", f"{SEKI} pass pass", "White by 2", (-1, 1)),
        ("go(board_size=4, komi=0)", f"{SEKI} B4 B1 pass pass", "White by 16", (-1, 1)),
    ],
)
def test_score(spec: str, moves: str, reason: str, returns: tuple[float, float]) -> None:
    outcome = played(spec, moves).outcome()
    assert outcome is not None
    assert outcome.reason == reason
    assert outcome.returns == returns


def test_small_boards_solved() -> None:
    """Two rows are worth a point to Black (Taylor). On three the middle wins all nine (van der Werf, van den Herik
    and Uiterwijk 2003), a side three, and a corner loses all."""
    for size, first, worth in ((2, "A1", 1), (2, "pass", -1), (3, "B2", 9), (3, "B3", 3), (3, "A1", -9)):
        for komi in (worth - 0.5, worth + 0.5):
            position = played(f"go(board_size={size}, komi={komi})", first)
            found = AlphaBeta(position.game).deepen(position.row, 1, position.game.max_plies, None)
            assert found.settled
            assert -np.nanmax(found.values) == np.sign(worth - komi)


# -- the rest --------------------------------------------------------------------------------------------------------


def test_random_play_is_uniform_over_legal_moves() -> None:
    position, count = played("go(board_size=5)", KO), 40_000
    rows = np.repeat(position.row, count)
    position.game.rollouts(rows, np.arange(count, dtype=np.uint64), 1)
    actions, times = np.unique(rows["last"], return_counts=True)
    assert actions.tolist() == position.legal_actions()
    expected = count / len(actions)
    assert np.abs(times - expected).max() < 5 * expected**0.5


def test_coordinates() -> None:
    """Columns are lettered without an I; rows are counted from below."""
    game = make_game("go(board_size=19)")
    row = game.start(np.zeros(1, np.uint64))
    assert [game.action_text(row, action) for action in (0, 8, 18, 342, 361)] == ["A19", "J19", "T19", "A1", "pass"]
    assert game.parse_action(row, "q16") == 19 * 3 + 15


def test_symmetries_keep_the_pass() -> None:
    tables = make_game("go(board_size=4)").symmetries()
    assert len(tables.actions) == 8
    assert (tables.actions[:, 16] == 16).all()


@pytest.mark.parametrize("options", ["board_size=1", "board_size=20", "board_size=9.0", "komi=0.3", "komi='six'"])
def test_options_that_make_no_sense(options: str) -> None:
    with pytest.raises(ArenaError, match=options.partition("=")[0]):
        make_game(f"go({options})")
