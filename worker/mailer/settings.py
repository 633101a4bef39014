"""How to reach the mail server. Settings that would send secrets in clear text do not exist."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field
from typing import Literal

from worker.core.header import is_domain
from worker.core.host import ip, is_loopback
from worker.model import Refused

Tls = Literal["required", "implicit", "none"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds (RFC 5321, 4.5.3.2). Too short a ``dot`` makes duplicates."""

    connect: float = 30.0  # also for the greeting: a server that says nothing is down
    command: float = 300.0  # EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET
    data: float = 120.0
    body: float = 180.0
    dot: float = 600.0
    quit: float = 5.0


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where to hand in mail, and how. Raises Refused where that would be unsafe or senseless.

    ``tls``: ``required`` is STARTTLS, ``implicit`` is TLS from the first byte, ``none`` is for
    this very machine only. ``ca_file`` holds the only authorities trusted, in place of the
    system's. ``idle``: seconds after which an unused connection is closed.
    """

    host: str
    port: int
    tls: Tls = "required"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    connections: int = 4
    messages_per_connection: int = 100
    idle: float = 60.0
    timeouts: Timeouts = Timeouts()
    ca_file: str | None = None
    local_hostname: str | None = None

    def __post_init__(self) -> None:
        for fits, reason in (
            (_is_host(self.host), "host must be a host name in ASCII or an IP address"),
            (0 < self.port < 65536, "port must be from 1 to 65535"),
            (self.connections >= 1, "connections must be at least 1"),
            (self.messages_per_connection >= 1, "messages_per_connection must be at least 1"),
            (
                self.local_hostname is None or is_domain(self.local_hostname),
                "local_hostname must be a host name in ASCII",
            ),
            (
                self.tls != "none" or is_loopback(self.host),
                f'tls = "none" is for this machine only and {self.host} is not: use "required"',
            ),
            (
                self.tls != "none" or not self.username,
                'tls = "none" never logs in: leave the username out, or set tls to "required"',
            ),
            (
                bool(self.username) == bool(self.password),
                "username and password go together: set both or none",
            ),
        ):
            if not fits:
                raise Refused(f"smtp: {reason}", os.EX_CONFIG)


def tls_context(settings: SmtpSettings) -> ssl.SSLContext | None:
    """Certificates and names are always checked, TLS 1.2 at least; None when there is no TLS.

    Raises Refused if ``ca_file`` cannot be used.
    """
    if settings.tls == "none":
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        line = f"smtp: ca_file {settings.ca_file} cannot be used: {error.strerror or error}"
        raise Refused(line, os.EX_CONFIG) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_host(host: str) -> bool:
    return is_domain(host) or ip(host) is not None
