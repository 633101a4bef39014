"""What every PaperLog does, whatever it is made of."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plain.papers import PlainPaperLog
from tests.store.days import FIRST_DAY, everything, intake, paper, take_in_day
from worker.manner import Relation
from worker.model import Cursor, Intake, Paper, PaperNumber, Seen
from worker.ports import PaperLog
from worker.sightings import Sighting
from worker.store.papers_tinydb import TinyPaperLog

WINDOW_DAYS = 10


class Reopened:
    """A TinyPaperLog that is closed and opened again round each call: nothing but the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _open(self) -> TinyPaperLog:
        return TinyPaperLog.open(
            self._path, new_id="log", create=not self._path.exists(), window_days=WINDOW_DAYS
        )

    async def id(self) -> str:
        with closing(self._open()) as log:
            return await log.id()

    async def end(self) -> Cursor:
        with closing(self._open()) as log:
            return await log.end()

    async def taken(self, sha256: str) -> Intake | None:
        with closing(self._open()) as log:
            return await log.taken(sha256)

    async def known(self, keys: Iterable[str]) -> Mapping[str, Seen]:
        with closing(self._open()) as log:
            return await log.known(keys)

    async def papers(self, after: PaperNumber) -> Sequence[Paper]:
        with closing(self._open()) as log:
            return await log.papers(after)

    async def intakes(self, after: int) -> Sequence[Intake]:
        with closing(self._open()) as log:
            return await log.intakes(after)

    async def take_in(
        self,
        intake: Intake,
        fresh: Sequence[Paper],
        learned: Mapping[PaperNumber, Sequence[str]],
        completed: Sequence[Paper] = (),
        unread: PaperNumber | None = None,
        sightings: Sequence[Sighting] = (),
    ) -> None:
        with closing(self._open()) as log:
            await log.take_in(intake, fresh, learned, completed, unread, sightings)

    async def sightings(self, after: int) -> Sequence[Sighting]:
        with closing(self._open()) as log:
            return await log.sightings(after)


class FollowedByAReader:
    """A writer and a reader on one file: whatever is asked, the reader answers."""

    def __init__(self, path: Path) -> None:
        self.writer = TinyPaperLog.open(path, new_id="log", create=True, window_days=WINDOW_DAYS)
        reader = TinyPaperLog.open(path, new_id="no", create=False, read_only=True)
        self.id, self.end, self.taken = reader.id, reader.end, reader.taken
        self.known, self.papers, self.intakes = reader.known, reader.papers, reader.intakes
        self.sightings, self.take_in = reader.sightings, self.writer.take_in


@contextmanager
def plain(folder: Path) -> Iterator[PaperLog]:
    yield PlainPaperLog("log", WINDOW_DAYS)


@contextmanager
def tiny(folder: Path) -> Iterator[PaperLog]:
    path = folder / "papers.json"
    with closing(
        TinyPaperLog.open(path, new_id="log", create=True, window_days=WINDOW_DAYS)
    ) as opened:
        yield opened


@contextmanager
def reopened(folder: Path) -> Iterator[PaperLog]:
    yield Reopened(folder / "papers.json")


@contextmanager
def followed(folder: Path) -> Iterator[PaperLog]:
    log = FollowedByAReader(folder / "papers.json")
    with closing(log.writer):
        yield log


LOGS = [plain, tiny, reopened, followed]


@pytest.fixture(params=LOGS, ids=lambda make: make.__name__)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PaperLog]:
    with request.param(tmp_path) as made:
        yield made


async def test_a_new_log_is_empty_and_has_the_id_it_was_given(log: PaperLog) -> None:
    assert await log.id() == "log"
    assert await log.end() == Cursor()
    assert await log.taken("0" * 64) is None
    assert await log.known(["arxiv:2509.00001"]) == {}
    assert await log.papers(PaperNumber(0)) == ()
    assert await log.intakes(0) == ()


async def test_what_was_taken_in_is_given_back_whole(log: PaperLog) -> None:
    taken, fresh = await take_in_day(log, 3)

    assert await log.end() == Cursor(PaperNumber(3), 1)
    assert await log.papers(PaperNumber(0)) == fresh
    assert await log.intakes(0) == (taken,)
    assert await log.taken(taken.sha256) == taken


async def test_papers_and_intakes_are_given_from_a_place_on_oldest_first(log: PaperLog) -> None:
    await take_in_day(log, 2)
    second, later = await take_in_day(log, 2)

    assert await log.papers(PaperNumber(2)) == later
    assert await log.papers(PaperNumber(3)) == later[1:]
    assert await log.papers(PaperNumber(4)) == ()
    assert await log.intakes(1) == (second,)
    assert await log.intakes(2) == ()


async def test_a_file_without_a_fresh_paper_is_an_intake_all_the_same(log: PaperLog) -> None:
    await take_in_day(log, 1)
    await take_in_day(log, 0)

    assert await log.end() == Cursor(PaperNumber(1), 2)
    assert [one.newest for one in await log.intakes(0)] == [1, 1]


