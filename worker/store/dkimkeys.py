"""Making the keys that mail is signed with, each in a file of its own, 0600."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from worker import durable
from worker.core.dkimkey import RSA_BITS, Kind


def create(path: Path, kind: Kind) -> bool:
    """Make a key of that kind. Gives False, and changes nothing, where a file is already."""
    # Asked first, as the folder of a key that is there need not be one that we may write to.
    return not path.exists() and durable.write_new(path, _pem(kind))


def _pem(kind: Kind) -> bytes:
    private: rsa.RSAPrivateKey | Ed25519PrivateKey
    match kind:
        case "rsa":
            private = rsa.generate_private_key(65537, RSA_BITS[0])
        case "ed25519":
            private = Ed25519PrivateKey.generate()
        case _:
            assert_never(kind)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
