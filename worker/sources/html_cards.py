"""The pages of Hugging Face: the list that Daily Papers carries within, or else its cards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from worker.model import Counts, Listing, Rejected
from worker.sources import record
from worker.sources.dates import day_in
from worker.sources.html_pieces import Piece, Start, elements, rendered
from worker.sources.html_whole import Contents, Page, days_of
from worker.sources.literal import Malformed, value_of
from worker.sources.paper_link import paper_in

SOURCE: Final = "huggingface"

_SITE: Final = "https://huggingface.co/papers/"
_ABSTRACT: Final = 80  # characters that a paragraph of a card has at least if it is one
_NUMBER = re.compile(r"([0-9]{1,9}(?:,[0-9]{3})*|[0-9]{1,6}\.[0-9]{1,3})(k?)", re.IGNORECASE)


def carried(page: Page) -> Contents | None:
    """The papers in the JSON that the page carries (``data-props``), as the API gives them."""
    for tag in page.starts("div"):
        if "data-props" in tag.attributes and (props := _props(tag.get("data-props"))):
            records = _records(props)
            if records is not None:
                return _contents(page, props, records)
    return None


def cards(page: Page) -> Contents | None:
    """The papers on the cards that are shown, one ``article`` each."""
    shown = enumerate(elements(page.row, "article"), 1)
    outcomes = (_card(inner, f"card {n}") for n, (_, inner) in shown)
    found = tuple(outcome for outcome in outcomes if outcome)
    return Contents(found, SOURCE, days_of(page)) if found else None


# --- the list that the page carries -----------------------------------------


def _props(written: str) -> Mapping[str, object] | None:
    try:
        props = value_of(written)
    except Malformed:
        return None
    return props if isinstance(props, dict) else None


def _records(props: Mapping[str, object]) -> Sequence[object] | None:
    """Those of a list of papers, or the one of the page of a paper; None if it is neither."""
    listed = props.get("dailyPapers")
    if isinstance(listed, list):
        return listed
    paper = props.get("paper")
    return [paper] if isinstance(paper, Mapping) and "title" in paper else None


def _contents(page: Page, props: Mapping[str, object], records: Sequence[object]) -> Contents:
    outcomes = tuple(_read(one, f"item {n}") for n, one in enumerate(records, 1))
    period = _period(props)
    day = None if period else day_in(props.get("dateString"))
    days = (day,) if day else days_of(page) or tuple(_listed_on(records))
    notes = [f"The page lists {period}, not the papers of a day."] if period else []
    empty = [] if records else ["The page is that of a day without papers."]
    return Contents(outcomes, SOURCE, days, (*notes, *empty))


def _period(props: Mapping[str, object]) -> str:
    """What the page lists instead of a day, or ``""``."""
    if props.get("isTrending") is True:
        return "what is talked of"
    period = props.get("periodType")
    return f"the papers of a {period}" if period in ("week", "month") else ""


def _read(one: object, where: str) -> Listing | Rejected:
    if not isinstance(one, Mapping):
        return Rejected(where, f"not a paper, but {record.kind_of(one)}")
    return record.listing(one, where)


def _listed_on(records: Iterable[object]) -> Iterator[date]:
    for one in records:
        if isinstance(one, Mapping):
            yield from record.days(one)


# --- cards ------------------------------------------------------------------


def _card(card: Sequence[Piece], where: str) -> Listing | Rejected | None:
    """The paper of a card; None if it has no link to one."""
    links = [(tag.get("href"), rendered(inner)) for tag, inner in elements(card, "a")]
    key = next(filter(None, (paper_in(address) for address, _ in links)), "")
    if not key:
        return None
    title = next((rendered(inner) for _, inner in elements(card, "h1", "h2", "h3", "h4")), "")
    if not title:
        return Rejected(where, f"no title beside the link to {key}")
    paragraphs = (rendered(inner) for _, inner in elements(card, "p"))
    return Listing(
        title=" ".join(title.split()),
        abstract=max((p for p in paragraphs if len(p) >= _ABSTRACT), key=len, default=""),
        ids=(key,),
        url=_SITE + key.removeprefix("arxiv:"),
        counts=_counts(card, links),
    )


def _counts(card: Sequence[Piece], links: Sequence[tuple[str, str]]) -> Counts:
    """Upvotes stand in the box beside the title, the others on their links."""
    boxes = (
        text
        for tag, text in pairwise(card)
        if isinstance(tag, Start) and tag.has_class("leading-none") and isinstance(text, str)
    )
    comments = (text for address, text in links if address.endswith("#community"))
    stars = (text for address, text in links if "github.com/" in address)
    return Counts(*(_first_number(texts) for texts in (boxes, comments, stars)))


def _first_number(texts: Iterable[str]) -> int | None:
    return next((number for number in map(_number, texts) if number is not None), None)


def _number(text: str) -> int | None:
    """``12``, ``1,234`` or ``1.2k``."""
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        return None
    return round(float(found[1].replace(",", "")) * (1000 if found[2] else 1))
