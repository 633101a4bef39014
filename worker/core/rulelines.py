"""The rules of a form, one to a line: ``QUERY`` or ``NAME = QUERY``; empty lines are none (B64)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from worker.core.clean import clean_line
from worker.core.effort import TOO_MUCH, is_too_much
from worker.core.named import LONGEST_RULE, MOST_RULES, shown, split
from worker.core.query import QueryError
from worker.core.rulesets import MOST, NO_SETS, RuleSets, is_too_many, refuse_wrong
from worker.core.timetable import WrongField
from worker.model import Rule

TOLD: Final = 3
"""So many wrong lines are told at once."""


def read_rules(
    text: str, kept: tuple[Rule, ...] = (), sets: RuleSets = NO_SETS
) -> tuple[Rule, ...]:
    """The rules in order; one of those ``kept`` may stay whatever it is. Raises WrongField."""
    lines = [(number, line) for number, line in enumerate(_lines(text), 1) if line]
    if not lines:
        raise WrongField("rules", "Write at least one rule; * alone means every paper.")
    if len(lines) > MOST_RULES:
        raise WrongField("rules", f"There is room for {MOST_RULES} rules; these are {len(lines)}.")
    known = {_clean(shown(rule)): rule for rule in kept}
    rules, wrong = list[Rule](), list[str]()
    for number, line in lines:
        try:
            rules.append(known.get(line) or _rule(line, sets))
        except QueryError as error:
            wrong.append(f"Line {number}, position {error.position + 1}: {error.reason}.")
    if wrong:
        more = [f"{len(wrong) - TOLD} more lines cannot be read."] if len(wrong) > TOLD else []
        raise WrongField("rules", " ".join([*wrong[:TOLD], *more]))
    if not known.keys() >= {line for _, line in lines}:
        _refuse_too_much(rules, sets)
    return tuple(rules)


def _refuse_too_much(rules: list[Rule], sets: RuleSets) -> None:
    if is_too_much(rules):
        raise WrongField("rules", f"{TOO_MUCH[:1].upper()}{TOO_MUCH[1:]}.")
    if is_too_many(rules, sets):
        raise WrongField("rules", f"With those of the sets these are more than {MOST} rules.")


def _rule(line: str, sets: RuleSets) -> Rule:
    """Raises QueryError, whose position is one of the line."""
    if len(line) > LONGEST_RULE:
        raise QueryError(LONGEST_RULE, f"a rule has at most {LONGEST_RULE} characters")
    rule = split(line)
    try:
        refuse_wrong(rule.query, sets)
    except QueryError as error:
        before = len(line) - len(rule.query)
        raise QueryError(before + error.position, error.reason) from None
    return rule


def _lines(text: str) -> Iterator[str]:
    return map(_clean, re.split("\r\n|\r|\n", text))


def _clean(line: str) -> str:
    return clean_line(line, 4 * LONGEST_RULE)
