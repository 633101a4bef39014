"""Attempts, suppressions and breakers out of rows."""

from __future__ import annotations

from sqlalchemy import RowMapping

from worker.deliveries import (
    Attempt,
    Brake,
    Breaker,
    DeliveryState,
    Reason,
    Suppression,
)
from worker.store.rows_digests import out_of


def attempt(row: RowMapping) -> Attempt:
    """The attempt of a row. Raises Refused if it cannot be read."""
    return out_of(
        lambda each: Attempt(
            each["at"], DeliveryState(each["state"]), each["server"], each["reply"]
        ),
        row,
        "attempt",
    )


def suppression(row: RowMapping) -> Suppression:
    """The entry of a row. Raises Refused if it cannot be read."""
    return out_of(
        lambda each: Suppression(each["address"], Reason(each["reason"]), each["at"], each["note"]),
        row,
        "suppression",
    )


def breaker(row: RowMapping) -> Breaker:
    """The breaker of a row. Raises Refused if it cannot be read."""
    return out_of(
        lambda each: Breaker(
            Brake(each["brake"]),
            each["name"],
            each["since"],
            each["until"],
            each["failures"],
            each["reply"],
            each["ours"],
        ),
        row,
        "breaker",
    )
