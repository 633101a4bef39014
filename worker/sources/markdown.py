"""Markdown digests: a heading, a list item or a row of a table per paper (CommonMark, GFM tables).

What is a paper is told by where it leads (``markdown_entry``); one that stands there several times
is one. The abstract is the original one, if that is there, or else the text that is given instead.

What cannot be told: a file that ends behind a whole paper looks whole, unless its papers have
abstracts and the last one has none. A cut within an abstract, a link or a heading is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from worker.core.editionday import days_in, edition_day
from worker.model import Counts, Edition, Listing, Rejected, Unreadable
from worker.sources.apart import REASONS
from worker.sources.dates import day_in
from worker.sources.form import Form, Text
from worker.sources.markdown_block import Block, Document, Kind, document
from worker.sources.markdown_entry import Entry, entries
from worker.sources.markdown_head import Rank
from worker.sources.markdown_paper import listing_of
from worker.sources.sentence import BROKEN_OFF, ends_like_sentence

FORMAT: Final = "markdown"

_BEGINNING: Final = 60_000  # characters: a table of contents may be long
_LONGEST_HEAD: Final = 200  # characters of a line above the papers that says the day
_NO_OTHER = re.compile(
    r"\s*(?:[{@]|\[\s*[{\"\[]|<(?:\?xml|!doctype|html|rss|feed|rdf)|TY {2}-|%YAML"
    r"|(?:From|Received|Return-Path|Delivered-To|MIME-Version|Message-ID|Date|Subject|To):? )",
    re.IGNORECASE,
)
_PLACE = (
    r"(?:arxiv\.org/|huggingface\.co/papers/|hf\.co/papers/|alphaxiv\.org/|doi\.org/10\."
    r"|openreview\.net/|aclanthology\.org/|biorxiv\.org/|\(/papers/[0-9])"
)
_LEAD = re.compile(r"[ \t]*(?:#{1,6}|[-*+•][ \t]|[0-9]{1,4}[.)][ \t]|\||\*\*|\[[^\]\n]{1,80}\]:)")
_LINK = re.compile(
    rf"\]\([^\s()]*{_PLACE}|\]\(/papers/[0-9]|\*\*[^*]{{0,40}}{_PLACE}|^\[.*{_PLACE}"
)
_HEADED = re.compile(r"^#{1,6}[ \t]*\S", re.MULTILINE)
_LABELLED = re.compile(
    r"^[ \t>]*(?:#{2,6}[ \t]+|[-*+•][ \t]+)?(?:\*\*)?(?:Authors?|Abstract|摘要|作者|저자|초록)"
    r"[ \t]?(?:\*\*)?[ \t]?[:：]",
    re.MULTILINE,
)
_NO_PAPERS = re.compile(
    r"\bno (?:new |daily |matching )?papers\b|\b0 papers\b|总论文数[:：]\s*0\b"
    r"|没有(?:新)?论文|暂无论文|새로운 논문이 없",
    re.IGNORECASE,
)
_DAY_IN_WORDS = re.compile(
    r"\b[A-Za-z]{3,9}\.? [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{4}\b"
    r"|\b[0-9]{1,2} [A-Za-z]{3,9} [0-9]{4}\b"
)
_DAY_IN_CHINESE = re.compile(r"([0-9]{4})\s?[年년]\s?([0-9]{1,2})\s?[月월]\s?([0-9]{1,2})")
_HUGGING_FACE = re.compile(r"hugging ?face|\bHF\b|daily papers", re.IGNORECASE)
_SITE: Final = "huggingface.co/"
_EMPTY: Final = "The text says that there are no papers."


def recognise(text: str) -> bool:
    """Whether headings, list items or rows lead to papers, or there are headings and fields."""
    beginning = text[:_BEGINNING]
    if _NO_OTHER.match(beginning):
        return False
    if any(_LEAD.match(line) and _LINK.search(line) for line in beginning.split("\n")):
        return True
    headed = _HEADED.search(beginning) is not None
    return headed and bool(_LABELLED.search(beginning) or _NO_PAPERS.search(beginning))


def parse(text: Text) -> Edition:
    """The edition in the text. Raises Unreadable if it names no paper, nor says there is none."""
    read = document(text.text)
    found, odd = entries(read)
    listings = [listing_of(entry, read.addresses) for entry in found]
    if not listings and not _NO_PAPERS.search(text.text):
        why = "no heading, list item or row that leads to a paper or gives its authors"
        raise Unreadable(Rejected("file", why), *odd[:REASONS])
    head = _head(read, found)
    day = edition_day(text.name, _days(head, read, listings), text.modified)
    source = _source(head, read, listings)
    aside = (*odd, *_loose_end(found, listings))
    notes = (*_unclosed(read), *(() if listings else (_EMPTY,)))
    return Edition(day, FORMAT, tuple(_joined(found, listings)), aside, source, notes)


FORM: Final = Form(FORMAT, recognise, parse)


# --- what stands above ---------------------------------------------------------


def _head(read: Document, found: Sequence[Entry]) -> list[str]:
    """What stands before the first paper, as far as it is headings and short lines."""
    first = found[0].block.line if found else None
    above = (block for block in read.blocks if first is None or block.line < first)
    return [*read.front.values(), *(line for block in above for line in _short_lines(block))]


def _short_lines(block: Block) -> Iterator[str]:
    if block.kind is not Kind.ROW:
        lines = (line for line in block.text.split("\n") if len(line) <= _LONGEST_HEAD)
        yield from lines


def _days(head: Iterable[str], read: Document, listings: Iterable[Listing]) -> list[date]:
    """The days that the head says, or else those on which the papers were published."""
    dated = [day_in(read.front[name]) for name in ("date", "day") if name in read.front]
    said = [*filter(None, dated)] or [day for line in head for day in _days_of(line)]
    return said or [listing.published for listing in listings if listing.published]


def _days_of(line: str) -> Iterator[date]:
    try:
        yield from days_in(line)
    except Unreadable:
        return
    worded = (found[0] for found in _DAY_IN_WORDS.finditer(line))
    chinese = ("-".join(found.groups()) for found in _DAY_IN_CHINESE.finditer(line))
    yield from filter(None, map(day_in, (*worded, *chinese)))


def _source(head: Sequence[str], read: Document, listings: Sequence[Listing]) -> str:
    """Who lists the papers: Hugging Face or arXiv, if the head says so and the ids agree."""
    said = "\n".join(head)
    ids = [next(iter(listing.ids), "") for listing in listings]
    urls = [listing.url for listing in listings]
    if _HUGGING_FACE.search(said) or (urls and all(_SITE in url for url in urls)):
        return "huggingface"
    named = "arxiv" in said.casefold() or all(listing.categories for listing in listings)
    return "arxiv" if ids and named and all(id_.startswith("arxiv:") for id_ in ids) else FORMAT


# --- the whole -----------------------------------------------------------------


def _joined(found: Sequence[Entry], listings: Sequence[Listing]) -> Iterator[Listing]:
    """Each paper once, from the places where its title can be told best, in their order."""
    places: dict[str, list[tuple[Rank, Listing]]] = {}
    for number, (entry, listing) in enumerate(zip(found, listings, strict=True)):
        key = next(iter(listing.ids), "") or listing.url or str(number)
        same = places.get(key, [])
        if same and entry.head.rank > same[0][0]:
            del places[key]
        if not same or entry.head.rank >= same[0][0]:
            places.setdefault(key, []).append((entry.head.rank, listing))
    return (_one([listing for _, listing in same]) for same in places.values())


def _one(same: Sequence[Listing]) -> Listing:
    """One of several listings of a paper: the longest title is the whole one."""
    return replace(
        same[0],
        title=max((one.title for one in same), key=len),
        abstract=max((one.abstract for one in same), key=len),
        authors=max((one.authors for one in same), key=len),
        url=next((one.url for one in same if one.url), ""),
        categories=tuple(dict.fromkeys(name for one in same for name in one.categories)),
        published=next((one.published for one in same if one.published), None),
        counts=next((one.counts for one in same if one.counts != Counts()), Counts()),
    )


def _loose_end(found: Sequence[Entry], listings: Sequence[Listing]) -> Iterator[Rejected]:
    """What may be missing at the end, if the last paper is not like the others."""
    if not listings:
        return
    *others, last = listings
    where = f"line {found[-1].block.line}"
    whole = sum(ends_like_sentence(other.abstract) for other in others if other.abstract)
    if last.abstract and not ends_like_sentence(last.abstract) and whole * 2 >= len(others):
        yield Rejected(where, BROKEN_OFF)
    elif not last.abstract and others and all(other.abstract for other in others):
        yield Rejected(where, "the last paper has no abstract; the rest of the file may be missing")
    elif not _leads(last) and all(map(_leads, others)):
        yield Rejected(where, "the last paper has no link; the rest of the file may be missing")


def _leads(listing: Listing) -> bool:
    return bool(listing.ids or listing.url)


def _unclosed(read: Document) -> Iterator[str]:
    if read.unclosed:
        yield f"At the end of the file {read.unclosed}: the rest may be missing."
