"""A file that its reader dies of: we live on, and know what it died of. F64."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from tests.sources.daily import SEEDS, daily_file
from worker import border
from worker.model import Edition, Incomplete, Refused, Unreadable
from worker.ports import Perished
from worker.reader import ChildReader
from worker.sources import forms

READER = ChildReader(program="tests.poison")


async def read(words: str, reader: ChildReader = READER) -> Edition:
    return await reader.read(daily_file(f"poison {words}", "päper\n.txt"), date(2025, 9, 7))


async def test_what_the_child_reads_is_what_we_would_read_ourselves() -> None:
    for seed in SEEDS:
        file = daily_file(seed.read_bytes(), seed.name)
        assert await ChildReader().read(file, None) == forms.read(file, None)


async def test_the_file_and_the_newest_day_get_there_and_everything_comes_back() -> None:
    edition = await read("nothing")
    assert (edition.day, edition.format, edition.source) == (
        date(2025, 9, 8), "poison", "s\\udfff",
    )  # fmt: skip
    assert edition.notes == ("newest 2025-09-07", "a half sign \\ud800 of päper\n.txt")
    assert [(one.where, one.why) for one in edition.rejected] == [("item 1", "\\udc80")]


async def test_what_cannot_be_read_is_said_with_all_its_reasons() -> None:
    with pytest.raises(Unreadable) as refused:
        await read("refuse")
    assert [reason.where for reason in refused.value.reasons] == ["line 0", "line 1", "line 2"]
    assert type(refused.value) is Unreadable


async def test_what_breaks_off_is_said_to_break_off() -> None:
    with pytest.raises(Incomplete) as incomplete:
        await read("not_go_on")
    assert str(incomplete.value) == "line 3: it breaks off; file: half a sign: \\udce9"


@pytest.mark.parametrize(
    ("poison", "why"),
    [
        ("crash", "the parser died by SIGSEGV"),
        ("need_much", "needed more than 512 MB"),
        ("end_in_silence", "the parser gave no answer"),
        ("answer_nonsense", "the parser gave no answer"),
        ("fail", "the parser failed: KeyError: 'a key that is not there'"),
    ],
)
async def test_we_know_what_it_died_of(poison: str, why: str) -> None:
    with pytest.raises(Perished) as perished:
        await read(poison)
    assert str(perished.value) == f"file: {why}"


@pytest.mark.parametrize(("poison", "after"), [("hang", "2 s"), ("spin", "1 s of work")])
async def test_what_takes_too_long_is_killed(poison: str, after: str) -> None:
    begun = time.monotonic()
    with pytest.raises(Perished, match=f"the parser was killed after {after}$"):
        await read(poison, ChildReader(seconds=1, program="tests.poison"))
    assert time.monotonic() - begun < 10


async def test_who_talks_without_end_fills_no_memory_of_ours() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Perished, match="the parser failed"):
        await read("talk_without_end")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


async def test_what_a_form_prints_is_no_part_of_the_answer() -> None:
    assert (await read("print_much")).format == "poison"


async def test_the_child_has_no_secret_and_no_file_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PAPERROUND_SMTP_PASSWORD", "canary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    with (tmp_path / "ours.txt").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        titles = [listing.title for listing in (await read("nothing")).listings]
    assert not [title for title in titles if "canary" in title or "ours" in title]
    files = [title for title in titles if title.startswith("file ")]
    assert len(files) <= 5, files  # what it is asked, its answer twice, its complaints, this list


class Hanging:
    """A child that hangs, and a child of that; ``alive`` as long as one of them is."""

    def __init__(self, tmp_path: Path) -> None:
        self._pipe = tmp_path / "pipe"
        os.mkfifo(self._pipe)
        self._open = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.words = f"hang {self._pipe}"

    async def begun(self) -> None:
        async with asyncio.timeout(30):
            while self._read() != b"begun":
                await asyncio.sleep(0.02)

    async def gone(self) -> None:
        async with asyncio.timeout(30):
            while self._read() != b"":
                await asyncio.sleep(0.02)
        os.close(self._open)

    def _read(self) -> bytes | None:
        try:
            return os.read(self._open, 5)
        except BlockingIOError:
            return None


async def test_at_the_time_limit_all_that_it_started_ends_too(tmp_path: Path) -> None:
    hanging = Hanging(tmp_path)
    with pytest.raises(Perished, match="killed after 2 s"):
        await read(hanging.words, ChildReader(seconds=1, program="tests.poison"))
    await hanging.gone()


async def test_who_stops_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    hanging = Hanging(tmp_path)
    task = asyncio.create_task(read(hanging.words))
    await hanging.begun()
    begun = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - begun < 5
    await hanging.gone()


def test_a_child_whose_parent_is_gone_ends_by_itself(tmp_path: Path) -> None:
    with border.nameless() as asked:
        border.put_question(asked, daily_file("poison hang "), None)
        command = [sys.executable, "-m", "tests.poison", "1", str(2**29)]
        done = subprocess.run(command, stdin=asked, capture_output=True, timeout=30)
    assert done.returncode < 0


async def test_other_files_are_read_at_the_same_time() -> None:
    seed = daily_file(SEEDS[0].read_bytes())
    slow = asyncio.create_task(read("hang", ChildReader(seconds=20, program="tests.poison")))
    assert (await ChildReader().read(seed, None)).listings
    assert not slow.done()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)


@pytest.mark.skipif(hasattr(os, "memfd_create") is False, reason="it is what is tested otherwise")
def test_where_memory_has_no_files_the_disk_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    with border.nameless() as asked:
        file = daily_file(b"papers\nof today", "a.txt")
        border.put_question(asked, file, None)
        assert border.take_question(asked) == (file, None)


async def test_a_parser_that_cannot_start_is_a_fault_of_the_installation_and_of_no_file() -> None:
    reader = ChildReader(program="worker.no_such_module")
    with pytest.raises(Refused, match="install again") as refused:
        await reader.read(daily_file("x"), None)
    assert refused.value.exit_code == os.EX_TEMPFAIL
