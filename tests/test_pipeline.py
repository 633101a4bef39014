"""The day on the plain ports: what ends a round, and what never does."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import permutations

import pytest

from tests.installation import daily
from tests.made import KEY, LETTERHEAD, at, seed, subscriber
from tests.plain.inbox import PlainInbox
from tests.plain.ledger import Book, PlainLedger, PlainSubscribers
from tests.plain.mailer import PlainMailer
from tests.plain.papers import PlainPaperLog
from tests.plain.reader import PlainReader
from worker import shipped
from worker.clock import FixedClock
from worker.core.compose import Composer
from worker.core.jinja import (
    RenderError,
)
from worker.core.keys import Keys
from worker.core.render import (
    Templates,
)
from worker.deliveries import (
    Delivery,
    DeliveryState,
    Envelope,
    Settlement,
)
from worker.model import (
    DailyFile,
    Kind,
    Paper,
    PaperNumber,
    Refused,
    Subscriber,
    SubscriberState,
)
from worker.outcomes import (
    Bounced,
    Deferred,
    Outcome,
    Unavailable,
)
from worker.pipeline.deliver import Round, recover
from worker.pipeline.ingest import Ingest, empty_inbox
from worker.pipeline.plan import commit, due
from worker.pipeline.recent import Recent
from worker.pipeline.rehearse import preview, rehearse

COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
MORNING = at("2025-09-08 06:00")


@dataclass
class Office:
    """Everything that a day takes, in memory."""

    inbox: PlainInbox = field(default_factory=PlainInbox)
    papers: PlainPaperLog = field(default_factory=PlainPaperLog)
    book: Book = field(default_factory=Book)
    mailer: PlainMailer = field(default_factory=PlainMailer)
    clock: FixedClock = field(default_factory=lambda: FixedClock(MORNING))
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.people, self.ledger = PlainSubscribers(self.book), PlainLedger(self.book)

    async def take_in(self, day: str) -> None:
        file = seed(day)
        self.inbox.put(file.name, file.content)
        await self.empty()

    async def take(self, day: str, *titles: str) -> None:
        self.inbox.put(f"{day}.txt", daily(day, *titles).encode())
        await self.empty()

    async def empty(self) -> None:
        await empty_inbox(self.inbox, self.ingest)

    @property
    def ingest(self) -> Ingest:
        return Ingest(PlainReader(), self.papers, self.clock)

    async def plan(self) -> dict[str, int]:
        found = await due(
            Recent(self.papers), self.people, self.ledger, COMPOSER.message_id, self.clock
        )
        return dict(await commit(found, self.ledger))

    def round(self) -> Round:
        return Round(self.ledger, self.mailer, COMPOSER, self.clock, lambda: 0.0, self.stop)

    async def states(self) -> list[DeliveryState]:
        return [one.state for one in await self.ledger.deliveries(DeliveryState)]


async def office(*readers: Subscriber, outcomes: list[Outcome] | None = None) -> Office:
    made = Office(mailer=PlainMailer(outcomes or []))
    for reader in readers:
        await made.people.add(reader)
    await made.take_in("2025-09-08")
    return made


def readers(count: int) -> list[Subscriber]:
    return [subscriber("RL", address=f"r{n}@example.org", number=n) for n in range(1, count + 1)]


async def test_one_refused_recipient_does_not_end_the_round() -> None:
    day = await office(*readers(3), outcomes=[Bounced("550 no")])
    await day.plan()
    assert await day.round().deliver(1) == {"failed": 1, "sent": 2}


async def test_a_server_that_takes_no_mail_ends_the_round_and_blames_nobody() -> None:
    day = await office(*readers(3), outcomes=[Unavailable("421 closing")])
    await day.plan()
    assert await day.round().deliver(1) == {"deferred": 1}
    assert await day.states() == [DeliveryState.DEFERRED] + [DeliveryState.PLANNED] * 2
    (first, *_) = await day.ledger.deliveries([DeliveryState.DEFERRED])
    assert first.attempts == 0


async def test_a_round_that_is_told_to_stop_claims_nothing_more() -> None:
    day = await office(*readers(3))
    await day.plan()
    day.stop.set()
    assert not await day.round().deliver(4)
    assert await day.states() == [DeliveryState.PLANNED] * 3


class Waiting(PlainMailer):
    """Hangs before the message is the server's, until it is cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def deliver(self, envelope: Envelope) -> Outcome:
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody sets that event")


