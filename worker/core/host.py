"""Hosts, as configuration and links name them: which of them are this very machine."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def ip(host: str) -> IPv4Address | IPv6Address | None:
    """The address that this text is, None if it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether that host is this machine, whatever a name server says."""
    address = ip(host)
    return address.is_loopback if address else host.lower() == "localhost"
