"""All that is kept about somebody, for him to take away."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.export import Kept, export
from worker.deliveries import DeliveryState
from worker.model import Subscriber
from worker.opened import Opened
from worker.web.private import once_subscribed
from worker.web.site import site_of

FILE: Final = "paper-round.json"


async def show(request: Request, who: Subscriber) -> Response:
    """The document, as a file."""
    site = site_of(request)
    kept = await _kept(site.opened, who)
    now, name = site.clock.now(), site.pages.about.name
    text = await asyncio.to_thread(
        lambda: json.dumps(export(kept, name, now), indent=2, ensure_ascii=False)
    )
    headers = {"Content-Disposition": f'attachment; filename="{FILE}"'}
    return Response(text, media_type="application/json", headers=headers)


async def _kept(stores: Opened, who: Subscriber) -> Kept:
    deliveries = await stores.ledger.deliveries(DeliveryState, who.id)
    over = [pick for one in deliveries for pick in (*one.digest.rest, *one.digest.removed)]
    return Kept(
        who=who,
        deliveries=deliveries,
        attempts={one.id: await stores.record.attempts(one.id) for one in deliveries},
        papers=await stores.ledger.papers(pick.which for pick in (*who.held_over, *over)),
        asks=await stores.signups.consents(who.id),
        suppression=await stores.suppressions.find(who.address),
    )


ROUTES: Final = (Route("/p/{token:path}/export.json", once_subscribed(show), methods=["GET"]),)
