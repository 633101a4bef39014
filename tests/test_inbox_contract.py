"""What every Inbox does, whatever it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import pytest

from tests.plain.inbox import PlainInbox
from worker.inbox import FolderInbox
from worker.model import DailyFile, Rejected
from worker.ports import Inbox

NOON = datetime(2025, 9, 8, 12, 0, tzinfo=UTC)
WHY = (Rejected("line 14", "no title"), Rejected("line 20", "no such day: Feb 31"))


class House(Protocol):
    """An inbox and the people round it."""

    inbox: Inbox

    def put(
        self,
        name: str,
        content: bytes,
        *,
        growing: bool = False,
        promised: bool = False,
        again: bool = False,
    ) -> None:
        """Somebody writes a file, whole or in part, and may say that it is whole, or wish for it
        to be read again.
        """

    def half_an_hour(self) -> None:
        """Nothing happens for so long."""

    def delete(self, name: str) -> None: ...

    async def given(self) -> Sequence[DailyFile]:
        """What the inbox gives when some time has gone by."""
        ...

    def lying(self) -> Mapping[str, bytes]: ...

    def archived(self) -> Sequence[tuple[str, bytes]]: ...

    def refused(self) -> Sequence[tuple[str, bytes, str]]: ...


class PlainHouse:
    def __init__(self) -> None:
        self._inbox = PlainInbox()
        self.inbox: Inbox = self._inbox

    def put(
        self,
        name: str,
        content: bytes,
        *,
        growing: bool = False,
        promised: bool = False,
        again: bool = False,
    ) -> None:
        modified = NOON.replace(minute=len(self._inbox.lying) % 60)
        self._inbox.put(name, content, modified, growing=growing, promised=promised, again=again)

    def half_an_hour(self) -> None:
        self._inbox.half_an_hour()

    def delete(self, name: str) -> None:
        del self._inbox.lying[name]

    async def given(self) -> Sequence[DailyFile]:
        return await self.inbox.settled()

    def lying(self) -> Mapping[str, bytes]:
        return {name: file.content for name, file in self._inbox.lying.items()}

    def archived(self) -> Sequence[tuple[str, bytes]]:
        return [(file.name, file.content) for file, _ in self._inbox.archived]

    def refused(self) -> Sequence[tuple[str, bytes, str]]:
        return [(file.name, file.content, str(why)) for file, why in self._inbox.refused]


class RealHouse:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seconds = 0.0
        self._growing: set[str] = set()
        real = FolderInbox(
            folder / "inbox",
            folder / "archive",
            folder / "rejected",
            monotonic=lambda: self._seconds,
        )
        real.ensure()
        self.inbox: Inbox = real

    def put(
        self,
        name: str,
        content: bytes,
        *,
        growing: bool = False,
        promised: bool = False,
        again: bool = False,
    ) -> None:
        inbox = self._folder / "inbox"
        (inbox / name).write_bytes(content)
        for wanted, ending in ((promised, ".done"), (again, ".again")):
            if wanted:
                (inbox / f"{name}{ending}").touch()
        self._growing.discard(name)
        if growing:
            self._growing.add(name)

    def half_an_hour(self) -> None:
        self._seconds += 30 * 60

    def delete(self, name: str) -> None:
        (self._folder / "inbox" / name).unlink()

    async def given(self) -> Sequence[DailyFile]:
        await self.inbox.settled()
        self._seconds += 10
        for name in self._growing:
            with (self._folder / "inbox" / name).open("ab") as file:
                file.write(b"more")
        return await self.inbox.settled()

    def lying(self) -> Mapping[str, bytes]:
        return {
            file.name: file.read_bytes()
            for file in (self._folder / "inbox").iterdir()
            if file.suffix not in (".done", ".again")
        }

    def archived(self) -> Sequence[tuple[str, bytes]]:
        found = sorted(
            self._folder.glob("archive/2025/09/*"), key=lambda file: file.stat().st_mtime_ns
        )
        return [(file.name, file.read_bytes()) for file in found if file.suffix != ".done"]

    def refused(self) -> Sequence[tuple[str, bytes, str]]:
        found = sorted((self._folder / "rejected").iterdir())
        return [
            (file.name, file.read_bytes(), file.with_name(f"{file.name}.reason.txt").read_text())
            for file in found
            if not file.name.endswith((".reason.txt", ".done"))
        ]


@pytest.fixture(params=["plain", "real"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    return PlainHouse() if request.param == "plain" else RealHouse(tmp_path)


async def test_a_complete_file_is_given_whole(house: House) -> None:
    house.put("a.txt", b"Papers\r\n\xff")
    (file,) = await house.given()

    assert (file.name, file.content) == ("a.txt", b"Papers\r\n\xff")
    assert file.sha256 == sha256(file.content).hexdigest()
    assert file.modified.tzinfo is UTC


async def test_an_empty_inbox_gives_nothing(house: House) -> None:
    assert not await house.given()


async def test_a_file_still_being_written_is_not_given_until_it_is_complete(house: House) -> None:
    house.put("a.txt", b"half", growing=True)
    assert not await house.given()
    assert not await house.given()

    house.put("a.txt", b"the whole")
    assert [file.content for file in await house.given()] == [b"the whole"]


@pytest.mark.parametrize("nothing", [b"", b" \r\n\t\n"])
async def test_an_empty_file_is_not_given_until_something_is_in_it(
    house: House, nothing: bytes
) -> None:  # B23
    house.put("a.txt", nothing)
    assert not await house.given()
    assert "a.txt" in house.lying()

    house.put("a.txt", b"something")
    assert len(await house.given()) == 1


async def test_files_are_given_oldest_first(house: House) -> None:
    for name in ("b.txt", "c.txt", "a.txt"):
        house.put(name, name.encode())
    assert [file.name for file in await house.given()] == ["b.txt", "c.txt", "a.txt"]


async def test_a_file_is_given_again_until_it_is_moved(house: House) -> None:
    house.put("a.txt", b"1")
    assert await house.given() == await house.given() != ()


async def test_an_archived_file_leaves_the_inbox_and_is_kept(house: House) -> None:
    house.put("a.txt", b"1")
    house.put("b.txt", b"2")
    first, second = await house.given()
    await house.inbox.archive(first, NOON)

    assert house.lying() == {"b.txt": b"2"}
    assert house.archived() == [("a.txt", b"1")]
    assert await house.given() == (second,)


async def test_a_refused_file_leaves_the_inbox_with_every_reason_beside_it(house: House) -> None:
    house.put("a.txt", b"1")
    (file,) = await house.given()
    await house.inbox.refuse(file, WHY)

    assert not house.lying()
    ((name, content, reasons),) = house.refused()
    assert (name, content) == ("a.txt", b"1")
    for reason in WHY:
        assert reason.where in reasons
        assert reason.why in reasons


async def test_what_came_in_the_place_of_a_file_that_was_read_stays_and_is_given(
    house: House,
) -> None:  # F59, B47
    house.put("a.txt", b"old")
    house.put("b.txt", b"old too")
    first, second = await house.given()
    house.put("a.txt", b"new")
    house.put("b.txt", b"new too")
    await house.inbox.archive(first, NOON)
    await house.inbox.refuse(second, WHY)

    assert house.lying() == {"a.txt": b"new", "b.txt": b"new too"}
    assert (house.archived(), house.refused()) == ([], [])
    assert {file.content for file in await house.given()} == {b"new", b"new too"}


async def test_two_files_that_changed_places_are_known_by_their_content(
    house: House,
) -> None:  # F59
    house.put("a.txt", b"1")
    house.put("b.txt", b"2")
    first, _ = await house.given()
    house.put("a.txt", b"2")
    house.put("b.txt", b"1")
    await house.inbox.archive(first, NOON)

    assert house.lying() == {"a.txt": b"2", "b.txt": b"1"}


async def test_a_file_that_vanished_is_nobodys_trouble(house: House) -> None:  # F59
    house.put("a.txt", b"1")
    house.put("b.txt", b"2")
    first, second = await house.given()
    house.delete("a.txt")
    house.delete("b.txt")
    await house.inbox.archive(first, NOON)
    await house.inbox.refuse(second, WHY)

    assert (house.lying(), house.archived(), house.refused()) == ({}, [], [])
    assert not await house.given()


async def test_archiving_twice_is_archiving_once(house: House) -> None:
    house.put("a.txt", b"1")
    (file,) = await house.given()
    await house.inbox.archive(file, NOON)
    await house.inbox.archive(file, NOON)

    assert house.archived() == [("a.txt", b"1")]


async def test_the_same_content_under_many_names_is_given_under_each(house: House) -> None:  # B48
    for number in range(1000):
        house.put(f"{number}.txt", b"same")
    files = await house.given()

    assert len({file.name for file in files}) == 1000
    assert len({file.sha256 for file in files}) == 1


async def test_an_older_file_of_the_same_name_is_not_overwritten(house: House) -> None:
    for content in (b"monday", b"tuesday", b"wednesday"):
        house.put("today.txt", content)
        (file,) = await house.given()
        await house.inbox.archive(file, NOON)
    for content in (b"bad", b"worse"):
        house.put("today.txt", content)
        (file,) = await house.given()
        await house.inbox.refuse(file, WHY)

    assert [content for _, content in house.archived()] == [b"monday", b"tuesday", b"wednesday"]
    assert {content for _, content, _ in house.refused()} == {b"bad", b"worse"}


# --- what is left for later ---------------------------------------------------


async def test_a_file_that_breaks_off_is_not_given_again_until_it_has_changed(
    house: House,
) -> None:  # F57, B24
    house.put("a.txt", b"half")
    (file,) = await house.given()
    assert await house.inbox.hold(file)
    assert not await house.given()
    assert not await house.given()

    house.put("a.txt", b"more, and still not all")
    (file,) = await house.given()
    assert await house.inbox.hold(file)
    assert not await house.given()

    house.put("a.txt", b"the whole of it, at last")
    assert [file.content for file in await house.given()] == [b"the whole of it, at last"]


async def test_a_file_that_breaks_off_is_given_once_more_after_half_an_hour(house: House) -> None:
    house.put("a.txt", b"half")
    (file,) = await house.given()
    assert await house.inbox.hold(file)
    house.half_an_hour()
    assert await house.given() == (file,)
    assert not await house.inbox.hold(file), "that was all the patience there is"

    await house.inbox.refuse(file, WHY)
    assert not house.lying()
    assert len(house.refused()) == 1


async def test_the_half_hour_begins_anew_with_each_change(house: House) -> None:
    house.put("a.txt", b"half")
    (file,) = await house.given()
    assert await house.inbox.hold(file)
    house.half_an_hour()
    house.put("a.txt", b"three quarters")
    (file,) = await house.given()
    assert await house.inbox.hold(file)


async def test_a_file_that_was_promised_whole_is_not_waited_for(house: House) -> None:
    house.put("a.txt", b"half", promised=True)
    (file,) = await house.given()
    assert not await house.inbox.hold(file)


async def test_a_held_file_is_given_at_once_when_it_is_promised_whole(house: House) -> None:
    house.put("a.txt", b"half")
    (file,) = await house.given()
    assert await house.inbox.hold(file)
    house.put("a.txt", b"half", promised=True)
    (file,) = await house.given()
    assert not await house.inbox.hold(file)


async def test_a_held_file_keeps_nobody_waiting(house: House) -> None:
    house.put("a.txt", b"half")
    (file,) = await house.given()
    assert await house.inbox.hold(file)
    house.put("b.txt", b"whole")
    assert [file.name for file in await house.given()] == ["b.txt"]


async def test_a_file_that_was_perished_of_is_given_three_times(house: House) -> None:  # F64
    house.put("a.txt", b"poison")
    more = []
    for _ in range(3):
        (file,) = await house.given()
        more.append(await house.inbox.retry(file))
    assert more == [True, True, False]


async def test_tries_are_those_of_one_content(house: House) -> None:
    house.put("a.txt", b"poison")
    for _ in range(2):
        (file,) = await house.given()
        assert await house.inbox.retry(file)
    house.put("a.txt", b"less poison")
    (file,) = await house.given()
    assert await house.inbox.retry(file)


async def test_a_wish_to_read_again_goes_with_its_file(house: House) -> None:
    house.put("a.txt", b"1", again=True)
    house.put("b.txt", b"2")
    first, second = await house.given()
    assert (first.again, second.again) == (True, False)

    await house.inbox.archive(first, NOON)
    house.put("a.txt", b"1")
    assert [file.again for file in await house.given()] == [False, False]
