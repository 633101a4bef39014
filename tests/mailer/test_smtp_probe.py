"""A mail server is asked whether it takes us, and no mail is begun."""

from __future__ import annotations

import base64
import socket
from pathlib import Path

import pytest

from tests.certificates import Certified, certified
from tests.mailer.talk import EHLO, GREETING, clear
from tests.mailer.test_smtp_tls import NAME, PASSWORD, secured
from tests.rawsmtp import HOST, Line, RawServer
from tests.smtpd import MailServer
from worker.mailer.session import Session
from worker.mailer.settings import SmtpSettings, tls_context


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return certified(tmp_path_factory.mktemp("good"), HOST)


async def trouble_with(settings: SmtpSettings) -> str | None:
    return await Session(settings, tls_context(settings)).probe()


@pytest.mark.parametrize("tls", ["required", "implicit"])
async def test_a_server_that_takes_the_login_is_no_trouble(good: Certified, tls: str) -> None:
    implicit = tls == "implicit"
    async with MailServer(tls=good.context, implicit=implicit, login=(NAME, PASSWORD)) as server:
        assert await trouble_with(secured(server.port, good, tls=tls)) is None
        await server.all_gone()
    assert (server.messages, server.connections) == ([], 1)


async def test_it_is_greeted_and_left_and_no_mail_is_begun() -> None:
    async def conversation(line: Line) -> None:
        await line.say(GREETING)
        await line.answer(EHLO, "221 bye")

    async with RawServer(conversation) as server:
        assert await trouble_with(clear(server.port)) is None
    assert [line.split()[0] for line in server.heard.splitlines()] == [b"EHLO", b"QUIT"]


async def test_a_wrong_password_is_told_without_it(good: Certified) -> None:
    async with MailServer(tls=good.context, login=(NAME, PASSWORD)) as server:
        trouble = await trouble_with(secured(server.port, good, password="open sesame"))
        await server.all_gone()
    assert trouble is not None
    assert trouble.startswith("AUTH: 535 ")
    assert "sesame" not in trouble


async def test_what_a_server_repeats_of_us_is_taken_out(good: Certified) -> None:
    """Some servers quote the command they do not like."""
    secret = base64.b64encode(f"\0{NAME}\0{PASSWORD}".encode()).decode()

    async def conversation(line: Line) -> None:
        await line.say(GREETING)
        await line.answer("250-raw.test\r\n250 AUTH PLAIN")
        await line.hear()
        await line.say(f"535 5.7.8 AUTH PLAIN {secret} of {NAME}@example.org? No.")
        await line.hear()

    async with RawServer(conversation, tls=good.context) as server:
        trouble = await trouble_with(secured(server.port, good, tls="implicit"))
    assert trouble == "AUTH: 535 5.7.8 AUTH PLAIN <secret> of <address>? No."


async def test_a_server_without_starttls_is_trouble(good: Certified) -> None:
    async with MailServer() as server:
        trouble = await trouble_with(secured(server.port, good))
    assert trouble == "STARTTLS: not offered by the server; nothing is sent in clear text"


async def test_a_certificate_that_does_not_hold_is_trouble(good: Certified, tmp_path: Path) -> None:
    other = certified(tmp_path, HOST)
    async with MailServer(tls=other.context) as server:
        trouble = await trouble_with(secured(server.port, good))
    assert trouble is not None
    assert trouble.startswith("STARTTLS: the certificate does not hold: ")


async def test_a_server_that_says_no_at_once_or_is_not_there_is_trouble() -> None:
    async def conversation(line: Line) -> None:
        await line.say("554 5.7.1 not you, a@example.org")

    async with RawServer(conversation) as server:
        assert await trouble_with(clear(server.port)) == "connect: 554 5.7.1 not you, <address>"
    with socket.socket() as held:  # bound, but not listening
        held.bind((HOST, 0))
        trouble = await trouble_with(clear(held.getsockname()[1]))
    assert trouble is not None
    assert trouble.startswith("connect: ")


async def test_a_server_that_says_more_than_it_was_asked_is_trouble() -> None:
    async def conversation(line: Line) -> None:
        await line.say(GREETING)
        await line.answer(f"{EHLO}\r\n250 and more")
        await line.hear()

    async with RawServer(conversation) as server:
        trouble = await trouble_with(clear(server.port))
    assert trouble == "QUIT: the server sent more than one reply"
