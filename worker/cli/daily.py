"""``run``, ``ingest``, ``send``: the day, as a daemon or step by step from a crontab."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, track
from rich.table import Table
from rich.text import Text

from worker import errands, log, opening
from worker.cli.ingesting import Ingested, hand_over, ingest_here
from worker.cli.place import Place, placed, say_json, terminal, written
from worker.cli.running import run_daemon
from worker.cli.testing import send_test
from worker.clock import FixedClock, SystemClock
from worker.core.settle import shown
from worker.mailer.folder import FolderMailer
from worker.model import Refused, Rejected
from worker.opened import Opened
from worker.pipeline.collect import Collecting
from worker.pipeline.rehearse import rehearse
from worker.ports import Clock
from worker.turns import Locked


@click.command()
@placed
def run(place: Place) -> None:
    """Watch the inbox, plan what is due each minute, deliver it; until SIGTERM.

    SIGHUP: read the configuration, the subscribers file and the templates anew.
    """
    log.configure()
    try:
        asyncio.run(run_daemon(place, SystemClock()))
    except Refused as refused:  # this goes where the log goes
        raise Refused(log.scrubbed(str(refused)), refused.exit_code) from refused


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--again", is_flag=True, help="Also what was taken in before is read once more.")
@click.option("--json", is_flag=True, help="Print the counts as JSON.")
@placed
def ingest(place: Place, files: tuple[Path, ...], again: bool, json: bool) -> None:
    """Take daily files in. While the daemon runs, it is handed them and does it."""
    results = asyncio.run(_ingest(place, files, again=again))
    if json:
        say_json(_ingested_json(results))
    else:
        _show_ingested(results)
    for result in results:
        _complain_of(result.name, result.set_aside)
        for note in result.notes:
            click.echo(f"paperround: {shown(result.name)}: {shown(note)}", err=True)
    refused = [result for result in results if result.why]
    if refused:
        for result in refused:
            _complain_of(result.name, result.why)
        summary = f"{len(refused)} of {len(results)} files refused; nothing of them was taken in"
        raise Refused(summary, max(one.exit_code for one in refused))


def _complain_of(name: str, reasons: Iterable[Rejected]) -> None:
    for reason in reasons:
        click.echo(f"paperround: {shown(f'{name}, {reason.where}: {reason.why}')}", err=True)


async def _ingest(place: Place, files: tuple[Path, ...], *, again: bool) -> list[Ingested]:
    try:
        async with opening.opened(place.settings, place.named, SystemClock()) as opened:
            return await ingest_here(_tracked(files), opened, again=again)
    except Locked:
        return await hand_over(_tracked(files), place.settings, again=again)


def _tracked(files: Sequence[Path]) -> Iterable[Path]:
    """The files one by one, with a bar on a terminal and nothing in a pipe."""
    console = terminal()
    quiet = not console.is_terminal or len(files) < 3
    return track(files, "taking in", console=console, disable=quiet, transient=True)


def _ingested_json(results: list[Ingested]) -> dict[str, Any]:
    totals: Counter[str] = Counter(listed=0, new=0, seen=0, rejected=0, unasked=0)
    for result in results:
        totals.update(result.counts)
    return {**totals, "files": [result.as_json() for result in results]}


COLUMNS = {
    "listed": "listed",
    "new": "new",
    "seen": "already seen",
    "rejected": "set aside",
    "unasked": "not asked for",
}


def _show_ingested(results: list[Ingested]) -> None:
    unasked = any(result.counts.get("unasked") for result in results)
    columns = {name: title for name, title in COLUMNS.items() if name != "unasked" or unasked}
    table = Table("file", "day", box=None, header_style="dim")
    for title in columns.values():
        table.add_column(title, justify="right")
    table.add_column("")
    for result in results:
        counts = [str(result.counts.get(name, "")) for name in columns]
        table.add_row(Text(shown(result.name)), result.day, *counts, result.remark)
    terminal().print(table)


@click.command()
@click.option("--now", metavar="ISO", help="Act as of this instant, e.g. 2025-09-08T06:00Z.")
@click.option(
    "--dry-run",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write what would be mailed into this folder; change nothing.",
)
@click.option("--test-to", metavar="ADDRESS", help="Send only a test, there; record nothing.")
@click.option("--subscriber", metavar="ADDRESS", help="Whose digest the test is; else a sample.")
@click.option("--json", is_flag=True, help="Print the counts as JSON.")
@placed
def send(
    place: Place,
    now: str | None,
    dry_run: Path | None,
    test_to: str | None,
    subscriber: str | None,
    json: bool,
) -> None:
    """Act on mail that came back, plan what is due, deliver what waits: one tick."""
    if (subscriber and not test_to) or (test_to and (dry_run or json)):
        raise click.UsageError("--test-to goes with --subscriber and --now only, and it with that")
    clock = FixedClock(parse_instant(now)) if now else SystemClock()
    if test_to:
        reply = asyncio.run(send_test(place, test_to, subscriber, clock))
        click.echo(f"a test is on its way to {test_to}: {reply}")
        return
    counts = asyncio.run(_dry_run(place, clock, dry_run) if dry_run else _send(place, clock))
    if json:
        say_json(counts)
        return
    shown = ((name, number) for name, number in counts.items() if number or name in ("due", "sent"))
    terminal().print(" · ".join(f"{number} {name}" for name, number in shown))


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant; without an offset it is UTC. Raises a usage error."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        wrong = f"{text!r} is not an ISO instant such as 2025-09-08T06:00Z"
        raise click.BadParameter(wrong, param_hint="--now") from None
    if not 1970 < instant.year < 2200:  # beyond, zones and dates run out
        raise click.BadParameter(f"{text!r} is out of range", param_hint="--now")
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


COUNTS = (
    "due", "planned", "empty", "superseded", "waiting",
    "sent", "deferred", "failed", "uncertain", "expired", "queued",
)  # fmt: skip


async def _send(place: Place, clock: Clock) -> dict[str, int]:
    settings = place.configured()
    async with opening.opened(settings, place.named, clock) as opened:
        await opened.recover(clock)
        async with errands.postboxes(settings) as postboxes:
            await Collecting(postboxes, opened.returning(clock)).collect(asyncio.Event())
        counts = await opened.plan(clock)
        async with errands.outgoing(settings, opened.holds, opened.record, clock) as outgoing:
            counts += await _deliver(opened, outgoing, clock)
        states = await opened.ledger.counts()
    counts["queued"] = sum(states[state] for state in ("planned", "deferred", "uncertain"))
    return {name: counts[name] for name in COUNTS}


async def _deliver(opened: Opened, outgoing: errands.Outgoing, clock: Clock) -> Counter[str]:
    round_ = opened.round(outgoing.mailer, clock, domains=outgoing.domains)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = terminal()
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        task = progress.add_task("delivering", total=None)
        round_.on_settled = lambda done: progress.update(
            task, description=f"delivering, {done} done"
        )
        return await round_.deliver(outgoing.connections)


async def _dry_run(place: Place, clock: Clock, folder: Path) -> dict[str, int]:
    async with opening.beside(place.settings) as opened:
        found = await opened.due(clock)
        deliveries = await rehearse(found, opened.subscribers, opened.ledger)
        folder.mkdir(parents=True, exist_ok=True)
        mailer = FolderMailer(folder)
        for delivery in deliveries:
            written(await mailer.deliver(opened.composer(delivery)))
    return {"due": len(found.plans), "written": len(deliveries)}


COMMANDS = (run, ingest, send)