async def test_a_delivery_cut_off_before_the_message_left_keeps_its_place() -> None:
    day = await office(*readers(1))
    await day.plan()
    day.mailer = mailer = Waiting()
    task = asyncio.create_task(day.round().deliver(1))
    await mailer.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (kept,) = await day.ledger.deliveries([DeliveryState.DEFERRED])
    assert (kept.attempts, kept.doubts) == (0, 0)


class Broken(PlainMailer):
    async def deliver(self, envelope: Envelope) -> Outcome:
        raise ZeroDivisionError


async def test_a_fault_of_ours_while_sending_leaves_no_delivery_behind_as_sending() -> None:
    day = await office(*readers(1))
    await day.plan()
    day.mailer = Broken()
    with pytest.raises(ZeroDivisionError):
        await day.round().deliver(1)
    assert await day.states() == [DeliveryState.UNCERTAIN]


async def test_a_template_that_fails_counts_against_nobody() -> None:
    day = await office(*readers(1))
    await day.plan()

    def fail(_: Delivery) -> Envelope:
        raise RenderError("digest.html.j2, line 3: broken")

    round_ = Round(day.ledger, day.mailer, fail, day.clock, lambda: 0.0, day.stop)
    assert await round_.deliver(1) == {"deferred": 1}
    (kept,) = await day.ledger.deliveries([DeliveryState.DEFERRED])
    assert (kept.attempts, day.mailer.envelopes) == (0, [])


async def test_two_ticks_at_once_plan_one_digest() -> None:
    """F56."""
    day = await office(*readers(5))
    one, other = await asyncio.gather(day.plan(), day.plan())
    assert one["planned"] + other["planned"] == 5
    assert len(await day.states()) == 5


async def test_who_leaves_between_planning_and_sending_is_not_mailed() -> None:
    day = await office(*readers(2))
    await day.plan()
    (gone, _) = await day.people.everyone()
    await day.people.change(replace(gone, state=SubscriberState.UNSUBSCRIBED))
    assert await day.round().deliver(1) == {"sent": 1}
    assert [one.rcpt_to for one in day.mailer.envelopes] == ["r2@example.org"]


async def test_what_a_dead_process_left_as_sending_is_sent_again_with_the_same_message_id() -> None:
    day = await office(*readers(1))
    await day.plan()
    (claimed,) = await day.ledger.claim(day.clock.now(), 1)
    assert await recover(day.ledger, day.clock) == 1
    assert await day.round().deliver(1) == {"sent": 1}
    assert claimed.message_id.encode() in day.mailer.envelopes[0].content


async def test_while_a_digest_is_in_doubt_the_next_slot_waits() -> None:
    day = await office(*readers(1))
    await day.plan()
    await day.ledger.claim(day.clock.now(), 1)
    await day.take_in("2025-09-09")
    day.clock = FixedClock(at("2025-09-09 06:00"))
    assert await day.plan() == {"due": 1, "waiting": 1, "planned": 0, "empty": 0, "superseded": 0}
    await recover(day.ledger, day.clock)
    await day.round().deliver(1)
    assert (await day.plan())["due"] == 1


async def test_a_deferred_delivery_that_outlives_itself_gives_its_papers_to_the_next_digest() -> (
    None
):
    day = await office(*readers(1), outcomes=[Deferred("450 later")] * 2)
    await day.plan()
    await day.round().deliver(1)
    day.clock = FixedClock(at("2025-09-13 06:30"))
    assert await day.round().deliver(1) == {"expired": 1}
    day.clock = FixedClock(at("2025-09-14 06:30"))
    assert (await day.plan())["planned"] == 1
    assert await day.round().deliver(1) == {"sent": 1}
    (delivered,) = await day.ledger.deliveries([DeliveryState.SENT])
    assert len(delivered.digest.picks) == 3


async def test_the_same_content_under_any_name_is_taken_in_once() -> None:
    day = await office()
    again = replace(seed("2025-09-08"), name="another-name.txt")
    assert (await day.ingest.take_in(again)).again
    assert (await day.papers.end()).intake == 1


async def test_a_day_mistyped_into_the_future_does_not_set_the_year_of_later_files() -> None:
    day = await office()
    day.inbox.put("2035-09-08.txt", daily("Sep 8", "A paper of the future").encode())
    day.inbox.put("tomorrow.txt", daily("Sep 9", "A paper of the next day").encode())
    await empty_inbox(day.inbox, day.ingest)
    days = [str(intake.day) for intake in await day.papers.intakes(1)]
    assert days == ["2035-09-08", "2025-09-09"]


