"""All that is kept about somebody, as one JSON document that he can take away and read.

What only the program can make use of is left out: the random numbers that his links are made of,
and the hashes that the limits count by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from worker.asks import Ask
from worker.core.asjson import (
    Json,
    at,
    counts,
    day,
    manner,
    mention,
    picks,
    preferences,
    trend,
    week,
)
from worker.deliveries import Attempt, Delivery, DeliveryId, Suppression
from worker.model import Paper, PaperVersion, Subscriber


@dataclass(frozen=True, slots=True)
class Kept:
    """What the stores hold of ``who``; ``papers`` are at least those that await him."""

    who: Subscriber
    deliveries: Sequence[Delivery] = ()
    attempts: Mapping[DeliveryId, Sequence[Attempt]] = field(default_factory=dict)
    papers: Mapping[PaperVersion, Paper] = field(default_factory=dict)
    asks: Sequence[Ask] = ()
    suppression: Suppression | None = None


def export(kept: Kept, site: str, now: datetime) -> Json:
    """The document, its parts in the order one asks for them; every value is plain JSON."""
    return {
        "about": (
            f"All that {site} keeps about you: who you are to it, every mail it made for you and "
            "what became of it, what you asked for on its pages, and whether your address is on "
            "the list of those that are never mailed. Instants are UTC (ISO 8601)."
        ),
        "made_at": at(now),
        "subscriber": _subscriber(kept),
        "deliveries": [_delivery(one, kept) for one in kept.deliveries],
        "asks": [_ask(one) for one in kept.asks],
        "never_mailed": _suppression(kept.suppression),
    }


def _subscriber(kept: Kept) -> Json:
    who = kept.who
    return {
        "number": who.id,
        "address": who.address,
        "state": who.state.value,
        "subscribed_at": at(who.created_at),
        "kept_by_operator": who.from_file,
        **preferences(who),
        "last_slot": day(who.last_slot),
        "read_up_to": {"paper": who.cursor.paper, "file": who.cursor.intake},
        "held_over": picks(who.held_over, kept.papers),
        "changes": who.version,
        "links_renewed": who.epoch,
    }


def _delivery(one: Delivery, kept: Kept) -> Json:
    known = {**kept.papers, **{paper.which: paper for paper in one.papers}}
    return {
        "number": one.id,
        "kind": one.kind.value,
        "slot": one.digest.slot.name,
        "day": day(one.digest.slot.day),
        "state": one.state.value,
        "planned_at": at(one.planned_at),
        "waiting_since": at(one.since),
        "next_attempt_at": at(one.due_at),
        "message_id": one.message_id,
        "answers": one.answers,
        "held_by_operator": one.held,
        "made_smaller": one.small,
        **manner(one.manner),
        "tries": one.attempts,
        "in_doubt": one.doubts,
        "last_reply": one.reply,
        "papers": picks(one.digest.picks, known),
        "over_your_cap": picks(one.digest.rest, known),
        "left_out_by_your_rules": picks(one.digest.removed, known),
        "mentioned": [mention(each, known.get(each.which)) for each in one.digest.mentions],
        "trends": [trend(each) for each in one.digest.trends],
        "week": week(one.digest.week),
        "lines": list(one.digest.notes),
        "counts": counts(one.digest.receipt),
        "attempts": [_attempt(each) for each in kept.attempts.get(one.id, ())],
    }


def _attempt(one: Attempt) -> Json:
    return {"at": at(one.at), "state": one.state.value, "server": one.server, "reply": one.reply}


def _ask(one: Ask) -> Json:
    return {
        "kind": one.kind.value,
        "at": at(one.at),
        "address": one.address,
        "wanted": preferences(one.wanted) if one.wanted else None,
        "from_network": one.network,
        "state": one.state.value,
        "confirmed_at": at(one.confirmed_at),
    }


def _suppression(entry: Suppression | None) -> Json | None:
    if entry is None:
        return None
    return {"reason": entry.reason.value, "at": at(entry.at), "note": entry.note}
