"""A rule that takes in a whole rule set, taken apart; which sets there are, it does not know.

    ==================================  ======================================================
    ``set:nlp``                         each rule of the set, as if it were one of his own
    ``set:nlp -survey cat:cs.CL``       with what narrows them all
    ``set:nlp -set:nlp/Operators``      without this one; ``-set:"nlp/Neural operators"``
    ``++set:nlp``                       each of its rules with so many pluses more
    ==================================  ======================================================

The set stands outside of brackets, once, and beside no ``OR``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from worker.core.query import QueryError, parse
from worker.core.scan import QUOTES, SET, Scanner
from worker.core.terms import And, Everything, Or, Query
from worker.core.weight import HEAVIEST, pluses, unweighted
from worker.core.written import verbatim

_NAMED = re.compile(rf"(?i){SET}((?:[^\s(){QUOTES}]|[{QUOTES}][^{QUOTES}]*[{QUOTES}])*)")
_OPERATORS: Final = ("AND", "OR", "NOT", "-")

_BESIDE = "a set stands outside of brackets, with what narrows it beside it: set:nlp -survey"
_BARE = "set: must touch the name of a set: set:nlp"
_TWICE = "a rule takes in one set; write a rule for each"
_OR = "a set and an OR do not go together; write two rules"


@dataclass(frozen=True, slots=True)
class Shared:
    """The set of that ``name`` without the members ``muted``, all of them narrowed alike.

    ``narrowing`` are the parts that stand beside it; ``pluses`` are those before it.
    ``at`` is where its name is, and each mute has its own place.
    """

    name: str
    at: int
    muted: tuple[tuple[str, int], ...] = ()
    narrowing: tuple[Query, ...] = ()
    pluses: int = 0

    def narrowed(self, query: str) -> str:
        """The query of a member as this rule has it; what it says itself is not said again."""
        before = "+" * min(HEAVIEST, len(pluses(query)) + self.pluses)
        if not self.narrowing:
            return before + unweighted(query)
        meant, plain = parse(query), unweighted(query)
        own = _parts(meant)
        beside = [_beside(part, verbatim(part)) for part in self.narrowing if part not in own]
        return before + " ".join((_beside(meant, plain) if beside else plain, *beside))


@dataclass(frozen=True, slots=True)
class _Mention:
    """One ``set:`` of a rule: from ``start``, with the NOT before it, up to ``end``."""

    name: str
    member: str
    at: int
    start: int
    end: int


@lru_cache(maxsize=10_000)  # like the parsing itself: the same rules are asked for at each tick
def shared(text: str) -> Shared | None:
    """What a rule takes in; None for one that is a query alone. Raises QueryError.

    A query alone is not looked at: whether it can be read, ``parse`` tells.
    """
    if SET not in text.casefold():
        return None
    mentions = list(_mentions(text))
    if not mentions:
        return None
    taken = [one for one in mentions if not one.member]
    _refuse_wrong(mentions, taken)
    masked = text
    for one in mentions:  # of the same length, so that what is wrong beside it has its place
        masked = masked[: one.start] + "*".ljust(one.end - one.start) + masked[one.end :]
    query = parse(masked)
    if isinstance(query, Or):
        raise QueryError(taken[0].at, _OR)
    narrowing = tuple(dict.fromkeys(part for part in _parts(query) if part != Everything()))
    muted = tuple((one.member, one.at) for one in mentions if one.member)
    return Shared(taken[0].name, taken[0].at, muted, narrowing, len(pluses(text)))


def _refuse_wrong(mentions: list[_Mention], taken: list[_Mention]) -> None:
    if len(taken) > 1:
        raise QueryError(taken[1].at, _TWICE)
    for one in mentions:
        if not taken or one.name.casefold() != taken[0].name.casefold():
            reason = f"this leaves a rule out of set:{one.name}, which is not taken in here"
            raise QueryError(one.at, reason)


def _mentions(text: str) -> Iterator[_Mention]:
    """Each ``set:`` that is none within quotes or a regex. Raises QueryError."""
    scanner, depth, nots = Scanner(text, pluses(text).stop), 0, list[int]()
    while ahead := scanner.peek():
        start = scanner.at
        found = _NAMED.match(text, start)
        if ahead in ("NOT", "-"):
            nots.append(start)
            scanner.at += len(ahead)
            continue
        if ahead in _OPERATORS or ahead in ("(", ")"):
            depth += {"(": 1, ")": -1}.get(ahead, 0)
            scanner.at += len(ahead)
        elif found:
            yield _mention(found, nots, depth)
            scanner.at = found.end()
        else:
            _skip(scanner)
        nots.clear()


def _mention(found: re.Match[str], nots: list[int], depth: int) -> _Mention:
    at = found.start()
    named = re.sub(f"[{QUOTES}]", "", found[1])
    name, _, member = (part.strip() for part in named.partition("/"))
    if not name:
        raise QueryError(at, _BARE)
    if depth or len(nots) > 1:
        raise QueryError(at, _BESIDE)
    if nots and not member:
        raise QueryError(at, f"to leave one rule of a set out, name it: -set:{name}/Operators")
    if member and not nots:
        out = f"set:{name} -set:{name}/Operators"
        raise QueryError(at, f"a set is taken in as a whole; to leave one rule out write {out}")
    return _Mention(name, member, at, nots[0] if nots else at, found.end())


def _skip(scanner: Scanner) -> None:
    """Past the term that comes; brackets behind its field are left to be seen."""
    scope = scanner.scope()
    if scanner.peek() != "(":
        scanner.term(scope)


def _parts(query: Query) -> tuple[Query, ...]:
    return query.parts if isinstance(query, And) else (query,)


def _beside(query: Query, text: str) -> str:
    return f"({text})" if isinstance(query, Or) else text