async def test_a_file_that_cannot_be_read_is_refused_and_the_next_is_taken_in() -> None:
    day = await office()
    day.inbox.put("a.txt", b"no daily file")
    day.inbox.put("b.txt", seed("2025-09-09").content)
    assert await empty_inbox(day.inbox, day.ingest) == 2
    ((refused, reasons),) = day.inbox.refused
    assert (refused.name, reasons[0].where) == ("a.txt", "file")
    assert (await day.papers.end()).paper == 63


async def test_a_rehearsal_is_what_is_sent_later_to_the_byte() -> None:
    day = await office(*readers(2))
    found = await due(Recent(day.papers), day.people, day.ledger, COMPOSER.message_id, day.clock)
    rehearsed = await rehearse(found, day.people, day.ledger)
    await day.plan()
    await day.round().deliver(1)
    assert [COMPOSER(one).content for one in rehearsed] == [
        one.content for one in day.mailer.envelopes
    ]


async def test_a_rehearsal_shows_what_waits_unless_it_is_superseded() -> None:
    day = await office(*readers(1))
    await day.plan()
    for instant, slot in ((MORNING, "2025-09-08"), (at("2025-09-09 06:00"), "2025-09-09")):
        clock = FixedClock(instant)
        found = await due(Recent(day.papers), day.people, day.ledger, COMPOSER.message_id, clock)
        rehearsed = await rehearse(found, day.people, day.ledger)
        assert [one.digest.slot.name for one in rehearsed] == [slot]


async def test_a_preview_shows_what_is_unread_also_when_that_is_nothing() -> None:
    day = await office(*readers(1))
    (who,) = await day.people.everyone()
    shown = await preview(who, Recent(day.papers), day.ledger, COMPOSER.message_id, day.clock)
    assert len(shown.digest.picks) == 3
    await day.plan()
    await day.round().deliver(1)
    (who,) = await day.people.everyone()
    shown = await preview(who, Recent(day.papers), day.ledger, COMPOSER.message_id, day.clock)
    assert shown.digest.picks == ()


async def test_a_file_that_comes_in_while_planning_is_for_the_next_planning() -> None:
    """Its papers are behind the cursor that is being set: planned now, they would come twice."""
    day = await office(subscriber("*"))

    class Growing(PlainPaperLog):
        async def papers(self, after: PaperNumber) -> Sequence[Paper]:
            await day.take_in("2025-09-09")
            return await log.papers(after)

    log, growing = day.papers, Growing()
    growing.__dict__.update(log.__dict__)
    found = await due(Recent(growing), day.people, day.ledger, COMPOSER.message_id, day.clock)
    await commit(found, day.ledger)
    day.clock = FixedClock(at("2025-09-09 06:00"))
    await day.round().deliver(1)
    await day.plan()
    await day.round().deliver(1)
    sent = await day.ledger.deliveries([DeliveryState.SENT])
    carried = [pick.paper for one in sent for pick in one.digest.picks]
    assert len(carried) == len(set(carried))
    assert [one.digest.receipt.expired for one in sent] == [0] * len(sent)


class Busy(PlainLedger):
    """Locked by somebody else for the first few settlements."""

    left = 3

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        if self.left:
            self.left -= 1
            raise Refused("the ledger is locked", os.EX_TEMPFAIL)
        await super().settle(settlements)


async def test_an_outcome_is_noted_also_when_the_ledger_is_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("worker.pipeline.deliver.SETTLE_PAUSE", 0)
    day = await office(*readers(2))
    await day.plan()
    day.ledger = Busy(day.book)
    assert await day.round().deliver(2) == {"sent": 2}
    assert await day.states() == [DeliveryState.SENT] * 2


class BusyToClaim(PlainLedger):
    """Locked by somebody else after the first claim."""

    given = False

    async def claim(
        self, now: datetime, limit: int, avoid: Collection[str] = ()
    ) -> Sequence[Delivery]:
        if self.given:
            raise Refused("the ledger is locked", os.EX_TEMPFAIL)
        self.given = True
        return await super().claim(now, limit, avoid)


async def test_a_ledger_too_busy_to_claim_from_cuts_off_nothing_in_flight() -> None:
    day = await office(*readers(3))
    await day.plan()
    day.ledger = BusyToClaim(day.book)
    assert await day.round().deliver(2) == {"sent": 1}
    assert await day.states() == [DeliveryState.SENT] + [DeliveryState.PLANNED] * 2


