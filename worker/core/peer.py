"""Who really asks, when others ask on his behalf (X-Forwarded-For)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network

from worker.core.host import plain


def peer(socket_peer: str, forwarded: Sequence[str], proxies: Iterable[str]) -> str:
    """The nearest address that is no proxy of ours; what it says of others is not believed.

    ``forwarded`` are the values of the header as they came, ``proxies`` the networks of ours. A
    header that nobody of ours wrote, or none can have written, is as if it were not there.
    """
    ours = [ip_network(each) for each in proxies]

    def is_ours(address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in ours)

    nearest = _address(socket_peer)
    if nearest is None or not is_ours(nearest):
        return str(nearest or socket_peer)
    for text in reversed([part for value in forwarded for part in value.split(",")]):
        said = _address(text.strip())
        if said is None:
            return str(nearest)
        if not is_ours(said):
            return str(said)
    return str(nearest)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address, also as some proxies write it: with a port, in brackets."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return plain(text)
