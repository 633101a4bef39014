"""How an installation has been going: its figures day by day, as page and command show them.

Days are those of UTC, and every day is there, also where there was nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeVar

from worker.asks import AskState
from worker.core.favourites import Favourites
from worker.core.receipt import new_and_seen
from worker.deliveries import DeliveryKind, DeliveryState, Reason
from worker.figures import Figures, Queue
from worker.model import Intake, SubscriberState

What = TypeVar("What", bound=Hashable)

_DIGESTS: Final = {
    "sent": (DeliveryState.SENT,),
    "superseded": (DeliveryState.SUPERSEDED,),
    "cancelled": (DeliveryState.CANCELLED,),
    "waiting": (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.DEFERRED),
    "uncertain": (DeliveryState.UNCERTAIN,),
    "expired": (DeliveryState.EXPIRED,),
    "failed": (DeliveryState.FAILED,),
}
_ATTEMPTS: Final = {
    "deferred": (DeliveryState.DEFERRED,),
    "uncertain": (DeliveryState.UNCERTAIN,),
    "failed": (DeliveryState.FAILED,),
}
_SUPPRESSIONS: Final = {reason.value: (reason,) for reason in Reason}
_ASKS: Final = {
    "confirmed": (AskState.CONFIRMED,),
    "unconfirmed": (AskState.NEW, AskState.MAILED, AskState.CLOSED),
}
"""What stands at the bottom of a bar comes first."""


@dataclass(frozen=True, slots=True)
class Series:
    """So many of one kind on each of the days."""

    name: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """On all days together."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Requests:
    """How many requests an hour are listened to, and how many of this hour's are left."""

    an_hour: int
    left: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it, as of one moment. ``digests`` are by the day they were planned on, ``papers`` by
    that of their edition; ``attempts`` are those that did not succeed.
    """

    days: tuple[date, ...]
    subscribers: Mapping[SubscriberState, int]
    digests: tuple[Series, ...]
    others: Mapping[DeliveryKind, int]
    papers: tuple[Series, ...]
    attempts: tuple[Series, ...]
    suppressions: tuple[Series, ...]
    asks: tuple[Series, ...]
    requests: Requests
    queue: Queue
    tried: Favourites


def overview(
    figures: Figures,
    intakes: Iterable[Intake],
    tried: Favourites,
    requests: Requests,
    days: Sequence[date],
) -> Overview:
    """The figures since the first of these days, put in order."""
    kinds = (kind for kind in DeliveryKind if kind is not DeliveryKind.DIGEST)
    return Overview(
        days=tuple(days),
        subscribers={state: figures.subscribers.get(state, 0) for state in SubscriberState},
        digests=_series(figures.digests, _DIGESTS, days),
        others={kind: figures.others.get(kind, 0) for kind in kinds},
        papers=_papers(intakes, days),
        attempts=_series(figures.attempts, _ATTEMPTS, days),
        suppressions=_series(figures.suppressions, _SUPPRESSIONS, days),
        asks=_series(figures.asks, _ASKS, days),
        requests=requests,
        queue=figures.queue,
        tried=tried,
    )


def last_days(now: datetime, count: int) -> tuple[date, ...]:
    """So many days that end with this one, the oldest first."""
    today = now.astimezone(UTC).date()
    return tuple(today - timedelta(days=back) for back in reversed(range(count)))


def begin(day: date) -> datetime:
    """The first instant of it."""
    return datetime.combine(day, time(), UTC)


def _series(
    counts: Mapping[tuple[date, What], int],
    kinds: Mapping[str, Iterable[What]],
    days: Sequence[date],
) -> tuple[Series, ...]:
    return tuple(
        Series(name, tuple(sum(counts.get((day, each), 0) for each in those) for day in days))
        for name, those in kinds.items()
    )


def _papers(intakes: Iterable[Intake], days: Sequence[date]) -> tuple[Series, ...]:
    files = list(intakes)
    counts = [new_and_seen(one for one in files if one.day == day) for day in days]
    new, seen = zip(*counts, strict=True)
    return Series("new", new), Series("seen", seen)
