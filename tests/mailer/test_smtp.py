"""What becomes of a message, by the step at which the server says no or nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.mailer.talk import (
    BOB,
    CONTENT,
    EHLO,
    ENVELOPE,
    GREETING,
    OK,
    PATIENT,
    agree,
    clear,
    outcome_at,
    take,
)
from tests.rawsmtp import CutProxy, Line, RawServer
from tests.smtpd import MailServer
from worker.mailer.smtp import SmtpMailer
from worker.outcomes import (
    Accepted,
    Bounced,
    Cause,
    Deferred,
    Doubtful,
    Outcome,
    Unavailable,
)

HUGE = CONTENT + b"a line of a body that no socket buffer holds as a whole\r\n" * 400_000


async def test_a_message_arrives_with_its_envelope_and_the_reply_is_kept() -> None:
    async with MailServer(to_dot="250 2.0.0 Ok: queued as 4XyZ for ann@example.net") as server:
        outcome = await outcome_at(server.port)
    assert outcome == Accepted("250 2.0.0 Ok: queued as 4XyZ for <address>")
    (message,) = server.messages
    assert message.mail_from == "b+t@bounce.example.org"
    assert message.rcpt_tos == ("ann@example.net",)
    assert message.content == CONTENT


async def test_the_wire_has_one_end_of_data_and_every_line_end_whole() -> None:
    async def talk(line: Line) -> None:
        await agree(line)
        await take(line)
        await line.hear_all()

    body = b"\r\n.\r\nMAIL FROM:<x>\r\n..\r\na\n.\nb\r.\rc\r\n.d\r\n.\r\n."
    async with RawServer(talk) as server:
        sent = await outcome_at(server.port, replace(ENVELOPE, content=CONTENT + body))
    assert isinstance(sent, Accepted)
    data = server.heard.partition(b"DATA\r\n")[2]
    message, end, after = data.partition(b"\r\n.\r\n")
    assert (end, after) == (b"\r\n.\r\n", b"QUIT\r\n")
    assert message.count(b"\r") == message.count(b"\n") == message.count(b"\r\n")
    unstuffed = message.replace(b"\r\n.", b"\r\n") + b"\r\n"
    whole = (CONTENT + body).replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert unstuffed == whole + b"\r\n"


# --- before the message is the server's ---------------------------------------


async def test_a_closed_port_is_nobodys_fault() -> None:  # F26
    async with MailServer() as server:
        pass
    outcome = await outcome_at(server.port)
    assert isinstance(outcome, Unavailable)
    assert outcome.reply.startswith("connect: ")
    assert (outcome.ours, outcome.midway) == (False, False)


async def test_a_server_that_says_nothing_is_given_up_soon() -> None:  # F27
    async with RawServer(Line.hear_all) as server:
        outcome = await outcome_at(server.port, timeouts=replace(PATIENT, connect=0.05))
    assert outcome == Unavailable("connect: timed out")


@pytest.mark.parametrize("banner", ["421 busy", "450 later", "554 go away", "SSH-2.0-x", "220"])
async def test_no_banner_but_220_lets_us_go_on(banner: str) -> None:  # F28
    async def talk(line: Line) -> None:
        await line.say(banner)
        await line.hear_all()

    async with RawServer(talk) as server:
        outcome = await outcome_at(server.port, timeouts=replace(PATIENT, command=0.05))
    assert isinstance(outcome, Unavailable)
    assert banner in outcome.reply or banner == "220"
    assert (outcome.ours, outcome.midway) == (banner.startswith("554"), False)
    assert b"MAIL" not in server.heard


async def test_helo_will_do_where_neither_tls_nor_a_login_is_wanted() -> None:  # F29
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer("502 EHLO what?", "250 raw.test", OK, OK, "354 go ahead")
        await take(line)

    async with RawServer(talk) as server:
        assert await outcome_at(server.port) == Accepted(OK)
    assert b"HELO test\r\n" in server.heard


@pytest.mark.parametrize("reply", ["421 4.3.0 down", "451 4.3.0 later", "550 5.7.1 not you"])
async def test_no_to_the_sender_is_ours_or_passes_and_nobody_elses(reply: str) -> None:  # F34
    ours = reply.startswith("5")
    async with MailServer(to_mail=reply) as server:
        assert await outcome_at(server.port) == Unavailable(f"MAIL: {reply}", ours=ours)


@pytest.mark.parametrize("reply", ["421 4.3.0 down", "451 no", "550 5.7.1 no bounces, please"])
async def test_no_to_an_answer_without_a_sender_is_about_it_alone(reply: str) -> None:
    answer = replace(ENVELOPE, mail_from="")
    async with MailServer(to_mail=reply) as server, SmtpMailer(clear(server.port)) as mailer:
        kind = Bounced if reply.startswith("5") else Deferred
        assert await mailer.deliver(answer) == kind(f"MAIL: {reply}")
        server.to_mail = ""
        assert isinstance(await mailer.deliver(BOB), Accepted)


async def test_an_answer_goes_out_without_a_sender() -> None:
    async with MailServer() as server:
        assert isinstance(await outcome_at(server.port, replace(ENVELOPE, mail_from="")), Accepted)
    assert server.messages[0].mail_from == "<>"


async def test_a_login_that_is_asked_for_at_the_sender_is_for_the_operator() -> None:
    async with MailServer(login=("letters", "secret")) as server:
        outcome = await outcome_at(server.port)
    assert outcome == Unavailable("MAIL: 530 5.7.0 Authentication required", ours=True)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("450 4.2.0 greylisted", Deferred("450 4.2.0 greylisted")),  # F35
        ("450 4.7.1 Greylisted", Deferred("450 4.7.1 Greylisted")),  # F35
        ("421 4.7.28 rate", Deferred("421 4.7.28 rate", Cause.RATE)),
        ("452 4.2.2 full", Deferred("452 4.2.2 full", Cause.FULL)),
        ("550 5.2.2 full", Deferred("550 5.2.2 full", Cause.FULL)),
        ("554 5.7.1 Relay denied", Deferred("554 5.7.1 Relay denied", Cause.POLICY)),
        ("550 no such user", Bounced("550 no such user", Cause.UNSAID)),
        ("550-5.1.1 who\r\n550 5.1.1 is it?", Bounced("550 5.1.1 who 5.1.1 is it?", Cause.ADDRESS)),
        ("554 5.5.1 no", Bounced("554 5.5.1 no")),
        ("452 4.5.3 too many", Deferred("452 4.5.3 too many")),  # F37
        (  # F36
            "550 5.1.1 <ann@example.net> who?",
            Bounced("550 5.1.1 <address> who?", Cause.ADDRESS),
        ),
        ("354 pardon?", Unavailable("a reply out of place: 354 pardon?", midway=True)),
    ],
)
async def test_no_to_the_recipient_is_about_him(reply: str, outcome: Outcome) -> None:
    async with MailServer(to_recipients={"ann@example.net": reply}) as server:
        assert await outcome_at(server.port) == outcome
    assert server.messages == []


async def test_one_refused_recipient_does_not_touch_the_next() -> None:  # F36
    refused = {"ann@example.net": "550 5.1.1 no such user"}
    async with (
        MailServer(to_recipients=refused) as server,
        SmtpMailer(clear(server.port, connections=1)) as mailer,
    ):
        assert isinstance(await mailer.deliver(ENVELOPE), Bounced)
        assert isinstance(await mailer.deliver(BOB), Accepted)
    assert server.recipients == ["bob@example.net"]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("451 4.3.0 later", Deferred("451 4.3.0 later", Cause.DOWN)),
        ("554 5.5.1 no", Bounced("554 5.5.1 no")),
        ("550 no such user", Bounced("550 no such user")),
        ("554 5.7.1 not today", Deferred("554 5.7.1 not today", Cause.POLICY)),
        ("250 fine", Unavailable("a reply out of place: 250 fine", midway=True)),
    ],
)
async def test_no_to_data_is_definite(reply: str, outcome: Outcome) -> None:  # F38
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer(EHLO, OK, OK, reply)
        await line.hear_all()

    async with RawServer(talk) as server:
        assert await outcome_at(server.port) == outcome
    assert b"Hello" not in server.heard


@pytest.mark.parametrize("step", range(5))
async def test_silence_at_any_step_before_the_dot_is_nobodys_fault(step: int) -> None:
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer(*[EHLO, OK, OK][: step - 1 if step else 0])
        await line.hear_all()

    short = replace(PATIENT, command=0.05, data=0.05)
    async with RawServer(talk) as server:
        outcome = await outcome_at(server.port, timeouts=short)
    assert isinstance(outcome, Unavailable)
    assert outcome.reply.endswith(": timed out")
    # Steps 0 to 4: the answers to EHLO (twice), MAIL, RCPT, DATA do not come.
    assert (outcome.ours, outcome.midway) == (False, step >= 3)


async def test_a_body_that_does_not_get_through_is_nobodys_fault() -> None:
    async def talk(line: Line) -> None:
        await agree(line)
        await asyncio.Event().wait()

    envelope = replace(ENVELOPE, content=HUGE)
    async with RawServer(talk, limit=1024) as server:
        outcome = await outcome_at(server.port, envelope, timeouts=replace(PATIENT, body=0.1))
    assert outcome == Unavailable("body: timed out", midway=True)


async def test_a_line_cut_inside_the_body_is_nobodys_fault() -> None:  # F39
    async def talk(line: Line) -> None:
        await agree(line)
        await line.hear()
        line.cut()

    async with RawServer(talk, limit=1024) as server:
        outcome = await outcome_at(server.port, replace(ENVELOPE, content=HUGE))
    assert isinstance(outcome, Unavailable)
    assert outcome.reply.startswith("body: ")
    assert (outcome.ours, outcome.midway) == (False, True)


async def test_an_address_that_cannot_be_spoken_bounces_unspoken() -> None:  # F46
    async with MailServer() as server, SmtpMailer(clear(server.port)) as mailer:
        for address in ("änn@example.net", "ann@bücher.ch", "", "a@b> SIZE=1\r\nRSET"):
            outcome = await mailer.deliver(replace(ENVELOPE, rcpt_to=address))
            assert isinstance(outcome, Bounced)
            assert outcome.reply.startswith("553 5.1.3")
            assert outcome.cause is Cause.ADDRESS
        unsent = await mailer.deliver(replace(ENVELOPE, mail_from="no address"))
        assert isinstance(unsent, Unavailable)
        assert unsent.ours
    assert server.connections == 0


async def test_a_message_over_the_servers_size_bounces_unsent() -> None:  # F46
    async with MailServer(size_limit=len(CONTENT)) as server:
        assert isinstance(await outcome_at(server.port), Accepted)
        bigger = replace(ENVELOPE, content=CONTENT + b"\r\n")
        assert await outcome_at(server.port, bigger) == Bounced(
            f"552 5.3.4 {len(CONTENT) + 2} octets, and the server takes {len(CONTENT)}",
            Cause.SIZE,
        )
    assert len(server.messages) == 1


# --- from the final dot on ----------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("250-first\r\n250 last", Accepted("250 first last")),  # F41
        (b"250 \x00\xff\xfe\r\n", Accepted("250 \\x00\\udcff\\udcfe")),
        ("452 4.2.2 mailbox full", Deferred("452 4.2.2 mailbox full", Cause.FULL)),
        ("554 5.7.1 spam", Bounced("554 5.7.1 spam", Cause.POLICY)),  # F38
        ("554 Transaction failed", Bounced("554 Transaction failed")),
        ("550 5.7.26 unauthenticated", Deferred("550 5.7.26 unauthenticated", Cause.POLICY)),
        ("552 5.3.4 too large", Bounced("552 5.3.4 too large", Cause.SIZE)),
    ],
)
async def test_the_reply_to_the_dot_is_definite(reply: str | bytes, outcome: Outcome) -> None:
    async def talk(line: Line) -> None:
        await agree(line)
        await take(line, reply)

    async with RawServer(talk) as server:
        assert await outcome_at(server.port) == outcome


@pytest.mark.parametrize(
    "reply", ["what?", "354 again", "999 x", b"\xff\xfe\xfd\r\n", b"x" * 10_000_000, b"25"]
)
async def test_what_is_no_reply_to_the_dot_is_a_doubt(reply: str | bytes) -> None:  # F41
    async def talk(line: Line) -> None:
        await agree(line)
        await take(line, reply)

    async with RawServer(talk) as server:
        outcome = await outcome_at(server.port)
    assert isinstance(outcome, Doubtful)
    assert len(outcome.reply) <= 500


async def test_a_connection_closed_after_the_dot_is_a_doubt() -> None:  # F40
    async with MailServer(after_dot="close") as server:
        assert isinstance(await outcome_at(server.port), Doubtful)
    assert len(server.messages) == 1


async def test_a_reply_that_never_comes_is_a_doubt() -> None:  # F40
    async with MailServer(after_dot="hang") as server:
        outcome = await outcome_at(server.port, timeouts=replace(PATIENT, dot=0.05))
    assert outcome == Doubtful("after the final dot: timed out")
    assert len(server.messages) == 1


async def conversation(server: MailServer) -> tuple[int, int]:
    """How many bytes one delivery sends and gets back, up to the reply to the dot."""
    async with CutProxy(server.port) as proxy:
        assert isinstance(await outcome_at(proxy.port), Accepted)
    server.messages.clear()
    return proxy.sent, proxy.answered


async def test_a_cut_anywhere_never_makes_a_delivered_message_look_unsent() -> None:  # F39, F40
    seen: set[type[Outcome]] = set()
    async with MailServer() as server:
        up, down = await conversation(server)
        cuts = [{"up": n} for n in range(up)] + [{"down": n} for n in range(down)]
        for cut in cuts:
            async with CutProxy(server.port, **cut) as proxy:
                outcome = await outcome_at(proxy.port)
            seen.add(type(outcome))
            safe = isinstance(outcome, Unavailable)
            assert isinstance(outcome, Accepted | Doubtful | Unavailable), cut
            assert not (safe and server.messages), cut
            assert not (isinstance(outcome, Accepted) and not server.messages), cut
            server.messages.clear()
    assert seen == {Accepted, Doubtful, Unavailable}


# --- stopped from outside -----------------------------------------------------


async def test_stopped_before_the_dot_it_raises_and_hangs_up() -> None:  # F4
    asked = asyncio.Event()

    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer(EHLO, OK)
        await line.hear()
        asked.set()
        await line.hear_all()
        gone.set()

    gone = asyncio.Event()
    async with RawServer(talk) as server, SmtpMailer(clear(server.port)) as mailer:
        delivery = asyncio.create_task(mailer.deliver(ENVELOPE))
        await asked.wait()
        delivery.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivery
        await gone.wait()
    assert b"DATA" not in server.heard


async def test_stopped_after_the_dot_it_gives_a_doubt() -> None:  # F4
    async with (
        MailServer(after_dot="hang") as server,
        SmtpMailer(clear(server.port, connections=1)) as mailer,
    ):
        delivery = asyncio.create_task(mailer.deliver(ENVELOPE))
        await server.dot.wait()
        delivery.cancel()
        outcome = await delivery
        assert outcome == Doubtful("after the final dot: stopped while waiting for the reply")
        await server.all_gone()
        server.after_dot = "answer"
        assert isinstance(await mailer.deliver(BOB), Accepted)
    assert server.recipients == ["ann@example.net", "bob@example.net"]


async def test_a_group_that_is_stopped_ends_and_has_the_doubt() -> None:
    outcomes: list[Outcome] = []

    async def deliver(mailer: SmtpMailer) -> None:
        outcomes.append(await mailer.deliver(ENVELOPE))

    async def group(server: MailServer, mailer: SmtpMailer) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(deliver(mailer))
            await server.dot.wait()
            raise ConnectionAbortedError

    async with MailServer(after_dot="hang") as server, SmtpMailer(clear(server.port)) as mailer:
        with pytest.raises(ExceptionGroup):
            await group(server, mailer)
    assert [type(outcome) for outcome in outcomes] == [Doubtful]


async def test_stopped_while_waiting_for_a_free_connection_it_raises() -> None:
    async with (
        MailServer(after_dot="hang") as server,
        SmtpMailer(clear(server.port, connections=1)) as mailer,
    ):
        first = asyncio.create_task(mailer.deliver(ENVELOPE))
        await server.dot.wait()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await mailer.deliver(BOB)
        first.cancel()
        assert isinstance(await first, Doubtful)
    assert server.recipients == ["ann@example.net"]
