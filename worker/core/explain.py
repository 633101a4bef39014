"""Why a subscriber got a paper, or why not, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.core.evidence import terms, why_not
from worker.core.index import Index
from worker.core.likeness import NO_LIKENESS, Likeness
from worker.core.plan import OUTSTANDING
from worker.core.query import QueryError, parse
from worker.core.reasons import why
from worker.deliveries import Delivery, DeliveryState, Suppression
from worker.model import Paper, Rule, Subscriber, SubscriberState

_TOLD = {
    DeliveryState.PLANNED: "planned, waits for its turn",
    DeliveryState.SENDING: "being sent",
    DeliveryState.SENT: "sent",
    DeliveryState.DEFERRED: "waits, the mail server asked to try later",
    DeliveryState.FAILED: "failed, the mail server refused it",
    DeliveryState.UNCERTAIN: "in doubt, the connection broke before the reply",
    DeliveryState.SUPERSEDED: "taken over by the next digest",
    DeliveryState.EXPIRED: "given up after its lifetime, its papers were held over",
    DeliveryState.CANCELLED: "cancelled",
}

_AFTER = {
    DeliveryState.FAILED: "its digest was refused for good, so it did not arrive",
    DeliveryState.CANCELLED: "its digest was cancelled before it was sent",
}

_READ = "already read past: it matched no rule of his at that time, or came before he subscribed"


def explain(
    who: Subscriber,
    paper: Paper,
    history: Sequence[Delivery],
    suppression: Suppression | None = None,
    likeness: Likeness = NO_LIKENESS,
) -> str:
    """What his rules say of the paper, and what became of it so far; one line each.

    ``history`` are all deliveries of this subscriber; ``suppression`` is the entry of his address;
    ``likeness`` knows the exemplars of his rules.
    """
    lines = [f"{paper.number}  {paper.title}", f"first listed {paper.day}"]
    lines += [_verdict(rule, paper, likeness) for rule in who.rules]
    lines += [_told(delivery) for delivery in history if _carries(delivery, paper)]
    lines += _standing(who, paper, history, _stopped(who, suppression))
    return "\n".join(lines)


def _verdict(rule: Rule, paper: Paper, likeness: Likeness) -> str:
    name = f"rule “{rule.name}”"
    try:
        query = parse(rule.query)
    except QueryError as error:
        return f"{name}: can no longer be read: {error}"
    if Index([paper], likeness=likeness).match(query):
        found = (*terms(query, paper), *likeness.because(query, paper))
        return f"{name}: yes, because of {', '.join(found) or 'every paper'}"
    return f"{name}: no, {why_not(query, paper, likeness=likeness)}"


def _carries(delivery: Delivery, paper: Paper) -> bool:
    return any(pick.paper == paper.number for pick in delivery.digest.picks)


def _told(delivery: Delivery) -> str:
    return f"digest {delivery.digest.slot.name}: {_TOLD[delivery.state]}{_kept_back(delivery)}"


def _kept_back(delivery: Delivery) -> str:
    """What has to happen before it goes, if not only its turn has to come."""
    if delivery.state not in OUTSTANDING:
        return ""
    if delivery.held:
        return f"; held by the operator: `paperround queue release {delivery.id}`"
    if delivery.state is DeliveryState.UNCERTAIN and delivery.due_at is None:
        return f"; held until somebody decides: `paperround queue retry {delivery.id}`, or `drop`"
    return ""


def _stopped(who: Subscriber, suppression: Suppression | None) -> str:
    """Why no mail goes to him at all; empty if it does."""
    if suppression or who.state is SubscriberState.SUPPRESSED:
        return why(suppression)
    return "" if who.state is SubscriberState.ACTIVE else who.state.value


def _standing(
    who: Subscriber, paper: Paper, history: Sequence[Delivery], stopped: str
) -> Iterator[str]:
    carried = [delivery.state for delivery in history if _carries(delivery, paper)]
    if any(pick.paper == paper.number for pick in who.held_over):
        yield "held over for the next digest"
    elif carried:
        yield _AFTER.get(carried[-1], "it was in a digest, so it comes in no other")
    elif paper.number <= who.cursor.paper:
        yield _READ
    elif not stopped:
        yield "not read yet: his next digest decides"
    if stopped:
        yield f"no mail goes there: {stopped}"
