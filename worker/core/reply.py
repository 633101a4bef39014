"""The words of another program as they may be stored and logged: nothing of a reader stays in."""

from __future__ import annotations

import re

REPLY_LIMIT = 500

_SCAN_LIMIT = 4 * REPLY_LIMIT  # of a server's text, which may be 32 kB
_ADDRESS = re.compile(
    r'<?(?:"[^"]*"|[^\s<>()\[\]",:;@]+)(?:@|%40)(?:\[[^\]\s]*\]|[\w-]+(?:\.[\w-]+)*)>?'
)


def noted(text: str) -> str:
    """One line of at most 500 characters, addresses and control characters gone."""
    line = " ".join(_ADDRESS.sub("<address>", text[:_SCAN_LIMIT]).split())
    return "".join(map(_shown, line))[:REPLY_LIMIT]


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
