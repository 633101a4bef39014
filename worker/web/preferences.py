"""Somebody's preferences: shown, tried, saved. Whose they are, the link alone says."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.difference import difference
from worker.core.form import Faults, filled, read
from worker.core.named import MOST_RULES, shown
from worker.core.outlook import outlook
from worker.core.preferred import changed, fingerprint, preferences_of, preferring
from worker.core.rulesets import unfolded
from worker.core.timetable import Fields
from worker.core.trial import roomier
from worker.model import Preferences, Subscriber
from worker.web.forms import fields
from worker.web.offered import ticked
from worker.web.ownpage import Draft, own_page
from worker.web.private import changed_by, done, subscribed
from worker.web.seats import seated_reader
from worker.web.site import site_of
from worker.web.stocked import tried_on

RULES_SAID: Final = 5
"""So many rules of what is saved are told; the form has room for all."""


async def show(request: Request, who: Subscriber) -> Response:
    """How it is, and the form."""
    return await own_page(request, who)


async def answer(request: Request, who: Subscriber) -> Response:
    """Save what was sent, or show what it would change."""
    sets = site_of(request).settings.rule_sets
    sent = ticked(await fields(request), sets)
    if who.from_file:
        return await own_page(request, who, status=403)
    before = preferences_of(who)
    wanted = await seated_reader(site_of(request), partial(read, sent, who.address, before, sets))
    if sent.get("action") == "preview":
        return await _preview(request, who, sent, wanted)
    if not _is_had(who, wanted) and sent.get("seen") != fingerprint(who):
        return await _meanwhile(request, who, sent, wanted)
    if isinstance(wanted, Faults):
        return await own_page(request, who, _draft(who, sent, wanted), 422)
    return await _save(request, who, sent, wanted)


async def _preview(
    request: Request, who: Subscriber, sent: Fields, wanted: Preferences | Faults
) -> Response:
    if sent.get("seen") != fingerprint(who):
        return await _meanwhile(request, who, sent, wanted)
    draft = _draft(who, sent, wanted)
    if isinstance(wanted, Faults):
        return await own_page(request, who, draft, 422)
    site = site_of(request)
    sets = site.settings.rule_sets
    before, after = (unfolded(rules, sets) for rules in (who.rules, wanted.rules))
    most = max(roomier(MOST_RULES, who.rules, before), roomier(MOST_RULES, wanted.rules, after))
    stock = await tried_on(site, (*before, *after))
    make = partial(difference, before, after, stock, most)
    otherwise = changed(replace(who, rules=wanted.rules), preferring(who, wanted))
    draft = replace(draft, difference=await seated_reader(site, make), otherwise=otherwise)
    return await own_page(request, who, draft)


async def _save(
    request: Request, before: Subscriber, sent: Fields, wanted: Preferences
) -> Response:
    """Planning a digest is nothing against it; another edit is."""
    seen = fingerprint(before)

    def preferred(who: Subscriber) -> Subscriber | None:
        as_seen = fingerprint(who) == seen and not who.from_file
        return preferring(who, wanted) if as_seen else None

    after = await changed_by(request, before, preferred)
    if not _is_had(after, wanted):
        return await _meanwhile(request, after, sent, wanted)
    said = changed(before, after) or ("It is as you want it already.",)
    return done(request, "Saved", *said, after=(outlook(after, site_of(request).clock.now()),))


async def _meanwhile(
    request: Request, who: Subscriber, sent: Fields, wanted: Preferences | Faults
) -> Response:
    """He is shown what is saved, and keeps his edit."""
    draft = replace(_draft(who, sent, wanted), meanwhile=_saved(who))
    return await own_page(request, who, draft, 409)


def _is_had(who: Subscriber, wanted: Preferences | Faults) -> bool:
    return isinstance(wanted, Preferences) and preferring(who, wanted) == who


def _draft(who: Subscriber, sent: Fields, wanted: Preferences | Faults) -> Draft:
    """The form as he sent it."""
    typed = filled(sent, preferences_of(who))
    if isinstance(wanted, Faults):
        return Draft(fields=typed, faults=wanted.by_field)
    return Draft(fields=typed, rules=wanted.rules)


def _saved(who: Subscriber) -> tuple[str, ...]:
    """What is saved, in short."""
    rules = [shown(rule) for rule in who.rules[:RULES_SAID]]
    more = len(who.rules) - len(rules)
    return (*rules, *([f"and {more} more rules"] if more else []))


# Whatever is below /p/ has the same page if it leads nowhere: also nothing, and a longer path. So
# these come after all that has a path of its own.
ROUTES: Final = (
    Route("/p/{token:path}", subscribed(show), methods=["GET"]),
    Route("/p/{token:path}", subscribed(answer), methods=["POST"]),
)
