"""How strangers come, change and go, on every adapter and through a real mail server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.desk import (
    ADDRESS,
    OLD,
    PEER,
    Desk,
    asked_in,
    desk,
    leaver_in,
    links,
    on,
    subject,
)
from tests.made import MONDAY
from tests.returning import text_of
from worker.asks import CONFIRM_WITHIN, AskKind, AskState, Limit, Limits, Scope
from worker.core import welcoming
from worker.core.consent import NEVER
from worker.deliveries import DeliveryKind, DeliveryState, Reason
from worker.model import Cursor, PaperNumber, Refused, Rule, Subscriber, SubscriberState
from worker.signup import Signup

KINDS = ("plain", "sqlite")
STATES = (
    "unknown", "pending", "active", "unsubscribed", "unlisted", "removed", "suppressed", "erased",
)  # fmt: skip


@pytest.fixture(params=(*KINDS, "postgres"))
async def everywhere(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(request.param, tmp_path) as made:
        yield made


@pytest.fixture(params=KINDS)
async def here(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(request.param, tmp_path) as made:
        yield made


# --- the story --------------------------------------------------------------


async def test_from_the_form_to_the_last_digest(everywhere: Desk) -> None:
    here = everywhere
    await here.file("Diffusion of old")
    assert await here.ask() is None
    assert await here.sent() == [], "nothing is done in the request"
    (confirmation,) = await here.admitted()
    assert confirmation.rcpt_tos == (ADDRESS,)
    assert subject(confirmation) == "Confirm your subscription"
    assert "from the network 192.0.2.0/24 on Monday, 8 September 2025" in (
        text_of(confirmation).replace("\n", " ")
    )
    assert "diffusion" not in text_of(confirmation)
    here.clock.at = on(9)
    await here.planned()
    assert await here.sent() == [], "who has not confirmed is mailed no digest"
    number = asked_in(confirmation)
    assert number is not None
    assert await here.signup.to_confirm(number) is not None
    who = await here.signup.confirm(number)
    assert who is not None
    assert (who.state, who.rules) == (SubscriberState.ACTIVE, (Rule("diffusion", "diffusion"),))
    await here.file("Diffusion of today", "Nothing of the kind")
    here.clock.at = on(10)
    await here.planned()
    (digest,) = await here.sent()
    assert "diffusion* of today" in text_of(digest).lower()
    assert "of old" not in text_of(digest), "there is no backlog"
    left = await here.signup.leave(leaver_in(digest))
    assert left is not None
    assert left.state is SubscriberState.UNSUBSCRIBED
    await here.file("Diffusion of tomorrow")
    here.clock.at = on(11)
    await here.planned()
    assert await here.sent() == []


# --- every kind of ask at every kind of address -------------------------------

CONFIRMATION, MOVING = "Confirm your subscription", "Confirm your new address"
ALREADY, LINK = welcoming.ALREADY[0], welcoming.LINK[0]
WORD = "Your digests are to go to another address"

COMES_TO: dict[tuple[AskKind, str], tuple[list[tuple[str, str]], str]] = {
    (AskKind.SUBSCRIBE, "unknown"): ([(ADDRESS, CONFIRMATION)], "pending"),
    (AskKind.SUBSCRIBE, "pending"): ([(ADDRESS, CONFIRMATION)], "pending"),
    (AskKind.SUBSCRIBE, "active"): ([(ADDRESS, ALREADY)], "active"),
    (AskKind.SUBSCRIBE, "unsubscribed"): ([(ADDRESS, CONFIRMATION)], "unsubscribed"),
    (AskKind.SUBSCRIBE, "unlisted"): ([(ADDRESS, CONFIRMATION)], "unlisted"),
    (AskKind.LINK, "active"): ([(ADDRESS, LINK)], "active"),
    (AskKind.MOVE, "unknown"): ([(ADDRESS, MOVING), (OLD, WORD)], "pending"),
    (AskKind.MOVE, "pending"): ([(ADDRESS, MOVING), (OLD, WORD)], "pending"),
    (AskKind.MOVE, "active"): ([(ADDRESS, ALREADY)], "active"),
    (AskKind.MOVE, "unsubscribed"): ([(ADDRESS, MOVING), (OLD, WORD)], "unsubscribed"),
    (AskKind.MOVE, "unlisted"): ([(ADDRESS, MOVING), (OLD, WORD)], "unlisted"),
}
"""The mails, and how the address is then; of all others nothing comes."""


@pytest.mark.parametrize("kind", AskKind)
@pytest.mark.parametrize("state", STATES)
async def test_an_ask_comes_to_what_fits_the_address(here: Desk, kind: AskKind, state: str) -> None:
    mover = await here.at_the_address("active", OLD)
    assert mover is not None
    before = await here.at_the_address(state)
    mails, after = COMES_TO.get((kind, state), ([], state))
    scope = await here.ask(kind, mover=mover.uid if kind is AskKind.MOVE else None)
    assert scope is None, "nothing shows in the answer"
    assert await here.signup.admit() == 1
    got = await here.sent()
    assert [(mail.rcpt_tos[0], subject(mail)) for mail in got] == mails
    assert await here.state() == after
    assert await here.state(OLD) == "active"
    assert await here.signup.admit() == 0
    assert await here.sent() == []
    for mail in got:
        confirms = subject(mail) in (CONFIRMATION, MOVING)
        assert bool(links(mail, "c")) is confirms
        assert bool(links(mail, "p")) is not confirms
    if before is not None and after == "active":
        assert (await here.stores.now(before)).rules == before.rules


CONFIRMED = {
    (AskKind.SUBSCRIBE, "unknown"),
    (AskKind.SUBSCRIBE, "pending"),
    (AskKind.SUBSCRIBE, "unsubscribed"),
    (AskKind.SUBSCRIBE, "unlisted"),
    (AskKind.MOVE, "unknown"),
    (AskKind.MOVE, "pending"),
    (AskKind.MOVE, "unsubscribed"),
    (AskKind.MOVE, "unlisted"),
}


@pytest.mark.parametrize(("kind", "state"), sorted(CONFIRMED))
async def test_whoever_confirms_is_active_by_it(here: Desk, kind: AskKind, state: str) -> None:
    await here.file("A paper", "Another")
    mover = await here.at_the_address("active", OLD)
    assert mover is not None
    before = await here.at_the_address(state)
    moves = kind is AskKind.MOVE
    number = await here.mailed(kind=kind, mover=mover.uid if moves else None)
    here.later(hours=1)
    who = await here.signup.confirm(number)
    assert who is not None
    assert (who.state, who.address) == (SubscriberState.ACTIVE, ADDRESS)
    assert who == await here.stores.subscribers.find(ADDRESS)
    if moves:
        assert who == replace(mover, address=ADDRESS, epoch=mover.epoch + 1, version=who.version)
        assert await here.state(OLD) == "unknown"
    else:
        assert (who.created_at, who.cursor) == (here.clock.at, Cursor(PaperNumber(2), 1))
        assert (who.held_over, who.last_slot, who.from_file) == ((), MONDAY, False)
        assert before is None or (who.id, who.uid) == (before.id, before.uid)
    assert [each.state for each in await here.deliveries()].count(DeliveryState.PLANNED) == 0


# --- B56, B57 -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [("a@x.org", "A@X.org"), ("ann.lee@gmail.com", "annlee+1@googlemail.com")],
)
async def test_spellings_of_one_mailbox_share_its_limit(
    here: Desk, first: str, second: str
) -> None:
    assert await here.ask(address=first) is None
    here.later(minutes=14)
    assert await here.ask(address=second, peer="198.51.100.1") is Scope.ADDRESS
    here.later(minutes=1)
    assert await here.ask(address=second) is None


async def test_an_address_is_mailed_as_it_was_written_and_known_in_any_case(here: Desk) -> None:
    await here.ask(address="New.Comer@x.org")
    (mail,) = await here.admitted()
    assert mail.rcpt_tos == ("New.Comer@x.org",)
    await here.signup.confirm(asked_in(mail) or 0)
    here.later(hours=1)
    await here.ask(address="new.comer@X.org")
    (mail,) = await here.admitted()
    assert (subject(mail), mail.rcpt_tos) == (ALREADY, ("New.Comer@x.org",))


@pytest.mark.parametrize(
    "address",
    ["postmaster@x.org", "abuse@x.org", "list-request@x.org", "digest@example.org"],
)
async def test_an_office_a_list_or_we_ourselves_are_answered_as_all_and_not_mailed(
    here: Desk, address: str
) -> None:
    assert await here.ask(address=address) is None
    assert await here.stores.signups.waiting(10) == []
    assert await here.admitted() == []


# --- B60: the limits ----------------------------------------------------------


async def test_a_thousand_forms_for_one_address_mail_it_once_in_a_quarter_of_an_hour(
    here: Desk,
) -> None:
    for number in range(100):
        peer = f"198.51.100.{number}"  # whoever he pretends to be
        expected = Scope.ADDRESS if number else None
        assert await here.ask(peer=peer) is expected
    assert len(await here.admitted()) == 1
    for _ in range(2):
        here.later(minutes=15)
        assert await here.ask() is None
    here.later(hours=23)
    assert await here.ask() is Scope.ADDRESS, "three a day"
    assert len(await here.admitted()) == 2


@pytest.mark.parametrize(
    "peers",
    [
        [f"192.0.2.7{''}"] * 6,
        [f"2001:db8:1:2::{number}" for number in range(6)],
        ["::ffff:192.0.2.7", "192.0.2.7"] * 3,
    ],
)
async def test_a_network_asks_five_times_in_ten_minutes(here: Desk, peers: list[str]) -> None:
    met = [
        await here.ask(address=f"a{number}@d{number}.org", peer=peer)
        for number, peer in enumerate(peers)
    ]
    assert met == [None] * 5 + [Scope.NETWORK]
    assert await here.ask(address="b@y.org", peer="198.51.100.1") is None


async def test_a_domain_is_asked_for_thirty_times_an_hour(here: Desk) -> None:
    met = [
        await here.ask(address=f"a{number}@x.org", peer=f"198.51.{number}.1")
        for number in range(31)
    ]
    assert met == [None] * 30 + [Scope.DOMAIN]


@pytest.mark.parametrize("kind", KINDS)
async def test_too_many_in_all_close_the_site_and_the_operator_is_told_once(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    limits = Limits(all=(Limit(3, timedelta(hours=1)),))
    async with desk(kind, tmp_path, limits) as here:
        met = [
            await here.ask(address=f"a@d{number}.org", peer=f"198.51.{number}.1")
            for number in range(9)
        ]
        assert met == [None] * 3 + [Scope.ALL] * 6
        told = [each for each in caplog.records if each.msg.startswith("signups closed")]
        assert [(each.levelno, vars(each)["most"]) for each in told] == [(logging.ERROR, [3])]
        assert "d4.org" not in caplog.text
        here.later(minutes=61)
        assert await here.ask() is None


async def test_a_site_that_has_just_closed_does_not_ask_its_ledger(here: Desk) -> None:
    here.signup = replace(here.signup, limits=Limits(all=()))
    assert await here.ask() is None
    here.signup.limits = Limits(all=(Limit(1, timedelta(hours=1)),))
    assert await here.ask(address="b@y.org") is Scope.ALL
    here.signup.limits = Limits(all=())
    assert await here.ask(address="c@z.org") is Scope.ALL, "it is not looked"
    here.later(seconds=1)
    assert await here.ask(address="c@z.org") is None


async def test_limits_outlive_the_process(here: Desk) -> None:
    assert await here.ask() is None
    here.signup = here.opened()
    assert await here.ask() is Scope.ADDRESS


async def test_who_moves_again_and_again_is_told_of_it_thrice_a_day(everywhere: Desk) -> None:
    """Else whoever has his link could have him mailed without end."""
    here = everywhere
    who = await here.joined(OLD)
    met = []
    for number in range(5):
        here.later(minutes=1)
        address, peer = f"a@d{number}.org", f"198.51.{number}.1"
        met.append(await here.ask(AskKind.MOVE, address, mover=who.uid, peer=peer))
    assert met == [None] * 3 + [Scope.ADDRESS] * 2
    assert [mail.rcpt_tos for mail in await here.admitted()].count((OLD,)) == 3
    here.later(days=1)
    assert await here.ask(AskKind.MOVE, mover=who.uid) is None


async def test_limits_outlive_whoever_has_himself_erased(everywhere: Desk) -> None:
    """Else one could have a stranger mailed without end: move there, be erased, come again."""
    here = everywhere
    who = await here.joined("one@y.org")
    assert await here.ask(AskKind.MOVE, mover=who.uid, peer="198.51.100.1") is None
    assert len(await here.admitted()) == 2
    assert await here.signup.erase(who.uid)
    assert await here.ask() is Scope.ADDRESS
    for number in range(3):
        assert await here.ask(address=f"a@d{number}.org") is None
    assert await here.ask(address="a@d3.org", peer="198.51.100.1") is None
    assert await here.ask(address="a@d4.org") is Scope.NETWORK, "he counts as one of five"


async def test_a_form_sent_twice_is_acted_on_once(here: Desk) -> None:
    assert await here.ask(form=5) is None
    here.later(hours=1)
    assert await here.ask(form=5) is None
    assert await here.signup.admit() == 1
    assert len(await here.sent()) == 1


async def test_what_meets_a_limit_leaves_nothing(here: Desk) -> None:
    await here.joined()
    before = await here.deliveries()
    assert await here.ask(AskKind.LINK) is Scope.ADDRESS
    assert await here.admitted() == []
    assert await here.deliveries() == before


# --- B71: confirming ------------------------------------------------------------


async def test_confirmed_twice_is_confirmed_once(here: Desk) -> None:
    number = await here.mailed()
    first = await here.signup.confirm(number)
    here.later(hours=1)
    assert await here.signup.confirm(number) == first
    ask = await here.signup.to_confirm(number)
    assert ask is not None
    assert ask.state is AskState.CONFIRMED


async def test_what_he_changed_since_stays_when_he_confirms_again(here: Desk) -> None:
    number = await here.mailed()
    who = await here.signup.confirm(number)
    assert who is not None
    await here.signup.change(who.uid, lambda his: replace(his, max_papers=3))
    again = await here.signup.confirm(number)
    assert again is not None
    assert again.max_papers == 3


async def test_who_left_is_not_back_by_an_old_confirmation_but_by_a_new_one(here: Desk) -> None:
    number = await here.mailed()
    who = await here.signup.confirm(number)
    assert who is not None
    await here.signup.leave(who.uid)
    assert await here.signup.confirm(number) is None
    assert await here.state() == "unsubscribed"
    here.later(hours=1)
    new = await here.mailed()
    assert await here.signup.confirm(number) is None
    back = await here.signup.confirm(new)
    assert back is not None
    assert back.uid == who.uid
    assert await here.signup.confirm(number) is None, "it is not by that one that he is here"
    assert await here.signup.confirm(new) == back


async def test_who_was_suppressed_meanwhile_confirms_nothing(here: Desk) -> None:
    number = await here.mailed()
    await here.stores.suppressions.suppress(ADDRESS, Reason.BOUNCES, here.clock.at)
    assert await here.signup.to_confirm(number) is None
    assert await here.signup.confirm(number) is None
    assert await here.state() == "suppressed"


async def test_who_was_removed_by_the_operator_meanwhile_confirms_nothing(here: Desk) -> None:
    number = await here.mailed()
    who = await here.stores.subscribers.find(ADDRESS)
    assert who is not None
    await here.stores.subscribers.change(replace(who, state=SubscriberState.REMOVED))
    assert await here.signup.confirm(number) is None
    assert await here.state() == "removed"


async def test_a_confirmation_holds_for_two_days_to_the_second(here: Desk) -> None:
    number = await here.mailed()
    here.clock.at += CONFIRM_WITHIN
    assert await here.signup.to_confirm(number) is None
    assert await here.signup.confirm(number) is None
    here.clock.at += timedelta(seconds=1)
    assert await here.signup.confirm(number) is None
    here.clock.at -= timedelta(seconds=2)
    assert await here.signup.to_confirm(number) is not None
    assert await here.signup.confirm(number) is not None


async def test_what_nobody_ever_asked_confirms_nothing(here: Desk) -> None:
    assert await here.signup.to_confirm(4711) is None
    assert await here.signup.confirm(4711) is None


async def test_what_was_not_confirmed_in_time_is_forgotten_with_who_is_pending(here: Desk) -> None:
    await here.mailed()
    here.clock.at += CONFIRM_WITHIN
    assert await here.signup.forget() == 1
    assert await here.state() == "unknown"
    assert await here.deliveries() == []


async def test_a_second_ask_of_who_is_pending_confirms_as_well_as_the_first(here: Desk) -> None:
    first = await here.mailed(queries=("first",))
    here.later(minutes=16)
    second = await here.mailed(queries=("second",))
    who = await here.signup.confirm(second)
    assert who is not None
    assert [rule.query for rule in who.rules] == ["second"]
    again = await here.signup.confirm(first)
    assert again is not None
    assert [rule.query for rule in again.rules] == ["second"], "he is here already"


# --- B76: another address -------------------------------------------------------


async def test_who_moves_is_mailed_at_the_new_address_once_it_confirms(everywhere: Desk) -> None:
    here = everywhere
    who = await here.joined(OLD)
    here.later(hours=1)
    await here.ask(AskKind.MOVE, mover=who.uid)
    new, old = await here.admitted()
    assert (new.rcpt_tos, old.rcpt_tos) == ((ADDRESS,), (OLD,))
    assert ADDRESS not in text_of(old)
    assert OLD not in text_of(new)
    await here.file("Diffusion before")
    here.clock.at = on(9)
    await here.planned()
    (digest,) = await here.sent()
    assert digest.rcpt_tos == (OLD,), "until it is confirmed"
    moved = await here.signup.confirm(asked_in(new) or 0)
    assert moved is not None
    assert moved.epoch == who.epoch + 1, "links in his old mail lead nowhere any more"
    assert await here.signup.confirm(asked_in(new) or 0) == moved
    await here.file("Diffusion after")
    here.clock.at = on(10)
    await here.planned()
    (digest,) = await here.sent()
    assert digest.rcpt_tos == (ADDRESS,)
    assert "before" not in text_of(digest)


async def test_new_private_links_end_a_move_that_somebody_else_began(here: Desk) -> None:
    """The word to the old address says so."""
    who = await here.joined(OLD)
    here.later(hours=1)
    number = await here.mailed(kind=AskKind.MOVE, mover=who.uid)
    await here.signup.change(who.uid, lambda his: replace(his, epoch=his.epoch + 1))
    assert await here.signup.to_confirm(number) is None
    assert await here.signup.confirm(number) is None
    assert await here.state(OLD) == "active"


@pytest.mark.parametrize("kind", [AskKind.SUBSCRIBE, AskKind.MOVE])
async def test_new_private_links_end_his_confirmations_but_not_the_proof(
    everywhere: Desk, kind: AskKind
) -> None:
    """Else who had one could have a fresh link by pressing its button again."""
    here = everywhere
    mover = await here.joined(OLD)
    here.later(minutes=20)
    moves = kind is AskKind.MOVE
    first = await here.mailed(kind=kind, mover=mover.uid if moves else None)
    here.later(minutes=20)
    other = None if moves else await here.mailed()
    who = await here.signup.confirm(first)
    assert who is not None
    assert await here.signup.confirm(first) == who
    await here.signup.change(who.uid, lambda his: replace(his, epoch=his.epoch + 1))
    for number in (first, other):
        if number is not None:
            assert await here.signup.to_confirm(number) is None
            assert await here.signup.confirm(number) is None
    here.later(days=3)
    await here.signup.forget()
    proofs = await here.stores.signups.consents(who.id)
    assert [each.number for each in proofs][-1] == first
    assert all(each.confirmed_at and each.network for each in proofs)


async def test_whom_the_file_names_since_he_asked_does_not_move(here: Desk) -> None:
    """The file would have him twice: at the old address again."""
    who = await here.joined(OLD)
    here.later(hours=1)
    number = await here.mailed(kind=AskKind.MOVE, mover=who.uid)
    await here.signup.change(who.uid, lambda his: replace(his, from_file=True))
    assert await here.signup.confirm(number) is None
    assert await here.state(OLD) == "active"


async def test_the_reader_of_the_old_address_gets_nothing_by_its_confirmation(here: Desk) -> None:
    first = await here.mailed(address=OLD)
    who = await here.signup.confirm(first)
    assert who is not None
    here.later(hours=1)
    moved = await here.signup.confirm(await here.mailed(kind=AskKind.MOVE, mover=who.uid))
    assert moved is not None
    assert await here.signup.confirm(first) is None


async def test_who_left_meanwhile_does_not_move(here: Desk) -> None:
    who = await here.joined(OLD)
    here.later(hours=1)
    number = await here.mailed(kind=AskKind.MOVE, mover=who.uid)
    await here.signup.leave(who.uid)
    assert await here.signup.confirm(number) is None
    assert await here.state(OLD) == "unsubscribed"


async def test_to_an_address_that_came_by_itself_meanwhile_nobody_moves(here: Desk) -> None:
    who = await here.joined(OLD)
    here.later(hours=1)
    move = await here.mailed(kind=AskKind.MOVE, mover=who.uid)
    here.later(hours=1)
    other = await here.joined()
    assert await here.signup.confirm(move) is None
    assert await here.stores.subscribers.find(ADDRESS) == other
    assert await here.state(OLD) == "active"


async def test_to_an_address_that_was_suppressed_meanwhile_nobody_moves(here: Desk) -> None:
    who = await here.joined(OLD)
    here.later(hours=1)
    move = await here.mailed(kind=AskKind.MOVE, mover=who.uid)
    await here.stores.suppressions.suppress(ADDRESS, Reason.COMPLAINT, here.clock.at)
    assert await here.signup.confirm(move) is None
    assert await here.state(OLD) == "active"


async def test_who_says_never_at_the_new_address_is_not_mailed_again_and_nobody_moves(
    here: Desk,
) -> None:
    who = await here.joined(OLD)
    here.later(hours=1)
    await here.ask(AskKind.MOVE, mover=who.uid)
    new, _ = await here.admitted()
    await here.signup.leave(leaver_in(new))
    assert await here.state() == "suppressed"
    assert await here.signup.confirm(asked_in(new) or 0) is None
    assert await here.state(OLD) == "active"


# --- leaving --------------------------------------------------------------------


async def test_who_leaves_twice_has_left_once(here: Desk) -> None:
    who = await here.joined()
    first = await here.signup.leave(who.uid)
    assert first is not None
    assert await here.signup.leave(who.uid) == first
    assert await here.signup.leave(4711) is None
    assert await here.stores.suppressions.find(ADDRESS) is None, "he may come again"


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("active", "unsubscribed"),
        ("unlisted", "unsubscribed"),
        ("unsubscribed", "unsubscribed"),
        ("removed", "removed"),
        ("suppressed", "suppressed"),
        ("pending", "suppressed"),
    ],
)
async def test_leaving_is_what_it_says_in_every_state(here: Desk, state: str, after: str) -> None:
    who = await here.at_the_address(state)
    assert who is not None
    left = await here.signup.leave(who.uid)
    assert left is not None
    assert left.state == after == await here.state()


async def test_who_only_was_asked_to_confirm_is_never_mailed_again(here: Desk) -> None:
    await here.ask()
    (confirmation,) = await here.admitted()
    await here.signup.leave(leaver_in(confirmation))
    listed = await here.stores.suppressions.find(ADDRESS)
    assert listed is not None
    assert (listed.reason, listed.note) == (Reason.COMPLAINT, NEVER)
    here.later(hours=1)
    assert await here.ask() is None
    assert await here.admitted() == []


async def test_whom_the_file_named_once_can_say_never_to_a_confirmation_too(here: Desk) -> None:
    who = await here.at_the_address("unlisted")
    assert who is not None
    number = await here.mailed()
    await here.signup.leave(who.uid)
    assert await here.signup.confirm(number) is None
    assert await here.stores.suppressions.find(ADDRESS) is not None


async def test_who_left_long_ago_can_say_never_to_a_confirmation_too(here: Desk) -> None:
    """Else strangers could go on having us mail him."""
    who = await here.joined()
    await here.signup.leave(who.uid)
    here.later(days=3)
    assert (await here.signup.leave(who.uid) or who).state is SubscriberState.UNSUBSCRIBED
    number = await here.mailed()
    await here.signup.leave(who.uid)
    assert await here.signup.confirm(number) is None
    listed = await here.stores.suppressions.find(ADDRESS)
    assert listed is not None
    assert listed.reason is Reason.COMPLAINT
    here.later(hours=1)
    assert await here.ask() is None
    assert await here.admitted() == []


async def test_who_leaves_between_plan_and_claim_is_not_mailed(here: Desk) -> None:
    """F67."""
    who = await here.joined()
    await here.file("Diffusion")
    here.clock.at = on(9)
    assert (await here.planned())["planned"] == 1
    await here.signup.leave(who.uid)
    assert await here.sent() == []
    states = [each.state for each in await here.deliveries() if each.kind is DeliveryKind.DIGEST]
    assert states == [DeliveryState.CANCELLED]


async def test_who_leaves_while_his_digest_is_in_flight_gets_no_other(here: Desk) -> None:
    """F68."""
    who = await here.joined()
    await here.file("Diffusion")
    here.clock.at = on(9)
    await here.planned()
    (claimed,) = await here.stores.ledger.claim(here.clock.at, 1)
    await here.signup.leave(who.uid)
    assert (await here.deliveries())[-1].state is DeliveryState.SENDING
    envelope_of = await here.sent()
    assert envelope_of == [], "it is on its way, and nothing else is"
    await here.file("Diffusion again")
    here.clock.at = on(10)
    await here.planned()
    assert await here.sent() == []
    assert claimed.subscriber == who.id


async def test_a_confirmation_that_waits_is_not_mailed_to_who_said_never(here: Desk) -> None:
    await here.ask()
    await here.signup.admit()
    who = await here.stores.subscribers.find(ADDRESS)
    assert who is not None
    await here.signup.leave(who.uid)
    assert await here.sent() == []


# --- changing, forgetting -----------------------------------------------------


def overtaken(here: Desk, times: int) -> Signup:
    """Others change somebody each time just before we do, so often."""

    class Overtaken:
        left = times

        def __getattr__(self, name: str) -> Any:
            return getattr(here.stores.subscribers, name)

        async def change(self, who: Subscriber) -> Subscriber | None:
            if Overtaken.left:
                Overtaken.left -= 1
                now = await here.stores.returns.subscriber(who.uid)
                assert now is not None
                other = replace(now, max_papers=now.max_papers - 1)
                assert await here.stores.subscribers.change(other) is not None
            return await here.stores.subscribers.change(who)

    return here.opened(replace(here.stores, subscribers=Overtaken()))


async def test_a_change_is_made_to_who_he_is_by_then(here: Desk) -> None:
    who = await here.joined()
    signup = overtaken(here, 3)
    rules = (Rule("new", "new"),)
    changed = await signup.change(who.uid, lambda his: replace(his, rules=rules))
    assert changed is not None
    assert (changed.rules, changed.max_papers) == (rules, who.max_papers - 3)
    assert changed == await here.stores.subscribers.find(ADDRESS)


async def test_who_leaves_has_left_whoever_changes_him_meanwhile(here: Desk) -> None:
    who = await here.joined()
    left = await overtaken(here, 3).leave(who.uid)
    assert left is not None
    assert await here.state() == "unsubscribed"


async def test_it_ends_if_others_never_stop_changing_him(here: Desk) -> None:
    who = await here.joined()
    with pytest.raises(Refused, match="try again"):
        await overtaken(here, 1000).leave(who.uid)


async def test_a_change_to_nothing_or_of_nobody_is_none(here: Desk) -> None:
    who = await here.joined()
    assert await here.signup.change(who.uid, lambda _: None) == who
    assert await here.signup.change(who.uid, lambda his: his) == who
    assert (await here.stores.now(who)).version == who.version
    assert await here.signup.change(4711, lambda his: his) is None


async def test_who_wants_to_be_forgotten_is(here: Desk) -> None:
    number = await here.mailed()
    who = await here.signup.confirm(number)
    assert who is not None
    assert await here.signup.erase(who.uid)
    assert not await here.signup.erase(4711)
    assert await here.state() == "erased"
    nobody = await here.stores.returns.subscriber(who.uid)
    assert nobody is not None
    assert nobody.epoch == who.epoch + 1, "the links to his pages lead nowhere"
    assert await here.signup.to_confirm(number) is None
    assert await here.signup.confirm(number) is None
    here.later(days=1)
    assert await here.ask() is None
    assert await here.admitted() == []


# --- killed, and what fails -----------------------------------------------------


async def test_killed_between_the_form_and_acting_on_it_it_is_acted_on_once(here: Desk) -> None:
    await here.ask()
    here.signup = here.opened()
    assert len(await here.admitted()) == 1
    here.signup = here.opened()
    assert await here.admitted() == []


async def test_killed_between_acting_on_it_and_mailing_it_is_mailed_once(here: Desk) -> None:
    await here.ask()
    await here.signup.admit()
    here.signup = here.opened()
    assert await here.signup.admit() == 0
    assert len(await here.sent()) == 1
    assert await here.sent() == []


class Dying:
    """A port that fails at its first call of that name, before or after that is done."""

    def __init__(self, behind: object, name: str, *, before: bool, error: Exception) -> None:
        self._behind, self._name, self._before, self._error = behind, name, before, error
        self._dead = False

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._behind, name)
        if name != self._name or self._dead:
            return real

        async def dying(*arguments: Any) -> Any:
            self._dead = True
            if not self._before:
                await real(*arguments)
            raise self._error

        return dying


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("error", [Refused("busy", 75), RuntimeError("a bug")])
async def test_what_dies_acting_on_one_ask_loses_none_and_stops_no_other(
    here: Desk, before: bool, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "worker")
    for number in range(3):
        await here.ask(address=f"a@d{number}.org")
        here.later(seconds=1)
    dying: Any = Dying(here.stores.signups, "admit", before=before, error=error)
    with pytest.raises(type(error)):
        await here.opened(replace(here.stores, signups=dying)).admit()
    (noted,) = [vars(each) for each in caplog.records if each.msg == "asks admitted"]
    assert (noted["asks"], noted["failed"]) == (2, 1)
    assert len(await here.sent()) == (2 if before else 3)
    assert await here.signup.admit() == (1 if before else 0)
    await here.sent()
    assert sorted(here.server.recipients) == [f"a@d{number}.org" for number in range(3)]


@pytest.mark.parametrize("before", [True, False])
async def test_what_dies_confirming_has_confirmed_it_or_not_and_it_can_be_done_again(
    here: Desk, before: bool
) -> None:
    number = await here.mailed()
    error = RuntimeError("dead")
    dying: Any = Dying(here.stores.signups, "confirm", before=before, error=error)
    with pytest.raises(RuntimeError):
        await here.opened(replace(here.stores, signups=dying)).confirm(number)
    assert await here.state() == ("pending" if before else "active")
    who = await here.signup.confirm(number)
    assert who is not None
    assert who.state is SubscriberState.ACTIVE


async def test_two_who_ask_for_one_address_at_once_are_one_who_joins(here: Desk) -> None:
    await here.ask()
    here.later(minutes=20)
    await here.ask()
    assert await here.signup.admit() == 2
    assert len(await here.sent()) == 2
    everyone = await here.stores.subscribers.everyone()
    assert [who.address for who in everyone] == [ADDRESS]


async def test_two_who_look_at_once_act_on_each_ask_once(everywhere: Desk) -> None:
    for number in range(5):
        await everywhere.ask(address=f"a@d{number}.org", peer=f"198.51.{number}.1")
    both = (everywhere.signup.admit(), everywhere.opened().admit())
    assert sum(await asyncio.gather(*both)) == 5
    await everywhere.sent()
    assert sorted(everywhere.server.recipients) == [f"a@d{number}.org" for number in range(5)]


async def test_two_who_confirm_at_once_confirm_once(everywhere: Desk) -> None:
    number = await everywhere.mailed()
    both = (everywhere.signup.confirm(number), everywhere.opened().confirm(number))
    first, second = await asyncio.gather(*both)
    assert first is not None
    assert first == second


async def test_who_leaves_while_he_confirms_is_here_or_gone_and_never_in_between(
    everywhere: Desk,
) -> None:
    """Leaving first is never to be mailed; confirming first is to have left."""
    await everywhere.ask()
    (mail,) = await everywhere.admitted()
    number, uid = asked_in(mail) or 0, leaver_in(mail)
    both = (everywhere.signup.confirm(number), everywhere.opened().leave(uid))
    await asyncio.gather(*both)
    assert await everywhere.state() in ("unsubscribed", "suppressed")
    assert await everywhere.signup.confirm(number) is None


async def test_what_lay_for_two_days_before_anybody_looked_is_not_mailed(here: Desk) -> None:
    await here.ask()
    here.clock.at += CONFIRM_WITHIN
    assert await here.signup.admit() == 1
    assert await here.sent() == []
    assert await here.state() == "unknown"


async def test_a_confirmation_that_could_not_go_out_in_time_does_not_go_out_late(
    here: Desk,
) -> None:
    await here.ask()
    await here.signup.admit()
    here.clock.at += CONFIRM_WITHIN
    assert await here.sent() == []
    (given_up,) = await here.deliveries()
    assert given_up.state is DeliveryState.EXPIRED


async def test_an_address_that_nobody_has_is_suppressed_when_it_said_so_twice(here: Desk) -> None:
    here.server.to_recipients[ADDRESS] = "550 5.1.1 no such user"
    for _ in range(2):
        await here.ask()
        await here.admitted()
        here.later(hours=25)
    assert await here.state() == "suppressed"
    assert await here.ask() is None
    assert await here.signup.admit() == 1
    assert len(await here.deliveries()) == 2


async def test_no_address_is_ever_logged(here: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "worker")
    who = await here.joined()
    await here.ask(address="postmaster@x.org")
    await here.signup.leave(who.uid)
    await here.signup.erase(who.uid)
    assert [each.msg for each in caplog.records if each.name == "worker.signup"] == [
        "asks admitted"
    ]
    for word in ("newcomer", "x.org", PEER, "diffusion"):
        assert word not in caplog.text
