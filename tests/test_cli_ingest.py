"""``paperround ingest``: what it says of a file, alone and beside the daemon."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.installation import Installation, daily, stopped
from tests.made import SEEDS
from tests.test_cli import Here

SEED = str(SEEDS / "2025-09-08.txt")
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>cs.LG updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.LG</link>
<pubDate>Mon, 08 Sep 2025 00:00:00 -0400</pubDate>
{items}
</channel></rss>
"""
ITEM = """<item><title>On {kind} spaces</title><link>https://arxiv.org/abs/2509.0000{number}</link>
<description>arXiv:2509.0000{number}v1 Announce Type: {kind}
Abstract: We look at spaces of this kind, and at nothing else.</description>
<guid isPermaLink="false">oai:arXiv.org:2509.0000{number}v1</guid><category>cs.LG</category>
<pubDate>Mon, 08 Sep 2025 00:00:00 -0400</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>
<dc:creator>Ada Ito</dc:creator></item>"""
KINDS = ("new", "cross", "replace")


@pytest.fixture
def here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Here:
    for name in [name for name in os.environ if name.startswith("PAPERROUND")]:
        monkeypatch.delenv(name)
    return Here(tmp_path / "data", capsys)


def test_again_reads_what_was_taken_in_before(here: Here) -> None:
    here.json("ingest", SEED)
    plain, again = here.json("ingest", SEED), here.json("ingest", SEED, "--again")
    assert (plain["files"][0]["again"], again["files"][0]["again"]) == (True, False)
    assert (again["new"], again["seen"]) == (0, 47)
    assert here.json("status")["files"] == 2


def test_what_nobody_asked_for_is_counted_apart_and_taken_in_when_it_is_asked_for(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = tmp_path / "2025-09-08.xml"
    items = "\n".join(ITEM.format(kind=kind, number=n) for n, kind in enumerate(KINDS))
    feed.write_text(FEED.format(items=items))
    counts = here.json("ingest", str(feed))
    assert [counts[name] for name in ("listed", "new", "unasked")] == [1, 1, 2]
    assert counts["files"][0]["unasked"] == 2
    monkeypatch.setenv("PAPERROUND_INBOX_CROSS_LISTS", "true")
    counts = here.json("ingest", str(feed), "--again")
    assert [counts[name] for name in ("listed", "new", "unasked")] == [2, 1, 1]
    monkeypatch.delenv("PAPERROUND_INBOX_CROSS_LISTS")
    assert "not asked for" in here("ingest", str(feed), "--again")[0]
    assert "not asked for" not in here("ingest", SEED)[0]


def test_the_notes_of_a_file_are_said(here: Here, tmp_path: Path) -> None:
    holiday = tmp_path / "2025-09-06.json"
    holiday.write_text("[]")
    printed = here.json("ingest", str(holiday))
    (note,) = printed["files"][0]["notes"]
    _, complaint = here("ingest", str(holiday), "--again")
    assert complaint == f"paperround: 2025-09-06.json: {note}\n"


def test_a_file_that_breaks_off_is_said_to_at_once(here: Here, tmp_path: Path) -> None:  # B24
    cut = tmp_path / "cut.json"
    cut.write_text('[{"title": "One paper", "abstract": "It is')
    printed, complaint = here("ingest", str(cut), SEED, code=os.EX_DATAERR)
    assert complaint.startswith("paperround: cut.json, line 1: the JSON breaks off")
    assert complaint.endswith("1 of 2 files refused; nothing of them was taken in\n")
    assert "refused" in printed


NAMES = [
    b"a\x1b[31mb.txt",
    b"[red]c[dim].txt",
    b"new\nline.txt",
    b"caf\xe9.txt",
    b"%s%n.txt",
    b"<script>.txt",
    b"..txt",
    "🦙 é e\u0301 \u202etxt.exe".encode(),
    b"d" * 251 + b".txt",
]


@pytest.mark.parametrize("readable", [True, False])
def test_whatever_a_file_is_called_its_name_moves_no_cursor(
    here: Here, tmp_path: Path, readable: bool
) -> None:  # B43
    for number, name in enumerate(NAMES):
        text = daily("Sep 8", f"Paper {number}") if readable else "no daily file"
        (tmp_path / os.fsdecode(name)).write_text(text)
    files = [str(tmp_path / os.fsdecode(name)) for name in NAMES]
    printed, complaint = here("ingest", *files, code=0 if readable else os.EX_DATAERR)
    for line in (printed + complaint).split("\n"):
        assert line.isprintable(), line
    for shown in ("a\\x1b[31mb.txt", "[red]c[dim].txt", "new\\nline.txt", "caf\\xe9.txt"):
        assert shown in printed
        assert readable or f"paperround: {shown}, file:" in complaint
    assert here.json("status")["files"] == len(NAMES) if readable else True


@pytest.mark.parametrize("second", [0, -(10**9), 4_102_444_800, 10**12])
def test_a_file_from_another_time_is_a_file(here: Here, tmp_path: Path, second: int) -> None:  # B49
    path = tmp_path / "a.txt"
    shutil.copy(SEED, path)
    os.utime(path, (second, second))
    assert here.json("ingest", str(path))["new"] == 47


async def test_beside_the_daemon_a_file_is_handed_over_with_its_wish(tmp_path: Path) -> None:
    installation = Installation(tmp_path, 1)
    async with installation.daemon() as process:
        await installation.logged("daemon started")
        numbers = []
        for words in ([], [], ["--again"]):
            code, out, complaint = await installation.command("ingest", SEED, "--json", *words)
            assert code == 0, complaint
            counts = json.loads(out)
            numbers.append([counts["new"], counts["seen"], counts["files"][0]["again"]])
        assert numbers == [[47, 0, False], [0, 47, True], [0, 47, False]]
        assert (await installation.status())["files"] == 2
        assert list(installation.inbox.iterdir()) == []

        archived = sorted(installation.data.glob("archive/*/*/*"))
        assert [path.name for path in archived] == ["2025-09-08 (2).txt", "2025-09-08.txt"]
        (installation.inbox / f"{archived[0].name}.again").touch()
        archived[0].rename(installation.inbox / archived[0].name)
        await installation.logged("file taken in", 3)
        assert (await installation.status())["files"] == 3
        assert await stopped(process) == os.EX_OK


async def test_beside_the_daemon_what_breaks_off_is_not_handed_over(tmp_path: Path) -> None:
    installation = Installation(tmp_path, 1)
    cut = tmp_path / "cut.json"
    cut.write_text('[{"title": "One paper", "abstract": "It is')
    async with installation.daemon() as process:
        await installation.logged("daemon started")
        code, _, complaint = await installation.command("ingest", str(cut))
        assert (code, "breaks off" in complaint) == (os.EX_DATAERR, True)
        assert list(installation.inbox.iterdir()) == []
        assert await stopped(process) == os.EX_OK


async def test_the_daemon_says_that_the_inbox_is_gone_and_that_it_is_back(
    tmp_path: Path,
) -> None:  # F61
    installation = Installation(tmp_path, 1)
    async with installation.daemon() as process:
        await installation.logged("daemon started")
        installation.inbox.rename(tmp_path / "away")
        await installation.logged("inbox gone")
        (tmp_path / "away").rename(installation.inbox)
        await installation.logged("inbox back")
        installation.drop("2025-09-08.txt", daily("Sep 8", "A paper"))
        await installation.logged("file taken in")
        assert await stopped(process) == os.EX_OK
    gone = [event for event in installation.events() if event["event"] == "inbox gone"]
    assert [event["level"] for event in gone] == ["error"]
    assert "No such file or directory" in gone[0]["why"]
