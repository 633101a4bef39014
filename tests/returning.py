"""An office whose mail goes out through a real server and comes back: the SQL ledger, no mocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.made import KEY, LETTERHEAD, at, paper, pick, subscriber
from tests.smtpd import MailServer, Received
from tests.store.ledgers import plan_for
from worker import shipped
from worker.clock import FixedClock
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.letterhead import bounce_address
from worker.core.render import Templates
from worker.core.tokens import BOUNCE, token
from worker.deliveries import Delivery, DeliveryId, DeliveryState
from worker.mailer.settings import SmtpSettings
from worker.mailer.smtp import SmtpMailer
from worker.model import Subscriber
from worker.pipeline.deliver import Round
from worker.pipeline.returns import Noted, Returning
from worker.returned.mailboxes import Mailboxes
from worker.returns import Mail
from worker.store.engine import Database
from worker.store.sql import open_database
from worker.store.sql_ledger import SqlLedger
from worker.store.sql_returns import SqlReturns
from worker.store.sql_subscribers import SqlSubscribers
from worker.store.sql_suppressions import SqlSuppressions

MORNING = at("2025-09-08 06:00")
COMMANDS = "digest@example.org"
COMPOSER = Composer(
    replace(LETTERHEAD, commands_mailbox=COMMANDS),
    Templates(shipped.mail_templates()),
    Keys(1, {1: KEY}),
)
MAILBOXES = Mailboxes(LETTERHEAD.bounce_domain, LETTERHEAD.unsubscribe_mailbox, COMMANDS)


@dataclass
class Office:
    """The stores, a mail server, and an hour of the day."""

    database: Database
    server: MailServer
    mailer: SmtpMailer
    now: datetime = MORNING

    def __post_init__(self) -> None:
        self.subscribers = SqlSubscribers(self.database)
        self.ledger = SqlLedger(self.database)
        self.returns = SqlReturns(self.database)
        self.suppressions = SqlSuppressions(self.database)

    def returning(self, returns: SqlReturns | None = None) -> Returning:
        """Acts on mail as of this hour."""
        return Returning(
            keys=COMPOSER.keys.by_id,
            mailboxes=MAILBOXES,
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            returns=returns or self.returns,
            name=COMPOSER.message_id,
            clock=FixedClock(self.now),
        )

    async def take(self, content: bytes, *recipients: str) -> Noted:
        """One mail comes back, a minute after the last."""
        self.now += timedelta(minutes=1)
        return await self.returning().take(Mail(content, recipients))

    async def joined(self, address: str = "reader@example.org", number: int = 1) -> Subscriber:
        """Somebody new on the list."""
        return await self.subscribers.add(
            subscriber("diffusion", "survey", address=address, number=number)
        )

    async def reader(self, address: str = "reader@example.org") -> Subscriber:
        """The subscriber as stored."""
        found = await self.subscribers.find(address)
        assert found is not None
        return found

    async def planned(self, address: str = "reader@example.org") -> Delivery:
        """A digest of one paper for him, that waits."""
        who = await self.reader(address)
        day = self.now.date()
        plan = plan_for(who, pick(1), day=day, now=self.now)
        plan = replace(plan, message_id=COMPOSER.message_id(who, plan.slot))
        assert await self.ledger.plan([plan], [paper(1)]) == [plan]
        return (await self.ledger.deliveries([DeliveryState.PLANNED], who.id))[-1]

    async def sent(self) -> list[Received]:
        """Deliver all that waits; what arrived because of it."""
        before = len(self.server.messages)
        clock = FixedClock(self.now)
        round_ = Round(self.ledger, self.mailer, COMPOSER, clock, lambda: 0.0, asyncio.Event())
        await round_.deliver(1)
        return self.server.messages[before:]

    async def digest(self, address: str = "reader@example.org") -> Received:
        """A digest that has reached him."""
        await self.planned(address)
        (received,) = await self.sent()
        return received

    async def states(self) -> list[str]:
        """Of all deliveries, in order."""
        return [str(one.state) for one in await self.ledger.deliveries(DeliveryState)]


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Office]:
    """An office with one subscriber."""
    async with (
        MailServer() as server,
        open_database(folder / "ledger.db", create=True) as database,
        SmtpMailer(SmtpSettings(host="127.0.0.1", port=server.port, tls="none")) as mailer,
    ):
        here = Office(database, server, mailer)
        await here.joined()
        yield here


def parsed(received: Received) -> EmailMessage:
    """The message, as its reader's program has it."""
    message = message_from_bytes(received.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(received: Received) -> str:
    """What its reader sees."""
    body = parsed(received).get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text.replace("\r\n", "\n")


def reply_to(received: Received, text: str, number: int = 1) -> bytes:
    """He answers the mail, with the quote that programs put below."""
    message = parsed(received)
    lines = [
        "From: Somebody <somebody@example.net>",
        f"To: {message['Reply-To']}",
        f"Subject: Re: {message['Subject']}",
        f"Message-ID: <{number}.reply@mail.example.net>",
        f"In-Reply-To: {message['Message-ID']}",
        "",
        text,
        "",
        "On Mon, 8 Sep 2025 at 08:00, Paper Round <digest@example.org> wrote:",
        "> stop",
    ]
    return "\n".join(lines).encode()


def report(received: Received, status: str, words: str) -> bytes:
    """The server between sends the mail back (RFC 3464)."""
    return f"""\
From: MAILER-DAEMON@relay.example.net
To: {received.mail_from}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

I'm sorry.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.net

Final-Recipient: rfc822; reader@example.org
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 {status} {words}

--cut--
""".encode()


def complaint(received: Received) -> bytes:
    """His provider sends on that he called it spam (RFC 5965)."""
    message = parsed(received)
    return f"""\
From: fbl@mail.example.net
To: abuse@example.org
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut
Content-Type: text/plain

This is spam.

--cut
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: FBL/1.0
Version: 1

--cut
Content-Type: message/rfc822

From: {message["From"]}
Message-ID: {message["Message-ID"]}
List-Unsubscribe: {message["List-Unsubscribe"]}
Subject: {message["Subject"]}

Text
--cut--
""".encode()


def leaving(received: Received) -> bytes:
    """His mail program's button writes to the address in List-Unsubscribe (RFC 2369)."""
    mailto = str(parsed(received)["List-Unsubscribe"]).partition("mailto:")[2].partition("?")[0]
    return f"From: x@example.net\nTo: {mailto}\nSubject: unsubscribe\n\n".encode()


def sender_of(delivery: DeliveryId) -> str:
    """The envelope sender of that delivery."""
    return bounce_address(COMPOSER.letterhead, token(KEY, 1, BOUNCE, delivery))
