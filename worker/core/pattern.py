"""Regular expressions by RE2: linear time, bounded memory, whoever wrote the pattern.

A surrogate that stands alone is no Unicode text; RE2 is shown U+FFFD in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import re2  # type: ignore[import-untyped]  # the wheel ships no types

_BYTES = 1 << 18  # for one compiled pattern; the largest takes 7 ms to compile and probe
_PLACES = 100  # finding all places can be quadratic, even in RE2; nobody reads more marks
_SURROGATE = re.compile("[\ud800-\udfff]")
# A pattern that can match the empty string does so in one of these.
_PROBES = ("", "é", "zz qq", "00\n0", "-- ~~")


def refusal(pattern: str) -> str | None:
    """Why this is no pattern for a rule, or None if it is one."""
    if _SURROGATE.search(pattern):
        return "the regex holds a broken character"
    try:
        hits = [hit for probe in _PROBES for hit in _compiled(pattern).finditer(probe)]
    except re2.error as error:
        return f"RE2 does not take this regex: {error.args[0].decode()}"
    if any(hit.start() == hit.end() for hit in hits):
        return "the regex matches even where there is nothing, so it would find every paper"
    return None


def found(pattern: str, text: str) -> bool:
    """Whether the pattern occurs in the text."""
    return _compiled(pattern).search(_shown(text)) is not None


def size(pattern: str) -> int:
    """How many instructions RE2 makes of it: for each byte of a text it may come to follow all."""
    return int(_compiled(pattern).programsize)


def spans(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """The first places of the pattern in the text, in characters, none of them empty."""
    for hit in islice(_compiled(pattern).finditer(_shown(text)), _PLACES):
        if hit.start() < hit.end():
            yield hit.start(), hit.end()


def _shown(text: str) -> str:
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.max_mem = _BYTES
    options.log_errors = False
    options.case_sensitive = False
    return re2.compile(pattern, options)
