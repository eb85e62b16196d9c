"""Ratings against hand-worked numbers, their invariances, what has no finite estimate, and what intervals promise."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from arena import davidson
from arena.ratings import ELO, MODEL, MODEL_WITHOUT_SEAT, Rating, Ratings, Result, _cells, fit
from games.core.errors import ArenaError


def league(
    rng: np.random.Generator, truth: dict[str, float], games: int, draw: float, first_seat: float
) -> list[Result]:
    """A simulated double round robin: `games` of every ordered pair, strengths and first-seat advantage in Elo."""
    results = []
    for first, strength in truth.items():
        for second, other in truth.items():
            if first != second:
                d = (strength - other + first_seat) / ELO
                weights = np.array([math.exp(d / 2), draw, math.exp(-d / 2)])
                results.append(Result(first, second, *map(int, rng.multinomial(games, weights / weights.sum()))))
    return results


def by_name(ratings: Ratings) -> dict[str, Rating]:
    return {player.name: player for player in ratings.players}


def test_two_players_by_hand() -> None:
    """A wins .6, draws .2 and loses .2 in either seat. Then e^d = .6 / .2 and nu = .2 / sqrt(.6 * .2); of the Fisher
    information, r and g have 20 (.8 / 4 - .2^2) = 3.2, log nu 20 * .2 * .8 = 3.2, r and log nu share -20 * .4 / 2 * .2
    = -.8, and the others nothing: the variance of r is 1 / (3.2 - .8^2 / 3.2) = 1/3, that of g 1 / 3.2."""
    ratings = fit([Result("A", "B", 6, 2, 2), Result("B", "A", 2, 2, 6)], anchor="B")
    a, b = ratings["A"], ratings["B"]
    assert ratings.model == MODEL
    assert a.elo == pytest.approx(400 * math.log10(3))
    assert ratings.draw == pytest.approx(0.2 / math.sqrt(0.12))
    assert a.high == pytest.approx(400 * math.log10(3) + 1.96 * ELO / math.sqrt(3))
    assert a.low == pytest.approx(400 * math.log10(3) - 1.96 * ELO / math.sqrt(3))
    assert (b.elo, b.low, b.high) == (0, 0, 0)
    assert ratings.first_seat is not None
    assert ratings.first_seat.value == pytest.approx(0, abs=1e-6)
    assert ratings.first_seat.high == pytest.approx(1.96 * ELO / math.sqrt(3.2))
    assert (a.games, a.wins, a.draws, a.losses, a.points, a.score) == (20, 12, 4, 4, 14, 0.7)
    assert ratings.games == 20


def test_first_seat_by_hand() -> None:
    """Equals of whom the first wins .6, draws .2 and loses .2: the odds of three to one are the seat's."""
    ratings = fit([Result("A", "B", 6, 2, 2), Result("B", "A", 6, 2, 2)], anchor="B")
    assert ratings.first_seat is not None
    assert ratings.first_seat.value == pytest.approx(400 * math.log10(3))
    assert ratings["A"].elo == pytest.approx(0, abs=1e-6)
    assert ratings.draw_rate == pytest.approx((1 / math.sqrt(3)) / (2 + 1 / math.sqrt(3)))


def test_without_draws_it_is_bradley_and_terry() -> None:
    """A to B are 4 to 1 and B to C 3 to 1 in either seat, so A and C, who never met, are 12 to 1."""
    pairs = [("A", "B", 8, 2), ("B", "C", 9, 3)]
    results = [row for a, b, w, l in pairs for row in (Result(a, b, w, 0, l), Result(b, a, l, 0, w))]
    ratings = fit(results, anchor="C")
    assert ratings["A"].elo == pytest.approx(400 * math.log10(12))
    assert ratings["B"].elo == pytest.approx(400 * math.log10(3))
    assert ratings.draw == 0
    variance = 1 / (20 * 0.8 * 0.2) + 1 / (24 * 0.75 * 0.25)
    assert ratings["A"].high == pytest.approx(400 * math.log10(12) + 1.96 * ELO * math.sqrt(variance))


