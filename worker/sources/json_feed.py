"""Papers in a JSON Feed (https://www.jsonfeed.org/version/1.1/).

A feed keeps its items for weeks, so its day is that of the newest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from html import unescape
from typing import Final

from worker.core.editionday import edition_day
from worker.model import Edition, Listing, Rejected, Unreadable
from worker.sources import html_text
from worker.sources.apart import apart
from worker.sources.bounded import bounded
from worker.sources.dates import day_in
from worker.sources.feed_link import host
from worker.sources.form import Form, Text
from worker.sources.json_text import value_in
from worker.sources.record import listing

FORMAT: Final = "json-feed"

_VERSION = re.compile(r'"version"\s*+:\s*+"https?:(?:\\?/){2}(?:www\.)?jsonfeed\.org')
_HF_PAPERS = re.compile(r"https?://huggingface\.co/papers\b")
_PAGES: Final = ("home_page_url", "feed_url")
_OBJECT = re.compile(r'\s*+\{\s*+"')


def recognise(text: str) -> bool:
    """Whether it is an object that says the version of the format, as each must."""
    return _OBJECT.match(text) is not None and _VERSION.search(text) is not None


def parse(text: Text) -> Edition:
    """The edition in the feed. Raises Incomplete, or Unreadable if no item is a paper."""
    feed = value_in(text.text)
    items = feed.get("items") if isinstance(feed, Mapping) else None
    if not isinstance(feed, Mapping) or not isinstance(items, list):
        raise Unreadable(Rejected("file", "a JSON Feed without a list of items"))
    read = (_paper(item, f"item {n}") for n, item in enumerate(bounded(items), 1))
    listings, rejected = apart(read, "items")
    return Edition(
        day=edition_day(text.name, _newest(items, text.modified.date()), text.modified),
        format=FORMAT,
        listings=listings,
        rejected=rejected,
        source=_source(feed),
        notes=() if listings else ("The feed lists no papers.",),
    )


FORM: Final = Form(FORMAT, recognise, parse, markup=True)


def _paper(item: object, where: str) -> Listing | Rejected:
    """The item as any record, once its texts are under the names that those have."""
    if not isinstance(item, Mapping):
        return Rejected(where, "no object with a title")
    plain = {name: unescape(text) for name, text in item.items() if isinstance(text, str)}
    told = {"abstract": _abstract(item, plain), "url": item.get("url") or item.get("external_url")}
    return listing({**item, "title": plain.get("title", item.get("title")), **told}, where)


def _abstract(item: Mapping[str, object], plain: Mapping[str, str]) -> str:
    """The content; a summary may only be a part of it."""
    html = item.get("content_html")
    rendered = html_text.text(html) if isinstance(html, str) else ""
    return plain.get("content_text") or rendered or plain.get("summary", "")


def _newest(items: Sequence[object], latest: date) -> list[date]:
    dated = (day_in(item.get("date_published")) for item in items if isinstance(item, Mapping))
    return sorted(day for day in dated if day and day <= latest)[-1:]


def _source(feed: Mapping[str, object]) -> str:
    """Whose feed it is: by its home page, or its own address."""
    pages = [page for name in _PAGES if isinstance(page := feed.get(name), str)]
    if any(map(_HF_PAPERS.match, pages)):
        return "huggingface"
    found = next(filter(None, map(host, pages)), FORMAT)
    return "arxiv" if found == "arxiv.org" or found.endswith(".arxiv.org") else found
