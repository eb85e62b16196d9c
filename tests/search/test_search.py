"""One search in several forms, which must agree; and what must be true of every tree."""

import numpy as np
import pytest

from games.core.game import Game, Positions
from games.core.position import Position
from games.core.registry import make_game
from games.core.seeds import derive
from search.models import GameModel, Rollouts, Uniform
from search.plan import Plan, make_plan, principal_variation
from search.puct import PUCT
from search.search import FusedSearch, Search
from search.tree import PROVEN, Tree, make_tree
from search.uct import UCT
from tests.search.toys import ODDS, PAID, Foreign, Guess, best_of_three, gamble, three_seats

NATIVE = ["connect_four", "tic_tac_toe", "pong_duel"]
LIMIT = {"pong_duel": 10}  # plies of a rollout
SIMULATIONS = 300


@pytest.fixture(scope="module", params=NATIVE)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def some_positions(game: Game, count: int) -> tuple[Positions, np.ndarray]:
    """Positions [B] with more and more random plies played, none of them over, and the seats that plan there."""
    rows, draw = [], np.random.default_rng(2)
    while len(rows) < count:
        position = Position.new(game, len(rows))
        for _ in range(len(rows) if game.tick is None else 15 * len(rows)):
            plays = [int(draw.choice(position.legal_actions(seat))) for seat in position.acting]
            position.play(plays[0] if len(plays) == 1 else plays)
            if position.over:
                break
        if not position.over:
            rows.append(position)
    return np.concatenate([row.row for row in rows]), np.array([row.acting[-1] for row in rows], np.int32)


def batched(game: Game, policy=UCT(), evaluator=None) -> Search:  # noqa: B008 - immutable
    return Search(
        GameModel(game, Rollouts(LIMIT.get(game.name)) if evaluator is None else evaluator), policy, game.bounds
    )


def same_plans(left: Plan, right: Plan) -> None:
    for one, other in zip(left, right, strict=True):
        np.testing.assert_array_equal(one, other)


def plan_of(tree: Tree, game: Game, b: int | None = None) -> Plan:
    plan = make_plan(tree, max(game.actions, game.outcomes))
    return plan if b is None else Plan(*(field[b : b + 1] for field in plan))


def check_tree(tree: Tree, b: int) -> None:
    """Visits add up, Q is what the child says, priors are probabilities, nothing is left pending."""
    nodes, edges, moves = tree.nodes[b, : tree.used[b, 0]], tree.edges[b, : tree.used[b, 1]], tree.moves[b]
    assert nodes[0]["visits"] == tree.simulations[b] + 1
    assert set(edges["pending"]) <= {0, PROVEN}
    assert len(set(edges["child"][edges["child"] > 0])) == (edges["child"] > 0).sum() == len(nodes) - 1
    for number, node in enumerate(nodes):
        mine = slice(node["first"], node["first"] + max(node["count"], 0))
        if node["count"] > 0:
            through = 1 + edges["visits"][mine].sum()
            assert node["visits"] == through or (node["proven"] and node["visits"] > through)
            assert moves["prior"][mine].sum() == pytest.approx(1, abs=1e-5)
            assert node["followed"] == (edges["child"][mine] > 0).sum()
            assert node["tried"] == pytest.approx(moves["prior"][mine][edges["child"][mine] > 0].sum(), abs=1e-5)
        for edge in edges[mine]:
            child = nodes[edge["child"]]
            if edge["child"] == 0:
                assert edge["visits"] == 0
                continue
            assert edge["visits"] == child["visits"]
            assert child["parent"] == number
            assert (edge["pending"] == PROVEN) == bool(child["proven"])
            if node["mover"] < tree.seats:
                worth = child["reward"] + child["discount"] * child["value"]
                assert edge["q"] == pytest.approx(worth[node["mover"]], abs=1e-5)


# -- forms of one search -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [UCT(), PUCT()], ids=["uct", "puct"])
def test_fused_and_batched_make_the_same_tree(name: str, policy: UCT | PUCT) -> None:
    game = make_game(name)
    rows, seats = some_positions(game, 5)
    seeds = np.arange(90, 95, dtype=np.uint64)
    together = batched(game, policy).run((rows, seats), SIMULATIONS, seeds)
    fused = FusedSearch(game, policy, LIMIT.get(name))
    for b in range(5):
        fused.begin(rows[b : b + 1], int(seats[b]), int(seeds[b]))
        tree = fused.go_on(SIMULATIONS)
        same_plans(plan_of(tree, game), plan_of(together, game, b))
        assert principal_variation(tree, 0) == principal_variation(together, b)
        assert tree.used[0, 0] == together.used[b, 0]
        for field in ("visits", "value", "reward", "raw", "mover", "proven"):
            size = tree.used[0, 0]
            np.testing.assert_array_equal(tree.nodes[field][0, :size], together.nodes[field][b, :size])
        check_tree(tree, 0)
        check_tree(together, b)


