"""How it is with a subscriber, and what he may write, as lines of an answer.

A line with a tab is a row of two: what stands before it, and what is said of that. An empty line
ends a group. No text of his ever holds a tab, so that none becomes a row that we did not make.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from worker.core.due import next_slot, zone
from worker.core.named import shown
from worker.core.schedule import DAYS, format_schedule
from worker.core.typeset import spelled
from worker.core.wording import ABSTRACTS, ORDERS, related_said
from worker.manner import USUAL, Manner
from worker.model import Subscriber
from worker.schedules import Schedule

HELP: Final = (
    "Answer any mail of this list with one of these, one to a line:",
    "",
    "pause until friday\tno mail before that day; also “1 october”; or “pause 2 weeks”",
    "resume\tend the pause",
    "rules\tshow your rules and your schedule",
    "add QUERY\tone rule more; also “add NAME = QUERY”",
    "remove 2\twithout rule 2",
    "daily 7:30\tor “weekdays”, “weekly fri”, “monthly 1”; without a time, the time stays",
    "immediately\tas soon as there are new papers",
    "abstracts opening\ttheir first sentences; also “abstracts none”, “abstracts full”",
    "order upvotes\tthe most upvoted first; “order rules” puts the best match first",
    "related all\tnews of papers you had; also “related none”, “related replaced cross”",
    "stop\tunsubscribe",
    "help\tthis list",
)


def situation(who: Subscriber, now: datetime) -> tuple[str, ...]:
    """His rules, his schedule, what of his digests is not as usual, and when the next one comes."""
    rules = (f"{number}\t{shown(rule)}" for number, rule in enumerate(who.rules, start=1))
    schedule = f"schedule\t{format_schedule(who.schedule)}, {who.timezone}"
    return (*rules, schedule, *_chosen(who.manner), f"next digest\t{next_digest(who, now)}")


def _chosen(manner: Manner) -> Iterator[str]:
    """What he has chosen by a command, under the name of that command."""
    if manner.abstracts is not USUAL.abstracts:
        yield f"abstracts\t{ABSTRACTS[manner.abstracts]}"
    if manner.order is not USUAL.order:
        yield f"order\t{ORDERS[manner.order]}"
    if manner.related:
        yield f"related\t{related_said(manner)}"


def command_of(schedule: Schedule) -> str:
    """What he would write to have this schedule."""
    text = format_schedule(schedule)
    return f"weekly {text}" if text.partition(",")[0] in DAYS else text


def is_paused(who: Subscriber, now: datetime) -> bool:
    """Whether it is before the day that his pause ends."""
    today = now.astimezone(zone(who.timezone)).date()
    return who.paused_until is not None and today < who.paused_until


def next_digest(who: Subscriber, now: datetime) -> str:
    """When it comes, as far as that can be said."""
    if who.paused_until and is_paused(who, now):
        return f"after your pause, from {spelled(who.paused_until, who.manner.language)} on"
    local = zone(who.timezone)
    instant = next_slot(who.schedule, local, who.last_slot, now)
    if instant is None:
        return "as soon as there are new papers"
    at = instant.astimezone(local)
    return f"{spelled(at.date(), who.manner.language)}, {at:%H:%M}"
