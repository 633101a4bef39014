"""``suppress``, ``unsuppress``, ``suppressions``: who is never mailed, whatever any list says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from worker import opening
from worker.cli.place import Place, placed, say_json, terminal
from worker.clock import SystemClock
from worker.core.address import normalise
from worker.core.reasons import IN_WORDS, why
from worker.deliveries import Reason, Suppression
from worker.model import Refused, Subscriber, SubscriberState
from worker.opened import Opened

ERASED = "(erased)"


@click.command()
@click.argument("address")
@click.option("--reason", metavar="TEXT", default="", help="Kept with the entry, for you.")
@placed
def suppress(place: Place, address: str, reason: str) -> None:
    """Never mail this address again, whatever any list, file or import says."""
    clean = normalise(address)

    async def act(opened: Opened) -> str:
        now = SystemClock().now()
        if await opened.suppressions.suppress(clean, Reason.OPERATOR, now, reason):
            return "suppressed; what waited for it is cancelled"
        return f"{why(await opened.suppressions.find(clean))}; nothing is changed"

    click.echo(f"{clean}: {_with(place, act)}")


@click.command()
@click.argument("address")
@click.option("--asked", is_flag=True, help="He asked for it himself: also after a complaint.")
@placed
def unsuppress(place: Place, address: str, asked: bool) -> None:
    """Take an address off the list. Whoever was suppressed reads on from today."""
    click.echo(_with(place, lambda opened: _unsuppress(opened, address.strip(), asked=asked)))


@click.command()
@click.option("--json", is_flag=True, help="Print as JSON.")
@placed
def suppressions(place: Place, json: bool) -> None:
    """The list: which address, why, since when."""
    listed = asyncio.run(_listed(place))
    if json:
        say_json([as_json(entry) for entry in listed])
        return
    table = Table(box=None, header_style="dim")
    table.add_column("address", overflow="fold")
    table.add_column("since", no_wrap=True)
    table.add_column("reason")
    table.add_column("note")
    for entry in listed:
        address = escape(entry.address or ERASED)
        table.add_row(address, f"{entry.at:%Y-%m-%d}", IN_WORDS[entry.reason], escape(entry.note))
    terminal().print(table if listed else "Nobody is suppressed.")


def erase(place: Place, address: str) -> None:
    """Leave a hash of it only. Raises Refused if nothing is known of it."""

    async def act(opened: Opened) -> None:
        if not await opened.suppressions.erase(address, SystemClock().now()):
            raise Refused(f"{address}: nothing is known of it here")

    _with(place, act)
    if any(one.address.casefold() == address.casefold() for one in place.named or ()):
        file = place.subscribers_file
        click.echo(f"paperround: {file} still names it: take it out there too", err=True)


async def _listed(place: Place) -> Sequence[Suppression]:
    async with opening.beside(place.settings) as opened:
        return await opened.suppressions.listed()


async def _unsuppress(opened: Opened, address: str, *, asked: bool) -> str:
    entry = await opened.suppressions.find(address)
    who = await opened.subscribers.find(address)
    stopped = who is not None and who.state is SubscriberState.SUPPRESSED
    if entry is None and not stopped:
        raise Refused(f"{address}: not on the suppression list")
    if entry and entry.reason is Reason.COMPLAINT and not asked:
        line = f"{address}: its owner called our mail spam"
        raise Refused(f"{line}; `unsuppress --asked` only if he asked for it himself")
    await opened.suppressions.unsuppress(address)
    if not stopped:
        stays = f"; its subscriber is {who.state.value}, and stays so" if who else ""
        return f"{address}: off the list{stays}"
    end = await opened.papers.end()

    def back(who: Subscriber) -> Subscriber:
        return replace(who, state=SubscriberState.ACTIVE, cursor=end, held_over=())

    await opening.changed(opened, address, back)
    return f"{address}: off the list, and mailed again, with what is listed from now on"


def as_json(entry: Suppression) -> dict[str, Any]:
    """The stable form of an entry."""
    return {
        "address": entry.address or None,
        "reason": entry.reason.value,
        "since": entry.at.isoformat(),
        "note": entry.note,
    }


def _with(place: Place, act: Callable[[Opened], Awaitable[Any]]) -> Any:
    async def acted() -> Any:
        async with opening.opened_or_beside(place.settings, place.named, SystemClock()) as opened:
            return await act(opened)

    return asyncio.run(acted())


COMMANDS = (suppress, unsuppress, suppressions)
