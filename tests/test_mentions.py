"""News of papers that somebody had: from the daily file to the mail, over several days."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tests.made import KEY, LETTERHEAD, MONDAY, NOON, at, subscriber
from tests.plain.mailer import PlainMailer
from tests.plain.reader import PlainReader
from tests.store.ledgers import KINDS, Stores, stores
from worker import shipped
from worker.clock import FixedClock
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.deliveries import Delivery, DeliveryState
from worker.digests import News
from worker.manner import Manner, Relation
from worker.model import DailyFile, Subscriber, WhenEmpty
from worker.outcomes import Deferred, Outcome
from worker.pipeline.deliver import Round
from worker.pipeline.ingest import Ingest, Taken
from worker.pipeline.plan import Due, commit, due
from worker.pipeline.recent import Recent
from worker.pipeline.rehearse import preview, rehearse
from worker.store.papers_tinydb import TinyPaperLog

COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
DAYS = [MONDAY + timedelta(days=n) for n in range(6)]


@dataclass
class Days:
    """One file each day, as the Hugging Face API answers, and a digest after it."""

    papers: TinyPaperLog
    stores: Stores
    mailer: PlainMailer = field(default_factory=PlainMailer)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))

    def at(self, day: date) -> None:
        self.clock = FixedClock(at(f"{day} 06:30"))

    async def listed(self, day: date, **upvotes: int) -> Taken:
        """A file of papers with these titles and so many votes."""
        return await self.file(day, upvotes)

    async def file(
        self,
        day: date,
        upvotes: Mapping[str, int],
        again: bool = False,
        read_at: datetime | None = None,
    ) -> Taken:
        """The same, maybe read once more, or by another clock than that of its day."""
        self.at(day)
        entries = [_entry(title, count) for title, count in upvotes.items()]
        content = json.dumps(entries).encode()
        file = DailyFile(f"{day}.json", content, sha256(content).hexdigest(), NOON, again)
        clock = FixedClock(read_at) if read_at else self.clock
        ingest = Ingest(PlainReader(), self.papers, clock)
        return await ingest.take_in(file)

    async def planned(self) -> None:
        await commit(await self.due(), self.stores.ledger)

    async def sent(self) -> None:
        """The tick: what is due is planned, and handed over."""
        await self.planned()
        ledger, stop = self.stores.ledger, asyncio.Event()
        await Round(ledger, self.mailer, COMPOSER, self.clock, lambda: 0.0, stop).deliver(1)

    async def due(self) -> Due:
        ledger, people = self.stores.ledger, self.stores.subscribers
        return await due(Recent(self.papers), people, ledger, COMPOSER.message_id, self.clock)

    async def day(self, day: date, **upvotes: int) -> None:
        await self.listed(day, **upvotes)
        await self.sent()

    async def digests(self, who: Subscriber) -> list[Delivery]:
        return list(await self.stores.ledger.deliveries(DeliveryState, who.id))

    async def told(self, who: Subscriber) -> list[tuple[str, str, int, int]]:
        """The mentions of his newest digest: what, of which paper, its votes then and now."""
        newest = (await self.digests(who))[-1]
        return mentions(newest)

    async def join(self, *related: Relation, when_empty: WhenEmpty = WhenEmpty.SKIP) -> Subscriber:
        number = len(await self.stores.subscribers.everyone()) + 1
        address = f"reader{number}@example.org"
        who = subscriber("*", address=address, number=number, when_empty=when_empty)
        asked = replace(who, manner=Manner(related=frozenset(related)))
        return await self.stores.subscribers.add(asked)


def mentions(delivery: Delivery) -> list[tuple[str, str, int, int]]:
    titles = {paper.which: paper.title for paper in delivery.papers}
    return [
        (one.news.value, titles[one.which], one.before, one.upvotes)
        for one in delivery.digest.mentions
    ]


def _entry(title: str, upvotes: int) -> dict[str, object]:
    number = sum(map(ord, title))
    paper = {
        "id": f"2509.{number:05}",
        "title": title,
        "summary": f"We write about {title} at length, and say what is true of it.",
        "upvotes": upvotes,
    }
    return {"paper": paper, "title": title, "publishedAt": "2025-09-07T00:00:00.000Z"}


@asynccontextmanager
async def days(
    kind: str, folder: Path, outcomes: list[Outcome] | None = None
) -> AsyncIterator[Days]:
    path = folder / "papers.json"
    with closing(TinyPaperLog.open(path, new_id="log", create=True)) as log:
        async with stores(kind, folder) as behind:
            yield Days(log, behind, PlainMailer(outcomes or []))


async def test_who_rehearses_older_days_has_their_news_by_the_clock_of_then(tmp_path: Path) -> None:
    async with days("plain", tmp_path) as here:
        who = await here.join()
        for day, votes in zip(DAYS, (7, 70), strict=False):
            await here.file(day, {"Sparks": votes, f"Of {day}": 0}, read_at=at("2026-11-26 12:00"))
            await here.sent()
        assert await here.told(who) == [("took off", "Sparks", 7, 70)]


@pytest.mark.parametrize("kind", KINDS)
async def test_votes_that_took_off_are_told_once_and_a_repeat_to_who_asks(
    kind: str, tmp_path: Path
) -> None:
    async with days(kind, tmp_path) as here:
        usual, asks = await here.join(), await here.join(Relation.AGAIN)
        await here.day(DAYS[0], Sparks=7, Quiet=3)
        assert await here.told(asks) == []

        await here.day(DAYS[1], Sparks=70, Quiet=4, Second=0)
        took_off = ("took off", "Sparks", 7, 70)
        repeats = [("again", "Sparks", 7, 70), ("again", "Quiet", 3, 4)]
        assert await here.told(usual) == [took_off]
        assert await here.told(asks) == [took_off, *repeats]
        (_, newest) = await here.digests(usual)
        assert [pick.paper for pick in newest.digest.picks] == [3]
        (mention, *_) = newest.digest.mentions
        assert (mention.day, mention.had) == (DAYS[1], DAYS[0])

        await here.day(DAYS[2], Sparks=700, Quiet=5, Third=0)
        assert await here.told(usual) == []
        assert [news for news, *_ in await here.told(asks)] == ["again", "again"]


async def test_a_newcomer_hears_nothing_of_papers_that_he_was_never_sent(tmp_path: Path) -> None:
    async with days("sqlite", tmp_path) as here:
        early = await here.join(Relation.AGAIN)
        await here.day(DAYS[0], Sparks=7)
        late = replace(await here.join(Relation.AGAIN), cursor=await here.papers.end())
        assert await here.stores.subscribers.change(late)
        await here.day(DAYS[1], Sparks=70, Second=0)
        assert len(await here.told(early)) == 2
        assert await here.told(late) == []


async def test_a_file_that_is_fetched_again_the_same_day_lists_nothing_again(
    tmp_path: Path,
) -> None:
    async with days("sqlite", tmp_path) as here:
        who = await here.join(Relation.AGAIN, when_empty=WhenEmpty.SAY_SO)
        await here.day(DAYS[0], Sparks=7)
        await here.listed(DAYS[0], Sparks=9)
        await here.day(DAYS[1], Second=0)
        assert await here.told(who) == []


async def test_the_same_content_read_once_more_is_no_sighting(tmp_path: Path) -> None:
    async with days("sqlite", tmp_path) as here:
        await here.listed(DAYS[0], Sparks=7)
        await here.listed(DAYS[1], Sparks=70)
        before = await here.papers.sightings(0)
        assert [(one.intake, one.before, one.upvotes) for one in before] == [(2, 7, 70)]
        taken = await here.file(DAYS[1], {"Sparks": 70}, again=True)
        assert (taken.intake.number, taken.intake.seen) == (3, 1)
        assert await here.papers.sightings(0) == before


async def test_on_a_day_without_a_mail_news_waits_for_the_next_one(tmp_path: Path) -> None:
    async with days("sqlite", tmp_path) as here:
        who = await here.join()
        await here.day(DAYS[0], Sparks=7)
        await here.day(DAYS[1], Sparks=70)
        assert len(await here.digests(who)) == 1
        await here.day(DAYS[2], Sparks=71)
        assert len(await here.digests(who)) == 1
        await here.day(DAYS[3], Fourth=0)
        assert await here.told(who) == [("took off", "Sparks", 7, 70)]
        await here.day(DAYS[4], Sparks=90, Fifth=0)
        assert await here.told(who) == []


async def test_news_goes_with_the_digest_that_takes_over_one_that_still_waits(
    tmp_path: Path,
) -> None:
    put_off = [Deferred("450 later")] * 2
    async with days("sqlite", tmp_path) as here:
        who = await here.join(Relation.AGAIN)
        await here.day(DAYS[0], Sparks=7)
        here.mailer = PlainMailer(list(put_off))
        await here.day(DAYS[1], Sparks=70, Second=0)
        assert [one.state for one in await here.digests(who)] == ["sent", "deferred"]
        here.mailer = PlainMailer([])
        await here.day(DAYS[2], Sparks=71, Third=0)
        states = [one.state for one in await here.digests(who)]
        assert states == ["sent", "superseded", "sent"]
        assert await here.told(who) == [
            (News.TOOK_OFF.value, "Sparks", 7, 70),
            (News.AGAIN.value, "Sparks", 7, 71),
        ]
        await here.day(DAYS[3], Fourth=0)
        assert await here.told(who) == []


async def test_what_waits_was_not_sent_and_is_no_news(tmp_path: Path) -> None:
    async with days("sqlite", tmp_path, [Deferred("450 later")]) as here:
        who = await here.join(Relation.AGAIN)
        await here.day(DAYS[0], Sparks=7)
        await here.day(DAYS[1], Sparks=70)
        (_, newest) = await here.digests(who)
        assert (mentions(newest), len(newest.digest.picks)) == ([], 1)


async def test_preview_and_dry_run_mention_what_is_then_sent(tmp_path: Path) -> None:
    async with days("sqlite", tmp_path) as here:
        who = await here.join(Relation.AGAIN)
        await here.day(DAYS[0], Sparks=7)
        await here.listed(DAYS[1], Sparks=70, Second=0)
        behind = here.stores
        shown = await preview(
            await behind.now(who), Recent(here.papers), behind.ledger, COMPOSER.message_id,
            here.clock,
        )  # fmt: skip
        (dry,) = await rehearse(await here.due(), behind.subscribers, behind.ledger)
        await here.sent()
        (_, real) = await here.digests(who)
        assert len(real.digest.mentions) == 2
        assert shown.digest.mentions == dry.digest.mentions == real.digest.mentions
        assert shown.papers == dry.papers == real.papers
