"""Subscribers, deliveries and papers as rows, and back. Lists are kept as compact JSON."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
from sqlalchemy import RowMapping

from worker.core.schedule import format_schedule, parse_schedule
from worker.deliveries import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Digest,
    Plan,
    Receipt,
    Settlement,
    Slot,
)
from worker.manner import Language, Manner
from worker.model import (
    Cursor,
    Paper,
    PaperNumber,
    PaperVersion,
    Pick,
    Refused,
    Rule,
    Subscriber,
    SubscriberId,
    SubscriberState,
    WhenEmpty,
)

Values = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]
Made = TypeVar("Made")

_pairs = msgspec.json.Decoder(Pairs)


class _Picked(msgspec.Struct, array_like=True, frozen=True):
    """A pick, as it is written; the version came later than the first rows."""

    paper: PaperNumber
    rules: Pairs
    version: int = 1


_picks = msgspec.json.Decoder(tuple[_Picked, ...])
_receipt = msgspec.json.Decoder(Receipt)
_notes = msgspec.json.Decoder(tuple[str, ...])
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
        "rules": json_text(_paired(subscriber.rules)),
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
        "language": subscriber.manner.language.value,
        "plain": subscriber.manner.plain,
        "epoch": subscriber.epoch,
    }


def delivery_values(plan: Plan, digest: Digest) -> Values:
    """The row of a delivery newly planned: due at once."""
    return {
        "subscriber": plan.subscriber,
        "slot": plan.slot.name,
        "day": plan.slot.day,
        "picks": picks_text(digest.picks),
        "receipt": json_text(digest.receipt),
        "notes": json_text(digest.notes),
        "message_id": plan.message_id,
        "planned_at": plan.planned_at,
        "waiting_since": plan.waiting_since,
        "language": plan.manner.language.value,
        "plain": plan.manner.plain,
        "epoch": plan.epoch,
        "rest": picks_text(digest.rest),
        "state": DeliveryState.PLANNED.value,
        "due_at": plan.planned_at,
        "attempts": 0,
        "doubts": 0,
        "reply": "",
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


def picks_text(picks: Iterable[Pick]) -> str:
    """Picks as ``[[number, [[rule, query], …], version], …]``."""
    return json_text([(pick.paper, _paired(pick.rules), pick.version) for pick in picks])


def _paired(rules: Iterable[Rule]) -> list[tuple[str, str]]:
    return [(rule.name, rule.query) for rule in rules]


def json_text(value: object) -> str:
    return msgspec.json.encode(value).decode()


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


def picks_of(row: RowMapping) -> tuple[Pick, ...]:
    """The picks of a row with an ``id``. Raises Refused if they cannot be read."""
    return out_of(lambda columns: _picks_in(columns["picks"]), row, "row")


def out_of(make: Callable[[RowMapping], Made], columns: RowMapping, noun: str) -> Made:
    """What is made of a row. Raises Refused if that cannot be."""
    try:
        return make(columns)
    except (LookupError, ValueError, TypeError, msgspec.DecodeError, Refused) as error:
        key = columns.get("id", columns.get("number", ""))
        line = f"ledger: {noun} {key} cannot be read ({type(error).__name__}); restore a backup"
        raise Refused(line) from None  # the cause may quote an address


def _subscriber(columns: RowMapping) -> Subscriber:
    return Subscriber(
        id=SubscriberId(columns["id"]),
        uid=columns["uid"],
        address=columns["address"],
        schedule=parse_schedule(columns["schedule"]),
        timezone=columns["timezone"],
        rules=_rules(_pairs.decode(columns["rules"])),
        created_at=columns["created_at"],
        state=SubscriberState(columns["state"]),
        paused_until=columns["paused_until"],
        when_empty=WhenEmpty(columns["when_empty"]),
        max_papers=columns["max_papers"],
        cursor=Cursor(PaperNumber(columns["cursor_paper"]), columns["cursor_intake"]),
        held_over=_picks_in(columns["held_over"]),
        last_slot=columns["last_slot"],
        from_file=columns["from_file"],
        version=columns["version"],
        manner=_manner(columns),
        epoch=columns["epoch"],
    )


def _delivery(columns: RowMapping, papers: Mapping[PaperVersion, Paper]) -> Delivery:
    chosen = _picks_in(columns["picks"])
    return Delivery(
        id=columns["id"],
        subscriber=columns["subscriber"],
        uid=columns["uid"],
        address=columns["address"],
        digest=Digest(
            slot=Slot(columns["slot"], columns["day"]),
            picks=chosen,
            receipt=_receipt.decode(columns["receipt"]),
            notes=_notes.decode(columns["notes"]),
            rest=_picks_in(columns["rest"]),
        ),
        papers=tuple(papers[pick.which] for pick in chosen),
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
    return Manner(Language(columns["language"]), columns["plain"])


@functools.lru_cache(maxsize=4096)  # the same day's papers are in everybody's digest
def _paper_under(number: PaperNumber, document: str) -> Paper:
    found = _paper.decode(document)
    return found if found.number == number else replace(found, number=number)


def _picks_in(text: str) -> tuple[Pick, ...]:
    return tuple(Pick(one.paper, _rules(one.rules), one.version) for one in _picks.decode(text))


def _rules(pairs: Pairs) -> tuple[Rule, ...]:
    return tuple(Rule(name, query) for name, query in pairs)
