"""What a digest mentions of papers that its reader had."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from tests.made import MONDAY, NOON, delivery, intake, paper, pick, subscriber
from worker.core.batch import Batch
from worker.core.news import LEAST, MOST_RELATED, MOST_TOOK_OFF, TIMES, Heard, told
from worker.core.plan import plan
from worker.deliveries import Plan
from worker.digests import Mention, News, Slot
from worker.manner import Manner, Relation
from worker.model import (
    Counts,
    Cursor,
    Paper,
    PaperNumber,
    Subscriber,
    SubscriberId,
    WhenEmpty,
)
from worker.sightings import Had, Sighting

TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
HE = SubscriberId(1)
ALL = frozenset(Relation)
END = Cursor(PaperNumber(9), 9)
PAPERS = tuple(replace(paper(n), version=n + 100) for n in range(1, 31))


def reader(related: Iterable[Relation] = ALL, cursor: Cursor | None = None) -> Subscriber:
    who = subscriber("koopman", cursor=cursor or Cursor(PaperNumber(30), 1))
    return replace(who, manner=Manner(related=frozenset(related)))


def again(
    number: int,
    upvotes: int | None = None,
    before: int | None = None,
    relation: Relation = Relation.AGAIN,
    intake: int = 2,
    day: date = TUESDAY,
) -> Sighting:
    return Sighting(intake, PaperNumber(number), relation, day, upvotes, before)


def sent(number: int, upvotes: int | None = None) -> Had:
    return Had(MONDAY, replace(paper(number), counts=Counts(upvotes)))


def heard(
    *sightings: Sighting,
    had: Iterable[Had] | None = None,
    end: Cursor = END,
    papers: tuple[Paper, ...] = PAPERS,
) -> Heard:
    """He had all papers, if nothing is said of it, with no votes yet."""
    all_had = had or [sent(n, 0) for n in range(1, 31)]
    return Heard(sightings, papers, end, {(HE, one.paper.number): one for one in all_had})


def found(which: Heard, who: Subscriber | None = None) -> list[tuple[str, int]]:
    mentions = told(which.mentions(who or reader()), (), ())
    return [(one.news.value, one.paper) for one in mentions]


def test_a_listing_is_told_with_what_it_had_and_has() -> None:
    which = heard(again(3, 20, 7, Relation.REPLACED), had=[sent(3, 7)])
    assert told(which.mentions(reader()), (), ()) == (
        Mention(News.REPLACED, PaperNumber(3), 103, TUESDAY, MONDAY, upvotes=20, before=7),
    )


def test_where_nobody_counts_votes_there_are_none() -> None:
    (mention,) = heard(again(3), had=[sent(3)]).mentions(reader())
    assert (mention.upvotes, mention.before) == (0, 0)


@pytest.mark.parametrize("relation", Relation)
def test_only_listings_of_the_kinds_that_he_asks_for_are_told(relation: Relation) -> None:
    which = heard(*(again(n, relation=kind) for n, kind in enumerate(Relation, 1)))
    told_of = [News(relation.value)]
    assert [News(news) for news, _ in found(which, reader([relation]))] == told_of
    assert found(which, reader([])) == []


def test_what_he_was_not_sent_is_not_news_to_him() -> None:
    which = heard(again(1, 90, 0), again(2, 90, 0), had=[sent(2, 0)])
    assert found(which) == [("took off", 2), ("again", 2)]


@pytest.mark.parametrize(
    "sighting",
    [again(3, 90, 0, intake=1), again(31, 90, 0), again(3, 90, 0, intake=10)],
    ids=["before his place", "a paper that has left", "a file that came while we asked"],
)
def test_what_is_no_news_now_is_not_asked_for(sighting: Sighting) -> None:
    which = heard(sighting, had=[sent(3, 0), sent(31, 0)])
    assert (found(which), which.wanted(reader())) == ([], frozenset())


def test_a_paper_that_he_has_yet_to_read_is_no_news() -> None:
    behind = reader(cursor=Cursor(PaperNumber(2), 1))
    which = heard(again(2), again(3))
    assert which.wanted(behind) == {2}
    assert found(which, behind) == [("again", 2)]


def test_only_papers_with_something_to_tell_are_wanted() -> None:
    which = heard(again(1), again(2, 30, 29), again(3, 29, 0), again(4, 30, 30), again(5, 40, None))
    assert which.wanted(reader([])) == {2, 5}
    assert which.wanted(reader([Relation.AGAIN])) == {1, 2, 3, 4, 5}
    assert which.papers([PaperNumber(2), PaperNumber(1)]) == PAPERS[:2]


@pytest.mark.parametrize(
    ("sighting", "tells"),
    [
        (again(3, day=MONDAY), False),
        (again(3, day=MONDAY - timedelta(days=1)), False),
        (again(3, day=MONDAY, relation=Relation.CROSS), True),
        (again(3, day=MONDAY, relation=Relation.REPLACED), True),
        (again(3, day=MONDAY - timedelta(days=1), relation=Relation.CROSS), False),
        (again(3, day=TUESDAY), True),
    ],
)
def test_the_list_of_its_own_day_read_once_more_or_an_older_one_is_not_listing_it_again(
    sighting: Sighting, tells: bool
) -> None:
    assert bool(found(heard(sighting))) is tells


def test_one_days_list_that_is_read_twice_is_told_once() -> None:
    first, second = again(3, intake=2), again(3, intake=3)
    past_the_first = reader(cursor=Cursor(PaperNumber(30), 2))
    assert found(heard(first, second)) == [("again", 3)]
    assert found(heard(first, second), past_the_first) == []
    assert found(heard(first, replace(second, day=WEDNESDAY)), past_the_first) == [("again", 3)]


@pytest.mark.parametrize(
    ("then", "before", "now", "tells"),
    [
        (0, 0, LEAST, True),
        (0, 0, LEAST - 1, False),
        (0, LEAST - 1, LEAST, True),
        (0, LEAST, LEAST + 500, False),
        (20, 20, TIMES * 20, True),
        (20, 20, TIMES * 20 - 1, False),
        (20, TIMES * 20, TIMES * 20 + 9, False),
        (0, None, LEAST, True),
        (None, None, 500, False),
        (5, 5, None, False),
    ],
)
def test_votes_took_off_when_they_cross_a_line_drawn_by_his_digest(
    then: int | None, before: int | None, now: int | None, tells: bool
) -> None:
    which = heard(again(3, now, before), had=[sent(3, then)])
    assert found(which, reader([])) == ([("took off", 3)] if tells else [])


def test_votes_take_off_for_him_once_whatever_they_do_later() -> None:
    counts = (0, 12, 29, 31, 31, 80, 4000)
    files = [
        again(3, now, before, intake=number, day=MONDAY + timedelta(days=number))
        for number, (before, now) in enumerate(pairwise(counts), 2)
    ]
    which = heard(*files)
    news = [
        found(which, reader([], Cursor(PaperNumber(30), place))) for place in range(1, 8)
    ]  # from each place on, all that follows
    assert news == [[("took off", 3)]] * 3 + [[]] * 4


def test_one_listing_of_each_paper_is_told_replaced_before_crossed_before_again() -> None:
    which = heard(
        again(3),
        again(3, relation=Relation.CROSS),
        again(3, relation=Relation.REPLACED),
        again(4, relation=Relation.CROSS),
        again(4),
    )
    assert found(which) == [("replaced", 3), ("cross", 4)]


def test_of_two_listings_alike_the_later_is_told() -> None:
    which = heard(again(3, day=TUESDAY), again(3, day=WEDNESDAY, intake=3))
    assert [one.day for one in told(which.mentions(reader()), (), ())] == [WEDNESDAY]


def test_the_strongest_come_first_and_no_more_than_a_few() -> None:
    listed = [again(n, 100 + n, 100 + n) for n in range(1, 16)]
    rose = [again(n, 100 + n, 0, Relation.CROSS) for n in range(16, 31)]
    news = found(heard(*listed, *rose), reader([Relation.AGAIN]))
    took_off = [("took off", 30 - n) for n in range(MOST_TOOK_OFF)]
    assert news == took_off + [("again", 15 - n) for n in range(MOST_RELATED)]
    assert found(heard(*rose, *listed), reader([Relation.AGAIN])) == news


# --- in a plan ---------------------------------------------------------------


def planned(
    which: Heard, who: Subscriber, carried: tuple[Mention, ...] = (), picks: tuple[int, ...] = ()
) -> Plan:
    waiting = delivery(*(pick(n) for n in picks))
    waiting = replace(waiting, digest=replace(waiting.digest, mentions=carried))
    batch = Batch((), (intake(2, 0, 30, seen=3),), Cursor(PaperNumber(30), 2), heard=which)
    superseded = waiting if carried or picks else None
    return plan(who, Slot("2025-09-09", TUESDAY), superseded, batch, message_id="<x>", now=NOON)


def mentioned(made: Plan) -> list[tuple[str, int]]:
    assert made.digest is not None
    return [(one.news.value, one.paper) for one in made.digest.mentions]


def test_a_digest_has_its_mentions() -> None:
    asks = replace(reader(), when_empty=WhenEmpty.SAY_SO)
    made = planned(heard(again(3, 90, 0), again(4)), asks)
    assert mentioned(made) == [("took off", 3), ("again", 3), ("again", 4)]
    assert made.cursor == Cursor(PaperNumber(30), 2)


def test_news_alone_makes_no_mail_and_is_kept_for_the_next_one() -> None:
    made = planned(heard(again(3)), reader())
    assert made.digest is None
    assert made.cursor == Cursor(PaperNumber(30), 1)
    later = replace(reader(cursor=made.cursor), when_empty=WhenEmpty.SAY_SO)
    assert mentioned(planned(heard(again(3)), later)) == [("again", 3)]


def test_without_news_all_files_are_read() -> None:
    assert planned(heard(), reader()).cursor == Cursor(PaperNumber(30), 2)


def test_the_mentions_of_a_digest_that_is_taken_over_are_told_each_once() -> None:
    old = Mention(News.AGAIN, PaperNumber(3), 103, TUESDAY, MONDAY, 5, 0)
    off = Mention(News.TOOK_OFF, PaperNumber(5), 105, TUESDAY, MONDAY, 50, 0)
    which = heard(again(3, 6, 5, day=WEDNESDAY), again(4))
    made = planned(which, reader(), (old, off))
    assert mentioned(made) == [("took off", 5), ("again", 3), ("again", 4)]
    assert made.digest is not None
    assert made.digest.mentions[1].day == WEDNESDAY


def test_a_paper_that_the_digest_has_is_not_mentioned_in_it() -> None:
    made = planned(heard(again(3), again(4)), reader(), picks=(3,))
    assert mentioned(made) == [("again", 4)]
