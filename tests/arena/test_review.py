"""Going over a game: mistakes are found where they were made, in JSON, as a table and as a picture of the search."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from agents.core.registry import make_agent
from arena.judges import judge_at_hand, true_values
from arena.match import Seating, play
from arena.messages import Judged, Remark
from arena.record import Record
from arena.review import Review, analyst_of
from arena.reviewing import serve, to_json
from arena.worker import Worker
from games.core.duel import seated
from games.core.errors import ArenaError
from games.core.position import Position
from games.core.registry import make_game

UCT = "uct(simulations=3000)"
# X: centre, O: edge (a true mistake), X, O: lets a fork stand, ... X wins
LOST = Record("tic_tac_toe", ("ann", "bob"), 0, (4, 1, 0, 8, 6, 3, 2), 0, (1.0, -1.0), (1.0, 0.0), "three in a row")
BOTS = str(Path(__file__).parent / "bots.py")


def judged(record: Record, agent: str = UCT) -> list[Judged]:
    with closing(Review(record, agent)) as review:
        return list(review.judged())


def played(game: str, *agents: str, seed: int = 3, opening: int = 0) -> Record:
    (record,) = play(
        seated(make_game(game), len(agents)),
        {spec: make_agent(spec) for spec in agents},
        [Seating(agents, seed, 0, opening)],
    )
    return record


def test_where_perfect_play_is_known_losses_are_true() -> None:
    plies = judged(LOST)
    assert [each.ply for each in plies] == list(range(7))
    assert [(each.ply, each.loss) for each in plies if each.mistake] == [(1, 1.0)]
    edge = plies[1]
    assert (edge.player, edge.played) == ("bob", 1)
    assert dict(edge.truths) == {0: 0, 1: -1, 2: 0, 3: -1, 5: -1, 6: 0, 7: -1, 8: 0}
    assert edge.best in (0, 2, 6, 8)
    assert edge.insight.candidates[0].visits is not None
    assert sum(each.visits or 0 for each in edge.insight.candidates) == 3000
    assert plies[6].played_value == 1.0  # it ends the game


def test_without_a_judge_the_search_says_what_is_lost() -> None:
    # nim: b1 evens the piles and wins; a2 leaves the other to be taken whole
    game = make_game("nim(piles='2 3', misere=false)")
    position, plays = Position.new(game), []
    for text in ("a2", "b3"):
        plays.append(game.parse_action(position.row, text))
        position.play(plays[-1])
    assert position.over
    record = Record(game.name, ("ann", "bob"), 0, tuple(plays), 0, (-1.0, 1.0), (0.0, 1.0), "")
    first, second = judged(record)
    assert not first.truths
    assert (first.best_text, first.mistake, second.mistake) == ("b1", True, False)
    assert first.loss is not None
    assert first.loss > 1.5
    assert (second.played_value, second.loss) == (1.0, 0.0)


@pytest.mark.parametrize(
    "game", ["kuhn_poker", "leduc_poker", "game_2048(max_tile=32)", "nim", "openspiel:breakthrough"]
)
def test_every_kind_of_game_is_gone_over(game: str) -> None:
    seats = 1 if game.startswith("game_2048") else 2
    record = played(game, *["random"] * seats)
    agent = {"kuhn_poker": "ismcts(simulations=100)", "leduc_poker": "ismcts(simulations=100)"}.get(
        game, "uct(simulations=50)"
    )
    plies = judged(record, agent)
    position = Position.new(make_game(game), record.seed)
    chosen = 0
    for each in record.plays:
        chosen += sum(seat < position.game.seats for seat in position.acting)
        position.play(each)
    assert len(plies) == chosen
    for each in plies:
        assert json.loads(json.dumps(to_json(each)))["played"]["action"] == each.played


def test_the_opening_was_nobodys_choice() -> None:
    record = played("connect_four", "random", "random", opening=3)
    assert judged(record, "uct(simulations=50)")[0].ply == 3


def test_equal_seeds_give_equal_reviews() -> None:
    assert [to_json(each) for each in judged(LOST)] == [to_json(each) for each in judged(LOST)]


def test_true_values_agree_with_play_to_the_end() -> None:
    judge = judge_at_hand(make_game("tic_tac_toe"))
    assert judge is not None
    position = Position.replay(make_game("tic_tac_toe"), 0, (0, 3, 1, 4))
    assert true_values(judge, position)[2] == 1
    assert true_values(judge, Position.replay(make_game("tic_tac_toe"), 0, (0, 3, 1, 4, 2))) == {}
    othello = make_game("othello")
    judge = judge_at_hand(othello)
    assert judge is not None
    assert true_values(judge, Position.new(othello)) == {}  # too far from the end


def test_the_tree_is_a_picture(tmp_path: Path) -> None:
    with closing(Review(LOST, UCT)) as review:
        picture = review.tree(1)
        with pytest.raises(ArenaError, match="--ply 9: no move was chosen there"):
            review.tree(9)
    root = ElementTree.fromstring(picture)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    space = "{http://www.w3.org/2000/svg}"
    widths = [float(path.attrib["stroke-width"]) for path in root.iter(f"{space}path")]
    assert len(widths) > 4
    assert max(widths) <= 15
    for box in list(root.iter(f"{space}rect"))[1:]:
        assert 0 <= float(box.attrib["x"]) <= width - float(box.attrib["width"])
        assert 0 <= float(box.attrib["y"]) <= height - float(box.attrib["height"])
    assert {"3,000 simulations; values for the seat to act"} <= {text.text for text in root.iter(f"{space}text")}


def test_who_keeps_no_tree_says_so() -> None:
    with (
        closing(Review(LOST, "alphabeta(depth=2)")) as review,
        pytest.raises(ArenaError, match="no search tree is kept"),
    ):
        review.tree(0)


@pytest.mark.parametrize(
    ("record", "agent", "said"),
    [
        (LOST, "nobody", "nobody"),
        (LOST, "ismcts(simulations=0)", "simulations"),
        (LOST, f"{BOTS}(kind=raises)", "failed at ply 0: RuntimeError: lost my way"),
        (LOST, f"{BOTS}(kind=illegal)", "failed at ply 0: illegal move 10000"),
        (
            Record("tic_tac_toe", ("a", "b"), 0, (), 0, (0.0, 0.0), (0.0, 1.0), "forfeit: resigned", 0),
            UCT,
            "nobody chose",
        ),
    ],
)
def test_what_cannot_be_gone_over_is_one_clear_line(record: Record, agent: str, said: str) -> None:
    with pytest.raises(ArenaError) as error:
        judged(record, agent)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_agent_that_says_nothing_of_values_finds_no_loss_of_its_own() -> None:
    plies = judged(played("connect_four", "random", "random"), "random")
    assert all(each.value is None and each.insight.value is None for each in plies)


def test_a_process_of_its_own_tells_each_ply() -> None:
    worker = Worker.start(serve, LOST, "uct(simulations=200)", name="review")
    told = [worker.said.get(timeout=60) for _ in range(8)]
    worker.stop(1.0)
    assert [each.ply for each in told[:7]] == list(range(7))
    assert told[7] is None
    worker = Worker.start(serve, LOST, "nobody", name="review")
    remark = worker.said.get(timeout=60)
    worker.stop(1.0)
    assert isinstance(remark, Remark)
    assert remark.text.startswith("No analysis: ")


def test_games_have_their_analysts() -> None:
    assert analyst_of("leduc_poker").startswith("ismcts")
    assert analyst_of("connect_four") == "uct(simulations=5000)"
    assert analyst_of("openspiel:breakthrough") == "uct(simulations=300)"
