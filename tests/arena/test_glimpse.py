"""What people get to see at a table where something is hidden: their own cards, and nothing that tells of others'."""

import numpy as np

from agents.core.agent import Thought
from arena.course import Course
from arena.glimpse import Glimpse
from arena.match import Seating
from games.core.canvas import Text
from games.core.registry import make_game

KING, JACK = 2, 0


def test_a_person_sees_its_own_cards_alone() -> None:
    game = make_game("kuhn_poker")
    for people, seen in (((0,), [{"K"}]), ((1,), [{"J"}]), ((), [{"K"}, {"J"}])):
        course, glimpse = Course(game, Seating(("a", "b"), 0)), Glimpse(game, people)
        texts = []
        for play in (KING, JACK):
            joint = course.joint(play)
            texts.append(glimpse.text(course.row, joint[0]))
            course.make(joint)
        views = glimpse.scene(course).views
        words = [{shape.text for shape in view if isinstance(shape, Text)} & {"K", "Q", "J"} for view in views]
        assert words == seen
        assert texts == (["deal", "deal"] if people else ["K to first", "J to second"])
        thought = Thought(value=np.array([0.5, -0.5], np.float32), note="bluff")
        for seat in range(2):
            insight = glimpse.insight(course, seat, thought)
            told = not people or seat in people
            assert (insight.value is not None) == (insight.note == "bluff") == told
