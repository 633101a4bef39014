"""The most upvoted of a day: ``top:10``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.oracle import matches
from tests.core.rules import RULES
from tests.made import MONDAY, intake, paper
from worker.core.batch import Batch
from worker.core.catalogue import Catalogue
from worker.core.evidence import spans, terms, tops
from worker.core.index import Index
from worker.core.obstacles import why_not
from worker.core.query import QueryError, parse
from worker.core.stock import lately
from worker.core.terms import And, Field, Not, Or, Top, Words
from worker.core.topmost import Standing, of_same_days, standings
from worker.core.trial import trial
from worker.core.window import Window
from worker.core.written import written
from worker.model import Counts, Cursor, Paper, PaperNumber, Rule

TUESDAY = MONDAY + timedelta(days=1)


def voted(number: int, upvotes: int | None, title: str = "", day: date = MONDAY) -> Paper:
    return replace(paper(number, title, day=day), counts=Counts(upvotes=upvotes))


DAY = [voted(1, 5), voted(2, 9, "Diffusion"), voted(3, 5), voted(4, None), voted(5, 0)]


def found(rule: str, papers: list[Paper], beside: list[Paper] | None = None) -> list[int]:
    bits = Index(Catalogue(papers, beside or ())).match(parse(rule))
    return [one.number for i, one in enumerate(papers) if bits >> i & 1]


def test_top_is_a_term_like_any_other() -> None:
    assert parse("top:10") == parse("TOP:010") == parse('top:"10"') == Top(10)
    assert parse("diffusion OR top:3") == Or((Words(("diffusion",)), Top(3)))
    assert parse("* -top:5 top:(3 OR 4)").__class__ is And
    assert written(parse("x -top:5")) == "x -top:5"
    assert parse("top") == Words(("top",))


@pytest.mark.parametrize(
    ("rule", "position", "reason"),
    [
        ("top:0", 4, "top: takes a number of papers from 1 to 100"),
        ("a top:101", 6, "top: takes a number of papers from 1 to 100"),
        ("top:ten", 4, "top: takes a number of papers from 1 to 100"),
        ("top:-3", 0, "top: must touch the word to look for; to leave it out write -top:word"),
        ("top:/1/", 4, "top: takes no regex"),
        ('top:"3"~5', 7, "top: takes one name, so it has no width"),
        ("-top:3", 0, "this only leaves papers out"),
    ],
)
def test_what_is_no_number_of_papers_is_refused_where_it_stands(
    rule: str, position: int, reason: str
) -> None:
    with pytest.raises(QueryError) as refused:
        parse(rule)
    assert (refused.value.position, refused.value.reason[: len(reason)]) == (position, reason)


def test_the_most_upvoted_of_a_day_are_found_and_of_equal_ones_the_earlier() -> None:
    assert found("top:1", DAY) == [2]
    assert found("top:2", DAY) == [1, 2]
    assert found("top:100", DAY) == [1, 2, 3], "never one without upvotes"
    assert found("* -top:1", DAY) == [1, 3, 4, 5]
    assert found("diffusion top:2 OR top:1", DAY) == [2]


def test_each_day_has_its_own() -> None:
    assert found("top:1", [*DAY, voted(6, 1, day=TUESDAY)]) == [2, 6]


def test_papers_beside_count_but_are_not_found() -> None:
    assert found("top:1", DAY[2:], DAY[:2]) == []
    assert found("top:3", DAY[2:], DAY[:2]) == [3]
    assert found("top:1", DAY[2:], [voted(6, 70, day=TUESDAY)]) == [3]


def test_of_a_paper_given_twice_the_last_state_counts() -> None:
    assert standings([voted(1, 5)], [voted(1, 99), voted(2, 7)]) == [Standing(2, 2)]


def test_the_others_of_the_same_days_are_those_that_stand_beside() -> None:
    papers = [*DAY, voted(6, 1, day=TUESDAY)]
    assert of_same_days(DAY[3:], papers) == tuple(DAY[:3])
    assert of_same_days((), papers) == ()


DAYS = st.sampled_from([MONDAY, TUESDAY])
MANY = st.lists(st.tuples(st.none() | st.integers(0, 4), DAYS), max_size=12).map(
    lambda some: [voted(n, votes, "neural", day) for n, (votes, day) in enumerate(some, 1)]
)


@given(MANY, st.integers(0, 12), st.integers(1, 6), RULES)
def test_top_agrees_with_the_oracle_wherever_a_batch_begins(
    papers: list[Paper], after: int, count: int, rule: str
) -> None:
    for asked in (f"top:{count}", f"({rule}) -top:{count}", f"neural OR ({rule}) top:{count}"):
        query = parse(asked)
        expected = [one.number for one in papers[after:] if matches(query, one, papers)]
        assert found(asked, papers[after:], papers[:after]) == expected


@given(MANY, st.integers(0, 12), st.integers(1, 6))
def test_what_came_before_his_cursor_counts_though_it_is_not_his(
    papers: list[Paper], after: int, count: int
) -> None:
    end = Cursor(PaperNumber(len(papers)), 0)
    late = papers[after:]
    beside = of_same_days(late, papers)
    made = Batch(late, [intake(1, len(papers), len(papers))], end, beside=beside)
    rule = Rule("x", f"top:{count}")
    his = [one.number for one in made.matches(rule, PaperNumber(after))]
    assert his == [one.number for one in late if matches(Top(count), one, papers)]
    whole = Batch(papers, [], end)
    assert his == [one.number for one in whole.matches(rule, PaperNumber(after))]


INDEX = Index(Catalogue(DAY))


def test_the_paper_alone_does_not_tell_that_it_is_among_the_most_upvoted() -> None:
    query = parse("diffusion top:3 -top:1")
    assert terms([query], DAY[1]) == ("diffusion",)
    assert spans([query], paper(1, "top 3"), Field.TITLE) == ()
    assert tops(query, INDEX, 0) == tops(query, INDEX, 2) == ("top:3",)
    assert tops(query, INDEX, 3) == ()
    assert tops(Not(Not(Top(3))), INDEX) == (), "what stands within a NOT is not asked for"


def test_what_keeps_a_paper_from_the_top_is_told_by_its_day() -> None:
    assert why_not(parse("top:2"), DAY[2], DAY) == "it is not among its day's 2 most upvoted"
    assert why_not(parse("top:1 paper"), DAY[2], DAY) == "it is not the most upvoted of its day"
    assert why_not(parse("top:3"), DAY[2], DAY) == ""
    assert why_not(parse("* -top:3"), DAY[2], DAY) == "it is excluded by NOT top:3"
    assert why_not(parse("top:9"), DAY[3], DAY) == "it is not among its day's 9 most upvoted"


def test_where_upvotes_are_counted_a_rule_is_tried_with_each_days_own_top() -> None:
    made = trial([Rule("x", "top:1")], lately(Window([*DAY, voted(6, 1, day=TUESDAY)], ())))
    assert (made.caught, made.rules[0].advice) == (2, ())


@pytest.mark.parametrize("rule", ["top:10", "diffusion OR upvotes:>=20", "paper -top:3"])
def test_where_no_source_counts_upvotes_a_rule_that_asks_for_them_is_told_so(rule: str) -> None:
    stock = lately(Window([voted(n, None) for n in range(1, 4)], ()))
    asked = next(word for word in ("top:10", "upvotes:>=20", "top:3") if word in rule)
    told = [one.text for one in trial([Rule("x", rule)], stock).rules[0].advice]
    assert told == [f"The source counts no upvotes, so {asked} matches nothing."]
