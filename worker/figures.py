"""How it goes, in numbers, for whoever runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from worker.asks import AskState
from worker.deliveries import DeliveryKind, DeliveryState, Reason
from worker.model import SubscriberState

MOST_READ: Final = 50
"""So many queries are named."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What has not gone out yet, of every kind of mail. ``held`` ones are counted twice.

    ``waiting`` was not tried yet. ``since`` is when the oldest was planned of all that will be
    tried (again), or the first of the digests that it took over.
    """

    waiting: int = 0
    deferred: int = 0
    sending: int = 0
    uncertain: int = 0
    held: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A query, and how many have it among their rules."""

    query: str
    readers: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What is so now, and what was since an instant. Days are those of UTC, by when a delivery was
    planned, and all else happened; of what there was nothing, no figure is given.

    ``attempts`` are those that came to anything but ``sent``, bounces among them. ``rules`` are
    those that most who are active have, most first.
    """

    subscribers: Mapping[SubscriberState, int]
    digests: Mapping[tuple[date, DeliveryState], int]
    others: Mapping[DeliveryKind, int]
    attempts: Mapping[tuple[date, DeliveryState], int]
    suppressions: Mapping[tuple[date, Reason], int]
    asks: Mapping[tuple[date, AskState], int]
    queue: Queue
    rules: tuple[Read, ...]
