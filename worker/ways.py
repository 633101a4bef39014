"""The ways out of one installation, as its settings name them."""

from __future__ import annotations

from worker.config.settings import Settings
from worker.core.quota import Limits
from worker.core.ways import Ways


def ways(settings: Settings) -> Ways:
    """Every mail server with its limits, and the limits of recipient domains."""
    return Ways(
        servers={each.name: Limits(each.per_hour, each.per_day) for each in settings.servers},
        domains={each.name: Limits(per_hour=each.per_hour) for each in settings.domains},
        usual=Limits(per_hour=settings.domain_per_hour),
        warm_up_from=settings.warm_up_from,
    )
