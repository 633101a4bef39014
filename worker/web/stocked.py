"""What rules are tried on by those who wait for a page."""

from __future__ import annotations

from collections.abc import Iterable

from worker.core.stock import Stock
from worker.model import Rule
from worker.pipeline.exemplars import beside
from worker.web.site import Site


async def tried_on(site: Site, rules: Iterable[Rule]) -> Stock:
    """The papers at hand, and those that these rules want others to be like."""
    opened, stock = site.opened, await site.shelf.at_hand()
    return await beside(stock, (rule.query for rule in rules), opened.papers, opened.ledger)
