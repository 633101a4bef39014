"""What the forms of preferences are given: how they are filled in, and what they offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from worker.core.due import zone_names
from worker.core.schedule import DAYS
from worker.core.timetable import Fields
from worker.core.wording import ABSTRACTS, LANGUAGES, ORDERS, RELATIONS
from worker.manner import Relation

_Choice = TypeVar("_Choice", bound=StrEnum)

_AREAS: Final = (
    "Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/",
    "Indian/", "Pacific/",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Choices:
    """Words by the value that is sent; ``zones`` are those with a city."""

    days: Mapping[str, str]
    languages: Mapping[str, str]
    abstracts: Mapping[str, str]
    orders: Mapping[str, str]
    relations: Mapping[str, str]
    zones: tuple[str, ...]


def _by_value(words: Mapping[_Choice, str]) -> Mapping[str, str]:
    return {choice.value: word for choice, word in words.items()}


CHOICES: Final = Choices(
    days=dict(zip(DAYS, _DAYS, strict=True)),
    languages=_by_value(LANGUAGES),
    abstracts=_by_value(ABSTRACTS),
    orders=_by_value(ORDERS),
    relations=_by_value(RELATIONS),
    zones=("UTC", *(name for name in zone_names() if name.startswith(_AREAS))),
)

_FOLDED: Final = (
    *("when_empty", "max_papers", "abstracts", "order", "language", "plain"),
    *(relation.value for relation in Relation),
)
_FEWEST_ROWS, _MOST_ROWS = 4, 16


def filled_in(fields: Fields, before: Fields, faults: Mapping[str, str]) -> dict[str, object]:
    """What ``fields.html.j2`` needs. What lies folded is open where it is not as ``before``."""
    return {
        "fields": fields,
        "faults": faults,
        "choices": CHOICES,
        "rows": min(max(_FEWEST_ROWS, fields["rules"].count("\n") + 2), _MOST_ROWS),
        "opened": any(fields.get(name) != before.get(name) for name in _FOLDED),
    }
