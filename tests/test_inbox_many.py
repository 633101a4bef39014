"""Very many files at once: all are found, each is read once, and memory has a bound."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from tests.made import at
from tests.place import NOON, Place, names_in
from tests.plain.papers import PlainPaperLog
from tests.plain.reader import PlainReader
from worker.clock import FixedClock
from worker.folder import read
from worker.inbox import MOST
from worker.pipeline.ingest import Ingest, empty_inbox

PAPERS = b'[{"title": "One paper for all", "abstract": "It is the same in every file of them."}]'


def fill(folder: Path, count: int) -> None:
    for number in range(count):
        (folder / f"{number:06}.json").write_bytes(PAPERS)


async def emptied(place: Place) -> int:
    """How many were taken in, look after look, until nothing was left."""
    ingest = Ingest(PlainReader(), PlainPaperLog(), FixedClock(at("2025-09-08 12:00")))
    taken = 0
    while names_in(place.folder):
        taken += await empty_inbox(place.inbox, ingest)
        place.seconds += 5
    return taken


@pytest.fixture
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is never waited for: that is what taking so many in takes the longest."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.mark.usefixtures("quick_disk")
async def test_no_more_than_a_thousand_files_are_given_at_a_time(tmp_path: Path) -> None:
    place = Place(tmp_path, size_cap=10**6)
    fill(place.folder, MOST + 10)
    first = await place.given()
    assert len(first) == MOST
    for file in first:
        await place.inbox.archive(file, NOON)
    assert await place.after(0) == [f"{number:06}.json" for number in range(MOST, MOST + 10)]


@pytest.mark.usefixtures("quick_disk")
async def test_five_thousand_files_of_one_content_are_taken_in_once_and_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # F60, B46, B48
    asked = 0

    def counted(path: Path, size_cap: int) -> object:
        nonlocal asked
        asked += 1
        return read(path, size_cap)

    monkeypatch.setattr("worker.inbox.read", counted)
    place = Place(tmp_path, size_cap=10**6)
    fill(place.folder, 5000)
    assert await emptied(place) == 5000
    assert asked == 5000, "each was read when it was given, and at no look before"
    assert len(names_in(place.archive / "2025" / "09")) == 5000


async def test_files_left_over_are_not_read_each_second_while_nothing_can_be_taken_in(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path, size_cap=10**6)
    fill(place.folder, MOST + 10)
    await place.given()
    place.seconds += 5
    assert not place.inbox._is_restless(), "the paper log refuses them: they wait for the rescan"


@pytest.mark.nightly
@pytest.mark.usefixtures("quick_disk")
async def test_a_hundred_thousand_files(tmp_path: Path) -> None:  # F60, B46
    place = Place(tmp_path, size_cap=10**6)
    fill(place.folder, 100_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    assert await place.after(0) == []
    look = time.perf_counter() - begun
    assert await emptied(place) == 100_000
    took = time.perf_counter() - begun
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{took:.0f} s in all, {look:.2f} s a look, {grown // 1024} MB more")  # noqa: T201 - for who runs it by hand
    assert grown < 200 * 1024  # kB
    assert look < 10
