"""What stands on the Daily Papers page beside the papers: its name, its menus, its date."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from worker.core.clean import ABSTRACT_LIMIT, clean_line
from worker.core.editionday import day_of, days_in, parse_day
from worker.model import Rejected, Unreadable
from worker.sources.form import Text

SOURCE: Final = "huggingface"
LONGEST_TITLE: Final = 300  # characters

_SHOWN: Final = 60  # characters of a paragraph that is set aside
_PAGE: Final = frozenset({"daily papers", "daily papers - hugging face"})
_ABOVE: Final = _PAGE | {
    "and the research community",
    "by ak and the research community",
    "byak and the research community",
    "get trending papers in your email inbox",
    "get trending papers in your email inbox once a day",
    "subscribe",
}
"""What stands above the papers: it and the date end the header."""
_ANYWHERE: Final = _ABOVE | {
    *("new", "search", "submit", "daily", "weekly", "monthly", "trending papers", "by", "ak"),
    *("byak", "back to articles", "back to top", "hugging face", "papers", "models", "datasets"),
    *("spaces", "community", "docs", "enterprise", "pricing", "log in", "sign up"),
    *("system theme", "company", "tos", "privacy", "about", "careers", "website"),
}
"""Words of the page, above or below the papers, that are no paragraph of them."""
_FOOTER: Final = frozenset({"tos", "privacy", "about", "careers"})  # often in one line
_NO_PAPERS = re.compile(r"(?:there (?:are|were) )?no (?:daily )?papers\b.{0,60}", re.IGNORECASE)
EMPTY_DAY: Final = "The page says that there are no papers."
_WEEK = re.compile(r"week ([0-9]{1,2})(?:,? ((?:19|20)[0-9]{2}))?", re.IGNORECASE)
_MONTH = re.compile(r"([A-Za-z]{3,9})\.?,? ((?:19|20)[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Lines:
    r"""One cleaned line, or a paragraph of several joined by ``\n``; ``number`` is the first's."""

    number: int
    text: str

    @property
    def where(self) -> str:
        return f"line {self.number}"

    @property
    def shown(self) -> str:
        return f"“{clean_line(self.text, _SHOWN)}”"


def lines_of(text: str) -> Iterator[Lines]:
    """The lines that are not blank, cleaned. What no reader can see is blank."""
    for number, raw in enumerate(text.split("\n"), 1):
        if line := clean_line(raw, ABSTRACT_LIMIT):
            yield Lines(number, line)


def is_page_name(line: str) -> bool:
    return _unmarked(line) in _PAGE


def stands_above(line: str) -> bool:
    """Whether no paper comes before the line."""
    return _unmarked(line) in _ABOVE or date_in(line) is not None or _period(line) is not None


def is_menu(line: str) -> bool:
    """Whether the line is one of the page's own, wherever it stands."""
    words = _unmarked(line)
    return words in _ANYWHERE or _FOOTER.issuperset(words.split())


def says_no_papers(line: str) -> bool:
    return _NO_PAPERS.fullmatch(line) is not None


def _unmarked(line: str) -> str:
    return line.casefold().strip(" #*!.:|·•")


def date_in(text: str) -> tuple[int, int, int | None] | None:
    """Month, day and year of a line that is a date."""
    return parse_day(text.strip(" #*|·"))


def day_of_page(head: Iterable[Lines], file: Text) -> tuple[date, tuple[str, ...]]:
    """The day in the header, or the full one in the file's name if the header has none; and notes.

    The page of a week or a month is taken for its last day, or for that of the file if it is not
    over: its papers are papers, and those known from the days before stay known.
    """
    lines = list(head)
    dated = [(line, found) for line in lines if (found := date_in(line.text))]
    if dated:
        return _dated(dated, file), ()
    named = days_in(file.name)
    if len(named) == 1:
        return named[0], ()
    last = next((last for line in lines if (last := _last_day(line.text, file))), None)
    if last is None:
        reason = "no date in the header, nor one full date in the name"
        raise Unreadable(Rejected("file", reason))
    note = f"This is the page of a week or a month, not of a day: its day is taken to be {last}."
    return last, (note,)


def _dated(dated: list[tuple[Lines, tuple[int, int, int | None]]], file: Text) -> date:
    line, (month, day, year) = dated[0]
    other = next((other for other, found in dated if found[:2] != (month, day)), None)
    if other:
        raise Unreadable(Rejected(other.where, f"a second date, {other.shown} after {line.shown}"))
    return day_of(month, day, file.name, file.newest, file.modified, year=year, where=line.where)


def _last_day(line: str, file: Text) -> date | None:
    """The last day of the week or month in the line, not after that of the file."""
    period = _period(line)
    today = file.modified.date()
    if period is None:
        return None
    year, month, week = period
    if month:
        return min(date(year, month, calendar.monthrange(year, month)[1]), today)
    try:
        start = date.fromisocalendar(year or today.year, week, 1)
        if not year and start > today:
            start = date.fromisocalendar(today.year - 1, week, 1)
    except ValueError:
        return None
    return min(start + timedelta(days=6), today)


def _period(line: str) -> tuple[int, int, int] | None:
    """Year, month and week of ``Week 36``, ``Week 36, 2025``, ``Sep 2025``; 0 if it is not said."""
    text = line.strip(" #*|·")
    if week := _WEEK.fullmatch(text):
        return int(week[2] or 0), 0, int(week[1])
    if (month := _MONTH.fullmatch(text)) and (found := parse_day(f"{month[1]} 1, {month[2]}")):
        return int(month[2]), found[0], 0
    return None
