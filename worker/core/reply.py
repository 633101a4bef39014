"""The words of another program as they may be stored and logged: nothing of a reader stays in."""

from __future__ import annotations

import re
from typing import Final

from worker.core.tokens import PASS_LENGTH, TOKEN_LENGTH

REPLY_LIMIT = 500

SCAN_LIMIT: Final = 4 * REPLY_LIMIT  # of a server's text, which may be 32 kB
ADDRESS: Final = re.compile(
    r'<?(?:"[^"]*"|[^\s<>()\[\]",:;@]+)(?:@|%40)(?:\[[^\]\s]*\]|[\w-]+(?:\.[\w-]+)*)>?'
)
_BROKEN = re.compile(r"[^\s<>]*@[^\s<>]*")  # what is left of one that had no right form
_LETTER = "[A-Za-z0-9_-]"
_TOKEN = re.compile(  # of a link of ours
    rf"(?<![\w-])(?:{_LETTER}{{{TOKEN_LENGTH}}}|{_LETTER}{{{PASS_LENGTH}}})(?![\w-])"
)


def noted(text: str) -> str:
    """One line of at most 500 characters, without addresses, tokens and control characters."""
    line = " ".join(ADDRESS.sub("<address>", text[:SCAN_LIMIT]).split())
    line = _TOKEN.sub("<token>", _BROKEN.sub("<address>", line))
    return "".join(map(_shown, line))[:REPLY_LIMIT]


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
