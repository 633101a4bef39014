"""The page of somebody's preferences: how it is with him, and all that he can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from worker.core.difference import Difference
from worker.core.due import zone
from worker.core.feeds import SHOWN
from worker.core.form import fields_of
from worker.core.inwords import in_words
from worker.core.links import DIGEST_HOLDS, Linking
from worker.core.mailcommands import LONGEST_PAUSE
from worker.core.masked import masked
from worker.core.outlook import fate, is_weekly, outlook, weekly
from worker.core.plan import OUTSTANDING
from worker.core.preferred import fingerprint, preferences_of
from worker.core.situation import is_paused
from worker.deliveries import Delivery, DeliveryKind
from worker.model import Rule, Subscriber
from worker.web.advised import advised
from worker.web.choices import filled_in
from worker.web.offered import Offered, offered
from worker.web.seats import seated_reader
from worker.web.site import Site, site_of

DIGESTS_SHOWN: Final = 10
LATELY: Final = timedelta(days=45)
"""Who is mailed daily has ten digests in it; for others one looks back as far as links go."""


@dataclass(frozen=True, slots=True)
class Past:
    """A digest of his: its page, its day, its papers, those over his cap, what became of it."""

    link: str
    day: date
    papers: int
    over: int
    fate: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What he is about to do: the form as filled in, what is wrong with it, what it would change.

    ``rules`` are those that he wrote, if they can be read; ``otherwise`` are sentences on what
    would change besides; ``meanwhile`` is what is saved, if that is not what he was shown.
    """

    fields: Mapping[str, str] | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] | None = None
    difference: Difference | None = None
    otherwise: tuple[str, ...] = ()
    meanwhile: tuple[str, ...] = ()
    until: str = ""
    address: str = ""


NOTHING: Final = Draft()


async def own_page(
    request: Request, who: Subscriber, draft: Draft = NOTHING, status: int = 200
) -> Response:
    """The page, with what he is about to do."""
    site = site_of(request)
    now = site.clock.now()
    today = now.astimezone(zone(who.timezone)).date()
    saved = fields_of(preferences_of(who))
    rules = () if "rules" in draft.faults else draft.rules or who.rules
    slower = weekly(who.schedule, today)
    return site.pages(
        "preferences.html.j2",
        status,
        token=request.path_params["token"],
        address=masked(who.address),
        outlook=outlook(who, now),
        waiting=await _waiting(site, who),
        editable=not who.from_file,
        seen=fingerprint(who),
        **filled_in(draft.fields or saved, saved, draft.faults),
        meanwhile=draft.meanwhile,
        difference=draft.difference,
        otherwise=draft.otherwise,
        advised=await advised(site, rules),
        sets=await _sets(site, draft, saved),
        paused=is_paused(who, now),
        soonest=(today + timedelta(days=1)).isoformat(),
        latest=(today + LONGEST_PAUSE).isoformat(),
        until=draft.until,
        weekly="" if who.from_file or is_weekly(who.schedule) else in_words(slower),
        digests=await _digests(site, who, now),
        feed=site.feed_of(who),
        new_address=draft.address,
    )


async def _sets(site: Site, draft: Draft, saved: Mapping[str, str]) -> Sequence[Offered]:
    """What was sent is looked at beside the loop, as it was read; what is saved is known."""
    sets = site.settings.rule_sets
    if draft.fields is None:
        return offered(sets, saved["rules"])
    return await seated_reader(site, partial(offered, sets, draft.fields["rules"]))


async def _waiting(site: Site, who: Subscriber) -> int:
    """How many digests are on their way."""
    found = await site.opened.ledger.deliveries(OUTSTANDING, who.id)
    return sum(one.kind is DeliveryKind.DIGEST for one in found)


async def _digests(site: Site, who: Subscriber, now: datetime) -> Sequence[Past]:
    """The newest of those that he was made, the newest first."""
    found = await _since(site, who, now - LATELY)
    if len(found) < DIGESTS_SHOWN:
        found = await _since(site, who, now - DIGEST_HOLDS)
    return [_past(site.linking, who, one) for one in reversed(found[-DIGESTS_SHOWN:])]


async def _since(site: Site, who: Subscriber, since: datetime) -> Sequence[Delivery]:
    found = await site.opened.ledger.deliveries(SHOWN, who.id, since)
    return [one for one in found if one.kind is DeliveryKind.DIGEST]


def _past(linking: Linking, who: Subscriber, one: Delivery) -> Past:
    return Past(
        link=linking.digest(one.id, who.epoch, one.planned_at),
        day=one.digest.slot.day,
        papers=len(one.digest.picks),
        over=len(one.digest.rest),
        fate=fate(one.state),
    )
