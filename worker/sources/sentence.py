"""Whether a text ends, or breaks off."""

from __future__ import annotations

from typing import Final

_LAST: Final = 300  # characters among which the last word is
BROKEN_OFF: Final = "the last abstract breaks off; the rest of the file may be missing"


def ends_like_sentence(text: str) -> bool:
    """Also an address may end one."""
    last_word = text[-_LAST:].split()[-1]
    return last_word.rstrip("\"'”’»)]}$*").endswith((*".!?…。！？",)) or "://" in last_word
