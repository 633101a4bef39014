"""How much work the rules of one reader may be, for each paper there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from worker.core import pattern
from worker.core.parts import terms_of
from worker.core.query import QueryError, parse
from worker.core.shared import shared
from worker.core.terms import Pattern
from worker.model import Rule

MOST: Final = 1_000
"""Instructions of all his regular expressions together. Each may be looked at for each letter of
each paper: so they take some milliseconds a paper at the most. ``/gr(a|e)y/`` has eleven.
"""

TOO_MUCH: Final = (
    "these regular expressions together are more work than one reader may ask for; "
    "simpler ones, or fewer, will do"
)


def is_too_much(rules: Iterable[Rule]) -> bool:
    """Whether what they ask for is more than that. A rule that cannot be read asks for nothing."""
    return sum(pattern.size(regex.text) for rule in rules for regex in _regexes(rule)) > MOST


def _regexes(rule: Rule) -> Iterator[Pattern]:
    try:
        taken = shared(rule.query)
        # The rules of a set are the operator's; what narrows them is the reader's.
        parts = taken.narrowing if taken else (parse(rule.query),)
    except QueryError:
        return
    terms = {term for part in parts for term in terms_of(part)}
    yield from (term for term in terms if isinstance(term, Pattern))
