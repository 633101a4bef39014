"""What would be mailed, by the same code that mails it; nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from worker.core.due import zone
from worker.core.plan import SUPERSEDABLE, plan
from worker.core.rulesets import NO_SETS, RuleSets, as_applied
from worker.deliveries import Delivery, DeliveryId, DeliveryKind, Plan
from worker.digests import Digest, Receipt, Slot
from worker.model import Paper, Subscriber, WhenEmpty
from worker.pipeline.plan import Due, NameMessage, batch_for
from worker.pipeline.recent import Recent
from worker.ports import Clock, Ledger, Subscribers


async def rehearse(due: Due, subscribers: Subscribers, ledger: Ledger) -> tuple[Delivery, ...]:
    """What a tick would deliver if these plans were committed; nothing is written."""
    everyone = {who.id: who for who in await subscribers.everyone()}
    waiting = await ledger.deliveries(SUPERSEDABLE)
    superseded = {plan.supersedes for plan in due.plans}
    digests = [(plan, plan.digest) for plan in due.plans if plan.digest]
    planned = [
        await _delivery(plan, digest, everyone[plan.subscriber], due.papers, ledger)
        for plan, digest in digests
    ]
    still = (one for one in waiting if one.id not in superseded and not one.held)
    return (*still, *planned)


async def preview(
    who: Subscriber,
    recent: Recent,
    ledger: Ledger,
    name: NameMessage,
    clock: Clock,
    sets: RuleSets = NO_SETS,
) -> Delivery:
    """His digest if a slot of his were due now, also when there is nothing in it."""
    now, applied = clock.now(), as_applied(who, sets)
    today = now.astimezone(zone(who.timezone)).date()
    his = await ledger.deliveries(SUPERSEDABLE, who.id)
    waiting = next((each for each in his if each.kind is DeliveryKind.DIGEST), None)
    waits = {who.id: waiting} if waiting else {}
    batch, known = await batch_for(recent, [applied], waits, ledger, await recent.papers.end())
    asking = replace(applied, when_empty=WhenEmpty.SAY_SO)
    slot = Slot(str(today), today)
    # In a thread, as in a tick: whoever is on the site waits for the loop.
    planned = await asyncio.to_thread(
        plan, asking, slot, waiting, batch, message_id=name(who, slot), now=now
    )
    digest = planned.digest or Digest(slot, (), Receipt())
    return await _delivery(planned, digest, who, known, ledger)


async def _delivery(
    plan: Plan, digest: Digest, who: Subscriber, fresh: Sequence[Paper], ledger: Ledger
) -> Delivery:
    """The delivery that the plan would become: papers that the ledger has are as they are there."""
    known = {paper.which: paper for paper in fresh} | dict(await ledger.papers(digest.shown))
    return Delivery(
        id=DeliveryId(0),
        subscriber=who.id,
        uid=who.uid,
        address=who.address,
        digest=digest,
        papers=tuple(known[which] for which in digest.shown),
        message_id=plan.message_id,
        planned_at=plan.planned_at,
        manner=plan.manner,
        epoch=plan.epoch,
    )
