"""What all digests of one installation have in common, and the addresses made from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from worker.core.header import is_address, is_domain

_URL = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:/[A-Za-z0-9._~/%-]*)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")  # RFC 5646
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who sends, and where answers, bounces and unsubscribes go.

    ``from_name`` and ``list_name`` may be empty; the latter is ASCII (RFC 2919). ``help_url`` and
    ``owner`` are left out when empty; without ``commands_mailbox`` nobody is asked to write
    commands. ``has_site``: somebody serves pages at ``base_url``, besides the unsubscribing.
    Raises ValueError for what cannot stand in a header.
    """

    from_name: str
    from_address: str
    reply_to: str
    base_url: str
    list_id: str
    list_name: str
    bounce_domain: str
    unsubscribe_mailbox: str
    language: str = "en"
    help_url: str = ""
    owner: str = ""
    commands_mailbox: str = ""
    has_site: bool = False

    def __post_init__(self) -> None:
        for field, fits in (
            ("from_name", _is_name(self.from_name)),
            ("from_address", is_address(self.from_address)),
            ("reply_to", is_address(self.reply_to)),
            ("base_url", _URL.fullmatch(self.base_url)),
            ("list_id", is_domain(self.list_id)),
            ("list_name", _is_name(self.list_name) and self.list_name.isascii()),
            ("bounce_domain", is_domain(self.bounce_domain)),
            ("unsubscribe_mailbox", is_address(self.unsubscribe_mailbox)),
            ("language", _LANGUAGE.fullmatch(self.language)),
            ("help_url", not self.help_url or _URL.fullmatch(self.help_url)),
            ("owner", not self.owner or is_address(self.owner)),
            ("commands_mailbox", not self.commands_mailbox or is_address(self.commands_mailbox)),
        ):
            if not fits:
                raise ValueError(f"{field} cannot stand in a mail header")


def unsubscribe_url(letterhead: Letterhead, token: str) -> str:
    """The one-click address (RFC 8058); the same one belongs into the text of the digest."""
    return f"{letterhead.base_url.rstrip('/')}/u/{_token(token)}"


def unsubscribe_mailto(letterhead: Letterhead, token: str) -> str:
    """The same by mail, for readers that do not speak https."""
    local, _, domain = letterhead.unsubscribe_mailbox.partition("@")
    return f"mailto:{local}+{_token(token)}@{domain}?subject=unsubscribe"


def reply_address(letterhead: Letterhead, reply_token: str) -> str:
    """Where his answers go: to a mailbox that knows him by the token; else to a person."""
    if not letterhead.commands_mailbox:
        return letterhead.reply_to
    local, _, domain = letterhead.commands_mailbox.partition("@")
    return f"{local}+{_token(reply_token)}@{domain}"


def bounce_address(letterhead: Letterhead, bounce_token: str) -> str:
    """The envelope sender: a reply to it tells which delivery came back (VERP)."""
    return f"b+{_token(bounce_token)}@{letterhead.bounce_domain}"


def _is_name(text: str) -> bool:
    """A name is one printable line that no reader can take for an address or an encoded word."""
    one_line = text.isprintable() and " ".join(text.split()) == text
    return one_line and "@" not in text and "=?" not in text


def _token(text: str) -> str:
    if _TOKEN.fullmatch(text) is None:
        raise ValueError("a token has letters, digits, - and _ only")
    return text
