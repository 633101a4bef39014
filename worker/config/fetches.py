"""The ``[[fetch]]`` entries: which daily files are fetched, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from typing import Final
from urllib.parse import urlsplit

from worker.config import values
from worker.config.source import Section
from worker.config.values import NotAllowed
from worker.core.due import parse_schedule, zone
from worker.core.fetching import DAY, Fetch
from worker.core.host import is_loopback
from worker.core.schedule import EVERY_DAY
from worker.schedules import Immediately, Monthly, OnDays

MOST_CATEGORIES: Final = 50
LONGEST_URL: Final = 2000

_HUGGINGFACE: Final = f"https://huggingface.co/api/daily_papers?date={DAY}&limit=100"
_ARXIV: Final = "https://rss.arxiv.org/rss/"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[A-Za-z]+)*)?")
_ENDING = re.compile(r"\.(jsonl?|xml|rss|atom|[ct]sv|md|txt|html?|bib|ris|ya?ml|gz)\Z", re.I)
_SOURCES: Final = {"huggingface": "huggingface", "arxiv": "arxiv"}
_NONE: Final[tuple[str, ...]] = ()
_EVERY_MORNING: Final[OnDays | Monthly] = OnDays(EVERY_DAY, time(6, 0))


def read_fetches(sections: Sequence[Section]) -> tuple[Fetch, ...]:
    """Each entry, in the order of the file; what is wrong is noted in its section."""
    found = tuple(map(_fetch, sections))
    names: set[str] = set()
    for section, fetch in zip(sections, found, strict=True):
        if fetch.name in names:
            section.refuse("another entry has this name already", "name")
        names.add(fetch.name)
    return found


def _fetch(section: Section) -> Fetch:
    name = section.require("name", _name, "")
    url, ending = _wanted(section)
    return Fetch(
        name=name,
        url=url,
        ending=ending,
        schedule=section.read("schedule", _schedule, _EVERY_MORNING),
        timezone=section.read("timezone", _timezone, "UTC"),
    )


def _wanted(section: Section) -> tuple[str, str]:
    """The address, and how the name of the file ends."""
    source = section.read("source", values.choice(_SOURCES), "")
    url = section.read("url", _url, "")
    categories = section.read("categories", _categories, _NONE)
    if (source != "") == ("url" in section.table):
        section.refuse('needs one of source = "huggingface", source = "arxiv" or url', "name")
    if bool(categories) != (source == "arxiv"):
        section.refuse('goes with source = "arxiv", such as ["cs.CL", "cs.LG"]', "categories")
    match source:
        case "huggingface":
            return _HUGGINGFACE, "json"
        case "arxiv":
            return _ARXIV + "+".join(categories), "xml"
        case _:
            ending = _ENDING.search(urlsplit(url).path)
            return url, ending[1].lower() if ending else "txt"


def _name(raw: object) -> str:
    name = values.text(raw)
    if not _NAME.fullmatch(name):
        raise NotAllowed("up to 40 of a-z, 0-9, - and _: the files are called so")
    return name


def _url(raw: object) -> str:
    url = values.text(raw)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAllowed("an https:// address") from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    others = set("{} ") & set(url.replace(DAY, ""))
    plain = url.isascii() and not others and len(url) <= LONGEST_URL
    if not (safe and host and port != 0 and plain):
        raise NotAllowed(
            f"an https:// address in ASCII ({DAY} in it stands for the day); http:// is allowed "
            "for localhost only"
        )
    return url


def _categories(raw: object) -> tuple[str, ...]:
    named = raw if isinstance(raw, list) else []
    if not 1 <= len(named) <= MOST_CATEGORIES or not all(
        isinstance(one, str) and _CATEGORY.fullmatch(one) for one in named
    ):
        raise NotAllowed(f'a list of 1 to {MOST_CATEGORIES} arXiv categories, such as ["cs.CL"]')
    return tuple(named)


def _schedule(raw: object) -> OnDays | Monthly:
    schedule = parse_schedule(values.text(raw))
    if isinstance(schedule, Immediately):
        raise NotAllowed("a schedule with a time, such as daily 06:30")
    return schedule


def _timezone(raw: object) -> str:
    return zone(values.text(raw)).key
