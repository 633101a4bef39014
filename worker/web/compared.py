"""What a change of rules would have made of the last 30 days, as the page shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from worker.core.difference import Difference, difference
from worker.core.outlook import lately
from worker.core.view import Entry
from worker.model import Rule
from worker.web.site import Site


@dataclass(frozen=True, slots=True)
class Compared:
    """The rules before and after, on the papers of a span of time; ``otherwise`` are sentences
    on what else would change. Without ``papers`` there was nothing to compare on; ``untried`` rules
    would have taken too long.
    """

    lately: str
    papers: int
    before: int
    after: int
    more: int
    fewer: int
    added: tuple[Entry, ...]
    lost: tuple[Entry, ...]
    otherwise: tuple[str, ...]
    untried: int


async def compared(
    site: Site, before: Sequence[Rule], after: Sequence[Rule], otherwise: tuple[str, ...]
) -> Compared:
    """Nothing is saved by it."""
    stock = await site.shelf.stock()
    what = await asyncio.to_thread(difference, before, after, stock)
    return _shown(what, stock.days, stock.size, otherwise)


def _shown(what: Difference, days: int, papers: int, otherwise: tuple[str, ...]) -> Compared:
    return Compared(
        lately=lately(days),
        papers=papers,
        before=what.before,
        after=what.after,
        more=what.more,
        fewer=what.fewer,
        added=what.added,
        lost=what.lost,
        otherwise=otherwise,
        untried=what.untried,
    )
