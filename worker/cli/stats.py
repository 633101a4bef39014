"""``stats``: how it has been going, in numbers, as the operator's page draws them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
from rich.table import Table
from rich.text import Text

from worker import opening
from worker.cli.checking import bars
from worker.cli.place import Place, placed, say_json, terminal
from worker.clock import SystemClock
from worker.config.web import Listen
from worker.core import asjson
from worker.core.breaker import is_open
from worker.core.chart import short
from worker.core.moments import span
from worker.core.overview import Overview, Series
from worker.core.standing import Standing, wrong
from worker.core.verdict import in_words, judgement
from worker.core.waiting import braked
from worker.gathering import gathered
from worker.inspection import inspected
from worker.model import Refused
from worker.shelf import Shelf
from worker.web.operator import path

DAYS: Final = 30
MOST_DAYS: Final = 366
MOST_BARS: Final = 60
"""In a row; of more days, several are one bar."""


@click.command()
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=DAYS,
    show_default=True,
    metavar="N",
    help="Of so many days, today among them.",
)
@click.option("--json", is_flag=True, help="Print as JSON.")
@click.option("--link", is_flag=True, help="Print the address of the operator's page instead.")
@placed
def stats(place: Place, days: int, json: bool, link: bool) -> None:
    """How it has been going: readers, mails, papers, requests, rules. Days are those of UTC."""
    if link:
        click.echo(_link(place))
        return
    figures, standing = asyncio.run(_figures(place, days))
    if json:
        say_json(_as_json(figures, standing))
    else:
        _show(figures, standing)


def _link(place: Place) -> str:
    listen = place.settings.web.operator
    if listen is None or not listen.port:
        why = "is not set" if listen is None else "has no port of its own"
        line = f"[web] operator {why}, so there is no operator's page with an address to tell"
        raise Refused(line, os.EX_CONFIG)
    return _host(listen) + asyncio.run(_path(place))


def _host(listen: Listen) -> str:
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    return f"http://{host}:{listen.port}"


async def _path(place: Place) -> str:
    async with opening.beside(place.settings) as opened:
        return path(opened.composer.keys)


async def _figures(place: Place, days: int) -> tuple[Overview, Standing]:
    now = SystemClock().now()
    async with opening.beside(place.settings) as opened:
        found = await inspected(opened, now)
        return await gathered(opened, Shelf(opened.papers), now, days), found.standing


def _as_json(figures: Overview, standing: Standing) -> dict[str, Any]:
    """The stable form of ``stats --json``."""
    queue, now = figures.queue, standing.now
    return {
        "days": [str(day) for day in figures.days],
        "wrong": [in_words(each, now) for each in wrong(standing)],
        "subscribers": {state.value: count for state, count in figures.subscribers.items()},
        "digests": _counts(figures.digests),
        "others": {kind.value: count for kind, count in figures.others.items()},
        "papers": _counts(figures.papers),
        "attempts": _counts(figures.attempts),
        "suppressions": _counts(figures.suppressions),
        "asks": _counts(figures.asks),
        "limit": {"an_hour": figures.requests.an_hour, "left": figures.requests.left},
        "queue": {
            "waiting": queue.waiting,
            "sending": queue.sending,
            "deferred": queue.deferred,
            "uncertain": queue.uncertain,
            "held": queue.held,
            "since": asjson.at(queue.since),
        },
        "breakers": [braked(each, now) for each in standing.breakers if is_open(each, now)],
        "rules": [
            {"query": each.query, "readers": each.readers, "papers": each.papers}
            for each in figures.tried.rules
        ],
        "tried": {"papers": figures.tried.papers, "days": figures.tried.days},
    }


def _counts(series: Sequence[Series]) -> dict[str, list[int]]:
    return {each.name: list(each.counts) for each in series}


def _show(figures: Overview, standing: Standing) -> None:
    console = terminal()
    console.print(Text(judgement(standing, wrong(standing)), style="bold"))
    console.print()
    for table in (_by_day(figures), _now(figures, standing), _rules(figures)):
        console.print(table)
        console.print()
    for each in standing.breakers:
        if is_open(each, standing.now):
            console.print(Text(braked(each, standing.now)))


def _table(*names: str, numbers: Sequence[int]) -> Table:
    table = Table(*names, box=None, header_style="dim", padding=(0, 2, 0, 0))
    for at in numbers:
        table.columns[at].justify = "right"
    return table


def _by_day(figures: Overview) -> Table:
    days = figures.days
    each = -(-len(days) // MOST_BARS)
    of = "a day" if each == 1 else f"{each} days"
    dates = f"{short(days[0])} to {short(days[-1])}, {of} each"
    table = _table("", "", "all", "today", dates, numbers=(2, 3))
    parts: Mapping[str, Sequence[Series]] = {
        "digests": figures.digests,
        "papers": figures.papers,
        "attempts": figures.attempts,
        "suppressions": figures.suppressions,
        "requests": figures.asks,
    }
    for name, series in parts.items():
        there = [one for one in series if one.total] or series[:1]
        for at, one in enumerate(there):
            counts = (f"{one.total:,}", f"{one.counts[-1]:,}", bars(_together(one.counts, each)))
            table.add_row("" if at else name, one.name, *counts)
    return table


def _together(counts: Sequence[int], each: int) -> list[int]:
    """So many days as one number; of the oldest ones there may be fewer."""
    first = len(counts) % each
    whole = [sum(counts[at : at + each]) for at in range(first, len(counts), each)]
    return [sum(counts[:first]), *whole] if first else whole


def _now(figures: Overview, standing: Standing) -> Table:
    queue, requests = figures.queue, figures.requests
    oldest = f", the oldest for {span(standing.now - queue.since)}" if queue.since else ""
    waits = (
        f"{queue.waiting:,} not tried yet, {queue.sending:,} being sent, "
        f"{queue.deferred:,} put off, {queue.uncertain:,} in doubt; "
        f"{queue.held:,} held by you{oldest}"
    )
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    told = ", ".join(f"{count:,} {state.value}" for state, count in figures.subscribers.items())
    others = ", ".join(f"{count:,} {kind.value}" for kind, count in figures.others.items())
    for row in (
        ("subscribers", told),
        ("queue", waits),
        ("other mails", others),
        ("requests", f"{requests.left:,} of {requests.an_hour:,} left of this hour's limit"),
    ):
        table.add_row(*map(Text, row))
    return table


def _rules(figures: Overview) -> Table:
    tried = figures.tried
    papers = f"of {tried.papers:,} papers of {tried.days} days"
    table = _table("rule", "readers", papers, numbers=(1, 2))
    for each in tried.rules:
        matched = "cannot be read" if each.papers is None else f"{each.papers:,}"
        table.add_row(Text(each.query), f"{each.readers:,}", matched)
    return table


COMMANDS = (stats,)
