"""The list of subscribers follows the file, and revives nobody."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest

from tests.made import NOON, subscriber
from worker.core.roll import Sync, following, joined, stands_back, sync
from worker.manner import Language, Manner
from worker.model import (
    Cursor,
    PaperNumber,
    Preferences,
    Rule,
    Subscriber,
    SubscriberId,
    SubscriberState,
)

END = Cursor(PaperNumber(47), 1)


def asked(who: Subscriber, **changes: object) -> Preferences:
    preferences = Preferences(
        who.address, who.schedule, who.timezone, who.rules, who.when_empty, who.max_papers
    )
    return replace(preferences, **changes)  # type: ignore[arg-type]  # any field


def synced(everyone: list[Subscriber], *named: Preferences) -> Sync:
    return sync(everyone, named, END, NOON, itertools.count(1))


OLD = replace(subscriber(cursor=Cursor(PaperNumber(9), 1)), from_file=True)


def test_a_newcomer_reads_from_the_end_of_the_log() -> None:
    newcomer = asked(subscriber(address="new@example.org"))
    intent = synced([OLD], asked(OLD), newcomer)
    assert [(who.address, who.cursor, who.from_file) for who in intent.joining] == [
        ("new@example.org", END, True)
    ]
    assert not intent.changed


def test_the_very_first_subscribers_read_from_its_beginning() -> None:
    intent = synced([], asked(OLD))
    assert [who.cursor for who in intent.joining] == [Cursor()]


def test_the_file_wins_for_those_it_names_and_where_he_has_read_to_stays() -> None:
    rules = (Rule("Operators", "operator"),)
    (changed,) = synced([OLD], asked(OLD, rules=rules)).changed
    assert changed == replace(OLD, rules=rules)


def test_how_his_mail_is_written_follows_the_file_and_comes_with_a_newcomer() -> None:
    german = Manner(Language.DE, plain=True)
    (changed,) = synced([OLD], asked(OLD, manner=german)).changed
    assert changed == replace(OLD, manner=german)
    newcomer = joined(asked(OLD, manner=german), END, NOON, 7, from_file=False)
    assert newcomer.manner == german


def test_an_address_is_known_whatever_its_case() -> None:
    intent = synced([OLD], asked(OLD, address="READER@example.org"))
    assert intent == Sync((), (), ())


def test_who_is_no_longer_named_is_not_mailed_and_naming_him_again_brings_him_back() -> None:
    (gone,) = synced([OLD]).changed
    assert gone.state is SubscriberState.UNLISTED
    (back,) = synced([gone], asked(gone)).changed
    assert back == OLD


def test_who_came_by_the_command_line_is_not_the_files_to_end() -> None:
    assert synced([subscriber()]) == Sync((), (), ())


@pytest.mark.parametrize(
    "state",
    [
        SubscriberState.REMOVED,
        SubscriberState.UNSUBSCRIBED,
        SubscriberState.SUPPRESSED,
    ],
)
def test_no_file_revives_an_address(state: SubscriberState) -> None:
    left = replace(OLD, state=state)
    assert synced([left], asked(left)) == Sync((), (), (left,))
    assert synced([left]) == Sync((), (), ())


def test_a_file_that_is_silent_about_it_does_not_end_a_pause() -> None:
    day = date(2025, 10, 1)
    paused = replace(OLD, paused_until=day)
    assert following(paused, asked(OLD)).paused_until == day
    assert following(OLD, asked(OLD, paused_until=day)).paused_until == day


def test_whom_somebody_only_asked_for_joins_as_a_newcomer_by_being_named() -> None:
    """Else any stranger could keep an address out by asking for it."""
    asked_for = replace(subscriber("cat", address="NEW@example.org"), id=SubscriberId(7))
    pending = replace(asked_for, state=SubscriberState.PENDING, version=3, epoch=2)
    intent = synced([OLD, pending], asked(OLD), asked(subscriber("dog", address="new@example.org")))
    (who,) = intent.changed
    assert (who.id, who.uid, who.version, who.epoch) == (7, pending.uid, 3, 2)
    assert (who.state, who.from_file, who.cursor) == (SubscriberState.ACTIVE, True, END)
    assert (who.address, [rule.query for rule in who.rules]) == ("new@example.org", ["dog"])
    assert not intent.joining
    assert not intent.left_alone


def test_a_newcomer_by_hand_is_not_of_the_file() -> None:
    who = joined(asked(subscriber()), END, NOON, 5, from_file=False)
    assert (who.uid, who.from_file, who.state) == (5, False, SubscriberState.ACTIVE)


@pytest.mark.parametrize(
    ("before", "after", "stands"),
    [
        (OLD, OLD, False),
        (OLD, replace(OLD, max_papers=3), False),
        (OLD, replace(OLD, state=SubscriberState.UNLISTED), True),
        (OLD, replace(OLD, paused_until=date(2025, 10, 1)), True),
        (replace(OLD, paused_until=date(2025, 10, 1)), OLD, False),
        (replace(OLD, paused_until=date(2025, 10, 1)),) * 2 + (False,),
    ],
)
def test_who_leaves_or_begins_a_pause_is_not_mailed_what_waits(
    before: Subscriber, after: Subscriber, stands: bool
) -> None:
    assert stands_back(before, after) is stands