async def test_a_paper_is_known_by_each_of_its_keys(log: PaperLog) -> None:
    await log.take_in(intake(1, 1, 1), [paper(1, ["arxiv:1", "title:a"])], {})

    seen = Seen(PaperNumber(1), ("arxiv:1", "title:a"))
    assert await log.known(["title:a", "title:b", "arxiv:1"]) == {"title:a": seen, "arxiv:1": seen}
    assert await log.known(iter(["title:a"])) == {"title:a": seen}


async def test_a_paper_gains_keys_by_which_it_is_known_from_then_on(log: PaperLog) -> None:
    await log.take_in(intake(1, 2, 2), [paper(1, ["title:a"]), paper(2, ["title:b"])], {})
    await log.take_in(intake(2, 2), [], {PaperNumber(1): ["arxiv:1", "doi:1", "arxiv:1"]})

    gained = Seen(PaperNumber(1), ("title:a", "arxiv:1", "doi:1"))
    assert await log.known(["title:a", "doi:1"]) == {"title:a": gained, "doi:1": gained}
    assert await log.known(["title:b"]) == {"title:b": Seen(PaperNumber(2), ("title:b",))}


async def test_a_key_stays_with_the_paper_that_was_first_seen_under_it(log: PaperLog) -> None:
    twins = [paper(1, ["arxiv:1", "title:same"]), paper(2, ["arxiv:2", "title:same"])]
    await log.take_in(intake(1, 2, 2), twins, {})
    await log.take_in(intake(2, 2), [], {PaperNumber(1): ["arxiv:2"], PaperNumber(2): ["arxiv:1"]})

    first = Seen(PaperNumber(1), ("arxiv:1", "title:same"))
    second = Seen(PaperNumber(2), ("arxiv:2", "title:same"))
    known = await log.known(["title:same", "arxiv:1", "arxiv:2"])
    assert known == {"title:same": first, "arxiv:1": first, "arxiv:2": second}


async def test_a_completed_paper_takes_the_place_of_its_earlier_version(log: PaperLog) -> None:
    _, (first, second) = await take_in_day(log, 2)
    better = replace(first, authors=("Ada Ito",), version=2)
    await log.take_in(intake(2, 2), [], {}, [better])

    assert await log.papers(PaperNumber(0)) == (better, second)


async def test_a_paper_that_left_with_the_window_is_not_brought_back_by_completing_it(
    log: PaperLog,
) -> None:
    _, (gone,) = await take_in_day(log, 1, days_later=0)
    _, kept = await take_in_day(log, 1, days_later=WINDOW_DAYS + 1)
    taken = replace(intake(3, 2), at=(await log.intakes(1))[0].at)
    await log.take_in(taken, [], {}, [replace(gone, version=2)])

    assert await log.papers(PaperNumber(0)) == kept


async def test_the_same_content_again_is_one_more_intake_and_the_newest_is_told(
    log: PaperLog,
) -> None:
    first, _ = await take_in_day(log, 1)
    again = replace(intake(2, 1), sha256=first.sha256)
    await log.take_in(again, [], {})

    assert await log.taken(first.sha256) == again
    assert await log.intakes(0) == (first, again)


async def test_papers_leave_after_the_window_but_their_keys_and_files_never(log: PaperLog) -> None:
    first, _ = await take_in_day(log, 2, days_later=0)
    _, second = await take_in_day(log, 1, days_later=1)
    _, third = await take_in_day(log, 1, days_later=WINDOW_DAYS + 1)

    assert await log.papers(PaperNumber(0)) == second + third
    assert (await log.known(["title:paper1"]))["title:paper1"].number == 1
    assert await log.taken(first.sha256) == first
    assert await log.end() == Cursor(PaperNumber(4), 3)


async def test_what_somebody_has_yet_to_read_stays_however_old_it_is(log: PaperLog) -> None:
    await take_in_day(log, 1, days_later=0)
    _, second = await take_in_day(log, 1, days_later=1)
    _, third = await take_in_day(log, 1, days_later=500, unread=PaperNumber(1))

    assert await log.papers(PaperNumber(0)) == second + third

    _, fourth = await take_in_day(log, 1, days_later=501, unread=PaperNumber(4))

    assert await log.papers(PaperNumber(0)) == third + fourth


async def test_the_papers_of_a_file_that_comes_late_stay_as_long_as_any_others(
    log: PaperLog,
) -> None:
    _, first = await take_in_day(log, 1, days_later=0)
    _, late = await take_in_day(log, 1, day=FIRST_DAY - timedelta(days=300), days_later=1)
    _, next_ = await take_in_day(log, 1, day=FIRST_DAY + timedelta(days=300), days_later=2)

    assert await log.papers(PaperNumber(0)) == first + late + next_


def sighted(number: int, intake: int, relation: Relation = Relation.AGAIN) -> Sighting:
    return Sighting(intake, PaperNumber(number), relation, FIRST_DAY, upvotes=9, before=None)


