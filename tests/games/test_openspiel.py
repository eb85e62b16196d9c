"""Every OpenSpiel game that can be seated keeps the laws of a game; chess, checkers and backgammon are drawn right."""

import itertools
import multiprocessing
import pickle
import time
from typing import Any

import numpy as np
import pyspiel
import pytest

from agents.core.registry import make_agent
from arena.match import Seating
from arena.match import play as match
from games.core.canvas import Canvas, Text
from games.core.errors import ArenaError
from games.core.game import Game, Positions
from games.core.position import Play, Position
from games.core.registry import make_game
from games.worlds._openspiel.load import compiled_kinds, seatable

NAMES = seatable()
PERFECT = [name for name in NAMES if not (made := make_game(f"openspiel:{name}")).hidden and not made.simultaneous]
UNSEATED = {  # what loads by default all the same, and why it has no seats here
    "crossword": "words without numbers",
    "mfg_crowd_modelling": "mean field",
    "mfg_crowd_modelling_2d": "mean field",
    "mfg_dynamic_routing": "mean field",
    "mfg_garnet": "mean field",
}
DRAWN = {  # where OpenSpiel draws what a seat does not see
    "bargaining", "blackjack", "bridge", "colored_trails", "euchre", "gin_rummy", "hearts", "kuhn_poker",
    "leduc_poker", "oh_hell", "universal_poker",
}  # fmt: skip
FASTER = {"bridge_uncontested_bidding": "bridge_uncontested_bidding(num_redeals=1)"}  # it solves what it deals
QUICK = {"breakthrough", "connect_four", "dots_and_boxes", "mancala", "nim", "othello", "pentago", "tic_tac_toe"}
SECONDS = 60.0  # a random game of any kind takes less, even on a busy machine; nearly all take milliseconds
LONG = 150  # plies; longer games are searched with rollouts of
ROLLOUT = 20  # plies
VARIANTS = [
    "backgammon(hyper_backgammon=true)",
    "breakthrough(rows=6, columns=5)",
    "checkers(rows=10, columns=6)",
    "chess(chess960=true)",
    "chinese_checkers(players=3)",
    "dots_and_boxes(num_rows=2, num_cols=1)",
    "go(board_size=5, komi=5)",
    "goofspiel(imp_info=true)",
    "goofspiel(players=3, num_cards=5)",
    "kuhn_poker(players=3)",
    "misere(game=kuhn_poker)",
    "misere(game=breakthrough(rows=6))",
    "pig(players=4)",
    "repeated_game(stage_game=matrix_pd, num_repetitions=3)",
    "start_at(game=tic_tac_toe, history=4)",
    "turn_based_simultaneous_game(game=goofspiel)",
]
LOOKS = 12  # drawings and texts checked a game; the rules are checked at every ply
NO_SEEDS = np.zeros(1, np.uint64)


def pick(position: Position, draw: np.random.Generator) -> Play:
    """A random play: an action, or one a seat."""
    choice = {seat: int(draw.choice(position.legal_actions(seat))) for seat in position.acting}
    return next(iter(choice.values())) if len(choice) == 1 else [choice.get(s, -1) for s in range(position.game.seats)]


def play(game: Game, seed: int, plies: int | None = None) -> tuple[Position, list[Play]]:
    """A random game, to its end or for some plies, and its moves."""
    position, draw, moves = Position.new(game, seed), np.random.default_rng(seed), []
    while not position.over and (plies is None or position.ply < plies):
        moves.append(pick(position, draw))
        position.play(moves[-1])
    return position, moves


def after(spec: str, texts: str) -> Position:
    position = Position.new(make_game(spec))
    for text in texts.split():
        position.play(position.game.parse_action(position.row, text))
    return position


