"""``replay``: what somebody was sent, made again from what is on record, to the byte."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from worker import durable, opening, shipped
from worker.cli.place import Place, placed
from worker.config.settings import Settings
from worker.deliveries import Delivery, DeliveryKind, DeliveryState, Envelope
from worker.model import Refused


@click.command()
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The day of the digest, where its reader is.",
)
@click.option("--subscriber", "address", metavar="ADDRESS", required=True, help="Whose it was.")
@click.option("--number", type=click.IntRange(1), help="Which one, if that day had several.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it here.  [default: standard output]",
)
@placed
def replay(place: Place, day: datetime, address: str, number: int | None, out: Path | None) -> None:
    """The message that somebody was sent, byte by byte, made again from what is on record.

    Whatever rules, preferences or papers became since makes no difference. Templates, keys and
    the configuration do: if one is newer than the message, that is said.
    """
    found, envelope, at = asyncio.run(_replayed(place, day.date(), address, number))
    if changed := ", ".join(map(str, _changed_since(place, at))):
        line = f"changed after this was sent, so it may not be what it was: {changed}"
        click.echo(f"paperround: warning: {line}", err=True)
    if found.state is not DeliveryState.SENT:
        line = f"this digest is {found.state.value}: whether it arrived is not known"
        click.echo(f"paperround: warning: {line}", err=True)
    if out:
        durable.write(out, envelope.content)
        click.echo(str(out))
    else:
        sys.stdout.buffer.write(envelope.content)


async def _replayed(
    place: Place, day: date, address: str, number: int | None
) -> tuple[Delivery, Envelope, datetime]:
    """The delivery, its message, and when that was handed over last. Raises Refused."""
    async with opening.beside(place.settings) as opened:
        who = await opening.found(opened, address)
        every = await opened.ledger.deliveries(DeliveryState, who.id)
        mailed = [one for one in every if one.kind is DeliveryKind.DIGEST and one.attempts]
        one = _chosen(mailed, day, who.address, number)
        attempts = await opened.record.attempts(one.id)
        at = max((each.at for each in attempts), default=one.planned_at)
        return one, opened.composer(one), at


def _chosen(mailed: Sequence[Delivery], day: date, address: str, number: int | None) -> Delivery:
    that_day = [one for one in mailed if one.digest.slot.day == day]
    if not that_day:
        days = ", ".join(str(each) for each in sorted({one.digest.slot.day for one in mailed})[-5:])
        others = f"the last were of {days}" if days else "none ever was"
        raise Refused(f"{address}: no digest of {day} was sent; {others}")
    if number is None and len(that_day) > 1:
        lines = (f"  {each}: {_in_short(one)}" for each, one in enumerate(that_day, 1))
        count = f"{len(that_day)} digests of {day}; say which with --number"
        raise Refused("\n".join((f"{address}: {count}", *lines)))
    if (number or 1) > len(that_day):
        raise Refused(f"{address}: only {len(that_day)} digests of {day}")
    return that_day[(number or 1) - 1]


def _in_short(one: Delivery) -> str:
    papers = len(one.digest.picks)
    what = f"{papers} paper{'s' * (papers != 1)}, {one.state.value}"
    return f"planned {one.planned_at:%Y-%m-%d %H:%M} UTC, {what}"


def _changed_since(place: Place, at: datetime) -> Iterator[Path]:
    """What a message is made of besides its row, as far as it is newer than the message."""
    for file in _made_of(place.settings):
        if file.exists() and datetime.fromtimestamp(file.stat().st_mtime, UTC) > at:
            yield file


def _made_of(settings: Settings) -> Iterator[Path]:
    if settings.config:
        yield settings.config
    yield settings.keys
    for folder in (shipped.path("templates"), settings.data / "templates"):
        yield from sorted((folder / "mail").glob("*.j2"))


COMMANDS = (replay,)
