"""What would be mailed, by the same code that mails it; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from worker.core.batch import Batch
from worker.core.due import zone
from worker.core.plan import SUPERSEDABLE, plan
from worker.model import (
    Delivery,
    DeliveryId,
    Digest,
    Paper,
    PaperNumber,
    Plan,
    Receipt,
    Slot,
    Subscriber,
    WhenEmpty,
)
from worker.pipeline.plan import Due, NameMessage
from worker.ports import Clock, Ledger, PaperLog, Subscribers


async def rehearse(
    due: Due, papers: PaperLog, subscribers: Subscribers, ledger: Ledger
) -> tuple[Delivery, ...]:
    """What a tick would deliver if these plans were committed; nothing is written."""
    everyone = {who.id: who for who in await subscribers.everyone()}
    waiting = await ledger.deliveries(SUPERSEDABLE)
    known = {paper.number: paper for delivery in waiting for paper in delivery.papers}
    known |= {paper.number: paper for paper in await papers.papers(PaperNumber(0))}
    planned = [
        _delivery(plan, plan.digest, everyone[plan.subscriber], known)
        for plan in due.plans
        if plan.digest
    ]
    superseded = {plan.supersedes for plan in due.plans}
    return (*(one for one in waiting if one.id not in superseded), *planned)


def _delivery(
    plan: Plan, digest: Digest, who: Subscriber, known: Mapping[PaperNumber, Paper]
) -> Delivery:
    return Delivery(
        id=DeliveryId(0),
        subscriber=who.id,
        uid=who.uid,
        address=who.address,
        digest=digest,
        papers=tuple(known[pick.paper] for pick in digest.picks),
        message_id=plan.message_id,
        planned_at=plan.planned_at,
    )


async def preview(
    who: Subscriber, papers: PaperLog, ledger: Ledger, name: NameMessage, clock: Clock
) -> Delivery:
    """His digest if a slot of his were due now, also when there is nothing in it."""
    now = clock.now()
    today = now.astimezone(zone(who.timezone)).date()
    waiting = next(iter(await ledger.deliveries(SUPERSEDABLE, who.id)), None)
    stretch = await papers.papers(PaperNumber(0))
    unread = [paper for paper in stretch if paper.number > who.cursor.paper]
    batch = Batch(unread, await papers.intakes(who.cursor.intake), await papers.end())
    asking = replace(who, when_empty=WhenEmpty.SAY_SO)
    slot = Slot(str(today), today)
    planned = plan(asking, slot, waiting, batch, message_id=name(who, slot), now=now)
    carried = waiting.papers if waiting else ()
    known = {paper.number: paper for paper in (*carried, *stretch)}
    return _delivery(planned, planned.digest or Digest(slot, (), Receipt()), who, known)
