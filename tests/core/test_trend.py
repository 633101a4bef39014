"""Papers per day of each rule; and for whom is mailed seldom, what changed in a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.core.oracle import seed_papers
from tests.made import MONDAY, NOON, intake, paper, subscriber
from worker.core.batch import Batch
from worker.core.catalogue import Catalogue
from worker.core.exemplars import likes_in
from worker.core.index import Index
from worker.core.likeness import Likeness
from worker.core.past import DAYS, Past
from worker.core.plan import plan
from worker.core.query import parse
from worker.core.schedule import parse_schedule
from worker.core.trend import compared, trends, week
from worker.digests import Change, Digest, Slot, Trend, Week
from worker.model import Counts, Cursor, Paper, PaperNumber, Rule

LAST = MONDAY + timedelta(days=4)


def month(*titles: tuple[int, str, int]) -> Past:
    """Each title on the day so many days before the last, so many times."""
    papers: list[Paper] = []
    for before, title, times in titles:
        for _ in range(times):
            papers.append(paper(len(papers) + 1, title, day=LAST - timedelta(days=before)))
    return Past(papers)


def over(past: Past) -> Batch:
    newest = PaperNumber(past.size)
    some = [one for each in past.days for one in each.papers if one.number == newest]
    return Batch(some, (intake(1, 1, newest, day=LAST),), Cursor(newest, 1), past)


PAST = month((31, "Graph", 1), (20, "Graph", 2), (3, "Graph tree", 1), (0, "Tree", 3))


def rules(*queries: str) -> list[Rule]:
    return [Rule(query.upper(), query) for query in queries]


def told(*days: int, rule: str = "r") -> Trend:
    return Trend(rule, LAST, days)


def test_a_trend_has_every_day_up_to_the_newest_also_those_without_papers() -> None:
    (graph, tree) = trends(rules("graph", "tree"), over(PAST))
    assert graph == Trend("GRAPH", LAST, (2, *[0] * 16, 1, 0, 0, 0))
    assert (tree.rule, tree.days[-4:], len(tree.days)) == ("TREE", (1, 0, 0, 3), 21)


def test_no_trend_is_longer_than_the_past() -> None:
    long = month(*((n, "Graph", 1) for n in range(DAYS + 5)))
    assert trends(rules("graph"), over(long))[0].days == (1,) * DAYS


def test_a_rule_that_cannot_be_read_has_no_trend_and_the_others_keep_their_order() -> None:
    made = trends(rules("tree", '"unclosed', "graph"), over(PAST))
    assert [one.rule for one in made] == ["TREE", "GRAPH"]


def test_without_a_past_there_are_no_trends() -> None:
    assert trends(rules("graph"), over(Past(()))) == ()


def test_what_rose_and_fell_by_half_or_more_is_told_the_strongest_change_first() -> None:
    made = compared(
        [
            told(0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 6, rule="half more"),
            told(0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 5, rule="a little more"),
            told(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, rule="new, and of 16 days"),
            told(0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 2, rule="doubled"),
            told(0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 2, rule="half less"),
            told(0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 3, rule="a little less"),
            told(0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, rule="gone"),
        ]
    )
    assert made.rose == (
        Change("new, and of 16 days", 3, 0),
        Change("doubled", 4, 2),
        Change("half more", 6, 4),
    )
    assert made.fell == (Change("gone", 0, 3), Change("half less", 2, 4))


def test_of_changes_as_strong_the_one_of_more_papers_comes_first_and_three_are_enough() -> None:
    many = [told(*[0] * 13, n, rule=str(n)) for n in range(3, 8)]
    assert [one.now for one in compared(many).rose] == [7, 6, 5]
    fewer = [told(n, *[0] * 13, rule=str(n)) for n in range(3, 8)]
    assert [one.before for one in compared(fewer).fell] == [7, 6, 5]


def test_one_or_two_papers_are_no_news() -> None:
    assert compared([told(*[0] * 13, 2), told(2, *[0] * 13), told(*[0] * 14)]) == Week()


def test_nothing_is_compared_with_a_week_that_is_only_partly_known() -> None:
    assert compared([told(*[0] * 12, 9)]) == Week()


WEEKLY, MONTHLY = parse_schedule("weekly fri 08:00"), parse_schedule("monthly 1 08:00")
BUSY = month((20, "Graph", 1), (0, "Graph", 3))


@pytest.mark.parametrize("schedule", [WEEKLY, MONTHLY])
def test_who_is_mailed_weekly_or_monthly_is_told_what_changed(schedule: object) -> None:
    batch = over(BUSY)
    made = week(schedule, LAST, trends(rules("graph"), batch), batch)  # type: ignore[arg-type]
    assert made == Week(rose=(Change("GRAPH", 3, 0),))


@pytest.mark.parametrize("schedule", ["daily 08:00", "weekdays 08:00", "immediately"])
def test_whoever_is_mailed_more_often_is_not(schedule: str) -> None:
    batch = over(BUSY)
    assert week(parse_schedule(schedule), LAST, trends(rules("graph"), batch), batch) is None


def test_a_week_that_is_long_over_or_had_no_change_is_not_told() -> None:
    batch = over(BUSY)
    of_graphs = trends(rules("graph"), batch)
    assert week(WEEKLY, LAST + timedelta(days=6), of_graphs, batch)
    assert week(WEEKLY, LAST + timedelta(days=7), of_graphs, batch) is None
    assert week(WEEKLY, LAST, trends(rules("vine"), batch), batch) is None
    assert week(WEEKLY, LAST, (), over(Past(()))) is None


def test_a_digest_has_the_trends_and_the_week() -> None:
    who = subscriber("graph", "tree", schedule="weekly fri 08:00")
    made = plan(who, Slot(str(LAST), LAST), None, over(BUSY), message_id="<x@y.org>", now=NOON)
    assert isinstance(made.digest, Digest)
    assert [(one.rule, sum(one.days)) for one in made.digest.trends] == [("graph", 4), ("tree", 0)]
    assert made.digest.week == Week(rose=(Change("graph", 3, 0),))


def test_a_trend_says_which_day_is_its_last() -> None:
    assert trends(rules("*"), over(month((9, "x", 1))))[0].last == date(2025, 9, 3)


def test_a_trend_of_the_most_upvoted_counts_each_day_for_itself() -> None:
    days = [LAST - timedelta(days=before) for before in (2, 2, 2, 0)]
    some = [replace(paper(n, day=day), counts=Counts(upvotes=n)) for n, day in enumerate(days, 1)]
    assert trends(rules("top:2"), over(Past(some)))[0].days == (2, 0, 1)


def test_a_trend_of_what_is_like_a_paper_knows_that_paper() -> None:
    some = [replace(one, day=LAST - timedelta(days=one.number % 2)) for one in seed_papers()]
    named = next(one for one in some if one.title.startswith("EvoMoE"))
    query, past = f'like:"{named.title}"', Past(some)
    likeness = Likeness(past.corpus, dict.fromkeys(likes_in((query,)), named))
    batch = Batch(some, (), Cursor(some[-1].number, 0), past, likeness=likeness)
    (one,) = trends([Rule("r", query)], batch)
    assert sum(one.days) == Index(Catalogue(some), likeness).match(parse(query)).bit_count() >= 3
    assert trends([Rule("again", query)], batch)[0].days == one.days
