"""Hosts, as configuration and links name them: which of them are this very machine."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")


def ip(host: str) -> IPv4Address | IPv6Address | None:
    """The address that this text is, None if it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def plain(host: str) -> IPv4Address | IPv6Address | None:
    """The same; one of IPv4 that is written as one of IPv6 is what it is."""
    address = ip(host)
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(host: str) -> bool:
    """Whether that host is this machine, whatever a name server says."""
    address = ip(host)
    return address.is_loopback if address else host.lower() == "localhost"


def may_be_inside(host: str) -> bool:
    """Whether that host is not out in the world by what is written: no name is looked up here.

    That is ``localhost``, what is below it, and every number that is no global address, also in the
    ways of writing one that only a C library reads (``127.1``, ``0x7f000001``).
    """
    if address := plain(host):
        return not address.is_global
    last = host.lower().rstrip(".").rpartition(".")[2]
    return last in ("localhost", "") or _NUMBER.fullmatch(last) is not None
