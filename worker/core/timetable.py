"""The part of a form that is a schedule: fields to a Schedule and back.

===============  =============================================================
``frequency``    one of FREQUENCIES; what the others mean depends on it
``mon`` … ``sun``  ticked or not, for ``days``
``weekday``      ``mon`` … ``sun``, for ``weekly``
``monthday``     1 to 31, for ``monthly``; a shorter month has it on its last day
``at``           ``HH:MM``, for all but ``immediately``
===============  =============================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from worker.core.schedule import DAYS, EVERY_DAY, WEEKDAYS, parse_schedule
from worker.model import Refused
from worker.schedules import Immediately, Monthly, OnDays, Schedule

Fields = Mapping[str, str]

FREQUENCIES: Final = ("immediately", "daily", "weekdays", "days", "weekly", "monthly")
TIMED: Final = {"weekday": "mon", "monthday": "1", "at": "08:00"}
"""What stands in the fields that a schedule has no use for."""


class WrongField(Refused):
    """A field that cannot be taken; ``str()`` is the sentence to who filled it in."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def read_schedule(fields: Fields) -> Schedule:
    """The schedule that is asked for. Raises WrongField; missing days are told at ``days``."""
    frequency = fields.get("frequency", "")
    if frequency not in FREQUENCIES:
        raise WrongField("frequency", "Choose how often you want a digest.")
    if frequency == "immediately":
        return Immediately()
    return parse_schedule(f"{_on(frequency, fields)} {time_in(fields)}")


def fields_of_schedule(schedule: Schedule) -> dict[str, str]:
    """The fields that ``read_schedule`` makes this schedule of; days that are off are left out."""
    match schedule:
        case Immediately():
            return {**TIMED, "frequency": "immediately"}
        case Monthly(day, at):
            on = {"frequency": "monthly", "monthday": str(day)}
        case OnDays(days, at):
            on = _fields_of_days(days)
        case _:
            assert_never(schedule)
    return {**TIMED, **on, "at": f"{at:%H:%M}"}


def _on(frequency: str, fields: Fields) -> str:
    """Which days, as ``parse_schedule`` reads it."""
    match frequency:
        case "days":
            days = [day for day in DAYS if fields.get(day)]
            if not days:
                raise WrongField("days", "Tick at least one day.")
            return ",".join(days)
        case "weekly":
            if (day := fields.get("weekday", "")) not in DAYS:
                raise WrongField("weekday", "Choose a day of the week.")
            return f"weekly {day}"
        case "monthly":
            return f"monthly {_monthday(fields)}"
        case _:
            return frequency


def _monthday(fields: Fields) -> str:
    day = fields.get("monthday", "").strip()
    try:
        parse_schedule(f"monthly {day} 00:00")
    except Refused:
        raise WrongField("monthday", "The day of the month is a number from 1 to 31.") from None
    return day


def time_in(fields: Fields) -> str:
    """The time of day alone. Raises WrongField."""
    at = fields.get("at", "").strip()
    try:
        parse_schedule(f"daily {at}")
    except Refused:
        raise WrongField("at", "The time is from 00:00 to 23:59, written as 08:00.") from None
    return at


def _fields_of_days(days: frozenset[int]) -> dict[str, str]:
    if days == EVERY_DAY:
        return {"frequency": "daily"}
    if days == WEEKDAYS:
        return {"frequency": "weekdays"}
    names = [DAYS[day] for day in sorted(days)]
    if len(names) == 1:
        return {"frequency": "weekly", "weekday": names[0]}
    return {"frequency": "days", **dict.fromkeys(names, "on")}
