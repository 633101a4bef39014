"""The weight of a rule: the pluses before it, ``++diffusion video``."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from worker.model import Rule

HEAVIEST: Final = 3
"""Pluses: one that matters more than all others needs no more."""


def weight(query_text: str) -> int:
    """How much the rule matters: 1, and 1 more for each plus before the whole of it."""
    return 1 + min(HEAVIEST, len(pluses(query_text)))


def pluses(query_text: str) -> range:
    """Where they stand in the text; an empty range where there are none."""
    begun = query_text.lstrip()
    first = len(query_text) - len(begun)
    return range(first, first + len(begun) - len(begun.lstrip("+")))


def unweighted(query_text: str) -> str:
    """The rule without its weight."""
    return query_text[pluses(query_text).stop :].lstrip()


def called(rule: Rule) -> str:
    """Its name as it is shown: a rule named by its query does not show its weight."""
    return unweighted(rule.name) or rule.name if rule.name == rule.query else rule.name


def as_called(rule: Rule) -> Rule:
    """The rule under the name that is shown."""
    return replace(rule, name=called(rule))
