"""RELIABILITY 3.1-3.3 on the wire: five hundred generated digests as a mail server hears them.

They are composed as ever, sent through the SMTP mailer, and judged by the bytes that came in.
"""

from __future__ import annotations

import asyncio
import quopri
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from tests.generated import deliveries
from tests.mailer.talk import EHLO, GO_AHEAD, GREETING, OK, clear, take
from tests.rawsmtp import Line, RawServer
from tests.test_hostile import COMPOSER, HEADERS
from worker.core.header import LINE_AIM, LINE_LIMIT
from worker.core.letterhead import unsubscribe_url
from worker.core.tokens import BOUNCE, UNSUBSCRIBE, read_token, token
from worker.deliveries import (
    Delivery,
)
from worker.mailer.smtp import SmtpMailer
from worker.outcomes import (
    Accepted,
)

LARGEST_HTML, LARGEST_ENCODED, LARGEST_MESSAGE = 90_000, 95_000, 200_000  # RELIABILITY, 3.2
TRANSACTION = re.compile(
    rb"(?:EHLO [!-~]+\r\n)?MAIL FROM:<([!-~]+)>[ -~]*\r\nRCPT TO:<([!-~]+)>\r\nDATA\r\n"
    rb"(.*?\r\n)\.\r\n(?:QUIT\r\n)?",
    re.DOTALL,
)
UNWELCOME = (
    "script",
    "form",
    "input",
    "button",
    "img",
    "iframe",
    "object",
    "embed",
    "svg",
    "base",
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One transaction: the envelope, and the message with its dots unstuffed."""

    mail_from: str
    rcpt_to: str
    content: bytes


async def recorded(line: Line) -> None:
    """A server that agrees to everything."""
    await line.say(GREETING)
    while command := await line.hear():
        match command[:4].upper():
            case b"EHLO":
                await line.say(EHLO)
            case b"DATA":
                await line.say(GO_AHEAD)
                await take(line)
            case _:
                await line.say(OK)


async def heard(sent: list[Delivery]) -> Iterator[Heard]:
    """What a server hears when these are sent. Nothing but whole transactions may be in it."""
    async with RawServer(recorded) as server:
        async with SmtpMailer(clear(server.port, connections=1)) as mailer:
            for delivery in sent:
                outcome = await mailer.deliver(COMPOSER(delivery))
                assert isinstance(outcome, Accepted)
        wires = [bytes(line.heard) for line in server.lines]
    return (one for wire in wires for one in transactions(wire))


def transactions(wire: bytes) -> Iterator[Heard]:
    """The transactions of one connection; one end of data for each, and every line end whole."""
    assert wire.count(b"\r\n") == wire.count(b"\r") == wire.count(b"\n")
    found = list(TRANSACTION.finditer(wire))
    assert b"".join(one[0] for one in found) == wire
    assert wire.count(b"\r\n.\r\n") == wire.count(b"\r\nDATA\r\n") == len(found)
    for one in found:
        assert not re.search(rb"^\.[^.]", one[3], re.MULTILINE)  # every leading dot is doubled
        content = re.sub(rb"^\.", b"", one[3], flags=re.MULTILINE)
        yield Heard(one[1].decode(), one[2].decode(), content)


class Markup(HTMLParser):
    """The tags and the attributes of an HTML part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.links: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action")}


def check_envelope(one: Heard, delivery: Delivery) -> None:
    tag = re.fullmatch(r"b\+([A-Za-z0-9_-]{34})@bounce\.example\.org", one.mail_from)
    assert tag
    assert read_token(COMPOSER.keys.by_id, BOUNCE, tag[1]) == delivery.id
    assert one.rcpt_to == delivery.address


def check_lines(content: bytes) -> None:
    assert content.isascii()
    assert len(content) <= LARGEST_MESSAGE
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= LINE_LIMIT
    # Only what cannot be folded is longer: a header's name with one word after it.
    assert [line for line in lines if len(line) > LINE_AIM and line.count(b" ") > 1] == []


def check_headers(content: bytes, delivery: Delivery) -> EmailMessage:
    head = content.partition(b"\r\n\r\n")[0]
    unfolded = head.replace(b"\r\n ", b" ").decode().split("\r\n")
    raw = {name: value for name, _, value in (line.partition(": ") for line in unfolded)}
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    assert Counter(message.keys()) == Counter(HEADERS)
    assert [line.partition(":")[0] for line in unfolded] == message.keys()
    assert raw["To"] == delivery.address
    assert raw["Message-ID"] == delivery.message_id
    assert len(raw["Message-ID"]) <= LINE_AIM
    assert message["Date"].datetime == delivery.planned_at
    assert [each.addr_spec for each in message["From"].addresses] == ["digest@example.org"]
    subject = str(message["Subject"])
    assert subject == " ".join(subject.split())
    assert len(subject) <= 120
    assert "=?" not in subject
    assert raw["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    check_unsubscribe(raw["List-Unsubscribe"], delivery)
    return message


def check_unsubscribe(value: str, delivery: Delivery) -> None:
    assert "=?" not in value
    web, mail = re.findall(r"<([^>]*)>", value)
    assert value == f"<{web}>, <{mail}>"
    assert value.count("https:") == 1
    assert web.startswith("https://")
    assert len(web) <= 70
    assert mail.startswith("mailto:")
    tag = web.rpartition("/")[2]
    assert read_token(COMPOSER.keys.by_id, UNSUBSCRIBE, tag) == delivery.uid


def check_parts(message: EmailMessage) -> dict[str, str]:
    parts = list(message.iter_parts())
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    boundary = message.get_boundary()
    for part in parts:
        assert part.get_content_charset() == "utf-8"
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
        assert part.defects == []
        encoded = str(part.get_payload())
        assert boundary is not None
        assert boundary not in encoded
        assert boundary.encode() not in quopri.decodestring(encoded)
        assert len(encoded) <= LARGEST_ENCODED
    contents = {part.get_content_subtype(): part.get_content() for part in parts}
    return {kind: content.replace("\r\n", "\n") for kind, content in contents.items()}


def check_html(html: str, unsubscribe: str) -> None:
    assert len(html.encode()) <= LARGEST_HTML
    markup = Markup(html)
    assert markup.tags.isdisjoint(UNWELCOME)
    assert [name for name in markup.names if name.startswith("on")] == []
    assert [link for link in markup.links if not re.match(r"https?://[!-~]+\Z", link)] == []
    assert unsubscribe in markup.links


def check_text(text: str, unsubscribe: str, delivery: Delivery) -> None:
    assert f"\nUnsubscribe at once: {unsubscribe}\n" in text
    squeezed = squeeze(text)
    missing = [
        paper.number
        for paper in delivery.papers
        if not (paper.url and paper.url in text) and squeeze(paper.title) not in squeezed
    ]
    assert missing == []


def squeeze(text: str) -> str:
    """Without white space, and without the stars of matched words."""
    return "".join(text.replace("*", "").split())


def check(one: Heard, delivery: Delivery) -> None:
    """All of it, for one message."""
    check_envelope(one, delivery)
    check_lines(one.content)
    parts = check_parts(check_headers(one.content, delivery))
    tag = token(COMPOSER.keys.secret, COMPOSER.keys.newest, UNSUBSCRIBE, delivery.uid)
    unsubscribe = unsubscribe_url(COMPOSER.letterhead, tag)
    check_html(parts["html"], unsubscribe)
    check_text(parts["plain"], unsubscribe, delivery)


@pytest.mark.parametrize("count", [500, pytest.param(5000, marks=pytest.mark.nightly)])
async def test_every_generated_digest_is_one_sound_mail_on_the_wire(count: int) -> None:
    sent = list(deliveries(count))
    async with asyncio.timeout(count):
        messages = list(await heard(sent))
    for one, delivery in zip(messages, sent, strict=True):
        check(one, delivery)