def check_looks(position: Position) -> None:
    """The words and the drawing of one position."""
    game, row = position.game, position.row
    assert position.text().strip()
    drawings = [position.draw(seat) for seat in range(game.seats)]
    assert all(0 <= x <= game.extent[0] and 0 <= y <= game.extent[1] for x, y in spots(drawings[0]))
    assert set(game.last_move(row)) <= drawings[0].tags
    for seat in set(position.acting) - {game.seats}:
        legal = position.legal_actions(seat)
        texts = [position.action_text(action) for action in legal]
        assert len(set(texts)) == len(texts)
        for action, text in list(zip(legal, texts, strict=True))[:: max(1, len(legal) // 8)]:
            assert game.parse_action(row, text) == action
            assert game.parse_action(row, f" {text} ") == action
        gestures = {action: game.gesture(row, action) for action in legal}
        watching = [drawings[seat]] if game.hidden or game.simultaneous else drawings
        assert all(set(gesture) <= drawing.tags for gesture in gestures.values() for drawing in watching)
        begun = {gesture[:length] for gesture in gestures.values() for length in range(1, len(gesture))}
        assert len(set(gestures.values())) == len(legal)
        assert not begun & set(gestures.values())  # no move is made before another's clicks are finished


def spots(canvas: Canvas) -> list[tuple[float, float]]:
    shapes = [shape for shape in canvas.shapes if hasattr(shape, "x")]
    return [(shape.x, shape.y) for shape in shapes]


def kinds() -> dict[str, Any]:
    return {kind.short_name: kind for kind in compiled_kinds() if kind.default_loadable}


def test_the_games_that_can_be_seated() -> None:
    assert set(kinds()) - set(NAMES) == set(UNSEATED)
    assert len(NAMES) >= 108
    assert len(PERFECT) >= 42
    for name, reason in UNSEATED.items():
        with pytest.raises(ArenaError, match=reason):
            make_game(f"openspiel:{name}")


@pytest.mark.parametrize("name", NAMES + VARIANTS)
def test_laws(name: str) -> None:
    """One random game to its end, three rows at a time: played, left alone, played the same."""
    game = make_game(f"openspiel:{FASTER.get(name, name)}")
    seeds = np.array([5, 5, 5], np.uint64)
    rows, draw = game.start(seeds), np.random.default_rng(1)
    began, total, ply = str(rows[1]), np.zeros(game.seats), 0
    step = max(1, 2 * len(play(game, 1)[1]) // LOOKS)
    while (acting := game.acting(rows)[0]).any():
        assert acting.sum() == 1 or (game.simultaneous and not acting[-1])
        joint, odds = np.full((3, game.seats + 1), -1, np.int32), game.odds(rows)
        assert odds.shape == (3, game.outcomes)
        assert odds[0].sum() == pytest.approx(float(acting[-1]), abs=1e-4)
        for seat in range(game.seats):
            legal = game.legal(rows, np.full(3, seat))
            assert legal.shape == (3, game.actions)
            assert legal[0].any() == acting[seat]
            if acting[seat]:
                joint[[0, 2], seat] = draw.choice(np.flatnonzero(legal[0]))
        if acting[-1]:
            joint[[0, 2], -1] = draw.choice(np.flatnonzero(odds[0]))
        if ply % step == 0:
            check_looks(Position(game, rows[:1]))
            check_senses(game, rows)
        rewards = game.step(rows, joint)
        assert rewards.shape == (3, game.seats)
        assert not rewards[1].any()
        assert (rewards[0] == rewards[2]).all()
        total, ply = total + rewards[0], ply + 1
    assert str(rows[1]) == began
    assert str(rows[0]) == str(rows[2])
    assert ply <= game.max_plies
    assert total == pytest.approx(rows[0].returns(), abs=1e-4)
    loaded = rows[0].get_game()
    rewarded = loaded.get_type().reward_model == pyspiel.GameType.RewardModel.REWARDS
    assert (game.bounds is None) == rewarded  # rewards on the way: what is to come may exceed the bounds of the whole
    assert all(loaded.min_utility() - 1e-4 <= value <= loaded.max_utility() + 1e-4 for value in total)
    if game.zero_sum:
        assert total.sum() == pytest.approx(0, abs=1e-4)
    check_looks(Position(game, rows[:1]))
    check_senses(game, rows)
    assert not game.step(rows[:1], np.full((1, game.seats + 1), -1, np.int32)).any()


def check_senses(game: Game, rows: Positions) -> None:
    """What every seat sees and knows is of the promised kind, and of equal positions the same."""
    for seat in range(game.seats):
        seats = np.full(3, seat, np.int32)
        seen, keys = game.observe(rows, seats), game.information_key(rows, seats)
        assert seen.shape == (3, *game.observation_shape)
        assert seen.dtype == game.observation_dtype
        assert np.isfinite(seen).all()
        assert (seen[0] == seen[2]).all()
        assert keys[0] == keys[2]


# -- hidden and simultaneous games ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(name for name in NAMES if make_game(f"openspiel:{name}").hidden))
def test_what_a_seat_cannot_tell_apart(name: str) -> None:
    """What is drawn in the place of a position looks the same to the seat; where OpenSpiel draws nothing, we say so."""
    game, draw, drawn = make_game(f"openspiel:{name}"), np.random.default_rng(0), 0
    position = Position.new(game, 1)
    while not position.over and position.ply < 150:
        if position.acting != [game.seats]:
            seat = np.array(position.acting[:1], np.int32)
            try:
                other = game.resample(position.row, seat, np.array([position.ply], np.uint64))
            except ArenaError:
                break
            drawn += 1
            assert (game.legal(other, seat) == game.legal(position.row, seat)).all()
            assert (game.observe(other, seat) == game.observe(position.row, seat)).all()
            assert game.information_key(other, seat) == game.information_key(position.row, seat)
            assert (game.acting(other) == game.acting(position.row)).all()
        position.play(pick(position, draw))
    assert bool(drawn) == (name in DRAWN)
    if not drawn:
        with pytest.raises(ArenaError, match="cannot draw what a seat does not see"):
            game.resample(position.row, np.zeros(1, np.int32), NO_SEEDS)


def test_a_card_in_hand_is_no_secret_to_its_holder() -> None:
    game = make_game("openspiel:kuhn_poker")
    deals = [Position.replay(game, 0, [mine, other]) for mine in range(3) for other in range(3) if mine != other]
    rows = np.concatenate([deal.row for deal in deals])
    for seat, others in ((0, 2), (1, 2)):
        keys = game.information_key(rows, np.full(6, seat, np.int32))
        assert len(set(keys)) == 3
        assert all(keys.count(key) == others for key in keys)
    assert position_lines(deals[0], 0) == position_lines(deals[1], 0)
    assert position_lines(deals[0], 1) != position_lines(deals[1], 1)
    drawn = game.resample(np.repeat(rows[:1], 200), np.zeros(200, np.int32), np.arange(200, dtype=np.uint64))
    assert {str(state) for state in drawn} == {str(deals[0].row[0]), str(deals[1].row[0])}


def position_lines(position: Position, seat: int) -> list[str]:
    return [shape.text for shape in position.draw(seat).shapes if isinstance(shape, Text)]


def test_memory_of_what_was_seen_tells_games_apart() -> None:
    """Crazy Eights says only what a seat sees now; our key remembers what it saw before."""
    position, _ = play(make_game("openspiel:crazy_eights"), 1, 60)
    game, seats = position.game, np.arange(5, dtype=np.int32)
    assert len(set(game.information_key(np.repeat(position.row, 5), seats))) == 5
    before = game.information_key(position.row, seats[:1])
    assert game.information_key(position.copy().row, seats[:1]) == before
    while position.acting != [0]:
        position.play(pick(position, np.random.default_rng(0)))
    assert game.information_key(position.row, seats[:1]) != before


def test_all_seats_move_at_once() -> None:
    game = make_game("openspiel:matrix_pd")
    position = Position.new(game)
    assert position.acting == [0, 1]
    with pytest.raises(ArenaError, match="one action a seat"):
        position.play(0)
    position.play([1, 0])
    assert position.returns == (10.0, 0.0)
    assert position.outcome().winner == 0


@pytest.mark.parametrize("name", ["tarok", "negotiation", "bridge_uncontested_bidding"])
def test_dice_out_of_sight_follow_from_the_seed(name: str) -> None:
    game = make_game(f"openspiel:{name}")
    rows = game.start(np.array([1, 2, 1], np.uint64))
    assert str(rows[0]) == str(rows[2]) != str(rows[1])
    assert not game.acting(rows)[:, -1].any()
    with pytest.raises(ArenaError, match="its dice follow from the seed"):
        make_game(f"openspiel:{name}(rng_seed=3)")


# -- matches -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_random_plays_every_game_to_its_end(name: str) -> None:
    """A match of random against itself, in at most `SECONDS`, and its record leads to the same end."""
    game, begin = make_game(f"openspiel:{name}"), time.perf_counter()
    record = match(game, {"random": make_agent("random")}, [Seating(("random",) * game.seats, 7)])[0]
    assert time.perf_counter() - begin < SECONDS
    assert record.forfeit is None
    again = Position.replay(game, 7, record.plays)
    assert again.over
    assert again.returns == pytest.approx(record.returns)
    assert sum(record.points) == pytest.approx(1)


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in PERFECT])
def test_uct_plays_every_game_of_perfect_information_to_its_end(name: str) -> None:
    game = make_game(f"openspiel:{name}")
    uct = f"uct(simulations=20, rollout={ROLLOUT})" if game.max_plies > LONG else "uct(simulations=20)"
    record = match(game, {uct: make_agent(uct)}, [Seating((uct,) * game.seats, 3)])[0]
    assert record.forfeit is None
    assert Position.replay(game, 3, record.plays).over


@pytest.mark.parametrize("name", ["goofspiel", "matrix_rps", "oshi_zumo"])
def test_uct_plays_games_with_seats_that_act_at_once(name: str) -> None:
    game, uct = make_game(f"openspiel:{name}"), make_agent("uct(simulations=20)")
    record = match(game, {"uct": uct, "random": make_agent("random")}, [Seating(("uct", "random"), 3)])[0]
    assert record.forfeit is None


def test_outsiders_refuse_what_they_cannot_search() -> None:
    mcts = make_agent("openspiel_mcts")
    assert mcts.plays(make_game("openspiel:chess")) is None
    assert mcts.plays(make_game("openspiel:goofspiel"))
    assert mcts.plays(make_game("openspiel:kuhn_poker"))


# -- words and looks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["chess", "backgammon", "2048", "stones_and_gems", "chess(chess960=true)"])
def test_equal_seeds_and_moves_give_equal_games(name: str) -> None:
    game = make_game(f"openspiel:{name}")
    position, moves = play(game, 3)
    again = Position.replay(make_game(f"openspiel:{name}"), 3, moves)
    assert again.text() == position.text()
    assert again.returns == position.returns


def test_copies_share_nothing() -> None:
    position, _ = play(make_game("openspiel:backgammon"), 1, 20)
    before, copy = position.text(), position.copy()
    copy.play(copy.legal_actions()[0])
    assert position.text() == before
    drawn = position.game.resample(position.row, np.zeros(1, np.int32), NO_SEEDS)
    position.game.step(drawn, position.joint(position.legal_actions()[0]))
    assert position.text() == before


def test_rewards_paid_on_the_way_are_counted_once() -> None:
    """OpenSpiel's own rewards() are twice the returns() in 2048."""
    position, _ = play(make_game("openspiel:2048"), 4)
    assert position.returns[0] == position.row[0].returns()[0] > 0


def test_observations_tell_whose_eyes_they_are() -> None:
    """OpenSpiel's tensor of breakthrough is the same for both seats and does not show who is to move."""
    game = make_game("openspiel:breakthrough")
    rows = game.start(np.zeros(2, np.uint64))
    seen = game.observe(rows, np.array([0, 1], np.int32))
    assert (seen[0, :3] == seen[1, :3]).all()
    assert seen[0, 3].all()
    assert seen[1, 4].all()
    assert not seen[0, 4].any()


def test_a_game_without_a_tensor_shows_its_moves() -> None:
    position, moves = play(make_game("openspiel:morpion_solitaire"), 0, 3)
    seen = position.game.observe(position.row, np.zeros(1, np.int32))[0].reshape(2, -1)
    assert set(np.flatnonzero(seen[0])) == set(moves)
    assert list(np.flatnonzero(seen[1])) == position.legal_actions()


def _text_elsewhere(game: Game) -> str:
    return f"{game.name} {Position.new(game).text()}"


def test_games_travel_to_other_processes() -> None:
    game = make_game("openspiel:breakthrough(rows=6)")
    assert pickle.loads(pickle.dumps(game)).name == game.name
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_text_elsewhere, (game,)) == _text_elsewhere(game)
    rows = game.start(np.zeros(2, np.uint64))
    assert [str(row) for row in pickle.loads(pickle.dumps(rows))] == [str(row) for row in rows]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("ches", "did you mean chess"),
        ("nothing_like_it", "there are: 2048, amazons"),
        ("mfg_garnet", "a mean field"),
        ("misere(game=tarok)", "they take no seed"),
        ("misere", "option 'game' must be given"),
        ("misere(game=nope)", "OpenSpiel has no game called 'nope'"),
        ("chess(elo=3)", "there is no option 'elo'; options: chess960"),
        ("tic_tac_toe(size=4)", "there is no option 'size'; it takes none"),
        ("go(komi=much)", "option 'komi' takes a number, not 'much'"),
        ("breakthrough(rows=6.5)", "option 'rows' takes a whole number, not '6.5'"),
        ("breakthrough(rows=99999999999)", "option 'rows' takes a whole number"),
        ("amazons(board_size=3)", "options: CHECK_TRUE(board_size_ == 6"),
        ("catch(columns=-1)", "too small or too large"),
        ("breakthrough(rows=1)", "rows_ > 1"),
        ("checkers(columns=10)", "wider than high"),
        ("breakthrough(rows=1000)", "it has no names for so many squares"),
        ("connect_four(rows=0)", "crashes"),
        ("havannah(board_size=-1)", "crashes"),
        ("2048(max_tile=-1)", "too small or too large"),
        ("hex(board_size=1)", "a position without a move"),
        ("efg_game(filename=missing.efg)", "there is no file missing.efg"),
        ("stones_and_gems(grid=x)", "only its own grid"),
    ],
)
def test_what_cannot_be_seated_is_said_in_one_line(spec: str, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ArenaError) as error:
        make_game(f"openspiel:{spec}")
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


