"""The rule sets that there are, as the forms of rules offer them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from worker.core.named import shown
from worker.core.rulesets import RuleSet, RuleSets
from worker.core.timetable import Fields

BOXES: Final = 20
"""So many sets have a box to tick: a form has only so many fields."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A set: the rule that takes it in, what it is called, its rules in a line each.

    Ticking ``box`` adds the rule; it is empty for a set that is among the rules already.
    """

    rule: str
    title: str
    rules: tuple[str, ...]
    box: str


def offered(sets: RuleSets, written: str) -> Sequence[Offered]:
    """Each of them, in the order of the configuration, beside rules as ``written`` in the form."""
    lines = {line.strip() for line in written.splitlines()}
    return [
        Offered(
            rule=_rule(one),
            title=one.title,
            rules=tuple(map(shown, one.rules)),
            box="" if _rule(one) in lines or place >= BOXES else _box(one),
        )
        for place, one in enumerate(sets)
    ]


def ticked(fields: Fields, sets: RuleSets) -> Fields:
    """The form with each set that was ticked among its rules, a line each."""
    added = [_rule(one) for one in sets if fields.get(_box(one))]
    written = fields.get("rules", "").rstrip("\n")
    return {**fields, "rules": "\n".join(filter(None, (written, *added)))} if added else fields


def _rule(one: RuleSet) -> str:
    return f"set:{one.name}"


def _box(one: RuleSet) -> str:
    return f"set.{one.name}"
