"""An address as pages and mails show it to who knows it anyway: enough to recognise, no more."""

from __future__ import annotations


def masked(address: str) -> str:
    """As in ``r…@example.org``: the first character, and where it is."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
