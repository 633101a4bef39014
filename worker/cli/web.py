"""``web``: the site alone, beside a daemon or without one."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import replace

import click

from worker import log, opening, templates
from worker.cli.frontdesk import FrontDesk
from worker.cli.place import Place, placed
from worker.cli.running import read_anew
from worker.clock import SystemClock
from worker.config import values
from worker.config.settings import Settings
from worker.config.web import Listen, listen_or_none
from worker.model import Refused
from worker.told import Told


class _Where(click.ParamType[Listen]):
    """HOST:PORT, as in the configuration."""

    name = "listen"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Listen:
        """Raises click's BadParameter."""
        try:
            found = listen_or_none(value)
        except values.NotAllowed as error:
            self.fail(f"must be {error}", param, ctx)
        if found is None:
            self.fail("must not be empty", param, ctx)
        return found


@click.command()
@click.option(
    "--listen",
    type=_Where(),
    metavar="HOST:PORT",
    help="Listen there, not where [web] listen says; without the operator's page.",
)
@placed
def web(place: Place, listen: Listen | None) -> None:
    """Answer the site alone, beside a daemon or without one; until SIGTERM.

    What is asked for is acted on by the daemon. SIGHUP: read the configuration anew.
    """
    log.configure()
    try:
        asyncio.run(_web(place, listen))
    except Refused as refused:  # this goes where the log goes
        raise Refused(log.scrubbed(str(refused)), refused.exit_code) from refused


async def _web(place: Place, listen: Listen | None) -> None:
    settings = _at(place.configured(), listen)
    if settings.web.listen is None:
        line = f"{settings.config}: [web] listen is not set, so there is no site; or say --listen"
        raise Refused(line, os.EX_CONFIG)
    clock = SystemClock()
    with contextlib.closing(FrontDesk(settings.web.listen, settings.web.operator)) as desk:
        told = Told(settings, lambda: _at(read_anew(place, settings).settings, listen))
        async with opening.beside(settings) as opened:
            told.hear_stop()
            told.hear_reload()
            desk.go_by(opened, clock)
            click.echo(
                f"paperround: the site of {settings.base_url} listens at {desk.address}", err=True
            )
            async with desk.open(told.stop):
                while await told.turn.wait() and not told.stop.is_set():
                    fresh = told.orders()
                    usable = templates.checked(fresh.data)
                    desk.follow(opened.going_by(fresh, usable), clock)


def _at(settings: Settings, listen: Listen | None) -> Settings:
    """One of several, if it is told where to listen: they cannot all have the operator's page."""
    if listen is None:
        return settings
    return replace(settings, web=replace(settings.web, listen=listen, operator=None))
