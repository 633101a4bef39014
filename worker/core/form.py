"""The form of the site as filled in: fields to Preferences and back.

    =============  ==============================================================
    ``address``    who is mailed; not asked for where that is known
    ``rules``      one a line, ``QUERY`` or ``NAME = QUERY``; empty lines are none
    ``timezone``   an IANA name
    ``when_empty``  a WhenEmpty
    ``max_papers``  1 to 100
    ``language``   a Language
    ``plain``      ticked or not
    ``abstracts``  an Abstracts
    ``order``      an Order
    ``again`` …    each Relation, ticked or not
    =============  ==============================================================

and those of ``core.timetable``. Other fields are not looked at. A field that was not sent is as
``usual``. No sentence of ours repeats what was written, but for what is wrong in a rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Final, TypeVar

from worker.core.address import normalise
from worker.core.due import zone
from worker.core.mannered import (
    RELATED,
    abstracts_in,
    fields_of_manner,
    language_in,
    order_in,
    related_in,
)
from worker.core.named import shown
from worker.core.rulelines import read_rules
from worker.core.rulesets import NO_SETS, RuleSets
from worker.core.schedule import DAYS, EVERY_DAY
from worker.core.timetable import Fields, WrongField, fields_of_schedule, read_schedule, time_in
from worker.manner import Manner
from worker.model import MOST_PAPERS, Preferences, Refused, WhenEmpty
from worker.schedules import OnDays

USUAL: Final = Preferences("", OnDays(EVERY_DAY, time(8)), "UTC", ())
_T = TypeVar("_T")
_TICKED: Final = {"frequency": DAYS, "language": ("plain",), "order": RELATED}
"""The boxes that stand beside a field: with it sent, those not sent are not ticked."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What cannot be taken: by field, one sentence each to who filled it in."""

    by_field: Mapping[str, str]


def read(
    fields: Fields,
    address: str | None = None,
    usual: Preferences = USUAL,
    sets: RuleSets = NO_SETS,
) -> Preferences | Faults:
    """What is asked for, all of it, or all that is wrong.

    Faults are in the order of the form. With an ``address`` none is read. A rule of ``usual`` may
    stay whatever it is; another may name one of the ``sets``.
    """
    all_, faults = filled(fields, usual), dict[str, str]()

    def take(read_field: Callable[[Fields], _T], else_: _T) -> _T:
        try:
            return read_field(all_)
        except WrongField as wrong:
            faults[wrong.field] = str(wrong)
            return else_

    asked = replace(
        usual,
        address=take(address_in, "") if address is None else address,
        rules=take(lambda its: read_rules(its["rules"], usual.rules, sets), ()),
        schedule=take(read_schedule, usual.schedule),
        timezone=take(_timezone, usual.timezone),
        when_empty=take(_when_empty, usual.when_empty),
        max_papers=take(_max_papers, usual.max_papers),
        manner=Manner(
            language=take(language_in, usual.manner.language),
            abstracts=take(abstracts_in, usual.manner.abstracts),
            order=take(order_in, usual.manner.order),
            related=related_in(all_),
            plain=bool(all_.get("plain")),
        ),
    )
    if all_["frequency"] != "immediately":
        take(time_in, "")  # also where something else is wrong with the schedule
    return Faults(faults) if faults else asked


def fields_of(preferences: Preferences) -> dict[str, str]:
    """The form filled in with them. Boxes that are not ticked are left out."""
    return {
        **fields_of_schedule(preferences.schedule),
        "address": preferences.address,
        "rules": "\n".join(map(shown, preferences.rules)),
        "timezone": preferences.timezone,
        "when_empty": preferences.when_empty.value,
        "max_papers": str(preferences.max_papers),
        **fields_of_manner(preferences.manner),
    }


def address_in(fields: Fields) -> str:
    """The address alone. Raises WrongField."""
    try:
        return normalise(fields.get("address", ""))
    except Refused as refused:
        raise WrongField("address", f"This is {refused}".rstrip(".") + ".") from None


def filled(fields: Fields, usual: Preferences = USUAL) -> dict[str, str]:
    """The form as it was sent, with what was not sent as usual: to be shown again."""
    beside = {box for field, boxes in _TICKED.items() if field in fields for box in boxes}
    before = {name: text for name, text in fields_of(usual).items() if name not in beside}
    return {**before, **fields}


def _timezone(fields: Fields) -> str:
    try:
        return zone(fields["timezone"].strip()).key
    except Refused as refused:
        hint = str(refused).rpartition(": ")[2]  # what stands before repeats what was written
        line = f"No time zone is called that; {hint}"
        raise WrongField("timezone", line if line.endswith("?") else f"{line}.") from None


def _when_empty(fields: Fields) -> WhenEmpty:
    try:
        return WhenEmpty(fields["when_empty"])
    except ValueError:
        raise WrongField("when_empty", "Choose what happens when nothing matches.") from None


def _max_papers(fields: Fields) -> int:
    text = fields["max_papers"].strip()
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_PAPERS:
        line = f"The most papers in one digest is a number from 1 to {MOST_PAPERS}."
        raise WrongField("max_papers", line)
    return int(text)
