"""The Hugging Face *Daily Papers* page saved as text: some header lines, then titles and abstracts.

Paragraphs are separated by blank lines; titles and abstracts take turns. Nothing marks which is
which, so paragraphs are paired by the reading that takes the fewest liberties (``_oddness``), and
one that fits nowhere is set aside while the others go on.

What cannot be told: a file that ends exactly behind an abstract, or behind a full stop or in an
address inside its last one, looks whole. Every other cut is reported. The second paragraph of an
abstract is set aside, since it may as well be the abstract of a title that went missing; one that
is short, without a full stop and before a long one looks like a title.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, takewhile
from math import inf
from typing import Final

from worker.core.clean import ABSTRACT_LIMIT, clean_line
from worker.core.editionday import day_of, days_in, parse_day
from worker.model import Edition, Listing, Rejected, Unreadable
from worker.sources.form import Form, Text

SOURCE: Final = "huggingface"
FORMAT: Final = "hf-text"

_HEAD_LINES: Final = 40  # that may hold the header, blank ones not counted
_LONGEST_TITLE: Final = 300  # characters
_SHOWN: Final = 60  # characters of a paragraph that is set aside
_REASONS: Final = 20  # why a file is unreadable; more help nobody
_PAGE: Final = frozenset({"daily papers", "daily papers - hugging face"})
_ABOVE: Final = _PAGE | {
    "and the research community",
    "by ak and the research community",
    "byak and the research community",
    "get trending papers in your email inbox",
    "get trending papers in your email inbox once a day",
    "subscribe",
}
"""What stands above the papers: it and the date end the header."""
_ANYWHERE: Final = _ABOVE | {
    *("new", "search", "submit", "daily", "weekly", "monthly", "trending papers", "by", "ak"),
    *("byak", "back to articles", "back to top", "hugging face", "papers", "models", "datasets"),
    *("spaces", "community", "docs", "enterprise", "pricing", "log in", "sign up"),
    *("system theme", "company", "tos", "privacy", "about", "careers", "website"),
}
"""Words of the page, above or below the papers, that are no paragraph of them."""


@dataclass(frozen=True, slots=True)
class _Lines:
    r"""One cleaned line, or a paragraph of several joined by ``\n``; ``number`` is the first's."""

    number: int
    text: str

    @property
    def where(self) -> str:
        return f"line {self.number}"

    @property
    def shown(self) -> str:
        return f"“{clean_line(self.text, _SHOWN)}”"


_Pair = tuple[_Lines, _Lines]


def recognise(text: str) -> bool:
    """Whether one of the first lines is the name of the page."""
    return any(_bare(line.text) in _PAGE for line in _head(_lines(text)))


def parse(text: Text) -> Edition:
    """The edition in the text.

    Raises Unreadable if its day cannot be told, if there is no listing, or if more paragraphs fit
    nowhere than there are listings: then the others cannot be trusted either.
    """
    lines = list(_lines(text.text))
    head = _head(lines)
    day = _day(head, text)
    body = [p for p in _paragraphs(_behind(head, lines)) if not _is_furniture(p.text, day)]
    pairs, odd = _pairs(body)
    if not pairs or len(odd) > len(pairs):
        found = f"{len(pairs)} listings behind the header, {len(odd)} paragraphs that fit nowhere"
        raise Unreadable(Rejected("file", found), *odd[:_REASONS])
    aside = (*odd, *_loose_end(pairs, body))
    return Edition(day, FORMAT, tuple(map(_listing, pairs)), aside, SOURCE)


FORM: Final = Form(FORMAT, recognise, parse)


# --- lines ------------------------------------------------------------------


def _lines(text: str) -> Iterator[_Lines]:
    """The lines that are not blank, cleaned. What no reader can see is blank."""
    for number, raw in enumerate(text.split("\n"), 1):
        if line := clean_line(raw, ABSTRACT_LIMIT):
            yield _Lines(number, line)


def _paragraphs(lines: Iterable[_Lines]) -> Iterator[_Lines]:
    """Lines whose numbers follow on one another, joined."""
    texts: list[str] = []
    start = 0
    for line in lines:
        if texts and line.number != start + len(texts):
            yield _Lines(start, "\n".join(texts))
            texts = []
        start = start if texts else line.number
        texts.append(line.text)
    if texts:
        yield _Lines(start, "\n".join(texts))


# --- the header -------------------------------------------------------------


def _head(lines: Iterable[_Lines]) -> list[_Lines]:
    """The lines before the first that reads like an abstract: the header, and a title or so."""
    above = takewhile(lambda line: not _reads_like_abstract(line.text), lines)
    return list(islice(above, _HEAD_LINES))


