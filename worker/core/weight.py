"""The weight of a rule: the pluses before it, ``++diffusion video``."""

from __future__ import annotations

import re
from typing import Final

from worker.model import Rule

HEAVIEST: Final = 3
"""Pluses: one that matters more than all others needs no more."""

_PLUSES = re.compile(r"\s*(\+*)")


def weight(query_text: str) -> int:
    """How much the rule matters: 1, and 1 more for each plus before the whole of it."""
    return 1 + min(HEAVIEST, len(pluses(query_text)[1]))


def pluses(query_text: str) -> re.Match[str]:
    """Where the rule itself begins: behind the match, whose group 1 are its pluses."""
    found = _PLUSES.match(query_text)
    assert found  # it may be empty
    return found


def bare(query_text: str) -> str:
    """The rule without its weight."""
    return query_text[pluses(query_text).end() :].lstrip()


def called(rule: Rule) -> str:
    """Its name as it is shown: a rule named by its query does not show its weight."""
    return bare(rule.name) or rule.name if rule.name == rule.query else rule.name
