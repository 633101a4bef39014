"""A made-up delivery with something of everything, to try templates on before they are trusted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from worker.deliveries import Delivery, DeliveryId, DeliveryKind
from worker.digests import (
    Change,
    Digest,
    Mention,
    News,
    ReadFile,
    Receipt,
    Slot,
    Trend,
    Week,
)
from worker.manner import Abstracts, Language, Manner, Order
from worker.model import Counts, Kind, Paper, PaperNumber, Pick, Rule, SubscriberId

DAY, NEXT = date(2025, 9, 8), date(2025, 9, 9)
AT = datetime(2025, 9, 9, 6, tzinfo=UTC)
PAPERS = (
    Paper(
        PaperNumber(1),
        DAY,
        ("arxiv:2509.00001", "title:asample"),
        "A <sample> & its title",
        "An abstract about neural operators and PDEs.\nWith a second line.",
        tuple(f"Author {n}" for n in range(1, 10)),
        ("arxiv:2509.00001",),
        "https://arxiv.org/abs/2509.00001",
        ("cs.LG",),
        DAY,
        Kind.REPLACEMENT,
        Counts(upvotes=12),
        "huggingface",
    ),
    Paper(PaperNumber(2), DAY, ("title:bare",), "A bare one", "Dynamics, and nothing else."),
    Paper(PaperNumber(3), DAY, ("title:had",), "One that he <had>", "And what is new of it."),
)
RULES = (Rule("Operators", '"neural operators" OR pde'), Rule("Everything", "*"))
FILES = (ReadFile("sep-08.txt", DAY, AT), ReadFile("sep-09.txt", NEXT, AT))
MENTIONS = tuple(Mention(news, PaperNumber(3), 1, NEXT, DAY, 120, 14) for news in News)
TRENDS = (Trend("Operators", NEXT, (0, 1, 2)), Trend("Nothing", NEXT, (0, 0, 0)))
WEEK = Week((Change("Operators", 5, 2),), (Change("Everything", 1, 3),), (("operators", 4),))


def sample_delivery(empty: bool = False) -> Delivery:
    """Two papers under two rules, one with everything and one with nothing, or no paper at all; and
    all that a digest may tell besides.
    """
    picks = () if empty else (Pick(PaperNumber(1), RULES), Pick(PaperNumber(2), RULES[1:]))
    receipt = Receipt(3, 2, 1, len(picks), 1, 1, (DAY, NEXT), removed=1, files=FILES, read=3)
    digest = Digest(
        Slot("2025-09-09", NEXT),
        picks,
        receipt,
        ("A note.",),
        mentions=MENTIONS,
        trends=() if empty else TRENDS,
    )
    return Delivery(
        id=DeliveryId(1),
        subscriber=SubscriberId(1),
        uid=1,
        address="reader@example.org",
        digest=digest,
        papers=PAPERS,
        message_id="<digest.sample@example.org>",
        planned_at=AT,
    )


def sample_confirm() -> Delivery:
    """Somebody is asked whether it was he who subscribed."""
    lines = (
        "Confirm your subscription",
        "",
        "Somebody, most likely you, asked for digests at this address.",
        "It came from the network 192.0.2.0/24 on 9 September 2025.",
    )
    return replace(_short(lines), kind=DeliveryKind.CONFIRM, ask=1)


def sample_notice() -> Delivery:
    """Somebody is told what was asked for in his name."""
    lines = ("You are subscribed already", "", "One <thing> & another.", "", "1\tpde")
    return replace(_short(lines), kind=DeliveryKind.NOTICE)


def sample_answer() -> Delivery:
    """An answer to a mail: sentences, and rows with and without something said of them."""
    lines = (
        "Done",
        "",
        "One <thing> & another.",
        "Two.",
        "",
        "1\tpde",
        "next digest\tnever",
        "",
        "help\t",
    )
    return replace(_short(lines), kind=DeliveryKind.ANSWER)


def _short(lines: tuple[str, ...]) -> Delivery:
    delivery = sample_delivery(empty=True)
    digest = replace(delivery.digest, notes=lines, receipt=Receipt())
    return replace(delivery, digest=digest, papers=())


def samples() -> tuple[Delivery, ...]:
    """One of each kind, in each manner that makes a difference to a template."""
    usual = (
        sample_delivery(),
        sample_delivery(empty=True),
        sample_answer(),
        sample_notice(),
        sample_confirm(),
    )
    other = Manner(Language.JA, plain=True)
    abroad = replace(usual[0], manner=Manner(Language.JA))
    weeks = tuple(replace(each, digest=replace(each.digest, week=WEEK)) for each in usual[:2])
    bare = replace(usual[0], digest=replace(usual[0].digest, mentions=(), trends=()))
    listed = replace(usual[0], manner=Manner(abstracts=Abstracts.NONE, order=Order.UPVOTES))
    plain = (replace(each, manner=other) for each in (*usual, *weeks))
    return (*usual, abroad, *weeks, bare, listed, *plain)
