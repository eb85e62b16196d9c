"""Specs: what is written is read, what is wrong gets one clear line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.core.errors import ArenaError
from games.core.specs import Spec, parse

NAMES = st.from_regex(r"[A-Za-z0-9_./~-]([A-Za-z0-9_./~ -]*[A-Za-z0-9_./~-])?", fullmatch=True)
LETTERS = st.characters(exclude_categories=["C", "Z"], exclude_characters="'") | st.just(" ")
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = NUMBERS | st.booleans() | st.none() | st.text(LETTERS)
OPTIONS = st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True), VALUES, max_size=4)


@given(NAMES, OPTIONS, st.none() | st.sampled_from(["openspiel", "gymnasium", "my_world2"]))
def test_what_is_written_is_read(name: str, options: dict, world: str | None) -> None:
    spec = Spec(name, options, world)
    again = parse(str(spec))
    assert again == spec
    assert [type(value) for value in again.options.values()] == [type(value) for value in options.values()]


@given(st.text(st.sampled_from("ab1_.:/~-() =,\"'[]+\n"), max_size=24) | st.text(max_size=24))
def test_any_text_is_a_spec_or_one_clear_line(text: str) -> None:
    spec, complaint = None, ""
    try:
        spec = parse(text)
    except ArenaError as error:
        complaint = str(error)
    assert len(complaint.splitlines()) <= 1
    assert spec is None or parse(str(spec)) == spec


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("connect_four", Spec("connect_four")),
        (" go( board_size = 9 ) ", Spec("go", {"board_size": 9})),
        ("go()", Spec("go")),
        ("uct(simulations=1_000, c=.5, seconds=1e-1)", Spec("uct", {"simulations": 1000, "c": 0.5, "seconds": 0.1})),
        (
            "x(a=true, b=False, c=none, d=-3, e=two words)",
            Spec("x", {"a": True, "b": False, "c": None, "d": -3, "e": "two words"}),
        ),
        ("x(a='1', b=\"a, b\", c='')", Spec("x", {"a": "1", "b": "a, b", "c": ""})),
        ("openspiel:misere(game=nim(pile_sizes=3;4))", Spec("misere", {"game": "nim(pile_sizes=3;4)"}, "openspiel")),
        (
            "openspiel:start_at(history=f(a=1, b=2), n=1)",
            Spec("start_at", {"history": "f(a=1, b=2)", "n": 1}, "openspiel"),
        ),
        ("gymnasium:CartPole-v1", Spec("CartPole-v1", {}, "gymnasium")),
        ("pettingzoo:butterfly/cooperative_pong_v5", Spec("butterfly/cooperative_pong_v5", {}, "pettingzoo")),
        ("~/my bots/the-best.py(depth=3)", Spec("~/my bots/the-best.py", {"depth": 3})),
        ("./Schäfer/été+1@home.py", Spec("./Schäfer/été+1@home.py")),
        ("alphazero(weights=runs/c4/best)", Spec("alphazero", {"weights": "runs/c4/best"})),
    ],
)
def test_examples(text: str, spec: Spec) -> None:
    assert parse(text) == spec
    assert spec.is_file == (".py" in text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not a name"),
        ("()", "is not a name"),
        ("a:b:c", "is not a name"),
        ("Go:x", "is not a name"),
        ("go(9)", "'9' is not an option; options are written key=value"),
        ("go(=9)", "is not an option"),
        ("go(size=9", "is not closed at the end"),
        ("go(size=9) now", "is not closed at the end"),
        ("go(size=9, size=9)", "option 'size' is given twice"),
        ("go(name='x)", "a quote is not closed"),
        ("go(of=f(x)", "a bracket is not closed"),
        ("go(of=x))", "a bracket is closed that was not opened"),
        ("go(size=9,,b=1)", "'' is not an option"),
        ("one\ntwo", "is not a name"),
    ],
)
def test_complaints(text: str, complaint: str) -> None:
    with pytest.raises(ArenaError) as error:
        parse(text)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)
