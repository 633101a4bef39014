"""Days as they are written in other languages than English: what CLDR says of them, by Babel.

Babel is loaded when the first such day is written: most never write one, and it takes its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from worker.manner import Language


def full(day: date, language: Language) -> str:
    """With its weekday and year: ``Montag, 8. September 2025``."""
    from babel.dates import format_date

    return format_date(day, "full", locale=language.value)


def short(day: date, language: Language) -> str:
    """Without them: ``8. September``; no month is cut short."""
    from babel.dates import format_skeleton

    return format_skeleton("MMMMd", day, locale=language.value)


def dated(day: date, language: Language) -> str:
    """With its year: ``8. September 2025``."""
    from babel.dates import format_date

    return format_date(day, "long", locale=language.value)


def together(parts: Sequence[str], language: Language) -> str:
    """All of them, as in ``a, b und c``."""
    from babel.lists import format_list

    return format_list(parts, "standard", locale=language.value)


def counted(days: int, language: Language) -> str:
    """How many days: ``6 Tage``."""
    from babel.units import format_unit

    return format_unit(days, "duration-day", "long", locale=language.value)
