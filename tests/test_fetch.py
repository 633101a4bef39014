"""Fetching from end to end: asked, looked through, put into the inbox, taken in from there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from tests.made import at
from tests.plain.fetches import PlainFetcher, PlainFetches
from tests.plain.reader import PlainReader
from worker import errands
from worker.clock import FixedClock
from worker.config.settings import read_settings
from worker.core.fetching import Failed, Fetch, Fetched, Request, Unchanged
from worker.model import Refused
from worker.pipeline.fetch import Fetching
from worker.schedules import OnDays
from worker.store.fetches import FolderFetches

URL = "https://papers.example.org/"
DAILY = OnDays(frozenset(range(7)), time(6, 0))
BY_DAY = Fetch("hf", URL + "{day}", "txt", DAILY, "UTC")
FEED = Fetch("feed", URL + "feed", "txt", DAILY, "UTC")


def page(day: str, *titles: str) -> bytes:
    papers = [
        f"{title}\n\nWe show that {title} holds, and for whom it does not." for title in titles
    ]
    return "\n\n".join(("Daily Papers", day, *papers)).encode()


@dataclass
class Errand:
    """A fetching whose server, inbox and clock are at hand."""

    clock: FixedClock
    site: PlainFetcher = field(default_factory=PlainFetcher)
    fetches: PlainFetches = field(default_factory=PlainFetches)
    inbox: dict[str, bytes] = field(default_factory=dict)
    rests: int = 0
    full: bool = False

    def has(self, path: str, content: bytes, etag: str = "") -> None:
        self.site.answers[URL + path] = Fetched(content, etag)

    async def run(self, now: str, *fetches: Fetch) -> list[str]:
        """A minute's tick. Gives a word for each question asked."""
        self.clock = FixedClock(at(now))
        fetching = Fetching(
            self.site, self.fetches, PlainReader(), self._put, self.clock, self._rest
        )
        brought = await fetching.due(fetches or (BY_DAY,), asyncio.Event())
        return [one.why or one.file or "unchanged" for one in brought]

    async def _put(self, name: str, content: bytes) -> str:
        if self.full:
            raise Refused("the inbox is full")
        self.inbox[name] = content
        return name

    async def _rest(self) -> None:
        self.rests += 1


@pytest.fixture
def errand() -> Errand:
    return Errand(FixedClock(at("2025-09-08 06:00")))


async def test_the_file_of_the_day_is_in_the_inbox_once(errand: Errand) -> None:
    errand.has("2025-09-08", page("Sep 8", "A"))
    assert await errand.run("2025-09-08 05:59") == []
    assert await errand.run("2025-09-08 06:00") == ["hf-2025-09-08.txt"]
    assert await errand.run("2025-09-08 06:01") == []
    assert errand.inbox == {"hf-2025-09-08.txt": page("Sep 8", "A")}


async def test_days_missed_are_caught_up_and_the_last_one_is_looked_at_again(
    errand: Errand,
) -> None:
    errand.has("2025-09-08", page("Sep 8", "A"), etag='"1"')
    await errand.run("2025-09-08 06:00")
    errand.has("2025-09-08", page("Sep 8", "A", "B"))
    for day in (9, 10, 11):
        errand.has(f"2025-09-{day:02}", page(f"Sep {day}", f"Of {day}"))
    assert await errand.run("2025-09-11 09:00") == [
        f"hf-2025-09-{day:02}.txt" for day in (8, 9, 10, 11)
    ]
    assert errand.site.asked[1] == Request(URL + "2025-09-08", date(2025, 9, 8), '"1"')
    assert errand.rests == 3


async def test_a_failure_is_told_tried_again_with_longer_waits_and_keeps_no_other_day_back(
    errand: Errand,
) -> None:
    errand.has("2025-09-08", page("Sep 8", "A"))
    await errand.run("2025-09-08 06:00")
    errand.has("2025-09-10", page("Sep 10", "C"))
    told = ["hf-2025-09-08.txt", "404 Not Found", "hf-2025-09-10.txt", "404 Not Found"]
    assert await errand.run("2025-09-11 06:00") == told
    assert await errand.run("2025-09-11 06:04") == []
    told = ["404 Not Found", "hf-2025-09-10.txt", "404 Not Found"]
    assert await errand.run("2025-09-11 06:05") == told
    assert await errand.run("2025-09-11 06:14") == []
    errand.has("2025-09-11", page("Sep 11", "D"))
    told = ["404 Not Found", "hf-2025-09-10.txt", "hf-2025-09-11.txt"]
    assert await errand.run("2025-09-11 06:15") == told
    assert await errand.run("2025-09-11 23:00") == [], "a day that is missing waits for tomorrow"
    progress = await errand.fetches.progress("hf")
    assert (progress.failures, progress.last_slot) == (0, date(2025, 9, 11))
    assert progress.missing == (date(2025, 9, 9),)


