"""Why a rule matches a paper, where, and why not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.oracle import matches, places, seed_papers
from tests.core.rules import LEAVES, RULES
from tests.made import paper
from worker.core.evidence import spans, terms
from worker.core.labels import texts
from worker.core.obstacles import why_not
from worker.core.query import Query, parse
from worker.core.terms import TEXT, And, Everything, Field, Top
from worker.core.written import verbatim
from worker.model import Counts, Paper

PAPER = replace(
    paper(
        1,
        r"Schr\"odinger's Neural Operators",
        "A neural, operator-learning survey of PDEs: a survey.",
    ),
    authors=("Yann LeCun",),
    categories=("cs.LG",),
    counts=Counts(upvotes=3),
    source="arxiv",
)


def marked(*rules: str, field: Field = Field.ABSTRACT) -> list[str]:
    text = PAPER.title if field is Field.TITLE else PAPER.abstract
    return [text[start:end] for start, end in spans(map(parse, rules), PAPER, field)]


def test_the_terms_that_a_paper_has_are_named_as_written_in_the_order_of_the_rule() -> None:
    asked = parse('(Video OR PDE OR "neural operator"~2) author:LeCun PDE cat:cs operat* -video')
    assert terms([asked], PAPER) == (
        ("PDE", '"neural operator"~2', "author:LeCun", "cat:cs", "operat*")
    )


def test_words_stand_as_the_reader_typed_them_the_first_time() -> None:
    found = replace(PAPER, title="Three 3D maps", abstract="Of an Image-Editing survey.")
    asked = parse(
        'title:(“3D” OR maps) 3d, (Image-editing) "Image   editing" cat:CS.lg /Sur/ 3D -"3D maps"'
    )
    assert terms([asked, parse("SURVEY 3d")], found) == (
        *("title:“3D”", "title:maps", "3d", "Image-editing", '"Image editing"', "cat:CS.lg"),
        *("/Sur/", "SURVEY"),
    )
    assert why_not(asked, found) == 'it is excluded by NOT "3D maps"'
    assert why_not(parse("Cat, (4D OR X Ray) id:2509.1V2"), found) == (
        "it has no Cat; it matches none of 4D, (X Ray); it has no id:2509.1V2"
    )


def test_numbers_kind_and_source_are_reasons_too() -> None:
    asked = parse("(upvotes:>=2 OR stars:5) day:2025-09 kind:new source:arxiv -comments:9")
    assert terms([asked], PAPER) == (
        *("upvotes:>=2", "day:2025-09-01..2025-09-30", "kind:new", "source:arxiv"),
    )


def test_a_source_that_is_not_known_is_said_to_be_that() -> None:
    assert why_not(parse("source:hf"), paper(1)) == "it is not source:hf (not known)"


def test_neither_everything_nor_what_is_left_out_is_a_reason() -> None:
    assert terms([parse("* -(video OR learning-models) -(-neural)")], PAPER) == ()


def test_the_places_of_all_terms_are_marked_as_they_stand() -> None:
    assert marked("survey OR PDE", "operat*") == ["operator", "survey", "PDEs", "survey"]
    assert marked("schrodinger", field=Field.TITLE) == [r"Schr\"odinger"]
    assert marked('"neural operator"') == ["neural, operator"]
    assert marked("/oper[^ ]*/") == ["operator-learning"]


def test_a_window_marks_its_words_and_not_what_lies_between() -> None:
    assert marked('"survey neural"~4') == ["neural", "survey"]
    assert marked('"survey pdes"~4') == ["survey", "PDEs", "survey"]


def test_spans_that_overlap_or_touch_become_one() -> None:
    assert marked("neural-operator", "operator-learning", "/operator-/") == (
        ["neural, operator-learning"]
    )
    assert marked("/neu/", "/ral/") == ["neural"]


def test_a_regex_marks_no_empty_place_and_no_more_than_a_hundred() -> None:
    assert spans([parse("/(?-i)[a-z0-9]+|^\\b/")], paper(1, "A bc"), Field.TITLE) == ((2, 4),)
    assert len(spans([parse("/a/")], paper(1, "a " * 5000), Field.TITLE)) == 100


def test_other_fields_and_what_is_left_out_mark_nothing() -> None:
    assert marked("title:neural OR title:/survey/ OR author:su* OR cat:a OR (* -pdes)") == []
    assert marked("abstract:survey", field=Field.TITLE) == []


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("neural", ""), ("neural video", "it has no video"),
        ('image "video editing" -survey',
         'it has no image; it has no "video editing"; it is excluded by NOT survey'),
        ("title:survey OR (image video)", "it matches none of title:survey, (image video)"),
        ("neural -(video OR PDE OR (a survey))",
         "it is excluded by NOT PDE; it is excluded by NOT (a survey)"),
        ("neural -(-video)", "it has no video"), ("* -*", "it is excluded by NOT *"),
        ("author:bengio author:lecun", "it has no author:bengio"),
        ("upvotes:>=20", "it is not upvotes:>=20 (3)"),
        ("neural stars:>=20", "it is not stars:>=20 (not counted)"),
        ("day:2025-09-09..", "it is not day:>=2025-09-09 (2025-09-08)"),
        ("kind:cross source:x", "it is not kind:cross (new); it is not source:x (arxiv)"),
        ("neural -upvotes:<5", "it is excluded by NOT upvotes:<=4"),
    ],
)  # fmt: skip
def test_what_keeps_a_paper_out_is_named(rule: str, reason: str) -> None:
    assert why_not(parse(rule), PAPER) == reason


@settings(deadline=None)
@given(st.sampled_from(seed_papers()), RULES)
def test_there_is_a_reason_against_exactly_when_there_is_no_match(one: Paper, rule: str) -> None:
    query = parse(rule)
    assert bool(why_not(query, one)) != matches(query, one)


@settings(deadline=None)
@given(st.sampled_from(seed_papers()), st.lists(LEAVES.map(parse), min_size=1, max_size=4))
def test_a_term_is_named_exactly_when_the_paper_has_it(one: Paper, asked: list[Query]) -> None:
    had = [term for term in asked if matches(term, one) and not isinstance(term, Everything | Top)]
    assert terms([And(tuple(asked))], one) == tuple(map(verbatim, dict.fromkeys(had)))


@settings(deadline=None)
@given(
    st.sampled_from(seed_papers()),
    st.lists(LEAVES.map(parse), max_size=4),
    st.sampled_from(TEXT),
)
def test_a_text_is_marked_exactly_where_it_has_a_term(
    one: Paper, asked: list[Query], field: Field
) -> None:
    (text,) = texts(one, field)
    found = spans(asked, one, field)
    edges = [edge for span in found for edge in span]
    assert edges == sorted(set(edges))
    assert {place for start, end in found for place in range(start, end)} == {
        place for term in asked for place in places(term, text, field)
    }
