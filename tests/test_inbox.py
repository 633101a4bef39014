"""The watched folder as it is on a disk: what settles, what is passed over, what moves where."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.place import NOON, WHY, Place, names_in
from worker.aside import set_aside
from worker.folder import read
from worker.inbox import FolderInbox
from worker.model import DailyFile, Refused, Rejected

ELSEWHERE = Path("/dev/shm")  # another file system than that of the tests, mostly


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


# --- settling ---------------------------------------------------------------


async def test_a_file_is_given_when_two_looks_five_seconds_apart_saw_the_same(place: Place) -> None:
    place.put("a.txt")
    assert await place.after(0) == []
    assert await place.after(4.9) == []
    assert await place.after(0.1) == ["a.txt"]


async def test_every_change_begins_the_five_seconds_anew(place: Place) -> None:
    path = place.put("a.txt", b"1")
    assert await place.after(0) == []
    for content in (b"12", b"123"):
        path.write_bytes(content)
        assert await place.after(5) == []
    os.utime(path, ns=(0, 0))
    assert await place.after(5) == []
    (place.folder / ".a").write_bytes(b"123")
    os.utime(place.folder / ".a", ns=(0, 0))
    os.replace(place.folder / ".a", path)  # the same size and time, but another file
    assert await place.after(5) == []
    assert await place.after(5) == ["a.txt"]


@pytest.mark.parametrize(
    ("second", "modified"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-(10**9), datetime(1970, 1, 1, tzinfo=UTC)),
        (4_102_444_800, datetime(2100, 1, 1, tzinfo=UTC)),
    ],
)
async def test_a_file_from_another_time_settles_as_any_other(
    place: Place, second: int, modified: datetime
) -> None:  # B49
    os.utime(place.put("a.txt"), (second, second))
    assert await place.after(0) == []
    assert await place.after(4.9) == []
    (file,) = await place.given()
    assert file.modified == modified


async def test_without_a_settling_time_a_file_is_given_at_first_sight(tmp_path: Path) -> None:
    place = Place(tmp_path, settle=0)
    place.put("a.txt")
    assert await place.after(0) == ["a.txt"]


async def test_a_promise_is_taken_at_its_word_and_moved_with_its_file(place: Place) -> None:
    place.put("a.txt")
    place.put("a.txt.done", b"")
    place.put("b.txt")
    place.put("b.txt.done", b"")
    place.put("c.txt.done", b"")
    first, second = await place.inbox.settled()
    await place.inbox.archive(first, NOON)
    await place.inbox.refuse(second, WHY)

    assert names_in(place.archive / "2025" / "09") == ["a.txt", "a.txt.done"]
    assert names_in(place.rejected) == ["b.txt", "b.txt.done", "b.txt.reason.txt"]
    assert names_in(place.folder) == ["c.txt.done"]


async def test_unfinished_names_are_left_alone_without_a_word(place: Place) -> None:
    for name in (".hidden", "a.tmp", "b.part", "~syncthing~c", "d.txt~", "e.reason.txt"):
        place.put(name)
    (place.folder / ".git").mkdir()
    assert await place.given() == ()
    assert place.passed_over() == {}
    assert len(names_in(place.folder)) == 7


async def test_a_file_renamed_into_place_while_its_temporary_is_ignored_is_given(
    place: Place,
) -> None:
    path = place.put("a.tmp")
    assert await place.given() == ()
    path.rename(place.folder / "a.txt")
    assert [file.name for file in await place.given()] == ["a.txt"]


# --- what is never given ----------------------------------------------------


async def test_what_is_no_regular_file_is_passed_over_once_and_never_waited_for(
    place: Place, tmp_path: Path
) -> None:  # F63, B44, B41
    outside = tmp_path / "outside.txt"
    outside.write_bytes(b"secret")
    place.put("good.txt")
    (place.folder / "out.txt").symlink_to(outside)
    (place.folder / "in.txt").symlink_to("good.txt")
    (place.folder / "loop.txt").symlink_to("loop.txt")
    (place.folder / "dangling.txt").symlink_to("nowhere")
    (place.folder / "zero.txt").symlink_to("/dev/zero")
    (place.folder / "folder.json").mkdir()
    os.mkfifo(place.folder / "pipe.txt")
    with closing(socket.socket(socket.AF_UNIX)) as unix:
        unix.bind(str(place.folder / "socket.txt"))
    before = names_in(place.folder)

    assert [file.name for file in await place.given()] == ["good.txt"]
    links = ["out.txt", "in.txt", "loop.txt", "dangling.txt", "zero.txt"]
    assert place.passed_over() == {
        **dict.fromkeys(links, "a symbolic link is never a daily file"),
        "folder.json": "a folder is never a daily file",
        "pipe.txt": "a pipe is never a daily file",
        "socket.txt": "a socket is never a daily file",
    }
    await place.given()
    assert place.passed_over() == {}
    assert names_in(place.folder) == before


async def test_a_device_is_passed_over(place: Place) -> None:  # F63
    try:
        os.mknod(place.folder / "zero.txt", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes devices")
    assert await place.given() == ()
    assert place.passed_over() == {"zero.txt": "a device is never a daily file"}


async def test_an_unreadable_file_is_passed_over_until_it_can_be_read(place: Place) -> None:  # F63
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = place.put("a.txt")
    path.chmod(0)
    assert await place.given() == ()
    assert place.passed_over() == {"a.txt": "cannot be read: Permission denied"}
    path.chmod(0o600)
    assert len(await place.given()) == 1


async def test_an_empty_file_is_passed_over_once(place: Place) -> None:  # B23
    place.put("a.txt", b"")
    await place.given()
    await place.given()
    assert place.inbox.skipped() == (Rejected("a.txt", "is empty"),)


async def test_a_file_too_large_is_refused_unread(place: Place) -> None:  # B41
    os.truncate(place.put("sparse.txt"), 2 * 2**30)
    place.put("just right.txt", b"x" * 1000)
    place.put("over.txt", b"x" * 1001)

    assert [file.name for file in await place.given()] == ["just right.txt"]
    assert names_in(place.rejected) == [
        "over.txt",
        "over.txt.reason.txt",
        "sparse.txt",
        "sparse.txt.reason.txt",
    ]
    reason = (place.rejected / "over.txt.reason.txt").read_text()
    assert reason.startswith("the whole file: is larger than 1,000 bytes\n")
    assert place.passed_over() == dict.fromkeys(
        ["over.txt", "sparse.txt"], "is larger than 1,000 bytes: refused"
    )


async def test_a_file_too_large_is_not_touched_while_it_grows(place: Place) -> None:  # B41
    path = place.put("a.txt", b"x" * 2000)
    for size in range(2001, 2004):
        assert await place.after(5) == []
        path.write_bytes(b"x" * size)
    assert names_in(place.folder) == ["a.txt"]


async def test_no_more_is_read_at_a_time_than_the_largest_file_may_have(tmp_path: Path) -> None:
    place = Place(tmp_path, size_cap=100)
    for number, name in enumerate("abcd"):
        os.utime(place.put(name, b"x" * 40), (number, number))
    assert [file.name for file in await place.given()] == ["a", "b"]
    assert await place.after(0) == ["c", "d"]  # those before were left where they are
    assert await place.after(0) == ["a", "b"]


# --- what happens between looking and reading -------------------------------


def a_link_instead(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def a_link_to_itself_elsewhere_instead(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere.txt")
    path.symlink_to(path.parent.parent / "elsewhere.txt")


def a_pipe_instead(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def another_file_instead(path: Path) -> None:
    path.with_name(".new").write_bytes(b"PAPERS")
    path.with_name(".new").rename(path)


def more_of_it(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def too_much_of_it(path: Path) -> None:
    path.write_bytes(b"x" * 5000)


def nothing_of_it(path: Path) -> None:
    path.unlink()


CHANGES = [
    a_link_instead,
    a_link_to_itself_elsewhere_instead,
    a_pipe_instead,
    a_folder_instead,
    another_file_instead,
    more_of_it,
    too_much_of_it,
    nothing_of_it,
]


@pytest.mark.parametrize("change", CHANGES)
async def test_what_changed_since_it_was_looked_at_is_not_given(
    place: Place, change: Callable[[Path], None]
) -> None:  # B45, F59
    path = place.put("a.txt")
    await place.after(0)
    changes = iter([change])
    place.meanwhile = lambda: [change(path) for change in changes]
    assert await place.after(5) == []


@pytest.mark.parametrize("special", ["/dev/zero", "/dev/null", "/"])
def test_what_is_open_is_asked_what_it_is_before_it_is_read(special: str) -> None:  # B45
    with pytest.raises(OSError, match="not a regular file"):
        read(Path(special), 10)


async def test_the_copy_is_ours_whatever_becomes_of_the_file(place: Place) -> None:  # F58, B47
    path = place.put("a.txt", b"monday")
    (file,) = await place.given()
    with path.open("r+b") as same:
        same.truncate()
        same.write(b"tuesday")
    assert file.content == b"monday"


@pytest.mark.parametrize("change", CHANGES)
async def test_what_changed_since_it_was_read_is_not_moved(
    place: Place, change: Callable[[Path], None]
) -> None:  # F59
    path = place.put("a.txt")
    (file,) = await place.given()
    change(path)
    before = path.lstat() if os.path.lexists(path) else None
    await place.inbox.archive(file, NOON)
    await place.inbox.refuse(file, WHY)

    assert (path.lstat() if os.path.lexists(path) else None) == before
    assert names_in(place.rejected) == []
    assert [path for path in place.archive.rglob("*") if not path.is_dir()] == []


@pytest.mark.parametrize("change", CHANGES[:-1])
def test_what_changed_in_the_last_moment_goes_back(
    place: Place, change: Callable[[Path], None]
) -> None:
    source = place.put("a.txt")
    looks = iter([True, False])

    def is_it(path: Path) -> bool:
        """True of the file as it was read; it changes right after, before it is moved."""
        answer = next(looks)
        if answer:
            change(path)
        return answer

    set_aside(source, place.rejected, is_it, b"papers", WHY)

    assert names_in(place.folder) == ["a.txt"]
    assert names_in(place.rejected) == []


def test_what_goes_back_does_not_overwrite_what_came_meanwhile(place: Place) -> None:
    source = place.put("a.txt", b"second")
    looks = iter([True, False])

    def is_it(path: Path) -> bool:
        answer = next(looks)
        if not answer:
            source.write_bytes(b"third")
        return answer

    set_aside(source, place.rejected, is_it, b"first", WHY)

    lying = {path.name: path.read_bytes() for path in place.folder.iterdir()}
    assert lying == {"a.txt": b"third", "a (2).txt": b"second"}
    assert names_in(place.rejected) == []


def test_what_cannot_go_back_is_not_thrown_away(place: Place) -> None:
    source = place.put("a.txt", b"second")
    looks = iter([True, False])

    def is_it(path: Path) -> bool:
        answer = next(looks)
        if not answer:
            place.folder.rename(place.folder.with_name("away"))
        return answer

    with pytest.raises(OSError):
        set_aside(source, place.rejected, is_it, b"first", WHY)
    assert (place.rejected / "a.txt").read_bytes() == b"second"


def test_what_vanished_in_the_last_moment_leaves_nothing_behind(place: Place) -> None:
    source = place.put("a.txt")

    def is_it(path: Path) -> bool:
        path.unlink()
        return True

    set_aside(source, place.rejected, is_it, b"papers", WHY)
    assert names_in(place.folder) == names_in(place.rejected) == []


# --- names ------------------------------------------------------------------

NAMES = [
    b"a" * 255,
    b"b" * 251 + b".txt",
    "ü".encode() * 127,
    b"caf\xe9.txt",
    b"new\nline.txt",
    b"-rf",
    b"%s%n.txt",
    b"<script>alert(1)<!--.txt",
    b"a..txt..",
    "🦙.txt".encode(),
    b"UPPER.txt",
    b"upper.txt",
    "é.txt".encode(),
    "e\u0301.txt".encode(),
    b"a b $(id) `id`;&|.txt",
    b"con\x1b[31m.txt",
]


@pytest.mark.parametrize("what", ["archive", "refuse"])
async def test_every_name_a_disk_can_hold_is_taken_and_moved(
    place: Place, what: str
) -> None:  # B43
    for number, name in enumerate(NAMES):
        (place.folder / os.fsdecode(name)).write_bytes(b"%d" % number)
    files = await place.given()
    assert len({file.name for file in files}) == len(NAMES)
    for file in files:
        file.name.encode()  # no lone surrogate goes on to the stores
        if what == "archive":
            await place.inbox.archive(file, NOON)
        else:
            await place.inbox.refuse(file, WHY)

    assert names_in(place.folder) == []
    target = place.rejected if what == "refuse" else place.archive / "2025" / "09"
    moved = {os.fsencode(path.name): path.read_bytes() for path in target.iterdir()}
    kept = {name: content for name, content in moved.items() if not name.endswith(b".reason.txt")}
    assert sorted(kept.values()) == sorted(b"%d" % number for number in range(len(NAMES)))
    assert {name for name in NAMES if len(name) < 200} <= kept.keys()
    if what == "refuse":
        assert len(moved) == 2 * len(kept)


async def test_two_names_that_read_alike_are_taken_one_after_the_other(place: Place) -> None:
    for name in (b"\xff.txt", rb"\xff.txt"):
        (place.folder / os.fsdecode(name)).write_bytes(name)
    contents = set()
    for _ in range(2):
        (file,) = await place.given()
        contents.add(file.content)
        await place.inbox.archive(file, NOON)
    assert contents == {b"\xff.txt", rb"\xff.txt"}
    assert names_in(place.folder) == []


async def test_a_hard_link_is_a_file_like_any_other(place: Place, tmp_path: Path) -> None:  # B44
    place.put("a.txt")
    os.link(place.folder / "a.txt", tmp_path / "other name.txt")
    (file,) = await place.given()
    await place.inbox.archive(file, NOON)
    assert (tmp_path / "other name.txt").read_bytes() == b"papers"


async def test_a_file_with_every_right_is_moved_and_never_run(place: Place) -> None:  # B44
    place.put("a.txt", b"#!/bin/sh\n").chmod(0o6777)
    (file,) = await place.given()
    await place.inbox.archive(file, NOON)
    assert (place.archive / "2025" / "09" / "a.txt").read_bytes() == b"#!/bin/sh\n"


# --- where things go --------------------------------------------------------


async def test_the_archive_has_a_folder_for_each_month(place: Place) -> None:
    place.put("a.txt")
    (file,) = await place.given()
    await place.inbox.archive(file, datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    assert (place.archive / "2026" / "01" / "a.txt").read_bytes() == b"papers"


async def test_numbered_names_stay_beside_their_own_reasons(place: Place) -> None:
    for number in range(3):
        place.put("a.txt", b"%d" % number)
        (file,) = await place.given()
        await place.inbox.refuse(file, [Rejected("line 1", f"reason {number}")])
    for number, name in enumerate(("a.txt", "a (2).txt", "a (3).txt")):
        assert (place.rejected / name).read_bytes() == b"%d" % number
        reason = (place.rejected / f"{name}.reason.txt").read_text()
        assert reason == (
            f"line 1: reason {number}\nCorrect the file and put it back into the inbox.\n"
        )


async def test_a_file_put_back_is_taken_again(place: Place) -> None:
    place.put("a.txt", b"bad")
    (file,) = await place.given()
    await place.inbox.refuse(file, WHY)
    (place.rejected / "a.txt").rename(place.folder / "a.txt")
    assert [file.name for file in await place.given()] == ["a.txt"]


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that no rename from the inbox can reach."""
    if not ELSEWHERE.is_dir() or ELSEWHERE.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip(f"{ELSEWHERE} is not another file system here")
    made = subprocess.run(
        ["mktemp", "-d", "-p", str(ELSEWHERE)], capture_output=True, text=True, check=True
    )
    folder = Path(made.stdout.strip())
    yield folder
    subprocess.run(["rm", "-r", "--", str(folder)], check=True)


