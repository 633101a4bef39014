"""Which page answers what: the whole site at one look."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Mount

from worker.web import fixed, front
from worker.web.links import NoSuchLink, no_such_link
from worker.web.site import Site

PAGES = (*front.ROUTES,)


def app_of(site: Site) -> Starlette:
    """The site as an ASGI application, below the path of its base_url."""
    routes = [*PAGES, *fixed.routes()]
    base = site.pages.about.base
    mounted = [Mount(base, routes=routes)] if base else routes
    app = Starlette(routes=mounted, exception_handlers={NoSuchLink: no_such_link})
    app.state.site = site
    return app
