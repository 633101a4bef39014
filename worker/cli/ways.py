"""The ways out of one installation, as its settings name them."""

from __future__ import annotations

from worker.config.settings import Settings
from worker.core.quota import Limits
from worker.core.ways import Ways


def ways(settings: Settings) -> Ways:
    """Every mail server with its limits, and the limits of recipient domains."""
    return Ways(servers={"smtp": Limits()})
