"""Keys for tests, and what a receiver makes of a signed message, by dkimpy and a made-up DNS."""

from __future__ import annotations

from functools import cache

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from worker.core.dkim import Signer, Signing
from worker.core.dkimkey import Kind, read_key

DOMAIN = "example.org"


def pem(private: PrivateKeyTypes) -> bytes:
    """The key as its file has it."""
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def rsa_pem(bits: int = 2048) -> bytes:
    """An RSA key, the same one for all tests of a run."""
    return pem(rsa.generate_private_key(65537, bits))


@cache
def ed25519_pem() -> bytes:
    """An Ed25519 key, always the same one."""
    return pem(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def signer(kind: Kind) -> Signer:
    """A signer whose selector ends with its kind."""
    return Signer(f"test-{kind}", read_key(rsa_pem() if kind == "rsa" else ed25519_pem(), kind))


@cache
def both() -> Signing:
    """Both keys at once."""
    return Signing(DOMAIN, (signer("rsa"), signer("ed25519")))


def published(signing: Signing) -> dict[str, str]:
    """What DNS says once the records are there."""
    return {
        f"{one.selector}._domainkey.{signing.domain}": (
            f"v=DKIM1; k={one.key.kind}; p={one.key.public}"
        )
        for one in signing.signers
    }


def verdicts(message: bytes, dns: dict[str, str]) -> list[bool]:
    """For each signature from the top, whether it holds."""

    def text(name: bytes, timeout: float = 5) -> bytes | None:
        found = dns.get(name.decode().rstrip("."))
        return found.encode() if found else None

    count = message.partition(b"\r\n\r\n")[0].lower().count(b"dkim-signature:")
    return [_holds(message, number, text) for number in range(count)]


def _holds(message: bytes, number: int, text: object) -> bool:
    try:
        return bool(dkim.DKIM(message).verify(number, dnsfunc=text))
    except dkim.DKIMException:
        return False
