"""What pages show, put into the stores of a served site in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.made import intake, seed, subscriber
from tests.plain.reader import PlainReader
from tests.web.served import Served
from worker.core.links import Linking
from worker.deliveries import Delivery, DeliveryState, Plan
from worker.digests import Digest, Receipt, Slot
from worker.model import Paper, Subscriber
from worker.pipeline.ingest import Ingest


async def take_in(site: Served, *days: str) -> None:
    """Take in these of the two daily files that the project began with."""
    stores = site.opened
    ingest = Ingest(PlainReader(), stores.papers, site.clock, binding=stores.binding)
    for day in days:
        await ingest.take_in(seed(day))


async def take(site: Served, *papers: Paper) -> None:
    """Take in a daily file of just these papers; their numbers follow on the log's end."""
    number = (await site.opened.papers.end()).intake + 1
    file = intake(number, len(papers), papers[-1].number, day=papers[-1].day)
    file = replace(file, at=site.clock.now())
    await site.opened.binding.expect(number)
    await site.opened.papers.take_in(file, papers, {})


async def join(site: Served, *queries: str, **wanted: Any) -> Subscriber:
    """Somebody with these rules, who reads as soon as something comes."""
    who = subscriber(*queries, **{"schedule": "immediately", **wanted})
    return await site.opened.subscribers.add(who)


async def deliveries(site: Served) -> list[Delivery]:
    """All there are, oldest first."""
    return list(await site.opened.ledger.deliveries(DeliveryState))


async def plan(site: Served, who: Subscriber, papers: Sequence[Paper], **told: Any) -> str:
    """Plan him a digest of today that is told so; the link to its page."""
    now = site.clock.now()
    slot = Slot(str(now.date()), now.date())
    digest = replace(Digest(slot, (), Receipt()), **told)
    name, end = site.opened.composer.message_id(who, slot), await site.opened.papers.end()
    planned = Plan(who.id, who.version, slot, digest, end, (), None, name, now, manner=who.manner)
    assert await site.opened.ledger.plan((planned,), papers)
    newest = (await deliveries(site))[-1]
    return links(site).digest(newest.id, newest.epoch, newest.planned_at)


def links(site: Served) -> Linking:
    """The links of the site, without its host."""
    return Linking("", site.opened.composer.keys)


async def as_he_is(site: Served, who: Subscriber) -> Subscriber:
    """Him, as the ledger has him now."""
    found = await site.opened.returns.subscriber(who.uid)
    assert found
    return found