def test_chess_perft() -> None:
    """https://www.chessprogramming.org/Perft_Results, position 1."""
    game = make_game("openspiel:chess")
    rows, counts = game.start(NO_SEEDS), []
    for _ in range(3):
        movers = game.acting(rows).argmax(axis=1)
        parents, actions = np.nonzero(game.legal(rows, movers))
        counts.append(len(actions))
        children = game.empty(len(actions))
        game.copy(rows, parents, children, np.arange(len(actions)))
        joint = np.full((len(actions), 3), -1, np.int32)
        joint[np.arange(len(actions)), movers[parents]] = actions
        game.step(children, joint)
        rows = children
    assert counts == [20, 400, 8902]


def test_chess_words() -> None:
    position = after("openspiel:chess", "f3 e5 g4 Qh4#")
    assert position.game.seat_names == ("Black", "White")
    assert Position.new(position.game).seat == 1
    assert str(position.outcome()) == "seat 0 wins (checkmate)"
    assert position.game.last_move(position.row) == ("d8", "h4")
    drawn = after("openspiel:chess", "Nf3 Nf6 Ng1 Ng8 Nf3 Nf6 Ng1 Ng8")
    assert str(drawn.outcome()) == "draw (threefold repetition)"


def test_chess_tells_a_pawn_from_a_bishop() -> None:
    position = after("openspiel:chess", "e4 a6 Bc4 a5 Bb3 a4 d3 a3 c3 h6 Bd5 h5 Bc4 d5")
    assert {"Bxd5", "exd5"} <= set(map(position.action_text, position.legal_actions()))
    b_takes = after("openspiel:chess", "e4 d5 b3 c5 Ba3 c4 h3 h6")
    pawn, bishop = (b_takes.game.parse_action(b_takes.row, text) for text in ("bxc4", "Bxc4"))
    assert b_takes.game.gesture(b_takes.row, pawn) == ("b3", "c4")
    assert b_takes.game.gesture(b_takes.row, bishop) == ("f1", "c4")


