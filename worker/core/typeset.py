"""How templates write what is not a word: marked text, paragraphs, days; whatever the machine's
locale.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date

from worker.core.trim import Piece


def starred(text: Sequence[Piece]) -> str:
    """The pieces as running text, matched words between asterisks."""
    return "".join(f"*{piece.text}*" if piece.marked else piece.text for piece in text)


def wrapped(text: str, width: int = 72, indent: int = 0) -> str:
    """The text in lines of at most ``width`` columns, a longer word on a line of its own."""
    margin = " " * indent
    return textwrap.fill(
        text,
        width,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def spelled(day: date) -> str:
    """As in ``Monday, 8 September 2025``, whatever the machine's locale."""
    return f"{WEEKDAY_NAMES[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def spelled_all(days: Sequence[date]) -> str:
    """As in ``8 September`` or ``8, 9 and 10 September``; months named where they change.

    More than a handful are counted, and years are named where there are several.
    """
    if len(days) > _HANDFUL:
        return f"{len(days)} days"
    if len({day.year for day in days}) > 1:
        parts = [f"{day.day} {_MONTHS[day.month - 1]} {day.year}" for day in days]
        return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
    parts = [
        str(day.day)
        if later and later.month == day.month
        else f"{day.day} {_MONTHS[day.month - 1]}"
        for day, later in zip(days, [*days[1:], None], strict=False)
    ]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


_HANDFUL = 5
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
