"""What becomes of an ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone

import pytest

from tests.made import MONDAY, NOON, pick, subscriber
from worker.asks import CONFIRM_WITHIN, Ask, AskKind, AskState, Notice, Traces
from worker.core import welcoming
from worker.core.consent import confirmed, leaving, still
from worker.core.due import parse_schedule
from worker.core.outlook import outlook
from worker.core.welcome import NOTHING, Asking, Welcome, welcome
from worker.deliveries import DeliveryKind
from worker.digests import Slot
from worker.manner import Language, Manner
from worker.model import (
    Cursor,
    PaperNumber,
    Preferences,
    Rule,
    Subscriber,
    SubscriberId,
    SubscriberState,
    WhenEmpty,
)
from worker.schedules import OnDays

ADDRESS, RULE, NETWORK = "newcomer@x.org", "very secret rule", "192.0.2.0/24"
WANTED = Preferences(
    address=ADDRESS,
    schedule=OnDays(frozenset({0, 3}), time(7, 30)),
    timezone="Asia/Tokyo",
    rules=(Rule("mine", RULE),),
    when_empty=WhenEmpty.SAY_SO,
    max_papers=7,
    manner=Manner(Language.DE, plain=True),
)
NUMBER = 0x7FEDCBA987654321
END = Cursor(PaperNumber(67), 3)
LATE = NOON + timedelta(hours=4)  # the next day in Tokyo
STATES = list(SubscriberState)
ABSENT = (SubscriberState.PENDING, SubscriberState.UNSUBSCRIBED, SubscriberState.UNLISTED)
GONE = (SubscriberState.REMOVED, SubscriberState.SUPPRESSED)


def made(kind: AskKind = AskKind.SUBSCRIBE, **other: object) -> Ask:
    wanted = WANTED if kind is AskKind.SUBSCRIBE else None
    mover = 1002 if kind is AskKind.MOVE else None
    ask = Ask(NUMBER, kind, NOON, ADDRESS, wanted, Traces("a", "n", "x.org"), NETWORK, 1, mover)
    return replace(ask, **other)  # type: ignore[arg-type]


def somebody(state: SubscriberState, address: str = ADDRESS, number: int = 1) -> Subscriber:
    return replace(subscriber("x", address=address, number=number), state=state)


def named(who: Subscriber, slot: Slot) -> str:
    return f"<{who.uid}.{slot.name}.{slot.day}@example.org>"


def came_to(
    ask: Ask,
    his: Subscriber | None = None,
    mover: Subscriber | None = None,
    *,
    suppressed: bool = False,
    now: datetime = LATE,
) -> Welcome:
    return welcome(Asking(ask, his, mover, suppressed, 4242, now, named))


MOVER = somebody(SubscriberState.ACTIVE, "old@y.org", number=2)


# --- who subscribes ---------------------------------------------------------


def test_somebody_unknown_joins_as_pending_and_is_asked_to_confirm() -> None:
    came = came_to(made())
    assert came.joining is not None
    assert came.joining.state is SubscriberState.PENDING
    assert (came.joining.uid, came.joining.address) == (4242, ADDRESS)
    assert not came.joining.from_file
    (mail,) = came.notices
    assert (mail.subscriber, mail.kind, mail.ask) == (0, DeliveryKind.CONFIRM, NUMBER)


@pytest.mark.parametrize("state", ABSENT)
def test_somebody_who_is_not_on_the_list_stays_so_and_is_asked_to_confirm(
    state: SubscriberState,
) -> None:
    came = came_to(made(), somebody(state))
    assert came.joining is None
    (mail,) = came.notices
    assert (mail.subscriber, mail.kind, mail.ask) == (1, DeliveryKind.CONFIRM, NUMBER)


def test_somebody_active_is_told_that_he_is() -> None:
    came = came_to(made(), somebody(SubscriberState.ACTIVE))
    assert came.joining is None
    (mail,) = came.notices
    assert (mail.subscriber, mail.kind, mail.ask) == (1, DeliveryKind.NOTICE, None)
    assert mail.lines == welcoming.ALREADY


@pytest.mark.parametrize("kind", AskKind)
@pytest.mark.parametrize("state", GONE)
def test_nobody_is_mailed_who_was_removed_or_suppressed(
    kind: AskKind, state: SubscriberState
) -> None:
    assert came_to(made(kind), somebody(state), MOVER) == NOTHING


@pytest.mark.parametrize("kind", AskKind)
@pytest.mark.parametrize("his", [None, *map(somebody, STATES)])
def test_an_address_on_the_suppression_list_is_not_mailed_whoever_has_it(
    kind: AskKind, his: Subscriber | None
) -> None:
    assert came_to(made(kind), his, MOVER, suppressed=True) == NOTHING


@pytest.mark.parametrize("kind", AskKind)
def test_what_was_left_lying_for_two_days_comes_to_nothing(kind: AskKind) -> None:
    active = somebody(SubscriberState.ACTIVE)
    assert came_to(made(kind), active, MOVER, now=NOON + CONFIRM_WITHIN) == NOTHING
    in_time = NOON + CONFIRM_WITHIN - timedelta(seconds=1)
    assert came_to(made(kind), active, MOVER, now=in_time) != NOTHING


def test_who_says_nothing_of_what_he_wants_is_not_invited() -> None:
    assert came_to(made(wanted=None)) == NOTHING


# --- who asks for his link ---------------------------------------------------


def test_only_who_is_active_is_mailed_his_link() -> None:
    (mail,) = came_to(made(AskKind.LINK), somebody(SubscriberState.ACTIVE)).notices
    assert (mail.kind, mail.lines) == (DeliveryKind.NOTICE, welcoming.LINK)
    assert came_to(made(AskKind.LINK)) == NOTHING
    for state in STATES:
        if state is not SubscriberState.ACTIVE:
            assert came_to(made(AskKind.LINK), somebody(state)) == NOTHING


# --- who moves (B76) ----------------------------------------------------------


def test_a_new_address_is_asked_to_confirm_and_the_old_one_told() -> None:
    came = came_to(made(AskKind.MOVE), None, MOVER)
    assert came.joining is not None
    assert (came.joining.state, came.joining.address) == (SubscriberState.PENDING, ADDRESS)
    assert came.joining.rules == ()
    there, here = came.notices
    assert (there.subscriber, there.kind, there.ask) == (0, DeliveryKind.CONFIRM, NUMBER)
    assert (here.subscriber, here.kind, here.ask) == (MOVER.id, DeliveryKind.NOTICE, None)
    assert ADDRESS not in " ".join(here.lines)


@pytest.mark.parametrize("state", ABSENT)
def test_somebody_who_is_not_on_the_list_can_be_moved_to(state: SubscriberState) -> None:
    came = came_to(made(AskKind.MOVE), somebody(state), MOVER)
    assert came.joining is None
    assert [mail.subscriber for mail in came.notices] == [1, MOVER.id]


def test_to_somebody_active_nobody_moves_and_he_is_told_that_he_is_subscribed() -> None:
    (mail,) = came_to(made(AskKind.MOVE), somebody(SubscriberState.ACTIVE), MOVER).notices
    assert (mail.subscriber, mail.lines) == (1, welcoming.ALREADY)


@pytest.mark.parametrize(
    "mover", [None, *(somebody(s, number=2) for s in STATES if s is not SubscriberState.ACTIVE)]
)
def test_who_is_not_active_moves_nowhere(mover: Subscriber | None) -> None:
    assert came_to(made(AskKind.MOVE), None, mover) == NOTHING


def test_who_is_kept_in_the_operators_file_is_told_to_ask_him() -> None:
    """Else the file would have him at the old address again, and two get his digests."""
    came = came_to(made(AskKind.MOVE), None, replace(MOVER, from_file=True))
    assert came.joining is None
    (mail,) = came.notices
    assert (mail.subscriber, mail.lines) == (MOVER.id, welcoming.KEPT_IN_FILE)


# --- the mails ----------------------------------------------------------------


def test_a_mail_is_named_by_its_ask_so_that_it_is_mailed_once() -> None:
    (first,) = came_to(made()).notices
    (again,) = came_to(made(), now=LATE + timedelta(hours=1)).notices
    assert first == again
    assert first.slot.name == "confirm-7fedcba987654321"
    assert first.message_id == named(replace(subscriber(), uid=4242), first.slot)


def test_a_confirmation_is_of_when_it_was_asked_for_and_word_of_when_it_is_given() -> None:
    """So its link, which holds for two days from then on, ends with the ask."""
    confirmation, word = came_to(made(AskKind.MOVE), None, MOVER).notices
    assert (confirmation.at, word.at) == (NOON, LATE)


def test_the_day_of_a_mail_is_his_own() -> None:
    in_tokyo = replace(somebody(SubscriberState.ACTIVE), timezone="Asia/Tokyo")
    (mail,) = came_to(made(), in_tokyo).notices
    assert mail.slot.day == MONDAY + timedelta(days=1)


def every_mail() -> list[Notice]:
    """Of all that there are, for whatever was asked by whomever."""
    parties = [None, *map(somebody, STATES)]
    movers = [MOVER, replace(MOVER, from_file=True)]
    return [
        mail
        for kind in AskKind
        for his in parties
        for mover in movers
        for mail in came_to(made(kind), his, mover).notices
    ]


@pytest.mark.parametrize("mail", every_mail())
def test_no_mail_says_a_word_of_a_strangers(mail: Notice) -> None:
    text = "\n".join(mail.lines)
    for foreign in (ADDRESS, "newcomer", "x.org", RULE, "mine", MOVER.address):
        assert foreign not in text
    assert "!" not in text
    assert "\t" not in text  # it would be a row of two


@pytest.mark.parametrize("mail", every_mail())
def test_a_mail_is_a_title_and_sentences_in_groups(mail: Notice) -> None:
    title, empty, *lines = mail.lines
    assert title
    assert not title.endswith(".")
    assert empty == ""
    assert lines[0]
    assert lines[-1]
    assert all(line.endswith(".") for line in lines if line)


@pytest.mark.parametrize("kind", [AskKind.SUBSCRIBE, AskKind.MOVE])
def test_a_confirmation_says_why_it_comes_from_where_and_when(kind: AskKind) -> None:
    _, _, why, where_and_when = welcoming.confirmation(made(kind))
    assert why.startswith("Somebody, most likely you, asked for ")
    assert where_and_when == (
        "It was asked from the network 192.0.2.0/24 on Monday, 8 September 2025, at 12:00 UTC."
    )


def test_a_network_that_is_not_known_is_not_spoken_of() -> None:
    *_, why, line = welcoming.confirmation(made(network=""))
    assert why == "Somebody, you or whoever runs this list, asked for digests at this address."
    assert line == "It was asked on Monday, 8 September 2025, at 12:00 UTC."


def test_when_is_said_in_utc() -> None:
    in_tokyo = datetime(2025, 9, 9, 1, 5, tzinfo=timezone(timedelta(hours=9)))
    line = welcoming.confirmation(made(at=in_tokyo))[-1]
    assert line.endswith("on Monday, 8 September 2025, at 16:05 UTC.")


# --- who confirms (B71) -------------------------------------------------------


def mailed(kind: AskKind = AskKind.SUBSCRIBE, **other: object) -> Ask:
    return made(kind, state=AskState.MAILED, subscriber=SubscriberId(1), **other)


@pytest.mark.parametrize("state", ABSENT)
def test_who_confirms_is_active_as_he_wanted_and_reads_from_here_on(
    state: SubscriberState,
) -> None:
    before = replace(
        somebody(state, "Newcomer@x.org"),
        held_over=(pick(3),),
        last_slot=MONDAY,
        cursor=Cursor(PaperNumber(9), 1),
        paused_until=MONDAY,
        from_file=True,
        version=5,
        epoch=2,
    )
    assert confirmed(mailed(), before, END, LATE) == Subscriber(
        id=before.id,
        uid=before.uid,
        address="Newcomer@x.org",
        schedule=WANTED.schedule,
        timezone=WANTED.timezone,
        rules=WANTED.rules,
        created_at=LATE,
        when_empty=WANTED.when_empty,
        max_papers=WANTED.max_papers,
        cursor=END,
        version=5,
        manner=WANTED.manner,
        epoch=2,
    )


@pytest.mark.parametrize(
    ("schedule", "served"),
    [("daily 12:00", MONDAY), ("daily 12:01", None), ("tue 8:00", None), ("immediately", None)],
)
def test_the_slot_that_passed_before_somebody_came_is_not_his(
    schedule: str, served: date | None
) -> None:
    wanted = replace(WANTED, schedule=parse_schedule(schedule), timezone="UTC")
    his = confirmed(mailed(wanted=wanted), somebody(SubscriberState.PENDING), END, NOON)
    assert his is not None
    assert his.last_slot == served
    assert "due now" not in outlook(his, NOON)


@pytest.mark.parametrize("state", GONE)
def test_who_was_removed_or_suppressed_meanwhile_is_not_revived(state: SubscriberState) -> None:
    assert confirmed(mailed(), somebody(state), END, LATE) is None


def test_who_is_active_already_stays_as_he_is() -> None:
    active = somebody(SubscriberState.ACTIVE)
    assert confirmed(mailed(), active, END, LATE) == active


@pytest.mark.parametrize("kind", [AskKind.SUBSCRIBE, AskKind.MOVE])
def test_a_confirmation_that_is_a_second_late_is_none(kind: AskKind) -> None:
    who = MOVER if kind is AskKind.MOVE else somebody(SubscriberState.PENDING)
    in_time = NOON + CONFIRM_WITHIN - timedelta(seconds=1)
    assert confirmed(mailed(kind), who, END, in_time) is not None
    assert confirmed(mailed(kind), who, END, NOON + CONFIRM_WITHIN) is None
    assert confirmed(mailed(kind), who, END, NOON + CONFIRM_WITHIN + timedelta(seconds=1)) is None


def test_nobody_confirms_for_another() -> None:
    assert confirmed(mailed(), None, END, LATE) is None
    other = somebody(SubscriberState.PENDING, number=9)
    assert confirmed(mailed(), other, END, LATE) is None
    assert confirmed(mailed(AskKind.MOVE), replace(MOVER, uid=9), END, LATE) is None
    assert confirmed(mailed(wanted=None), somebody(SubscriberState.PENDING), END, LATE) is None


def test_who_moves_is_the_same_at_another_address_and_his_old_links_end() -> None:
    moved = confirmed(mailed(AskKind.MOVE), MOVER, END, LATE)
    assert moved == replace(MOVER, address=ADDRESS, epoch=MOVER.epoch + 1)


@pytest.mark.parametrize("state", [s for s in STATES if s is not SubscriberState.ACTIVE])
def test_who_left_meanwhile_moves_nowhere(state: SubscriberState) -> None:
    assert confirmed(mailed(AskKind.MOVE), replace(MOVER, state=state), END, LATE) is None


def test_whom_the_file_names_since_he_asked_does_not_move() -> None:
    assert confirmed(mailed(AskKind.MOVE), replace(MOVER, from_file=True), END, LATE) is None


def done(number: int, hours: int) -> Ask:
    """Confirmed so many hours after."""
    confirmed_at = NOON + timedelta(hours=hours)
    return replace(mailed(), number=number, state=AskState.CONFIRMED, confirmed_at=confirmed_at)


def test_what_is_confirmed_holds_for_who_is_still_active_by_it() -> None:
    ask, active = done(1, 1), somebody(SubscriberState.ACTIVE)
    assert still(ask, active, [ask]) == active
    assert still(ask, None, [ask]) is None
    assert still(ask, replace(active, state=SubscriberState.UNSUBSCRIBED), [ask]) is None
    assert still(ask, active, []) is None


def test_what_he_confirmed_since_takes_its_place() -> None:
    """He left and came again, or moved: whoever reads his old mail gets nothing by it."""
    first, last, active = done(1, 1), done(2, 5), somebody(SubscriberState.ACTIVE)
    for his in ([first, last], [last, first]):
        assert still(first, active, his) is None
        assert still(last, active, his) == active


# --- who leaves ---------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_only_who_is_here_leaves(state: SubscriberState) -> None:
    """Whom the operator removed does not come back by leaving and asking again."""
    leaves = state in (SubscriberState.ACTIVE, SubscriberState.UNLISTED)
    expected = SubscriberState.UNSUBSCRIBED if leaves else state
    assert leaving(somebody(state)) == somebody(expected)
