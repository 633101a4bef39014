"""Feeds of papers: RSS 0.9 to 2.0, RSS 1.0 (RDF), Atom; arXiv's own and anybody's.

XML says where it ends, so a feed that was cut anywhere is Incomplete. What cannot be told: whether
a feed left out what it had the day before, as most do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from worker.core.clean import clean_line
from worker.core.editionday import edition_day
from worker.model import Edition, Listing, Rejected, Unreadable
from worker.sources import feed_entry, xml_tree
from worker.sources.apart import apart
from worker.sources.bounded import bounded
from worker.sources.dates import day_in
from worker.sources.feed_link import alternates, host
from worker.sources.feed_text import line, paragraphs
from worker.sources.form import Form, Text
from worker.sources.xml_tree import Element

_HEAD: Final = 65_536  # characters in which the root element begins
_MESSAGE: Final = 200  # characters of what a file says that is no feed
_ROOTS: Final = frozenset({"rss", "rdf", "feed"})
_OTHERS: Final = frozenset({"error", "opml", "sitemapindex", "svg", "urlset"})
"""Roots of XML that is no feed, though it may lie where one was expected."""

_PROLOG = re.compile(r"(?>(?:\s++|<\?.*?\?>|<!--.*?-->)*)", re.DOTALL)
_DECLARED = re.compile(r"\s*+<\?xml\s")
_ROOT = re.compile(r"<(?:!DOCTYPE\s++)?(?:[A-Za-z_][\w.-]*+:)?([A-Za-z_][\w.-]*+)", re.IGNORECASE)

_ARXIV = re.compile(r"(?:\A|\.)arxiv\.org\Z")
_HF_NAME = re.compile(r"hugging ?face")
_HF_PAPERS = re.compile(r"https?://huggingface\.co/papers\b")

_DATES: Final = ("pubDate", "lastBuildDate", "dc:date", "atom:updated", "atom:modified", "updated")


@dataclass(frozen=True, slots=True)
class _Feed:
    """A feed of any dialect: the element that says what it is, and its items."""

    dialect: str
    head: Element
    entries: tuple[Element, ...]

    @property
    def title(self) -> str:
        return line(self.head.first("title", "atom:title"))

    @property
    def addresses(self) -> tuple[str, ...]:
        """The page that it belongs to first, then its own."""
        own = [one.attributes.get("href", "") for one in self.head.all("atom:link")]
        named = [one.text for one in self.head.all("atom:id", "id")]
        about = self.head.attributes.get("rdf:about", "")
        return tuple(filter(None, (*alternates(self.head), *own, *named, about)))


def recognise(text: str) -> bool:
    """Whether it is XML but no page: it says so, or its root is that of a feed."""
    head = text[:_HEAD]
    prolog = _PROLOG.match(head)
    root = _ROOT.match(head, prolog.end() if prolog else 0)
    name = root[1].lower() if root else ""
    return name != "html" and (bool(_DECLARED.match(head)) or name in _ROOTS | _OTHERS)


def parse(text: Text) -> Edition:
    """The edition in the feed. Raises Incomplete if it breaks off.

    Raises Unreadable if it is no XML to be trusted, no feed, one that reports an error, or if none
    of its items is a paper.
    """
    document = xml_tree.parse(text.text)
    feed = _feed(document.root)
    _refuse_errors(feed)
    source = _source(feed)
    listings, rejected = apart(_outcomes(feed, arxiv=source == "arxiv"), "items")
    return Edition(
        day=edition_day(text.name, _days(feed, text.modified.date()), text.modified),
        format=_format(feed.dialect, source),
        listings=listings,
        rejected=rejected,
        source=source,
        notes=tuple(_notes(feed, document.dropped)),
    )


FORM: Final = Form("feed", recognise, parse, markup=True)


# --- the dialects -----------------------------------------------------------


def _feed(root: Element) -> _Feed:
    """Items stand in the channel, or beside it in RSS 1.0; sloppy feeds mix them up."""
    if root.name in ("atom:feed", "feed"):
        return _Feed("atom", root, bounded(root.all("atom:entry", "entry")))
    channel = next(iter(root.all("channel")), None)
    if root.name in ("rss", "rdf:RDF") and channel:
        entries = bounded((*channel.all("item"), *root.all("item")))
        return _Feed("rss" if root.name == "rss" else "rdf", channel, entries)
    name = clean_line(root.name.removeprefix("atom:"), _MESSAGE)
    said = clean_line(_message(root), _MESSAGE)
    shown = f", which says “{said}”" if said else ""
    raise _refused(f"XML, but no feed: its root element is <{name}>{shown}")


def _message(root: Element) -> str:
    """What an error says of itself; the whole text if that is short."""
    message = root.first("Message", "message", "error", "Error")
    text = " ".join((message or root).text.split())
    return text if len(text) <= _MESSAGE else ""


def _refuse_errors(feed: _Feed) -> None:
    """arXiv reports errors as feeds: of one entry (its API), or named "Feed error" (its RSS)."""
    for entry in feed.entries:
        id_ = entry.first("atom:id", "id")
        if id_ and "arxiv.org/api/errors" in id_.text:
            raise _refused(f"arXiv reports an error: {_shown(entry)}")
    if feed.title.casefold().startswith("feed error"):
        raise _refused(f"the feed reports an error: {_shown(feed.head)}")


def _shown(element: Element) -> str:
    said = element.first("atom:summary", "description", "atom:subtitle", "title", "atom:title")
    return clean_line(paragraphs(said), _MESSAGE) or "it does not say which"


def _outcomes(feed: _Feed, *, arxiv: bool) -> list[Listing | Rejected]:
    base = next((address for address in feed.addresses if host(address)), "")
    return [
        feed_entry.listing(entry, f"item {number}", base, arxiv=arxiv)
        for number, entry in enumerate(feed.entries, 1)
    ]


# --- the whole --------------------------------------------------------------


def _days(feed: _Feed, latest: date) -> Iterator[date]:
    """The day that the feed says of itself, or else that of its newest item: most roll on."""
    said = [found for one in feed.head.all(*_DATES) if (found := day_in(one.text))]
    items = (found for entry in feed.entries if (found := feed_entry.day(entry)))
    yield from said[:1] or sorted(day for day in items if day <= latest)[-1:]


def _source(feed: _Feed) -> str:
    """Who lists the papers, by the addresses of the feed or its title."""
    hosts = [found for found in map(host, feed.addresses) if found]
    title = feed.title.casefold()
    if _ARXIV.search(hosts[0] if hosts else "") or title.endswith(" on arxiv.org"):
        return "arxiv"
    named = _HF_NAME.search(title) and "paper" in title
    if named or any(map(_HF_PAPERS.match, feed.addresses)):
        return "huggingface"
    return hosts[0] if hosts else "feed"


def _format(dialect: str, source: str) -> str:
    if source != "arxiv":
        return dialect
    return "arxiv-atom" if dialect == "atom" else "arxiv-rss"


def _notes(feed: _Feed, dropped: int) -> Iterator[str]:
    if not feed.entries:
        yield "The feed lists no papers."
    if dropped:
        yield f"{dropped:,} characters that XML forbids were left out."


def _refused(why: str) -> Unreadable:
    return Unreadable(Rejected("file", why))
