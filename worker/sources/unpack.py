"""The text in a file's bytes, however it is wrapped, or what the file is instead.

A file may be packed, be a mail, and that may hold a packed file: once each.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from worker.core.editionday import days_in
from worker.model import DailyFile, Rejected, Unreadable
from worker.sources.decode import Decoded, decoded
from worker.sources.form import Text
from worker.sources.letter import Letter, is_letter, opened
from worker.sources.packed import SIZE_LIMIT, unpacked

LINES_LIMIT: Final = 2_000_000  # five times the largest day one could dream of; bounds the memory

_NULS_BORNE: Final = 0.01  # part of the text; a stray one is cleaned away
_OLDEST: Final = 1991  # year of any announcement
_CLOCK_SKEW: Final = timedelta(days=7)  # that a mail may be dated ahead of its file


def text_of(file: DailyFile, newest: date | None) -> Text:
    """The file as text, if text it is.

    A mail gives its date for that of the file; a name inside counts if it has a date and the
    file's own has none. Raises Unreadable, and Incomplete if it breaks off.
    """
    if len(file.content) > SIZE_LIMIT:
        raise _refused(f"larger than {SIZE_LIMIT // 1024**2} MB")
    outside = unpacked(file.content)
    letter = opened(outside.content) if is_letter(outside.content) else None
    inside = unpacked(letter.content) if letter else outside
    names = (file.name, outside.name, letter.name if letter else "", inside.name)
    text = _checked(decoded(inside.content, letter.charset if letter else ""))
    return Text(text.text, _dated(names), _modified(file, letter), newest, text.notes)


def _checked(text: Decoded) -> Decoded:
    without_mark = text.text.lstrip("\ufeff")
    if not re.search(r"[^\s\ufeff]", without_mark):
        raise _refused("empty")
    if without_mark.count("\0") > _NULS_BORNE * len(without_mark):
        raise _refused("binary: full of NUL")
    if without_mark.count("\n") > LINES_LIMIT:
        raise _refused(f"more than {LINES_LIMIT:,} lines")
    return Decoded(without_mark, text.notes)


def _dated(names: tuple[str, ...]) -> str:
    """The outermost name with a date in it, or the file's own."""
    return next((name for name in names if days_in(name)), names[0])


def _modified(file: DailyFile, letter: Letter | None) -> datetime:
    """A mail is as old as it says, unless that cannot be."""
    sent = letter.sent if letter else None
    if sent is None or sent.year < _OLDEST or sent - file.modified > _CLOCK_SKEW:
        return file.modified
    return sent


def _refused(why: str) -> Unreadable:
    return Unreadable(Rejected("file", why))
