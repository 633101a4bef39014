"""Mails that carry no papers as rows."""

from __future__ import annotations

from datetime import datetime

from worker.asks import Notice
from worker.deliveries import Answer, DeliveryKind, DeliveryState
from worker.digests import Receipt, Slot
from worker.model import Subscriber
from worker.store.rows import manner_values
from worker.store.rows_digests import Values, json_text, picks_text


def answer_values(answer: Answer, who: Subscriber) -> Values:
    """The row of an answer to a mail of his; one that is not told has no attempt."""
    state = DeliveryState.PLANNED if answer.told else DeliveryState.CANCELLED
    return _values(who, answer.slot, answer.lines, answer.message_id, answer.at) | {
        "state": state.value,
        "due_at": answer.at if answer.told else None,
        "kind": DeliveryKind.ANSWER.value,
        "answers": answer.answers,
    }


def notice_values(notice: Notice, who: Subscriber) -> Values:
    """The row of a mail to him about what was asked for."""
    return _values(who, notice.slot, notice.lines, notice.message_id, notice.at) | {
        "kind": notice.kind.value,
        "ask": notice.ask,
    }


def _values(
    who: Subscriber, slot: Slot, lines: tuple[str, ...], message_id: str, at: datetime
) -> Values:
    """Due at once, in his manner, with his links."""
    return {
        "subscriber": who.id,
        "slot": slot.name,
        "day": slot.day,
        "picks": picks_text(()),
        "receipt": json_text(Receipt()),
        "notes": json_text(lines),
        "message_id": message_id,
        "planned_at": at,
        "state": DeliveryState.PLANNED.value,
        "due_at": at,
        "attempts": 0,
        "doubts": 0,
        "reply": "",
        "domain": who.address.rpartition("@")[2].lower(),
        **manner_values(who.manner),
        "epoch": who.epoch,
    }