def test_a_tree_does_not_depend_on_its_batch(name: str) -> None:
    game = make_game(name)
    rows, seats = some_positions(game, 4)
    seeds = np.arange(4, dtype=np.uint64)
    for leaves in (1, 4):
        together = plan_of(batched(game).run((rows, seats), 100, seeds, leaves), game)
        for b in range(4):
            one = slice(b, b + 1)
            alone = batched(game).run((rows[one], seats[one]), 100, seeds[one], leaves)
            same_plans(plan_of(alone, game), Plan(*(field[one] for field in together)))


@pytest.mark.parametrize("policy", [UCT(), PUCT()], ids=["uct", "puct"])
def test_foreign_games_are_searched_as_native_ones(name: str, policy: UCT | PUCT) -> None:
    """The same rules behind the batched contract: the same tree."""
    game = make_game(name)
    inputs, seeds = some_positions(game, 3), np.arange(3, dtype=np.uint64)
    native = batched(game, policy, Guess()).run(inputs, 150, seeds, 2)
    foreign = batched(Foreign(game), policy, Guess()).run(inputs, 150, seeds, 2)
    same_plans(plan_of(native, game), plan_of(foreign, game))
    for b in range(3):
        check_tree(foreign, b)


def test_rollouts_of_a_foreign_game_agree_in_the_mean() -> None:
    """OpenSpiel's tic-tac-toe draws other random numbers than ours; the values of the first moves are the same."""
    means = []
    for spec in ("tic_tac_toe", "openspiel:tic_tac_toe"):
        game = make_game(spec)
        seeds = np.array([derive("mean", i) for i in range(64)], np.uint64)
        tree = batched(game, UCT(c=2.0)).run((game.start(seeds), np.zeros(64, np.int32)), 180, seeds)
        means.append(plan_of(tree, game).q.mean(0))
    assert means[0] == pytest.approx(means[1], abs=0.12)  # three standard errors
    assert means[0].argmax() == means[1].argmax() == 4


def test_search_goes_on_where_it_stopped(name: str) -> None:
    game = make_game(name)
    inputs, seeds = some_positions(game, 2), np.arange(2, dtype=np.uint64)
    at_once = plan_of(batched(game).run(inputs, 200, seeds), game)
    search = batched(game)
    search.begin(inputs, seeds, 200)
    for done in (1, 2, 70, 200, 200, 900):  # no more than there is room for
        tree = search.go_on(done)
        assert (tree.simulations == min(done, 200)).all()
    same_plans(plan_of(tree, game), at_once)
    fused = FusedSearch(game, UCT(), LIMIT.get(name))
    fused.begin(inputs[0][:1], int(inputs[1][0]), 0)
    for done in (1, 2, 70, 200):
        tree = fused.go_on(done)
    same_plans(plan_of(tree, game), Plan(*(field[:1] for field in at_once)))


def test_buffers_forget_the_search_before(name: str) -> None:
    game = make_game(name)
    rows, seats = some_positions(game, 3)
    search, fused = batched(game), FusedSearch(game, UCT(), LIMIT.get(name))
    for count, simulations, leaves in ((3, 200, 4), (3, 50, 1), (2, 120, 2), (3, 200, 1), (3, 200, 1)):
        seeds = np.full(count, simulations + count, np.uint64)
        again = search.run((rows[:count], seats[:count]), simulations, seeds, leaves)
        fresh = batched(game).run((rows[:count], seats[:count]), simulations, seeds, leaves)
        same_plans(plan_of(again, game), plan_of(fresh, game))
        if leaves == 1:
            fused.begin(rows[:1], int(seats[0]), simulations + count)
            same_plans(plan_of(fused.go_on(simulations), game), plan_of(fresh, game, 0))


def test_a_pool_that_grows_changes_nothing(name: str) -> None:
    game = make_game(name)
    inputs, seeds = some_positions(game, 2), np.arange(2, dtype=np.uint64)
    roomy = batched(game).run(inputs, SIMULATIONS, seeds)
    search = batched(game)
    search.tree = make_tree(2, SIMULATIONS + 1, game.actions, game.seats, game.bounds)
    same_plans(plan_of(search.run(inputs, SIMULATIONS, seeds), game), plan_of(roomy, game))
    plans = []
    for nodes in (64, 4 * SIMULATIONS):
        fused = FusedSearch(game, UCT(), LIMIT.get(name))
        fused.begin(inputs[0][:1], int(inputs[1][0]), 0, nodes)
        plans.append(plan_of(fused.go_on(3 * SIMULATIONS), game))
    same_plans(*plans)


