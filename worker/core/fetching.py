"""What is fetched, what is asked and answered, and how far that has come. Nothing goes out here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, assert_never

from worker.schedules import Monthly, OnDays

DAY: Final = "{day}"
"""Stands in an address for the day asked for, as ``2025-09-08``."""

FIRST_WAIT: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(hours=4)
LONGEST_BAN: Final = timedelta(days=1)  # however long a server asks to stay away


@dataclass(frozen=True, slots=True)
class Fetch:
    """One entry of the configuration: what to fetch, and when."""

    name: str
    url: str
    ending: str
    schedule: OnDays | Monthly
    timezone: str

    @property
    def by_day(self) -> bool:
        return DAY in self.url


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a server. With an ETag or a time it asks only for what is newer."""

    url: str
    day: date | None = None
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The server's whole answer, and what it calls this state of it (RFC 9110, section 8.8)."""

    content: bytes
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """304: as when it was last fetched."""


@dataclass(frozen=True, slots=True)
class Failed:
    """No daily file: never the same as a day without papers. ``wait`` is what the server asks."""

    why: str
    wait: timedelta = timedelta()


Answer = Fetched | Unchanged | Failed


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fetch has come. ``missing`` days were asked for and did not come.

    ``etag`` and ``last_modified`` are of the newest day, or of the one address there is. ``url`` is
    the address that all this is about: of another one nothing is known.
    """

    url: str = ""
    last_slot: date | None = None
    newest: date | None = None
    missing: tuple[date, ...] = ()
    etag: str = ""
    last_modified: str = ""
    failures: int = 0
    retry_at: datetime | None = None
    fetched_at: datetime | None = None
    why: str = ""


def begun(progress: Progress, now: datetime) -> Progress:
    """What is noted before the first question: if that cannot be, nothing is asked.

    So a fault on this side, or a crash, asks no server again each minute.
    """
    return replace(progress, retry_at=now + _wait(progress.failures))


def one_day(fetch: Fetch, day: date) -> Request:
    """The question for this day, whatever was fetched before."""
    return Request(fetch.url.replace(DAY, str(day)), day)


def answered(progress: Progress, request: Request, answer: Answer, now: datetime) -> Progress:
    """What is known after one answer."""
    missing = tuple(day for day in progress.missing if day != request.day)
    match answer:
        case Failed(why, wait):
            asked = (*missing, request.day) if request.day else ()
            retry_at = now + max(_wait(progress.failures), min(wait, LONGEST_BAN))
            return replace(progress, missing=asked, why=why, retry_at=retry_at)
        case Unchanged():
            return replace(progress, missing=missing, fetched_at=now)
        case Fetched(_, etag, last_modified):
            came = replace(progress, missing=missing, fetched_at=now)
            if request.day and progress.newest and request.day < progress.newest:
                return came
            return replace(came, newest=request.day, etag=etag, last_modified=last_modified)
        case _:
            assert_never(answer)


def done(progress: Progress, slot: date, *, failed: bool) -> Progress:
    """The progress at the end of a round: the slot is served, or is tried again later.

    It is served once its own day came: earlier days that are missing wait for the next slot.
    """
    if failed:
        return replace(progress, failures=progress.failures + 1)
    return replace(progress, last_slot=slot, failures=0, retry_at=None, why="")


def file_name(fetch: Fetch, request: Request) -> str:
    """What the daily file is called: by the day that was asked for, if one was.

    A feed says itself of which day it is, and on Sunday it may still be Friday's.
    """
    return (
        f"{fetch.name}-{request.day}.{fetch.ending}"
        if request.day
        else f"{fetch.name}.{fetch.ending}"
    )


def _wait(failures: int) -> timedelta:
    return min(FIRST_WAIT * (1 << min(failures, 10)), LONGEST_WAIT)
