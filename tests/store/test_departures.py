"""What is said of those who leave, in a file beside the ledger, and what a ledger makes of it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests import postgres
from tests.disks import disk, fill
from tests.made import MONDAY, NOON, pick, subscriber
from tests.store import victim
from tests.store.asking import active, ask, confirming, found, joining, mailed, noted, pending
from tests.store.ledgers import Stores, on_sql, settled, stores, struck
from tests.store.test_sqlite_processes import _running
from worker.asks import CONFIRM_WITHIN, AskKind, AskState
from worker.clock import FixedClock
from worker.deliveries import Answer, DeliveryKind, DeliveryState, Reason
from worker.digests import Slot
from worker.model import Refused, Subscriber, SubscriberState
from worker.ports import Suppressed
from worker.store import sql_departures
from worker.store.ballast import Ballast
from worker.store.departures import LONG, NAME, Departures, Word
from worker.store.engine import Database
from worker.store.postgres_opening import open_postgres
from worker.store.sql import open_database
from worker.store.sql_listed import hash_of
from worker.store.sql_suppressions import SINCE_THEN

ADDRESS = "reader1@example.org"
HASHES = [f"{number:064x}" for number in range(3)]


@dataclass(frozen=True)
class Place:
    """A database with its file, and the ports over it."""

    database: Database
    stores: Stores
    file: Path

    def words(self) -> list[str]:
        """What is in the file, without when and of whom."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [" ".join(line.split()[1:-1]) for line in lines]

    async def state(self) -> SubscriberState:
        who = await self.stores.subscribers.find(ADDRESS)
        assert who is not None
        return who.state

    async def turn(self, state: SubscriberState) -> Subscriber | None:
        who = await self.stores.subscribers.find(ADDRESS)
        assert who is not None
        return await self.stores.subscribers.change(replace(who, state=state))

    async def restart(self) -> int:
        """What is done with it at each opening."""
        return await sql_departures.follow(self.database, NOON)


@asynccontextmanager
async def placed(kind: str, folder: Path) -> AsyncIterator[Place]:
    file = folder / NAME
    if kind == "postgres":
        server = await postgres.running().fresh(folder)
        async with open_postgres(server, departures=Departures(file)) as database:
            yield Place(database, on_sql(database), file)
    else:
        async with open_database(folder / "ledger.db", create=True) as opened:
            yield Place(opened, on_sql(opened), file)


