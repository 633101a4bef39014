"""The counts of a digest add up, whatever became of the digests before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.made import MONDAY, NOON, START, at, delivery, intake, paper, subscriber
from worker.core.batch import Batch
from worker.core.plan import plan
from worker.core.receipt import FILES, counted, listed
from worker.deliveries import Delivery, Plan
from worker.digests import Digest, ReadFile, Receipt, Slot
from worker.model import Cursor, Intake, Paper, PaperNumber, Pick, Rule, Subscriber, WhenEmpty

RULES = (
    "graph",
    "graph -survey",
    "* -survey",
    "tree OR (* -graph)",
    "* -tree",
    '"broken',
    "survey",
)
TITLES = ("A graph", "A survey of graphs", "Trees", "A survey", "Something else")


def test_the_newest_files_are_told_of_by_name_day_and_time_and_all_are_counted() -> None:
    days = [MONDAY + timedelta(days=n) for n in range(5)]
    files = [replace(intake(n, 1, n, day=day), at=at(f"{day} 06:00")) for n, day in enumerate(days)]
    told = listed(files)
    assert (told.read, [file.day for file in told.files]) == (5, days[-FILES:])
    assert told.files[-1] == ReadFile("2025-09-12.txt", days[-1], at("2025-09-12 06:00"))
    assert (listed([]).read, listed([]).files) == (0, ())


def test_the_name_of_a_file_is_cleaned_before_anybody_is_shown_it() -> None:
    hostile = replace(intake(1, 1, 1), name="=?utf-8?q?x?=\n\u202egnp.\x1b[2J" + "y" * 200)
    (file,) = listed([hostile]).files
    assert file.name.startswith(r"= ?utf-8?q?x?=\n\u202egnp.\x1b[2Jyyy")
    assert len(file.name) == 100


def test_what_was_read_once_more_counts_as_read_but_lists_nothing_seen() -> None:
    again = replace(intake(1, 2, 2, seen=7), again=True)
    assert (listed([again]).seen, listed([again]).listed, listed([again]).read) == (0, 2, 1)


def test_a_digest_that_takes_over_another_counts_for_both_and_tells_of_the_newest_files() -> None:
    old = [ReadFile(f"{n}.txt", MONDAY, NOON) for n in range(3)]
    before = Receipt(5, 4, 1, 2, 1, 1, (MONDAY,), 1, tuple(old), 7)
    tuesday = date(2025, 9, 9)
    now = Receipt(
        3, 2, 1, expired=1, days=(tuesday,), files=(ReadFile("x", tuesday, NOON),), read=1
    )
    assert counted(now, before, matched=1, held_over=3) == Receipt(
        8, 6, 2, 3, 3, 2, (MONDAY, tuesday), 1, (*old[1:], ReadFile("x", tuesday, NOON)), 8
    )


@dataclass
class History:
    """A log that grows, one reader, and what became of each of his digests so far."""

    who: Subscriber
    papers: list[Paper] = field(default_factory=list)
    intakes: list[Intake] = field(default_factory=list)
    waiting: Delivery | None = None
    gone: int = 0  # papers that left the log
    arrived: set[PaperNumber] = field(default_factory=set)
    begun: Cursor = START  # where what the next digest counts begins
    held: int = 0  # was held over then

    def file(self, titles: list[str], seen: int) -> None:
        first = len(self.papers) + 1
        self.papers += [paper(first + n, title) for n, title in enumerate(titles)]
        newest, number = len(self.papers), len(self.intakes) + 1
        self.intakes.append(intake(number, len(titles), newest, seen=seen))

    def expire(self, count: int) -> None:
        self.gone = min(len(self.papers), self.gone + count)

    def plan(self) -> Plan:
        kept = self.papers[max(self.gone, self.who.cursor.paper) :]
        files = self.intakes[self.who.cursor.intake :]
        end = Cursor(PaperNumber(len(self.papers)), len(self.intakes))
        slot = Slot("2025-09-08", MONDAY)
        over = Batch(kept, files, end)
        return plan(self.who, slot, self.waiting, over, message_id="<x@y.org>", now=NOON)

    def end(self, made: Plan, fate: str) -> None:
        """What the ledger does, and then the mail server."""
        self.who = replace(self.who, cursor=made.cursor, held_over=made.held_over)
        self.waiting = None
        if made.digest and fate == "waits":
            self.waiting = delivery(*made.digest.picks, receipt=made.digest.receipt)
            self.waiting = replace(self.waiting, digest=made.digest)
            return
        if made.digest and fate == "fails":
            back = (*made.digest.picks, *made.held_over)
            self.who = replace(self.who, held_over=back)
        elif made.digest:
            self.arrived |= {pick.paper for pick in made.digest.picks}
        self.begun, self.held = made.cursor, len(self.who.held_over)


_FILES = st.lists(
    st.tuples(st.lists(st.sampled_from(TITLES), max_size=5), st.integers(0, 3)), max_size=3
)
_STEPS = st.lists(
    st.tuples(
        _FILES,
        st.integers(0, 4),  # papers that leave the log
        st.lists(st.sampled_from(RULES), min_size=1, max_size=3, unique=True),
        st.integers(1, 4),  # the cap
        st.sampled_from(["arrives", "arrives", "waits", "fails"]),
    ),
    min_size=1,
    max_size=6,
)


@given(_STEPS, st.sampled_from(WhenEmpty))
def test_the_counts_add_up_over_any_history(
    steps: list[tuple[list[tuple[list[str], int]], int, list[str], int, str]], empty: WhenEmpty
) -> None:
    history = History(subscriber(when_empty=empty))
    matched: set[PaperNumber] = set()
    for files, leaving, queries, cap, fate in steps:
        for titles, seen in files:
            history.file(titles, seen)
        history.expire(leaving)
        rules = tuple(Rule(query, query) for query in queries)
        history.who = replace(history.who, rules=rules, max_papers=cap)
        made = history.plan()
        if made.digest:
            _adds_up(history, made.digest, made.held_over)
            _accounts_for_all(history, made)
            matched |= {pick.paper for pick in (*made.digest.picks, *made.held_over)}
        history.end(made, fate)
        waiting = history.waiting.digest.picks if history.waiting else ()
        held = {pick.paper for pick in (*history.who.held_over, *waiting)}
        assert history.arrived | held == matched, "each paper that matched arrived, or still will"
        assert not history.arrived & held, "and never comes twice"


def _adds_up(history: History, digest: Digest, held_over: tuple[Pick, ...]) -> None:
    receipt = digest.receipt
    files = history.intakes[history.begun.intake :]
    assert receipt.listed == receipt.new + receipt.seen
    assert receipt.new == len(history.papers) - history.begun.paper
    assert receipt.seen == sum(file.seen for file in files)
    assert (receipt.read, len(receipt.files)) == (len(files), min(FILES, len(files)))
    assert receipt.held_over == len(held_over)
    assert receipt.matched + history.held == len(digest.picks) + len(digest.rest)
    assert receipt.matched + receipt.removed + receipt.expired <= receipt.new


def _accounts_for_all(history: History, made: Plan) -> None:
    """Where the digest takes over none: said of each paper on its own."""
    assert made.digest
    if history.waiting:
        return
    unread = history.papers[history.who.cursor.paper :]
    kept = [one for one in unread if one.number > history.gone]
    fates = [_fate(history.who, one.title) for one in kept]
    receipt = made.digest.receipt
    assert receipt.expired == len(unread) - len(kept)
    assert (receipt.matched, receipt.removed) == (fates.count("matched"), fates.count("removed"))
    out = [one.number for one, fate in zip(kept, fates, strict=True) if fate == "removed"]
    assert sorted(pick.paper for pick in made.digest.removed) == out


_SAID: dict[str, tuple[Callable[[str], bool], Callable[[str], bool]]] = {
    # what each rule says of a title, and would say if it left nothing out
    "graph": (lambda t: "graph" in t, lambda t: "graph" in t),
    "graph -survey": (lambda t: "graph" in t and "survey" not in t, lambda t: "graph" in t),
    "* -survey": (lambda t: "survey" not in t, lambda t: True),
    "tree OR (* -graph)": (lambda t: "Tree" in t or "graph" not in t, lambda t: True),
    "* -tree": (lambda t: "Tree" not in t, lambda t: True),
    '"broken': (lambda t: False, lambda t: False),
    "survey": (lambda t: "survey" in t, lambda t: "survey" in t),
}


def _fate(who: Subscriber, title: str) -> str:
    said = [_SAID[rule.query] for rule in who.rules]
    if any(matches(title) for matches, _ in said):
        return "matched"
    return "removed" if any(would(title) for _, would in said) else "nothing"
