"""What was typed, in the spelling that terms have. ``start`` is where it stands in the rule."""

from __future__ import annotations

import re
from typing import Final

from worker.core.bounds import bounds
from worker.core.identity import normalise_id
from worker.core.measure import Bounds, Measure
from worker.core.plural import capitals
from worker.core.terms import (
    TOPMOST,
    WIDEST,
    Field,
    Kin,
    Label,
    Like,
    QueryError,
    Rank,
    Scope,
    Top,
)
from worker.core.words import Word, words
from worker.model import Kind

_KINDS: Final = {kind.value: kind.value for kind in Kind} | {
    **dict.fromkeys(("cross-list", "crosslist", "cross-listed"), Kind.CROSS.value),
    **dict.fromkeys(("replace", "replaced", "replacements"), Kind.REPLACEMENT.value),
}
_PLAIN: Final = re.compile(r"(?!(?:AND|OR|NOT)$)\w[\w-]*\*?")
_SOURCES: Final = {"hf": "huggingface"}


def whole(raw: str, scope: Scope, start: int, *, quoted: bool) -> Label | Bounds | Top | Like:
    """A name or a number, for a field that takes one and no words."""
    if isinstance(scope, Kin):
        return _like(raw, start, quoted=quoted)
    if isinstance(scope, Rank):
        return _top(raw.strip(), start)
    return bounds(raw, scope, start) if isinstance(scope, Measure) else label(raw, scope, start)


def _like(raw: str, start: int, *, quoted: bool) -> Like:
    """The paper that others resemble: an id as one key of it, a title as it is written."""
    key = normalise_id(raw)
    if not (key or (quoted and words(raw))):
        raise QueryError(start, 'like: takes an arXiv id, a DOI, or a title in quotes: like:"…"')
    return Like(key or " ".join(raw.split()))


def label(raw: str, field: Field, start: int) -> Label:
    """The category, identifier, kind or source as written, or its beginning."""
    value = " ".join(raw.casefold().split())
    if field is Field.KIND:
        return Label(_kind(value, start), field)
    stem = value.removesuffix("*")
    if "*" in stem or len(stem) < (1 if stem == value else 2):
        raise QueryError(start, f"{field}: takes one name, or at least 2 letters of it and a *")
    if field is Field.ID and stem == value:
        value = normalise_id(value) or value
    if field is Field.SOURCE:
        value = _SOURCES.get(value, value)
    return Label(value, field)


def _kind(value: str, start: int) -> str:
    if value not in _KINDS:
        raise QueryError(start, f"kind: takes one of {', '.join(Kind)}")
    return _KINDS[value]


def _top(raw: str, start: int) -> Top:
    count = int(raw) if re.fullmatch("[0-9]{1,3}", raw) else 0
    if not 1 <= count <= TOPMOST:
        raise QueryError(start, f"{Rank.TOP}: takes a number of papers from 1 to {TOPMOST}")
    return Top(count)


def width(raw: str, count: int, start: int) -> int:
    """The n of ``~n``, for a phrase of so many words."""
    digits = raw[1:]
    wide = int(digits) if re.fullmatch("[0-9]{1,3}", digits) else 0
    if not 1 <= wide <= WIDEST:
        raise QueryError(start, f"a width is a number of words from 1 to {WIDEST}")
    if wide < count:
        raise QueryError(start, f"{count} words need a width of as many or more")
    return wide


def spelled(raw: str, field: Field | None, start: int) -> tuple[str, ...]:
    """The words as a term writes them (``Words``), for this field."""
    found = words(raw)
    if not found:
        raise QueryError(start, f"there is no letter or digit to look for in {raw.strip()[:40]!r}")
    if "*" in raw:
        _check_stars(raw, found, start)
    return tuple(_spell(word, field) + "*" * (raw.startswith("*", word.end)) for word in found)


def trimmed(raw: str) -> str:
    """What was typed, without a comma or the like behind it: elsewhere signs may mean something."""
    plain = raw.rstrip(",.;:?!")
    return plain if _PLAIN.fullmatch(plain) else raw


def _check_stars(raw: str, found: tuple[Word, ...], start: int) -> None:
    lengths = {word.end: len(word.folded) * word.folded.isalnum() for word in found}
    for star in re.finditer(r"\*", raw):
        if star.start() not in lengths or star.end() in {word.start for word in found}:
            raise QueryError(start + star.start(), "a * can only end a word")
        if lengths[star.start()] < 2:
            raise QueryError(start + star.start(), "a * needs at least 2 letters before it")


def _spell(word: Word, field: Field | None) -> str:
    """The word as written in a term: short ones in capitals keep them, but not names of people."""
    short = 2 <= len(word.cased) <= 5 and word.cased not in {"AND", "OR", "NOT"}
    kept = short and capitals(word.cased) > 1 and field is not Field.AUTHOR
    return word.cased if kept else word.folded
