"""What a value of the configuration may be: each reader gives it typed, or says what is allowed.

A reader raises NotAllowed, whose text completes the sentence "``key`` must be …".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from worker.core.address import Mailbox, mailbox, normalise
from worker.core.header import is_domain
from worker.core.host import ip, is_loopback

T = TypeVar("T")

LONGEST_LINK = 70
"""Characters. Longer ones get folded or encoded on their way, and the button is gone."""

TOKEN = 34
"""Characters of a token in a link or an address."""

USUAL_BASE = LONGEST_LINK - len("/u/") - TOKEN
"""Within it, the unsubscribe link is never folded or encoded by whoever passes the mail on."""

LONGEST_BASE = 200

_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_VARIABLE = re.compile(r"\$\{\w+\}")


class NotAllowed(Exception):
    """A value that cannot be; the text says what could, and never repeats the value."""


def text(raw: object) -> str:
    """One line of text."""
    if not isinstance(raw, str):
        raise NotAllowed('text in quotes, such as "this"')
    if _VARIABLE.fullmatch(raw):
        raise NotAllowed(
            "the value itself: variables are not filled in here, but any key can be "
            "set as PAPERROUND_<SECTION>_<KEY>"
        )
    if not raw.isprintable():
        raise NotAllowed("one line of text, without control characters")
    return raw


def whole(low: int, high: int) -> Callable[[object], int]:
    """A whole number from ``low`` to ``high``."""

    def read(raw: object) -> int:
        if type(raw) is not int or not low <= raw <= high:
            raise NotAllowed(f"a whole number from {low} to {high}, without quotes")
        return raw

    return read


def number(low: float, high: float) -> Callable[[object], float]:
    """A number from ``low`` to ``high``, with or without a fraction."""

    def read(raw: object) -> float:
        if not isinstance(raw, int | float) or isinstance(raw, bool) or not low <= raw <= high:
            raise NotAllowed(f"a number from {low:g} to {high:g}, without quotes")
        return float(raw)

    return read


def folder_name(raw: object) -> str:
    """The name of a folder on a mail server, in ASCII (others it has in a coding of its own)."""
    if not text(raw) or not text(raw).isascii():
        raise NotAllowed("the name of a folder as the mail server has it, in ASCII")
    return text(raw)


def choice(allowed: Mapping[str, T]) -> Callable[[object], T]:
    """One of a few words, each with its meaning."""

    def read(raw: object) -> T:
        if not isinstance(raw, str) or raw not in allowed:
            raise NotAllowed("one of " + ", ".join(f'"{word}"' for word in allowed))
        return allowed[raw]

    return read


def switch(raw: object) -> bool:
    """On or off."""
    if isinstance(raw, bool):
        return raw
    if raw in ("true", "false"):  # as a variable says it
        return raw == "true"
    raise NotAllowed("true or false, without quotes")


def path(raw: object) -> Path:
    """A path; ``~`` stands for nobody's home, as a daemon's is not the operator's."""
    if not text(raw) or text(raw).startswith("~"):
        raise NotAllowed("a path, full or below the data directory, without ~")
    return Path(text(raw))


def path_or_none(raw: object) -> Path | None:
    """A path, or the empty text for none."""
    return None if raw == "" else path(raw)


def day_or_none(raw: object) -> date | None:
    """A day, as ``2026-11-25`` with or without quotes, or the empty text for none."""
    if raw == "":
        return None
    if type(raw) is date:
        return raw
    try:
        return date.fromisoformat(text(raw))
    except ValueError:
        raise NotAllowed('a day such as "2026-11-25"') from None


def host(raw: object) -> str:
    """The name or the IP address of a server."""
    name = text(raw)
    if not is_domain(name) and ip(name) is None:
        raise NotAllowed("the name or IP address of a server, in ASCII and without a port")
    return name


def host_or_none(raw: object) -> str:
    """The name or the IP address of a server, or the empty text for none."""
    return "" if raw == "" else host(raw)


def domain(raw: object) -> str:
    """A domain of at least two labels, in ASCII."""
    name = text(raw).lower()
    if "." not in name or not is_domain(name):
        raise NotAllowed("a domain in ASCII with a dot in it, such as papers.example.org")
    return name


def address(raw: object) -> str:
    """An e-mail address. Raises Refused too."""
    return normalise(text(raw))


def address_or_none(raw: object) -> str:
    """An e-mail address, or the empty text for none. Raises Refused too."""
    return "" if raw == "" else address(raw)


def sender(raw: object) -> Mailbox:
    """An e-mail address, with or without a name before it. Raises Refused too."""
    return mailbox(text(raw))


def base_url(raw: object) -> str:
    """Where the links in the mail lead to: https, except on this machine."""
    url = text(raw).rstrip("/")
    if not _is_base(url):
        raise NotAllowed(
            "an https:// address of host and path only, such as https://papers.example.org, in "
            "ASCII; http:// is allowed for localhost only"
        )
    if len(url) > LONGEST_BASE:
        raise NotAllowed(
            f"at most {LONGEST_BASE} characters long, as a link has to fit a line of a mail; it "
            f"has {len(url)}"
        )
    return url


def _is_base(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port, name = parts.port, parts.hostname or ""
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(name))
    # Made again from its parts it must be the same: no user, password, query or fragment.
    again = f"{name}:{port}" if port is not None else name
    return (
        safe
        and is_domain(name)
        and _PATH.fullmatch(parts.path) is not None
        and url.partition("://")[2].lower() == (again + parts.path).lower()
    )
