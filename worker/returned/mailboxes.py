"""To which of our addresses a mail was sent, and for whom that address was made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from worker.core.tokens import BOUNCE, REPLY, TOKEN_LENGTH, UNSUBSCRIBE, read_token
from worker.returned.mime import LONGEST_VALUE, Part, values
from worker.returns import Mail

LOOKED_FOR = ("delivered-to", "x-original-to", "envelope-to", "original-recipient", "to", "cc")
"""Where an address may stand, from what a server wrote to what a sender did."""

_MOST = 20  # of each kind
_TOKEN = rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}"
# In Original-Recipient a "+" may be written "+2B" (RFC 3461, 4).
_ADDRESS = re.compile(rf"([A-Za-z0-9._~-]{{1,64}})\+(?:2B)?({_TOKEN})@([A-Za-z0-9.-]{{1,253}})")


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """The addresses of one installation that take a token behind a plus.

    Bounces go to ``b+<token>@<bounce_domain>``. ``commands`` is empty where none are taken.
    """

    bounce_domain: str
    unsubscribe: str
    commands: str = ""


@dataclass(frozen=True, slots=True)
class Addressed:
    """What the token stands for, by its purpose; without one, whether somebody made one up."""

    purpose: str = ""
    number: int = 0
    forged: bool = False


def addressed(mail: Mail, part: Part, mailboxes: Mailboxes, keys: Mapping[int, bytes]) -> Addressed:
    """The first authentic token in the addresses of the mail."""
    forged = False
    for address in _addresses(mail, part):
        found = read_address(address, mailboxes, keys)
        if found.purpose:
            return found
        forged = forged or found.forged
    return Addressed(forged=forged)


def read_address(text: str, mailboxes: Mailboxes, keys: Mapping[int, bytes]) -> Addressed:
    """The first authentic token in the addresses of this text."""
    forged = False
    for local, written, domain in _ADDRESS.findall(text[:LONGEST_VALUE]):
        for purpose in _purposes(f"{local}@{domain}", mailboxes):
            number = read_token(keys, purpose, written)
            if number is not None:
                return Addressed(purpose, number)
            forged = True
    return Addressed(forged=forged)


def listed(text: str, keys: Mapping[int, bytes]) -> int | None:
    """The uid in a List-Unsubscribe field, in either of its links."""
    candidates = re.findall(rf"(?<![\w-]){_TOKEN}(?![\w-])", text[:LONGEST_VALUE], re.ASCII)
    numbers = (read_token(keys, UNSUBSCRIBE, each) for each in candidates)
    return next((number for number in numbers if number is not None), None)


def _addresses(mail: Mail, part: Part) -> Iterator[str]:
    yield from mail.recipients[:_MOST]
    for name in LOOKED_FOR:
        yield from values(part, name)[:_MOST]


def _purposes(address: str, mailboxes: Mailboxes) -> Iterator[str]:
    """One mailbox may serve several ends; the token then tells which."""
    plain = address.lower().rstrip(".")
    if plain == f"b@{mailboxes.bounce_domain}".lower():
        yield BOUNCE
    if plain == mailboxes.unsubscribe.lower():
        yield UNSUBSCRIBE
    if plain == mailboxes.commands.lower():
        yield REPLY
