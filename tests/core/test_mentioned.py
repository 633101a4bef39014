"""News of papers had before."""

from __future__ import annotations

from dataclasses import replace

from tests.made import delivery, paper
from tests.showcase import DAYS, MENTIONED, MENTIONS
from worker.core.mentioned import mentioned
from worker.core.trim import WHOLE, Trim
from worker.deliveries import Delivery
from worker.digests import Mention, News
from worker.model import Paper, PaperNumber


def of(*mentions: Mention, papers: tuple[Paper, ...] = MENTIONED) -> Delivery:
    one = delivery(papers=papers)
    return replace(one, digest=replace(one.digest, mentions=mentions))


def test_each_says_what_is_new_and_leads_to_the_paper() -> None:
    lines = mentioned(of(*MENTIONS), WHOLE)
    assert [(line.news, line.upvotes, line.before) for line in lines] == [
        ("took off", 120, 14), ("took off", 120, 0), ("again", 0, 0), ("replaced", 0, 0),
        ("cross", 0, 0),
    ]  # fmt: skip
    assert lines[0].url == MENTIONED[0].url
    assert lines[-1].url.endswith("query=The+one+that+was+cross-listed")


def test_there_are_no_more_than_there_is_room_for_and_none_of_an_unknown_paper() -> None:
    many = tuple(MENTIONS) * 9
    assert len(mentioned(of(*many), WHOLE)) == len(many)
    assert len(mentioned(of(*many), Trim(papers=3))) == 3
    assert mentioned(of(Mention(News.AGAIN, PaperNumber(99), 1, DAYS[1], DAYS[0])), WHOLE) == ()


def test_a_title_that_could_break_a_page_is_bare() -> None:
    poison = paper(1, "A \ud800\x00\u2028 title")
    mention = Mention(News.AGAIN, PaperNumber(1), 1, DAYS[1], DAYS[0])
    (line,) = mentioned(of(mention, papers=(poison,)), Trim(line=4))
    assert line.title == "A ti"
