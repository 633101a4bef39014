"""Who is mailed what."""

from __future__ import annotations

from typing import Final

from worker.deliveries import DeliveryKind
from worker.model import SubscriberState

MAY_GET: Final = {
    DeliveryKind.DIGEST: frozenset({SubscriberState.ACTIVE}),
    # also who leaves by that very mail, once
    DeliveryKind.ANSWER: frozenset({SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED}),
    # whoever is not on the list, and may come by himself
    DeliveryKind.CONFIRM: frozenset(
        {SubscriberState.PENDING, SubscriberState.UNSUBSCRIBED, SubscriberState.UNLISTED}
    ),
    DeliveryKind.NOTICE: frozenset({SubscriberState.ACTIVE}),
}
"""In which states somebody is mailed what."""

AWAITED: Final = frozenset(DeliveryKind) - {DeliveryKind.DIGEST}
"""What somebody asked for and waits for at this moment: it goes before all digests."""


def stays(kind: DeliveryKind, state: SubscriberState) -> bool:
    """Whether what waits of that kind goes on when somebody comes into that state, or pauses."""
    return kind is not DeliveryKind.DIGEST and state in MAY_GET[kind]
