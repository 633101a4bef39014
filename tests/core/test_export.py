"""All that is kept about somebody, as a document."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date
from typing import Any

from tests.made import MONDAY, NOON, delivery, paper, pick, subscriber
from worker.asks import Ask, AskKind, AskState, Traces
from worker.core.export import Kept, export
from worker.core.preferred import preferences_of
from worker.deliveries import Attempt, Delivery, DeliveryState, Reason, Suppression
from worker.digests import Change, Digest, Mention, News, Receipt, Trend, Week
from worker.manner import Language, Manner
from worker.model import Cursor, PaperNumber, Preferences, Subscriber
from worker.store import schema

WHO = replace(
    subscriber("diffusion", "robot*", max_papers=21, held_over=[pick(3, "robot*")]),
    cursor=Cursor(PaperNumber(31), 4),
    last_slot=date(2025, 9, 7),
    paused_until=date(2025, 10, 1),
    manner=Manner(Language.DE, plain=True),
    version=12,
    epoch=2,
)
SENT = delivery(
    pick(1, "diffusion"),
    state=DeliveryState.SENT,
    due_at=None,
    receipt=Receipt(listed=31, new=30, seen=1, matched=1, days=(MONDAY,)),
    notes=("One rule of yours cannot be read any more.",),
)
TOLD = replace(
    SENT.digest,
    mentions=(Mention(News.TOOK_OFF, PaperNumber(1), 1, MONDAY, MONDAY, 90, 4),),
    trends=(Trend("diffusion", MONDAY, (0, 2)),),
    week=Week(rose=(Change("diffusion", 2, 0),)),
)
ASK = Ask(
    77, AskKind.SUBSCRIBE, NOON, "reader@example.org", preferences_of(WHO),
    Traces("hash-of-address", "hash-of-network", "example.org"), "192.0.2.0/24", 55,
    state=AskState.CONFIRMED, subscriber=WHO.id, confirmed_at=NOON,
)  # fmt: skip
KEPT = Kept(
    who=WHO,
    deliveries=(SENT,),
    attempts={SENT.id: [Attempt(NOON, DeliveryState.SENT, "mail.example.org", "250 ok")]},
    papers={(PaperNumber(3), 1): paper(3)},
    asks=(ASK,),
    suppression=Suppression("reader@example.org", Reason.COMPLAINT, NOON, "said so"),
)

DERIVED = {
    "uid": "random, for the links: it tells nothing of him",
    "address_key": "the address in small letters",
    "address_hash": "the address, hashed",
    "domain": "the end of the address",
    "ask": "random, for a link: the ask itself is there",
    "subscriber": "he himself",
    "epoch": "of his links, as they were when it was planned",
    "settled_at": "the instant of the last attempt, which is there",
    "waiting_since": "there, as since when it waits",
}
"""Columns that have no place of their own in the document, and why."""


def made(kept: Kept = KEPT) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(export(kept, "Paper Round", NOON)))
    return document


def test_every_column_of_a_subscriber_is_in_it_or_named_as_left_out() -> None:
    names = {
        "id": "number", "created_at": "subscribed_at", "from_file": "kept_by_operator",
        "plain": "plain_text", "version": "changes", "epoch": "links_renewed",
        "cursor_paper": "read_up_to", "cursor_intake": "read_up_to", "ordering": "order",
    }  # fmt: skip
    said = made()["subscriber"]
    columns = {column.name for column in schema.subscriber.columns} - {*DERIVED} | {"epoch"}
    assert {names.get(name, name) for name in columns} == set(said)


def test_every_column_of_a_delivery_is_in_it_or_named_as_left_out() -> None:
    names = {
        "id": "number", "due_at": "next_attempt_at", "held": "held_by_operator",
        "small": "made_smaller", "plain": "plain_text", "attempts": "tries", "doubts": "in_doubt",
        "reply": "last_reply", "picks": "papers", "rest": "over_your_cap", "notes": "lines",
        "receipt": "counts", "ordering": "order", "removed": "left_out_by_your_rules",
        "mentions": "mentioned", "told": "trends",
    }  # fmt: skip
    said = made()["deliveries"][0].keys() - {"week"}  # it is in one column with the trends
    columns = {column.name for column in schema.delivery.columns} - {*DERIVED}
    assert {names.get(name, name) for name in columns} == {*said} - {"waiting_since", "attempts"}


def test_every_preference_is_in_it() -> None:
    said = made()["subscriber"]
    assert {one.name for one in fields(Preferences)} - {*said} == {"manner"}
    assert said["rules"] == [
        {"name": "diffusion", "query": "diffusion"},
        {"name": "robot*", "query": "robot*"},
    ]
    assert (said["schedule"], said["timezone"], said["max_papers"]) == (
        "daily 08:00", "Europe/Vienna", 21,
    )  # fmt: skip
    assert (said["language"], said["plain_text"], said["paused_until"]) == (
        "de", True, "2025-10-01",
    )  # fmt: skip


def test_what_awaits_him_and_what_he_got_have_their_titles_and_reasons() -> None:
    document = made()
    (held,) = document["subscriber"]["held_over"]
    (got,) = document["deliveries"][0]["papers"]
    assert (held["title"], held["rules"][0]["query"]) == ("Paper 3", "robot*")
    assert (got["title"], got["rules"][0]["query"]) == ("Paper 1", "diffusion")


def test_what_was_over_his_cap_is_there_even_if_its_paper_is_not_at_hand() -> None:
    digest = SENT.digest
    over = replace(SENT, digest=Digest(digest.slot, digest.picks, digest.receipt, (), (pick(9),)))
    (rest,) = made(replace(KEPT, deliveries=(over,)))["deliveries"][0]["over_your_cap"]
    assert (rest["paper"], rest["title"]) == (9, "")


def test_what_was_told_beside_the_papers_is_there() -> None:
    said = made(replace(KEPT, deliveries=(replace(SENT, digest=TOLD),)))["deliveries"][0]
    assert said["mentioned"][0] == {
        "paper": 1, "title": "Paper 1", "news": "took off", "day": "2025-09-08",
        "had": "2025-09-08", "upvotes": 90, "before": 4,
    }  # fmt: skip
    assert said["trends"] == [{"rule": "diffusion", "last": "2025-09-08", "papers_a_day": [0, 2]}]
    assert said["week"]["rose"] == [{"rule": "diffusion", "now": 2, "before": 0}]


def test_the_counts_are_those_of_the_digest() -> None:
    counts = made()["deliveries"][0]["counts"]
    assert (counts["listed"], counts["days"]) == (31, ["2025-09-08"])


def test_every_attempt_has_its_time_and_what_it_came_to() -> None:
    assert made()["deliveries"][0]["attempts"] == [
        {"at": "2025-09-08T12:00:00+00:00", "state": "sent", "server": "mail.example.org",
         "reply": "250 ok"}
    ]  # fmt: skip


def test_his_consent_is_in_it_as_it_is_kept() -> None:
    (asked,) = made()["asks"]
    assert asked["from_network"] == "192.0.2.0/24"
    assert asked["confirmed_at"] == "2025-09-08T12:00:00+00:00"
    assert asked["wanted"]["schedule"] == "daily 08:00"
    (moved,) = made(replace(KEPT, asks=(replace(ASK, kind=AskKind.MOVE, wanted=None),)))["asks"]
    assert (moved["kind"], moved["wanted"]) == ("move", None)


def test_whether_he_is_never_mailed_is_in_it() -> None:
    assert made()["never_mailed"]["reason"] == "complaint"
    assert made(Kept(WHO))["never_mailed"] is None


def test_nothing_that_only_the_program_can_use_is_in_it() -> None:
    text = json.dumps(made())
    for secret in (str(WHO.uid), "hash-of-address", "hash-of-network"):
        assert secret not in text


def test_a_bare_subscriber_has_a_document_too() -> None:
    who: Subscriber = subscriber("*")
    bare: Delivery = replace(SENT, digest=replace(SENT.digest, notes=()))
    document = made(Kept(who, deliveries=(bare,)))
    assert document["subscriber"]["last_slot"] is None
    assert document["deliveries"][0]["attempts"] == []
    assert document["deliveries"][0]["day"] == MONDAY.isoformat()
