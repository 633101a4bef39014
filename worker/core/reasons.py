"""Why an address is never mailed again, in words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from worker.deliveries import Reason, Suppression

IN_WORDS: Final = MappingProxyType(
    {
        Reason.BOUNCES: "its mail servers refused it again and again",
        Reason.COMPLAINT: "its owner called our mail spam",
        Reason.OPERATOR: "put on the list by hand",
        Reason.ERASED: "its owner wanted to be forgotten",
    }
)


def why(entry: Suppression | None) -> str:
    """Since when and why; with the server's words or the operator's, where there are any."""
    if entry is None:
        return "suppressed"
    note = f" ({entry.note})" if entry.note else ""
    return f"suppressed since {entry.at:%Y-%m-%d}: {IN_WORDS[entry.reason]}{note}"
