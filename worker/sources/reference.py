"""What BibTeX and RIS share: references as reference managers and people's scripts write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from worker.core.identity import normalise_id
from worker.model import Listing, Rejected
from worker.sources.record import listing

_MAIL_TAIL = re.compile(r"\\\\ ?\( ?(https?://[^\s,]++) ?, ?[0-9]++kb[,I]*+ ?\)$")
_TAIL_LENGTH: Final = 300  # characters, with room
_ARXIV_WORD = re.compile(r"arxiv:\s?([a-z.-]*+/?[0-9][0-9.]{5,9}+)", re.IGNORECASE)
_DOUBLED = re.compile(r"(arxiv\.org/(?:abs|pdf)/)arxiv:", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_SUFFIXES: Final = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_OTHERS: Final = frozenset({"others", "et al", "et al."})
_AND = re.compile(r"[{}]| and ", re.IGNORECASE)
_COMMA = re.compile(r"[{}]|,")
_SEMICOLON = re.compile(r"[{}]|;")


def reference(
    record: Mapping[str, str | Sequence[str]], authors: tuple[str, ...], where: str
) -> Listing | Rejected:
    """The paper that is referred to, or why it is none.

    ``record`` is as ``record.listing`` takes it, with ``abstract``, ``url`` and ``eprint``.
    """
    abstract, told = _parted_from_mail(_unwrapped(str(record["abstract"])))
    urls = [told, *map(_mended, record["url"])]
    found = listing({**record, "abstract": abstract, "url": [*filter(None, urls)]}, where)
    return found if isinstance(found, Rejected) else replace(found, authors=authors)


def arxiv_id_in(texts: Iterable[str]) -> str:
    """The first id in what a reference says: ``arXiv preprint arXiv:1706.03762``; or nothing.

    A text that is an id itself counts: the key of a reference, its number, its address.
    """
    for text in texts:
        found = _ARXIV_WORD.search(text)
        told = normalise_id(text) or (normalise_id(found[1].rstrip(".")) if found else None)
        if told and told.startswith("arxiv:"):
            return told
    return ""


def names_in(authors: str) -> tuple[str, ...]:
    """The authors in one field, each as ``First Last``: ``Shi, Yichen and {The ATLAS Team}``.

    Names are parted by ``and``; where there is none by ``;``, or by commas if what is between them
    reads like names. Braces hold a name together. "Others" is nobody.
    """
    line = " ".join(authors.split())
    parts = tuple(_parted(line, _AND))
    if len(parts) == 1 and "&" not in line:  # which may be an entity: M&uuml;ller
        parts = tuple(_parted(line, _SEMICOLON))
    if len(parts) == 1 and all(" " in part for part in _parted(line, _COMMA)):
        parts = tuple(_parted(line, _COMMA)) if line.count(",") > 1 else parts
    return tuple(_name(part) for part in parts if part and part.casefold() not in _OTHERS)


def _name(raw: str) -> str:
    """``First Last Jr.`` for ``Last, Jr., First`` and ``Last, First, Jr.``."""
    parts = [part for part in _parted(raw, _COMMA) if part]
    suffix = next((part for part in parts[1:] if part.casefold() in _SUFFIXES), "")
    if suffix:
        parts.remove(suffix)
    turned = " ".join(reversed(parts)) if len(parts) == 2 else ", ".join(parts)
    return _unbraced(f"{turned} {suffix}".strip())


def _unbraced(name: str) -> str:
    """Without the braces that say that it is one name."""
    inner = name[1:-1]
    whole = name.startswith("{") and name.endswith("}") and not {"{", "}"} & set(inner)
    return inner.strip() if whole else name


def _parted(text: str, marks: re.Pattern[str]) -> Iterator[str]:
    """The parts between separators outside of braces, stripped."""
    depth = start = 0
    for found in marks.finditer(text):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        elif depth <= 0:
            yield text[start : found.start()].strip()
            start = found.end()
    yield text[start:].strip()


def _unwrapped(text: str) -> str:
    """Paragraphs, each on one line."""
    paragraphs = (" ".join(part.split()) for part in _BLANK_LINES.split(text))
    return "\n".join(filter(None, paragraphs))


def _parted_from_mail(abstract: str) -> tuple[str, str]:
    r"""The abstract without the end of its arXiv mail, and the link in that or nothing.

    The end is ``\\ ( https://arxiv.org/abs/2411.13560 , 31214kb)``; scripts leave it in.
    """
    tail = _MAIL_TAIL.search(abstract, max(0, len(abstract) - _TAIL_LENGTH))
    return (abstract[: tail.start()].rstrip(), tail[1]) if tail else (abstract, "")


def _mended(url: str) -> str:
    """An arXiv address with ``arXiv:`` before its id leads nowhere, and loses that."""
    return _DOUBLED.sub(r"\1", url.strip())
