"""Of who was erased nothing is left in the file, and the suppression list outlives all else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.made import NOON, pick, subscriber
from tests.store.ledgers import Stores, database_of, on_sql, settled, stores, struck
from worker.deliveries import Answer, DeliveryState, Reason
from worker.digests import Slot
from worker.model import Refused, Rule, SubscriberState
from worker.ports import Suppressed
from worker.store import keys
from worker.store.sql import open_database

ADDRESS = "Canary.Reader@Lighthouse.example"
SECRETS = ("canary", "lighthouse", "koopman", "scribbled", "antarctica")
"""His address, his rule, a note on him, his time zone; all in any case."""


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes().lower() for file in sorted(folder.glob("ledger.db*")))


def left_in(folder: Path) -> list[str]:
    content = bytes_of(folder)
    return [secret for secret in SECRETS if secret.encode() in content]


async def a_life(store: Stores) -> None:
    """All that can be known of somebody: digests sent, refused, waiting; strikes, answers."""
    rule = Rule("koopman scribbled", "koopman*")
    who = await store.subscribers.add(
        replace(
            subscriber(address=ADDRESS, timezone="Antarctica/Troll"),
            rules=(rule,),
            held_over=(replace(pick(1), rules=(rule,)),),
        )
    )
    who = (
        await store.subscribers.change(replace(who, address="canary.old@lighthouse.example")) or who
    )
    who = await store.subscribers.change(replace(who, address=ADDRESS)) or who
    for day in range(8, 28):
        picks = replace(pick(day), rules=(rule,))
        planned = await store.planned(await store.now(who), picks, day=date(2025, 9, day))
        if day < 26:
            await store.ledger.claim(NOON, 9)
            failed = replace(settled(planned), reply="550 canary is scribbled here")
            await store.ledger.settle([struck(failed, 3, NOON)])
    await store.suppressions.suppress(ADDRESS, Reason.OPERATOR, NOON, "scribbled: canary")
    slot = Slot("answer-1", date(2025, 9, 8))
    await store.returns.answer(
        Answer(who.id, slot, ("koopman added",), "<a@x.org>", "<canary@reader>", NOON)
    )


async def test_nothing_of_who_was_erased_is_left_in_the_open_file(tmp_path: Path) -> None:
    """While the daemon runs on: its journal is of the past too."""
    async with stores("sqlite", tmp_path) as store:
        await store.join(7, "other@lighthouse-keeper.org")
        await a_life(store)
        assert left_in(tmp_path) == list(SECRETS)
        await store.suppressions.unsuppress("other@lighthouse-keeper.org")
        assert await store.suppressions.erase(ADDRESS, NOON)
        found = bytes_of(tmp_path).replace(b"lighthouse-keeper", b"")
        assert [secret for secret in SECRETS if secret.encode() in found] == []
        assert await store.subscribers.find("other@lighthouse-keeper.org")
    assert "canary" not in left_in(tmp_path)


async def test_freed_pages_are_overwritten_whatever_sqlite_was_built_like(tmp_path: Path) -> None:
    async with stores("sqlite", tmp_path) as store:
        pragma = "PRAGMA secure_delete"
        assert await database_of(store).read(lambda c: c.exec_driver_sql(pragma).scalar()) == 1


async def test_a_reader_in_another_process_keeps_nobody_from_being_erased(tmp_path: Path) -> None:
    """The journal cannot be emptied under him; it is gone with the last connection."""
    async with stores("sqlite", tmp_path) as store:
        await a_life(store)
    async with open_database(tmp_path / "ledger.db", patience=0.05) as database:
        with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM subscriber").fetchall()
            assert await on_sql(database).suppressions.erase(ADDRESS, NOON)
    assert left_in(tmp_path) == []


async def test_nothing_is_left_in_a_file_that_was_packed(tmp_path: Path) -> None:
    async with stores("sqlite", tmp_path) as store:
        await a_life(store)
        await store.suppressions.unsuppress(ADDRESS)
        await store.suppressions.erase(ADDRESS, NOON)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as hand:
        hand.execute("VACUUM")
    assert left_in(tmp_path) == []


async def test_the_list_outlives_the_keys_of_the_links(tmp_path: Path) -> None:
    keys.create(tmp_path / "keys.json", b"1" * 32)
    async with stores("sqlite", tmp_path) as store:
        await store.suppressions.suppress("gone@example.org", Reason.COMPLAINT, NOON)
        await store.join()
        await store.suppressions.erase("reader1@example.org", NOON)
    (tmp_path / "keys.json").unlink()
    keys.create(tmp_path / "keys.json", b"2" * 32)
    async with stores("sqlite", tmp_path) as store:
        assert await store.suppressions.find("gone@example.org")
        assert await store.suppressions.find("READER1@example.org")
        with pytest.raises(Suppressed):
            await store.join()


async def test_two_ledgers_know_the_same_address_by_different_hashes(tmp_path: Path) -> None:
    hashes = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        async with stores("sqlite", tmp_path / name) as store:
            await store.suppressions.suppress("gone@example.org", Reason.OPERATOR, NOON)
        with closing(sqlite3.connect(tmp_path / name / "ledger.db")) as hand:
            hashes |= set(hand.execute("SELECT address_hash FROM suppression"))
    assert len(hashes) == 2


async def test_without_its_salt_the_list_is_refused_and_never_taken_for_empty(
    tmp_path: Path,
) -> None:
    async with stores("sqlite", tmp_path) as store:
        await store.suppressions.suppress("gone@example.org", Reason.OPERATOR, NOON)
    by_hand(tmp_path, "DELETE FROM meta WHERE key = 'suppression_salt'")
    async with stores("sqlite", tmp_path) as store:
        with pytest.raises(Refused, match="suppression list"):
            await store.join()


def by_hand(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "ledger.db")) as hand, hand:
        for statement in statements:
            hand.execute(statement)


@pytest.mark.parametrize(
    "restored",
    [
        "UPDATE subscriber SET state = 'active'",
        "UPDATE subscriber SET state = 'active', address_hash = ''",
    ],
    ids=["as he was", "without a hash"],
)
async def test_who_was_set_active_by_hand_is_not_mailed_while_on_the_list(
    tmp_path: Path, restored: str
) -> None:
    async with stores("sqlite", tmp_path) as store:
        await store.planned(await store.join())
        await store.suppressions.suppress("reader1@example.org", Reason.COMPLAINT, NOON)
    by_hand(
        tmp_path,
        restored,
        "UPDATE delivery SET state = 'planned', due_at = planned_at",
    )
    async with stores("sqlite", tmp_path) as store:
        assert [who.state for who in await store.subscribers.everyone()] == [SubscriberState.ACTIVE]
        assert await store.ledger.claim(NOON, 9) == []
        (delivery,) = await store.every_delivery()
        assert delivery.state is DeliveryState.CANCELLED


async def test_killed_between_change_and_answer_there_is_neither(tmp_path: Path) -> None:
    """The insertion of the answer fails, as if the process had died before it."""
    async with stores("sqlite", tmp_path) as store:
        who = await store.join()
    by_hand(
        tmp_path,
        "CREATE TRIGGER die BEFORE INSERT ON delivery BEGIN SELECT RAISE(ABORT, 'died'); END",
    )
    given = Answer(who.id, Slot("a", date(2025, 9, 8)), (), "<a@x.org>", "<1@x>", NOON)
    changed = replace(who, rules=())
    async with open_database(tmp_path / "ledger.db") as database:
        store = on_sql(database)
        with pytest.raises(Exception, match="died"):
            await store.returns.answer(given, changed)
        assert await store.now(who) == who
    by_hand(tmp_path, "DROP TRIGGER die")
    async with stores("sqlite", tmp_path) as store:
        assert await store.returns.answer(given, changed) is True
        assert (await store.now(who)).rules == ()
