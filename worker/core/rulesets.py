"""Rule sets that several readers share: what their rules come to, and whether one may be written.

A reader keeps ``set:nlp`` as it is written; what it comes to is looked up whenever his rules are
applied, so a set that is changed is changed for all who have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from worker.core.query import QueryError, parse, readable
from worker.core.shared import Shared, shared
from worker.core.terms import Query
from worker.core.weight import as_called, called
from worker.model import Rule, Subscriber


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules under one name. ``title`` says what it is, to people, and may be empty."""

    name: str
    title: str
    rules: tuple[Rule, ...]


RuleSets = tuple[RuleSet, ...]

NO_SETS: Final[RuleSets] = ()
UNREAD: Final[RuleSets] = (RuleSet("", "", ()),)
"""Stands for sets that could not be read: any may be named, and what is wrong with them is told."""

MOST: Final = 500
"""Rules that one reader's may come to with those of his sets."""
NAMED: Final = 20
"""So many names are told to somebody who wrote another."""


def unfolded(rules: Sequence[Rule], sets: RuleSets) -> tuple[Rule, ...]:
    """The rules with each ``set:`` as the rules it comes to, in the set's order.

    What another rule of his asks for already is left out. One that cannot be unfolded stays as it
    is: it cannot be read as a query, which says so.
    """
    parts = [_members(rule, sets) for rule in rules]
    if all(part is None for part in parts):
        return tuple(rules)
    known = {_meant(rule) for rule, part in zip(rules, parts, strict=True) if part is None}
    found = list[Rule]()
    for rule, part in zip(rules, parts, strict=True):
        fresh = [rule] if part is None else [one for one in part if _meant(one) not in known]
        known |= set(map(_meant, fresh))
        found += fresh
    return tuple(found)


def as_applied(who: Subscriber, sets: RuleSets) -> Subscriber:
    """The subscriber with the rules that his come to, under the names that are shown."""
    return replace(who, rules=tuple(map(as_called, unfolded(who.rules, sets))))


def refuse_wrong(query: str, sets: RuleSets) -> None:
    """Raises QueryError if nobody could have such a rule: it cannot be read, or names no set."""
    taken = shared(query)
    if taken is None:
        parse(query)
    elif sets != UNREAD:
        _refuse_unfounded(taken, sets)


def is_too_many(rules: Sequence[Rule], sets: RuleSets) -> bool:
    """Whether with those of the sets they are more than one reader may have."""
    return len(unfolded(rules, sets)) > MOST


@lru_cache(maxsize=10_000)
def _members(rule: Rule, sets: RuleSets) -> tuple[Rule, ...] | None:
    """The rules that it comes to; None if it is none of a set, or of none that there is."""
    try:
        taken = shared(rule.query)
    except QueryError:
        return None
    found = taken and _found(taken.name, sets)
    if not taken or not found:
        return None
    heading = found.name if rule.name == rule.query else rule.name
    return tuple(
        Rule(f"{heading}: {called(one)}", taken.narrowed(one.query)) for one in _left(taken, found)
    )


def _left(taken: Shared, found: RuleSet) -> Sequence[Rule]:
    muted = {_plain(member) for member, _ in taken.muted}
    return [one for one in found.rules if _plain(called(one)) not in muted]


def _meant(rule: Rule) -> Query | str:
    """The same for rules that ask for the same."""
    return readable(rule.query) or rule.query


def _found(name: str, sets: RuleSets) -> RuleSet | None:
    return next((one for one in sets if _plain(one.name) == _plain(name)), None)


def _refuse_unfounded(taken: Shared, sets: RuleSets) -> None:
    found = _found(taken.name, sets)
    if not found:
        there = f"there are {_listed(one.name for one in sets)}" if sets else "there is none here"
        raise QueryError(taken.at, f"there is no rule set {taken.name}; {there}")
    names = {_plain(called(one)) for one in found.rules}
    for member, at in taken.muted:
        if _plain(member) not in names:
            there = _listed(map(called, found.rules))
            raise QueryError(at, f"set:{found.name} has no rule {member}; its rules are {there}")
    left = _left(taken, found)
    if not left:
        raise QueryError(taken.at, f"this leaves out every rule of set:{found.name}")
    for one in left:
        _refuse_unreadable(one, taken)


def _refuse_unreadable(member: Rule, taken: Shared) -> None:
    try:
        parse(taken.narrowed(member.query))
    except QueryError as error:
        reason = f"with this, the rule “{called(member)}” of the set cannot be read: {error.reason}"
        raise QueryError(taken.at, reason) from None


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _listed(names: Iterable[str]) -> str:
    told = list(names)
    more = [f"{len(told) - NAMED} more"] if len(told) > NAMED else []
    return ", ".join([*told[:NAMED], *more])
