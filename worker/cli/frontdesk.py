"""The site as a process keeps it: always there, whatever becomes of its settings or its server."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import secrets
import sys
from collections.abc import AsyncIterator
from datetime import datetime

from worker.cli.doorway import Doorway
from worker.config.web import Listen
from worker.daemon import Daemon
from worker.model import Refused
from worker.opened import Opened
from worker.ports import Clock
from worker.web import operator
from worker.web.app import app_of
from worker.web.site import made_site

log = logging.getLogger(__name__)

SWITCH = 0.0001
"""Seconds that a thread may go on while others wait for their turn. By default it is fifty times as
much, and the loop waits for its turn again after each octet that it reads or sends.
"""


class FrontDesk:
    """Where strangers are answered, if anywhere, and where the ``operator`` is.

    Raises Refused if it cannot listen there.
    """

    def __init__(self, listen: Listen | None, operator: Listen | None = None) -> None:
        self._daemon: Daemon | None = None
        with contextlib.ExitStack() as stack:
            self._site = stack.enter_context(contextlib.closing(Doorway("site", "listen", listen)))
            self._operators = Doorway("operator's page", "operator", operator)
            stack.pop_all()

    @property
    def address(self) -> str:
        """Where the site listens, as a browser on this machine is told; empty where it does not."""
        return self._site.address

    def close(self) -> None:
        """Nobody gets in any more."""
        self._site.close()
        self._operators.close()

    def go_by(self, opened: Opened, clock: Clock) -> None:
        """From now on answer by these. Raises Refused if the pages cannot be made."""
        site = made_site(opened, clock, secrets.randbits, self._wake)
        site.shelf.on_indexed = left_alone
        self._site.go_by(app_of(site, last_tick=self._last_tick))
        self._operators.go_by(operator.app_of(site))

    def follow(self, opened: Opened, clock: Clock) -> None:
        """The same after a reload, at another address if there is one: what cannot be, is not."""
        web = opened.settings.web
        try:
            self.go_by(opened, clock)
            self._site.move(web.listen)
            self._operators.move(web.operator)
        except Refused as refused:
            log.error("site stays as it was", extra={"why": str(refused)})  # noqa: TRY400  # the line says it all

    def serve(self, daemon: Daemon) -> None:
        """What is asked for is this one's to act on."""
        self._daemon = daemon

    @contextlib.asynccontextmanager
    async def open(self, stop: asyncio.Event) -> AsyncIterator[None]:
        """Answer for as long as this lasts, until ``stop`` at most."""
        sys.setswitchinterval(SWITCH)
        left_alone()
        doors = (self._site, self._operators)
        tasks = [asyncio.create_task(each.run(stop)) for each in doors]
        try:
            yield
        finally:
            if not stop.is_set():  # else they end by themselves, what is in flight being answered
                for task in tasks:
                    task.cancel()
            await asyncio.wait(tasks)

    def _last_tick(self) -> datetime | None:
        return self._daemon.ticked if self._daemon else None

    def _wake(self) -> None:
        if self._daemon:
            self._daemon.wake_admitting()


def left_alone() -> None:
    """Search what is there for what may be let go, and from now on only what comes later.

    While Python searches nobody is answered, and the papers of a month take it tenths of a second:
    each time anew, and many times a minute while digests are planned.
    """
    gc.unfreeze()  # what was left alone before may be past
    gc.collect()
    gc.freeze()
