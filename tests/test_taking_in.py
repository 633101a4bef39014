"""Files on their way from the folder into the paper log: cut ones, growing ones, poisonous ones."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.installation import daily
from tests.made import at
from tests.place import Place, names_in
from tests.plain.papers import PlainPaperLog
from tests.plain.reader import PlainReader
from tests.test_reader import Hanging
from worker.clock import FixedClock
from worker.model import DailyFile, Edition, PaperNumber
from worker.pipeline.ingest import Ingest, empty_inbox
from worker.ports import Reader
from worker.reader import ChildReader

CLOCK = FixedClock(at("2025-09-08 12:00"))
HALF_AN_HOUR = 30 * 60


class Desk:
    """A folder on a disk, a paper log, and whoever reads in between."""

    def __init__(self, root: Path, reader: Reader | None = None) -> None:
        self.place = Place(root, size_cap=10**6)
        self.papers = PlainPaperLog()
        self.ingest = Ingest(reader or PlainReader(), self.papers, CLOCK)

    async def after(self, seconds: float) -> int:
        self.place.seconds += seconds
        return await empty_inbox(self.place.inbox, self.ingest)

    async def settle(self) -> int:
        return await self.after(0) + await self.after(5)

    async def titles(self) -> list[str]:
        return [paper.title for paper in await self.papers.papers(PaperNumber(0))]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def as_json(titles: Sequence[str]) -> bytes:
    papers = [{"title": title, "abstract": f"It is about {title}, at length."} for title in titles]
    return json.dumps(papers, indent=1).encode()


# --- writers who take their time ----------------------------------------------


TITLES = [f"Paper number {n} of the day" for n in range(6)]


async def test_a_slow_writer_of_json_is_taken_in_when_he_is_done_and_not_before(
    desk: Desk,
) -> None:  # F57, B24
    content = as_json(TITLES)
    with (desk.place.folder / "2025-09-08.json").open("wb", buffering=0) as writer:
        for start in range(0, len(content), 100):
            assert await desk.titles() == []
            writer.write(content[start : start + 100])
            await desk.settle()
    await desk.settle()
    assert await desk.titles() == TITLES
    assert (await desk.papers.end()).intake == 1
    assert names_in(desk.place.folder) == []


async def test_a_slow_writer_of_text_loses_no_paper(desk: Desk) -> None:  # F57
    content = daily("Sep 8", *TITLES).encode()
    with (desk.place.folder / "2025-09-08.txt").open("wb", buffering=0) as writer:
        for start in range(0, len(content), 150):
            writer.write(content[start : start + 150])
            await desk.after(60)
            await desk.settle()
    for _ in range(2):
        await desk.after(60)
        await desk.settle()
    assert set(TITLES) <= set(await desk.titles())
    assert names_in(desk.place.folder) == []
    archived = [path.read_bytes() for path in desk.place.archive.rglob("*.txt")]
    assert archived == [content]


async def test_a_file_rewritten_in_place_while_it_is_read_is_taken_in_as_both(
    tmp_path: Path,
) -> None:  # F58, B47
    class Meanwhile(PlainReader):
        async def read(self, file: DailyFile, newest: date | None) -> Edition:
            if content := next(rewritten, None):
                path.write_bytes(content)
            return await super().read(file, newest)

    desk = Desk(tmp_path, Meanwhile())
    path = desk.place.put("a.json", as_json(TITLES[:2]))
    rewritten = iter([as_json(TITLES[2:])])
    await desk.settle()
    await desk.settle()
    assert await desk.titles() == TITLES
    assert names_in(desk.place.folder) == []


# --- files that break off -----------------------------------------------------


async def test_a_file_that_breaks_off_is_read_once_and_refused_after_half_an_hour(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:  # B24
    caplog.set_level(logging.WARNING)
    desk.place.put("a.json", as_json(TITLES)[:-1])
    await desk.settle()
    for _ in range(10):
        await desk.after(60)
    assert [record.message for record in caplog.records] == ["file left for later"]
    assert names_in(desk.place.folder) == ["a.json"]

    assert await desk.after(HALF_AN_HOUR) == 1
    assert [record.message for record in caplog.records][1:] == ["file refused"]
    assert "breaks off" in (desk.place.rejected / "a.json.reason.txt").read_text()
    assert names_in(desk.place.folder) == []
    assert await desk.titles() == []


async def test_a_promised_file_that_breaks_off_is_refused_at_once(desk: Desk) -> None:
    desk.place.put("a.json", as_json(TITLES)[:-1])
    desk.place.put("a.json.done", b"")
    assert await desk.after(0) == 1
    assert names_in(desk.place.rejected) == ["a.json", "a.json.done", "a.json.reason.txt"]


# --- content taken in before ----------------------------------------------------


async def test_a_wish_reads_what_was_taken_in_before(desk: Desk) -> None:
    for ending in ("", "", ".again"):
        desk.place.put("a.json", as_json(TITLES))
        if ending:
            desk.place.put(f"a.json{ending}", b"")
        await desk.settle()
        assert names_in(desk.place.folder) == []
    assert (await desk.papers.end()).intake == 2, "the first, and the one that was wished for"
    assert await desk.titles() == TITLES


# --- poison -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("poison", "why"),
    [
        ("crash", "the parser died by SIGSEGV"),
        ("hang", "the parser was killed after 2 s"),
        ("need_much", "needed more than 512 MB"),
    ],
)
async def test_poison_is_tried_three_times_and_refused_and_the_others_go_on(
    tmp_path: Path, poison: str, why: str
) -> None:  # F64
    seconds = 1 if poison == "hang" else 30
    desk = Desk(tmp_path, ChildReader(seconds=seconds, program="tests.poison"))
    desk.place.put("a.txt", f"poison {poison}".encode())
    taken = []
    for number in range(3):
        desk.place.put(f"b-{number}.json", as_json([TITLES[number]]))
        await desk.settle()
        taken.append(await desk.titles())
    assert taken == [TITLES[:1], TITLES[:2], TITLES[:3]]
    assert names_in(desk.place.folder) == []
    assert (desk.place.rejected / "a.txt.reason.txt").read_text().startswith(f"file: {why}\n")


async def test_a_stop_does_not_wait_for_the_file_that_is_read(tmp_path: Path) -> None:  # F4
    desk, hanging, stop = Desk(tmp_path), Hanging(tmp_path), asyncio.Event()
    desk.place.put("a.txt", f"poison {hanging.words}".encode())
    desk.place.put("b.json", as_json(TITLES))
    await desk.place.after(0)
    desk.place.seconds += 5
    ingest = Ingest(ChildReader(program="tests.poison"), desk.papers, CLOCK)
    emptying = asyncio.create_task(empty_inbox(desk.place.inbox, ingest, stop))
    await hanging.begun()
    asked = time.monotonic()
    stop.set()
    assert await emptying == 0
    assert time.monotonic() - asked < 5
    await hanging.gone()
    assert names_in(desk.place.folder) == ["a.txt", "b.json"]


async def test_a_stop_that_does_not_come_changes_nothing(desk: Desk) -> None:
    desk.place.put("a.json", as_json(TITLES))
    desk.place.put("b.txt", b"no daily file")
    await desk.place.after(0)
    desk.place.seconds += 5
    assert await empty_inbox(desk.place.inbox, desk.ingest, asyncio.Event()) == 2
    assert await desk.titles() == TITLES
