"""Where mail that comes back is found: bounces, complaints, wishes to leave, commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from worker.config import values
from worker.config.smtp import Tls, read_password
from worker.config.source import Section
from worker.core.host import is_loopback

TLS: Mapping[str, Tls] = {"implicit": "implicit", "required": "required", "none": "none"}
IMAPS, IMAP = 993, 143

_PREFIX = "imap_"


@dataclass(frozen=True, slots=True)
class Imap:
    """A folder on a mail server. The password shows in no ``repr``."""

    host: str
    port: int
    tls: Tls
    username: str
    password: str = field(repr=False)
    folder: str
    ca_file: Path | None


@dataclass(frozen=True, slots=True)
class Returns:
    """Each place that is set is looked into, every so many minutes."""

    maildir: Path | None
    mbox: Path | None
    imap: Imap | None
    every_minutes: int


def read_returns(section: Section, data: Path) -> Returns:
    """Read the section ``[returns]``; what is wrong with it is noted there."""
    maildir = section.read("maildir", values.path_or_none, None)
    mbox = section.read("mbox", values.path_or_none, None)
    return Returns(
        maildir=data / maildir if maildir else None,
        mbox=data / mbox if mbox else None,
        imap=_imap(section, data),
        every_minutes=section.read("every_minutes", values.whole(1, 1440), 5),
    )


def _imap(section: Section, data: Path) -> Imap | None:
    host = section.read("imap_host", values.host_or_none, "")
    tls = section.read("imap_tls", values.choice(TLS), TLS["implicit"])
    usual = IMAPS if tls == "implicit" else IMAP
    ca_file = section.read("imap_ca_file", values.path_or_none, None)
    imap = Imap(
        host=host,
        port=section.read("imap_port", values.whole(1, 65535), usual),
        tls=tls,
        username=section.read("imap_username", values.text, ""),
        password=read_password(section, data, _PREFIX),
        folder=section.read("imap_folder", values.folder_name, "INBOX"),
        ca_file=data / ca_file if ca_file else None,
    )
    if section.sound:
        _keep_private(imap, section)
    return imap if host else None


def _keep_private(imap: Imap, section: Section) -> None:
    login = {"imap_username": imap.username, "imap_password": imap.password}
    for key, value in login.items():
        if value and not imap.host:
            section.refuse("needs imap_host", key)
        if imap.host and not value:
            section.refuse(f"needs {key}", "imap_host")
    if imap.host and imap.tls == "none" and not is_loopback(imap.host):
        why = '"none" is for a server on this machine only; use "implicit" or "required"'
        section.refuse(why, "imap_tls")
