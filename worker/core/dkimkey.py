"""A private key that signs mail: read from its file, and shown to nobody but as its public half."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Final, Literal, assert_never

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

Kind = Literal["rsa", "ed25519"]

RSA_BITS: Final = (2048, 4096)
"""At least, at most: what receivers must be able to check ends there (RFC 8301, 3.2)."""

_PADDING, _SHA256 = PKCS1v15(), SHA256()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key (RFC 6376) or an Ed25519 key (RFC 8463)."""

    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @property
    def kind(self) -> Kind:
        """What DNS calls it, as ``k=``."""
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    @property
    def public(self) -> str:
        """The public half as DNS has it, as ``p=``."""
        form = (
            (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            if self.kind == "rsa"
            else (Encoding.Raw, PublicFormat.Raw)  # RFC 8463, 4.2
        )
        return base64.b64encode(self.private.public_key().public_bytes(*form)).decode("ascii")

    def sign(self, text: bytes) -> str:
        """The signature of the text, as ``b=``. The same text, the same signature."""
        match self.private:
            case RSAPrivateKey() as rsa:
                signature = rsa.sign(text, _PADDING, _SHA256)
            case Ed25519PrivateKey() as ed25519:
                signature = ed25519.sign(hashlib.sha256(text).digest())  # of the hash: RFC 8463, 3
            case _ as never:
                assert_never(never)
        return base64.b64encode(signature).decode("ascii")


def read_key(pem: bytes, kind: Kind) -> SigningKey:
    """Read a private key in PEM. Raises ValueError, which says what it is instead, and no more."""
    least, most = RSA_BITS
    match kind, _private(pem):
        case "rsa", RSAPrivateKey(key_size=bits) as rsa:
            if not least <= bits <= most:
                raise ValueError(f"has {bits} bits; from {least} to {most} will do")
            return SigningKey(rsa)
        case "ed25519", Ed25519PrivateKey() as ed25519:
            return SigningKey(ed25519)
        case _:
            raise ValueError(f"is a key of another kind than {kind}")


def _private(pem: bytes) -> object:
    # What the library says of a broken key may quote from it: none of it is passed on.
    try:
        return load_pem_private_key(pem, None)
    except TypeError:
        raise ValueError("is locked with a password; it has to be without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("holds no private key in PEM") from None