def test_chess_clicks() -> None:
    position = after("openspiel:chess", "e4 d5 exd5 c6 dxc6 Nf6 cxb7 Nbd7 Nf3 e6 Be2 Be7")
    texts = {position.action_text(a): position.game.gesture(position.row, a) for a in position.legal_actions()}
    assert texts["O-O"] == ("e1", "g1")
    assert texts["bxa8=Q"] == ("b7", "a8", "promote q")
    assert texts["bxa8=N"] == ("b7", "a8", "promote n")
    white, black = position.draw(1), position.draw(0)
    places = [next((s.x, s.y) for s in canvas.shapes if s.tag == "a1") for canvas in (white, black)]
    assert places[0] == (pytest.approx(0.6), pytest.approx(7.6))
    assert places[1] == (pytest.approx(7.6), pytest.approx(0.6))


def test_checkers_jumps_twice() -> None:
    """A jump that goes on is the same seat's next ply, with the jumping piece."""
    game, draw = make_game("openspiel:checkers"), np.random.default_rng(0)
    for seed in range(50):
        position = Position.new(game, seed)
        while not position.over:
            seat, action = position.seat, pick(position, draw)
            start, end = game.gesture(position.row, action)
            assert position.action_text(action) == start + end
            position.play(action)
            assert game.last_move(position.row) == (start, end)
            if not position.over and position.seat == seat:
                assert {game.gesture(position.row, a)[0] for a in position.legal_actions()} == {end}
                return
    pytest.fail("nobody jumped twice")


