"""Who is due, and what his digest carries: decisions only, nothing is stored or sent here.

What is new for somebody is the papers behind his cursor, never a matter of time; so weekly readers,
edited rules, changed schedules and days of downtime all fall out right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from worker.core.background import with_background
from worker.core.batch import Batch
from worker.core.due import due, zone
from worker.core.matched import matched
from worker.core.news import told
from worker.core.order import capped, in_order, told_of
from worker.core.receipt import counted
from worker.deliveries import Delivery, DeliveryState, Plan
from worker.digests import Digest, Receipt, Slot
from worker.model import Cursor, Pick, Subscriber, SubscriberState, WhenEmpty
from worker.schedules import Immediately

SUPERSEDABLE = frozenset({DeliveryState.PLANNED, DeliveryState.DEFERRED})
WAITING = SUPERSEDABLE | {DeliveryState.UNCERTAIN}
OUTSTANDING = WAITING | {DeliveryState.SENDING}


def slot_for(subscriber: Subscriber, end: Cursor, now: datetime) -> Slot | None:
    """The slot that is due for him at this instant, or None.

    Who reads immediately has a slot whenever there are papers that he has not read.
    """
    today = now.astimezone(zone(subscriber.timezone)).date()
    paused = subscriber.paused_until is not None and today < subscriber.paused_until
    if paused or subscriber.state is not SubscriberState.ACTIVE:
        return None
    if isinstance(subscriber.schedule, Immediately):
        unread = end.paper > subscriber.cursor.paper
        return Slot(f"{today}#{end.paper}", today) if unread else None
    day = due(subscriber.schedule, zone(subscriber.timezone), _served(subscriber, today), now)
    if day is None or (subscriber.paused_until is not None and day < subscriber.paused_until):
        return None  # a slot that passed during the pause is not made up for at midnight
    return Slot(str(day), day)


def _served(subscriber: Subscriber, today: date) -> date | None:
    """The newest slot served; of one who came before today and was never served, the day before.

    Else a program that runs now and then would never find the slot of one who came in between.
    """
    came = subscriber.created_at.astimezone(zone(subscriber.timezone)).date()
    if subscriber.last_slot is None and came < today:
        return came - timedelta(days=1)
    return subscriber.last_slot


def must_wait(waiting: Delivery | None) -> bool:
    """Whether his last digest is on its way or in doubt, so that no other may be planned yet.

    One that is held in doubt for good (no further attempt) stands in nobody's way; one that the
    operator holds back does, so that what is new waits behind it.
    """
    if waiting is None:
        return False
    if waiting.state in SUPERSEDABLE:
        return waiting.held
    return waiting.state is DeliveryState.SENDING or waiting.due_at is not None


def plan(
    who: Subscriber,
    slot: Slot,
    waiting: Delivery | None,
    batch: Batch,
    *,
    message_id: str,
    now: datetime,
) -> Plan:
    """His digest for this slot: what his rules match behind his cursor, and what was held over.

    They are those of ``rulesets.as_applied``. A digest that still waits for the mail server is
    superseded and its papers are carried: one catch-up mail, no storm. What his cap keeps out is
    held over for the next digest (``order``).
    """
    superseded = waiting if waiting is not None and waiting.state in SUPERSEDABLE else None
    before = superseded.digest if superseded else Digest(slot, (), Receipt())
    digest = _digest(who, slot, before, batch)
    mailed = _is_worth_a_mail(digest, before, who)
    return Plan(
        subscriber=who.id,
        version=who.version,
        slot=slot,
        digest=with_background(digest, who, batch, before.removed) if mailed else None,
        cursor=batch.end if mailed or not digest.mentions else _untold(who, batch.end),
        held_over=digest.waiting,
        supersedes=superseded.id if superseded else None,
        message_id=message_id,
        planned_at=now,
        waiting_since=superseded.since if superseded and superseded.attempts else None,
        manner=who.manner,
        epoch=who.epoch,
        exemplars=batch.exemplars(who.rules),
    )


def _digest(who: Subscriber, slot: Slot, before: Digest, batch: Batch) -> Digest:
    """What he was promised and what is new for him, in his order, up to his cap.

    ``before`` is the digest that this one takes over.
    """
    promised = _distinct((*before.owed, *who.held_over))
    fresh, notes = matched(who, batch)
    candidates = _distinct((*promised, *fresh))
    ordered = in_order(who, candidates, batch.upvotes)
    some = capped(who, ordered, batch.upvotes, {pick.paper for pick in before.rest})
    heard, shown = batch.heard.mentions(who), (pick.paper for pick in candidates)
    return Digest(
        slot=slot,
        picks=some.chosen,
        receipt=counted(
            batch.receipt(who.cursor),
            before.receipt,
            matched=len(candidates) - len(promised),
            held_over=len(some.held_over),
        ),
        notes=(*notes, *told_of(some.left)),
        rest=(*some.held_over, *some.left),
        mentions=told(heard, before.mentions, shown),
    )


def _is_worth_a_mail(digest: Digest, before: Digest, who: Subscriber) -> bool:
    """News of papers that he had is no reason to be mailed: it goes with what is new for him.

    Only where a mail with news waited already, there is one.
    """
    asks = who.when_empty is WhenEmpty.SAY_SO
    return bool(digest.picks or digest.notes or before.mentions or asks)


def _untold(subscriber: Subscriber, end: Cursor) -> Cursor:
    """All papers are read, but no file: there was no mail to tell the news in, so it is kept."""
    return replace(end, intake=subscriber.cursor.intake)


def _distinct(picks: Iterable[Pick]) -> list[Pick]:
    return list({pick.paper: pick for pick in reversed(list(picks))}.values())[::-1]
