"""Rules as a table of the configuration has them, and the ``[[rule_set]]`` entries."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from worker.config import values
from worker.config.source import Section
from worker.config.values import NotAllowed
from worker.core.named import MOST_RULES
from worker.core.query import QueryError, parse
from worker.core.rulesets import RuleSet, RuleSets, refuse_wrong
from worker.core.shared import shared
from worker.core.weight import called
from worker.model import Refused, Rule

LONGEST_NAME: Final = 80

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_NONE: Final[Sequence[object]] = ()


def read_rules(section: Section, sets: RuleSets) -> tuple[Rule, ...]:
    """The ``rules`` of the section, which may name these sets; what is wrong is noted there."""
    return _rules(section, partial(refuse_wrong, sets=sets))


def _rules(section: Section, check: Callable[[str], None]) -> tuple[Rule, ...]:
    written = section.require("rules", _list_of_rules, _NONE)
    rules = []
    for number, each in enumerate(written):
        try:
            rules.append(_rule(each, check))
        except (NotAllowed, Refused) as error:
            must = "must be " * isinstance(error, NotAllowed)
            section.refuse(f"the {number + 1}. {must}{error}", "rules", number)
    return tuple(rules)


def read_sets(sections: Sequence[Section]) -> RuleSets:
    """Each set, in the order of the file; what is wrong is noted in its section."""
    found = tuple(map(_set, sections))
    names: set[str] = set()
    for section, one in zip(sections, found, strict=True):
        if one.name.casefold() in names:
            section.refuse("another set has this name already", "name")
        names.add(one.name.casefold())
    return found


def _set(section: Section) -> RuleSet:
    set_name = section.require("name", _name, "")
    title = section.read("title", _title, "")
    rules = _rules(section, _refuse_nested)
    named: set[str] = set()
    for rule in rules:
        name = called(rule).casefold()
        if name in named:
            section.refuse(f"two rules of the set are called {called(rule)}", "rules")
        named.add(name)
    return RuleSet(set_name, title, rules)


def _refuse_nested(query: str) -> None:
    if taken := shared(query):
        raise QueryError(taken.at, "a set takes in no other set")
    parse(query)


def _name(raw: object) -> str:
    name = values.text(raw)
    if not _NAME.fullmatch(name):
        raise NotAllowed("up to 40 letters, digits, - and _: rules name it so, as set:nlp")
    return name


def _title(raw: object) -> str:
    title = values.text(raw).strip()
    if len(title) > LONGEST_NAME:
        raise NotAllowed(f"at most {LONGEST_NAME} characters")
    return title


def _list_of_rules(raw: object) -> Sequence[object]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_RULES:
        raise NotAllowed(f'a list of 1 to {MOST_RULES} rules, such as ["diffusion -survey"]')
    return raw


def _rule(raw: object, check: Callable[[str], None]) -> Rule:
    match raw:
        case str():
            query = name = raw
        case {"query": str(query), **others} if others.keys() <= {"name"}:
            name = values.text(others.get("name", query))
        case _:
            raise NotAllowed('a query in quotes, or {name = "…", query = "…"}')
    check(query)
    if name != query and not 1 <= len(name) <= LONGEST_NAME:
        raise NotAllowed(f"named with 1 to {LONGEST_NAME} characters")
    return Rule(name, query)
