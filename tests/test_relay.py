"""The real thing: digests handed to Postfix over STARTTLS, and what it makes of them.

Its DSNs are kept in ``postfix-dsn/``; ``PAPERROUND_DSN=write pytest tests/test_relay.py`` writes
them anew, with tokens made with the key of ``tests.made``.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path

import pytest

from tests.installation import Installation, daily, subscriber
from tests.made import KEY, at
from tests.postfix import WHY_NOT, Greylist, Postfix
from tests.smtpd import MailServer
from worker.core.tokens import BOUNCE, UNSUBSCRIBE, read_token, token
from worker.store import keys

pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

FIXTURES = Path(__file__).parent / "postfix-dsn"
MORNING = "2025-09-08T06:00Z"
BOUNCES = "b@bounce.example.org"
ANN, BEN = "ann@example.net", "ben@example.net"
ON_TOP = {"Return-Path", "X-Original-To", "Delivered-To", "Received"}
CONFIG = """
[mail]
from = "Paper Round <digest@example.org>"
base_url = "https://papers.example.org"
bounce_domain = "bounce.example.org"

[smtp]
host = "127.0.0.1"
port = {port}
ca_file = "{ca_file}"
"""
TITLES = ("Diffusion – a “survey”, with naïve 中文", "From here on\n.\n..a dot", "שלום")


class Sender(Installation):
    """An installation that hands its mail to this Postfix, a day taken in. ``composed`` are the
    messages that its first round is to send, by recipient.
    """

    composed: Mapping[str, bytes]

    @classmethod
    async def ready(cls, home: Path, postfix: Postfix, *people: str) -> Sender:
        sender = cls(home, postfix.port, "".join(map(subscriber, people)))
        config = CONFIG.format(port=postfix.port, ca_file=postfix.ca_file)
        (home / "paperround.toml").write_text(config)
        file = home / "2025-09-08.txt"
        file.write_text(daily("2025-09-08", *TITLES))
        await sender.here("ingest", str(file))
        await sender.here("send", "--now", MORNING, "--dry-run", str(home / "composed"))
        composed = [path.read_bytes() for path in (home / "composed").iterdir()]
        sender.composed = {str(read(one)["To"]): one for one in composed}
        assert sorted(sender.composed) == sorted(people)
        return sender

    async def send(self, now: str = MORNING) -> Counter[str]:
        """One tick, as of that instant."""
        return Counter(json.loads(await self.here("send", "--now", now, "--json")))


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def above(delivered: bytes, composed: bytes) -> EmailMessage:
    """What lies on top of the message composed, which has to be there to the byte."""
    as_stored = composed.replace(b"\r\n", b"\n")
    assert delivered.endswith(as_stored)
    return read(delivered.removesuffix(as_stored))


async def test_a_digest_arrives_to_the_byte_and_who_is_refused_holds_up_nobody(
    tmp_path: Path,
) -> None:
    async with Postfix(mailboxes=[ANN, BEN, BOUNCES]) as postfix:
        sender = await Sender.ready(tmp_path / "home", postfix, ANN, "nobody@example.net", BEN)
        counts = await sender.send()
        arrived = {box: await postfix.arrived(box) for box in (ANN, BEN)}
        status = await sender.status()
        again = await sender.send("2025-09-08T09:00Z")
        assert "550 5.1.1 <nobody@example.net>" in postfix.log()
    assert (counts["sent"], counts["failed"], counts["queued"]) == (2, 1, 0)
    assert (status["sent"], status["failed"]) == (2, 1)
    assert (again["sent"], again["failed"]) == (0, 0)
    secrets = keys.load(sender.data / "keys.json").by_id
    for box, (delivered,) in arrived.items():
        top = above(delivered, sender.composed[box])
        assert set(top.keys()) == ON_TOP
        assert top["Delivered-To"] == box
        assert "with ESMTPS" in top["Received"]
        tag = re.fullmatch(r"<b\+([\w-]+)@bounce\.example\.org>", top["Return-Path"])
        assert tag
        assert read_token(secrets, BOUNCE, tag[1]) is not None


async def test_a_greylisting_recipient_gets_it_on_the_retry_and_the_others_at_once(
    tmp_path: Path,
) -> None:
    """F35. Like postgrey it knows triplets: the retry has to come from the same sender."""
    now = [at("2025-09-08 06:00")]
    greylist = Greylist(lambda: now[0], frozenset({BEN}))
    async with Postfix(mailboxes=[ANN, BEN], greylist=greylist) as postfix:
        sender = await Sender.ready(tmp_path / "home", postfix, BEN, ANN)
        rounds = []
        for seconds in (0, 200, 400):  # the retry comes after 300 of them, give or take 60
            now[0] = at("2025-09-08 06:00") + timedelta(seconds=seconds)
            rounds.append(await sender.send(now[0].isoformat()))
            await postfix.arrived(ANN)
        (delivered,) = await postfix.arrived(BEN)
        assert len(postfix.lying(ANN)) == 1
        assert "450 4.2.0 <ben@example.net>" in postfix.log()
    assert [(each["sent"], each["deferred"]) for each in rounds] == [(1, 1), (0, 0), (1, 0)]
    assert len(greylist.asked) == 2
    assert set(above(delivered, sender.composed[BEN]).keys()) == ON_TOP


# --- DSNs ---------------------------------------------------------------------

SAYS = {
    "gone": "550 5.1.1 <{}>: Recipient address rejected: no such user here",
    "spam": "550 5.7.1 Message rejected as spam by content filtering",
    "full": "552 5.2.2 The mailbox is over its quota",
    "bare": "550 no such user",
    "late": "450 4.2.1 The mailbox is busy, try again later",
}
"""What the next hop says to RCPT, and so the kind of DSN."""

SHORT = "delay_warning_time = 1s\nmaximal_queue_lifetime = 4s\nbounce_queue_lifetime = 4s\n"


def reader(kind: str) -> str:
    return f"reader@{kind}.example.com"


async def bounced(
    tmp_path: Path, *kinds: str, count: int, more: str = ""
) -> tuple[Sender, list[bytes]]:
    """Send to a reader of each kind, and give the DSNs that come of it."""
    replies = {reader(kind): SAYS[kind].format(reader(kind)) for kind in kinds}
    async with MailServer(to_recipients=replies) as far:
        onward = {f"{kind}.example.com": far.port for kind in kinds}
        async with Postfix(mailboxes=[ANN, BOUNCES], onward=onward, more=more) as postfix:
            sender = await Sender.ready(tmp_path / "home", postfix, *map(reader, kinds))
            counts = await sender.send()
            assert (counts["sent"], counts["failed"]) == (len(kinds), 0)
            found = await postfix.arrived(BOUNCES, count)
        assert far.messages == []
    return sender, found


def report(dsn: bytes) -> Mapping[str, str]:
    """The fields about the one recipient (RFC 3464, 2.3)."""
    _, about = inside(dsn, "message/delivery-status")
    return {name: " ".join(str(value).split()) for name, value in about.items()}


def original(dsn: bytes) -> Message:
    """The message that came back."""
    (message,) = inside(dsn, "message/rfc822")
    return message


def inside(dsn: bytes, kind: str) -> list[Message]:
    (part,) = (part for part in read(dsn).walk() if part.get_content_type() == kind)
    found = part.get_payload()
    assert isinstance(found, list)
    return [each for each in found if isinstance(each, Message)]


def kept(dsn: bytes, kind: str) -> None:
    """Keep it for whoever parses such things, its tokens replaced by those of ``tests.made``."""
    if os.environ.get("PAPERROUND_DSN") != "write":
        return
    bounce = token(KEY, 1, BOUNCE, 7).encode()
    leaving = token(KEY, 1, UNSUBSCRIBE, 1001).encode()
    dsn = re.sub(rb"(?<=\bb\+)[\w-]{34}(?=@)", bounce, dsn)
    dsn = re.sub(rb"(?<=/u/)[\w-]{34}\b|(?<=\bdigest\+)[\w-]{34}(?=@)", leaving, dsn)
    FIXTURES.mkdir(exist_ok=True)
    (FIXTURES / f"{kind}.eml").write_bytes(dsn)


async def test_a_bounce_of_the_next_hop_comes_back_to_the_address_of_its_delivery(
    tmp_path: Path,
) -> None:
    kinds = ("gone", "spam", "full", "bare")
    sender, dsns = await bounced(tmp_path, *kinds, count=len(kinds))
    secrets = keys.load(sender.data / "keys.json").by_id
    deliveries = set()
    for dsn in dsns:
        about = report(dsn)
        address = about["Final-Recipient"].removeprefix("rfc822; ")
        kind = address.partition("@")[2].partition(".")[0]
        kept(dsn, kind)
        assert about["Action"] == "failed"
        assert about["Diagnostic-Code"] == f"smtp; {SAYS[kind].format(address)}"
        assert original(dsn)["Message-ID"] == read(sender.composed[address])["Message-ID"]
        assert read(dsn)["Return-Path"] == "<>"
        tag = re.fullmatch(r"b\+([\w-]+)@bounce\.example\.org", str(read(dsn)["To"]))
        assert tag
        deliveries.add(read_token(secrets, BOUNCE, tag[1]))
    assert len(deliveries - {None}) == len(kinds)


async def test_a_next_hop_that_is_busy_for_too_long_brings_a_warning_and_then_a_failure(
    tmp_path: Path,
) -> None:
    _, (warning, failure) = await bounced(tmp_path, "late", count=2, more=SHORT)
    kept(warning, "late")
    kept(failure, "late-failed")
    assert [report(dsn)["Action"] for dsn in (warning, failure)] == ["delayed", "failed"]
    assert report(failure)["Status"] == "4.2.1"


async def test_a_real_dsn_fed_back_marks_its_delivery_as_failed(tmp_path: Path) -> None:
    sender, dsns = await bounced(tmp_path, "gone", "spam", count=2)
    for failed, dsn in enumerate(dsns, start=1):
        assert await fed(sender, dsn) == os.EX_OK
        assert (await sender.status())["failed"] == failed


async def fed(sender: Sender, dsn: bytes) -> int:
    """``paperround bounce < dsn``: its exit code."""
    process = await asyncio.create_subprocess_exec(
        *sender.arguments("bounce"), stdin=asyncio.subprocess.PIPE
    )
    await process.communicate(dsn)
    return process.returncode or 0