async def test_a_ledger_that_is_broken_ends_the_round(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(PlainLedger):
        async def settle(self, settlements: Sequence[Settlement]) -> None:
            raise Refused("the disk is gone", os.EX_IOERR)

    day = await office(*readers(2))
    await day.plan()
    day.ledger = Gone(day.book)
    with pytest.raises(Refused, match="the disk is gone"):
        await day.round().deliver(1)


async def test_one_digest_that_cannot_be_rendered_does_not_end_the_round() -> None:
    day = await office(*readers(5))
    await day.plan()

    def compose(one: Delivery) -> Envelope:
        if one.address == "r1@example.org":
            raise RenderError("digest.html.j2, line 3: broken")
        return COMPOSER(one)

    round_ = Round(day.ledger, day.mailer, compose, day.clock, lambda: 0.0, day.stop)
    assert await round_.deliver(1) == {"deferred": 1, "sent": 4}


async def test_nothing_else_waits_while_a_digest_is_made() -> None:
    day = await office(*readers(3))
    await day.plan()
    loop, at_once = asyncio.get_running_loop(), list[int]()

    def compose(one: Delivery) -> Envelope:
        turned = threading.Event()
        at_once.append(1)
        loop.call_soon_threadsafe(turned.set)
        assert turned.wait(10), "the loop turns meanwhile"
        assert len(at_once) == 1, "one is made at a time"
        at_once.pop()
        return COMPOSER(one)

    round_ = Round(day.ledger, day.mailer, compose, day.clock, lambda: 0.0, day.stop)
    assert await round_.deliver(3) == {"sent": 3}


async def test_a_fault_of_ours_before_the_message_left_is_no_doubt() -> None:
    day = await office(*readers(1))
    await day.plan()

    def compose(_: Delivery) -> Envelope:
        raise KeyError("ours")

    round_ = Round(day.ledger, day.mailer, compose, day.clock, lambda: 0.0, day.stop)
    with pytest.raises(KeyError):
        await round_.deliver(1)
    (kept,) = await day.ledger.deliveries([DeliveryState.DEFERRED])
    assert (kept.doubts, kept.attempts) == (0, 0)


async def test_files_left_when_it_is_told_to_stop_stay_for_next_time() -> None:
    day = await office()
    day.inbox.put("more.txt", seed("2025-09-09").content)
    day.stop.set()
    await empty_inbox(day.inbox, day.ingest, day.stop)
    assert list(day.inbox.lying) == ["more.txt"]


async def test_who_is_listed_again_gets_what_waited_when_he_was_taken_out() -> None:
    day = await office(*readers(1), outcomes=[Deferred("450 later")])
    await day.plan()
    await day.round().deliver(1)
    for state in (SubscriberState.UNLISTED, SubscriberState.ACTIVE):
        (who,) = await day.people.everyone()
        await day.people.change(replace(who, state=state))
    day.clock = FixedClock(at("2025-09-09 06:00"))
    await day.plan()
    assert await day.round().deliver(1) == {"sent": 1}
    (sent,) = await day.ledger.deliveries([DeliveryState.SENT])
    assert len(sent.digest.picks) == 3


async def test_a_held_over_paper_that_left_the_log_is_in_the_rehearsal_too() -> None:
    day = await office(subscriber("*", max_papers=1))
    await day.plan()
    await day.round().deliver(1)
    day.papers = PlainPaperLog()
    for number in range(47):
        await day.take(f"2025-09-{number % 28 + 1:02}", f"Another {number}")
    (who,) = await day.people.everyone()
    day.papers._papers = ()
    shown = await preview(who, Recent(day.papers), day.ledger, COMPOSER.message_id, day.clock)
    assert [paper.title[:4] for paper in shown.papers] == ["DFYP"]


class StickyInbox(PlainInbox):
    """One file of it can be read and not be moved."""

    async def archive(self, file: DailyFile, at: datetime) -> None:
        if file.name == "a.txt":
            raise Refused("a.txt cannot be moved", os.EX_TEMPFAIL)
        await super().archive(file, at)


async def test_a_file_that_cannot_be_moved_keeps_no_other_waiting_and_is_told() -> None:
    day = Office(inbox=StickyInbox(), mailer=PlainMailer([]))
    for name, title in (("a.txt", "One"), ("b.txt", "Two"), ("c.txt", "Three")):
        day.inbox.put(name, daily("Sep 8", title).encode())
    for _ in range(2):
        with pytest.raises(Refused, match="cannot be moved"):
            await day.empty()
        assert list(day.inbox.lying) == ["a.txt"]
        assert (await day.papers.end()).paper == 3


async def test_what_somebody_had_read_again_is_listed_once_in_the_mail() -> None:
    day = await office(subscriber("*"))
    again = replace(seed("2025-09-08"), again=True)
    assert (await day.ingest.take_in(again)).intake.seen == 47
    await day.plan()
    (planned,) = await day.ledger.deliveries([DeliveryState.PLANNED])
    receipt = planned.digest.receipt
    assert (receipt.listed, receipt.new, receipt.seen) == (47, 47, 0)


# --- one paper across all forms ------------------------------------------------


ABSTRACT = "We show that it holds for every flow, and we say for whom it does not hold at all."
PAPERS = {
    "2509.90001": r"On $\mathcal{O}(n \log n)$ Sheep",
    "2509.90002": r"M\"uller Flows at $Re_{\tau}$",
    "2509.90003": "Plain Words",
}


def as_text() -> bytes:
    """The page's text, which loses the signs of LaTeX."""
    bare = (title.replace("$", "").replace("\\", "") for title in PAPERS.values())
    return daily("Sep 9", *bare).encode()


def as_json() -> bytes:
    papers = [
        {
            "paper": {"id": id_, "title": title, "summary": ABSTRACT, "upvotes": 21,
                      "authors": [{"name": "Ada Ito"}]},
            "publishedAt": "2025-09-09T00:00:00.000Z",
        }
        for id_, title in PAPERS.items()
    ]  # fmt: skip
    return json.dumps(papers).encode()


def as_rss(kind: str = "new") -> bytes:
    items = (
        f"<item><title>{title}</title><link>https://arxiv.org/abs/{id_}</link>"
        f"<description>arXiv:{id_}v2 Announce Type: {kind} \nAbstract: {ABSTRACT}</description>"
        f"<category>cs.CL</category><arxiv:announce_type>{kind}</arxiv:announce_type></item>"
        for id_, title in PAPERS.items()
    )
    return (
        '<rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom"><channel>'
        "<title>cs.CL updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.CL</link>"
        f"<pubDate>Tue, 09 Sep 2025 00:00:00 -0400</pubDate>{''.join(items)}</channel></rss>"
    ).encode()


FORMS_OF_A_DAY = {"a.txt": as_text, "b.json": as_json, "c.xml": as_rss}


@pytest.mark.parametrize("names", list(permutations(FORMS_OF_A_DAY)), ids="-".join)
async def test_a_day_as_text_as_json_and_as_a_feed_is_one_set_of_papers(
    names: tuple[str, ...],
) -> None:
    day = Office(mailer=PlainMailer([]))
    for name in names:
        day.inbox.put(name, FORMS_OF_A_DAY[name]())
        await day.empty()
    assert [(one.new, one.seen) for one in await day.papers.intakes(0)] == [(3, 0), (0, 3), (0, 3)]
    for id_, paper in zip(PAPERS, await day.papers.papers(PaperNumber(0)), strict=True):
        assert paper.ids == (f"arxiv:{id_}",)
        assert (paper.authors, paper.categories) == (("Ada Ito",), ("cs.CL",))
        assert (paper.counts.upvotes, paper.url) == (21, f"https://arxiv.org/abs/{id_}")


async def test_what_completes_a_paper_reaches_who_has_not_read_it_and_changes_no_digest() -> None:
    early = subscriber("*", address="early@example.org", number=1)
    late = subscriber("author:ito", address="late@example.org", number=2)
    day = Office(mailer=PlainMailer([]))
    await day.people.add(early)
    day.inbox.put("a.txt", as_text())
    await day.empty()
    day.clock = FixedClock(at("2025-09-10 06:30"))
    await day.plan()
    (before,) = await day.ledger.deliveries([DeliveryState.PLANNED])
    await day.people.add(late)
    day.inbox.put("b.json", as_json())
    await day.empty()
    await day.plan()
    again, after = await day.ledger.deliveries([DeliveryState.PLANNED])
    assert again == before
    assert [paper.authors for paper in before.papers] == [()] * 3
    assert [paper.authors for paper in after.papers] == [("Ada Ito",)] * 3
    assert [pick.version for pick in after.digest.picks] == [one.version for one in after.papers]


async def test_replacements_are_no_new_papers_but_complete_the_ones_that_are_known() -> None:
    day = Office(mailer=PlainMailer([]))
    day.inbox.put("a.xml", as_rss("replace"))
    await day.empty()
    (intake,) = await day.papers.intakes(0)
    assert (intake.listed, intake.new, intake.unasked) == (0, 0, 3)
    day.inbox.put("b.json", as_json())
    day.inbox.put("c.xml", as_rss("cross"))
    await day.empty()
    _, json_, cross = await day.papers.intakes(0)
    assert (json_.new, cross.seen, cross.unasked) == (3, 3, 0)
    papers = await day.papers.papers(PaperNumber(0))
    assert [(one.kind, one.categories) for one in papers] == [(Kind.NEW, ("cs.CL",))] * 3
