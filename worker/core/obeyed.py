"""What the commands of a mail make of the subscriber who wrote it, and what he is told of it.

All of them are done or none. Nobody is revived: who is not active can only leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.due import zone
from worker.core.mailcommands import Reading, read
from worker.core.roll import left
from worker.core.rulesets import NO_SETS, RuleSets
from worker.core.situation import HELP, situation
from worker.core.step import KEPT_FOR_HIM, Step, steps, undoing
from worker.core.wishes import Explain, Leave
from worker.model import Refused, Subscriber, SubscriberState


@dataclass(frozen=True, slots=True)
class Obeyed:
    """The subscriber as he is to be, and the answer: its title, then its lines.

    Without lines there is no answer. ``names`` are the commands, for the log.
    """

    who: Subscriber
    lines: tuple[str, ...]
    names: tuple[str, ...] = ()


def obey(text: str, who: Subscriber, now: datetime, sets: RuleSets = NO_SETS) -> Obeyed:
    """Do what the text says; there are these rule sets. Never raises for any text."""
    today = now.astimezone(zone(who.timezone)).date()
    reading = read(text, who.schedule, today, sets)
    names = tuple(type(command).__name__.lower() for command in reading.commands)
    if Leave() in reading.commands:
        return _leaving(who)
    if who.state is not SubscriberState.ACTIVE:
        return Obeyed(who, (), names)
    if not reading.commands:
        return Obeyed(who, _not_understood(reading, who, now), ("none",))
    try:
        taken = steps(reading.commands, who, now, sets)
    except Refused as refused:
        return Obeyed(who, _refused(str(refused), who, now), ("refused",))
    return Obeyed(taken[-1].who, _told(taken, reading, now), names)


def _leaving(who: Subscriber) -> Obeyed:
    """The one answer to who leaves; none to whom nothing was mailed any more."""
    gone = left(who)
    silent = gone == who or who.state is SubscriberState.REMOVED
    lines = (
        "You are unsubscribed",
        "",
        "No digest comes any more, and what was waiting for you is cancelled.",
        "No command brings you back: only you can, by subscribing again.",
    )
    return Obeyed(gone, () if silent else lines, ("leave",))


def _not_understood(reading: Reading, who: Subscriber, now: datetime) -> tuple[str, ...]:
    said = (
        f"I did not understand: “{reading.unread}”." if reading.unread else "Your mail was empty."
    )
    kept = ("", KEPT_FOR_HIM) if who.from_file else ()
    return ("Nothing was changed", "", said, "", *HELP, "", *situation(who, now), *kept)


def _refused(why: str, who: Subscriber, now: datetime) -> tuple[str, ...]:
    """Why nothing was done, and how it still is."""
    sentence = f"{why[:1].upper()}{why[1:].rstrip('.')}."
    help_ = "Answer “help” for all that you can write."
    return ("Nothing was changed", "", sentence, "", *situation(who, now), "", help_)


def _told(taken: Sequence[Step], reading: Reading, now: datetime) -> tuple[str, ...]:
    who = taken[-1].who
    lines = [taken[0].title if len(taken) == 1 else "Done", ""]
    lines += [step.said for step in taken if step.said]
    if reading.unread:
        lines.append(f"I read no further than to this line of yours: “{reading.unread}”.")
    if Explain() in reading.commands:
        lines += ["", *HELP]
    lines += ["", *situation(who, now)]
    if who.from_file:
        lines += ["", KEPT_FOR_HIM]
    undo = [f"{line}\t" for line in undoing(taken)]
    lines += ["", "To undo this, answer with:", "", *undo] if undo else []
    return tuple(lines)
