"""Commands carried out one after the other: what each makes of a subscriber, and what undoes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never

from worker.core.effort import TOO_MUCH, is_too_much
from worker.core.named import MOST_RULES, named_rule, shown
from worker.core.query import QueryError
from worker.core.roll import left
from worker.core.rulesets import MOST, NO_SETS, RuleSets, is_too_many
from worker.core.situation import command_of, is_paused
from worker.core.styles import command_of_style, style_told, styled
from worker.core.typeset import spelled
from worker.core.wishes import (
    Add,
    Command,
    Explain,
    Leave,
    Pause,
    Remove,
    Reschedule,
    Resume,
    Show,
    Style,
    Wrong,
)
from worker.model import Refused, Rule, Subscriber
from worker.schedules import Schedule

KEPT_FOR_HIM = (
    "Your rules and your schedule are kept by the operator of this list and cannot be changed by "
    "mail; “pause”, “resume” and “stop” work."
)


@dataclass(frozen=True, slots=True)
class Step:
    """After one command: the subscriber, a title and a sentence, and the line that undoes it.

    An ``added`` rule is undone by its number in the end.
    """

    who: Subscriber
    title: str
    said: str = ""
    undo: str = ""
    added: Rule | None = None


def steps(
    commands: Sequence[Command], who: Subscriber, now: datetime, sets: RuleSets = NO_SETS
) -> list[Step]:
    """All of them in order. Raises Refused, with a sentence to him, if one cannot be done."""
    numbered, taken = who.rules, list[Step]()
    for command in commands:
        if who.from_file and isinstance(command, Add | Remove | Reschedule | Style):
            raise Refused(KEPT_FOR_HIM)
        taken.append(_step(command, who, numbered, now, sets))
        who = taken[-1].who
    if numbered and not who.rules:
        raise Refused("that would leave you without a rule; to get no mail write “stop”")
    return taken


def undoing(taken: Sequence[Step]) -> list[str]:
    """The lines of a mail that undoes them all."""
    rules = taken[-1].who.rules
    added = [step.added for step in taken if step.added in rules]
    lines = [f"remove {rules.index(rule) + 1}" for rule in added if rule]
    return [step.undo for step in reversed(taken) if step.undo] + lines


def _step(
    command: Command, who: Subscriber, numbered: Sequence[Rule], now: datetime, sets: RuleSets
) -> Step:
    match command:
        case Pause(until):
            return _paused(who, until, now)
        case Resume():
            return _resumed(who, now)
        case Add(rule):
            return _added(who, rule, sets)
        case Remove(number):
            return _removed(who, number, numbered, sets)
        case Reschedule(schedule):
            return _rescheduled(who, schedule)
        case Style():
            return _styled(who, command)
        case Show() | Explain():
            return Step(who, "Your rules" if command == Show() else "What you can write")
        case Leave():
            return Step(left(who), "You are unsubscribed")
        case Wrong(why):
            raise Refused(why)
        case _:
            assert_never(command)


def _paused(who: Subscriber, until: date, now: datetime) -> Step:
    day = spelled(until, who.manner.language)
    said = f"No mail before {day}. What matches meanwhile is kept for you."
    undo = _back(who, now) if until != who.paused_until else ""
    title = f"Paused until {day}"
    return Step(replace(who, paused_until=until), title, said, undo)


def _resumed(who: Subscriber, now: datetime) -> Step:
    resumed = replace(who, paused_until=None)
    if not is_paused(who, now):
        return Step(resumed, "You were not paused", "Your digests come as ever.")
    return Step(resumed, "Resumed", "Your digests come again.", _back(who, now))


def _rescheduled(who: Subscriber, schedule: Schedule) -> Step:
    text, undo = command_of(schedule), command_of(who.schedule)
    changed = replace(who, schedule=schedule)
    said = f"Your digests come {text}."
    return Step(changed, f"Now {text}", said, undo if undo != text else "")


def _styled(who: Subscriber, style: Style) -> Step:
    before, after = who.manner, styled(who.manner, style)
    undo = command_of_style(before, style) if after != before else ""
    told = style_told(after, style)
    return Step(replace(who, manner=after), told.rstrip("."), told, undo)


def _back(who: Subscriber, now: datetime) -> str:
    """What puts his pause back to what it was."""
    return f"pause until {who.paused_until}" if is_paused(who, now) else "resume"


def _added(who: Subscriber, rule: Rule, sets: RuleSets) -> Step:
    if rule in who.rules:
        number = who.rules.index(rule) + 1
        return Step(
            who, "You have that rule", f"You have that rule already, it is number {number}."
        )
    if len(who.rules) >= MOST_RULES:
        raise Refused(f"you have {len(who.rules)} rules, and {MOST_RULES} is the most")
    if is_too_much((*who.rules, rule)):
        raise Refused(TOO_MUCH)
    if is_too_many((*who.rules, rule), sets):
        raise Refused(f"with those of the sets that would be more than {MOST} rules")
    more = replace(who, rules=(*who.rules, rule))
    return Step(more, "One rule more", f"Added: {shown(rule)}", added=rule)


def _removed(who: Subscriber, number: int, numbered: Sequence[Rule], sets: RuleSets) -> Step:
    """The number is that before this mail, so that two can be removed by one mail."""
    if not 1 <= number <= len(numbered):
        raise Refused(f"there is no rule {number}; you have {len(numbered)}")
    rule = numbered[number - 1]
    if rule not in who.rules:
        return Step(who, "One rule less")
    fewer = replace(who, rules=tuple(each for each in who.rules if each != rule))
    return Step(fewer, "One rule less", f"Removed: {shown(rule)}", _again(rule, sets))


def _again(rule: Rule, sets: RuleSets) -> str:
    """What adds it again; nothing does for a rule that could not be given by mail."""
    try:
        return f"add {shown(rule)}" if named_rule(shown(rule), sets) == rule else ""
    except QueryError:
        return ""
