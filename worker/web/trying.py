"""Rules tried before anybody subscribes: what they would have caught. Nothing is kept of it."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.form import Faults, read
from worker.web.forms import fields
from worker.web.front import front
from worker.web.site import site_of
from worker.web.trials import Busy
from worker.web.turned import Turned
from worker.web.wishing import form, usual


async def try_rules(request: Request) -> Response:
    """Whatever else is wrong with the form, only the rules matter here."""
    site = site_of(request)
    sent = await fields(request)
    rules = {"rules": sent.get("rules", "")}
    asked = read(rules, address="", usual=usual(site))
    if isinstance(asked, Faults):
        return await front(site, sent, asked.by_field, 422)
    try:
        found = await site.trials(asked.rules, await site.shelf.stock())
    except Busy:
        raise Turned(503) from None
    return site.pages("tried.html.j2", 200, trial=found, **form(site, sent))


ROUTES: Final = (Route("/try", try_rules, methods=["POST"]),)
