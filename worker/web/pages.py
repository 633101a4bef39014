"""Pages out of templates: every answer of the site that is HTML is made here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import HTMLResponse

from worker.core.jinja import environment, faults_of


@dataclass(frozen=True, slots=True)
class About:
    """What every page says of the site: its name, and ``base``, which every link begins with.

    The operator's page ``is_alone``: where it is, there is no other to lead to.
    """

    name: str
    base: str
    is_alone: bool = False


class Pages:
    """The templates of the site by name. Raises RenderError for one that does not parse."""

    def __init__(self, sources: Mapping[str, str], about: About) -> None:
        made = environment(sources, autoescape=True)
        self.about = about
        self._templates = {}
        self._fixed: dict[tuple[str, int], bytes] = {}
        for name in sources:
            with faults_of(name):
                self._templates[name] = made.get_template(name)

    def __call__(self, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """The page of that template. Templates get plain values only, and these are all escaped."""
        return HTMLResponse(self.text(name, **values), status)

    def fixed(self, name: str, status: int) -> HTMLResponse:
        """The page of that template that says the same to everybody, by its status alone."""
        key = name, status
        if key not in self._fixed:
            self._fixed[key] = self.text(name, code=status).encode()
        return HTMLResponse(self._fixed[key], status)

    def text(self, name: str, **values: object) -> str:
        """What that template makes, be it a page or not."""
        with faults_of(name):
            return self._templates[name].render(site=self.about, **values)
