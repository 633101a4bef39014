"""How a reader's rules fared: papers per day, and this week against the week before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Final

from worker.core.batch import Batch
from worker.core.outlook import is_weekly
from worker.core.past import WEEK
from worker.core.query import QueryError
from worker.digests import Change, Trend, Week
from worker.model import Rule
from worker.schedules import Monthly, Schedule

_FEWEST: Final = 3
"""Papers in one of the two weeks: with fewer it is chance."""
_MOST: Final = 3
"""Rules that rose, or fell, in one digest."""


def trends(rules: Iterable[Rule], batch: Batch) -> tuple[Trend, ...]:
    """One for each of the rules that can be read, in their order; none without a past."""
    return tuple(_trends(rules, batch))


def week(schedule: Schedule, day: date, told: Sequence[Trend], batch: Batch) -> Week | None:
    """What changed in the last week of the past, for one who is mailed weekly or monthly.

    None on another schedule, if nothing changed, and if that week is over for long on this day.
    """
    seldom = is_weekly(schedule) or isinstance(schedule, Monthly)
    if not (seldom and batch.past.days and day - batch.past.days[0].day < timedelta(WEEK)):
        return None
    made = compared(told, batch.fared.words)
    return made if made != Week() else None


def compared(told: Iterable[Trend], words: tuple[tuple[str, int], ...] = ()) -> Week:
    """The rules that rose and fell by half or more, as far as two whole weeks are known."""
    changes = [_change(each) for each in told if len(each.days) >= 2 * WEEK]
    rose = [one for one in changes if one.now >= max(_FEWEST, 1.5 * one.before)]
    fell = [one for one in changes if one.before >= max(_FEWEST, 2 * one.now)]
    rose.sort(key=lambda one: (one.before / one.now, -one.now))
    fell.sort(key=lambda one: (one.now / one.before, -one.before))
    return Week(tuple(rose[:_MOST]), tuple(fell[:_MOST]), words)


def _trends(rules: Iterable[Rule], batch: Batch) -> Iterator[Trend]:
    if not batch.past.days:
        return
    last = batch.past.days[0].day
    for rule in rules:
        with suppress(QueryError):  # his digest has a note of it
            yield Trend(rule.name, last, batch.fared.daily(rule.query))


def _change(trend: Trend) -> Change:
    return Change(trend.rule, sum(trend.days[-WEEK:]), sum(trend.days[-2 * WEEK : -WEEK]))
