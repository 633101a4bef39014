"""Which page answers what: the whole site at one look."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount, Router

from worker.core.doors import house
from worker.web import (
    archive,
    buttons,
    confirming,
    digest,
    exporting,
    feed,
    fixed,
    front,
    health,
    leaving,
    linking,
    preferences,
    privacy,
    subscribing,
    trying,
    why,
)
from worker.web.guard import Guard
from worker.web.site import Site
from worker.web.turned import Turned, turned

PAGES = (
    *front.ROUTES,
    *subscribing.ROUTES,
    *trying.ROUTES,
    *confirming.ROUTES,
    *linking.ROUTES,
    *privacy.ROUTES,
    *leaving.ROUTES,
    *buttons.ROUTES,
    *exporting.ROUTES,
    *why.ROUTES,
    *preferences.ROUTES,
    *digest.ROUTES,
    *feed.ROUTES,
    *archive.ROUTES,
)

ELSE = {
    Turned: turned,
    HTTPException: turned,
    Exception: turned,
}


def app_of(
    site: Site,
    pages: Sequence[BaseRoute] = PAGES,
    last_tick: health.LastTick = health.no_daemon,
) -> Guard:
    """The site as an ASGI application, below the path of its base_url.

    ``last_tick`` is that of the daemon it is in.
    """
    routes = [*pages, *fixed.routes(), *health.routes(last_tick)]
    router = Router(routes, redirect_slashes=False)
    base = site.pages.about.base
    app = Starlette(routes=[Mount(base, app=router)], exception_handlers=ELSE)
    app.router.redirect_slashes = False
    app.state.site = site
    return Guard(app, site.pages, house(site.settings.base_url), site.settings.web.proxies)