def test_draws_are_not_half_wins() -> None:
    """Davidson's gap is that of the decisive games alone; half a win for a draw would compress it."""
    ratings = fit([Result("A", "B", 30, 60, 10), Result("B", "A", 10, 60, 30)], anchor="B")
    assert ratings["A"].elo == pytest.approx(400 * math.log10(3))
    assert ratings["A"].elo > 400 * math.log10(0.6 / 0.4) * 2


def test_the_gradient_is_that_of_the_likelihood() -> None:
    rng = np.random.default_rng(0)
    pairs = np.array([(0, 1), (1, 0), (0, 2), (2, 1), (1, 1)])
    cells = davidson.Cells(3, pairs[:, 0], pairs[:, 1], rng.integers(1, 9, (5, 3)).astype(float))
    support, theta, h = np.ones((5, 3), bool), rng.normal(size=5), 1e-5
    _, gradient, information = davidson.derivatives(cells, support, theta)
    for k, unit in enumerate(np.eye(5)):
        above, below = (davidson.derivatives(cells, support, theta + s * h * unit) for s in (1, -1))
        assert gradient[k] == pytest.approx((above[0] - below[0]) / (2 * h), abs=1e-5)
        assert information[k] == pytest.approx((below[1] - above[1]) / (2 * h), abs=1e-5)


def test_the_order_of_results_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    results = league(rng, {"a": 0, "b": 50, "c": 120, "d": 300}, 12, 0.5, 40)
    whole = fit(results, anchor="a")
    split = [row for r in results for row in (Result(*r[:2], r.wins_first, 0, 0), Result(*r[:2], 0, *r[3:]))]
    shuffled = fit([split[i] for i in rng.permutation(len(split))], anchor="a")
    renamed = fit([Result("z" + r.first[::-1], "z" + r.second[::-1], *r[2:]) for r in results], anchor="za")
    for player in whole.players:
        assert shuffled[player.name] == player
        assert renamed["z" + player.name].elo == pytest.approx(player.elo, abs=1e-6)
        assert renamed["z" + player.name].low == pytest.approx(player.low, abs=1e-6)


def test_another_anchor_shifts_all_ratings_alike() -> None:
    results = league(np.random.default_rng(2), {"a": 0, "b": 50, "c": 120, "d": 300}, 12, 0.5, 40)
    one, two = fit(results, anchor="a"), fit(results, anchor="c")
    for name in "abd":
        assert two[name].elo == pytest.approx(one[name].elo - one["c"].elo, abs=1e-6)
    assert two["a"].elo == pytest.approx(-one["c"].elo, abs=1e-6)
    assert two["a"].high - two["a"].low == pytest.approx(one["c"].high - one["c"].low)
    assert two.first_seat == one.first_seat


def test_games_against_oneself_tell_of_seat_and_draws_only() -> None:
    results = [Result("A", "B", 6, 2, 2), Result("B", "A", 2, 2, 6)]
    mirrored = fit([*results, Result("A", "A", 60, 20, 20)], anchor="B")
    assert mirrored.first_seat is not None
    assert mirrored.first_seat.value > 100
    assert mirrored["A"].games == 20
    assert mirrored.games == 120


def test_seats_never_swapped() -> None:
    """Seat and strength cannot be told apart, so the model has no seat and says so."""
    ratings = fit([Result("A", "B", 6, 2, 2)], anchor="B")
    assert ratings.model == MODEL_WITHOUT_SEAT
    assert ratings.first_seat is None
    assert ratings["A"].elo == pytest.approx(400 * math.log10(3))


def test_a_player_who_won_everything_has_a_lower_bound() -> None:
    """Ten wins out of ten are 2.5% likely where each is likely by the tenth root of .025."""
    results = [Result("A", "B", 5, 0, 0), Result("B", "A", 0, 0, 5)]
    p = 0.025**0.1
    bound = 400 * math.log10(p / (1 - p))
    a = fit(results, anchor="B")["A"]
    assert (a.elo, a.high, a.bound) == (None, None, ">")
    assert a.low == pytest.approx(bound, abs=0.01)
    assert str(a) == "> 140"
    b = fit(results, anchor="A")["B"]
    assert (b.elo, b.low, b.bound) == (None, None, "<")
    assert b.high == pytest.approx(-bound, abs=0.01)


