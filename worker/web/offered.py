"""The rule sets that there are, as the forms of rules offer them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.core.named import shown
from worker.core.rulesets import RuleSets


@dataclass(frozen=True, slots=True)
class Offered:
    """A set: the rule that takes it in, what it is called, its rules in a line each."""

    rule: str
    title: str
    rules: tuple[str, ...]


def offered(sets: RuleSets) -> Sequence[Offered]:
    """Each of them, in the order of the configuration."""
    return [Offered(f"set:{one.name}", one.title, tuple(map(shown, one.rules))) for one in sets]
