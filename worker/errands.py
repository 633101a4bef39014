"""The fetches of one installation, put together."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from importlib.metadata import version
from typing import Final

from worker import durable, letterbox
from worker.config.settings import EXAMPLE, Settings
from worker.fetcher import HttpFetcher
from worker.model import Refused
from worker.pipeline.fetch import Fetching
from worker.ports import Clock, Fetches, Reader
from worker.store.fetches import FolderFetches

BETWEEN: Final = 3.0
"""Seconds between two questions to one server, as arXiv asks of everybody."""


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


def _agent(settings: Settings) -> str:
    """Who asks, and where to find him if it is too much."""
    whose = "" if EXAMPLE in settings.base_url else f" (+{settings.base_url})"
    return f"PaperRound/{version('paperround')}{whose}"
