"""The authors of a paper, in the ways that records name them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from worker.sources.fields import Fields, folded, values
from worker.sources.literal import Malformed, value_of

_WHOLE: Final = ("name", "fullname", "displayname", "literal", "author", "user")
_FIRST: Final = ("first", "given", "firstname", "givenname", "forename", "forenames")
_LAST: Final = ("last", "family", "lastname", "familyname", "surname", "keyname")
_STEPS: Final = 4  # from an entry to the name in it: ``{author: {user: {fullname: …}}}``

_OTHERS = re.compile(r"\b(?:et\.?\s?al\b\.?|and others\b)", re.IGNORECASE)
_AND = re.compile(r",? and ")
_ASIDE = re.compile(r"\([^()]*+\)")  # affiliations


def people(written: object) -> tuple[str, ...]:
    """The names, first name first. "et al." is nobody.

    ``written`` is a list of names or of objects with the name, one such object, or a text: names
    with ``;``, ``and`` or commas between them, or such a list as JSON or Python writes it.
    """
    if isinstance(written, str) and written.lstrip().startswith("["):
        written = _listed(written)
    entries = written if isinstance(written, list | tuple) else [written]
    texts = [_whole_name(entry) for entry in entries]
    if len(texts) == 1:
        return tuple(_split(texts[0]))
    return tuple(filter(None, (_first_name_first(_without_others(text)) for text in texts)))


def _whole_name(entry: object) -> str:
    """The name in an object, however deep; the text if it is one."""
    for _ in range(_STEPS):
        if not isinstance(entry, Mapping):
            break
        fields = {folded(str(name)): value for name, value in entry.items() if value}
        parts = (_part(fields, _FIRST), _part(fields, _LAST))
        entry = next(values(fields, _WHOLE), None) or " ".join(filter(None, parts))
    return " ".join(entry.split()) if isinstance(entry, str) else ""


def _part(fields: Fields, names: tuple[str, ...]) -> str:
    return next((part for part in values(fields, names) if isinstance(part, str)), "")


def _listed(text: str) -> object:
    try:
        return value_of(text)
    except Malformed:
        return text


def _split(text: str) -> Iterator[str]:
    """The names that a text lists: ``Shi, Yichen and Tao, Zhuofu``, ``A B, C D and E F``."""
    plain = " ".join(_without_others(_ASIDE.sub(" ", text)).split())
    for mark in (";", "|"):
        if mark in plain:
            return filter(None, map(_first_name_first, plain.split(mark)))
    joined = _AND.split(plain)
    turned = all(part.count(",") == 1 for part in joined) and len(joined) > 1
    if turned or len(joined) > 2 or _is_turned(plain):  # BibTeX's way
        return filter(None, map(_first_name_first, joined))
    return filter(None, (name.strip() for part in joined for name in part.split(",")))


def _is_turned(text: str) -> bool:
    """Whether it is one name, the last part first: ``Shi, Yichen``."""
    last, comma, first = text.partition(",")
    return bool(comma) and all(len(part.split()) == 1 for part in (last, first))


def _first_name_first(name: str) -> str:
    last, comma, first = (part.strip() for part in name.partition(","))
    return f"{first} {last}".strip() if comma and "," not in first else name.strip(" ,")


def _without_others(text: str) -> str:
    return _OTHERS.sub("", text).strip(" ,;").removeprefix("and ")
