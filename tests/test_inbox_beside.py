"""What lies beside a daily file, and what happens to it after it was moved."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from tests.place import NOON, WHY, Place, names_in
from worker.aside import set_aside
from worker.folder import read
from worker.model import DailyFile, Rejected


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def manifest(content: bytes, name: str = "a.txt") -> bytes:
    return f"{sha256(content).hexdigest()}  {name}\n".encode()


# --- NAME.sha256 ------------------------------------------------------------


async def test_a_file_is_complete_when_it_has_the_hash_its_manifest_says(place: Place) -> None:
    place.put("a.txt", b"mon")
    place.put("a.txt.sha256", manifest(b"monday"))
    assert await place.after(0) == []
    assert await place.after(60) == [], "settled, but not what was promised"

    place.put("a.txt", b"monday")
    assert await place.after(0) == ["a.txt"]


async def test_a_manifest_that_comes_late_or_in_parts_is_waited_for(place: Place) -> None:
    place.put("a.txt", b"monday")
    place.put("a.txt.sha256", b"")
    assert await place.after(60) == []
    place.put("a.txt.sha256", manifest(b"monday")[:40])
    assert await place.after(0) == []
    place.put("a.txt.sha256", manifest(b"monday"))
    assert await place.after(0) == ["a.txt"]


async def test_a_file_with_another_hash_is_refused_after_half_an_hour(place: Place) -> None:
    place.put("a.txt", b"mondax")
    place.put("a.txt.sha256", manifest(b"monday"))
    place.put("b.txt", b"tuesday")
    place.put("b.txt.sha256", b"not a hash")
    assert await place.after(0) == []
    assert await place.after(1799) == []
    assert place.passed_over() == {}
    assert await place.after(1) == []

    assert place.passed_over() == {
        "a.txt": "has another sha256 than a.txt.sha256 says: refused",
        "b.txt": "b.txt.sha256 holds no sha256: refused",
    }
    assert names_in(place.folder) == []
    reason = (place.rejected / "a.txt.reason.txt").read_text()
    assert reason.startswith("the whole file: has another sha256 than a.txt.sha256 says\n")
    assert (place.rejected / "a.txt.sha256").read_bytes() == manifest(b"monday")


async def test_the_half_hour_begins_anew_when_the_manifest_changes(place: Place) -> None:
    place.put("a.txt", b"monday")
    place.put("a.txt.sha256", manifest(b"sunday"))
    assert await place.after(0) == []
    place.put("a.txt.sha256", manifest(b"tuesday", "longer name.txt"))
    assert await place.after(1799) == []
    assert await place.after(1799) == []
    assert names_in(place.rejected) == []


async def test_a_file_of_another_hash_is_not_read_at_each_look(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def counted(path: Path, size_cap: int) -> tuple[bytes, os.stat_result]:
        asked.append(path.name)
        return read(path, size_cap)

    monkeypatch.setattr("worker.inbox.read", counted)
    place.put("a.txt", b"mondax")
    place.put("a.txt.sha256", manifest(b"monday"))
    for _ in range(5):
        assert await place.after(10) == []
    assert asked == ["a.txt", "a.txt.sha256"]


@pytest.mark.parametrize("how", ["link", "pipe", "folder"])
async def test_what_is_no_file_is_no_manifest(place: Place, tmp_path: Path, how: str) -> None:
    beside = place.folder / "a.txt.sha256"
    match how:
        case "link":
            (tmp_path / "elsewhere").write_bytes(manifest(b"other"))
            beside.symlink_to(tmp_path / "elsewhere")
        case "pipe":
            os.mkfifo(beside)
        case _:
            beside.mkdir()
    place.put("a.txt")
    assert [file.name for file in await place.given()] == ["a.txt"]


async def test_a_manifest_goes_with_its_file(place: Place) -> None:
    place.put("a.txt", b"1")
    place.put("a.txt.sha256", manifest(b"1"))
    (file,) = await place.inbox.settled()
    assert not await place.inbox.hold(file), "its writer said that this is all"
    await place.inbox.archive(file, NOON)
    assert names_in(place.archive / "2025" / "09") == ["a.txt", "a.txt.sha256"]
    assert names_in(place.folder) == []


# --- NAME.again and NAME.reason.txt -----------------------------------------


async def test_a_wish_is_fulfilled_once_even_if_the_file_cannot_be_moved(place: Place) -> None:
    place.put("a.txt", b"1")
    place.put("a.txt.again", b"")
    (file,) = await place.given()
    assert file.again
    place.archive.rmdir()
    place.archive.write_bytes(b"in the way")
    with pytest.raises(Exception, match="cannot be moved"):
        await place.inbox.archive(file, NOON)
    place.put("a.txt.again", b"")
    (file,) = await place.given()
    assert not file.again

    place.put("a.txt", b"corrected")
    (file,) = await place.given()
    assert file.again, "another file, another wish"


@pytest.mark.parametrize("name", ["a.txt", "a (2).txt"])
async def test_a_refused_file_put_back_with_its_reason_leaves_nothing_behind(
    place: Place, name: str
) -> None:
    for content in (b"bad", b"worse"):
        place.put("a.txt", content)
        (file,) = await place.given()
        await place.inbox.refuse(file, WHY)
    for path in (place.rejected / name, place.rejected / f"{name}.reason.txt"):
        path.rename(place.folder / path.name)

    (file,) = await place.given()
    assert file.name == name
    await place.inbox.archive(file, NOON)
    assert names_in(place.folder) == []
    assert names_in(place.archive / "2025" / "09") == [name]


async def test_an_archived_file_put_back_with_all_that_belongs_to_it_is_given_again(
    place: Place,
) -> None:
    for content in (b"1", b"2"):
        place.put("a.txt", content)
        place.put("a.txt.sha256", manifest(content))
        (file,) = await place.inbox.settled()
        await place.inbox.archive(file, NOON)
    month = place.archive / "2025" / "09"
    assert names_in(month) == ["a (2).txt", "a (2).txt.sha256", "a.txt", "a.txt.sha256"]
    for path in month.iterdir():
        path.rename(place.folder / path.name)
    place.put("a (2).txt.again", b"")

    given = await place.inbox.settled()
    assert {(file.name, file.content, file.again) for file in given} == {
        ("a.txt", b"1", False),
        ("a (2).txt", b"2", True),
    }


def test_what_goes_back_keeps_its_promises_which_may_be_those_of_what_came_in_its_place(
    place: Place,
) -> None:
    source = place.put("a.txt", b"first")
    place.put("a.txt.sha256", manifest(b"first"))
    looks = iter([True, False])
    set_aside(source, place.rejected, lambda _: next(looks), b"first", WHY)
    assert names_in(place.folder) == ["a.txt", "a.txt.sha256"]
    assert names_in(place.rejected) == []


# --- a writer who was not done ----------------------------------------------


async def taken(place: Place, what: str) -> DailyFile:
    (file,) = await place.given()
    if what == "archive":
        await place.inbox.archive(file, NOON)
    else:
        await place.inbox.refuse(file, WHY)
    return file


@pytest.mark.parametrize("what", ["archive", "refuse"])
async def test_a_file_that_is_written_to_after_it_was_moved_comes_back_whole(
    place: Place, what: str
) -> None:  # F57
    with (place.folder / "a.txt").open("wb", buffering=0) as writer:
        writer.write(b"Daily Papers\n\n")
        first = await taken(place, what)
        assert await place.after(60) == []
        writer.write(b"One, at last\n")
        assert await place.after(60) == [], "it settles anew"
        assert place.passed_over() == {
            "a.txt": "was written to after it was moved: it is read again"
        }
        assert names_in(place.folder) == ["a.txt"]
        assert names_in(place.rejected) == []
        second = await taken(place, what)
    assert (first.content, second.content) == (
        b"Daily Papers\n\n", b"Daily Papers\n\nOne, at last\n",
    )  # fmt: skip


async def test_what_comes_back_overwrites_nobody(place: Place) -> None:
    with (place.folder / "a.txt").open("wb", buffering=0) as writer:
        writer.write(b"monday")
        await taken(place, "archive")
        writer.write(b", and more")
        place.put("a.txt", b"tuesday")
        await place.after(0)
    lying = {path.name: path.read_bytes() for path in place.folder.iterdir()}
    assert lying == {"a.txt": b"tuesday", "a (2).txt": b"monday, and more"}


async def test_another_file_in_the_place_of_an_archived_one_stays_there(place: Place) -> None:
    place.put("a.txt", b"monday")
    await taken(place, "archive")
    kept = place.archive / "2025" / "09" / "a.txt"
    other = kept.with_name("other.txt")
    other.write_bytes(b"somebody else's")
    other.replace(kept)
    assert await place.after(0) == []
    assert names_in(place.folder) == []
    assert place.passed_over() == {}


async def test_after_half_an_hour_the_archive_is_nobodys_inbox(place: Place) -> None:
    with (place.folder / "a.txt").open("wb", buffering=0) as writer:
        writer.write(b"monday")
        await taken(place, "archive")
        await place.after(1800)
        writer.write(b", and more")
        assert await place.after(60) == []
    assert names_in(place.folder) == []


async def test_what_cannot_come_back_is_told_of(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with (place.folder / "a.txt").open("wb", buffering=0) as writer:
        writer.write(b"monday")
        await taken(place, "archive")
        writer.write(b", and more")
    monkeypatch.setattr("worker.inbox.put_back", full)
    await place.after(0)
    kept = place.archive / "2025" / "09" / "a.txt"
    assert place.inbox.skipped() == (
        Rejected(
            "a.txt", f"{kept} was written to, and cannot be put back: No space left on device"
        ),
    )


async def test_a_folder_on_another_disk_than_before_is_told_of(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:  # F61
    assert await place.after(0) == []
    monkeypatch.setattr("worker.folder.device", lambda _: 12345)
    assert await place.after(0) == []
    assert "is on another disk than before: is it still mounted?" in place.passed_over()["."]
    assert await place.after(0) == []
    assert place.passed_over() == {}
