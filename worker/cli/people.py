"""``subscribers``: who gets the digests, besides those whom the subscribers file names."""

from __future__ import annotations

import asyncio
import csv
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from worker import opening
from worker.asks import AskKind, Scope
from worker.cli import listed, preferences, sheet, suppressing
from worker.cli.place import Place, placed, say_json, terminal
from worker.clock import SystemClock
from worker.core import roles
from worker.core.preferred import preferences_of
from worker.core.reasons import why
from worker.core.roll import REVIVABLE, come, following, joined
from worker.deliveries import Suppression
from worker.model import Refused, Subscriber, SubscriberState
from worker.opened import Opened
from worker.ports import Suppressed
from worker.signup import NUMBER_BITS, Wish

LEFT_BEFORE = (
    "left before the ledger was restored; `subscribers add --again` only if he wants to be back"
)

_TOO_OFTEN = {
    Scope.ADDRESS: "was asked a short while ago, or thrice today",
    Scope.NETWORK: "too many were asked from here",
    Scope.DOMAIN: "too many of that domain were asked within an hour",
    Scope.ALL: "too many were asked in all within an hour",
}


@click.group()
@placed
@click.pass_context
def subscribers(context: click.Context, place: Place) -> None:
    """List, add, change, pause and remove subscribers."""
    context.obj = place


@subscribers.command()
@click.argument("address")
@click.option("--again", is_flag=True, help="Bring back one whom you removed.")
@preferences.options
@placed
def add(place: Place, address: str, again: bool, **asked: Any) -> None:
    """Add a subscriber; he gets what is listed from now on."""
    wished = preferences.wanted(
        preferences.newcomer(address, place.settings), asked, place.settings
    )

    async def act(opened: Opened) -> Subscriber:
        known = await opened.subscribers.find(wished.address)
        if entry := await opened.suppressions.find(wished.address):
            raise Refused(_way_out(wished.address, entry))
        if known and again and known.state is SubscriberState.REMOVED:
            back = replace(following(known, wished), state=SubscriberState.ACTIVE)
            back = replace(back, cursor=await opened.papers.end(), held_over=())
            back = replace(back, paused_until=None, from_file=False)
            return await opening.changed(opened, wished.address, lambda _: back)
        end, now = await opened.papers.end(), SystemClock().now()

        def come_now(who: Subscriber) -> Subscriber:
            if who.state is not SubscriberState.PENDING:
                _refuse_gone(who)
                raise Refused(f"{who.address}: on the list already; see `subscribers set`")
            return come(who, wished, end, now)

        newcomer = joined(wished, end, now, next(opening.uids()), from_file=False)
        try:
            if known:
                return await opening.changed(opened, wished.address, come_now)
            return await opened.subscribers.add(newcomer, again=again)
        except Suppressed:
            raise Refused(f"{wished.address}: {LEFT_BEFORE}") from None

    added = asyncio.run(_with(place, act))
    click.echo(f"{added.address} added: {listed.summary(added)}")


@subscribers.command()
@click.argument("address")
@preferences.options
@placed
def invite(place: Place, address: str, **asked: Any) -> None:
    """Have the daemon ask an address whether it wants the digests.

    It is a subscriber once it confirms, on the site. The limits are those of the site.
    """
    wished = preferences.wanted(
        preferences.newcomer(address, place.settings), asked, place.settings
    )
    if place.settings.web.listen is None:
        raise Refused("[web] listen: empty, so there is no page to confirm it on", os.EX_CONFIG)

    async def act(opened: Opened) -> Scope | None:
        signup = opened.signup(SystemClock(), secrets.randbits)
        if entry := await opened.suppressions.find(wished.address):
            raise Refused(_way_out(wished.address, entry))
        if roles.refused(wished.address, signup.ours):
            raise Refused(
                f"{wished.address}: reaches an office, a list or a program, and no reader"
            )
        form = secrets.randbits(NUMBER_BITS)
        return await signup.ask(Wish(AskKind.SUBSCRIBE, wished.address, wished, "", form))

    if met := asyncio.run(_with(place, act)):
        raise Refused(f"{wished.address}: {_TOO_OFTEN[met]}; try again later", os.EX_TEMPFAIL)
    click.echo(f"{wished.address}: to be asked by mail; it has two days to confirm")


@subscribers.command("list")
@click.option("--json", is_flag=True, help="Print as JSON.")
@placed
def list_(place: Place, json: bool) -> None:
    """All subscribers, with what they get next and when."""

    async def look(opened: Opened) -> tuple[Any, Any]:
        return await opened.subscribers.everyone(), await opened.suppressions.listed()

    everyone, entries = asyncio.run(_with(place, look))
    if json:
        say_json([sheet.as_json(who) for who in everyone])
        return
    console = terminal()
    nobody = "No subscribers yet: paperround subscribers add ADDRESS"
    widest = console.width * 3 // 10 if console.is_terminal else None
    console.print(listed.table(everyone, widest) if everyone else nobody)
    for line in listed.stopped(everyone, entries):
        console.print(Text(line))


