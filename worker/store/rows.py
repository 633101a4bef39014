"""Subscribers, deliveries and papers as rows, and back. Lists are kept as compact JSON."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace

import msgspec
from sqlalchemy import RowMapping

from worker.core.schedule import format_schedule, parse_schedule
from worker.deliveries import Delivery, DeliveryKind, DeliveryState, Plan, Settlement
from worker.digests import Digest
from worker.manner import Abstracts, Language, Manner, Order, Relation
from worker.model import (
    Cursor,
    Paper,
    PaperNumber,
    PaperVersion,
    Subscriber,
    SubscriberId,
    SubscriberState,
    WhenEmpty,
)
from worker.store.rows_digests import (
    Pairs,
    Values,
    digest,
    digest_values,
    json_text,
    out_of,
    paired,
    picks_in,
    picks_text,
    rules_of,
)

_pairs = msgspec.json.Decoder(Pairs)
_paper = msgspec.json.Decoder(Paper)


def address_key(address: str) -> str:
    """What makes two addresses one: they differ in case only."""
    return address.casefold()


# --- into rows --------------------------------------------------------------


def subscriber_values(subscriber: Subscriber) -> Values:
    """Every column of a subscriber but his id, which the database gives."""
    return {
        "uid": subscriber.uid,
        "address": subscriber.address,
        "address_key": address_key(subscriber.address),
        "schedule": format_schedule(subscriber.schedule),
        "timezone": subscriber.timezone,
        "rules": json_text(paired(subscriber.rules)),
        "created_at": subscriber.created_at,
        "state": subscriber.state.value,
        "paused_until": subscriber.paused_until,
        "when_empty": subscriber.when_empty.value,
        "max_papers": subscriber.max_papers,
        "cursor_paper": subscriber.cursor.paper,
        "cursor_intake": subscriber.cursor.intake,
        "held_over": picks_text(subscriber.held_over),
        "last_slot": subscriber.last_slot,
        "from_file": subscriber.from_file,
        "version": subscriber.version,
        "domain": subscriber.address.rpartition("@")[2].lower(),
        "epoch": subscriber.epoch,
        **manner_values(subscriber.manner),
    }


def delivery_values(plan: Plan, carried: Digest) -> Values:
    """The row of a delivery newly planned: due at once."""
    return {
        "subscriber": plan.subscriber,
        "slot": plan.slot.name,
        "day": plan.slot.day,
        **digest_values(carried),
        "message_id": plan.message_id,
        "planned_at": plan.planned_at,
        "waiting_since": plan.waiting_since,
        **manner_values(plan.manner),
        "epoch": plan.epoch,
        "state": DeliveryState.PLANNED.value,
        "due_at": plan.planned_at,
        "attempts": 0,
        "doubts": 0,
        "reply": "",
    }


def manner_values(manner: Manner) -> Values:
    """The columns that say how somebody's mail is written."""
    return {
        "language": manner.language.value,
        "plain": manner.plain,
        "abstracts": manner.abstracts.value,
        "ordering": manner.order.value,
        "related": " ".join(sorted(manner.related)),
    }


def planned_values(plan: Plan) -> Values:
    """The columns of a subscriber that a plan of his moves on."""
    return {
        "cursor_paper": plan.cursor.paper,
        "cursor_intake": plan.cursor.intake,
        "held_over": picks_text(plan.held_over),
        "last_slot": plan.slot.day,
        "version": plan.version + 1,
    }


def settled_values(settlement: Settlement) -> Values:
    """The columns of a delivery that an attempt changes."""
    return {
        "state": settlement.state.value,
        "due_at": settlement.due_at,
        "attempts": settlement.attempts,
        "doubts": settlement.doubts,
        "reply": storable(settlement.reply),
        "settled_at": settlement.at,
        "small": settlement.small,
    }


def paper_values(paper: Paper) -> Values:
    """A paper in the version planned."""
    return {"number": paper.number, "version": paper.version, "document": json_text(paper)}


def storable(reply: str) -> str:
    """What a server said, without what a database refuses: one odd reply must not cost a batch."""
    return reply.encode(errors="replace").decode().replace("\0", " ")


# --- out of rows ------------------------------------------------------------


def subscriber(row: RowMapping) -> Subscriber:
    """The subscriber of a row. Raises Refused if it cannot be read."""
    return out_of(_subscriber, row, "subscriber")


def delivery(row: RowMapping, papers: Mapping[PaperVersion, Paper]) -> Delivery:
    """The delivery of a row joined with its subscriber. Raises Refused if it cannot be read."""
    return out_of(lambda columns: _delivery(columns, papers), row, "delivery")


def paper(row: RowMapping) -> Paper:
    """The paper of a row. Raises Refused if it cannot be read.

    The number is that of the row: the document may have been kept under another one.
    """
    return out_of(
        lambda columns: _paper_under(columns["number"], columns["document"]), row, "paper"
    )


def queries_of(row: RowMapping) -> set[str]:
    """The queries of a row with an ``id``. Raises Refused if they cannot be read."""
    return out_of(
        lambda columns: {query for _, query in _pairs.decode(columns["rules"])}, row, "row"
    )


def _subscriber(columns: RowMapping) -> Subscriber:
    return Subscriber(
        id=SubscriberId(columns["id"]),
        uid=columns["uid"],
        address=columns["address"],
        schedule=parse_schedule(columns["schedule"]),
        timezone=columns["timezone"],
        rules=rules_of(_pairs.decode(columns["rules"])),
        created_at=columns["created_at"],
        state=SubscriberState(columns["state"]),
        paused_until=columns["paused_until"],
        when_empty=WhenEmpty(columns["when_empty"]),
        max_papers=columns["max_papers"],
        cursor=Cursor(PaperNumber(columns["cursor_paper"]), columns["cursor_intake"]),
        held_over=picks_in(columns["held_over"]),
        last_slot=columns["last_slot"],
        from_file=columns["from_file"],
        version=columns["version"],
        manner=_manner(columns),
        epoch=columns["epoch"],
    )


def _delivery(columns: RowMapping, papers: Mapping[PaperVersion, Paper]) -> Delivery:
    its = digest(columns)
    return Delivery(
        id=columns["id"],
        subscriber=columns["subscriber"],
        uid=columns["uid"],
        address=columns["address"],
        digest=its,
        papers=tuple(papers[which] for which in its.shown),
        message_id=columns["message_id"],
        planned_at=columns["planned_at"],
        state=DeliveryState(columns["state"]),
        due_at=columns["due_at"],
        attempts=columns["attempts"],
        doubts=columns["doubts"],
        reply=columns["reply"],
        kind=DeliveryKind(columns["kind"]),
        held=columns["held"],
        small=columns["small"],
        answers=columns["answers"],
        waiting_since=columns["waiting_since"],
        manner=_manner(columns),
        epoch=columns["epoch"],
        ask=columns["ask"],
    )


def _manner(columns: RowMapping) -> Manner:
    return Manner(
        language=Language(columns["language"]),
        plain=columns["plain"],
        abstracts=Abstracts(columns["abstracts"]),
        order=Order(columns["ordering"]),
        related=frozenset(map(Relation, columns["related"].split())),
    )


@functools.lru_cache(maxsize=4096)  # the same day's papers are in everybody's digest
def _paper_under(number: PaperNumber, document: str) -> Paper:
    found = _paper.decode(document)
    return found if found.number == number else replace(found, number=number)
