"""How connections are kept, given up and opened anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.mailer.talk import (
    BOB,
    CONTENT,
    EHLO,
    ENVELOPE,
    GO_AHEAD,
    GREETING,
    OK,
    PATIENT,
    agree,
    clear,
    outcome_at,
    take,
)
from tests.rawsmtp import Line, RawServer
from tests.smtpd import MailServer
from worker.deliveries import (
    Envelope,
)
from worker.mailer.smtp import SmtpMailer
from worker.outcomes import (
    Accepted,
    Bounced,
    Cause,
    Deferred,
    Doubtful,
    Unavailable,
)


def envelopes(count: int) -> list[Envelope]:
    return [replace(ENVELOPE, rcpt_to=f"ann{number}@example.net") for number in range(count)]


async def test_a_connection_is_kept_from_one_message_to_the_next() -> None:
    async with MailServer() as server, SmtpMailer(clear(server.port)) as mailer:
        for envelope in envelopes(5):
            assert isinstance(await mailer.deliver(envelope), Accepted)
    assert server.connections == 1
    assert server.recipients == [envelope.rcpt_to for envelope in envelopes(5)]


async def test_after_its_share_of_messages_a_connection_is_replaced() -> None:
    async with (
        MailServer() as server,
        SmtpMailer(clear(server.port, messages_per_connection=2)) as mailer,
    ):
        for envelope in envelopes(5):
            await mailer.deliver(envelope)
    assert [message.connection for message in server.messages] == [1, 1, 2, 2, 3]


async def test_a_refused_message_leaves_the_connection_in_use() -> None:
    async with MailServer(to_dot="554 5.7.1 no") as server:
        async with SmtpMailer(clear(server.port)) as mailer:
            for envelope in envelopes(3):
                assert isinstance(await mailer.deliver(envelope), Bounced)
        assert server.connections == 1


async def test_an_unused_connection_is_closed_and_later_opened_anew() -> None:
    async with MailServer() as server, SmtpMailer(clear(server.port, idle=0.0)) as mailer:
        await mailer.deliver(ENVELOPE)
        await server.all_gone()
        assert isinstance(await mailer.deliver(BOB), Accepted)
    assert server.connections == 2


async def test_a_connection_the_server_closed_meanwhile_is_opened_anew() -> None:  # F43
    async with MailServer() as server, SmtpMailer(clear(server.port)) as mailer:
        await mailer.deliver(ENVELOPE)
        server.close_connections()  # not awaited: the mailer may not know yet
        assert isinstance(await mailer.deliver(BOB), Accepted)
        server.close_connections()
        await server.all_gone()
        assert isinstance(await mailer.deliver(BOB), Accepted)
    assert server.connections == 3
    assert server.recipients == ["ann@example.net", "bob@example.net", "bob@example.net"]


async def test_421_after_some_messages_goes_on_over_a_new_connection() -> None:  # F43
    async def talk(line: Line) -> None:
        await agree(line)
        await take(line)
        first = len(server.lines) == 1
        await line.answer("421 4.7.0 enough" if first else OK)
        if not first:
            await line.answer(OK, GO_AHEAD)
            await take(line)
        await line.hear_all()

    async with RawServer(talk) as server, SmtpMailer(clear(server.port)) as mailer:
        assert [await mailer.deliver(each) for each in envelopes(3)] == [Accepted(OK)] * 3
    assert len(server.lines) == 2


async def test_421_to_a_recipient_counts_only_on_a_fresh_connection() -> None:
    async with MailServer() as server, SmtpMailer(clear(server.port)) as mailer:
        await mailer.deliver(ENVELOPE)
        server.to_recipients = {"bob@example.net": "421 4.3.2 closing"}
        assert await mailer.deliver(BOB) == Deferred("421 4.3.2 closing", Cause.DOWN)
    assert server.connections == 2


async def test_who_finds_us_too_fast_is_not_asked_again_at_once() -> None:
    async with MailServer() as server, SmtpMailer(clear(server.port)) as mailer:
        await mailer.deliver(ENVELOPE)
        server.to_recipients = {"bob@example.net": "421 4.7.28 rate"}
        assert await mailer.deliver(BOB) == Deferred("421 4.7.28 rate", Cause.RATE)
    assert server.connections == 1


async def test_a_no_to_the_sender_on_a_kept_connection_is_asked_for_once_more() -> None:
    async with MailServer() as server, SmtpMailer(clear(server.port)) as mailer:
        await mailer.deliver(ENVELOPE)
        server.to_mail = "550 5.7.1 not you"
        assert await mailer.deliver(BOB) == Unavailable("MAIL: 550 5.7.1 not you", ours=True)
    assert server.connections == 2


@pytest.mark.parametrize("answered", [0, 1, 2], ids=["MAIL", "RCPT", "DATA"])
async def test_who_falls_silent_on_a_kept_connection_is_not_asked_again(answered: int) -> None:
    """It would only take as long again, of everybody else's time."""

    async def talk(line: Line) -> None:
        await agree(line)
        await take(line)
        await line.answer(*[OK] * answered)
        await line.hear_all()

    short = replace(PATIENT, command=0.1, data=0.1)
    async with (
        RawServer(talk) as server,
        SmtpMailer(clear(server.port, timeouts=short)) as mailer,
    ):
        assert await mailer.deliver(ENVELOPE) == Accepted(OK)
        outcome = await mailer.deliver(BOB)
    step = ["MAIL", "RCPT", "DATA"][answered]
    assert outcome == Unavailable(f"{step}: timed out", midway=answered > 0)
    assert len(server.lines) == 1


