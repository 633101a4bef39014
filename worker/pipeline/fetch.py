"""A daily file is fetched: asked for, looked through, put into the inbox like anybody else's.

Twice is once: the same content again is no new file to the inbox. What cannot be read is a failed
fetch, reported and tried again; it never gets as far as the inbox, nor passes for an empty day.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import assert_never
from urllib.parse import urlsplit

from worker.core import catchup, fetching
from worker.core.due import zone
from worker.core.fetching import Answer, Failed, Fetch, Fetched, Progress, Request, Unchanged
from worker.model import DailyFile, Refused, Unreadable
from worker.ports import Clock, Fetcher, Fetches, Reader

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one question: the file put into the inbox, or why there is none.

    ``listed`` counts the papers in it. Without a ``file`` and a ``why``, nothing had changed.
    """

    name: str
    day: date
    file: str = ""
    listed: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fetching:
    """Fetches daily files. ``put`` writes one into the inbox and gives the name it got there.

    ``rest`` is awaited between two questions to one server.
    """

    fetcher: Fetcher
    fetches: Fetches
    reader: Reader
    put: Callable[[str, bytes], Awaitable[str]]
    clock: Clock
    rest: Callable[[], Awaitable[None]]

    async def due(self, fetches: Iterable[Fetch], stop: asyncio.Event) -> Sequence[Brought]:
        """Make the fetches that are due now, one after the other, until ``stop`` is set."""
        brought: list[Brought] = []
        asked: set[str] = set()
        for fetch in fetches:
            try:
                brought += await self._if_due(fetch, stop, asked)
            except Refused as refused:  # such as a folder that cannot be written: the others go on
                log.error("fetch refused", extra={"fetch": fetch.name, "why": str(refused)})  # noqa: TRY400  # one line says it all
        return brought

    async def one(self, fetch: Fetch, day: date | None = None) -> Brought:
        """Fetch it now, of this day if it is asked by day; the progress is not touched."""
        today = self._today(fetch)
        asked = fetching.one_day(fetch, day or today) if fetch.by_day else Request(fetch.url)
        brought, _ = await self._bring(fetch, asked, today)
        return brought

    async def _if_due(self, fetch: Fetch, stop: asyncio.Event, asked: set[str]) -> list[Brought]:
        now = self.clock.now()
        progress = catchup.known(fetch, await self.fetches.progress(fetch.name), now)
        slot = catchup.slot(fetch, progress, now)
        if slot is None or stop.is_set():
            return []
        if lost := catchup.given_up(fetch, progress, now):
            days = f"{lost[0]} to {lost[-1]}"
            log.warning("days given up", extra={"fetch": fetch.name, "days": days})
        progress = catchup.near(fetch, progress, now)
        await self.fetches.note(fetch.name, fetching.begun(progress, now))
        return await self._round(fetch, progress, slot, stop, asked)

    async def _round(
        self, fetch: Fetch, progress: Progress, slot: date, stop: asyncio.Event, asked: set[str]
    ) -> list[Brought]:
        """Ask for each day; ``asked`` are the hosts that were asked before, and get a rest."""
        round_: list[Brought] = []
        for request in catchup.requests(fetch, progress, self.clock.now()):
            if stop.is_set():
                return round_
            if _host(request) in asked:
                await self.rest()
            asked.add(_host(request))
            brought, answer = await self._bring(fetch, request, slot)
            progress = fetching.answered(progress, request, answer, self.clock.now())
            round_.append(brought)
            if isinstance(answer, Failed) and answer.wait:
                break  # it asks to be left alone
        progress = fetching.done(progress, slot, failed=bool(round_[-1].why))
        await self.fetches.note(fetch.name, progress)
        return round_

    async def _bring(self, fetch: Fetch, request: Request, today: date) -> tuple[Brought, Answer]:
        """Ask, look through what came, and put it into the inbox; a file unread is a failure."""
        day = request.day or today
        answer = await self.fetcher.get(request)
        try:
            brought = await self._taken(fetch, request, day, answer)
        except Unreadable as unreadable:
            answer = Failed(f"it answered what is no daily file: {unreadable}")
            brought = Brought(fetch.name, day, why=answer.why)
        except Refused as refused:
            answer = Failed(str(refused))
            brought = Brought(fetch.name, day, why=answer.why)
        _tell(brought, request)
        return brought, answer

    async def _taken(self, fetch: Fetch, request: Request, day: date, answer: Answer) -> Brought:
        match answer:
            case Failed(why):
                return Brought(fetch.name, day, why=why)
            case Unchanged():
                return Brought(fetch.name, day)
            case Fetched(content):
                name = fetching.file_name(fetch, request)
                digest = sha256(content).hexdigest()
                file = DailyFile(name, content, digest, self.clock.now())
                edition = await self.reader.read(file, day)
                put = await self.put(name, content)
                return Brought(fetch.name, edition.day, put, len(edition.listings))
            case _:
                assert_never(answer)

    def _today(self, fetch: Fetch) -> date:
        return self.clock.now().astimezone(zone(fetch.timezone)).date()


def _host(request: Request) -> str:
    return urlsplit(request.url).hostname or ""


def _tell(brought: Brought, request: Request) -> None:
    """The host alone is named: what follows in an address may be a secret."""
    what = {"fetch": brought.name, "day": str(brought.day), "host": _host(request)}
    if brought.why:
        log.warning("fetch failed", extra=what | {"why": brought.why})
    elif brought.file:
        log.info("fetched", extra=what | {"file": brought.file, "listed": brought.listed})
    else:
        log.info("fetched, nothing new", extra=what)
