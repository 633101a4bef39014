"""The link to one's preferences, mailed to whoever has lost it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.asks import AskKind
from worker.core.form import address_in
from worker.core.timetable import Fields, WrongField
from worker.web.asking import ask
from worker.web.forms import fields
from worker.web.formtoken import checked, renewed
from worker.web.signupform import NO_FAULTS
from worker.web.site import Site, site_of

PURPOSE: Final = "link"


async def show(request: Request) -> Response:
    """The form."""
    return _page(site_of(request), {})


async def send(request: Request) -> Response:
    """What comes of it, which is the same page whoever asks."""
    site = site_of(request)
    sent = await fields(request)
    try:
        address = address_in(sent)
    except WrongField as wrong:
        return _page(site, sent, {wrong.field: str(wrong)}, 422)
    form = checked(site, sent, PURPOSE)
    if form is not None:
        await ask(request, AskKind.LINK, address, form)
    return site.pages("asked.html.j2", what="link")


def _page(
    site: Site,
    sent: Fields,
    faults: Mapping[str, str] = NO_FAULTS,
    status: int = 200,
) -> Response:
    return site.pages(
        "link.html.j2",
        status,
        form=renewed(site, sent, PURPOSE),
        fields={"address": sent.get("address", "")},
        faults=faults,
    )


ROUTES: Final = (
    Route("/link", show, methods=["GET"]),
    Route("/link", send, methods=["POST"]),
)
