"""A rule in one line, as the command line and a mail have it: ``NAME=QUERY``, or a bare query."""

from __future__ import annotations

from typing import Final

from worker.core.rulesets import NO_SETS, RuleSets, refuse_wrong
from worker.model import Rule

LONGEST_RULE: Final = 256
MOST_RULES: Final = 50
"""What a reader may ask for by himself (RELIABILITY B64)."""


def named_rule(text: str, sets: RuleSets = NO_SETS) -> Rule:
    """The rule; a query without a name is its own. Raises QueryError."""
    rule = split(text)
    refuse_wrong(rule.query, sets)
    return rule


def split(text: str) -> Rule:
    """The same, whether its query can be read or not; that is what the text ends with."""
    name, equals, query = text.partition("=")
    named = bool(equals) and name.replace(" ", "").replace("-", "").isalnum()
    return Rule(name.strip(), query.strip()) if named else Rule(text.strip(), text.strip())


def shown(rule: Rule) -> str:
    """The rule in one line, by which it can be given again, mostly."""
    line = rule.query if rule.name == rule.query else f"{rule.name} = {rule.query}"
    return " ".join(line.split())
