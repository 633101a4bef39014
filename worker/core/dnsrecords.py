"""What DNS has to say for receivers to take our mail, as records to publish.

Nothing is looked up here: these are the records as they should be, next to those that are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from worker.core.dkim import Signing, key_name
from worker.core.host import ip, is_loopback

STRING: Final = 255
"""Octets of one string of a TXT record; a longer text takes several (RFC 6376, 3.6.2.2)."""

TTL: Final = 3600


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a zone: its full name without the last dot, and why it is wanted."""

    name: str
    kind: Literal["TXT", "MX"]
    value: str
    why: str

    @property
    def strings(self) -> tuple[str, ...]:
        """The value in strings of at most 255 octets, as DNS keeps text; it is all ASCII."""
        return tuple(self.value[at : at + STRING] for at in range(0, len(self.value), STRING))

    @property
    def zone_line(self) -> str:
        """The record as a line of a zone file (RFC 1035, 5.1)."""
        text = " ".join(f'"{one}"' for one in self.strings) if self.kind == "TXT" else self.value
        return f"{self.name}. {TTL} IN {self.kind} {text}"


@dataclass(frozen=True, slots=True)
class Sending:
    """What of an installation DNS is about. ``hosts`` are the mail servers it hands mail to."""

    from_domain: str
    bounce_domain: str
    reply_to: str
    base_url: str
    hosts: tuple[str, ...]
    signing: Signing | None


def records(sending: Sending) -> tuple[Record, ...]:
    """All the records, in the order in which they are best published."""
    return (_spf(sending), *_keys(sending.signing), *_dmarc(sending), _mx(sending))


def _spf(sending: Sending) -> Record:
    allowed = dict.fromkeys(mechanism for host in sending.hosts for mechanism in _mechanisms(host))
    value = " ".join(("v=spf1", *allowed, "~all"))
    return Record(sending.bounce_domain, "TXT", value, "SPF: which servers send for this domain")


def _mechanisms(host: str) -> Sequence[str]:
    """What allows a server to send (RFC 7208, 5); of this machine, only the domain is known."""
    address = ip(host)
    if is_loopback(host):
        return ("a", "mx")
    return (f"ip{address.version}:{address}",) if address else (f"a:{host}",)


def _keys(signing: Signing | None) -> Sequence[Record]:
    return [
        Record(
            key_name(signer, signing.domain),
            "TXT",
            f"v=DKIM1; k={signer.key.kind}; p={signer.key.public}",
            f"DKIM: the {signer.key.kind} key that signatures are checked with",
        )
        for signing in ((signing,) if signing else ())
        for signer in signing.signers
    ]


def _dmarc(sending: Sending) -> Sequence[Record]:
    """The policy, and where reports go to another domain, that one's consent (RFC 7489, 7.1)."""
    domain, reports_to = sending.from_domain, sending.reply_to.rpartition("@")[2]
    value = f"v=DMARC1; p=none; rua=mailto:{quote(sending.reply_to, safe='@+')}"
    policy = Record(f"_dmarc.{domain}", "TXT", value, "DMARC: what receivers do, whom they tell")
    if not strangers(reports_to, domain):
        return (policy,)
    name = f"{domain}._report._dmarc.{reports_to}"
    why = f"DMARC: {reports_to} agrees to get the reports on {domain}"
    return (policy, Record(name, "TXT", "v=DMARC1", why))


def _mx(sending: Sending) -> Record:
    domain = sending.bounce_domain
    why = (
        f"MX: where bounces come in, for b+<token>@{domain}. Name your own server for mail.{domain}"
        ", or keep the MX that is there"
    )
    return Record(domain, "MX", f"10 mail.{domain}.", why)


def strangers(one: str, other: str) -> bool:
    """Whether neither domain is the other or lies below it."""
    return not (f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}"))
