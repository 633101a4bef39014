"""What somebody should know of each of his rules, as the page beside them says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from worker.core.advice import AdviceKind
from worker.core.named import MOST_RULES, shown
from worker.core.rulesets import unfolded
from worker.core.stock import Stock
from worker.core.trial import Tried, roomier, trial
from worker.model import Rule
from worker.web.seats import seated_reader
from worker.web.site import Site
from worker.web.stocked import tried_on
from worker.web.turned import Turned


@dataclass(frozen=True, slots=True)
class Advised:
    """A rule as it is written, what it catches, and advice."""

    rule: str
    said: str
    advice: tuple[str, ...]


async def advised(site: Site, rules: Sequence[Rule]) -> Sequence[Advised]:
    """Each of the rules; none if there are no papers to try them on, or too many try theirs."""
    all_ = unfolded(rules, site.settings.rule_sets)
    most = roomier(MOST_RULES, rules, all_)
    stock = await tried_on(site, all_)
    if not stock.size:
        return []
    try:
        return await seated_reader(site, partial(_advised, all_, stock, most))
    except Turned:  # his page is there for him all the same
        return []


def _advised(rules: Sequence[Rule], stock: Stock, most: int) -> list[Advised]:
    return [_of(one, stock.days) for one in trial(rules, stock, most).rules]


def _line(rule: Rule) -> str:
    """A rule of a set that has no name of its own is headed by its text: once is enough."""
    return rule.name if rule.name.endswith(f": {rule.query}") else shown(rule)


def _of(one: Tried, days: int) -> Advised:
    if one.wrong:
        return Advised(_line(one.rule), "", (f"It cannot be read: {one.wrong.reason}.",))
    if one.untried:
        return Advised(_line(one.rule), "", ("It would take too long to try it here.",))
    papers = "1 paper" if one.papers == 1 else f"{one.papers:,} papers"
    lately = "on the last day" if days == 1 else f"in the last {days} days"
    is_told = any(each.kind is AdviceKind.DEAD for each in one.advice)
    advice = tuple(each.text for each in one.advice)
    return Advised(_line(one.rule), "" if is_told else f"{papers} {lately}", advice)