def _reads_like_abstract(text: str) -> bool:
    return len(text) > _LONGEST_TITLE or text.endswith(".")


def _behind(head: Sequence[_Lines], lines: Sequence[_Lines]) -> Sequence[_Lines]:
    """The lines after the last that stands above the papers, whatever else stood among those."""
    above = (n for n, line in enumerate(head, 1) if _bare(line.text) in _ABOVE or _date(line.text))
    return lines[max(above, default=0) :]


def _day(head: Iterable[_Lines], file: Text) -> date:
    """The date in the header, or the full one in the file's name if the header has none."""
    dated = [(line, found) for line in head if (found := _date(line.text))]
    if not dated:
        return _named_day(file.name)
    line, (month, day, year) = dated[0]
    other = next((other for other, found in dated if found[:2] != (month, day)), None)
    if other:
        raise Unreadable(Rejected(other.where, f"a second date, {other.shown} after {line.shown}"))
    return day_of(month, day, file.name, file.newest, file.modified, year=year, where=line.where)


def _named_day(name: str) -> date:
    named = days_in(name)
    if len(named) != 1:
        raise Unreadable(Rejected("file", "no date in the header, nor one full date in the name"))
    return named[0]


def _date(text: str) -> tuple[int, int, int | None] | None:
    return parse_day(text.strip(" #*|·"))


def _is_furniture(paragraph: str, day: date) -> bool:
    """The page's own words, wherever they stand, or its date once more."""
    found = _date(paragraph)
    again = found is not None and found[:2] == (day.month, day.day)
    return again or all(_bare(line) in _ANYWHERE for line in paragraph.split("\n"))


def _bare(line: str) -> str:
    return line.casefold().strip(" #*!.:|·•")


# --- titles and abstracts ---------------------------------------------------


def _pairs(body: Sequence[_Lines]) -> tuple[list[_Pair], list[Rejected]]:
    """Titles with their abstracts, and what fits nowhere, by the least odd reading of all.

    Of two equally odd ones it is the one that sets a paragraph aside first: a stray line is more
    often before a title than an abstract without its title is behind one.
    """
    aside, paired = _costs(body)
    pairs: list[_Pair] = []
    odd: list[Rejected] = []
    at = 0
    while at < len(body):
        if paired[at] < aside[at]:
            pairs.append((body[at], body[at + 1]))
            at += 2
        else:
            odd.append(_set_aside(body[at]))
            at += 1
    return pairs, odd


def _costs(body: Sequence[_Lines]) -> tuple[list[float], list[float]]:
    """For each paragraph the oddness of all from there on, if it is set aside, if it is a title."""
    aside, paired = [inf] * len(body), [inf] * len(body)
    best = [0.0] * (len(body) + 1)
    for at in reversed(range(len(body))):
        aside[at] = 2 + best[at + 1]
        if at + 1 < len(body):
            paired[at] = _oddness(body[at].text, body[at + 1].text) + best[at + 2]
        best[at] = min(aside[at], paired[at])
    return aside, paired


def _oddness(title: str, abstract: str) -> float:
    """How little the two look like a title and its abstract; setting one aside counts 2.

    A title is no date, at most 300 characters long and shorter than its abstract, unless that at
    least ends like a sentence. A final full stop counts 1 against a title.
    """
    too_short = len(abstract) <= len(title) and not _ends_like_sentence(abstract)
    if len(title) > _LONGEST_TITLE or _date(title) or too_short:
        return inf
    return float(title.endswith("."))


def _ends_like_sentence(text: str) -> bool:
    """Also an address may end one."""
    last_word = text[-_LONGEST_TITLE:].split()[-1]
    return last_word.rstrip("\"'”’»)]}$*").endswith((*".!?…。！？",)) or "://" in last_word


def _set_aside(paragraph: _Lines) -> Rejected:
    if _date(paragraph.text):
        return Rejected(paragraph.where, f"a second date, {paragraph.shown}")
    missing = "title" if _reads_like_abstract(paragraph.text) else "abstract"
    return Rejected(paragraph.where, f"without {missing}: {paragraph.shown}")


def _loose_end(pairs: Sequence[_Pair], body: Sequence[_Lines]) -> tuple[Rejected, ...]:
    """What may be missing behind the last abstract: the listing stands, the cut is reported."""
    last = body[-1]
    if last is not pairs[-1][1] or _ends_like_sentence(last.text):
        return ()
    why = "the last abstract breaks off; the rest of the file may be missing"
    return (Rejected(last.where, why),)


def _listing(pair: _Pair) -> Listing:
    title, abstract = pair
    return Listing(title=title.text.replace("\n", " "), abstract=abstract.text)
