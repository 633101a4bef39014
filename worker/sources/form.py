"""What a form of daily file is: how it is recognised, and how it is parsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from worker.model import Edition


@dataclass(frozen=True, slots=True)
class Text:
    r"""The text of a daily file, unpacked and decoded: lines end in ``\n``, no byte order mark.

    ``name`` is the file's, ``modified`` its time or, in a mail, the date of that. ``newest`` is the
    newest day known, for a date without its year. ``notes`` are sentences to the operator about the
    bytes, such as those that could not be read.
    """

    text: str
    name: str
    modified: datetime
    newest: date | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One form of daily file, ``name`` as in ``Edition.format``.

    ``recognise`` looks at the content alone and is quick; ``parse`` is given what was recognised
    and raises Unreadable, or Incomplete if the file breaks off. Listings are given as they stand,
    but for the entities of ``markup`` (HTML, XML), which are decoded; cleaning comes after.
    """

    name: str
    recognise: Callable[[str], bool]
    parse: Callable[[Text], Edition]
    markup: bool = False
