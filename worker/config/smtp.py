"""The settings of the mail server, and where its password comes from."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from worker.config import values
from worker.config.document import read_text, reason
from worker.config.source import Section
from worker.config.values import NotAllowed
from worker.core.host import is_loopback

Tls = Literal["required", "implicit", "none"]
"""STARTTLS or nothing; TLS from the first byte; none, to this very machine only."""

TLS: Mapping[str, Tls] = {"required": "required", "implicit": "implicit", "none": "none"}
LONGEST_SECRET = 4096  # bytes
MOST = 10_000_000  # messages

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server that takes the digests. Without ``ca_file``, the system's certificates.

    ``weight`` is its share among several; the limits are messages, and 0 is none. The password
    shows in no ``repr``, and so in no log and no traceback.
    """

    host: str
    port: int
    tls: Tls
    username: str | None
    password: str | None = field(repr=False)
    ca_file: Path | None
    connections: int
    messages_per_connection: int
    weight: int
    per_second: float
    per_hour: int
    per_day: int
    name: str = "smtp"


@dataclass(frozen=True, slots=True)
class Domain:
    """How many messages a recipient domain is sent at a time, and in an hour (0 is no limit)."""

    name: str
    connections: int
    per_hour: int


def read_relays(sections: Sequence[Section], data: Path) -> tuple[Smtp, ...]:
    """Read each ``[[relay]]``, a further mail server with a name of its own."""
    relays = [_relay(section, data) for section in sections]
    names = {"smtp"}
    for section, relay in zip(sections, relays, strict=True):
        if relay.name in names:
            section.refuse("another server has this name already", "name")
        names.add(relay.name)
    return tuple(relays)


def read_domains(sections: Sequence[Section], usual: Domain) -> tuple[Domain, ...]:
    """Read each ``[[domain]]``; what it does not say is as usual."""
    return tuple(
        Domain(
            name=section.require("name", values.domain, ""),
            connections=section.read("connections", values.whole(1, 50), usual.connections),
            per_hour=section.read("per_hour", values.whole(0, MOST), usual.per_hour),
        )
        for section in sections
    )


def _relay(section: Section, data: Path) -> Smtp:
    name = section.require("name", _name, "")
    if "host" not in section.table:
        section.refuse("is missing", "host")
    return replace(read_smtp(section, data), name=name)


def _name(raw: object) -> str:
    name = values.text(raw)
    if not _NAME.fullmatch(name):
        raise NotAllowed("up to 40 of a-z, 0-9, . - and _")
    return name


def read_smtp(section: Section, data: Path) -> Smtp:
    """Read the section of a mail server; what is wrong with it is noted there."""
    ca_file = section.read("ca_file", values.path_or_none, None)
    smtp = Smtp(
        host=section.read("host", values.host, "localhost"),
        port=section.read("port", values.whole(1, 65535), 587),
        tls=section.read("tls", values.choice(TLS), TLS["required"]),
        username=section.read("username", values.text, "") or None,
        password=read_password(section, data) or None,
        ca_file=data / ca_file if ca_file else None,
        connections=section.read("connections", values.whole(1, 50), 4),
        messages_per_connection=section.read(
            "messages_per_connection", values.whole(1, 10_000), 100
        ),
        weight=section.read("weight", values.whole(1, 1000), 1),
        per_second=section.read("per_second", values.number(0, 10_000), 0.0),
        per_hour=section.read("per_hour", values.whole(0, MOST), 0),
        per_day=section.read("per_day", values.whole(0, MOST), 0),
    )
    if section.sound:
        _keep_private(smtp, section)
    return smtp


def open_to_all(path: Path) -> bool:
    """Whether anybody on this machine may read the file."""
    return bool(path.stat().st_mode & stat.S_IROTH)


def read_password(section: Section, data: Path, prefix: str = "") -> str:
    """The password of this section, from one of its three places; empty if there is none."""
    key, file_key = f"{prefix}password", f"{prefix}password_file"
    inline = section.read(key, values.text, "")
    file = section.read(file_key, values.path_or_none, None)
    for given in (section.variables, section.table):
        if given.get(key) and given.get(file_key):
            section.refuse(f"given beside {file_key}; keep one of them", key)
    if file is None or key in section.variables:
        return inline
    return _secret_in(data / file, section, file_key)


def _secret_in(file: Path, section: Section, key: str) -> str:
    try:
        secret = read_text(file, LONGEST_SECRET).rstrip("\r\n")
        if open_to_all(file):
            section.warn(f"{file}: anybody on this machine can read the password; chmod 600 it")
    except (OSError, ValueError) as error:
        section.refuse(f"cannot be read: {file}: {reason(error)}", key)
        return ""
    if not secret or not secret.isprintable():
        section.refuse(f"must hold one line, the password: {file}", key)
    return secret


def _keep_private(smtp: Smtp, section: Section) -> None:
    if smtp.tls == "none" and not is_loopback(smtp.host):
        section.refuse('"none" is for a server on this machine only; use "required"', "tls")
    if smtp.tls == "none" and smtp.username:
        section.refuse('would be sent in clear with tls "none"; use "required"', "username")
    if smtp.username and not smtp.password:
        section.refuse("needs a password; set password_file", "username")
    if smtp.password and not smtp.username:
        section.refuse("needs a username", "password")