async def test_an_archive_on_another_disk_gets_the_copy_that_was_read(
    other_disk: Path, tmp_path: Path
) -> None:
    place = Place(other_disk)
    place.inbox = FolderInbox(
        place.folder, tmp_path / "archive", tmp_path / "rejected", size_cap=1000, settle=0
    )
    place.put("a.txt", b"1")
    place.put("a.txt.done", b"")
    place.put("b.txt", b"2")
    place.put("large.txt", b"x" * 1001)
    first, second = await place.inbox.settled()
    await place.inbox.archive(first, NOON)
    await place.inbox.refuse(second, WHY)

    assert (tmp_path / "archive" / "2025" / "09" / "a.txt").read_bytes() == b"1"
    assert (tmp_path / "rejected" / "b.txt").read_bytes() == b"2"
    assert names_in(tmp_path / "rejected") == ["b.txt", "b.txt.reason.txt"]
    assert names_in(place.folder) == ["large.txt"]  # unread, so there is no copy to keep
    assert "Invalid cross-device link" in place.passed_over()["large.txt"]


async def test_an_archive_that_cannot_be_is_refused_and_the_file_stays(place: Place) -> None:
    place.put("a.txt")
    (file,) = await place.given()
    place.archive.rmdir()
    place.archive.write_bytes(b"in the way")
    with pytest.raises(Refused, match=r"'a\.txt' cannot be moved to"):
        await place.inbox.archive(file, NOON)
    assert names_in(place.folder) == ["a.txt"]