@pytest.mark.parametrize("leaves", [1, 3, 8])
@pytest.mark.parametrize("simulations", [1, 2, 7, 200])
def test_several_leaves_a_tree(name: str, leaves: int, simulations: int) -> None:
    """However many leaves are out at once, the simulations are exact and every mark is taken back."""
    game = make_game(name)
    inputs, seeds = some_positions(game, 4), np.arange(4, dtype=np.uint64)
    for policy in (UCT(), PUCT()):
        tree = batched(game, policy).run(inputs, simulations, seeds, leaves)
        assert (tree.simulations == simulations).all()
        plan = plan_of(tree, game)
        assert (plan.visits.sum(1) == simulations).all() or tree.nodes["proven"][:, 0].any()
        for b in range(4):
            check_tree(tree, b)


def test_roots_where_the_game_is_over() -> None:
    """They take no move and disturb nobody."""
    game = make_game("tic_tac_toe")
    over, begun = (Position.replay(game, 0, plays).row for plays in ((0, 3, 1, 4, 2), (0, 3)))
    seats, seeds = np.zeros(2, np.int32), np.array([7, 5], np.uint64)
    for leaves in (1, 4):
        plan = plan_of(batched(game).run((np.concatenate([over, begun]), seats), 60, seeds, leaves), game)
        alone = plan_of(batched(game).run((begun, seats[1:]), 60, seeds[1:], leaves), game)
        same_plans(Plan(*(field[1:] for field in plan)), alone)
        assert plan.action[0] == -1
        assert not plan.visits[0].any()
        assert not plan.value[0].any()
    fused = FusedSearch(game, UCT())
    fused.begin(over, 0, 7)
    assert plan_of(fused.go_on(60), game).action[0] == -1
    assert principal_variation(fused.tree, 0) == ()


# -- chance, and other than two seats ------------------------------------------------------------------------------


def test_outcomes_are_visited_in_proportion_to_their_odds() -> None:
    game = gamble(bounds=None)
    search = batched(game, UCT(), Uniform())
    rows = game.at((), (1,), (1,))
    tree = search.run((rows, np.zeros(3, np.int32)), 400, np.arange(3, dtype=np.uint64), 2)
    plan = plan_of(tree, game)
    assert np.abs(plan.visits[1] - 400 * np.array(ODDS)).max() <= 2
    assert plan.value[:, 0] == pytest.approx([0.43, 0.43, 0.43], abs=0.02)
    assert plan.action[0] == 1
    assert plan.q[0, :2] == pytest.approx([0.4, 0.43], abs=0.01)
    assert tree.nodes["mover"][1, 0] == 1
    for b in range(3):
        check_tree(tree, b)


def test_a_settled_gamble_is_exact() -> None:
    game = gamble(bounds=(0.0, 1.0))
    tree = batched(game, UCT(), Uniform()).run((game.at(()), np.zeros(1, np.int32)), 20, np.zeros(1, np.uint64))
    assert tree.nodes["proven"][0, 0] == 1
    assert tree.nodes["value"][0, 0, 0] == pytest.approx(np.dot(ODDS, PAID))
    assert plan_of(tree, game).action[0] == 1


def test_dice_of_openspiel() -> None:
    """Pig with three players, its dice rolled by nature: trees hold, and stopping at the goal is seen."""
    game = make_game("openspiel:pig(players=3, winscore=6)")
    rows, seeds = game.start(np.zeros(2, np.uint64)), np.arange(2, dtype=np.uint64)
    tree = batched(game).run((rows, np.zeros(2, np.int32)), 300, seeds, 3)
    for b in range(2):
        check_tree(tree, b)
    chance = tree.nodes[0][tree.nodes[0]["mover"] == 3]
    assert chance["visits"].max() > 20
    assert (chance["count"] == 6).all()


def test_three_seats_each_for_itself() -> None:
    """With values as vectors each seat reads its own entry; all 27 ends are soon seen, so the result is exact."""
    game = three_seats()
    tree = batched(game, UCT(), Uniform()).run((game.at(()), np.zeros(1, np.int32)), 3000, np.zeros(1, np.uint64))
    line, paid = best_of_three()
    assert principal_variation(tree, 0) == line
    assert tree.nodes["value"][0, 0] == pytest.approx(paid, abs=0.05)
    check_tree(tree, 0)
