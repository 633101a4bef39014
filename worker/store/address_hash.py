"""What an address is known by on the suppression list, also after it was erased."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

SALT: Final = "suppression_salt"
"""The key in ``meta``. It lies with the list, not with the keys: who loses those loses no list."""


def address_hash(salt: str, address: str) -> str:
    """The same for all spellings that are one subscriber; nobody reads the address out of it."""
    octets = address.casefold().encode("utf-8", "surrogatepass")
    return hmac.digest(salt.encode(), octets, hashlib.sha256).hex()
