"""What became of a paper for somebody, in sentences: to the operator, or to himself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from worker.core.due import due, zone
from worker.core.explanation import Explanation, Fate, Footing, Role, Stop
from worker.core.moments import moment
from worker.core.reasons import why
from worker.core.situation import is_paused, next_digest
from worker.core.typeset import spelled
from worker.core.voice import TO_HIM, Voice
from worker.deliveries import Delivery, DeliveryState
from worker.manner import USUAL
from worker.model import Subscriber
from worker.schedules import Immediately

_STATES: Final = {
    DeliveryState.PLANNED: "which waits for its turn",
    DeliveryState.SENDING: "which is being sent",
    DeliveryState.DEFERRED: "which waits: {his} mail server asked to try later",
    DeliveryState.UNCERTAIN: "which may have arrived: the connection broke before the reply",
    DeliveryState.FAILED: "which {his} mail server refused for good, so it did not arrive",
    DeliveryState.CANCELLED: "which was cancelled before it was sent",
    DeliveryState.SUPERSEDED: "which went on in a later one",
    DeliveryState.EXPIRED: "which could not be delivered in time",
}

_STOPS: Final = {
    Stop.PENDING: "No mail goes there yet: the subscription is not confirmed.",
    Stop.UNLISTED: "No mail goes there: {he_is} no longer in the subscribers file.",
    Stop.REMOVED: "No mail goes there: the operator removed {him}.",
    Stop.UNSUBSCRIBED: "No mail goes there: {he} unsubscribed.",
}


def fate_told(one: Explanation, voice: Voice = TO_HIM) -> tuple[str, ...]:
    """What became of the paper, and what keeps it back."""
    return tuple(filter(None, (_fate(one, voice), _as_of_now(one, voice), _stop(one, voice))))


def _fate(one: Explanation, voice: Voice) -> str:
    digest = _named(one.last) if one.last else ""
    match one.fate:
        case Fate.CARRIED:
            return _carried(one.last.delivery, one.now, digest, voice) if one.last else ""
        case Fate.HELD_OVER:
            since = _since(one.last, voice)
            return f"It is held over{since} and comes in {voice.his} next digest that has room."
        case Fate.REMOVED:
            return f"It was left out of {digest} by a NOT, and no other rule caught it."
        case Fate.BEFORE:
            return (
                f"It was listed before {voice.he} subscribed; "
                f"{voice.his} digests begin with what came after that."
            )
        case Fate.PASSED:
            return (
                f"It was passed by: no rule of {voice.of_his} caught it then, "
                f"or {voice.he} had no subscription at that time."
            )
        case Fate.AHEAD:
            return f"Not read yet: {voice.his} next digest decides{_when(one.who, one.now)}."
        case _:
            assert_never(one.fate)


def _carried(delivery: Delivery, now: datetime, digest: str, voice: Voice) -> str:
    if delivery.state is DeliveryState.SENT:
        return f"It was sent to {voice.him} in {digest}, so it comes in no other."
    tried = ""
    if delivery.state is DeliveryState.DEFERRED and delivery.due_at:
        tried = f", next at {moment(delivery.due_at, now)}"
    return f"It is in {digest}, {_STATES[delivery.state].format(his=voice.his)}{tried}."


def _since(role: Role | None, voice: Voice) -> str:
    if role is None:
        return ""
    if role.footing is Footing.OVER:
        over = f"over {voice.his} cap then, and is on the page of that digest,"
        return f" since {_named(role)}: it was {over}"
    return f" since {_named(role)}, which did not reach {voice.him},"


def _as_of_now(one: Explanation, voice: Voice) -> str:
    """What the rules of now would do, where that is not what was done."""
    if one.paper.newest is None:
        return ""
    match one.fate:
        case Fate.AHEAD if one.is_caught:
            return f"As {voice.his} rules are now, it comes then, or later if there are too many."
        case Fate.AHEAD:
            return f"As {voice.his} rules are now, none of them catches it."
        case Fate.PASSED | Fate.REMOVED if one.is_caught:
            return (
                f"A rule that {voice.he_has} now would, but rules hold for what comes after them."
            )
        case _:
            return ""


def _stop(one: Explanation, voice: Voice) -> str:
    match one.stop:
        case None:
            return ""
        case Stop.PAUSED:
            until = spelled(one.who.paused_until) if one.who.paused_until else "the pause ends"
            return f"No digest comes before {until}: {voice.he_is} paused."
        case Stop.SUPPRESSED:
            return f"No mail goes there: {why(one.suppression)}."
        case _:
            return _STOPS[one.stop].format(he=voice.he, him=voice.him, he_is=voice.he_is)


def _when(who: Subscriber, now: datetime) -> str:
    """When that one comes, as far as it can be said."""
    if isinstance(who.schedule, Immediately) or is_paused(who, now):
        return ""
    if due(who.schedule, zone(who.timezone), who.last_slot, now) is not None:
        return ", and it is due now"
    return f", {next_digest(replace(who, manner=USUAL), now)}"


def _named(role: Role) -> str:
    return f"the digest of {spelled(role.delivery.digest.slot.day)}"


def state_told(delivery: Delivery, voice: Voice) -> str:
    """What became of a digest, in a few words."""
    if delivery.state is DeliveryState.SENT:
        return "sent"
    return _STATES[delivery.state].removeprefix("which ").format(his=voice.his)
