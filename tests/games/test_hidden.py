"""Games that hide something: who knows what is as in OpenSpiel, what a seat cannot know is dealt anew as it may be."""

import itertools
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyspiel
import pytest

from games.core.game import Game
from games.core.position import Position
from games.core.registry import make_game
from games.tic_tac_toe import TicTacToe

SPECS = ["kuhn_poker", "kuhn_poker(seats=3)", "leduc_poker"]
JACK, QUEEN, KING = range(3)
DRAWS = 2_000  # new deals an information set

Answers = Mapping[tuple[int, str], float]  # (card, plays so far) -> how often a seat bets or calls


class History(NamedTuple):
    """A way to a position where a player acts."""

    row: np.ndarray  # [1]
    state: pyspiel.State
    chance: float  # the product of nature's odds on the way


def histories(game: Game) -> list[History]:
    """All of them."""
    found, waiting = [], [History(game.start(np.zeros(1, np.uint64)), new_state(game), 1.0)]
    while waiting:
        row, state, chance = waiting.pop()
        position = Position(game, row)
        if position.over:
            continue
        seat = position.seat
        if seat < game.seats:
            found.append(History(row, state, chance))
        odds = game.odds(row)[0] if seat == game.seats else np.ones(game.actions)
        for action in position.legal_actions():
            after = position.copy()
            after.play(action)
            waiting.append(History(after.row, state.child(action), chance * float(odds[action])))
    return found


def new_state(game: Game) -> pyspiel.State:
    assert game.openspiel is not None
    return pyspiel.load_game(game.openspiel).new_initial_state()


def seat_of(seat: int) -> np.ndarray:
    return np.array([seat], np.int32)


@pytest.mark.parametrize("spec", SPECS)
def test_information_sets_are_those_of_openspiel(spec: str) -> None:
    """Wherever a player acts, for every seat: equal keys where OpenSpiel's information states are equal, no others.
    What the seat observes, which forgets nothing, tells them apart as well."""
    game = make_game(spec)
    every = histories(game)
    rows = np.concatenate([row for row, _, _ in every])
    for seat in range(game.seats):
        seats = np.full(len(rows), seat, np.int32)
        theirs = [state.information_state_string(seat) for _, state, _ in every]
        observed = [seen.tobytes() for seen in game.observe(rows, seats)]
        for ours in (game.information_key(rows, seats), observed):
            assert len(set(ours)) == len(set(theirs)) == len(set(zip(ours, theirs, strict=True)))


@pytest.mark.parametrize("spec", SPECS)
def test_deals_anew_are_those_that_may_be(spec: str) -> None:
    """In every information set: each of its positions, as often as nature's odds say, within 6 standard errors."""
    game = make_game(spec)
    sets: dict[bytes, dict[bytes, float]] = defaultdict(dict)
    rows = {}
    for row, _, chance in histories(game):
        seat = Position(game, row).seat
        (key,) = game.information_key(row, seat_of(seat))
        sets[key][row.tobytes()] = chance
        rows[key] = (row, seat)
    for number, (key, members) in enumerate(sets.items()):
        row, seat = rows[key]
        seats, seeds = np.full(DRAWS, seat, np.int32), np.arange(DRAWS, dtype=np.uint64) + np.uint64(DRAWS * number)
        drawn = game.resample(np.repeat(row, DRAWS), seats, seeds)
        assert set(game.information_key(drawn, seats)) == {key}
        assert (game.legal(drawn, seats) == game.legal(row, seat_of(seat))).all()
        counts = dict.fromkeys(members, 0)
        for one in drawn:
            counts[one.tobytes()] += 1
        total = sum(members.values())
        for member, chance in members.items():
            share = chance / total
            assert abs(counts[member] - DRAWS * share) <= 6 * np.sqrt(DRAWS * share * (1 - share)) + 1e-9