def test_others_are_rated_as_if_the_one_sided_player_were_not_there() -> None:
    results = league(np.random.default_rng(3), {"a": 0, "b": 50, "c": 120}, 12, 0.5, 40)
    hopeless = [row for x in "abc" for row in (Result(x, "random", 12, 0, 0), Result("random", x, 0, 0, 12))]
    without, ratings = fit(results, anchor="a"), fit([*results, *hopeless], anchor="a")
    for name in "abc":
        assert ratings[name].elo == pytest.approx(without[name].elo, abs=1e-6)
        assert ratings[name].low == pytest.approx(without[name].low, abs=1e-6)
    assert ratings["random"].bound == "<"
    assert ratings["random"].high < -300
    assert ratings.players[-1].name == "random"
    assert ratings.first_seat is not None
    assert without.first_seat is not None
    assert ratings.first_seat.value == pytest.approx(without.first_seat.value, abs=1e-6)
    assert {player.bound for player in fit([*results, *hopeless], anchor="random").players} == {"", ">"}


@pytest.mark.parametrize(
    "results",
    [
        [Result("A", "B", 0, 5, 0), Result("B", "A", 0, 5, 0)],  # all drawn: nu has no bound, and hides any gap
        [Result("A", "B", 5, 0, 0), Result("B", "A", 5, 0, 0)],  # the first always wins: so does the seat
        [Result("A", "C", 5, 0, 0), Result("C", "A", 0, 0, 5), Result("B", "C", 5, 0, 0), Result("C", "B", 0, 0, 5)],
        [Result("A", "C", 5, 2, 3), Result("B", "D", 5, 2, 3)],  # they have not met, nor have those they met
    ],
    ids=["all drawn", "first seat wins", "both beat a third", "apart"],
)
def test_what_is_not_determined_is_not_rated(results: list[Result]) -> None:
    ratings = fit(results, anchor="A")
    b = ratings["B"]
    assert (b.elo, b.low, b.high, b.bound, str(b)) == (None, None, None, "?", "?")
    assert ratings.players[-1].bound == "?"


def test_separation_by_groups() -> None:
    """Whoever is of {a, b} beat whoever is of {c, d}: each group is rated within, the other is bounded."""
    inner = [Result("a", "b", 6, 1, 3), Result("b", "a", 5, 1, 4), Result("c", "d", 3, 1, 6), Result("d", "c", 5, 1, 4)]
    outer = [row for x in "ab" for y in "cd" for row in (Result(x, y, 6, 0, 0), Result(y, x, 0, 0, 6))]
    ratings = by_name(fit([*inner, *outer], anchor="c"))
    assert (ratings["d"].bound, ratings["a"].bound, ratings["b"].bound) == ("", ">", ">")
    swapped = by_name(fit([*inner, *outer], anchor="a"))
    assert (swapped["b"].bound, swapped["c"].bound, swapped["d"].bound) == ("", "<", "<")


def test_a_verdict_is_what_the_profile_likelihood_shows() -> None:
    """In small random leagues: far above or below the anchor the likelihood falls just where a rating ends."""
    rng, seen = np.random.default_rng(7), set()
    for trial in range(120):
        names = [f"p{k}" for k in range(rng.integers(2, 5))]
        results = [
            Result(a, b, *map(int, rng.multinomial(rng.integers(1, 5), rng.dirichlet([0.3, 0.3 * (trial % 2), 0.3]))))
            for a, b in itertools.product(names, names)
            if rng.random() < (0.9 if a != b else 0.1)
        ] or [Result("p0", "p1", 1, 0, 0)]
        ratings, cells = fit(results), _cells(results, sorted({name for row in results for name in row[:2]}))
        if ratings.model == MODEL_WITHOUT_SEAT:
            cells = replace(cells, seat=False)
        fitted, order = davidson.fit(cells), sorted(player.name for player in ratings.players)
        for player in ratings.players:
            if player.name != ratings.anchor:
                i, a = order.index(player.name), order.index(ratings.anchor)
                falls = [fitted.supremum - davidson._profile(fitted, i, a)(x)[0] > 0.05 for x in (-80.0, 80.0)]
                assert falls == [player.bound in ("", ">"), player.bound in ("", "<")], (results, player)
                seen.add(player.bound)
    assert seen == {"", ">", "<", "?"}


