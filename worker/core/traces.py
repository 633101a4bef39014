"""What the limits count by, and what of a network may be kept and shown.

An address leaves nothing but hashes here: who has only these can count, and cannot mail or look up.
"""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import ip_network
from typing import Final

from worker.asks import Traces
from worker.core.host import plain

_LENGTH: Final = 32
_GMAIL: Final = frozenset({"gmail.com", "googlemail.com"})
_COUNTED: Final = {4: 32, 6: 64}
_KEPT: Final = {4: 24, 6: 48}


def traces(key: bytes, address: str, peer: str) -> Traces:
    """The traces of who asks for ``address`` from the IP address ``peer``, empty if unknown."""
    domain = address.rpartition("@")[2].lower()
    network = _network(peer, _COUNTED)
    return Traces(
        address=_hash(key, "address", folded(address)),
        network=_hash(key, "network", network) if network else "",
        domain=domain,
    )


def shortened(peer: str) -> str:
    """The network of an IP address that may be kept: ``192.0.2.0/24``, a /48 of IPv6, or empty."""
    return _network(peer, _KEPT)


def folded(address: str) -> str:
    """One spelling for all that are likely one mailbox: for counting only, never for mailing.

    Without case, and without ``+tag``; Gmail reads no dots, and has two names.
    """
    local, _, domain = address.casefold().rpartition("@")
    mailbox = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{mailbox.replace('.', '')}@gmail.com"
    return f"{mailbox}@{domain}"


def _network(peer: str, bits: dict[int, int]) -> str:
    address = plain(peer)
    if address is None:
        return ""
    return str(ip_network((address.packed, bits[address.version]), strict=False))


def _hash(key: bytes, use: str, text: str) -> str:
    """The use goes in first and ends with NUL, so no two uses ever share a hash."""
    octets = f"trace {use}\0{text}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, octets, hashlib.sha256).hex()[:_LENGTH]
