"""The demonstration: two real days, five made-up readers, no network, nothing left behind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from rich.console import Console
from rich.table import Table

from worker import opening, shipped
from worker.cli.ingesting import Ingested, ingest_here
from worker.config.settings import read_settings
from worker.config.subscribers import read_subscribers
from worker.core.due import format_schedule, next_slot, zone
from worker.deliveries import DeliveryKind, DeliveryState
from worker.mailer.folder import FolderMailer, file_name
from worker.model import Subscriber
from worker.opened import Opened

ARRIVES = time(5, 0)
"""When the file of a day drops into the inbox, in UTC."""

SHOWN = timedelta(days=31)
"""How long the demonstration goes on after the last file, so that a monthly reader is due too."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What one subscriber was mailed: how many papers, and the files to open."""

    who: Subscriber
    papers: int
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What happened, for the table."""

    days: Sequence[Ingested]
    readers: Sequence[Reader]
    folder: Path


class SteppingClock:
    """A clock that is moved by hand."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """The instant it was last moved to."""
        return self.instant


async def demonstrate(folder: Path) -> Demonstration:
    """Run the two days and the month after them on made-up time; the stores are thrown away."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="paperround-demo-") as scratch:
        settings = read_settings(shipped.path("config") / "paperround.toml", {}, Path(scratch))
        named = read_subscribers(shipped.path("config") / "subscribers.toml", settings)
        seeds = sorted(shipped.path("seeds").glob("*.txt"))
        clock = SteppingClock(_arrival(seeds[0]))
        async with opening.opened(settings, named, clock) as opened:
            days = []
            for seed, until in zip(seeds, [*map(_arrival, seeds[1:]), None], strict=True):
                clock.instant = _arrival(seed)
                days += await ingest_here([seed], opened)
                await _go_on(opened, clock, FolderMailer(folder), until or clock.now() + SHOWN)
            return Demonstration(days, await _readers(opened, folder), folder)


def _arrival(seed: Path) -> datetime:
    return datetime.combine(datetime.fromisoformat(seed.stem).date(), ARRIVES, UTC)


async def _go_on(
    opened: Opened, clock: SteppingClock, mailer: FolderMailer, until: datetime
) -> None:
    """Tick now, and then at each instant at which somebody is due, up to ``until``."""
    while clock.now() < until:
        await opened.plan(clock)
        await opened.round(mailer, clock).deliver(1)
        clock.instant = min([until, *_next_slots(await opened.subscribers.everyone(), clock)])


def _next_slots(everyone: Sequence[Subscriber], clock: SteppingClock) -> Iterator[datetime]:
    for who in everyone:
        instant = next_slot(who.schedule, zone(who.timezone), who.last_slot, clock.now())
        if instant and instant > clock.now():
            yield instant


async def _readers(opened: Opened, folder: Path) -> list[Reader]:
    readers = []
    for who in await opened.subscribers.everyone():
        files, papers = [], 0
        for delivery in await opened.ledger.deliveries([DeliveryState.SENT], who.id):
            if delivery.kind is not DeliveryKind.DIGEST:
                continue
            message = folder / file_name(opened.composer(delivery))
            files += [message.with_suffix(".html")]
            papers += len(delivery.digest.picks)
            files[-1].write_text(_html_part(message), encoding="utf-8")
        readers.append(Reader(who, papers, tuple(files)))
    return readers


def _html_part(message: Path) -> str:
    parsed = message_from_bytes(message.read_bytes(), policy=policy.default)
    body = parsed.get_body(("html",))
    content: str = body.get_content() if body else ""
    return content


def show(demonstration: Demonstration, terminal: Console) -> None:
    """Two tables: the files that came, and what each reader was mailed because of them."""
    files = Table("daily file", box=None, header_style="dim")
    for name in ("listed", "new", "already seen"):
        files.add_column(name, justify="right")
    for day in demonstration.days:
        files.add_row(day.name, *(str(day.counts[name]) for name in ("listed", "new", "seen")))
    readers = Table(box=None, header_style="dim")
    readers.add_column("subscriber", no_wrap=True)
    readers.add_column("schedule")
    readers.add_column("matched", justify="right")
    readers.add_column("open this", overflow="fold")
    for reader in demonstration.readers:
        schedule = f"{format_schedule(reader.who.schedule)} {reader.who.timezone}"
        opened = "\n".join(file.name for file in reader.files) or "no match, no mail"
        readers.add_row(reader.who.address, schedule, str(reader.papers), opened)
    terminal.print(files, "", readers, "", sep="\n")
    terminal.print(
        f"Open them in {demonstration.folder}{os.sep} (each is there as .eml and .html)."
    )