def test_the_choice_of_an_anchor() -> None:
    even = [Result("b", "a", 3, 1, 3), Result("a", "b", 3, 1, 3)]
    assert fit(even).anchor == "a"
    assert fit([*even, Result("b", "random", 3, 0, 1), Result("random", "b", 1, 0, 3)]).anchor == "random"
    assert fit([*even, Result("b", "c", 3, 0, 1), Result("c", "b", 1, 0, 3)]).anchor == "b"  # played most
    hopeless = [Result("b", "random", 9, 0, 0), Result("random", "b", 0, 0, 9)]
    assert fit([*even, *hopeless]).anchor == "b"  # to anchor at `random` would leave bounds only


def test_nothing_to_rate() -> None:
    with pytest.raises(ArenaError, match="no games to rate yet"):
        fit([Result("a", "b", 0, 0, 0)])
    with pytest.raises(ArenaError, match="no player 'c' to anchor at; there are a, b"):
        fit([Result("a", "b", 1, 0, 0)], anchor="c")


def test_a_large_log_and_a_long_chain() -> None:
    names = [f"p{k:02}" for k in range(60)]
    chain = [row for a, b in itertools.pairwise(names) for row in (Result(a, b, 2, 1, 1), Result(b, a, 2, 1, 2))]
    ratings = fit(chain, anchor="p00")
    assert all(player.bound == "" for player in ratings.players)
    million = fit([Result("a", "b", 10**6, 10**6, 1), Result("b", "a", 1, 10**6, 10**6)], anchor="b")
    assert million["a"].elo == pytest.approx(400 * 6, abs=1)


TRUTH = {"p0": 0.0, "p1": 60.0, "p2": 130.0, "p3": 180.0, "p4": 300.0, "p5": 340.0}


def coverage(leagues: int, seed: int) -> np.ndarray:
    """[leagues] the share of players whose 95% interval against the anchor holds the true gap: nu 0.6, seat 40 Elo,
    20 games of each ordered pair."""
    rng, shares = np.random.default_rng(seed), np.zeros(leagues)
    for k in range(leagues):
        players = by_name(fit(league(rng, TRUTH, 20, 0.6, 40), anchor="p0"))
        shares[k] = np.mean([players[name].low <= gap <= players[name].high for name, gap in TRUTH.items() if gap])
    return shares


def test_intervals_hold_the_truth_quickly() -> None:
    """Within four standard errors of the mean over leagues, in which players of one league share its anchor's luck."""
    shares = coverage(200, seed=11)
    assert abs(shares.mean() - 0.95) < 4 * shares.std() / math.sqrt(len(shares))


@pytest.mark.slow
def test_intervals_hold_the_truth_in_2000_leagues() -> None:
    share = coverage(2000, seed=2026).mean()
    print(f"95% intervals against the anchor hold the truth in {share:.2%} of {2000 * (len(TRUTH) - 1)}")
    assert 0.935 <= share <= 0.965


def test_bounds_hold_the_truth() -> None:
    """A player 500 Elo ahead wins everything in about a third of these leagues; in all, a bound is wrong in 2.5%."""
    rng, bounds, wrong, leagues = np.random.default_rng(5), 0, 0, 300
    truth = {"a": 0.0, "b": 30.0, "strong": 500.0}
    for _ in range(leagues):
        strong = by_name(fit(league(rng, truth, 5, 0.2, 40), anchor="a"))["strong"]
        if strong.bound == ">":
            bounds += 1
            wrong += strong.low > truth["strong"]
    assert bounds > leagues / 10
    assert wrong <= 0.025 * leagues + 3 * math.sqrt(0.025 * leagues)
