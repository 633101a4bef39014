"""What every mailer does, whatever it hands the messages to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.plain.mailer import PlainMailer
from tests.smtpd import MailServer
from worker.deliveries import (
    Envelope,
)
from worker.mailer.folder import FolderMailer
from worker.mailer.settings import SmtpSettings
from worker.mailer.smtp import SmtpMailer
from worker.outcomes import (
    Accepted,
)
from worker.ports import Mailer

CONTENT = b"Subject: x\r\n\r\none\r\n"


@dataclass(frozen=True)
class Subject:
    """A mailer, and the contents of the messages that reached its far side, in any order."""

    mailer: Mailer
    arrived: Callable[[], list[bytes]]


@pytest.fixture(params=["smtp", "folder", "plain"])
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    async with AsyncExitStack() as stack:
        if request.param == "smtp":
            server = await stack.enter_async_context(MailServer())
            settings = SmtpSettings("127.0.0.1", server.port, tls="none")
            smtp = await stack.enter_async_context(SmtpMailer(settings))
            yield Subject(smtp, lambda: [message.content for message in server.messages])
        elif request.param == "folder":
            files = FolderMailer(tmp_path / "out")
            yield Subject(files, lambda: [p.read_bytes() for p in tmp_path.glob("out/*.eml")])
        else:
            plain = PlainMailer()
            yield Subject(plain, lambda: [envelope.content for envelope in plain.arrived])


def envelope(number: int = 1, content: bytes = CONTENT) -> Envelope:
    return Envelope("b+t@bounce.example.org", f"ann{number}@example.net", content, f"slot-{number}")


async def test_an_accepted_message_is_there_byte_for_byte(subject: Subject) -> None:
    assert isinstance(await subject.mailer.deliver(envelope()), Accepted)
    assert subject.arrived() == [CONTENT]


@pytest.mark.parametrize(
    "body",
    [
        b".\r\n",
        b"..\r\n",
        b"line\r\n.\r\nMAIL FROM:<x>\r\n",
        b"a\r\n.\r\n.\r\n\r\n..b\r\n",
        b"x" * 900 + b"\r\n",
    ],
)
async def test_dots_and_long_lines_pass_unharmed(subject: Subject, body: bytes) -> None:
    content = b"Subject: x\r\n\r\n" + body
    assert isinstance(await subject.mailer.deliver(envelope(content=content)), Accepted)
    assert subject.arrived() == [content]


async def test_messages_handed_over_at_once_all_arrive(subject: Subject) -> None:
    contents = [CONTENT + b"%d\r\n" % number for number in range(20)]
    envelopes = (envelope(number, content) for number, content in enumerate(contents))
    outcomes = await asyncio.gather(*(subject.mailer.deliver(each) for each in envelopes))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert sorted(subject.arrived()) == sorted(contents)


async def test_no_outcome_tells_an_address(subject: Subject) -> None:
    outcome = await subject.mailer.deliver(envelope())
    assert "@" not in outcome.reply
