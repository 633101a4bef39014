"""News of papers that somebody had before, each as plain values for one line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from worker.core.entry import page_url, search_url
from worker.core.trim import Trim
from worker.deliveries import Delivery

_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class MentionLine:
    """``news`` is ``again``, ``replaced``, ``cross`` or ``took off``; it is of ``day``, and he had
    the paper on ``had``. 0 votes are not known.
    """

    news: str
    title: str
    url: str
    day: date
    had: date
    upvotes: int
    before: int


def mentioned(delivery: Delivery, trim: Trim) -> tuple[MentionLine, ...]:
    """The lines, as many as a mail has room for."""
    papers = {paper.which: paper for paper in delivery.papers}
    known = [each for each in delivery.digest.mentions if each.which in papers]
    return tuple(
        MentionLine(
            news=each.news.value,
            title=printable(papers[each.which].title)[: trim.line],
            url=page_url(papers[each.which], trim.line)
            or search_url(printable(papers[each.which].title)[: trim.line]),
            day=each.day,
            had=each.had,
            upvotes=each.upvotes,
            before=each.before,
        )
        for each in known[: trim.papers]
    )


def printable(title: str) -> str:
    """What is left of a title when anything that could break a page is a blank."""
    printable = (sign if sign.isprintable() else " " for sign in title)
    return " ".join("".join(printable).split())[:_LONGEST]
