"""Which ways out there are, and which of them have had all that they may get for now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from worker.core.breaker import is_open
from worker.core.moments import moment
from worker.core.quota import DAY, LIMITLESS, MINUTE, Limits, minute, next_at, warm_up
from worker.deliveries import Brake, Breaker, HandedOver

SPAN: Final = DAY + MINUTE
"""How far back any limit looks."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The limits of each server by its name, and of recipient domains; ``usual`` is that of a
    domain without one of its own. ``warm_up_from`` is the first day of a new sender.
    """

    servers: Mapping[str, Limits]
    domains: Mapping[str, Limits] = field(default_factory=lambda: MappingProxyType({}))
    usual: Limits = LIMITLESS
    warm_up_from: date | None = None


def in_the_way(breakers: Iterable[Breaker], ways: Ways, now: datetime) -> tuple[Breaker, ...]:
    """Those that keep mail back: one of several servers does not, while another takes it."""
    known = tuple(breakers)
    down = {each.name for each in known if each.brake is Brake.SERVER and is_open(each, now)}
    all_down = down >= ways.servers.keys()
    return tuple(each for each in known if each.brake is not Brake.SERVER or all_down)


def spent(ways: Ways, handed_over: Iterable[HandedOver], now: datetime) -> tuple[str, ...]:
    """A line for each server and domain that has had all that it may get for now."""
    by_server: defaultdict[str, Counter[datetime]] = defaultdict(Counter)
    by_domain: defaultdict[str, Counter[datetime]] = defaultdict(Counter)
    in_all: Counter[datetime] = Counter()
    for each in handed_over:
        for sent in (by_server[each.server], by_domain[each.domain], in_all):
            sent[minute(each.at)] += each.count
    first = ways.warm_up_from
    warming = Limits(per_day=warm_up(first, now.date())) if first else LIMITLESS
    return (
        *_line("this new sender", warming, in_all, now),
        *(line for name, limits in ways.servers.items()
          for line in _line(name, limits, by_server[name], now)),
        *(line for name, sent in sorted(by_domain.items())
          for line in _line(name, ways.domains.get(name, ways.usual), sent, now)),
    )  # fmt: skip


def _line(name: str, limits: Limits, sent: Counter[datetime], now: datetime) -> Iterator[str]:
    free_at = next_at(limits, sent, now)
    if free_at > now:
        yield f"{name}: its limit is reached, no more until {moment(free_at, now)}"
