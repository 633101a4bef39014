"""The syntax of JSON, JSON Lines, and what Python prints."""

from __future__ import annotations

import ast
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.texts import texts, unhurried
from worker.model import Incomplete, Rejected, Unreadable
from worker.sources.bounded import LISTINGS_LIMIT
from worker.sources.json_text import written
from worker.sources.literal import DEPTH_LIMIT, Ambiguous, Malformed, value_of, values_of

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | texts
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


def refused(text: str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        written(text)
    return caught.value


# --- values -----------------------------------------------------------------


@unhurried
@given(json_values)
def test_every_value_is_read_as_written(value: object) -> None:
    assert value_of(json.dumps(value)) == value
    assert value_of(json.dumps(value, ensure_ascii=False)) == value


@unhurried
@given(json_values)
def test_what_python_prints_is_read_like_json(value: object) -> None:
    assert value_of(repr(value)) == ast.literal_eval(repr(value))


def test_python_of_other_times_is_read_too() -> None:
    assert value_of("{u'a': (1, None), 'b': True}") == {"a": [1, None], "b": True}
    assert value_of("{\"it's\": 'x'}") == {"it's": "x"}


def test_latex_that_nobody_escaped_stands_for_itself() -> None:
    assert value_of(r'{"title": "\alpha and \usepackage", "x": "it\\s"}') == {
        "title": "\\alpha and \\usepackage",
        "x": "it\\s",
    }


@pytest.mark.parametrize("number", ["9" * 5000, "1e400", "-1e999", "NaN", "Infinity", "-Infinity"])
def test_a_number_that_nobody_can_keep_is_null(number: str) -> None:
    """B29."""
    assert value_of(f'{{"a": {number}, "b": -0}}') == {"a": None, "b": 0}


def test_an_object_that_contradicts_itself_is_marked() -> None:
    """B30: twice the same is once."""
    value = value_of('{"id": 1, "title": "A", "id": 2, "title": "A"}')
    assert isinstance(value, Ambiguous)
    assert value.twice == "id"
    assert not isinstance(value_of('{"id": 1, "id": 1}'), Ambiguous)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 65 + "]" * 65])
def test_what_is_too_deep_is_refused_before_it_is_parsed(text: str) -> None:
    """B28."""
    with pytest.raises(Malformed, match=f"too deep: more than {DEPTH_LIMIT}"):
        value_of(text)


def test_brackets_in_texts_are_not_deep() -> None:
    assert value_of(json.dumps(["[" * 1000 + '\\"' * 9])) == ["[" * 1000 + '\\"' * 9]
    assert value_of(repr(["[" * 1000 + "'\""])) == ["[" * 1000 + "'\""]
    assert value_of("[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT) != []


def test_what_would_take_too_much_memory_is_refused_before_it_does() -> None:
    for many in ("[" + "{}," * 2_000_000, "[" + '"a",' * 2_000_001):
        with pytest.raises(Malformed, match="more than 2,000,000 brackets and commas"):
            value_of(many)
    with pytest.raises(Malformed, match="Python's notation"):
        value_of("['" + "a" * 8_000_000 + "']")


@pytest.mark.parametrize(
    "worst",
    [
        '{"' + '\\"' * 500_000,
        "{'" + "\\'" * 500_000,
        "{" + "'" * 1_000_000,
        "{'" + "\"'" * 500_000,
        "['a'" + "(" * 1_000_000,
        "{'a':" + "uU" * 500_000,
        "{" + " " * 1_000_000,
        '["' + "\\u12" * 250_000,
    ],
    ids=lambda worst: worst[:12],
)
def test_no_text_takes_long(worst: str) -> None:
    started = time.process_time()
    with pytest.raises(Malformed):
        value_of(worst)
    assert time.process_time() - started < 5


def test_values_may_follow_one_another() -> None:
    assert values_of('{\n"a": 1}{"b": 2}\n\n{"c": 3}') == [
        (1, {"a": 1}),
        (2, {"b": 2}),
        (4, {"c": 3}),
    ]


# --- files ------------------------------------------------------------------


@pytest.mark.parametrize(
    "whole",
    [
        '[{"title": "A", "n": -1.5e3, "u": "\\u00e9\\ud83d\\ude00"}, {"title": "B\\\\"}]\n',
        '{\n "papers": [\n  {"title": "A"},\n  {"title": "B"}\n ],\n "next": null\n}',
        '{"papers": [\n{"title": "A"},\n{"title": "B"}\n]}',
        "[{'title': 'A\\'s', 'x': None, 'y': (True, 1)}, {'title': \"B's\"}]",
        '{"title": "A"}',
    ],
)
def test_a_cut_file_breaks_off_wherever_it_was_cut(whole: str) -> None:
    """B24."""
    complete = written(whole)
    for cut in range(1, len(whole.rstrip())):
        assert isinstance(refused(whole[:cut]), Incomplete), whole[:cut]
    assert written(whole.rstrip()) == complete


def test_cut_lines_break_off_in_the_last() -> None:
    """B24: but what ends with a whole line looks whole."""
    whole = '{"title": "A"}\n{"title": "B"}\n{"title": "C"}\n'
    for cut in range(1, len(whole)):
        if whole[:cut].endswith(("}", "}\n")):
            assert len(written(whole[:cut]).values) == whole[:cut].count("}")
        else:
            assert isinstance(refused(whole[:cut]), Incomplete), whole[:cut]


def test_one_bad_line_is_set_aside_and_the_others_go_on() -> None:
    """B26."""
    found = written('{"title": "A"}\n\n{"title": }\n{"title": "C"}\n')
    assert [line for line, _ in found.values] == [1, 4]
    assert found.rejected == (Rejected("line 3", "no JSON: Expecting value (column 11)"),)
    assert found.by_line


def test_a_bad_first_line_is_set_aside_too() -> None:
    found = written('{"title": "A", "x}\n{"title": "B"}\n{"title": "C"}\n')
    assert [line for line, _ in found.values] == [2, 3]
    assert len(found.rejected) == 1


def test_a_bad_last_line_that_is_whole_does_not_break_off() -> None:
    found = written('{"title": "A"}\n{"title" "B"}\n')
    assert len(found.rejected) == 1


def test_lines_may_be_python() -> None:
    found = written("{'title': 'A'}\n{'title': \"B's\"}\n")
    assert [value for _, value in found.values] == [{"title": "A"}, {"title": "B's"}]


def test_objects_may_follow_one_another_on_several_lines() -> None:
    found = written('{\n  "title": "A"\n}\n{\n  "title": "B"\n}\n')
    assert [line for line, _ in found.values] == [1, 4]
    assert found.by_line


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[{"title": "A"}]\ngarbage', "line 2"),
        ('[{"title": "A"}] x', "line 1"),
        ('[{"title": "A"}]\n\n[]', "line 3"),
        ('[\n{"title": "A"},\n]', "line 3"),
        ('[\n{"title" "A"}\n]', "line 2"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, where: str) -> None:
    error = refused(text)
    assert not isinstance(error, Incomplete)
    assert error.reasons[0].where == where


def test_more_lines_than_any_day_has_are_refused() -> None:
    """B46."""
    assert "more than" in str(refused("{}\n" * (LISTINGS_LIMIT + 1)))
