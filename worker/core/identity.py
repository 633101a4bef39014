"""When two listings are one paper: the keys it is known by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from worker.core.clean import ID_LIMIT, TITLE_LIMIT, UNTITLED, clean_line
from worker.core.fold import fold
from worker.core.letters import GREEK
from worker.model import Listing

KINDS: Final = ("arxiv:", "doi:")
"""Of ids that are keys, the one that decides first."""

_DOI_SITE = r"(?:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)?"
_ARXIV = re.compile(
    rf"(?:arxiv:\s*|(?:https?://)?(?:[a-z]+\.)?arxiv\.org/[a-z]+/(?:arxiv:)?"
    rf"|(?:https?://)?(?:www\.)?huggingface\.co/papers/|{_DOI_SITE}10\.48550/arxiv\.)?"
    r"([0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}|([a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?/([0-9]{7}))"
    r"(?:v[0-9]+)?(?:\.pdf)?/?(?:[?#].*)?",
    re.IGNORECASE | re.ASCII,
)
# ASCII, as all but a handful are, without the full stop or comma of the sentence round it.
_DOI = re.compile(
    rf"{_DOI_SITE}(10\.[0-9]{{4,9}}/[!-~]*[!-+\-/-:<-~])[.,;]*", re.IGNORECASE | re.ASCII
)

# A dump writes ``$\beta$`` as ``beta``, a page as β.
_GREEK = str.maketrans(GREEK)


def fingerprint(title: str) -> str:
    r"""The title's letters and digits, folded, in any script; signs and LaTeX do not count.

    A LaTeX command counts as its name, as in the dumps, which drop ``$`` and the backslash. A title
    without a letter is known by a digest of its signs.
    """
    cleaned = clean_line(title)
    letters = "".join(c for c in fold(cleaned).translate(_GREEK) if _counts(c))
    return letters or _digest(cleaned)


def normalise_id(text: str) -> str | None:
    """The key for an arXiv id or a DOI, bare, prefixed or as an address; None if it is neither.

    Versions are dropped, and so are the subject class of an old id (``math.GT/0309136``) and
    arXiv's own DOIs: those are arXiv ids.
    """
    cleaned = clean_line(text, TITLE_LIMIT)
    if len(cleaned) > ID_LIMIT:
        return None
    if arxiv := _ARXIV.fullmatch(cleaned):
        number, archive, serial = arxiv.groups()
        return f"arxiv:{archive}/{serial}".lower() if archive else f"arxiv:{number}"
    if doi := _DOI.fullmatch(cleaned):
        return f"doi:{doi[1]}".lower()
    return None


def keys(listing: Listing) -> tuple[str, ...]:
    """The keys of a cleaned listing: its arXiv id, its DOI, then the fingerprints of its title.

    The first id of a kind is its own; a second one is somebody else's, such as a link to another
    paper, and joining under that would make the other one seen for ever.

    There are two of those where its LaTeX was made readable: a dump that lost the signs of the
    LaTeX has the one, a page that shows it has the other. Ids of other kinds are no keys. A paper
    without a title is known by its abstract.
    """
    named = [key for key in map(normalise_id, listing.ids) if key]
    firsts = (next((key for key in named if key.startswith(kind)), None) for kind in KINDS)
    ids = (key for key in firsts if key)
    return (*ids, *(f"title:{title}" for title in dict.fromkeys(_titles(listing))))


def _titles(listing: Listing) -> Iterator[str]:
    if listing.title.startswith(UNTITLED):
        yield _digest(listing.abstract or listing.title)
    else:
        yield fingerprint(listing.as_listed or listing.title)
        yield fingerprint(listing.title)


def _counts(character: str) -> bool:
    """A letter, a digit, or a mark that folding left because it is part of a letter."""
    return unicodedata.category(character)[0] in "LNM"


def _digest(text: str) -> str:
    """No title's letters: it starts with a sign."""
    return "#" + sha256(text.encode(errors="replace")).hexdigest()[:32]
