"""What is due is planned: due slots, matched, chosen; then one transaction of plans.

Once per subscriber and slot: a plan moves his cursor in the same transaction that writes the
delivery, under a unique name, so it may be killed anywhere and run again.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from worker.core.batch import Batch
from worker.core.plan import OUTSTANDING, must_wait, plan, slot_for
from worker.core.rulesets import NO_SETS, RuleSets, as_applied
from worker.core.topmost import of_same_days
from worker.deliveries import Delivery, DeliveryKind, Plan
from worker.digests import Slot
from worker.manner import Order
from worker.model import (
    Cursor,
    Paper,
    PaperVersion,
    Refused,
    Subscriber,
    SubscriberId,
)
from worker.pipeline.exemplars import likeness
from worker.pipeline.hear import hear
from worker.pipeline.recent import Recent
from worker.ports import Clock, Ledger, PaperLog, Subscribers

LONGEST_LEAP = timedelta(days=5 * 366)

TOGETHER = 100
"""Plans of one transaction: SQLite lets nobody else write meanwhile."""

NameMessage = Callable[[Subscriber, Slot], str]
"""The Message-ID of a subscriber's digest for a slot: the same whenever it is asked."""


@dataclass(frozen=True, slots=True)
class Due:
    """A round of planning, decided and not yet committed; ``waits`` are the slots put off."""

    plans: tuple[Plan, ...]
    papers: tuple[Paper, ...]
    waits: int


async def due(
    recent: Recent,
    subscribers: Subscribers,
    ledger: Ledger,
    name: NameMessage,
    clock: Clock,
    sets: RuleSets = NO_SETS,
) -> Due:
    """Decide the digest of everybody who is due now. Nothing is written."""
    now, end = clock.now(), await recent.papers.end()
    # What is computed for everybody is so in a thread: whoever is on the site waits for the loop.
    slots = await asyncio.to_thread(_slots, await subscribers.everyone(), end, clock)
    if not slots:
        return Due((), (), 0)
    waiting = _by_subscriber(await ledger.deliveries(OUTSTANDING))
    ready = [(who, slot) for who, slot in slots if not must_wait(waiting.get(who.id))]
    ready = await asyncio.to_thread(_applied, ready, sets)
    readers = [who for who, _ in ready]
    batch, batched = await batch_for(recent, readers, waiting, ledger, end)

    def decided() -> tuple[Plan, ...]:
        return tuple(
            plan(who, slot, waiting.get(who.id), batch, message_id=name(who, slot), now=now)
            for who, slot in ready
        )

    plans = await asyncio.to_thread(decided)
    return Due(plans, tuple(batched), len(slots) - len(ready))


async def refuse_leap(papers: PaperLog, subscribers: Subscribers, clock: Clock) -> None:
    """Raises Refused (EX_TEMPFAIL) if the clock is years ahead of all that is known.

    Digests planned at such an instant would keep everybody from being due until it really comes.
    """
    end = await papers.end()
    known = [intake.at.date() for intake in await papers.intakes(max(0, end.intake - 1))]
    if served := (await subscribers.extent()).newest_slot:
        known.append(served)
    latest, today = max(known, default=None), clock.now().date()
    if latest and today - latest > LONGEST_LEAP:
        line = f"the clock says {today}, but the newest that is known is of {latest}; set the clock"
        way_out = "or, if it is right, run `paperround send` once"
        raise Refused(f"{line}, {way_out}", os.EX_TEMPFAIL)


async def commit(due: Due, ledger: Ledger) -> Counter[str]:
    """Write the plans; one that somebody else overtook meanwhile is dropped. Gives the counts.

    A few at a time: each plan is whole by itself, and whoever leaves meanwhile waits for no more.
    """
    papers = {paper.which: paper for paper in due.papers}
    committed: list[Plan] = []
    for start in range(0, len(due.plans), TOGETHER):
        plans = due.plans[start : start + TOGETHER]
        named = sorted(papers.keys() & _named(plans))
        committed += await ledger.plan(plans, [papers[which] for which in named])
    counts = Counter(due=len(due.plans) + due.waits, waiting=due.waits)
    counts["planned"] = sum(plan.digest is not None for plan in committed)
    counts["empty"] = len(committed) - counts["planned"]
    counts["superseded"] = sum(plan.supersedes is not None for plan in committed)
    return counts


def _slots(
    everyone: Iterable[Subscriber], end: Cursor, clock: Clock
) -> list[tuple[Subscriber, Slot]]:
    now = clock.now()
    asked = ((who, slot_for(who, end, now)) for who in everyone)
    return [(who, slot) for who, slot in asked if slot is not None]


def _applied(
    ready: Iterable[tuple[Subscriber, Slot]], sets: RuleSets
) -> list[tuple[Subscriber, Slot]]:
    return [(as_applied(who, sets), slot) for who, slot in ready]


def _by_subscriber(deliveries: Iterable[Delivery]) -> Mapping[SubscriberId, Delivery]:
    """The newest outstanding digest of each; an answer to a mail stands in no digest's way."""
    digests = (each for each in deliveries if each.kind is DeliveryKind.DIGEST)
    return {delivery.subscriber: delivery for delivery in digests}


async def _promised(
    readers: Iterable[Subscriber], waiting: Mapping[SubscriberId, Delivery], ledger: Ledger
) -> tuple[Paper, ...]:
    """The older papers that the next digests of those may have who want the most upvoted first."""
    wanted = set[PaperVersion]()
    for who in readers:
        if who.manner.order is Order.UPVOTES:
            owed = waiting[who.id].digest.owed if who.id in waiting else ()
            wanted.update(pick.which for pick in (*who.held_over, *owed))
    return tuple((await ledger.papers(wanted)).values()) if wanted else ()


async def batch_for(
    recent: Recent,
    readers: Sequence[Subscriber],
    waiting: Mapping[SubscriberId, Delivery],
    ledger: Ledger,
    end: Cursor,
) -> tuple[Batch, Sequence[Paper]]:
    """What these readers have not read up to that place, to plan over; and its papers."""
    since = min((reader.cursor.paper for reader in readers), default=end.paper)
    files = min((reader.cursor.intake for reader in readers), default=end.intake)
    papers, (all_, past) = recent.papers, await recent.kept()
    # What comes in while we ask is for the next planning: it is behind the cursor that we set.
    kept = [each for each in all_ if each.number <= end.paper]
    stretch = [paper for paper in kept if paper.number > since]
    intakes = [intake for intake in await papers.intakes(files) if intake.number <= end.intake]
    rules = {rule.query for reader in readers for rule in reader.rules}
    alike, exemplars = await likeness(rules, past, papers, ledger)
    promised = await _promised(readers, waiting, ledger)
    heard, had = await hear(kept, papers, ledger, readers, end)
    beside = (*promised, *of_same_days(stretch, kept))
    batch = await asyncio.to_thread(Batch, stretch, intakes, end, past, beside, alike, heard)
    return batch, [*had, *stretch, *exemplars]


def _named(plans: Iterable[Plan]) -> set[PaperVersion]:
    named: set[PaperVersion] = set()
    for each in plans:
        named |= each.named
    return named
