"""``doctor``: what stands between this installation and its readers' inboxes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import click
from rich.table import Table
from rich.text import Text

from worker import errands
from worker.cli.place import Place, placed, say_configured, say_json, terminal, warn
from worker.config.settings import Settings
from worker.core.dnsnotes import notes
from worker.core.dnsrecords import Record, Sending, records
from worker.mailer.session import Session
from worker.mailer.settings import SmtpSettings, Timeouts, tls_context
from worker.model import Refused
from worker.ports import Postbox

PATIENCE: Final = Timeouts(connect=15, command=30, quit=2)
"""Somebody waits for the answer, and no message hangs on it."""

NOT_LOOKED_UP: Final = (
    "DNS: nothing was looked up, as this works without a network. These are the records to "
    "publish; `dig TXT NAME` shows what is there"
)
WAYS: Final = {"required": "STARTTLS", "implicit": "TLS", "none": "no TLS, on this machine"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a mail server said to us; None is no trouble. Not ``asked``, nothing is known of it."""

    server: SmtpSettings
    asked: bool
    trouble: str | None = None

    @property
    def line(self) -> str:
        """All that is known of it, for a person."""
        login = ["with a login"] if self.server.username else []
        ways = [WAYS[self.server.tls], *login]
        name = f"mail server {self.server.host}:{self.server.port} ({', '.join(ways)})"
        if not self.asked:
            return f"{name}: not asked"
        return f"{name}: does not take us: {self.trouble}" if self.trouble else f"{name}: takes us"


@click.command()
@click.option("--offline", is_flag=True, help="Ask no mail server either.")
@click.option("--json", is_flag=True, help="Print all of it as JSON.")
@placed
def doctor(place: Place, offline: bool, json: bool) -> None:
    """Check the configuration, ask the mail servers and postboxes, show the DNS records to publish.

    No message is sent, and nothing is looked up in DNS.
    """
    settings = place.configured()
    servers = _servers(settings)
    asked = [Asked(one, asked=False) for one in servers] if offline else asyncio.run(_ask(servers))
    looked = {} if offline else asyncio.run(_look(settings))
    sending = _sending(settings, servers)
    if json:
        warn(settings)
        postboxes = {name: {"trouble": trouble or None} for name, trouble in looked.items()}
        say_json(_as_json(settings, asked, sending) | {"postboxes": postboxes})
    else:
        say_configured(place)
        _show(asked, looked, sending)
    _refuse(asked, looked)


def _refuse(asked: Sequence[Asked], looked: Mapping[str, str]) -> None:
    """Raises Refused for what is in the way."""
    troubled = [one for one in asked if one.trouble]
    if troubled:
        line = f"{len(troubled)} of {len(asked)} mail servers do not take us"
        raise Refused(line, os.EX_UNAVAILABLE)
    if closed := [name for name, trouble in looked.items() if trouble]:
        line = f"mail that comes back is not seen: {', '.join(closed)}"
        raise Refused(line, os.EX_UNAVAILABLE)


def _servers(settings: Settings) -> Sequence[SmtpSettings]:
    """Every mail server there is. Raises Refused for settings that would be unsafe."""
    return [replace(server, timeouts=PATIENCE) for server in errands.servers(settings)]


async def _ask(servers: Sequence[SmtpSettings]) -> list[Asked]:
    """Ask them all at once."""
    sessions = [Session(server, tls_context(server)) for server in servers]
    troubles = await asyncio.gather(*(session.probe() for session in sessions))
    return [
        Asked(server, asked=True, trouble=trouble)
        for server, trouble in zip(servers, troubles, strict=True)
    ]


async def _look(settings: Settings) -> Mapping[str, str]:
    """What is wrong with each postbox, "" if nothing is. No mail is taken out."""
    async with errands.postboxes(settings) as postboxes:
        return {name: await _trouble(postbox) for name, postbox in postboxes.items()}


async def _trouble(postbox: Postbox) -> str:
    try:
        await postbox.take(0)
    except Refused as refused:
        return str(refused)
    return ""


def _sending(settings: Settings, servers: Sequence[SmtpSettings]) -> Sending:
    return Sending(
        from_domain=settings.from_address.rpartition("@")[2],
        bounce_domain=settings.bounce_domain,
        reply_to=settings.reply_to,
        base_url=settings.base_url,
        hosts=tuple(server.host for server in servers),
        signing=settings.signing,
    )


def _as_json(settings: Settings, asked: Sequence[Asked], sending: Sending) -> dict[str, Any]:
    return {
        "warnings": list(settings.warnings),
        "servers": [
            {
                "host": one.server.host,
                "port": one.server.port,
                "tls": one.server.tls,
                "login": one.server.username is not None,
                "asked": one.asked,
                "trouble": one.trouble,
            }
            for one in asked
        ],
        "looked_up": False,
        "records": [
            {
                "name": record.name,
                "type": record.kind,
                "value": record.value,
                "zone_line": record.zone_line,
                "why": record.why,
            }
            for record in records(sending)
        ],
        "notes": list(notes(sending)),
    }


def _show(asked: Sequence[Asked], looked: Mapping[str, str], sending: Sending) -> None:
    for one in asked:
        click.echo(one.line)
    for name, trouble in looked.items():
        click.echo(f"mail that comes back ({name}): {trouble or 'can be looked at'}")
    click.echo(f"{NOT_LOOKED_UP}\n")
    published = records(sending)
    if terminal().is_terminal:
        _show_table(published)
    for record in published:  # never wrapped: these are to be copied
        click.echo(f"; {record.why}\n{record.zone_line}\n")
    for note in notes(sending):
        click.echo(f"note: {note}")


def _show_table(published: Sequence[Record]) -> None:
    table = Table("name", "type", "value", box=None, header_style="dim")
    for record in published:  # whole, however narrow the terminal
        name, value = (Text(text, overflow="fold") for text in (record.name, record.value))
        table.add_row(name, record.kind, value)
    terminal().print(table)
    click.echo("\nThe same as lines of a zone file:\n")


COMMANDS = (doctor,)
