"""Signing a message, so that receivers can tell whose it is and that nobody changed it (DKIM).

What readers and their programs go by is covered, both fields for leaving the list among it
(RFC 8058, 4). There is no ``l=``: with it, anybody could add to the body.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from worker.core import canonical
from worker.core.dkimkey import SigningKey
from worker.core.header import LINE_AIM, header, is_domain

COVERED: Final = (
    "from", "subject", "to", "date", "message-id", "mime-version", "content-type", "reply-to",
    "list-id", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted",
)  # fmt: skip

OVER_SIGNED: Final = frozenset({"from", "subject"})
"""Signed once more than they are there: a second one, which readers might show, breaks it all."""

_CHUNK: Final = LINE_AIM - 4


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, and the selector under which receivers find its public half."""

    selector: str
    key: SigningKey


@dataclass(frozen=True, slots=True)
class Signing:
    """How mail is signed: for which domain, and with which keys, each of them on its own.

    Raises ValueError for names that cannot be looked up.
    """

    domain: str
    signers: tuple[Signer, ...]

    def __post_init__(self) -> None:
        for signer in self.signers:
            if not is_domain(key_name(signer, self.domain).replace("_", "x")):
                raise ValueError("domain and selector make no name that DNS can have")

    def signed(self, message: bytes, at: datetime) -> bytes:
        """The message, of CRLF lines, under a signature for each key; same arguments, same bytes.

        Raises ValueError without a From, or if ``at`` is not aware.
        """
        head, _, content = message.partition(b"\r\n\r\n")
        names, lines = _covered(canonical.fields(head))
        if names.count("from") < 2 or at.tzinfo is None:  # once is only the over-signing
            raise ValueError("a signature needs a From and an aware instant")
        tags = (
            f"t={int(at.timestamp())};",
            *_listed(names),
            f"bh={_base64(hashlib.sha256(canonical.body(content)).digest())};",
        )
        return b"".join(self._signature(one, tags, lines) for one in self.signers) + message

    def _signature(self, signer: Signer, tags: tuple[str, ...], lines: bytes) -> bytes:
        pieces = (
            "v=1;",
            f"a={signer.key.kind}-sha256;",
            "c=relaxed/relaxed;",
            f"d={self.domain};",
            f"s={signer.selector};",
            *tags,
            "b=",
        )
        # Wherever it is folded later: in the relaxed form there is one space between two pieces.
        itself = f"dkim-signature:{' '.join(pieces)}".encode("ascii")
        signature = signer.key.sign(lines + itself)
        cut = [signature[at : at + _CHUNK] for at in range(0, len(signature), _CHUNK)]
        return header("DKIM-Signature", *pieces, *cut).encode("ascii")


def key_name(signer: Signer, domain: str) -> str:
    """Where in DNS the public half is looked for (RFC 6376, 3.6.2.1)."""
    return f"{signer.selector}._domainkey.{domain}"


def _covered(fields: list[canonical.Field]) -> tuple[list[str], bytes]:
    """The names for ``h=``, and what they stand for: of equal ones, the last comes first."""
    present: defaultdict[str, list[bytes]] = defaultdict(list)
    for field, line in fields:
        present[field.decode("latin-1")].append(line)
    names: list[str] = []
    lines: list[bytes] = []
    for name in COVERED:
        found = present[name]
        names += [name] * (len(found) + (name in OVER_SIGNED))
        lines += reversed(found)
    return names, b"".join(line + b"\r\n" for line in lines)


def _listed(names: list[str]) -> list[str]:
    """``h=`` in pieces between which a line may be folded."""
    *most, last = names
    first, *rest = [f"{name}:" for name in most] + [f"{last};"]
    return [f"h={first}", *rest]


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
