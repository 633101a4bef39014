"""Nothing is ever said in clear text that must not be, and to nobody who is not the server."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import Certified, certified
from tests.mailer.talk import EHLO, ENVELOPE, GO_AHEAD, GREETING, OK, PATIENT, take
from tests.rawsmtp import HOST, Line, RawServer
from tests.smtpd import MailServer
from worker.mailer.settings import SmtpSettings
from worker.mailer.smtp import SmtpMailer
from worker.outcomes import (
    Accepted,
    Outcome,
    Unavailable,
)

NAME, PASSWORD = "letters", "correct horse"
BOTH = pytest.mark.parametrize("tls", ["required", "implicit"])


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return certified(tmp_path_factory.mktemp("good"), HOST)


def secured(port: int, ca: Certified, **changed: Any) -> SmtpSettings:
    settings = SmtpSettings(
        HOST,
        port,
        username=NAME,
        password=PASSWORD,
        ca_file=ca.ca_file,
        timeouts=PATIENT,
        local_hostname="test",
    )
    return replace(settings, **changed)


async def outcome_of(settings: SmtpSettings) -> Outcome:
    async with SmtpMailer(settings) as mailer:
        return await mailer.deliver(ENVELOPE)


def said_in_clear(heard: bytes) -> list[bytes]:
    return [line.split(b" ")[0] for line in heard.split(b"\r\n") if line]


@BOTH
async def test_logged_in_and_sent_inside_tls(good: Certified, tls: str) -> None:
    implicit = tls == "implicit"
    async with MailServer(tls=good.context, implicit=implicit, login=(NAME, PASSWORD)) as server:
        outcome = await outcome_of(secured(server.port, good, tls=tls))
    assert isinstance(outcome, Accepted)
    (message,) = server.messages
    assert (message.tls, message.login) == (True, NAME)


async def test_no_login_is_tried_without_a_username(good: Certified) -> None:
    async with MailServer(tls=good.context) as server:
        settings = secured(server.port, good, username=None, password=None)
        assert isinstance(await outcome_of(settings), Accepted)
    assert server.messages[0].login == ""


async def test_a_stripped_starttls_ends_it_before_login_and_mail(good: Certified) -> None:  # F30
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer("250-raw.test\r\n250 AUTH PLAIN LOGIN CRAM-MD5")
        await line.hear_all()

    async with RawServer(talk) as server:
        outcome = await outcome_of(secured(server.port, good))
    assert outcome == Unavailable(
        "STARTTLS: not offered by the server; nothing is sent in clear text", ours=True
    )
    assert said_in_clear(server.heard) == [b"EHLO"]


async def test_a_server_without_ehlo_is_not_spoken_to_in_clear(good: Certified) -> None:  # F29
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer("502 what?")
        await line.hear_all()

    async with RawServer(talk) as server:
        outcome = await outcome_of(secured(server.port, good))
    assert outcome == Unavailable("EHLO: 502 what?", ours=True)
    assert said_in_clear(server.heard) == [b"EHLO"]


@pytest.mark.parametrize("reply", ["454 4.7.0 not now", "501 no", "220 but then no handshake"])
async def test_a_starttls_that_fails_ends_it(good: Certified, reply: str) -> None:  # F31
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer("250-raw.test\r\n250-AUTH PLAIN\r\n250 STARTTLS", reply)
        if reply.startswith("220"):
            await line.hear(b"\x16")  # the first byte of a handshake
            await line.say("250 welcome all the same")
        await line.hear_all()

    async with RawServer(talk) as server:
        outcome = await outcome_of(secured(server.port, good))
    assert isinstance(outcome, Unavailable)
    assert outcome.reply.startswith("STARTTLS: ")
    assert (outcome.ours, outcome.midway) == (reply.startswith("5"), False)
    assert said_in_clear(server.heard)[:2] == [b"EHLO", b"STARTTLS"]
    assert b"AUTH" not in server.heard
    assert b"MAIL" not in server.heard


async def test_clear_text_slipped_in_before_tls_is_not_heard_inside(good: Certified) -> None:  # F31
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        # One piece: what follows the 220 is in the client's buffer before its handshake.
        await line.answer("250-raw.test\r\n250 STARTTLS", "220 go\r\n250 evil.test\r\n550 injected")
        await line.begin_tls(good.context)
        await line.answer(EHLO, "550 5.7.1 the true reply")
        await line.hear_all()

    async with RawServer(talk) as server:
        outcome = await outcome_of(secured(server.port, good, username=None, password=None))
    assert outcome == Unavailable("MAIL: 550 5.7.1 the true reply", ours=True)


@BOTH
@pytest.mark.parametrize("fault", ["unknown authority", "wrong name", "expired"])
async def test_a_certificate_that_does_not_hold_ends_it(
    good: Certified, tmp_path: Path, tls: str, fault: str
) -> None:  # F32
    name = "other.example.org" if fault == "wrong name" else HOST
    bad = certified(tmp_path, name, expired=fault == "expired")
    trusted = good if fault == "unknown authority" else bad
    implicit = tls == "implicit"
    async with MailServer(tls=bad.context, implicit=implicit, login=(NAME, PASSWORD)) as server:
        outcome = await outcome_of(secured(server.port, trusted, tls=tls))
    assert isinstance(outcome, Unavailable)
    assert ": the certificate does not hold: " in outcome.reply
    assert outcome.ours
    assert server.messages == []


async def test_clear_text_where_tls_is_due_from_the_first_byte_ends_it(good: Certified) -> None:
    async with MailServer(login=(NAME, PASSWORD)) as server:
        outcome = await outcome_of(secured(server.port, good, tls="implicit"))
    assert isinstance(outcome, Unavailable)
    assert outcome.reply.startswith("connect: ")


async def test_a_wrong_password_is_for_the_operator(good: Certified) -> None:  # F33
    async with MailServer(tls=good.context, login=(NAME, "another")) as server:
        outcome = await outcome_of(secured(server.port, good))
    assert isinstance(outcome, Unavailable)
    assert outcome.reply.startswith("AUTH: 535 ")
    assert (outcome.ours, outcome.midway) == (True, False)
    assert server.messages == []


async def test_a_login_that_is_not_possible_now_passes(good: Certified) -> None:  # F33
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer("250-raw.test\r\n250 STARTTLS", "220 go")
        await line.begin_tls(good.context)
        await line.answer("250-raw.test\r\n250 AUTH PLAIN", "454 4.7.0 not now")
        await line.hear_all()

    async with RawServer(talk) as server:
        outcome = await outcome_of(secured(server.port, good))
    assert outcome == Unavailable("AUTH: 454 4.7.0 not now")


async def test_a_server_that_takes_no_login_gets_no_mail(good: Certified) -> None:
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer("250-raw.test\r\n250 STARTTLS", "220 go")
        await line.begin_tls(good.context)
        await line.answer(EHLO)
        await line.hear_all()

    async with RawServer(talk) as server:
        outcome = await outcome_of(secured(server.port, good))
    assert isinstance(outcome, Unavailable)
    assert outcome.reply.startswith("AUTH: ")
    assert outcome.ours
    assert b"MAIL" not in server.heard


async def test_a_password_repeated_by_the_server_is_not_kept(good: Certified) -> None:
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer("250-raw.test\r\n250 STARTTLS", "220 go")
        await line.begin_tls(good.context)
        await line.answer("250-raw.test\r\n250 AUTH PLAIN")
        command = (await line.hear()).strip()
        await line.say(b"535 5.7.8 what is " + command + b" or " + PASSWORD.encode() + b"?\r\n")
        await line.hear_all()

    async with RawServer(talk) as server:
        outcome = await outcome_of(secured(server.port, good))
    assert outcome == Unavailable(
        "AUTH: 535 5.7.8 what is AUTH PLAIN <secret> or <secret>?", ours=True
    )
    plain = base64.b64encode(f"\0{NAME}\0{PASSWORD}".encode())
    assert plain in server.heard


async def test_helo_will_do_inside_implicit_tls_without_a_login(good: Certified) -> None:  # F29
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer("502 what?", EHLO, OK, OK, GO_AHEAD)
        await take(line)

    async with RawServer(talk, tls=good.context) as server:
        settings = secured(server.port, good, tls="implicit", username=None, password=None)
        assert await outcome_of(settings) == Accepted(OK)


async def test_a_body_larger_than_any_buffer_passes_through_tls(good: Certified) -> None:
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer(EHLO, OK, OK, GO_AHEAD)
        await take(line)
        await line.answer(OK, OK, GO_AHEAD)
        await take(line)
        await line.hear_all()

    large = replace(ENVELOPE, content=ENVELOPE.content + b"line\r\n" * 1_000_000)
    async with RawServer(talk, tls=good.context) as server:
        settings = secured(server.port, good, tls="implicit", username=None, password=None)
        async with SmtpMailer(settings) as mailer:
            assert await mailer.deliver(large) == Accepted(OK)
            assert await mailer.deliver(ENVELOPE) == Accepted(OK)
    assert large.content + b".\r\n" in server.heard