async def test_a_server_that_asks_for_patience_gets_it(errand: Errand) -> None:
    errand.site.answers[URL + "feed"] = Failed("429", timedelta(hours=2))
    assert await errand.run("2025-09-08 06:00", FEED) == ["429"]
    assert await errand.run("2025-09-08 07:59", FEED) == []
    assert await errand.run("2025-09-08 08:00", FEED) == ["429"]


async def test_a_server_that_asks_for_patience_is_asked_for_no_further_day(errand: Errand) -> None:
    errand.has("2025-09-08", page("Sep 8", "A"))
    await errand.run("2025-09-08 06:00")
    errand.site.answers[URL + "2025-09-08"] = Failed("429", timedelta(hours=2))
    assert await errand.run("2025-09-11 06:00") == ["429"]
    errand.has("2025-09-08", page("Sep 8", "A"))
    assert await errand.run("2025-09-11 07:59") == []
    assert len(await errand.run("2025-09-11 08:00")) == 4


async def test_a_fetch_whose_progress_cannot_be_kept_asks_nobody_and_the_next_goes_on(
    errand: Errand, tmp_path: Path
) -> None:
    (tmp_path / "hf.json").write_text("{")
    broken = FolderFetches(tmp_path)
    errand.has("feed", page("Sep 8", "A"))
    errand.clock = FixedClock(at("2025-09-08 06:00"))
    fetching = Fetching(errand.site, broken, PlainReader(), errand._put, errand.clock, errand._rest)
    (brought,) = await fetching.due((BY_DAY, FEED), asyncio.Event())
    assert brought.file == "feed.txt"
    assert [request.url for request in errand.site.asked] == [FEED.url]


async def test_an_inbox_that_cannot_be_written_is_a_failure_and_waits_like_one(
    errand: Errand,
) -> None:
    errand.has("2025-09-08", page("Sep 8", "A"))
    errand.full = True
    assert await errand.run("2025-09-08 06:00") == ["the inbox is full"]
    assert await errand.run("2025-09-08 06:01") == []
    errand.full = False
    assert await errand.run("2025-09-08 06:05") == ["hf-2025-09-08.txt"]


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><title>502 Bad Gateway</title><p>Sorry.</p>",
        b'{"error": "rate limited"}',
        b"\0" * 4000,
        b"Daily Papers\n\nSep 8\n\n",
    ],
)
async def test_what_is_no_daily_file_never_reaches_the_inbox_nor_counts_as_fetched(
    errand: Errand, content: bytes
) -> None:
    errand.has("2025-09-08", content)
    (why,) = await errand.run("2025-09-08 06:00")
    assert why.startswith("it answered what is no daily file: ")
    assert errand.inbox == {}
    assert (await errand.fetches.progress("hf")).failures == 1


async def test_a_feed_says_itself_of_which_day_it_is(errand: Errand) -> None:
    errand.has("feed", page("Sep 5", "A"))
    assert await errand.run("2025-09-08 06:00", FEED) == ["feed.txt"]


async def test_what_has_not_changed_is_not_put_there_again(errand: Errand) -> None:
    errand.site.answers[URL + "feed"] = Unchanged()
    assert await errand.run("2025-09-08 06:00", FEED) == ["unchanged"]
    assert errand.inbox == {}
    assert (await errand.fetches.progress("feed")).last_slot == date(2025, 9, 8)


async def test_one_fetch_that_fails_does_not_stop_the_next(errand: Errand) -> None:
    errand.has("feed", page("Sep 8", "A"))
    told = ["404 Not Found", "feed.txt"]
    assert await errand.run("2025-09-08 06:00", BY_DAY, FEED) == told
    assert errand.rests == 1, "they are on one server"


async def test_nothing_more_is_asked_for_once_it_is_told_to_stop(errand: Errand) -> None:
    stop = asyncio.Event()
    stop.set()
    fetching = Fetching(
        errand.site, errand.fetches, PlainReader(), errand._put, errand.clock, errand._rest
    )
    assert await fetching.due([BY_DAY, FEED], stop) == []
    assert errand.site.asked == []


async def test_a_name_that_lies_in_the_inbox_already_is_not_written_over(tmp_path: Path) -> None:
    settings = read_settings(None, {}, tmp_path)
    fetching = errands.fetching(settings, PlainReader(), FixedClock(at("2025-09-08 06:00")))
    names = [await fetching.put("hf.json", content) for content in (b"1", b"2")]
    assert names == ["hf.json", "hf (2).json"]
    assert (settings.inbox / "hf.json").read_bytes() == b"1"
