"""When a daily file is fetched and for which days: decisions only.

A source that is asked by day is asked again for the newest day it brought, which may have grown
since, and for each day missed after it, as far as ``FARTHEST`` days back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from worker.core.due import due, zone
from worker.core.fetching import LONGEST_BAN, Fetch, Progress, Request, one_day

FARTHEST: Final = 14


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


def requests(fetch: Fetch, progress: Progress, now: datetime) -> tuple[Request, ...]:
    """What to ask for, the oldest day first."""
    if not fetch.by_day:
        return (Request(fetch.url, None, progress.etag, progress.last_modified),)
    return tuple(_of_day(fetch, progress, day) for day in _days(progress, _today(fetch, now)))


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


def _today(fetch: Fetch, now: datetime) -> date:
    return now.astimezone(zone(fetch.timezone)).date()


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
