"""What a reader may ask for by mail, as types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from worker.manner import Abstracts, Order, Relation
from worker.model import Rule
from worker.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Pause:
    """No mail before that day."""

    until: date


@dataclass(frozen=True, slots=True)
class Resume:
    """End the pause."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Never mail again."""


@dataclass(frozen=True, slots=True)
class Show:
    """Tell him his rules and his schedule."""


@dataclass(frozen=True, slots=True)
class Add:
    """One rule more."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Remove:
    """Without the rule of that number, counted from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class Reschedule:
    """Another schedule."""

    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Style:
    """Digests with so much of abstracts, in that order, or with news of papers that he had."""

    to: Abstracts | Order | frozenset[Relation]


@dataclass(frozen=True, slots=True)
class Explain:
    """Tell him what he may write."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """It was meant as a command, and this sentence says why it is none."""

    why: str


Command = Pause | Resume | Leave | Show | Add | Remove | Reschedule | Style | Explain | Wrong
