"""Where in a JSON value the papers are: the shapes that programs give to a list of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from worker.core.clean import clean_line
from worker.core.identity import normalise_id
from worker.model import Rejected, Unreadable
from worker.sources.dates import day_in
from worker.sources.fields import (
    ABSTRACTS,
    AUTHORS,
    IDS,
    PAGES,
    TITLES,
    Fields,
    fields_of,
    folded,
    values,
)
from worker.sources.literal import Ambiguous
from worker.sources.record import kind_of

EXPECTED: Final = "a list of papers, or an object with one under papers, items, results or data"
NAMES: Final = (
    *("papers", "dailypapers", "items", "results", "data", "entries", "articles", "records"),
    *("works", "publications", "docs", "hits", "list", "rows", "entry", "feed", "response"),
    *("message", "value"),
)
"""What a list of papers is called in the object round it."""

_LAYERS: Final = 4  # of objects round the list
_SHOWN: Final = 80  # characters of what is there instead
_PAIRS: Final = 5  # names of an object that are shown
_HTTP_ERROR: Final = 400
_FAILED: Final = frozenset({"error", "fail", "failed", "failure"})
_EMPTY: Final = frozenset({"emptyfeed", "nodata", "empty", "nopapers", "noresults"})

Entries = tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """The entries with their places, not yet known to be papers, and the fields round them."""

    entries: Entries
    head: Fields


def listed(value: object) -> Listed:
    """The entries in the only value of a file; none on an empty day. Raises Unreadable (B27).

    That is a list; an object with a list under one of ``NAMES``, or in such an object; a paper by
    itself; or an object of lists (by day, by category) or of papers (by id). What reports an error
    and lists nothing is no empty day.
    """
    head: Fields = {}
    for _ in range(_LAYERS):
        if not isinstance(value, Mapping):
            break
        _refuse_ambiguous(value)
        head = {**head, **fields_of(value)}
        inner = _inner(value)
        if inner is None:
            break
        value = inner
    entries = tuple(_entries(value))
    if (not entries or isinstance(value, Mapping)) and (failure := failure_said(head)):
        raise Unreadable(Rejected("file", f"this is an error, not papers: {failure}"))
    if not entries and (count := count_said(head)) and count > 0:
        raise Unreadable(
            Rejected("file", f"it says that it lists {count:,} papers, but there are none")
        )
    if not entries and not (isinstance(value, list | Mapping) and _is_empty(value, head)):
        raise Unreadable(Rejected("file", f"the whole is {_shown(value)}; expected {EXPECTED}"))
    return Listed(entries, head)


def _inner(value: Mapping[str, object]) -> object | None:
    """The list under the first of the names; or, unless this is a paper, the object under it."""
    named = {folded(name): inner for name, inner in value.items()}
    inside = [named[name] for name in NAMES if name in named]
    lists = [inner for inner in inside if isinstance(inner, list) and _may_be_papers(inner)]
    objects = [inner for inner in inside if isinstance(inner, Mapping) and not _is_paper(value)]
    return next(chain(lists, objects), None)


def _may_be_papers(entries: list[object]) -> bool:
    """Empty, or objects, or such as texts."""
    texts = (entry for entry in entries if isinstance(entry, str))
    return (
        not entries
        or any(isinstance(entry, Mapping) for entry in entries)
        or any(text.lstrip().startswith("{") for text in texts)
    )


def _is_paper(value: object) -> bool:
    """Whether it is an object with a title and something else that papers have."""
    fields = fields_of(value) if isinstance(value, Mapping) else {}
    titled = any(isinstance(title, str | list) for title in values(fields, TITLES[:-1]))
    return titled and next(values(fields, ABSTRACTS + AUTHORS + IDS + PAGES), None) is not None


def _entries(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, list):
        yield from ((f"item {n}", entry) for n, entry in enumerate(value, 1))
    elif _is_paper(value):
        yield "item 1", value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _named(name, inner)


def _named(name: str, inner: object) -> Iterator[tuple[str, object]]:
    """The entries of an object that stand under a day, a category or an id of theirs."""
    shown = clean_line(name, _SHOWN)
    if isinstance(inner, list) and any(isinstance(entry, Mapping) for entry in inner):
        day = {"day": name} if day_in(name) else {}
        for n, entry in enumerate(inner, 1):
            dated = {**day, **entry} if type(entry) is dict else entry  # not an ambiguous one
            yield f"item {n} of {shown}", dated
    elif _is_paper(inner) and isinstance(inner, dict):
        keyed = {**inner, "id": inner.get("id") or name} if normalise_id(name) else inner
        yield f"item {shown}", inner if isinstance(inner, Ambiguous) else keyed


# --- what is no paper -------------------------------------------------------


def _refuse_ambiguous(value: Mapping[str, object]) -> None:
    if isinstance(value, Ambiguous) and not _is_paper(value):
        twice = clean_line(value.twice, _SHOWN)
        raise Unreadable(Rejected("file", f"it gives two different values for “{twice}”"))


def failure_said(head: Fields) -> str:
    """What the object says instead of an answer, such as an error (RFC 9457); ``""`` if nothing."""
    status = list(values(head, ("status", "code", "statuscode")))
    failed = any(_word(value) in _FAILED for value in status)
    high = any(isinstance(value, int) and value >= _HTTP_ERROR for value in status)
    denied = any(value is False for value in values(head, ("success", "ok")))
    error = next(values(head, ("error", "errors", "err")), False)
    return _shown(head) if failed or high or denied or error not in (False, 0) else ""


def count_said(head: Fields) -> int | None:
    """How many papers the object says that it lists; that of a page of results says nothing."""
    if next(values(head, ("next", "nextpage", "previous", "offset", "page")), None) is not None:
        return None
    said = next(values(head, ("count", "numpapers", "papercount", "paperscount")), None)
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def _is_empty(value: list[object] | Mapping[str, object], head: Fields) -> bool:
    """Whether this is how a day without papers is written."""
    if isinstance(value, list):
        return not value
    by_day = bool(value) and all(day_in(name) and inner == [] for name, inner in value.items())
    return (
        by_day or count_said(head) == 0 or any(map(_EMPTY.__contains__, map(_word, head.values())))
    )


def _word(value: object) -> str:
    return folded(value) if isinstance(value, str) and len(value) <= _SHOWN else ""


def _shown(value: object) -> str:
    """A value that is no list of papers, for the person who has to mend it."""
    if isinstance(value, Mapping):
        pairs = (f"{name}: {_bare(inner)}" for name, inner in islice(value.items(), _PAIRS))
        return f"an object with {clean_line(', '.join(pairs), 2 * _SHOWN)}" if value else "{}"
    return f"{kind_of(value)}, {_bare(value)}" if value is not None else "null"


def _bare(value: object) -> str:
    if isinstance(value, list | Mapping):
        return kind_of(value)
    return clean_line(json.dumps(value, ensure_ascii=False), _SHOWN)