@pytest.fixture(params=["sqlite", "postgres"])
async def here(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(request.param, tmp_path) as place:
        yield place


# --- each way of leaving leaves its line --------------------------------------


async def unsubscribes(here: Place) -> None:
    await here.turn(SubscriberState.UNSUBSCRIBED)


async def is_removed(here: Place) -> None:
    await here.turn(SubscriberState.REMOVED)


async def is_suppressed(here: Place) -> None:
    await here.stores.suppressions.suppress(ADDRESS, Reason.OPERATOR, NOON)


async def complains(here: Place) -> None:
    await here.stores.suppressions.suppress(ADDRESS, Reason.COMPLAINT, NOON)


async def is_erased(here: Place) -> None:
    await here.stores.suppressions.erase(ADDRESS, NOON)


async def bounces(here: Place) -> None:
    for day in (0, 1):
        who = await here.stores.subscribers.find(ADDRESS)
        assert who is not None
        planned = await here.stores.planned(who, pick(day + 1), day=MONDAY + timedelta(days=day))
        await here.stores.ledger.claim(NOON, 9)
        failed = settled(planned, DeliveryState.FAILED)
        await here.stores.ledger.settle([struck(failed, 6, NOON + timedelta(days=day))])


async def answers_a_stop(here: Place) -> None:
    who = await here.stores.subscribers.find(ADDRESS)
    assert who is not None
    answer = Answer(
        who.id, Slot("mail#1", MONDAY), ("Good bye.",), "<1@example.org>", "<9@x>", NOON
    )
    changed = replace(who, state=SubscriberState.UNSUBSCRIBED)
    assert await here.stores.returns.answer(answer, changed)


WAYS: dict[Callable[[Place], Awaitable[None]], str] = {
    unsubscribes: "gone unsubscribed",
    is_removed: "gone removed",
    is_suppressed: "gone suppressed",
    complains: "gone suppressed",
    is_erased: "gone erased",
    bounces: "gone suppressed",
    answers_a_stop: "gone unsubscribed",
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_each_way_of_leaving_leaves_its_line_and_no_address(
    here: Place, way: Callable[[Place], Awaitable[None]]
) -> None:
    await here.stores.join()
    await way(here)
    assert here.words() == [WAYS[way]]
    line = here.file.read_text()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 gone [a-z]+ [0-9a-f]{64}\n", line)
    assert "@" not in line
    assert stat.S_IMODE(here.file.stat().st_mode) == 0o600
    assert await here.restart() == 0, "the ledger knows"
    assert here.words() == [WAYS[way]]


async def test_what_is_no_leaving_says_nothing(here: Place) -> None:
    await here.stores.join()
    await here.turn(SubscriberState.UNLISTED)
    await here.turn(SubscriberState.ACTIVE)
    assert await here.stores.suppressions.unsuppress(ADDRESS) is False
    with pytest.raises(Suppressed):
        await _suppressed_and_refused(here)
    assert here.words() == ["gone suppressed"]


async def _suppressed_and_refused(here: Place) -> None:
    await here.stores.suppressions.suppress("other@example.org", Reason.OPERATOR, NOON)
    await here.stores.join(2, "other@example.org")


async def test_who_was_changed_meanwhile_has_not_left(here: Place) -> None:
    who = await here.stores.join()
    await here.stores.subscribers.change(replace(who, max_papers=3))
    left = replace(who, state=SubscriberState.UNSUBSCRIBED)
    assert await here.stores.subscribers.change(left) is None
    assert here.words() == []


async def test_who_comes_back_stays_over_a_restart(here: Place) -> None:
    await here.stores.join()
    await here.turn(SubscriberState.REMOVED)
    await here.turn(SubscriberState.ACTIVE)
    assert here.words() == ["gone removed", "back"]
    assert await here.restart() == 0
    assert await here.state() is SubscriberState.ACTIVE
    await is_suppressed(here)
    assert await here.stores.suppressions.unsuppress(ADDRESS)
    await here.turn(SubscriberState.ACTIVE)
    assert await here.restart() == 0
    assert await here.state() is SubscriberState.ACTIVE
    assert here.words()[-1] == "back"


async def test_off_the_suppression_list_who_unsubscribed_is_still_gone(here: Place) -> None:
    await here.stores.join()
    await unsubscribes(here)
    await is_suppressed(here)
    await here.stores.suppressions.unsuppress(ADDRESS)
    assert here.words() == ["gone unsubscribed", "gone suppressed", "gone unsubscribed"]


async def test_killed_between_the_line_and_the_commit_he_is_gone_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with placed("sqlite", tmp_path) as place:
        await place.stores.planned(await place.stores.join())
    with _running(victim.leave_and_die, tmp_path / "ledger.db", ADDRESS) as (process, said):
        assert said.recv() == "about to commit"
        process.join(30)
    async with placed("sqlite", tmp_path) as place:
        assert await place.state() is SubscriberState.ACTIVE
        assert await place.restart() == 1
        assert await place.state() is SubscriberState.UNSUBSCRIBED
        (waiting,) = await place.stores.every_delivery()
        assert waiting.state is DeliveryState.CANCELLED
        assert await place.restart() == 0


# --- a ledger that knows nothing of it ------------------------------------------


async def forget(here: Place) -> None:
    """Somebody who is active again as in a backup: behind the back of all that is said."""
    departures, here.database.departures = here.database.departures, None
    try:
        await here.stores.suppressions.unsuppress(ADDRESS)
        await here.turn(SubscriberState.ACTIVE)
    finally:
        here.database.departures = departures


@pytest.mark.parametrize(
    ("way", "state"),
    [
        (unsubscribes, SubscriberState.UNSUBSCRIBED),
        (is_removed, SubscriberState.REMOVED),
        (is_suppressed, SubscriberState.SUPPRESSED),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
async def test_who_left_is_gone_again_as_he_was(
    here: Place, way: Callable[[Place], Awaitable[None]], state: SubscriberState
) -> None:
    await here.stores.planned(await here.stores.join())
    await way(here)
    await forget(here)
    assert await here.state() is SubscriberState.ACTIVE
    assert await here.restart() == 1
    assert await here.state() is state
    assert [each.state for each in await here.stores.every_delivery()] == [DeliveryState.CANCELLED]
    entries = await here.stores.suppressions.listed()
    put_back = [(ADDRESS, Reason.OPERATOR, SINCE_THEN)] if way is is_suppressed else []
    assert [(each.address, each.reason, each.note) for each in entries] == put_back
    assert await here.restart() == 0


async def test_who_unsubscribed_by_the_ledger_goes_on_the_suppression_list_again(
    here: Place,
) -> None:
    await here.stores.join()
    await unsubscribes(here)
    departures = here.database.departures
    assert departures is not None
    (hash_,) = departures.last()
    departures.say({hash_: Word.SUPPRESSED})
    assert await here.restart() == 1
    assert await here.state() is SubscriberState.UNSUBSCRIBED
    assert len(await here.stores.suppressions.listed()) == 1
    assert await here.restart() == 0


@pytest.mark.parametrize("before", [SubscriberState.ACTIVE, SubscriberState.REMOVED])
async def test_who_was_erased_is_forgotten_again(tmp_path: Path, before: SubscriberState) -> None:
    async with placed("sqlite", tmp_path) as place:
        await place.stores.join()
        await place.turn(before)
    shutil.copy(tmp_path / "ledger.db", tmp_path / "backup")
    async with placed("sqlite", tmp_path) as place:
        await is_erased(place)
    shutil.copy(tmp_path / "backup", tmp_path / "ledger.db")
    async with placed("sqlite", tmp_path) as place:
        assert await place.restart() == 1
        (who,) = await place.stores.subscribers.everyone()
        assert (who.address, who.state) == ("erased-1@erased.invalid", SubscriberState.REMOVED)
        assert await place.restart() == 0
    assert ADDRESS.encode() not in (tmp_path / "ledger.db").read_bytes()


async def unknown(tmp_path: Path, way: Callable[[Place], Awaitable[None]]) -> None:
    """Somebody who came and left after the backup that is put back now."""
    async with placed("sqlite", tmp_path):
        pass
    shutil.copy(tmp_path / "ledger.db", tmp_path / "backup")
    async with placed("sqlite", tmp_path) as place:
        await place.stores.join()
        await way(place)
    shutil.copy(tmp_path / "backup", tmp_path / "ledger.db")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_whom_the_ledger_is_too_old_to_know_is_not_added(
    tmp_path: Path, way: Callable[[Place], Awaitable[None]]
) -> None:
    await unknown(tmp_path, way)
    async with placed("sqlite", tmp_path) as place:
        assert await place.restart() == 0
        with pytest.raises(Suppressed) as refused:
            await place.stores.join(7, ADDRESS.upper())
        assert "@" not in str(refused.value)
        assert await place.stores.subscribers.everyone() == []


async def test_nor_by_way_of_somebody_who_only_asked_for_him(tmp_path: Path) -> None:
    await unknown(tmp_path, unsubscribes)
    async with placed("sqlite", tmp_path) as place:
        _, who = await pending(place.stores, ask(address=ADDRESS))
        with pytest.raises(Suppressed):
            await place.stores.subscribers.change(active(who))
        assert await place.state() is SubscriberState.PENDING


async def test_again_brings_back_who_came_and_left_but_nobody_who_was_suppressed(
    tmp_path: Path,
) -> None:
    newcomer = subscriber(address=ADDRESS, number=1)
    await unknown(tmp_path, is_removed)
    async with placed("sqlite", tmp_path) as place:
        await place.stores.subscribers.add(newcomer, again=True)
        assert await place.restart() == 0
        assert await place.state() is SubscriberState.ACTIVE
        await is_suppressed(place)
    shutil.copy(tmp_path / "backup", tmp_path / "ledger.db")
    async with placed("sqlite", tmp_path) as place:
        with pytest.raises(Suppressed):
            await place.stores.subscribers.add(newcomer, again=True)
        entry = await place.stores.suppressions.find(ADDRESS)
        assert entry is not None, "so that there is something to take off"
        assert (entry.reason, entry.note) == (Reason.OPERATOR, SINCE_THEN)
        assert await place.stores.suppressions.unsuppress(ADDRESS)
        await place.stores.subscribers.add(newcomer)
        assert await place.restart() == 0


async def test_who_left_and_asks_again_is_back_when_he_confirms_it(tmp_path: Path) -> None:
    """Not before: anybody can ask."""
    await unknown(tmp_path, unsubscribes)
    async with placed("sqlite", tmp_path) as place:
        asked, who = await pending(place.stores, ask(address=ADDRESS))
        assert place.words() == ["gone unsubscribed"]
        assert await place.restart() == 0
        assert await place.state() is SubscriberState.PENDING
        (claimed,) = await place.stores.ledger.claim(NOON, 9)
        assert claimed.kind is DeliveryKind.CONFIRM
        assert await place.stores.signups.confirm(asked, active(who), NOON)
        assert place.words() == ["gone unsubscribed", "back"]
        assert await place.restart() == 0
        assert await place.state() is SubscriberState.ACTIVE


async def test_who_left_and_does_not_confirm_is_forgotten_and_has_left(tmp_path: Path) -> None:
    await unknown(tmp_path, unsubscribes)
    async with placed("sqlite", tmp_path) as place:
        await pending(place.stores, ask(address=ADDRESS))
        assert await place.stores.signups.forget(NOON + CONFIRM_WITHIN) == 1
        assert await place.stores.subscribers.everyone() == []
        assert place.words() == ["gone unsubscribed"]


@pytest.mark.parametrize(
    "way", [is_removed, is_suppressed, complains, is_erased, bounces], ids=lambda way: way.__name__
)
async def test_who_was_put_out_after_this_backup_does_not_come_back_by_asking(
    tmp_path: Path, way: Callable[[Place], Awaitable[None]]
) -> None:
    await unknown(tmp_path, way)
    async with placed("sqlite", tmp_path) as place:
        given = await noted(place.stores, ask(address=ADDRESS))
        assert await place.stores.signups.admit(given, [confirming(given)], joining(ADDRESS))
        assert (await found(place.stores, given)).state is AskState.CLOSED
        assert await place.stores.subscribers.everyone() == []


async def test_who_was_put_out_while_he_was_pending_confirms_nothing(here: Place) -> None:
    asked, who = await pending(here.stores, ask(address=ADDRESS))
    departures = here.database.departures
    assert departures is not None
    hash_ = await here.database.read(lambda connection: hash_of(connection, ADDRESS))
    for word in (Word.REMOVED, Word.SUPPRESSED, Word.ERASED):
        departures.say({hash_: word})
        with pytest.raises(Suppressed):
            await here.stores.signups.confirm(asked, active(who), NOON)
    departures.say({hash_: Word.REMOVED})
    assert await here.restart() == 1
    assert await here.state() is SubscriberState.REMOVED
    assert (await found(here.stores, asked)).state is AskState.CLOSED


async def test_who_moves_where_somebody_left_stays_over_a_restart(here: Place) -> None:
    mover, other = (
        await here.stores.join(1, "mover@example.org"),
        await here.stores.join(2, ADDRESS),
    )
    await here.turn(SubscriberState.UNSUBSCRIBED)
    asked = await mailed(here.stores, ask(1, AskKind.MOVE, ADDRESS, mover=mover.uid), other)
    assert await here.stores.signups.confirm(asked, replace(mover, address=ADDRESS), NOON)
    assert here.words() == ["gone unsubscribed", "back"]
    assert await here.restart() == 0
    assert await here.state() is SubscriberState.ACTIVE


async def test_who_is_imported_as_gone_is_said_to_be(here: Place) -> None:
    gone = replace(subscriber(address=ADDRESS), state=SubscriberState.UNSUBSCRIBED)
    await here.stores.subscribers.add(gone)
    assert here.words() == ["gone unsubscribed"]


async def test_a_missing_file_is_made_from_the_ledger(here: Place) -> None:
    for number, state in enumerate(SubscriberState):
        who = subscriber(address=f"{state}@example.org", number=number)
        await here.stores.subscribers.add(replace(who, state=state))
    await here.stores.join(98, "erased@example.org")
    await here.stores.suppressions.suppress("stranger@example.org", Reason.OPERATOR, NOON)
    await here.stores.suppressions.suppress("suppressed@example.org", Reason.BOUNCES, NOON)
    await here.stores.suppressions.erase("erased@example.org", NOON)
    departures = here.database.departures
    assert departures is not None
    before = {hash_: said.word for hash_, said in departures.last().items()}
    here.file.unlink()
    assert await here.restart() == 0
    assert {hash_: said.word for hash_, said in departures.last().items()} == before
    assert len(before) == 5
    assert stat.S_IMODE(here.file.stat().st_mode) == 0o600
    size = here.file.stat().st_size
    assert await here.restart() == 0
    assert here.file.stat().st_size == size


async def test_a_file_is_made_also_if_nobody_is_gone(here: Place) -> None:
    await here.restart()
    assert here.file.read_bytes() == b""
    assert stat.S_IMODE(here.file.stat().st_mode) == 0o600


async def test_who_is_gone_here_and_back_by_the_file_stays_gone(here: Place) -> None:
    """As after a kill between the line and the commit, or in a backup from before he came back."""
    await here.stores.join()
    await is_removed(here)
    departures = here.database.departures
    assert departures is not None
    (hash_,) = departures.last()
    departures.say({hash_: Word.BACK})
    assert await here.restart() == 0
    assert await here.state() is SubscriberState.REMOVED
    assert here.words() == ["gone removed", "back", "gone removed"]


async def test_a_line_that_cannot_be_written_keeps_the_change_from_being_committed(
    here: Place,
) -> None:
    await here.stores.join()
    here.file.mkdir()
    with pytest.raises(Refused) as refused:
        await unsubscribes(here)
    assert (refused.value.exit_code, NAME in str(refused.value)) == (os.EX_IOERR, True)
    here.file.rmdir()
    assert await here.state() is SubscriberState.ACTIVE
    await unsubscribes(here)
    assert here.words() == ["gone unsubscribed"]


async def test_a_line_that_is_not_synced_keeps_the_change_from_being_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    async with placed("sqlite", tmp_path) as place:
        await place.stores.join()
        await place.restart()
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", fails)
            with pytest.raises(Refused, match="mend the disk"):
                await unsubscribes(place)
        assert await place.state() is SubscriberState.ACTIVE
        assert place.words() == []


# --- the file ----------------------------------------------------------------------


def test_a_torn_last_line_says_nothing_and_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / NAME
    Departures(file).say({HASHES[0]: Word.REMOVED})
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole + whole.replace(b"removed", b"erased")[:length])
        Departures(file).say({HASHES[1]: Word.BACK})
        said = {hash_: each.word for hash_, each in Departures(file).last().items()}
        last = Word.ERASED if length >= len(whole) - len("removed") + len("erased") - 1 else None
        assert said == {HASHES[0]: last or Word.REMOVED, HASHES[1]: Word.BACK}


def test_what_is_no_line_says_nothing(tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_bytes(
        b"\xff\x00\n\n2026-13-45T99 back " + HASHES[0].encode() + b"\n"
        b"2026-01-01T00:00:00+00:00 gone fishing " + HASHES[1].encode() + b"\n"
    )
    assert Departures(file).last() == {}


def test_a_long_file_is_written_anew_with_the_last_words(tmp_path: Path) -> None:
    file = tmp_path / NAME
    departures = Departures(file, FixedClock(NOON))
    departures.say({HASHES[0]: Word.REMOVED, HASHES[1]: Word.UNSUBSCRIBED})
    departures.say({HASHES[0]: Word.BACK})
    said = dict(departures.last())
    block = file.read_bytes()
    departures.ensure()
    assert file.read_bytes() == block
    file.write_bytes(block * (LONG // len(block) + 1))
    departures.ensure()
    assert file.read_text().count("\n") == 2
    assert dict(Departures(file).last()) == said == dict(departures.last())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    departures.say({HASHES[2]: Word.REMOVED})
    assert len(departures.last()) == 3


def test_a_long_file_of_last_words_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / NAME
    Departures(file).say({f"{number:064x}": Word.REMOVED for number in range(LONG // 100)})
    before = file.stat()
    assert before.st_size > LONG
    Departures(file).ensure()
    assert file.stat().st_ino == before.st_ino


def test_who_waited_while_it_was_written_anew_writes_into_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / NAME
    one, other = Departures(file), Departures(file)
    one.say({HASHES[0]: Word.REMOVED})
    opened: list[int] = []
    beside = tmp_path / "beside"

    def open_and_lose() -> int:
        descriptor = Departures._open(other)
        if not opened:  # the file is another one by the time it is locked
            shutil.copy(file, beside)
            os.replace(beside, file)
        opened.append(descriptor)
        return descriptor

    other._open = open_and_lose  # type: ignore[method-assign]
    other.say({HASHES[1]: Word.REMOVED})
    assert len(opened) == 2
    assert set(one.last()) == {HASHES[0], HASHES[1]}


def test_on_a_full_disk_there_is_room_kept_for_it(tmp_path: Path) -> None:
    with disk(tmp_path / "data", "size=2m") as data:
        Ballast(data).take()
        departures = Departures(data / NAME)
        departures.ensure()
        fill(data)
        many = {f"{number:064x}": Word.REMOVED for number in range(100)}
        departures.say(many)
        assert set(departures.last()) == set(many)
        Ballast(data).give_up()
        fill(data).rename(data / "more")
        with pytest.raises(Refused) as refused:
            departures.say({f"{number:064x}": Word.REMOVED for number in range(100, 200)})
        assert refused.value.exit_code == os.EX_TEMPFAIL
        assert os.strerror(errno.ENOSPC) in str(refused.value)
        assert set(departures.last()) == set(many)


async def test_a_plain_store_takes_again_for_what_it_is(tmp_path: Path) -> None:
    async with stores("plain", tmp_path) as store:
        await store.subscribers.add(subscriber(address=ADDRESS), again=True)


async def test_a_backup_knows_its_hashes_by_the_same_salt(tmp_path: Path) -> None:
    """What SQLite's own backup makes of the ledger is known to the file as the ledger is."""
    async with placed("sqlite", tmp_path) as place:
        await place.stores.join()
        with (
            closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger,
            closing(sqlite3.connect(tmp_path / "backup")) as backup,
        ):
            ledger.backup(backup)
        await unsubscribes(place)
    os.replace(tmp_path / "backup", tmp_path / "ledger.db")
    async with placed("sqlite", tmp_path) as place:
        assert await place.restart() == 1
        assert await place.state() is SubscriberState.UNSUBSCRIBED