# --- the folder itself ------------------------------------------------------


async def test_a_folder_that_goes_away_is_told_of_once_and_taken_up_when_it_is_back(
    place: Place,
) -> None:
    place.put("a.txt")
    await place.after(0)
    place.folder.rename(place.folder.with_name("away"))
    assert await place.after(5) == []
    assert await place.after(5) == []
    assert f"the inbox {place.folder} cannot be read: No such file" in place.inbox.trouble
    assert place.inbox.skipped() == ()

    place.folder.with_name("away").rename(place.folder)
    assert await place.after(5) == []  # nothing is known of what happened meanwhile
    assert place.inbox.trouble == ""
    assert await place.after(5) == ["a.txt"]


def test_ensure_makes_the_folders_and_is_content_with_those_there(place: Place) -> None:
    place.put("a.txt")
    place.rejected.rmdir()
    place.inbox.ensure()
    assert place.rejected.is_dir()
    assert names_in(place.folder) == ["a.txt"]


def test_ensure_refuses_what_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Refused, match="cannot be made") as refused:
        Place(tmp_path / "file")
    assert refused.value.exit_code == os.EX_CANTCREAT


# --- when to look -----------------------------------------------------------


class Looking:
    """Looks whenever it is told to, in the background, and says when a file was given."""

    def __init__(self, watched: FolderInbox) -> None:
        self._inbox = watched
        self.stop = asyncio.Event()
        self.looked = asyncio.Event()
        self.given: asyncio.Queue[DailyFile] = asyncio.Queue()

    async def run(self) -> None:
        async for _ in self._inbox.changes(self.stop):
            for file in await self._inbox.settled():
                await self._inbox.archive(file, NOON)
                self.given.put_nowait(file)
            self.looked.set()


