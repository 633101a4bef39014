"""Which page answers what: the whole site at one look."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount

from worker.web import exporting, fixed, front, leaving, owned, preferences
from worker.web.links import NoSuchLink, no_such_link
from worker.web.site import Site
from worker.web.turned import Turned, turned

PAGES = (
    *front.ROUTES,
    *leaving.ROUTES,
    *owned.ROUTES,
    *exporting.ROUTES,
    *preferences.ROUTES,
)

_ELSE = {
    NoSuchLink: no_such_link,
    Turned: turned,
    HTTPException: turned,
    Exception: turned,
}


def app_of(site: Site, pages: Sequence[BaseRoute] = PAGES) -> Starlette:
    """The site as an ASGI application, below the path of its base_url."""
    routes = [*pages, *fixed.routes()]
    base = site.pages.about.base
    mounted = [Mount(base, routes=routes)] if base else routes
    app = Starlette(routes=mounted, exception_handlers=_ELSE)
    app.state.site = site
    return app
