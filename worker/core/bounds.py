"""Bounds as people type them: ``>=20``, ``20..50``, ``2025-09``."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Final

from worker.core.measure import DAYS, NUMBERS, Bounds, Measure, shown
from worker.core.terms import QueryError

_TYPED: Final = str.maketrans({"≥": ">=", "≤": "<=", "…": ".."} | dict.fromkeys("‐‑–—−", "-"))
_COMPARED = re.compile(r"(>=|<=|[<>=])?\s*([^<>=]*)")
_DAY = re.compile(r"((?:19|20)[0-9]{2})-([0-9]{1,2})(?:-([0-9]{1,2}))?")
_NUMBER_WANTED: Final = "a number such as 20, >=20 or <20, or a range such as 20..50"
_DAY_WANTED: Final = (
    "a day such as 2025-09-08, >=2025-09-08 or a month such as 2025-09,"
    " or a range such as 2025-09-08..2025-09-12"
)


def bounds(raw: str, measure: Measure, start: int) -> Bounds:
    """What was typed behind ``measure:``, at ``start`` in the rule. Raises QueryError."""
    text = raw.translate(_TYPED).strip()
    low, dots, high = text.partition("..")
    if dots and (low or high):
        least = _ends(low, measure, start)[0] if low else None
        most = _ends(high, measure, start)[1] if high else None
    else:
        least, most = _compared(text, measure, start)
    _check(least, most, measure, start)
    return Bounds(measure, least, most)


def _compared(text: str, measure: Measure, start: int) -> tuple[int | None, int | None]:
    found = _COMPARED.fullmatch(text)
    first, last = _ends(found[2] if found else text, measure, start)
    match found and found[1]:
        case ">=":
            return first, None
        case ">":
            return last + 1, None
        case "<=":
            return None, last
        case "<":
            return None, first - 1
        case _:
            return first, last


def _ends(text: str, measure: Measure, start: int) -> tuple[int, int]:
    """The first and the last number of what was typed: a month has many days."""
    if measure is Measure.DAY:
        return _days(text, start)
    if not re.fullmatch("[0-9]{1,10}", text):
        raise QueryError(start, f"{measure}: takes {_NUMBER_WANTED}")
    return int(text), int(text)


def _days(text: str, start: int) -> tuple[int, int]:
    found = _DAY.fullmatch(text)
    if found is None:
        raise QueryError(start, f"day: takes {_DAY_WANTED}")
    year, month = int(found[1]), int(found[2])
    try:
        first = date(year, month, int(found[3] or 1))
    except ValueError:
        raise QueryError(start, f"day: there is no {text}") from None
    last = first if found[3] else date(year, month, monthrange(year, month)[1])
    return first.toordinal(), last.toordinal()


def _check(least: int | None, most: int | None, measure: Measure, start: int) -> None:
    """That a paper can be within them, and that they can be written as a rule again."""
    lowest, highest = DAYS if measure is Measure.DAY else NUMBERS
    if any(end is not None and not lowest <= end <= highest for end in (least, most)):
        room = f"from {shown(measure, lowest)} to {shown(measure, highest)}"
        raise QueryError(start, f"{measure}: goes {room}")
    if least is not None and most is not None and most < least:
        raise QueryError(start, f"{measure}: the range ends before it begins")
