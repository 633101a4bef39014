"""A paper written as names and values, under the names that people and programs use.

The values may be anything at all; what can mean nothing is as good as not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from worker.core.clean import clean_line
from worker.core.identity import normalise_id
from worker.model import Counts, Kind, Listing, Rejected
from worker.sources.dates import day_in
from worker.sources.fields import (
    ABSTRACTS,
    AUTHORS,
    CATEGORIES,
    COMMENTS,
    DAYS,
    IDS,
    KINDS,
    PAGES,
    PDFS,
    PUBLISHED,
    PUBMED,
    STARS,
    TITLES,
    UPVOTES,
    Fields,
    fields_of,
    values,
)
from worker.sources.literal import Ambiguous, Malformed, value_of
from worker.sources.people import people

_HF: Final = "https://huggingface.co"
_SAID: Final = 8  # names of a record that is refused; more help nobody
_MOST: Final = 10**9  # of any count
_DIGITS: Final = 20
_SECONDS: Final = 10**8  # of 1973; a number below that is no Unix time of a paper
_NUMBER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+")
_BARE_NUMBER = re.compile(r"[-+0-9.,eE]*+")
_SHORT_SERIAL = re.compile(r"(?:1[5-9]|[2-9][0-9])[0-9]{2}\.[0-9]{4}")
_ARCHIVE = re.compile(r"[a-z]+(?>(?:-[a-z]+)*)(?>(?:\.[A-Za-z-]{2,})?)")
_CODE = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)\s*\Z")


def listing(record: Mapping[str, object], where: str) -> Listing | Rejected:
    """The paper, or why it is none: ``where`` is the place of the record in its file."""
    if doubt := _doubt(record):
        return Rejected(
            where, f"it gives two different values for “{clean_line(doubt, _SAID * 5)}”"
        )
    fields = fields_of(record)
    title = _title(fields)
    if not title:
        return Rejected(where, _untitled(fields))
    return Listing(
        title=title,
        abstract=_abstract(fields),
        authors=next(filter(None, map(people, values(fields, AUTHORS))), ()),
        ids=_ids(fields),
        url=_page(_links(fields)),
        categories=_categories(fields),
        published=next(filter(None, map(_day, values(fields, PUBLISHED))), None),
        kind=_kind(fields),
        counts=Counts(*(_count(fields, names) for names in (UPVOTES, COMMENTS, STARS))),
    )


def days(record: Mapping[str, object]) -> tuple[date, ...]:
    """The day that the record says it was listed on, apart from when its paper was published.

    Records of the Hugging Face API of before 2025 say it outside ``paper``, as ``publishedAt``.
    """
    fields = fields_of(record)
    said = [day for day in map(_day, values(fields, DAYS)) if day]
    if not said and isinstance(record.get("paper"), Mapping):
        said = [day for day in [_day(record.get("publishedAt"))] if day]
    return tuple(said[:1])


def _doubt(record: Mapping[str, object]) -> str:
    """The name to which the record, or its ``paper``, gives two different values."""
    parts = (record, record.get("paper"))
    return next((part.twice for part in parts if isinstance(part, Ambiguous)), "")


# --- title and abstract -----------------------------------------------------


def _text(value: object) -> str:
    """A text, also where it is the only one of a list (Crossref)."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value.strip() if isinstance(value, str) else ""


def _title(fields: Fields) -> str:
    """A name is a title only beside something else that papers have."""
    told = any(values(fields, ABSTRACTS + AUTHORS + IDS + PAGES + PDFS))
    names = TITLES if told else TITLES[:-1]
    return next(filter(None, map(_text, values(fields, names))), "")


def _untitled(fields: Fields) -> str:
    odd = next(values(fields, TITLES), None)
    if odd is not None:
        return f"the title is no text, but {kind_of(odd)}"
    found = ", ".join(list(fields)[:_SAID])[: _SAID * 20] or "nothing"
    return f"no title (title, paper_title or name), but {found}"


def kind_of(value: object) -> str:
    """What a value is, for people."""
    kinds = ((bool, "true or false"), (int | float, "a number"), (str, "a text"), (list, "a list"))
    named = (name for kind, name in kinds if isinstance(value, kind))
    return "null" if value is None else next(named, "an object")


def _abstract(fields: Fields) -> str:
    """The first that is a text; one in paragraphs is a list."""
    for value in values(fields, ABSTRACTS):
        texts = value if isinstance(value, list) else [value]
        if all(isinstance(text, str) for text in texts):
            return "\n".join(map(str, texts))
    return ""


# --- ids and links ----------------------------------------------------------


def _links(fields: Fields) -> list[str]:
    """Every link of the record; those of pages before those of PDFs."""
    return [link for value in values(fields, PAGES + PDFS) for link in _linked(value)]


