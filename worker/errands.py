"""What goes out of the house and comes back, put together: mail, questions for daily files."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from types import MappingProxyType
from typing import Final

from worker import durable, letterbox
from worker.config.returns import Imap
from worker.config.settings import EXAMPLE, Settings
from worker.config.smtp import Smtp
from worker.core.quota import Limits
from worker.fetcher import HttpFetcher
from worker.ledgers import Holds, Record
from worker.mailer.servers import Server, Servers
from worker.mailer.settings import SmtpSettings, Timeouts, tls_context
from worker.mailer.smtp import SmtpMailer
from worker.model import Refused
from worker.pipeline.domains import Domains, Pace, Paces
from worker.pipeline.fetch import Fetching
from worker.ports import Clock, Fetches, Postbox, Reader
from worker.postbox.imap import ImapPostbox, ImapSettings
from worker.postbox.maildir import MaildirPostbox
from worker.postbox.mbox import MboxPostbox
from worker.store.fetches import FolderFetches

BETWEEN: Final = 3.0
"""Seconds between two questions to one server, as arXiv asks of everybody."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The ways to the mail servers, opened, and what is known of the domains behind them."""

    mailer: Servers
    domains: Domains
    connections: int


@contextlib.asynccontextmanager
async def outgoing(
    settings: Settings, holds: Holds, record: Record, clock: Clock
) -> AsyncIterator[Outgoing]:
    """All that it takes to send. Raises Refused for settings that would be unsafe."""
    used = [_server(smtp) for smtp in settings.servers]
    domains = Domains(_paces(settings), clock, holds)
    await domains.recall(record)
    async with Servers(used, clock, holds, record, settings.warm_up_from) as mailer:
        yield Outgoing(mailer, domains, sum(each.connections for each in used))


def servers(settings: Settings) -> tuple[SmtpSettings, ...]:
    """The mail servers, as they are reached. Raises Refused for settings that would be unsafe."""
    return tuple(map(_reached, settings.servers))


def usable(settings: Settings) -> None:
    """Raises Refused if a mail server could not be reached safely with these settings."""
    for server in servers(settings):
        tls_context(server)


def _reached(smtp: Smtp) -> SmtpSettings:
    return SmtpSettings(
        host=smtp.host,
        port=smtp.port,
        tls=smtp.tls,
        username=smtp.username,
        password=smtp.password,
        connections=smtp.connections,
        messages_per_connection=smtp.messages_per_connection,
        ca_file=str(smtp.ca_file) if smtp.ca_file else None,
        timeouts=Timeouts(quit=2.0),  # so that a stop takes ten seconds at most
    )


def _server(smtp: Smtp) -> Server:
    return Server(
        name=smtp.name,
        mailer=SmtpMailer(_reached(smtp)),
        connections=smtp.connections,
        weight=smtp.weight,
        per_second=smtp.per_second,
        limits=Limits(smtp.per_hour, smtp.per_day),
    )


def _paces(settings: Settings) -> Paces:
    usual = Pace(settings.domain_connections, settings.domain_per_hour)
    own = {each.name: Pace(each.connections, each.per_hour) for each in settings.domains}
    return Paces(usual, MappingProxyType(own))


def fetches(settings: Settings) -> Fetches:
    """How far each fetch has come."""
    return FolderFetches(settings.data / "fetches")


def fetching(settings: Settings, reader: Reader, clock: Clock) -> Fetching:
    """All that it takes to fetch."""

    async def put(name: str, content: bytes) -> str:
        try:
            await asyncio.to_thread(durable.make_folder, settings.inbox)
            put = await asyncio.to_thread(letterbox.put, settings.inbox, name, content)
            return put.name
        except OSError as error:
            line = f"{settings.inbox}: cannot be written: {error.strerror}"
            raise Refused(line, os.EX_TEMPFAIL) from error

    rest = partial(asyncio.sleep, BETWEEN)
    fetcher = HttpFetcher(_agent(settings))
    return Fetching(fetcher, fetches(settings), reader, put, clock, rest)


@contextlib.asynccontextmanager
async def postboxes(settings: Settings) -> AsyncIterator[Mapping[str, Postbox]]:
    """Where mail comes back to, by names that may be logged."""
    returns = settings.returns
    found: dict[str, Postbox] = {}
    if returns.maildir:
        found["maildir"] = MaildirPostbox(returns.maildir)
    if returns.mbox:
        found["mbox"] = MboxPostbox(returns.mbox, settings.data / "mbox.notes")
    async with contextlib.AsyncExitStack() as stack:
        if returns.imap:
            found["imap"] = await stack.enter_async_context(_imap(returns.imap))
        yield found


def _imap(imap: Imap) -> ImapPostbox:
    return ImapPostbox(
        ImapSettings(
            host=imap.host,
            port=imap.port,
            tls=imap.tls,
            username=imap.username,
            password=imap.password,
            folder=imap.folder,
            ca_file=str(imap.ca_file) if imap.ca_file else None,
        )
    )


def _agent(settings: Settings) -> str:
    """Who asks, and where to find him if it is too much."""
    whose = "" if EXAMPLE in settings.base_url else f" (+{settings.base_url})"
    return f"PaperRound/{version('paperround')}{whose}"
