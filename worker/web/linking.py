"""The link to one's preferences, mailed to whoever has lost it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.asks import AskKind
from worker.core.form import address_in
from worker.core.timetable import WrongField
from worker.signup import Wish
from worker.web.asker import peer_of
from worker.web.forms import fields
from worker.web.formtoken import FIELD, checked, issued, lasting
from worker.web.site import Site, site_of
from worker.web.subscribing import noted
from worker.web.wishing import NO_FAULTS

PURPOSE: Final = "link"


async def answer(request: Request) -> Response:
    """The form, and what comes of it, which is the same page whoever asks."""
    site = site_of(request)
    if request.method != "POST":
        return _page(site, {})
    sent = await fields(request)
    try:
        address = address_in(sent)
    except WrongField as wrong:
        return _page(site, sent, {wrong.field: str(wrong)}, 422)
    number = checked(site, sent, PURPOSE)
    if number is not None:
        await noted(site, Wish(AskKind.LINK, address, None, peer_of(request), number))
    return site.pages("asked.html.j2", what="link")


def _page(
    site: Site,
    sent: Mapping[str, str],
    faults: Mapping[str, str] = NO_FAULTS,
    status: int = 200,
) -> Response:
    return site.pages(
        "link.html.j2",
        status,
        form=lasting(site, sent.get(FIELD, ""), PURPOSE) or issued(site, PURPOSE),
        fields={"address": sent.get("address", "")},
        faults=faults,
    )


ROUTES: Final = (Route("/link", answer, methods=["GET", "POST"]),)
