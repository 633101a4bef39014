"""``fetch``: what is fetched, how far each has come, and one of them now."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click
from rich.table import Table

from worker import errands
from worker.cli.place import Place, placed, say_json, terminal
from worker.clock import SystemClock
from worker.core.due import format_schedule, next_slot, zone
from worker.core.fetching import Fetch, Progress
from worker.model import Refused
from worker.pipeline.fetch import Brought
from worker.reader import ChildReader


@click.command()
@click.argument("name", required=False)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="This day, where the source is asked by day.  [default: today]",
)
@click.option("--json", is_flag=True, help="Print it as JSON.")
@placed
def fetch(place: Place, name: str | None, day: datetime | None, json: bool) -> None:
    """Fetch a daily file that the configuration names, now; without NAME show what is fetched.

    It is put into the inbox, where a running daemon takes it in.
    """
    if name is None:
        _show(place, json=json)
        return
    wanted = _named(name, place.settings.fetches)
    if day and not wanted.by_day:
        line = f"{name}: is not asked by day: leave out --day, or put {{day}} into its url"
        raise Refused(line, os.EX_USAGE)
    brought = asyncio.run(_fetch(place, wanted, day.date() if day else None))
    if json:
        say_json(asdict(brought) | {"day": str(brought.day)})
    if brought.why:
        raise Refused(f"{name}: not fetched: {brought.why}", os.EX_UNAVAILABLE)
    if not json:
        path = place.settings.inbox / brought.file
        click.echo(f"{name}: {brought.listed} listings of {brought.day}, put into {path}")


async def _fetch(place: Place, wanted: Fetch, day: date | None) -> Brought:
    return await errands.fetching(place.settings, ChildReader(), SystemClock()).one(wanted, day)


def _named(name: str, fetches: Sequence[Fetch]) -> Fetch:
    for fetch in fetches:
        if fetch.name == name:
            return fetch
    there_are = ", ".join(fetch.name for fetch in fetches) or "none"
    raise Refused(f"no [[fetch]] is named {name[:60]!r}; there are: {there_are}", os.EX_USAGE)


def _show(place: Place, *, json: bool) -> None:
    rows = asyncio.run(_progress(place))
    if json:
        say_json([_as_json(fetch, progress) for fetch, progress in rows])
        return
    if not rows:
        click.echo("nothing is fetched: see [[fetch]] in the configuration")
        return
    table = Table("name", "when", "fetched", "next", "", box=None, header_style="dim")
    now = SystemClock().now()
    for fetch, progress in rows:
        when = f"{format_schedule(fetch.schedule)} {fetch.timezone}"
        said = f"failed {progress.failures}×: {progress.why}" if progress.failures else ""
        last, coming = _moment(progress.fetched_at), _moment(_next(fetch, progress, now))
        table.add_row(fetch.name, when, last, coming, said)
    terminal().print(table, markup=False)


async def _progress(place: Place) -> list[tuple[Fetch, Progress]]:
    fetches = errands.fetches(place.settings)
    return [(fetch, await fetches.progress(fetch.name)) for fetch in place.settings.fetches]


def _next(fetch: Fetch, progress: Progress, now: datetime) -> datetime | None:
    coming = next_slot(fetch.schedule, zone(fetch.timezone), progress.last_slot, now)
    return max(filter(None, (coming, progress.retry_at)), default=None)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"


def _as_json(fetch: Fetch, progress: Progress) -> dict[str, Any]:
    """The stable form of ``fetch --json``."""
    moments = {"fetched_at": progress.fetched_at, "retry_at": progress.retry_at}
    return {
        "name": fetch.name,
        "schedule": format_schedule(fetch.schedule),
        "timezone": fetch.timezone,
        "failures": progress.failures,
        "why": progress.why,
        "missing": [str(day) for day in progress.missing],
        **{name: at.isoformat() if at else None for name, at in moments.items()},
    }


COMMANDS = (fetch,)
