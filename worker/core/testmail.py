"""A digest as a test of it: to somebody else, under a name of its own, its links nobody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from worker.core.sample import sample_delivery
from worker.deliveries import Delivery, DeliveryId
from worker.digests import Slot
from worker.model import Subscriber

PREFIX = "[Test] "
NOBODY = 0
"""No subscriber's number, and no delivery's: links and bounces of a test lead nowhere."""


def as_test(
    digest: Delivery | None, to: str, whose: Subscriber | None, now: datetime
) -> tuple[Delivery, Slot]:
    """The digest, or a sample, on its way to that address; and the slot that names the message.

    If the address is ``whose``, the links are his own; never those of whose digest it is.
    """
    shown = digest or sample_delivery()
    delivery = replace(
        shown,
        id=DeliveryId(NOBODY),
        uid=whose.uid if whose else NOBODY,
        epoch=whose.epoch if whose else 0,
        address=to,
        planned_at=now,
    )
    return delivery, Slot(f"test {now.isoformat()}", now.date())
