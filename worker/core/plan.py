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
from worker.core.news import told
from worker.core.order import capped, heaviest_first, in_order, named, told_of
from worker.core.query import QueryError
from worker.core.receipt import counted
from worker.core.scan import NoSuchSet
from worker.deliveries import Delivery, DeliveryState, Plan
from worker.digests import Digest, Receipt, Slot
from worker.model import (
    Cursor,
    PaperVersion,
    Pick,
    Rule,
    Subscriber,
    SubscriberState,
    WhenEmpty,
)
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
    subscriber: Subscriber,
    slot: Slot,
    waiting: Delivery | None,
    batch: Batch,
    *,
    message_id: str,
    now: datetime,
) -> Plan:
    """His digest for this slot: what his rules match behind his cursor, and what was held over.

    A digest that still waits for the mail server is superseded and its papers are carried: one
    catch-up mail, no storm. What his cap keeps out is held over for the next digest (``order``).
    """
    subscriber = replace(subscriber, rules=tuple(map(named, subscriber.rules)))
    superseded = waiting if waiting is not None and waiting.state in SUPERSEDABLE else None
    before = superseded.digest if superseded else Digest(slot, (), Receipt())
    kept_out = {pick.paper for pick in before.rest}
    earlier = _distinct((*before.owed, *subscriber.held_over))
    fresh, notes = _match(subscriber, batch)
    candidates = _distinct((*earlier, *fresh))
    ordered = in_order(subscriber, candidates, batch.upvotes)
    some = capped(subscriber, ordered, batch.upvotes, kept_out)
    receipt = counted(
        batch.receipt(subscriber.cursor),
        before.receipt,
        matched=len(candidates) - len(earlier),
        held_over=len(some.held_over),
    )
    heard = batch.heard.mentions(subscriber)
    mentions = told(heard, before.mentions, (pick.paper for pick in candidates))
    digest = Digest(
        slot=slot,
        picks=some.chosen,
        receipt=receipt,
        notes=(*notes, *told_of(some.left)),
        rest=(*some.held_over, *some.left),
        mentions=mentions,
    )
    # News of papers that he had is no reason to be mailed: it goes with what is new for him. Only
    # where a mail with news waited already, there is one.
    asks = subscriber.when_empty is WhenEmpty.SAY_SO
    worth_a_mail = digest.picks or digest.notes or before.mentions or asks
    return Plan(
        subscriber=subscriber.id,
        version=subscriber.version,
        slot=slot,
        digest=with_background(digest, subscriber, batch, before.removed) if worth_a_mail else None,
        cursor=_untold(subscriber, batch.end) if mentions and not worth_a_mail else batch.end,
        held_over=some.held_over,
        supersedes=superseded.id if superseded else None,
        message_id=message_id,
        planned_at=now,
        waiting_since=superseded.since if superseded and superseded.attempts else None,
        manner=subscriber.manner,
        epoch=subscriber.epoch,
        exemplars=batch.exemplars(subscriber.rules),
    )


def _untold(subscriber: Subscriber, end: Cursor) -> Cursor:
    """All papers are read, but no file: there was no mail to tell the news in, so it is kept."""
    return replace(end, intake=subscriber.cursor.intake)


def _match(subscriber: Subscriber, batch: Batch) -> tuple[tuple[Pick, ...], tuple[str, ...]]:
    """The picks among the papers he has not read, and a note for each rule that cannot be read."""
    reasons: dict[PaperVersion, list[Rule]] = {}
    notes: list[str] = []
    for rule in heaviest_first(subscriber.rules):
        try:
            for paper in batch.matches(rule, subscriber.cursor.paper):
                reasons.setdefault(paper.which, []).append(rule)
        except QueryError as error:
            notes.append(_left_out(rule, error))
    picks = tuple(batch.pick(which, rules) for which, rules in sorted(reasons.items()))
    return picks, tuple(notes)


def _left_out(rule: Rule, error: QueryError) -> str:
    if isinstance(error, NoSuchSet):
        return f"Your rule “{rule.name}” names a set that is no longer there and was left out."
    return f"Your rule “{rule.name}” can no longer be read and was left out: {error}"


def _distinct(picks: Iterable[Pick]) -> list[Pick]:
    return list({pick.paper: pick for pick in reversed(list(picks))}.values())[::-1]
