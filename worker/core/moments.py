"""Instants and spans of time as people read and write them; always in UTC."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from worker.model import Refused

_UNITS: Final = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("min", timedelta(minutes=1)),
)
_SOON: Final = timedelta(hours=12)
_NEAR: Final = timedelta(days=180)


def moment(at: datetime, now: datetime) -> str:
    """As short as it is clear from ``now``: ``14:05 UTC``, ``Thu 27 Nov 14:05 UTC``."""
    if at.date() == now.date() or now < at < now + _SOON:
        return f"{at:%H:%M} UTC"
    if abs(at - now) < _NEAR:
        return f"{at:%a %d %b %H:%M} UTC"
    return f"{at:%Y-%m-%d %H:%M} UTC"


def span(length: timedelta) -> str:
    """In one unit of which there are two at least: ``26 h``, ``3 d``; ``0 min`` for a moment."""
    for name, unit in _UNITS:
        if length >= 2 * unit:
            return f"{length // unit} {name}"
    return f"{max(length // timedelta(minutes=1), 0)} min"


def read_span(text: str) -> timedelta:
    """The reverse: ``26h``, ``3 d``, ``90min``. Raises Refused."""
    found = re.fullmatch(r"(\d{1,4}) ?(d|h|min)", text.strip().lower())
    if found is None:
        raise Refused(f"{text[:40]!r} is no span of time such as 26h, 3d or 90min")
    return int(found[1]) * dict(_UNITS)[found[2]]