def _linked(value: object) -> Iterator[str]:
    """The texts in it, also where they are in objects (``{href: …}``)."""
    for entry in value if isinstance(value, list) else [value]:
        inner = entry
        if isinstance(entry, Mapping):
            inner = next((entry[key] for key in ("href", "url", "URL") if key in entry), None)
        if isinstance(inner, str):
            yield inner.strip()


def _page(links: list[str]) -> str:
    """The first that is the page of a paper; ``finish`` finds that of a PDF by its id."""
    whole = [_HF + link if link.startswith("/papers/") else link for link in links]
    told = (link for link in whole if link.startswith(("http://", "https://")))
    pages = (link for link in told if not ("/pdf" in link and normalise_id(link)))
    far = (link for link in pages if not link.startswith(_HF))
    return next(far, None) or next((link for link in whole if link.startswith(_HF)), "")


def _ids(fields: Fields) -> tuple[str, ...]:
    """The ids given and those that the links tell, without the numbers of rows (B29, B31).

    An arXiv id that was kept as a number has lost its zeros (2509.1) and may be that of another
    paper: only the links can tell it then.
    """
    outer = fields.get("externalids")
    named = fields_of(outer) if isinstance(outer, Mapping) else {}
    given = [*values(fields, IDS), *values(named, IDS)]
    texts = [text for text in map(_text, given) if text and not _is_number(text)]
    numbers = map(_number, [*values(fields, PUBMED), *values(named, PUBMED)])
    pubmed = [f"pmid:{number}" for number in numbers if number]
    told = (_told(value) for value in values(fields, PAGES + PDFS))
    return (*texts, *pubmed, *filter(None, told))


def _told(value: object) -> str:
    """The link in it that tells an id; several that tell different ones lead to other papers."""
    by_id = {id_: link for link in _linked(value) if (id_ := normalise_id(link))}
    return next(iter(by_id.values())) if len(by_id) == 1 else ""


def _is_number(text: str) -> bool:
    """Whether it is no id: since 2015 those of arXiv have five digits behind the full stop."""
    if normalise_id(text):
        return bool(_SHORT_SERIAL.fullmatch(text))
    return bool(_BARE_NUMBER.fullmatch(text))


# --- the rest ---------------------------------------------------------------


def _categories(fields: Fields) -> tuple[str, ...]:
    """The primary one first."""
    found = (name for value in values(fields, CATEGORIES) for name in _terms(value))
    return tuple(dict.fromkeys(found))


def _terms(value: object) -> Iterator[str]:
    """``cs.CL cs.LG``, ``Machine Learning (cs.LG); …``, a list of those or of ``{term: …}``."""
    if isinstance(value, str) and value.startswith("["):
        value = _literal(value)
    for entry in value if isinstance(value, list) else [value]:
        inner = entry
        if isinstance(entry, Mapping):
            inner = next((entry[key] for key in ("term", "name", "label") if key in entry), None)
        if isinstance(inner, str):
            yield from _split_terms(inner)


def _split_terms(text: str) -> Iterator[str]:
    words = text.split()
    if all(_ARCHIVE.fullmatch(word) and ("." in word or "-" in word) for word in words):
        return iter(words)
    marked = text.split(";") if ";" in text else text.split(",")
    return (code[1] if (code := _CODE.search(term)) else term.strip() for term in marked)


def _literal(text: str) -> object:
    try:
        return value_of(text)
    except Malformed:
        return text


def _kind(fields: Fields) -> Kind:
    for value in values(fields, KINDS):
        word = value.strip().casefold() if isinstance(value, str) else ""
        if word.startswith(("replace", "revis", "update")):
            return Kind.REPLACEMENT
        if word.startswith("cross"):
            return Kind.CROSS
    return Kind.NEW


def _day(value: object) -> date | None:
    """As ``day_in``; a small number is a date run together (20250908), or a year, which is none."""
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    small = isinstance(value, int | float) and 0 < value < _SECONDS
    return day_in(str(value) if small else value)


def _count(fields: Fields, names: tuple[str, ...]) -> int | None:
    """The first whole number; ``comments`` may as well be words, and a score a fraction."""
    counted = (_number(value) for value in values(fields, names))
    return next((number for number in counted if number is not None), None)


def _number(value: object) -> int | None:
    if isinstance(value, str) and len(value) <= _DIGITS and _NUMBER.fullmatch(value.strip()):
        value = int(value.replace(",", ""))
    if isinstance(value, float) and value.is_integer():  # a column with gaps, in pandas
        value = int(value)
    right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
    return value if right and isinstance(value, int) else None