@pytest.mark.parametrize("answered", [0, 1, 2], ids=["MAIL", "RCPT", "DATA"])
async def test_a_kept_connection_that_proves_over_is_opened_anew_once(answered: int) -> None:
    async def talk(line: Line) -> None:
        await agree(line)
        await take(line)
        await line.answer(*[OK] * answered)
        await line.hear()

    async with RawServer(talk) as server, SmtpMailer(clear(server.port)) as mailer:
        assert await mailer.deliver(ENVELOPE) == Accepted(OK)
        assert await mailer.deliver(BOB) == Accepted(OK)
    assert len(server.lines) == 2


async def test_a_new_connection_that_breaks_is_not_opened_again() -> None:
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer(EHLO, OK)
        await line.hear()

    async with RawServer(talk) as server, SmtpMailer(clear(server.port)) as mailer:
        outcome = await mailer.deliver(ENVELOPE)
    assert isinstance(outcome, Unavailable)
    assert (outcome.ours, outcome.midway) == (False, True)
    assert len(server.lines) == 1


async def test_a_doubt_is_never_tried_again_here() -> None:
    async with MailServer() as server, SmtpMailer(clear(server.port)) as mailer:
        await mailer.deliver(ENVELOPE)
        server.after_dot = "close"
        assert isinstance(await mailer.deliver(BOB), Doubtful)
    assert server.recipients == ["ann@example.net", "bob@example.net"]


async def test_one_reply_too_many_is_never_taken_for_the_next_one() -> None:  # F42
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer(EHLO, f"{OK}\r\n{OK}")
        await line.hear_all()

    async with RawServer(talk) as server:
        assert await outcome_at(server.port) == Unavailable(
            "RCPT: the server sent more than one reply", midway=True
        )
    assert b"RCPT" not in server.heard


async def test_a_reply_before_the_dot_is_not_taken_for_the_reply_to_it() -> None:  # F42
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer(EHLO, OK, OK, f"{GO_AHEAD}\r\n{OK}")
        await line.hear_all()

    async with RawServer(talk) as server:
        assert isinstance(await outcome_at(server.port), Unavailable)
    assert b"\r\n.\r\n" not in server.heard


async def test_a_late_reply_meets_nobody() -> None:  # F42
    replied = asyncio.Event()

    async def talk(line: Line) -> None:
        await agree(line)
        await line.hear(b"\r\n.\r\n")
        if len(server.lines) == 1:
            await replied.wait()
            await line.say("554 5.7.1 the late no")
        else:
            await line.say(OK)
        await line.hear_all()

    settings = {"timeouts": replace(PATIENT, dot=0.05), "connections": 1}
    async with RawServer(talk) as server:
        async with SmtpMailer(clear(server.port, **settings)) as mailer:
            assert isinstance(await mailer.deliver(ENVELOPE), Doubtful)
            replied.set()
        async with SmtpMailer(clear(server.port)) as mailer:
            assert await mailer.deliver(BOB) == Accepted(OK)


async def test_an_answer_to_a_message_with_a_second_one_behind_ends_the_connection() -> None:
    async def talk(line: Line) -> None:
        await agree(line)
        await take(line, f"{OK}\r\n554 5.7.1 and no")
        await line.hear_all()

    async with RawServer(talk) as server, SmtpMailer(clear(server.port)) as mailer:
        assert await mailer.deliver(ENVELOPE) == Accepted(OK)
        assert await mailer.deliver(BOB) == Accepted(OK)
    assert len(server.lines) == 2


async def test_no_more_connections_than_allowed_and_nobody_is_left_out() -> None:
    async with MailServer() as server, SmtpMailer(clear(server.port, connections=3)) as mailer:
        outcomes = await asyncio.gather(*(mailer.deliver(each) for each in envelopes(30)))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert sorted(server.recipients) == sorted(each.rcpt_to for each in envelopes(30))
    assert server.connections == 3


async def test_one_slow_connection_does_not_hold_up_the_others() -> None:
    async with (
        MailServer(after_dot="hang") as server,
        SmtpMailer(clear(server.port, connections=2)) as mailer,
    ):
        slow = asyncio.create_task(mailer.deliver(ENVELOPE))
        await server.dot.wait()
        server.after_dot = "answer"
        for envelope in envelopes(3):
            assert isinstance(await mailer.deliver(envelope), Accepted)
        slow.cancel()
        assert isinstance(await slow, Doubtful)


async def test_a_quit_without_an_answer_changes_nothing() -> None:  # F44
    async def talk(line: Line) -> None:
        await agree(line)
        await take(line)
        await line.hear_all()

    async with RawServer(talk) as server:
        outcome = await outcome_at(server.port, timeouts=replace(PATIENT, quit=0.05))
        assert outcome == Accepted(OK)
    assert server.heard.endswith(CONTENT + b".\r\nQUIT\r\n")