def real_inbox(tmp_path: Path, *, settle: float, rescan: float) -> FolderInbox:
    made = FolderInbox(
        tmp_path / "inbox",
        tmp_path / "archive",
        tmp_path / "rejected",
        settle=settle,
        rescan=rescan,
    )
    made.ensure()
    return made


async def next_file(looking: Looking) -> str:
    return (await asyncio.wait_for(looking.given.get(), 20)).name


async def test_an_event_wakes_whoever_looks_long_before_the_next_rescan(tmp_path: Path) -> None:
    looking = Looking(real_inbox(tmp_path, settle=0, rescan=3600))
    async with asyncio.TaskGroup() as group:
        group.create_task(looking.run())
        for name in ("a.txt", "b.txt"):
            await asyncio.wait_for(looking.looked.wait(), 20)
            (tmp_path / "inbox" / name).write_bytes(b"papers")
            assert await next_file(looking) == name
        looking.stop.set()


async def test_a_folder_made_anew_is_watched_again(tmp_path: Path) -> None:  # F61
    looking = Looking(real_inbox(tmp_path, settle=0, rescan=3600))
    folder = tmp_path / "inbox"
    async with asyncio.TaskGroup() as group:
        group.create_task(looking.run())
        for name in ("a.txt", "b.txt", "c.txt"):
            (folder / name).write_bytes(b"papers")
            assert await next_file(looking) == name
            folder.rmdir()
            looking.looked.clear()
            await asyncio.wait_for(looking.looked.wait(), 20)
            folder.mkdir()
        looking.stop.set()