async def test_sightings_are_given_from_an_intake_on_as_they_came(log: PaperLog) -> None:
    await take_in_day(log, 3)
    first = (sighted(1, 2), sighted(3, 2, Relation.CROSS))
    second = (sighted(1, 4, Relation.REPLACED),)
    await log.take_in(intake(2, 3), [], {}, sightings=first)
    await log.take_in(intake(3, 3), [], {})
    await log.take_in(intake(4, 3), [], {}, sightings=second)

    assert await log.sightings(0) == (*first, *second)
    assert await log.sightings(1) == (*first, *second)
    assert await log.sightings(2) == second
    assert await log.sightings(4) == ()


async def test_a_sighting_leaves_with_its_paper(log: PaperLog) -> None:
    await take_in_day(log, 1, days_later=0)
    await take_in_day(log, 1, days_later=5)
    both = (sighted(1, 3), sighted(2, 3))
    await log.take_in(intake(3, 2, days_later=6), [], {}, sightings=both)
    await log.take_in(intake(4, 2, days_later=7), [], {}, sightings=(sighted(1, 4),))
    await take_in_day(log, 1, days_later=WINDOW_DAYS + 1)

    assert await log.sightings(0) == both[1:]

    await take_in_day(log, 1, days_later=WINDOW_DAYS + 6)

    assert await log.sightings(0) == ()
    assert [one.number for one in await log.papers(PaperNumber(0))] == [3, 4]


async def test_a_sighting_of_what_was_never_seen_changes_nothing(log: PaperLog) -> None:
    await take_in_day(log, 1)
    before = await everything(log)

    with pytest.raises(ValueError):
        await log.take_in(intake(2, 2, 1), [paper(2)], {}, sightings=(sighted(2, 2),))

    assert await everything(log) == before


@pytest.mark.parametrize(
    ("taken", "fresh", "learned"),
    [
        (intake(3, 2, 1), [paper(2)], {}),
        (intake(1, 2, 1), [paper(2)], {}),
        (intake(2, 3, 1), [paper(3)], {}),
        (intake(2, 1, 1), [paper(1)], {}),
        (intake(2, 3, 2), [paper(3), paper(2)], {}),
        (intake(2, 3, 2), [paper(2), paper(2)], {}),
        (intake(2, 2, 0), [], {}),
        (intake(2, 1, 1), [paper(2)], {}),
        (intake(2, 2, 1), [paper(2)], {PaperNumber(7): ["title:x"]}),
        (intake(2, 2, 1), [paper(2)], {PaperNumber(0): ["title:x"]}),
    ],
    ids=[
        "an intake left out",
        "an intake again",
        "a paper left out",
        "a paper again",
        "papers out of order",
        "a paper twice",
        "a newest paper that is not there",
        "a newest paper that is not the newest",
        "keys of a paper to come",
        "keys of no paper",
    ],
)
async def test_what_does_not_follow_on_changes_nothing(
    log: PaperLog, taken: Intake, fresh: list[Paper], learned: dict[PaperNumber, list[str]]
) -> None:
    await take_in_day(log, 1)
    before = await everything(log)

    with pytest.raises(ValueError):
        await log.take_in(taken, fresh, learned)

    assert await everything(log) == before
    await take_in_day(log, 1)


Step = tuple[list[list[str]], dict[int, list[str]], int]
KEYS = st.lists(st.sampled_from([f"k{n}" for n in range(8)]), min_size=1, max_size=4)
STEPS = st.lists(
    st.tuples(
        st.lists(KEYS, max_size=3),
        st.dictionaries(st.integers(1, 12), KEYS, max_size=3),
        st.integers(-15, 15),
    ),
    max_size=5,
)


async def history(log: PaperLog, steps: list[Step]) -> list[object]:
    """All that the log can be asked, after each step."""
    answers: list[object] = []
    for keys, learned, day in steps:
        end = await log.end()
        date = FIRST_DAY + timedelta(days=day)
        fresh = [paper(end.paper + n, one, date) for n, one in enumerate(keys, start=1)]
        gained = {PaperNumber(n): more for n, more in learned.items() if n <= end.paper}
        taken = intake(end.intake + 1, end.paper + len(fresh), len(fresh), date)
        again = [sighted(n, taken.number) for n in gained]
        await log.take_in(taken, fresh, gained, sightings=again)
        answers.append(await everything(log))
    return answers


@pytest.mark.parametrize("make", LOGS[1:], ids=lambda make: make.__name__)
@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_every_log_tells_the_same_story(
    make: Callable[[Path], AbstractContextManager[PaperLog]], steps: list[Step]
) -> None:
    told = asyncio.run(history(PlainPaperLog("log", WINDOW_DAYS), steps))
    with tempfile.TemporaryDirectory() as folder, make(Path(folder)) as log:
        assert asyncio.run(history(log, steps)) == told
