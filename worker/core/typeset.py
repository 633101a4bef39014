"""How templates write what is not a word: marked text, paragraphs, days; whatever the machine's
locale.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from worker.core import almanac
from worker.core.trim import Piece
from worker.manner import Language


def starred(text: Sequence[Piece]) -> str:
    """The pieces as running text, matched words between asterisks."""
    return "".join(f"*{piece.text}*" if piece.marked else piece.text for piece in text)


def spelled(day: date, language: Language = Language.EN) -> str:
    """As in ``Monday, 8 September 2025``, whatever the machine's locale."""
    if language is not Language.EN:
        return almanac.full(day, language)
    return f"{WEEKDAY_NAMES[day.weekday()]}, {_dated(day)}"


def spelled_short(day: date, language: Language = Language.EN) -> str:
    """As in ``8 September``."""
    if language is not Language.EN:
        return almanac.short(day, language)
    return f"{day.day} {_MONTHS[day.month - 1]}"


def spelled_shortest(day: date, language: Language = Language.EN) -> str:
    """As in ``8 Sep``; months of other languages are not cut."""
    if language is not Language.EN:
        return almanac.short(day, language)
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def spelled_all(days: Sequence[date], language: Language = Language.EN) -> str:
    """As in ``8 September`` or ``8, 9 and 10 September``; months named where they change.

    More than a handful are counted, and years are named where there are several.
    """
    several = len({day.year for day in days}) > 1
    if language is not Language.EN:
        return _all_abroad(days, language, several=several)
    if len(days) > _HANDFUL:
        return f"{len(days)} days"
    if several:
        return _and([_dated(day) for day in days])
    return _and(
        [
            str(day.day) if later and later.month == day.month else spelled_short(day)
            for day, later in zip(days, [*days[1:], None], strict=False)
        ]
    )


def _all_abroad(days: Sequence[date], language: Language, *, several: bool) -> str:
    if len(days) > _HANDFUL:
        return almanac.counted(len(days), language)
    written = almanac.dated if several else almanac.short
    return almanac.together([written(day, language) for day in days], language)


def _dated(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _and(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


_HANDFUL = 5
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
