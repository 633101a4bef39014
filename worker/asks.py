"""What strangers ask for on the site, and how much of it is listened to.

An ask is noted first and acted on later, so that the answer of the site is the same for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from worker.deliveries import DeliveryKind
from worker.digests import Slot
from worker.model import Preferences, SubscriberId

CONFIRM_WITHIN = timedelta(hours=48)
"""A confirmation is waited for so long; then nothing is left of the ask."""

NETWORK_KEPT = timedelta(days=30)
"""How long the network is kept that a confirmed ask came from, as proof of consent."""


class AskKind(StrEnum):
    """What is asked for."""

    SUBSCRIBE = "subscribe"
    LINK = "link"  # mail me the link to my preferences
    MOVE = "move"  # mail me at this address from now on


class AskState(StrEnum):
    """How far it has come."""

    NEW = "new"  # nobody looked at it yet
    MAILED = "mailed"  # a mail is on its way that it can be confirmed by
    CONFIRMED = "confirmed"
    CLOSED = "closed"  # nothing comes of it, or nothing more


@dataclass(frozen=True, slots=True)
class Traces:
    """What the limits count by: hashes of the address and of the network, and the mail domain."""

    address: str
    network: str
    domain: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One form, sent and read.

    ``number`` is random: the confirmation link carries it. ``form`` is that of the form, so that
    none is sent twice. ``network`` is cut short (``192.0.2.0/24``), empty where it is not known or
    no longer kept. ``mover`` is the uid of who moves here. ``subscriber`` was mailed about it.
    """

    number: int
    kind: AskKind
    at: datetime
    address: str
    wanted: Preferences | None
    traces: Traces
    network: str
    form: int
    mover: int | None = None
    state: AskState = AskState.NEW
    subscriber: SubscriberId | None = None
    confirmed_at: datetime | None = None

    @property
    def expires(self) -> datetime:
        """From this instant on it cannot be confirmed."""
        return self.at + CONFIRM_WITHIN


@dataclass(frozen=True, slots=True)
class Asked:
    """That somebody asked, as far as the limits are concerned."""

    at: datetime
    traces: Traces


class Scope(StrEnum):
    """What a limit is on."""

    ADDRESS = "address"
    NETWORK = "network"
    DOMAIN = "domain"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Limit:
    """So ``many`` in any stretch of time ``within``."""

    many: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """How many asks are listened to. ``mover``: of one who moves, whose old address is told."""

    address: tuple[Limit, ...] = (
        Limit(1, timedelta(minutes=15)),
        Limit(3, timedelta(days=1)),
    )
    network: tuple[Limit, ...] = (
        Limit(5, timedelta(minutes=10)),
        Limit(20, timedelta(days=1)),
    )
    domain: tuple[Limit, ...] = (Limit(30, timedelta(hours=1)),)
    all: tuple[Limit, ...] = (Limit(100, timedelta(hours=1)),)
    mover: tuple[Limit, ...] = (Limit(3, timedelta(days=1)),)


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail to a subscriber that is no digest and answers no mail of his.

    A ``kind`` CONFIRM carries the link that confirms the ``ask`` of that number. ``subscriber`` 0
    is whoever joins by the same transaction. ``lines`` are as those of an answer: its title first.
    """

    subscriber: SubscriberId
    kind: DeliveryKind
    slot: Slot
    lines: tuple[str, ...]
    message_id: str
    at: datetime
    ask: int | None = None