def test_backgammon_reads_the_board_as_openspiel_prints_it() -> None:
    """OpenSpiel's own words for a play name the same points; ours keep the order of the dice."""
    game, draw = make_game("openspiel:backgammon"), np.random.default_rng(2)
    for seed in range(4):
        position = Position.new(game, seed)
        while not position.over:
            if position.acting != [game.seats] and position.ply % 3 == 0:
                for action in position.legal_actions():
                    compare_backgammon(position, action)
            position.play(pick(position, draw))
        assert position.outcome() is not None
        assert position.outcome().reason.startswith("all checkers off")


def compare_backgammon(position: Position, action: int) -> None:
    state = position.row[0]
    theirs = state.action_to_string(state.current_player(), action).partition(" - ")[2] or "Pass"
    ours = position.action_text(action).removesuffix(" low die first")
    hits = sum(move.hit for move in hits_of(state, action))
    assert bool(hits) == ("*" in ours)
    assert ours.count("*") <= hits  # OpenSpiel marks a lone checker twice when two others land on it
    assert sorted(spelled_out(theirs)) == sorted(ours.replace("*", "").replace(" Pass", "").split())


def spelled_out(play: str) -> list[str]:
    """OpenSpiel's '24/21/20', '6/3(2)' and '4/Off Pass' as one word a checker move."""
    words = []
    for word in play.replace("*", "").replace(" Pass", "").split():
        path, _, times = word.removesuffix(")").partition("(")
        points = path.split("/")
        pairs = ["/".join(pair) for pair in itertools.pairwise(points)] or points
        words += pairs * int(times or 1)
    return words


def hits_of(state: pyspiel.State, action: int) -> list[pyspiel.CheckerMove]:
    mover = state.current_player()
    return state.augment_with_hit_info(mover, state.spiel_move_to_checker_moves(mover, action))
