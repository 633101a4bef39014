"""What goes out of the house and comes back, put together: mail, questions for daily files."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from functools import partial
from importlib.metadata import version
from typing import Final

from worker import durable, letterbox
from worker.config.returns import Imap
from worker.config.settings import EXAMPLE, Settings
from worker.fetcher import HttpFetcher
from worker.mailer.settings import SmtpSettings, Timeouts
from worker.mailer.smtp import SmtpMailer
from worker.model import Refused
from worker.pipeline.fetch import Fetching
from worker.ports import Clock, Fetches, Postbox, Reader
from worker.postbox.imap import ImapPostbox, ImapSettings
from worker.postbox.maildir import MaildirPostbox
from worker.postbox.mbox import MboxPostbox
from worker.store.fetches import FolderFetches

BETWEEN: Final = 3.0
"""Seconds between two questions to one server, as arXiv asks of everybody."""


def mailer(settings: Settings) -> SmtpMailer:
    """The way to the mail server. Raises Refused for settings that would be unsafe."""
    smtp = settings.smtp
    return SmtpMailer(
        SmtpSettings(
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
    )


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
