"""The rule sets that there are, as the forms of rules offer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from worker.core.named import MOST_RULES, shown, split
from worker.core.query import QueryError
from worker.core.rulesets import RuleSet, RuleSets
from worker.core.shared import shared
from worker.core.timetable import Fields

BOXES: Final = 20
"""So many sets have a box to tick: a form has only so many fields."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A set: the rule that takes it in, what it is called, its rules in a line each.

    ``had`` is the line that takes it in already, whole or narrowed; else ticking ``box`` adds the
    rule. Of very many sets the last have no box.
    """

    rule: str
    title: str
    rules: tuple[str, ...]
    had: str
    box: str


def offered(sets: RuleSets, written: str) -> Sequence[Offered]:
    """Each of them, in the order of the configuration, beside rules as ``written`` in the form."""
    taken = _taken_in(written) if sets else {}
    found = ((one, taken.get(one.name.casefold(), "")) for one in sets)
    return [
        Offered(
            rule=_rule(one),
            title=one.title,
            rules=tuple(map(shown, one.rules)),
            had=had,
            box="" if had or place >= BOXES else _box(one),
        )
        for place, (one, had) in enumerate(found)
    ]


def ticked(fields: Fields, sets: RuleSets) -> Fields:
    """The form with each set that was ticked among its rules, a line each."""
    added = [_rule(one) for one in sets if fields.get(_box(one))]
    written = fields.get("rules", "").rstrip("\n")
    return {**fields, "rules": "\n".join(filter(None, (written, *added)))} if added else fields


def _taken_in(written: str) -> Mapping[str, str]:
    """The sets by name, folded, each with the first line that takes it in.

    Each line is read once, and no more of them than may be: they may be full of regexes.
    """
    lines = list(filter(None, map(str.strip, written.splitlines())))[:MOST_RULES]
    return {name: line for line in reversed(lines) if (name := _named(line))}


def _named(line: str) -> str:
    try:
        taken = shared(split(line).query)
    except QueryError:
        return ""
    return taken.name.casefold() if taken else ""


def _rule(one: RuleSet) -> str:
    return f"set:{one.name}"


def _box(one: RuleSet) -> str:
    return f"set.{one.name}"
