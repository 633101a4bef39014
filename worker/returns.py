"""What comes back to us by mail: bounces, complaints, wishes and commands, as types.

Only what carries a token that we made is anything but ``Ignored`` or ``Unknown``: a sender address
proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.deliveries import (
    DeliveryId,
)
from worker.outcomes import (
    Cause,
)

LOOKED_AT = 2_000_000
"""Octets of one mail that are looked at; nothing of ours stands behind them."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was found. ``recipients`` are those of its envelope, where that is known."""

    content: bytes
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One mail in a postbox. ``mark`` is what the postbox itself knows it by."""

    mark: str
    mail: Mail


@dataclass(frozen=True, slots=True)
class Undelivered:
    """The message of this delivery did not reach its mailbox, for good (RFC 3464, ``failed``).

    ``reply`` is the last server's word, one line, without addresses.
    """

    delivery: DeliveryId
    cause: Cause
    reply: str


@dataclass(frozen=True, slots=True)
class Complained:
    """A subscriber said that it is spam (RFC 5965): the one of this ``uid``, of this ``delivery``.

    At least one of the two is there; who complains tells which of our tokens he left in.
    """

    uid: int | None
    delivery: DeliveryId | None = None
    kind: str = "abuse"


@dataclass(frozen=True, slots=True)
class Leaving:
    """The subscriber of this ``uid`` wrote to the unsubscribe address (RFC 2369)."""

    uid: int


@dataclass(frozen=True, slots=True)
class Commanded:
    """The subscriber of this ``uid`` answered a digest; ``text`` is what he wrote, quotes cut off.

    ``message_id`` is that of his mail, with its brackets, or empty.
    """

    uid: int
    text: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to be done: an auto-reply, a mail that is only late, a note of arrival."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not for a program: nothing in it that we made. A person has to look."""

    why: str


Returned = Undelivered | Complained | Leaving | Commanded | Ignored | Unknown
