"""Subscribers as lines for people: who, in which state and why, what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time

from rich.markup import escape
from rich.table import Table

from worker.clock import SystemClock
from worker.core.due import format_schedule, next_slot, zone
from worker.core.named import shown
from worker.core.reasons import why
from worker.core.wording import ABSTRACTS, ORDERS, related_said
from worker.deliveries import Suppression
from worker.manner import USUAL, Manner
from worker.model import Subscriber, SubscriberState


def table(everyone: Sequence[Subscriber], widest: int | None) -> Table:
    """A row for each; addresses are cut where they are wider than that."""
    rows = Table(box=None, header_style="dim")
    rows.add_column("address", no_wrap=True, max_width=widest)
    rows.add_column("state", no_wrap=True)
    for name in ("schedule", "zone"):
        rows.add_column(name)
    rows.add_column("rules", justify="right")
    rows.add_column("next")
    for who in everyone:
        state = f"paused until {who.paused_until}" if _paused(who) else who.state.value
        schedule = format_schedule(who.schedule)
        cells = (escape(who.address), state, schedule, who.timezone, str(len(who.rules)))
        rows.add_row(*cells, next_mail(who))
    return rows


def stopped(everyone: Sequence[Subscriber], listed: Sequence[Suppression]) -> list[str]:
    """A line for each who is suppressed: since when, and why."""
    entries = {entry.address.casefold(): entry for entry in listed}
    found = ((who, entries.get(who.address.casefold())) for who in everyone)
    return [
        f"{who.address}: {why(entry)}"
        for who, entry in found
        if entry or who.state is SubscriberState.SUPPRESSED
    ]


def one(who: Subscriber, entry: Suppression | None) -> str:
    """All there is of one subscriber."""
    suppressed = entry or who.state is SubscriberState.SUPPRESSED
    state = why(entry) if suppressed else who.state.value
    lines = [f"{who.address}: {state}, {summary(who)}"]
    lines += [f"  rule {shown(rule)}" for rule in who.rules]
    lines += [f"  {line}" for line in _manner(who.manner)]
    lines.append(f"  has read up to paper {who.cursor.paper}; {len(who.held_over)} held over")
    return "\n".join(lines)


def _manner(manner: Manner) -> Iterator[str]:
    """How his mail is written, as far as that is not as usual."""
    if (manner.language, manner.plain) != (USUAL.language, USUAL.plain):
        plain = ", plain text only" * manner.plain
        yield f"language of days {manner.language.value}{plain}"
    if manner.abstracts is not USUAL.abstracts:
        yield f"abstracts: {ABSTRACTS[manner.abstracts]}"
    if manner.order is not USUAL.order:
        yield f"order: {ORDERS[manner.order]}"
    if manner.related:
        yield f"told of papers that he had: {related_said(manner)}"


def summary(who: Subscriber) -> str:
    """His schedule, how many rules he has, and when he is mailed next."""
    rules = f"{len(who.rules)} rule{'s' * (len(who.rules) != 1)}"
    return f"{format_schedule(who.schedule)} {who.timezone}, {rules}, next {next_mail(who)}"


def next_mail(who: Subscriber) -> str:
    """When he is mailed next, in his own time."""
    if who.state is not SubscriberState.ACTIVE:
        return "never"
    local = zone(who.timezone)
    now = SystemClock().now()
    if _paused(who) and who.paused_until:
        now = datetime.combine(who.paused_until, time(), local).astimezone(UTC)
    instant = next_slot(who.schedule, local, who.last_slot, now)
    return f"{instant.astimezone(local):%a %d %b %H:%M}" if instant else "when a file comes"


def _paused(who: Subscriber) -> bool:
    today = SystemClock().now().astimezone(zone(who.timezone)).date()
    active = who.state is SubscriberState.ACTIVE
    return active and who.paused_until is not None and today < who.paused_until