async def test_a_folder_swapped_for_an_empty_one_is_watched_again(tmp_path: Path) -> None:  # F61
    looking = Looking(real_inbox(tmp_path, settle=0, rescan=3600))
    folder = tmp_path / "inbox"
    async with asyncio.TaskGroup() as group:
        group.create_task(looking.run())
        (folder / "a.txt").write_bytes(b"papers")
        assert await next_file(looking) == "a.txt"
        for name in ("b.txt", "c.txt"):
            looking.looked.clear()
            folder.rmdir()
            folder.mkdir()  # at once, and as often as not as the same inode
            await asyncio.wait_for(looking.looked.wait(), 20)
            (folder / name).write_bytes(b"papers")
            assert await next_file(looking) == name
        looking.stop.set()


async def test_without_any_event_the_rescan_finds_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # F62
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "true")
    monkeypatch.setenv("WATCHFILES_POLL_DELAY_MS", "3600000")  # watchfiles itself sees nothing
    looking = Looking(real_inbox(tmp_path, settle=0.05, rescan=0.1))
    async with asyncio.TaskGroup() as group:
        group.create_task(looking.run())
        await asyncio.wait_for(looking.looked.wait(), 20)
        (tmp_path / "inbox" / "a.txt").write_bytes(b"papers")
        assert await next_file(looking) == "a.txt"
        looking.stop.set()


