"""Why a subscriber got a paper, or why not: what his rules say of it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Final

from worker.core.explanation import Explanation, Fate, Footing, Known, Role, Stop
from worker.core.rulings import ALONE, Company, Ruling, ruling, rulings_then
from worker.core.situation import is_paused
from worker.deliveries import Delivery, DeliveryState, Suppression
from worker.model import PaperNumber, Subscriber, SubscriberState


def explain(
    who: Subscriber,
    paper: Known,
    history: Sequence[Delivery],
    now: datetime,
    suppression: Suppression | None = None,
    company: Company = ALONE,
) -> Explanation:
    """``history`` are all digests of this subscriber, the oldest first; ``suppression`` is the
    entry of his address. What was sent is explained by the rules of then, all else by those of now.
    """
    roles = tuple(role for one in history for role in _roles(one, paper.number))
    fate, last = _fate(who, paper, roles)
    return Explanation(
        who=who,
        paper=paper,
        rulings=tuple(_rulings(who, paper, last, company)),
        roles=roles,
        fate=fate,
        last=last,
        stop=_stop(who, suppression, now),
        suppression=suppression,
        now=now,
    )


def _roles(delivery: Delivery, number: PaperNumber) -> Iterator[Role]:
    digest = delivery.digest
    lists = (
        (Footing.CARRIED, digest.picks),
        (Footing.OVER, digest.rest),
        (Footing.REMOVED, digest.removed),
    )
    for footing, picks in lists:
        for place, pick in enumerate(picks):
            if pick.paper == number:
                yield Role(delivery, footing, place, pick)
    for place, mention in enumerate(digest.mentions):
        if mention.paper == number:
            yield Role(delivery, Footing.MENTIONED, place)


def _fate(who: Subscriber, paper: Known, roles: Sequence[Role]) -> tuple[Fate, Role | None]:
    if any(pick.paper == paper.number for pick in who.held_over):
        return Fate.HELD_OVER, _first_in_vain(roles)
    if last := _newest(roles, Footing.CARRIED):
        return Fate.CARRIED, last
    if paper.number > who.cursor.paper:
        return Fate.AHEAD, None
    if last := _newest(roles, Footing.REMOVED):
        return Fate.REMOVED, last
    if paper.came < who.created_at:
        return Fate.BEFORE, None
    return Fate.PASSED, None


def _first_in_vain(roles: Sequence[Role]) -> Role | None:
    """Since when it is owed to him: the first of the unbroken run that did not bring it."""
    held = (role for role in reversed(roles) if role.footing in (Footing.OVER, Footing.CARRIED))
    run = tuple(takewhile(lambda role: not _brought(role), held))
    return run[-1] if run else None


def _brought(role: Role) -> bool:
    return role.footing is Footing.CARRIED and role.delivery.state is DeliveryState.SENT


def _newest(roles: Sequence[Role], *footings: Footing) -> Role | None:
    return next((role for role in reversed(roles) if role.footing in footings), None)


def _rulings(
    who: Subscriber, paper: Known, last: Role | None, company: Company
) -> Iterator[Ruling]:
    """First the rules that chose it, as they were; then those of now that were not among them."""
    told: tuple[Ruling, ...] = ()
    chose = last.pick if last and last.footing is not Footing.REMOVED else None
    if chose and (then := paper.as_in(chose)):
        told = tuple(rulings_then(chose, then))
    yield from told
    was = {one.rule for one in told}
    if newest := paper.newest:
        yield from (ruling(rule, newest, company) for rule in who.rules if rule not in was)


_STOPS: Final = {
    SubscriberState.SUPPRESSED: Stop.SUPPRESSED,
    SubscriberState.PENDING: Stop.PENDING,
    SubscriberState.UNLISTED: Stop.UNLISTED,
    SubscriberState.REMOVED: Stop.REMOVED,
    SubscriberState.UNSUBSCRIBED: Stop.UNSUBSCRIBED,
}


def _stop(who: Subscriber, suppression: Suppression | None, now: datetime) -> Stop | None:
    if suppression:
        return Stop.SUPPRESSED
    if who.state is SubscriberState.ACTIVE:
        return Stop.PAUSED if is_paused(who, now) else None
    return _STOPS[who.state]
