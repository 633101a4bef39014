"""What somebody does to his subscription with one button each. Twice is once."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.asks import AskKind
from worker.core.due import zone
from worker.core.form import Faults, read
from worker.core.mailcommands import paused_until
from worker.core.outlook import outlook, weekly
from worker.core.preferred import preferences_of
from worker.core.said import day_said
from worker.core.situation import is_paused
from worker.core.step import steps
from worker.core.typeset import spelled
from worker.core.wishes import Pause, Resume
from worker.model import Refused, Subscriber, SubscriberState
from worker.signup import NUMBER_BITS
from worker.web.asking import ask
from worker.web.forms import fields
from worker.web.ownpage import Draft, own_page
from worker.web.private import changed_by, done, once_subscribed, subscribed, unsubscribed_page
from worker.web.site import site_of

log = logging.getLogger(__name__)

NOT_SURE: Final = "Tick the box if you want all of it erased."
KEPT: Final = "No digest comes before that day. What matches meanwhile is kept for you."
NO_DAY: Final = "Write the day as in 2026-10-01."


async def pause(request: Request, who: Subscriber) -> Response:
    """No digest before a day, or an end to that."""
    sent = await fields(request)
    if sent.get("resume"):
        return await _stepped(request, who, Resume())
    today = site_of(request).clock.now().astimezone(zone(who.timezone)).date()
    until = day_said(sent.get("until", "").lower().split(), today)
    try:
        command = _pause(until, today)
    except Refused as refused:
        # what is no day cannot stand in the field
        draft = Draft(faults={"until": str(refused)}, until=until.isoformat() if until else "")
        return await own_page(request, who, draft, 422)
    return await _stepped(request, who, command)


async def slow_down(request: Request, who: Subscriber) -> Response:
    """Weekly instead, on the weekday that it is where he is, at his time."""
    await fields(request)
    if who.from_file:
        return await own_page(request, who, status=403)
    now = site_of(request).clock.now()
    today = now.astimezone(zone(who.timezone)).date()
    after = await changed_by(
        request, who, lambda him: replace(him, schedule=weekly(him.schedule, today))
    )
    _log("weekly", who)
    return done(request, "Once a week now", outlook(after, now))


async def move(request: Request, who: Subscriber) -> Response:
    """Mail him at another address, once that is confirmed there; the answer tells nothing of it."""
    text = (await fields(request)).get("address", "")
    if who.from_file:
        return await own_page(request, who, status=403)
    asked = read({"address": text, "rules": "*"}, usual=preferences_of(who))
    if isinstance(asked, Faults):
        return await own_page(request, who, Draft(faults=asked.by_field, address=text), 422)
    # No number of the form is needed: one mail to an address in 15 minutes is the limit anyway.
    form = site_of(request).chance(NUMBER_BITS)
    await ask(request, AskKind.MOVE, asked.address, form, mover=who.uid)
    return done(request, "Confirm it at the new address", *MOVING)


MOVING: Final = (
    "If that address can be mailed, a mail with a link to confirm is on its way there.",
    "Until then nothing changes. Your present address is told that this was asked for.",
)


async def renew(request: Request, who: Subscriber) -> Response:
    """New private links; all that he was given until now end."""
    await fields(request)
    site = site_of(request)
    after = await changed_by(request, who, lambda him: replace(him, epoch=him.epoch + 1))
    _log("links renewed", who)
    return site.pages(
        "newlinks.html.j2",
        preferences=site.linking.preferences(after.uid, after.epoch, site.clock.now()),
        feed=site.feed_of(after),
    )


async def erase(request: Request, who: Subscriber) -> Response:
    """Forget him, if he is sure."""
    if (await fields(request)).get("sure") == "yes":
        await site_of(request).signup.erase(who.uid)
        _log("erased", who)
        return site_of(request).pages("erased.html.j2")
    if who.state is SubscriberState.UNSUBSCRIBED:
        return unsubscribed_page(request, who, status=422, sure=NOT_SURE)
    return await own_page(request, who, Draft(faults={"sure": NOT_SURE}), 422)


async def leave(request: Request, who: Subscriber) -> Response:
    """He is unsubscribed, at once."""
    await fields(request)
    await site_of(request).signup.leave(who.uid)
    _log("left", who)
    return unsubscribed_page(request, who, fresh=True)


def _pause(until: date | None, today: date) -> Pause:
    """Raises Refused, with a sentence to him."""
    if until is None:
        raise Refused(NO_DAY)
    try:
        return paused_until(until, today)
    except Refused as refused:
        line = str(refused)
        raise Refused(f"{line[:1].upper()}{line[1:]}.") from None


async def _stepped(request: Request, who: Subscriber, command: Pause | Resume) -> Response:
    """What the same command does by mail."""
    now = site_of(request).clock.now()
    after = await changed_by(request, who, lambda him: steps([command], him, now)[-1].who)
    _log("pause", who)
    if isinstance(command, Pause):
        return done(request, f"Paused until {spelled(command.until)}", KEPT)
    title = "Your pause is over" if is_paused(who, now) else "You were not paused"
    return done(request, title, outlook(after, now))


def _log(what: str, who: Subscriber) -> None:
    log.info("changed on the site", extra={"subscriber": who.id, "what": what})


_ACTIONS: Final = {
    "pause": subscribed(pause),
    "weekly": subscribed(slow_down),
    "move": subscribed(move),
    "links": subscribed(renew),
    "erase": once_subscribed(erase),
    "leave": subscribed(leave),
}

_BELOW: Final = {f"/p/{{token:path}}/{name}": action for name, action in _ACTIONS.items()}

ROUTES: Final = (
    *(Route(path, action, methods=["POST"]) for path, action in _BELOW.items()),
    # for who comes back to the address that his browser shows after a button
    *(Route(path, subscribed(own_page), methods=["GET"]) for path in _BELOW),
)