@subscribers.command()
@click.argument("address")
@click.option("--json", is_flag=True, help="Print as JSON.")
@placed
def show(place: Place, address: str, json: bool) -> None:
    """One subscriber, his rules, and how far he has read."""

    async def look(opened: Opened) -> tuple[Subscriber, Suppression | None]:
        who = await opening.found(opened, address)
        return who, await opened.suppressions.find(who.address)

    who, entry = asyncio.run(_with(place, look))
    if json:
        suppressed = suppressing.as_json(entry) if entry else None
        say_json(sheet.as_json(who) | {"suppressed": suppressed})
        return
    click.echo(listed.one(who, entry))


@subscribers.command("set")
@click.argument("address")
@preferences.options
@placed
def set_(place: Place, address: str, **asked: Any) -> None:
    """Change rules, schedule or zone. Nothing is lost or repeated by that."""

    def change(who: Subscriber) -> Subscriber:
        _refuse_gone(who)
        if who.from_file:
            line = f"{who.address}: named in {place.subscribers_file}, which wins; change it there"
            raise Refused(line, os.EX_USAGE)
        return following(who, preferences.wanted(preferences_of(who), asked, place.settings))

    changed = asyncio.run(_change(place, address, change))
    click.echo(f"{changed.address} changed: {listed.summary(changed)}")


@subscribers.command()
@click.argument("address")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The first day with mail again.")
@click.option("--off", is_flag=True, help="End the pause now.")
@placed
def pause(place: Place, address: str, until: datetime | None, off: bool) -> None:
    """No mail until a date; what matched meanwhile comes in the first digest after it."""
    if (until is None) is not off:
        raise click.UsageError("say either --until DATE or --off")
    day = until.date() if until else None
    if day and day <= SystemClock().now().date():
        click.echo(f"paperround: {day} is not in the future: it holds nothing up now", err=True)

    def change(who: Subscriber) -> Subscriber:
        _refuse_gone(who)
        return replace(who, paused_until=day)

    changed = asyncio.run(_change(place, address, change))
    click.echo(f"{changed.address}: {f'paused until {day}' if day else 'no longer paused'}")


@subscribers.command()
@click.argument("address")
@placed
def remove(place: Place, address: str) -> None:
    """Never mail again, cancel what waits; no file or import brings the address back."""

    def change(who: Subscriber) -> Subscriber:
        ended = who.state in (SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED)
        return who if ended else replace(who, state=SubscriberState.REMOVED)

    removed = asyncio.run(_change(place, address, change))
    click.echo(f"{removed.address}: {removed.state.value}; what was sent stays on record")


@subscribers.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Say that you mean it: nothing brings it back.")
@placed
def erase(place: Place, address: str, yes: bool) -> None:
    """Forget an address and its rules everywhere, and never mail it again.

    What stays is a hash of it on the suppression list, so that no import brings it back.
    """
    if not yes:
        raise Refused(f"{address}: this cannot be undone; say it with --yes", os.EX_USAGE)

    suppressing.erase(place, address.strip())
    click.echo(f"{address}: forgotten; a hash is left on the suppression list")


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@placed
def import_(place: Place, file: Path, dry_run: bool) -> None:
    """Add or change subscribers from a CSV file as `export` writes it."""
    rows = sheet.read(file, place.settings)
    counts = asyncio.run(_with(place, lambda opened: sheet.take_in(rows, opened, dry_run=dry_run)))
    wrong = [row for row in rows if isinstance(row, sheet.Wrong)]
    for row in wrong:
        click.echo(f"paperround: {file}, line {row.line}: {row.why}", err=True)
    click.echo(" · ".join(f"{number} {name}" for name, number in counts.items()))
    if wrong:
        raise Refused(f"{file}: {len(wrong)} lines refused, the others were taken")


@subscribers.command("export")
@placed
def export(place: Place) -> None:
    """Print all subscribers as CSV."""
    everyone = asyncio.run(_with(place, lambda opened: opened.subscribers.everyone()))
    writer = csv.writer(sys.stdout)
    writer.writerow(sheet.COLUMNS)
    writer.writerows(sheet.row(who) for who in everyone)


async def _with(place: Place, act: Callable[[Opened], Any]) -> Any:
    async with opening.opened_or_beside(place.settings, place.named, SystemClock()) as opened:
        return await act(opened)


async def _change(
    place: Place, address: str, change: Callable[[Subscriber], Subscriber]
) -> Subscriber:
    changed: Subscriber = await _with(
        place, lambda opened: opening.changed(opened, address, change)
    )
    return changed


def _way_out(address: str, entry: Suppression | None) -> str:
    return f"{address}: {why(entry)}; `paperround unsuppress {address}` is the way out"


def _refuse_gone(who: Subscriber) -> None:
    """Raises Refused for somebody who is not mailed any more."""
    if who.state is SubscriberState.SUPPRESSED:
        raise Refused(_way_out(who.address, None))
    if who.state not in REVIVABLE:
        way_out = "; `subscribers add --again` brings back whom you removed"
        removed = who.state is SubscriberState.REMOVED
        raise Refused(f"{who.address}: {who.state.value}{way_out if removed else ' for good'}")
