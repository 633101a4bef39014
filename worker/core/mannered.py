"""How mail is written, as the fields of a form: see ``core.form``."""

from __future__ import annotations

from typing import Final

from worker.core.timetable import Fields, WrongField
from worker.manner import Abstracts, Language, Manner, Order, Relation

RELATED: Final = tuple(relation.value for relation in Relation)
"""The boxes of what somebody is told of."""


def fields_of_manner(manner: Manner) -> dict[str, str]:
    """The fields filled in with it. Boxes that are not ticked are left out."""
    ticked = ["plain"] * manner.plain + [each for each in RELATED if each in manner.related]
    return {
        "language": manner.language.value,
        "abstracts": manner.abstracts.value,
        "order": manner.order.value,
        **dict.fromkeys(ticked, "on"),
    }


def related_in(fields: Fields) -> frozenset[Relation]:
    """What is ticked."""
    return frozenset(Relation(each) for each in RELATED if fields.get(each))


def abstracts_in(fields: Fields) -> Abstracts:
    """How much of each. Raises WrongField."""
    try:
        return Abstracts(fields["abstracts"])
    except ValueError:
        raise WrongField("abstracts", "Choose how much of each abstract you get.") from None


def order_in(fields: Fields) -> Order:
    """What comes first. Raises WrongField."""
    try:
        return Order(fields["order"])
    except ValueError:
        raise WrongField("order", "Choose what comes first in a digest.") from None


def language_in(fields: Fields) -> Language:
    """That of days. Raises WrongField."""
    try:
        return Language(fields["language"])
    except ValueError:
        raise WrongField("language", "Choose one of the languages in the list.") from None