def expected(game: Game, position: Position, answers: Answers) -> float:
    """What the first seat gets on average from `position` on."""
    if position.over:
        return position.returns[0]
    seat, row = position.seat, position.row[0]
    if seat == game.seats:
        weights = game.odds(position.row)[0].astype(float)
    else:
        plays = "".join("-pb"[play] for play in row["plays"][: row["ply"]])
        bet = answers[int(row["cards"][seat]), plays]
        weights = np.array([1 - bet, bet])
    total = 0.0
    for action in np.flatnonzero(weights):
        after = position.copy()
        after.play(int(action))
        total += weights[action] * expected(game, after, answers)
    return total


def kuhns_answers(alpha: float) -> dict[tuple[int, str], float]:
    """The equilibria of Kuhn 1950, one for every `alpha` from 0 to 1/3: how often the first seat bluffs with a jack."""
    first = {
        (JACK, ""): alpha, (QUEEN, ""): 0.0, (KING, ""): 3 * alpha,
        (JACK, "pb"): 0.0, (QUEEN, "pb"): alpha + 1 / 3, (KING, "pb"): 1.0,
    }  # fmt: skip
    second = {
        (JACK, "p"): 1 / 3, (QUEEN, "p"): 0.0, (KING, "p"): 1.0,
        (JACK, "b"): 0.0, (QUEEN, "b"): 1 / 3, (KING, "b"): 1.0,
    }  # fmt: skip
    return first | second


@pytest.mark.parametrize("alpha", [0, 1 / 6, 1 / 3])
def test_kuhn_is_worth_a_loss_of_one_eighteenth(alpha: float) -> None:
    """Kuhn 1950: to the first seat; neither seat has a strategy that does better against these."""
    game = make_game("kuhn_poker")
    begin, answers = Position.new(game), kuhns_answers(alpha)
    assert expected(game, begin, answers) == pytest.approx(-1 / 18, abs=1e-6)
    for seat in range(2):
        decisions = [decision for decision in answers if (len(decision[1]) % 2 == 1) == (seat == 1)]
        gains = []
        for choice in itertools.product((0.0, 1.0), repeat=len(decisions)):
            gains.append(expected(game, begin, answers | dict(zip(decisions, choice, strict=True))))
        best = max(gains) if seat == 0 else min(gains)
        assert best == pytest.approx(-1 / 18, abs=1e-6)


def test_cards_of_others_are_drawn_face_down_until_the_end() -> None:
    game = make_game("kuhn_poker")
    position = Position.replay(game, 0, (KING, JACK, 0))
    words = [{shape.text for shape in position.draw(seat).shapes if hasattr(shape, "text")} for seat in range(2)]
    assert ["K" in seen for seen in words] == [True, False]
    assert ["J" in seen for seen in words] == [False, True]
    position.play(0)
    for seat in range(2):
        assert {"K", "J"} <= {shape.text for shape in position.draw(seat).shapes if hasattr(shape, "text")}


def test_words_of_poker() -> None:
    """A pass is a check or a fold, a bet is a call, a bet or a raise."""
    kuhn, leduc = make_game("kuhn_poker"), make_game("leduc_poker")
    position = Position.replay(kuhn, 0, (0, 2))
    assert [position.action_text(a) for a in (0, 1)] == ["check", "bet"]
    position.play(1)
    assert [position.action_text(a) for a in (0, 1)] == ["fold", "call"]
    position = Position.replay(leduc, 0, (0, 2))
    assert [position.action_text(a) for a in position.legal_actions()] == ["check", "bet"]
    position.play(2)
    assert [position.action_text(a) for a in position.legal_actions()] == ["fold", "call", "raise"]
    position.play(2)
    assert [position.action_text(a) for a in position.legal_actions()] == ["fold", "call"]
    assert Position.replay(leduc, 0, (0, 2, 2, 2, 0)).returns == (-3, 3)


def test_hidden_games_need_their_kernels() -> None:
    class Blind(TicTacToe):
        hidden = True

    with pytest.raises(ValueError, match="needs the kernels know and redeal"):
        Blind()
