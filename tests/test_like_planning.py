"""A rule that names a paper, planned: the paper is found wherever it is kept, and is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tests.core.oracle import seed_papers
from tests.made import MONDAY, intake, subscriber
from tests.plain.book import Book
from tests.plain.ledger import PlainLedger, PlainSubscribers
from tests.plain.papers import PlainPaperLog
from worker.clock import FixedClock
from worker.core.exemplars import likes_in
from worker.core.identity import fingerprint
from worker.core.likeness import NO_LIKENESS
from worker.core.past import NO_PAST
from worker.core.stock import lately
from worker.core.window import Window
from worker.deliveries import Delivery, DeliveryState
from worker.digests import Slot
from worker.model import Paper, PaperNumber, Subscriber
from worker.pipeline.exemplars import beside, exemplars, likeness
from worker.pipeline.plan import commit, due
from worker.pipeline.recent import Recent
from worker.pipeline.rehearse import preview

EVO = "EvoMoE: An Evolutional Mixture-of-Experts Training Framework via Dense-To-Sparse Gate"
RULE = "like:2509.01234"


def _message_id(who: Subscriber, slot: Slot) -> str:
    return f"<{who.id}.{slot.name}@example.org>"


def _listed() -> list[Paper]:
    """The seed papers, each once; the one named comes first, and alone has an id."""
    once = {fingerprint(each.title): each for each in reversed(seed_papers())}
    named = fingerprint(EVO)
    ordered = [named, *(title for title in once if title != named)]
    return [
        replace(
            once[title],
            number=PaperNumber(number),
            day=MONDAY,
            keys=(f"title:{title}", *(("arxiv:2509.01234",) if title == named else ())),
            ids=("arxiv:2509.01234",) if title == named else (),
        )
        for number, title in enumerate(ordered, 1)
    ]


class Desk:
    """One reader with one rule, and papers that come day by day."""

    def __init__(self) -> None:
        self.papers, self.book = PlainPaperLog(window_days=10), Book()
        self.people, self.ledger = PlainSubscribers(self.book), PlainLedger(self.book)
        self.came = 0

    async def take_in(self, papers: list[Paper], day: date) -> None:
        self.came += 1
        newest = (await self.papers.end()).paper + len(papers)
        dated = [replace(each, day=day) for each in papers]
        file = intake(self.came, len(papers), newest, day=day)
        await self.papers.take_in(replace(file, at=_clock(day).now()), dated, {})

    async def plan(self, day: date) -> Delivery | None:
        clock = _clock(day)
        decided = await due(Recent(self.papers), self.people, self.ledger, _message_id, clock)
        await commit(decided, self.ledger)
        planned = await self.ledger.deliveries([DeliveryState.PLANNED])
        return planned[-1] if planned else None

    async def reader(self, *queries: str) -> Subscriber:
        return await self.people.add(subscriber(*queries, schedule="daily 00:00"))


def _clock(day: date) -> FixedClock:
    return FixedClock(subscriber().created_at.replace(year=day.year, month=day.month, day=day.day))


async def test_a_preview_is_what_will_be_planned_and_both_say_the_words() -> None:
    desk = Desk()
    who = await desk.reader(RULE)
    await desk.take_in(_listed(), MONDAY)
    recent = Recent(desk.papers)
    shown = await preview(who, recent, desk.ledger, _message_id, _clock(MONDAY))
    planned = await desk.plan(MONDAY)
    assert planned
    assert planned.digest.picks == shown.digest.picks
    assert len(planned.digest.picks) >= 3
    assert all(pick.because[0].startswith("like 2509.01234: ") for pick in planned.digest.picks)
    assert PaperNumber(1) not in {pick.paper for pick in planned.digest.picks}


async def test_the_paper_named_is_kept_when_the_log_has_it_no_more() -> None:
    listed, desk = _listed(), Desk()
    await desk.reader(RULE)
    await desk.take_in(listed[:1], MONDAY)
    assert await desk.plan(MONDAY) is None, "it is not like itself"
    late = MONDAY + timedelta(days=20)
    await desk.take_in(listed[1:], late)
    assert PaperNumber(1) not in {each.number for each in await desk.papers.papers(PaperNumber(0))}
    planned = await desk.plan(late)
    assert planned
    assert len(planned.digest.picks) >= 3


async def test_without_that_the_id_of_a_paper_that_left_finds_nothing() -> None:
    listed, desk = _listed(), Desk()
    await desk.take_in(listed[:1], MONDAY)
    late = MONDAY + timedelta(days=20)
    await desk.take_in(listed[1:], late)
    await desk.reader(RULE)
    assert await desk.plan(late) is None


async def test_an_exemplar_is_looked_for_among_the_papers_at_hand_the_log_and_the_ledger() -> None:
    listed, desk = _listed(), Desk()
    await desk.take_in(listed, MONDAY)
    (by_id,), (by_title,) = likes_in((RULE,)), likes_in((f'like:"{EVO}"',))
    asked = (by_id, by_title)
    for at_hand in (listed, ()):
        found = await exemplars(asked, at_hand, desk.papers, desk.ledger)
        assert {like: paper.number for like, paper in found.items()} == {by_id: 1, by_title: 1}
    unknown = likes_in(("like:2509.99999", 'like:"Zebras"'))
    made = await exemplars(unknown, (), desk.papers, desk.ledger)
    assert [(like.what, paper.number) for like, paper in made.items()] == [("Zebras", 0)]


async def test_of_a_paper_that_only_the_ledger_has_its_newest_version_counts() -> None:
    listed, desk = _listed(), Desk()
    await desk.take_in(listed[:1], MONDAY)
    await desk.take_in(listed[1:], MONDAY + timedelta(days=20))
    newer = replace(listed[0], abstract="Completed.", version=2)
    desk.book.papers |= {each.which: each for each in (newer, listed[0])}
    found = await exemplars(likes_in((RULE,)), (), desk.papers, desk.ledger)
    assert list(found.values()) == [newer]
    window = Window(listed[1:], ())
    stock = await beside(lately(window), [RULE], desk.papers, desk.ledger)
    assert stock.absent(likes_in((RULE,))) == ()
    assert lately(window).absent(likes_in((RULE,))) == likes_in((RULE,))


async def test_rules_that_name_no_paper_cost_nothing() -> None:
    desk, stock = Desk(), lately(Window((), ()))
    assert await likeness(["diffusion"], NO_PAST, desk.papers, desk.ledger) == (NO_LIKENESS, ())
    assert await beside(stock, ["diffusion"], desk.papers, desk.ledger) is stock
