"""Whether a text ends, or breaks off."""

from __future__ import annotations

import re
from typing import Final

_LAST: Final = 300  # characters among which the last word is
_SHORT_ID = re.compile(r"arxiv:(?:1[5-9]|[2-9][0-9])[0-9]{2}\.[0-9]{4}")
BROKEN_OFF: Final = "the last abstract breaks off; the rest of the file may be missing"


def ends_like_sentence(text: str) -> bool:
    """Also an address may end one."""
    last_word = text[-_LAST:].split()[-1]
    return last_word.rstrip("\"'”’»)]}$*").endswith((*".!?…。！？",)) or "://" in last_word


def is_cut_id(key: str) -> bool:
    """Whether an arXiv id lacks its last digit: those of 2015 and later have five in their end."""
    return _SHORT_ID.fullmatch(key) is not None
