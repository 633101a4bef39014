"""What a stranger's form leads to: an ask, and a page that is the same whoever he is."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.asks import AskKind
from worker.core.form import Faults, read
from worker.web.asking import ask
from worker.web.forms import fields
from worker.web.formtoken import checked
from worker.web.front import front
from worker.web.offered import ticked
from worker.web.seats import seated_reading
from worker.web.signupform import PURPOSE, usual
from worker.web.site import Site, site_of
from worker.web.turned import Turned


async def subscribe(request: Request) -> Response:
    """Note what is asked for. Who is known here, and who is over a limit, gets the same page."""
    site = site_of(request)
    sets = site.settings.rule_sets
    refuse_closed(site)
    sent = ticked(await fields(request), sets)
    wanted = await seated_reading(site, partial(read, sent, usual=usual(site), sets=sets))
    if isinstance(wanted, Faults):
        return await front(site, sent, wanted.by_field, 422)
    form = checked(site, sent, PURPOSE)
    if form is not None:
        await ask(request, AskKind.SUBSCRIBE, wanted.address, form, wanted)
    return site.pages("asked.html.j2", what="subscription")


def refuse_closed(site: Site) -> None:
    """Raises Turned (503) while it is closed for everybody."""
    if site.signup.is_shut:
        raise Turned(503)


ROUTES: Final = (Route("/subscribe", subscribe, methods=["POST"]),)
