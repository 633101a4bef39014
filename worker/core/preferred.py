"""What somebody prefers, as one thing: compared, changed, and told what it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from worker.core.schedule import format_schedule
from worker.core.wording import many, said
from worker.model import Preferences, Subscriber

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
    preferred = (
        format_schedule(who.schedule),
        who.timezone,
        [(rule.name, rule.query) for rule in who.rules],
        who.when_empty.value,
        who.max_papers,
        who.manner.language.value,
        who.manner.plain,
        who.manner.abstracts.value,
        who.manner.order.value,
        sorted(each.value for each in who.manner.related),
    )
    return hashlib.sha256(repr(preferred).encode()).hexdigest()[:FINGERPRINT_LENGTH]


def changed(before: Subscriber, after: Subscriber) -> tuple[str, ...]:
    """What is otherwise now, a sentence each; empty if nothing is."""
    return tuple(_changes(before, after))


def _changes(before: Subscriber, after: Subscriber) -> Iterator[str]:
    if after.rules != before.rules:
        yield _rules(before, after)
    was = said(preferences_of(before))
    for topic, sentence in said(preferences_of(after)).items():
        if sentence != was[topic]:
            yield sentence


def _rules(before: Subscriber, after: Subscriber) -> str:
    added = sum(rule not in before.rules for rule in after.rules)
    removed = sum(rule not in after.rules for rule in before.rules)
    if added and removed:
        return f"{many(added, 'rule')} added, {removed} removed."
    if added or removed:
        return f"{many(added or removed, 'rule')} {'added' if added else 'removed'}."
    return "Your rules are in another order."
