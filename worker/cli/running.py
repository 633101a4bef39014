"""The daemon from its start to its end, by the orders of the day: read, and read anew on SIGHUP.

The stores stay open and locked from the first orders to the last.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from worker import errands, opening, premises, roll, templates
from worker.cli.frontdesk import FrontDesk
from worker.cli.place import Place
from worker.config.settings import Settings
from worker.config.web import Web
from worker.core.render import Templates
from worker.daemon import Daemon
from worker.model import Preferences, Refused
from worker.opened import Opened, inbox
from worker.ports import Clock
from worker.told import Told
from worker.turns import running

log = logging.getLogger(__name__)

FOLLOW_TRIES = 6
"""Each waits as long as the ledger itself does for a lock."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a daemon goes by: its settings, whom the subscribers file names, its templates."""

    settings: Settings
    named: Sequence[Preferences] | None
    templates: Templates


async def run_daemon(place: Place, clock: Clock) -> None:
    """Run until SIGTERM or SIGINT. Raises Refused if it cannot begin, or not go on."""
    settings = place.configured()
    premises.ready(settings.data)
    with running(settings.data), closing(_desk(settings.web)) as desk:
        first = Orders(settings, place.named, templates.usable(settings.data))
        told = Told(first, lambda: read_anew(place, settings))
        told.hear_reload()
        async with opening.opened(settings, first.named, clock, as_daemon=True) as opened:
            told.hear_stop()
            opened.inbox.ensure()
            desk.go_by(opened, clock)
            async with desk.open(told.stop):
                await _go_on(opened, told, clock, desk)
            log.info("daemon stopped")


def _desk(web: Web) -> FrontDesk:
    return FrontDesk(web.listen, web.operator)


async def _go_on(opened: Opened, told: Told[Orders], clock: Clock, desk: FrontDesk) -> None:
    orders, news = told.orders(), "daemon started"
    while True:
        way_out = errands.outgoing(orders.settings, opened.holds, opened.record, clock)
        async with way_out as outgoing, errands.postboxes(orders.settings) as postboxes:
            log.info(news)
            daemon = Daemon(opened, outgoing, postboxes, clock)
            desk.serve(daemon)
            await daemon.run(told.turn, told.stop)
        if told.stop.is_set() or not told.turn.is_set():
            return
        orders = told.orders()
        opened = opened.going_by(orders.settings, orders.templates)
        desk.follow(opened, clock)
        await _follow(opened, orders.named, clock)
        news = "settings reloaded"


async def _follow(opened: Opened, named: Sequence[Preferences] | None, clock: Clock) -> None:
    """Follow the subscribers file, also when the ledger is busy for a while."""
    for tries_left in reversed(range(FOLLOW_TRIES)):
        try:
            if named is not None:
                await roll.follow(named, opened.subscribers, opened.papers, clock, opening.uids())
            return
        except Refused as refused:
            if refused.exit_code != os.EX_TEMPFAIL or not tries_left:
                raise
            log.warning("ledger busy", extra={"why": str(refused)})
            await asyncio.sleep(1)


def read_anew(place: Place, now: Settings) -> Orders:
    """Read and check everything again, as it would be at a start; nothing is changed by it.

    Raises Refused with a line for each problem; another place for the stores is one.
    """
    fresh = Place(place.config, place.data)
    found: list[Templates] = []
    _all_of(fresh.configured, lambda: found.append(templates.checked(place.data)))
    settings = fresh.settings
    _all_of(
        partial(_refuse_moved, now, settings),
        partial(errands.usable, settings),
        inbox(settings).ensure,
    )
    return Orders(settings, fresh.named, found[0])


def _all_of(*checks: Callable[[], object]) -> None:
    problems = []
    for check in checks:
        try:
            check()
        except (Refused, OSError) as problem:
            problems.append(str(problem))
    if problems:
        raise Refused("\n".join(problems), os.EX_CONFIG)


def _refuse_moved(now: Settings, new: Settings) -> None:
    """The stores are locked and open: elsewhere there are others."""
    places = ("data", "papers", "ledger", "database", "keys")
    moved = [
        f"{name} from {getattr(now, name)} to {getattr(new, name)}"
        for name in places
        if getattr(now, name) != getattr(new, name)
    ]
    if moved:
        line = f"{new.config}: moves {', '.join(moved)}; stop the daemon for that, and start it"
        raise Refused(line, os.EX_CONFIG)
