"""The form that strangers fill in, as the pages show it: fresh, or again as it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from worker.core.form import USUAL, fields_of, filled
from worker.core.timetable import Fields
from worker.model import Preferences
from worker.web.choices import filled_in
from worker.web.formtoken import renewed
from worker.web.offered import offered
from worker.web.site import Site

PURPOSE: Final = "subscribe"
NO_FAULTS: Final[Mapping[str, str]] = {}


def usual(site: Site) -> Preferences:
    """What the form asks for before anybody touched it: nothing yet, each morning."""
    settings = site.settings
    return replace(
        USUAL,
        timezone=settings.web.timezone,
        when_empty=settings.when_empty,
        max_papers=settings.max_papers,
    )


def form(
    site: Site, sent: Fields | None = None, faults: Mapping[str, str] = NO_FAULTS
) -> dict[str, object]:
    """What ``signupform.html.j2`` is given."""
    fresh = fields_of(usual(site))
    fields = fresh if sent is None else filled(sent, usual(site))
    return {
        "form": renewed(site, fields, PURPOSE),
        "sets": offered(site.settings.rule_sets, fields["rules"]),
        **filled_in(fields, fresh, faults),
    }
