"""``status``: how much there is, what waits and why, and whether all is well."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from worker import opening
from worker.cli.place import Place, placed, say_json, terminal
from worker.cli.queued import in_order
from worker.clock import SystemClock
from worker.core.moments import read_span
from worker.core.settle import ignored
from worker.core.standing import STALE, Standing, wrong
from worker.core.verdict import in_words, judgement
from worker.core.waiting import Why, braked, told, wait
from worker.core.ways import Ways, in_the_way
from worker.inspection import Found, inspected
from worker.model import Refused
from worker.ways import ways

ALARM = 2
"""What a monitoring system takes for critical."""


@click.command()
@click.option(
    "--max-age",
    metavar="SPAN",
    help="End with 2 if no daily file came for so long: 26h, 3d.  [wrong after 4 days]",
)
@click.option("--strict", is_flag=True, help="End with 2 if something is wrong.")
@click.option("--json", is_flag=True, help="Print it as JSON.")
@placed
def status(place: Place, max_age: str | None, strict: bool, json: bool) -> None:
    """How much there is, what waits and why, and whether all is well."""
    stale = _span(max_age) if max_age else STALE
    found = asyncio.run(_found(place))
    standing = found.standing
    troubles = wrong(standing, stale)
    waits = _waits(standing, ways(place.settings))
    if json:
        lines = [in_words(each, standing.now) for each in troubles]
        say_json(found.counts | {"wrong": lines, "waits": waits})
    else:
        _show(_lines(place.settings.inbox, found, waits), found, judgement(standing, troubles))
    newest = standing.newest
    too_old = max_age and (newest is None or standing.now - newest > stale)
    if too_old or (strict and troubles):
        raise click.exceptions.Exit(ALARM)


def _span(text: str) -> timedelta:
    try:
        return read_span(text)
    except Refused as refused:
        raise click.BadParameter(str(refused), param_hint="--max-age") from None


async def _found(place: Place) -> Found:
    async with opening.beside(place.settings) as opened:
        return await inspected(opened, SystemClock().now())


def _show(lines: Sequence[str], found: Found, verdict: str) -> None:
    console = terminal()
    table = Table(box=None, show_header=False)
    for name, number in found.counts.items():
        table.add_row(name, str(number))
    console.print(table)
    for line in lines:
        console.print(Text(line))
    console.print()
    console.print(Text(verdict, style="bold"))


def _lines(inbox: Path, found: Found, waits: Sequence[str]) -> list[str]:
    newest = found.newest
    lines = [] if inbox.is_dir() else [f"the inbox {inbox} is not there"]
    if lying := _lying(inbox):
        lines.append(f"files that lie in the inbox: {lying}")
    if newest:
        lines.append(f"newest file {newest.name}, taken in {newest.at:%Y-%m-%d %H:%M} UTC")
    lines += waits
    return lines + [f"failed, slot {one.digest.slot.name}: {one.reply}" for one in found.failed]


def _waits(standing: Standing, out: Ways) -> list[str]:
    """What waits and why, and what would keep mail back, were there any."""
    now, breakers = standing.now, standing.breakers
    stopping = in_the_way(breakers, out, now)
    waits = [wait(one, stopping, now) for one in standing.outstanding]
    named = {one.name for one in waits if one.why in (Why.SERVER, Why.DOMAIN)}
    others = (one for one in in_order(breakers) if one.name not in named)
    reached = standing.reached if any(one.why is Why.DUE for one in waits) else ()
    return [*(braked(one, now) for one in others), *reached, *told(waits, now)]


def _lying(inbox: Path) -> int:
    """Files in the inbox that are no temporary ones: just come, incomplete, or empty."""
    entries = inbox.iterdir() if inbox.is_dir() else ()
    return sum(not ignored(entry.name) for entry in entries)


COMMANDS = (status,)
