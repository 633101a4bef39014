"""What somebody prefers, as one thing: compared, changed, and told what it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from worker.core.inwords import in_words
from worker.core.schedule import format_schedule
from worker.model import Preferences, Subscriber, WhenEmpty

FINGERPRINT_LENGTH = 16


def preferences_of(who: Subscriber) -> Preferences:
    """As he prefers it now."""
    return Preferences(
        address=who.address,
        schedule=who.schedule,
        timezone=who.timezone,
        rules=who.rules,
        when_empty=who.when_empty,
        max_papers=who.max_papers,
        paused_until=who.paused_until,
        manner=who.manner,
    )


def preferring(who: Subscriber, wanted: Preferences) -> Subscriber:
    """The same subscriber with these preferences.

    His address, his pause and where he has read to stay: no form of preferences changes them.
    """
    return replace(
        who,
        schedule=wanted.schedule,
        timezone=wanted.timezone,
        rules=wanted.rules,
        when_empty=wanted.when_empty,
        max_papers=wanted.max_papers,
        manner=wanted.manner,
    )


def fingerprint(who: Subscriber) -> str:
    """16 characters that differ where his preferences do, and stay while digests are planned."""
    said = (
        format_schedule(who.schedule),
        who.timezone,
        [(rule.name, rule.query) for rule in who.rules],
        who.when_empty.value,
        who.max_papers,
        who.manner.language.value,
        who.manner.plain,
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:FINGERPRINT_LENGTH]


def changed(before: Subscriber, after: Subscriber) -> tuple[str, ...]:
    """What is otherwise now, a sentence each; empty if nothing is."""
    return tuple(_changes(before, after))


def _changes(before: Subscriber, after: Subscriber) -> Iterator[str]:
    if after.rules != before.rules:
        yield _rules(before, after)
    if after.schedule != before.schedule:
        yield f"Your digests come {in_words(after.schedule)}."
    if after.timezone != before.timezone:
        yield f"Times are those of {after.timezone}."
    if after.when_empty != before.when_empty:
        says = after.when_empty is WhenEmpty.SAY_SO
        yield "A digest without papers says so." if says else "Without papers, no digest comes."
    if after.max_papers != before.max_papers:
        yield f"A digest has at most {_many(after.max_papers, 'paper')}."
    if after.manner.language != before.manner.language:
        yield "Days are written in the language that you chose."
    if after.manner.plain != before.manner.plain:
        plain = after.manner.plain
        yield "Mails are plain text only." if plain else "Mails come as HTML, with plain text too."


def _rules(before: Subscriber, after: Subscriber) -> str:
    added = sum(rule not in before.rules for rule in after.rules)
    removed = sum(rule not in after.rules for rule in before.rules)
    if added and removed:
        return f"{_many(added, 'rule')} added, {removed} removed."
    if added or removed:
        return f"{_many(added or removed, 'rule')} {'added' if added else 'removed'}."
    return "Your rules are in another order."


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
