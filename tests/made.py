"""Things to test with, made in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from worker.core.due import parse_schedule
from worker.core.letterhead import Letterhead
from worker.deliveries import Delivery, DeliveryId, DeliveryState
from worker.digests import Digest, Receipt, Slot
from worker.model import (
    Cursor,
    DailyFile,
    Intake,
    Paper,
    PaperNumber,
    Pick,
    Rule,
    Subscriber,
    SubscriberId,
    WhenEmpty,
)

SEEDS = Path(__file__).parent.parent / "seeds"
MONDAY = date(2025, 9, 8)
NOON = datetime(2025, 9, 8, 12, tzinfo=UTC)
KEY = bytes(range(32))
START = Cursor()
NOTHING = Receipt()

LETTERHEAD = Letterhead(
    from_name="Paper Round",
    from_address="digest@example.org",
    reply_to="editor@example.org",
    base_url="https://papers.example.org",
    list_id="papers.example.org",
    list_name="Paper Round",
    bounce_domain="bounce.example.org",
    unsubscribe_mailbox="unsub@example.org",
)


def at(text: str) -> datetime:
    """An instant in UTC, as ``2025-09-08 06:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def seed(day: str) -> DailyFile:
    """One of the two daily files that the project began with."""
    content = (SEEDS / f"{day}.txt").read_bytes()
    return DailyFile(f"{day}.txt", content, sha256(content).hexdigest(), NOON)


def paper(number: int, title: str = "", abstract: str = "", day: date = MONDAY) -> Paper:
    """A paper of that number."""
    title = title or f"Paper {number}"
    return Paper(PaperNumber(number), day, (f"title:{number}",), title, abstract or "Nothing more.")


def intake(number: int, new: int, newest: int, seen: int = 0, day: date = MONDAY) -> Intake:
    """A file of so many new and already seen papers, the newest of this number."""
    return Intake(
        number, f"{number:064x}", f"{day}.txt", day, "hf-text",
        new + seen, new, seen, 0, PaperNumber(newest), NOON,
    )  # fmt: skip


def subscriber(
    *queries: str,
    address: str = "reader@example.org",
    schedule: str = "daily 08:00",
    timezone: str = "Europe/Vienna",
    number: int = 1,
    cursor: Cursor = START,
    held_over: Sequence[Pick] = (),
    last_slot: date | None = None,
    max_papers: int = 50,
    when_empty: WhenEmpty = WhenEmpty.SKIP,
    paused_until: date | None = None,
) -> Subscriber:
    """Somebody with these rules, each named by its query."""
    return Subscriber(
        id=SubscriberId(number),
        uid=1000 + number,
        address=address,
        schedule=parse_schedule(schedule),
        timezone=timezone,
        rules=tuple(Rule(query, query) for query in queries or ("*",)),
        created_at=NOON,
        cursor=cursor,
        held_over=tuple(held_over),
        last_slot=last_slot,
        max_papers=max_papers,
        when_empty=when_empty,
        paused_until=paused_until,
    )


def pick(number: int, *queries: str) -> Pick:
    """That paper, chosen by these rules."""
    return Pick(PaperNumber(number), tuple(Rule(query, query) for query in queries or ("*",)))


def delivery(
    *picks: Pick,
    papers: Sequence[Paper] = (),
    state: DeliveryState = DeliveryState.PLANNED,
    due_at: datetime | None = NOON,
    receipt: Receipt = NOTHING,
    slot: str = "2025-09-08",
    notes: tuple[str, ...] = (),
) -> Delivery:
    """A delivery of these picks, to subscriber 1."""
    return Delivery(
        id=DeliveryId(7),
        subscriber=SubscriberId(1),
        uid=1001,
        address="reader@example.org",
        digest=Digest(Slot(slot, date.fromisoformat(slot[:10])), picks, receipt, notes),
        papers=tuple(papers) or tuple(paper(one.paper) for one in picks),
        message_id=f"<digest.{slot}.0123456789abcdef0123456789abcdef@example.org>",
        planned_at=NOON,
        state=state,
        due_at=due_at,
    )
