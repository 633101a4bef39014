"""The figures of an installation, gathered out of its stores."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from worker.core.favourites import favourites
from worker.core.overview import Overview, Requests, begin, last_days, overview
from worker.core.rulesets import unfolded
from worker.core.stock import lately
from worker.model import Rule
from worker.opened import Opened
from worker.pipeline.exemplars import beside
from worker.shelf import Shelf

HOUR = timedelta(hours=1)


async def gathered(opened: Opened, shelf: Shelf, now: datetime, days: int) -> Overview:
    """Those of so many days up to now. Rules are tried in a thread, as it takes a moment.

    Raises Refused if a store cannot be read.
    """
    wanted = last_days(now, days)
    figures = await opened.statistics.figures(begin(wanted[0]))
    recent, sets = lately(await shelf.window(), days), opened.settings.rule_sets
    rules_ = [Rule(each.query, each.query) for each in figures.rules]
    texts = [rule.query for rule in unfolded(rules_, sets)]
    stock = await beside(recent, texts, opened.papers, opened.ledger)
    rules = await asyncio.to_thread(lambda: favourites(figures.rules, stock, sets))
    intakes = await opened.papers.intakes(0)
    return overview(figures, intakes, rules, await _requests(opened, now), wanted)


async def _requests(opened: Opened, now: datetime) -> Requests:
    """Requests of the last hour count, whatever became of them."""
    an_hour = opened.settings.web.confirmations_per_hour
    asked = sum((await opened.statistics.figures(now - HOUR)).asks.values())
    return Requests(an_hour, max(0, an_hour - asked))
