"""Which links lead to a paper, and to which."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from worker.core.identity import normalise_id

_LONGEST: Final = 4_000  # characters of an address; those of trackers are long
_ID = r"(?:[0-9]{4}\.[0-9]{4,5}|[a-z-]{2,20}(?:\.[A-Za-z]{2})?/[0-9]{7})(?![0-9])"
_PAGE = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html|format)/|huggingface\.co/papers/|hf\.co/papers/"
    rf"|alphaxiv\.org/(?:abs|overview)/|\A/(?:papers|abs)/)({_ID})"
)
_DOI = re.compile(r"\A(?:https?:)?//(?:dx\.|www\.)?doi\.org/10\.")


def paper_in(address: str) -> str:
    """The key of the paper (``arxiv:2509.01234``) that the address leads to, or ``""``.

    Also through the counting links of newsletters, which carry the address they lead to, and for
    addresses within huggingface.co and arxiv.org (``/papers/2509.01234``).
    """
    if len(address) > _LONGEST:
        return ""
    plain = unquote(unquote(address.strip())) if "%" in address else address.strip()
    if page := _PAGE.search(plain):
        return normalise_id(page[1]) or ""
    return (normalise_id(plain) or "") if _DOI.match(plain) else ""