async def test_a_file_is_taken_soon_after_it_settled_though_nothing_happens_then(
    tmp_path: Path,
) -> None:
    looking = Looking(real_inbox(tmp_path, settle=0.5, rescan=3600))
    async with asyncio.TaskGroup() as group:
        group.create_task(looking.run())
        await asyncio.wait_for(looking.looked.wait(), 20)
        (tmp_path / "inbox" / "a.txt").write_bytes(b"papers")
        assert await next_file(looking) == "a.txt"
        looking.stop.set()


async def test_stop_ends_the_looking_at_once(tmp_path: Path) -> None:
    looking = Looking(real_inbox(tmp_path, settle=5, rescan=3600))
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(looking.run())
        await looking.looked.wait()
        looking.stop.set()


async def test_whoever_looks_may_be_cancelled(tmp_path: Path) -> None:
    looking = Looking(real_inbox(tmp_path, settle=5, rescan=3600))
    task = asyncio.create_task(looking.run())
    await asyncio.wait_for(looking.looked.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 20)
    assert not looking.stop.is_set()


@pytest.mark.nightly
async def test_with_its_defaults_a_file_is_taken_within_ten_seconds(tmp_path: Path) -> None:
    made = FolderInbox(tmp_path / "inbox", tmp_path / "archive", tmp_path / "rejected")
    made.ensure()
    looking = Looking(made)
    async with asyncio.TaskGroup() as group:
        group.create_task(looking.run())
        await asyncio.wait_for(looking.looked.wait(), 20)
        (tmp_path / "inbox" / "a.txt").write_bytes(b"papers")
        begun = time.monotonic()
        await next_file(looking)
        assert 5 <= time.monotonic() - begun <= 10
        looking.stop.set()
