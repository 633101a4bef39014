"""When a daily file is fetched and what is asked for: decisions only, nothing goes out here.

A source that is asked by day is asked again for the newest day it brought, which may have grown
since, and for each day missed after it, as far as ``FARTHEST`` days back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, assert_never

from worker.core.due import due, zone
from worker.model import Monthly, OnDays

DAY: Final = "{day}"
"""Stands in an address for the day asked for, as ``2025-09-08``."""

FARTHEST: Final = 14
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
    """One question to a server. With a ``tag`` or a time it asks only for what is newer."""

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


def known(fetch: Fetch, progress: Progress, now: datetime) -> Progress:
    """What of the progress still holds: nothing for another address, nothing of the future.

    A clock that was years ahead for a moment must not stop the fetching for years.
    """
    if progress.url != fetch.url:
        return Progress(url=fetch.url)
    ahead = (now + LONGEST_BAN).date()
    return replace(
        progress,
        last_slot=progress.last_slot if (progress.last_slot or ahead) <= ahead else None,
        newest=progress.newest if (progress.newest or ahead) <= ahead else None,
        retry_at=progress.retry_at if (progress.retry_at or now) <= now + LONGEST_BAN else None,
    )


def slot(fetch: Fetch, progress: Progress, now: datetime) -> date | None:
    """The slot to fetch for at this instant, or None: not due, or it is not yet time to retry."""
    if progress.retry_at and now < progress.retry_at:
        return None
    return due(fetch.schedule, zone(fetch.timezone), progress.last_slot, now)


def begun(progress: Progress, now: datetime) -> Progress:
    """What is noted before the first question: if that cannot be, nothing is asked.

    So a fault on this side, or a crash, asks no server again each minute.
    """
    return replace(progress, retry_at=now + _wait(progress.failures))


def requests(fetch: Fetch, progress: Progress, now: datetime) -> tuple[Request, ...]:
    """What to ask for, the oldest day first."""
    if not fetch.by_day:
        return (Request(fetch.url, None, progress.etag, progress.last_modified),)
    return tuple(_of_day(fetch, progress, day) for day in _days(progress, _today(fetch, now)))


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


def given_up(fetch: Fetch, progress: Progress, now: datetime) -> tuple[date, ...]:
    """The days that were missed and lie too far back to be asked for; they are told once."""
    if not fetch.by_day:
        return ()
    oldest = _today(fetch, now) - timedelta(days=FARTHEST)
    since = progress.newest + timedelta(days=1) if progress.newest else oldest
    passed = {*_from(since, oldest - timedelta(days=1)), *progress.missing}
    return tuple(sorted(day for day in passed if day < oldest))


def near(fetch: Fetch, progress: Progress, now: datetime) -> Progress:
    """The progress without the days that are given up."""
    lost = given_up(fetch, progress, now)
    return replace(progress, missing=tuple(day for day in progress.missing if day not in lost))


def file_name(fetch: Fetch, request: Request) -> str:
    """What the daily file is called: by the day that was asked for, if one was.

    A feed says itself of which day it is, and on Sunday it may still be Friday's.
    """
    return (
        f"{fetch.name}-{request.day}.{fetch.ending}"
        if request.day
        else f"{fetch.name}.{fetch.ending}"
    )


def _today(fetch: Fetch, now: datetime) -> date:
    return now.astimezone(zone(fetch.timezone)).date()


def _wait(failures: int) -> timedelta:
    return min(FIRST_WAIT * (1 << min(failures, 10)), LONGEST_WAIT)


def _of_day(fetch: Fetch, progress: Progress, day: date) -> Request:
    asked = one_day(fetch, day)
    if day != progress.newest:
        return asked
    return replace(asked, etag=progress.etag, last_modified=progress.last_modified)


def _days(progress: Progress, today: date) -> Sequence[date]:
    oldest = today - timedelta(days=FARTHEST)
    since = progress.newest if progress.newest and progress.newest <= today else today
    asked = {*_from(max(since, oldest), today), *progress.missing}
    return sorted(day for day in asked if oldest <= day <= today)


def _from(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
