"""Mail that comes back to the SQL ledger: composed by us, carried by a real server, acted on."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.returning import (
    complaint,
    leaving,
    office,
    parsed,
    reply_to,
    report,
    sender_of,
    text_of,
)
from worker.core.consent import NEVER
from worker.deliveries import Answer, DeliveryKind, DeliveryState, Reason
from worker.model import Refused, Rule, Subscriber, SubscriberState
from worker.pipeline.collect import Collecting
from worker.pipeline.plan import _by_subscriber
from worker.pipeline.returns import MOST_ANSWERS
from worker.returns import Found, Mail
from worker.store.sql_returns import SqlReturns

STRAY = b"From: spam@example.com\nTo: digest@example.org\nSubject: Win\n\nMoney\n"


# --- commands ---------------------------------------------------------------


async def test_a_command_is_done_and_answered_by_one_mail(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        noted = await here.take(reply_to(digest, "pause until 2025-10-01\nadd operat*"))
        assert noted.line == "commands of subscriber 1 (pause, add): answered"
        assert (await here.reader()).paused_until == date(2025, 10, 1)
        assert (await here.reader()).rules[-1] == Rule("operat*", "operat*")
        (answer,) = await here.sent()
        assert (answer.mail_from, answer.rcpt_tos) == ("<>", ("reader@example.org",))
        headers = parsed(answer)
        assert headers["In-Reply-To"] == "<1.reply@mail.example.net>"
        assert headers["Auto-Submitted"] == "auto-replied"
        assert headers["Reply-To"] == parsed(digest)["Reply-To"]
        assert "No mail before Wednesday, 1 October 2025." in text_of(answer)
        assert "  3             operat*" in text_of(answer)


async def test_the_same_mail_twice_is_done_and_answered_once(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        mail = reply_to(await here.digest(), "remove 1")
        await here.take(mail)
        assert (await here.take(mail)).line.endswith("known already")
        assert [rule.name for rule in (await here.reader()).rules] == ["survey"]
        assert len(await here.sent()) == 1


async def test_what_is_said_to_undo_it_undoes_it(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        before = await here.reader()
        await here.take(reply_to(await here.digest(), "weekly\nadd operat*"))
        (answer,) = await here.sent()
        undo = text_of(answer).partition("answer with:")[2].partition("----")[0]
        await here.take(reply_to(answer, undo, 2))
        after = await here.reader()
        assert (after.rules, after.schedule) == (before.rules, before.schedule)


async def test_an_answer_that_comes_back_to_us_is_answered_by_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        await here.take(reply_to(digest, "rules"))
        (answer,) = await here.sent()
        to = str(parsed(answer)["Reply-To"])
        for message in (answer, digest):
            for recipient in (to, digest.mail_from, "digest@example.org"):
                redirected = f"Delivered-To: {recipient}\r\n".encode() + message.content
                assert (await here.take(redirected, recipient)).what == "ignored"
        away = b"Auto-Submitted: auto-replied\n" + reply_to(answer, "stop", 3)
        assert (await here.take(away)).what == "ignored"
        assert await here.sent() == []
        assert (await here.reader()).state is SubscriberState.ACTIVE


async def test_what_talks_back_all_day_is_soon_answered_no_more(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        for number in range(MOST_ANSWERS):
            await here.take(reply_to(digest, "What a day!", number))
        assert len(await here.sent()) == MOST_ANSWERS
        sixth = reply_to(digest, "remove 1", 6)
        assert (await here.take(sixth)).line.endswith("done, not answered again today")
        assert (await here.take(sixth)).line.endswith("known already")
        assert (await here.states())[-1] == "cancelled"
        assert [rule.name for rule in (await here.reader()).rules] == ["survey"]
        assert await here.sent() == []
        here.now += timedelta(days=1)
        await here.take(reply_to(digest, "rules", 7))
        assert len(await here.sent()) == 1


async def test_stop_is_answered_once_and_nothing_after_it(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        here.now += timedelta(days=1)
        await here.planned()
        await here.take(reply_to(digest, "stop"))
        assert (await here.reader()).state is SubscriberState.UNSUBSCRIBED
        (answer,) = await here.sent()
        assert "You are unsubscribed" in text_of(answer)
        assert await here.states() == ["sent", "cancelled", "sent"]
        for number, text in enumerate(("resume", "stop", "rules", "add a"), start=2):
            noted = await here.take(reply_to(digest, text, number))
            assert noted.line.endswith("not answered")
        assert await here.sent() == []
        assert (await here.reader()).state is SubscriberState.UNSUBSCRIBED


async def test_whoever_was_changed_meanwhile_is_read_again(tmp_path: Path) -> None:
    class Overtaken(SqlReturns):
        """The operator changes the subscriber at the last moment."""

        async def answer(self, answer: Answer, change: Subscriber | None = None) -> bool | None:
            who = await here.reader()
            if len(who.rules) == 2:
                rules = (*who.rules, Rule("third", "third"))
                await here.subscribers.change(replace(who, rules=rules))
            return await super().answer(answer, change)

    async with office(tmp_path) as here:
        mail = Mail(reply_to(await here.digest(), "add fourth"))
        await here.returning(Overtaken(here.database)).take(mail)
        names = [rule.name for rule in (await here.reader()).rules]
        assert names == ["diffusion", "survey", "third", "fourth"]
        assert len(await here.sent()) == 1


async def test_a_waiting_answer_stands_in_no_digests_way(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        await here.take(reply_to(digest, "rules"))
        waiting = await here.ledger.deliveries([DeliveryState.PLANNED])
        assert [one.kind for one in waiting] == [DeliveryKind.ANSWER]
        assert _by_subscriber(waiting) == {}
        here.now += timedelta(days=1)
        await here.planned()
        assert len(await here.sent()) == 2


async def test_a_forged_token_does_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        mail = reply_to(await here.digest(), "stop").replace(b"digest+AQ", b"digest+Aq")
        assert not (await here.take(mail)).understood
        assert (await here.reader()).state is SubscriberState.ACTIVE


# --- leaving, complaining, bouncing -----------------------------------------


async def test_leaving_by_mail_is_at_once_without_an_answer_and_for_good(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        here.now += timedelta(days=1)
        await here.planned()
        assert (await here.take(leaving(digest))).line == "unsubscribed: subscriber 1"
        assert await here.states() == ["sent", "cancelled"]
        assert (await here.take(leaving(digest))).line.endswith("known already")
        await here.suppressions.suppress("reader@example.org", Reason.OPERATOR, here.now)
        await here.take(leaving(digest))
        assert (await here.reader()).state is SubscriberState.UNSUBSCRIBED
        assert await here.sent() == []


async def test_who_only_was_asked_to_confirm_and_leaves_by_mail_is_never_mailed_again(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()  # its links are as those of a confirmation
        who = replace(await here.reader(), state=SubscriberState.PENDING)
        assert await here.subscribers.change(who)
        assert (await here.take(leaving(digest))).line == "never to be mailed: subscriber 1"
        assert (await here.reader()).state is SubscriberState.SUPPRESSED
        entry = await here.suppressions.find("reader@example.org")
        assert entry is not None
        assert entry.note == NEVER
        assert (await here.take(leaving(digest))).line.endswith("known already")


async def test_a_complaint_suppresses_at_once_and_cancels_all_that_waits(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        here.now += timedelta(days=1)
        await here.planned()
        await here.take(reply_to(digest, "rules"))
        assert (await here.take(complaint(digest))).line == "a complaint of subscriber 1"
        assert await here.states() == ["sent", "cancelled", "cancelled"]
        assert (await here.reader()).state is SubscriberState.SUPPRESSED
        entry = await here.suppressions.find("reader@example.org")
        assert entry is not None
        assert entry.reason is Reason.COMPLAINT
        assert (await here.take(complaint(digest))).line.endswith("known already")
        await here.take(leaving(digest))
        assert (await here.reader()).state is SubscriberState.SUPPRESSED
        assert await here.sent() == []


async def test_a_complaint_that_only_names_the_delivery_finds_its_reader(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        headers = f"List-Unsubscribe: {parsed(digest)['List-Unsubscribe']}".encode()
        assert headers in complaint(digest)
        mail = complaint(digest).replace(headers, f"Return-Path: <{digest.mail_from}>".encode())
        assert (await here.take(mail)).line == "a complaint of subscriber 1"


async def test_a_bounce_fails_the_delivery_and_holds_its_papers_over_once(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        dsn = report(digest, "5.1.1", "no such user")
        assert (await here.take(dsn)).line == "a bounce of delivery 1"
        assert (await here.take(dsn)).line == "a bounce of delivery 1, known already"
        assert await here.states() == ["failed"]
        assert [pick.paper for pick in (await here.reader()).held_over] == [1]


async def test_two_bounces_a_day_apart_suppress_the_address(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        for _ in range(2):
            await here.take(report(await here.digest(), "5.1.1", "no such user"))
            here.now += timedelta(days=1)
        assert (await here.reader()).state is SubscriberState.SUPPRESSED
        entry = await here.suppressions.find("reader@example.org")
        assert entry is not None
        assert entry.reason is Reason.BOUNCES


async def test_bounces_about_us_are_an_error_of_ours_and_no_strike(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with office(tmp_path) as here:
        for _ in range(3):
            await here.take(report(await here.digest(), "5.7.1", "rejected as spam"))
            here.now += timedelta(days=2)
        assert (await here.reader()).state is SubscriberState.ACTIVE
        told = [one for one in caplog.records if one.levelno == logging.ERROR]
        assert [one.getMessage() for one in told] == ["bounce about us"] * 3
        assert "rejected as spam" in told[0].__dict__["reply"]


async def test_a_bounce_that_is_faster_than_our_note_comes_again(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        here.now += timedelta(days=1)
        await here.planned()
        (claimed,) = await here.ledger.claim(here.now, 1)
        early = report(replace(digest, mail_from=sender_of(claimed.id)), "5.1.1", "no such user")
        with pytest.raises(Refused) as refused:
            await here.take(early)
        assert refused.value.exit_code == os.EX_TEMPFAIL


async def test_what_is_logged_of_a_mail_names_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with office(tmp_path) as here:
        digest = await here.digest()
        mails = [
            reply_to(digest, "rules\nsomebody@example.net"),
            report(digest, "5.1.1", "reader@example.org is unknown"),
            leaving(digest),
            complaint(digest),
            STRAY,
        ]
        lines = [(await here.take(mail)).line for mail in mails]
    events = [record for record in caplog.records if record.name == "worker.pipeline.returns"]
    assert [record.getMessage() for record in events] == [
        "commands by mail",
        "bounce noted",
        "left by mail",
        "complaint noted",
        "mail not understood",
    ]
    told = "".join(map(str, [record.__dict__ for record in events])) + "".join(lines)
    assert "@example" not in told


# --- postboxes --------------------------------------------------------------


class Postbox:
    """A ``ports.Postbox`` in memory, which can be out of reach."""

    def __init__(self, *contents: bytes) -> None:
        self.waiting = {f"{n}": content for n, content in enumerate(contents)}
        self.understood: list[bool] = []
        self.reach = True

    async def take(self, limit: int) -> Sequence[Found]:
        if not self.reach:
            raise Refused("imap: no answer", os.EX_TEMPFAIL)
        found = [Found(mark, Mail(content)) for mark, content in self.waiting.items()]
        return found[:limit]

    async def done(self, found: Found, *, understood: bool) -> None:
        del self.waiting[found.mark]
        self.understood.append(understood)


async def test_a_postbox_is_emptied_and_what_is_not_understood_is_left_for_a_person(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        postbox = Postbox(*[STRAY] * 30, reply_to(digest, "stop"))
        collecting = Collecting({"one": postbox}, here.returning())
        counts = await collecting.collect(asyncio.Event())
        assert counts == {"unknown": 30, "commanded": 1}
        assert postbox.understood == [False] * 30 + [True]
        assert not postbox.waiting


async def test_a_mail_that_has_to_wait_holds_up_no_other(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        digest = await here.digest()
        here.now += timedelta(days=1)
        await here.planned()
        (claimed,) = await here.ledger.claim(here.now, 1)
        early = report(replace(digest, mail_from=sender_of(claimed.id)), "5.1.1", "no such user")
        postbox = Postbox(early, leaving(digest))
        await Collecting({"one": postbox}, here.returning()).collect(asyncio.Event())
        assert list(postbox.waiting) == ["0"]
        assert (await here.reader()).state is SubscriberState.UNSUBSCRIBED


async def test_a_postbox_out_of_reach_is_told_of_once_and_holds_up_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")  # a command run in this process leaves it at ERROR
    async with office(tmp_path) as here:
        away, there = Postbox(STRAY), Postbox(STRAY)
        away.reach = False
        collecting = Collecting({"away": away, "there": there}, here.returning())
        for _ in range(3):
            await collecting.collect(asyncio.Event())
        assert there.understood == [False]
        away.reach = True
        await collecting.collect(asyncio.Event())
        assert away.understood == [False]
        told = [one.getMessage() for one in caplog.records if "postbox" in one.getMessage()]
        assert told == ["postbox out of reach", "postbox back"]
