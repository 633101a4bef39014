"""Whose fault a bounce is, from the most exact that a report or its text says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from worker.core.blame import ENHANCED, blame
from worker.outcomes import (
    Cause,
)

_BASIC = re.compile(r"(?:^|\n|: )[ \t<>('\"]*([45]\d\d)(?=[\s#\-:)'\"]|$)")
_FULL = re.compile(
    r"over ?-?quota|quota (?:is )?(?:exceeded|violat)|exceed\w* (?:\w+ )?quota"
    r"|mail(?:box|folder) (?:is )?full",
    re.IGNORECASE,
)
_MARKED = re.compile(r"(?:^[ \t-]*|[#(\[])(?=[45]\.\d{1,3}\.\d{1,3})", re.MULTILINE)
_NEAR = 16  # characters between a code and its enhanced one
_FAR = 2000
_POLICY = "7"


def verdict(said: str, status: str = "") -> Cause:
    """What the last server's no is about: its own words, and the Status of the report (RFC 3464).

    A relay that gave up after its days gives ``LATER``, as nobody said a definite no; ``DOWN`` if
    it was for a server or a network that was not there.
    """
    basic = _BASIC.search(said[:_FAR])
    best = _most_exact(code for code in (_own(said, basic), ENHANCED.search(status)) if code)
    if (best is None or best[0].endswith(".0.0")) and _FULL.search(said):
        return Cause.FULL
    level = best[1] if best else basic[1][0] if basic else "5"
    code = basic[1] if basic and basic[1].startswith(level) else f"{level}50"
    cause = blame(int(code), f"{best[0] if best else ''} {said}", of_recipient=True)
    return cause if level == "5" or cause in (Cause.FULL, Cause.DOWN) else Cause.LATER


def _own(said: str, basic: re.Match[str] | None) -> re.Match[str] | None:
    """The enhanced code beside the basic one; else one that no version number looks like."""
    if basic and (found := ENHANCED.search(said[basic.start() : basic.end() + _NEAR])):
        return found
    marked = _MARKED.search(said[:_FAR])
    return ENHANCED.match(said[marked.end() :]) if marked else None


def _most_exact(codes: Iterable[re.Match[str]]) -> re.Match[str] | None:
    """Policy before all, as it is our fault; then the one that says most."""
    ranked = sorted(codes, key=lambda code: (code[2] != _POLICY, code[0].count(".0")))
    return next(iter(ranked), None)
