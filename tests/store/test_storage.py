"""The file under TinyDB: its text, its generations, its lock, and all that it refuses."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import TinyDB, where
from tinydb.table import Table

from tests.store.days import intake, paper, take_in_day
from worker.manner import Relation
from worker.model import Cursor, PaperNumber, Refused
from worker.sightings import Sighting
from worker.store.papers_tinydb import TinyPaperLog
from worker.store.storage import AtomicStorage, Tables, parse, serialise


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of three days, and its three generations, closed."""
    path = tmp_path / "papers.json"
    with closing(opened(path, create=True)) as log:
        for _ in range(3):
            asyncio.run(one_day(log))
    return path


@pytest.fixture
def loose_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def opened(path: Path, *, create: bool = False, read_only: bool = False) -> TinyPaperLog:
    return TinyPaperLog.open(path, new_id="log", create=create, read_only=read_only)


async def one_day(log: TinyPaperLog) -> Cursor:
    await take_in_day(log, 1)
    return await log.end()


def days_of(path: Path) -> int:
    with closing(opened(path, read_only=True)) as log:
        return asyncio.run(log.end()).intake


def generation(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def refusal(path: Path, **how: bool) -> Refused:
    with pytest.raises(Refused) as refused:
        opened(path, **how)
    assert "\n" not in str(refused.value)
    return refused.value


def content_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


# --- the text ---------------------------------------------------------------


def test_the_file_is_json_with_a_line_for_each_document(path: Path) -> None:
    lines = path.read_text().splitlines()
    tables = json.loads(path.read_text())
    assert list(tables) == ["log", "intakes", "seen", "papers", "sha256"]
    assert '"1": {"id":"log","schema":1}' in lines
    assert '"2": {"number":2,"keys":["arxiv:2509.00002","title:paper2"]},' in lines
    assert len([line for line in lines if line[:3] in ('"1"', '"2"', '"3"')]) == 1 + 3 * 3


def test_a_table_of_a_later_version_is_left_as_it_is_by_an_older_one(path: Path) -> None:
    """So sightings are kept in a table of their own, and the schema is still the first one."""
    later = {"1": {"number": 1, "of": "something"}}
    path.write_bytes(serialise({**parse(path.read_bytes()), "later": later}))
    with closing(opened(path)) as log:
        asyncio.run(one_day(log))
    assert parse(path.read_bytes())["later"] == later
    with closing(opened(path)) as log:
        assert asyncio.run(log.end()).intake == 4


def test_sightings_have_a_line_for_each_file(path: Path) -> None:
    sighting = Sighting(4, PaperNumber(1), Relation.CROSS, date(2025, 9, 9), 7)
    with closing(opened(path)) as log:
        asyncio.run(log.take_in(intake(4, 3), [], {}, sightings=[sighting]))
    line = (
        '"4": {"number":4,"sightings":[{"intake":4,"paper":1,"relation":"cross",'
        '"day":"2025-09-09","upvotes":7,"before":null}]}'
    )
    assert line in path.read_text().splitlines()


TEXT = st.text(st.characters(codec="utf-8"), max_size=5)
DOCUMENT = st.dictionaries(TEXT, st.none() | st.integers(0, 9) | TEXT | st.lists(TEXT, max_size=2))
TABLES = st.dictionaries(
    st.text("tables\n", min_size=1, max_size=5),
    st.dictionaries(st.integers(1, 99).map(str), DOCUMENT, max_size=2),
    max_size=3,
)


@settings(deadline=None)
@given(tables=TABLES)
def test_what_is_serialised_is_parsed_again(tables: Tables) -> None:
    assert parse(serialise(tables)) == tables
    assert json.loads(serialise(tables)).keys() == {*tables, "sha256"}


def test_what_json_cannot_hold_touches_no_file(path: Path) -> None:
    before = content_of(path.parent)
    with closing(opened(path)) as log:
        with pytest.raises(ValueError):
            asyncio.run(log.take_in(intake(4, 4, 1), [paper(4, ["title:\udcff"])], {}))
        assert content_of(path.parent) == before
        assert asyncio.run(one_day(log)).intake == 4


def test_only_the_owner_may_read_it_whatever_the_umask(tmp_path: Path, loose_umask: None) -> None:
    with closing(opened(tmp_path / "papers.json", create=True)) as log:
        asyncio.run(one_day(log))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["papers.json", "papers.json.1", "papers.json.lock"], 0o600)


# --- one write, and generations ---------------------------------------------


def test_what_the_tables_are_told_in_one_write_is_written_once(tmp_path: Path) -> None:
    storage = AtomicStorage(tmp_path / "t.json", create=True)
    database = TinyDB(storage=lambda: storage)
    with closing(storage), storage.one_write():
        database.table("a").insert({"n": 1})
        database.table("b").insert_multiple([{"n": 2}, {"n": 3}])
        database.table("b").update({"m": 4}, where("n") == 3)
        assert len(database.table("b")) == 2
        assert not (tmp_path / "t.json").exists()
    assert parse((tmp_path / "t.json").read_bytes()) == {
        "a": {"1": {"n": 1}},
        "b": {"1": {"n": 2}, "2": {"n": 3, "m": 4}},
    }
    assert not generation(tmp_path / "t.json", 1).exists()


def interrupted(storage: AtomicStorage, table: Table) -> None:
    with storage.one_write():
        table.update({"n": 2})
        table.insert({"n": 3})
        raise KeyError


def test_an_exception_inside_one_write_discards_all_of_it(tmp_path: Path) -> None:
    storage = AtomicStorage(tmp_path / "t.json", create=True)
    table = TinyDB(storage=lambda: storage).table("a")
    with closing(storage):
        table.insert({"n": 1, "list": []})
        before = content_of(tmp_path)
        with pytest.raises(KeyError):
            interrupted(storage, table)
        assert content_of(tmp_path) == before
        assert table.all() == [{"n": 1, "list": []}]


def test_three_generations_are_kept_the_newest_first(path: Path) -> None:
    assert days_of(path) == 3
    assert [days_of(generation(path, number)) for number in (1, 2, 3)] == [2, 1, 0]

    with closing(opened(path)) as log:
        asyncio.run(one_day(log))

    assert [days_of(generation(path, number)) for number in (1, 2, 3)] == [3, 2, 1]
    assert not generation(path, 4).exists()


@pytest.mark.parametrize("renamed", [[2], [2, 1]])
def test_killed_among_the_renames_the_next_write_loses_no_generation(
    path: Path, renamed: list[int]
) -> None:
    for number in renamed:
        os.replace(generation(path, number), generation(path, number + 1))

    with closing(opened(path)) as log:
        asyncio.run(one_day(log))

    assert [days_of(generation(path, number)) for number in (1, 2, 3)] == [3, 2, 1]


def test_killed_after_the_link_the_next_write_keeps_no_state_twice(path: Path) -> None:
    generation(path, 1).unlink()
    os.link(path, generation(path, 1))

    with closing(opened(path)) as log:
        asyncio.run(one_day(log))

    assert [days_of(generation(path, number)) for number in (1, 2, 3)] == [3, 1, 0]


@pytest.mark.parametrize("left_over", [b"", b"{", b"\x00" * 5000])
def test_what_a_crash_left_in_the_temporary_file_does_not_matter(
    path: Path, left_over: bytes
) -> None:  # F15
    (path.parent / ".papers.json.tmp").write_bytes(left_over)
    with closing(opened(path)) as log:
        assert asyncio.run(one_day(log)).intake == 4
    assert days_of(path) == 4
    assert not (path.parent / ".papers.json.tmp").exists()


# --- refusals ---------------------------------------------------------------


def go_back(refused: Refused) -> None:
    """Run the command that the refusal names."""
    command = str(refused).partition("run: ")[2]
    subprocess.run(shlex.split(command), check=True)


def test_an_empty_file_is_never_an_empty_log(path: Path) -> None:  # F17
    path.write_bytes(b"")
    for how in ({"create": True}, {"create": False}, {"read_only": True}):
        refused = refusal(path, **how)
        assert "it is empty" in str(refused)
        assert refused.exit_code == os.EX_DATAERR
    assert path.read_bytes() == b""

    go_back(refused)

    assert days_of(path) == 2


def test_a_file_cut_short_anywhere_is_refused(path: Path) -> None:  # F15
    whole = path.read_bytes()
    for size in range(len(whole)):
        with pytest.raises(ValueError):
            parse(whole[:size])
    for size in range(0, len(whole), 99):
        path.write_bytes(whole[:size])
        assert "the newest good generation is papers.json.1" in str(refusal(path, read_only=True))
    go_back(refusal(path))
    assert days_of(path) == 2


def test_a_bit_flipped_anywhere_is_refused(path: Path) -> None:  # F16
    whole = bytearray(path.read_bytes())
    for place in range(len(whole)):
        for bit in range(8):
            whole[place] ^= 1 << bit
            with pytest.raises(ValueError):
                parse(bytes(whole))
            whole[place] ^= 1 << bit
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)
    before = content_of(path.parent)
    assert "does not match the checksum" in str(refusal(path, create=True))
    assert content_of(path.parent) == before


@given(junk=st.binary(max_size=40), glue=st.booleans())
@settings(deadline=None)
def test_anything_else_is_not_mistaken_for_a_log(junk: bytes, glue: bool) -> None:
    with pytest.raises(ValueError):
        parse(serialise({"a": {}}) + junk if glue and junk else junk)


def test_a_sealed_file_that_is_no_json_is_refused_too() -> None:
    body = b"{ no json "
    seal = serialise({}).replace(
        sha256(b"{\n").hexdigest().encode(), sha256(body).hexdigest().encode()
    )
    with pytest.raises(ValueError):
        parse(body + seal.removeprefix(b"{\n"))


def test_a_broken_generation_is_passed_over_for_an_older_whole_one(path: Path) -> None:
    path.write_bytes(b"")
    generation(path, 1).write_bytes(b"{")
    refused = refusal(path)
    assert "the newest good generation is papers.json.2" in str(refused)
    go_back(refused)
    assert days_of(path) == 1


def test_without_a_whole_generation_a_backup_is_what_is_left(path: Path) -> None:
    for file in (path, *(generation(path, number) for number in (1, 2, 3))):
        file.write_bytes(b"{")
    assert "restore it from a backup" in str(refusal(path))


def test_the_way_back_works_for_a_path_with_spaces_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / "it's a folder" / "-papers.json"
    path.parent.mkdir()
    with closing(opened(path, create=True)) as log:
        asyncio.run(one_day(log))
    path.write_bytes(b"")
    go_back(refusal(path))
    assert days_of(path) == 0


@pytest.mark.parametrize("how", [{"create": True}, {"create": False}, {"read_only": True}])
def test_a_missing_file_beside_its_generations_is_refused(
    path: Path, how: dict[str, bool]
) -> None:  # F17
    path.unlink()
    refused = refusal(path, **how)
    assert "it is missing" in str(refused)
    assert refused.exit_code == os.EX_DATAERR
    go_back(refused)
    assert days_of(path) == 2


def test_a_missing_file_that_never_had_a_generation_is_remembered_by_its_lock(
    tmp_path: Path,
) -> None:
    path = tmp_path / "papers.json"
    opened(path, create=True).close()
    path.unlink()
    assert "remove it and papers.json.lock" in str(refusal(path, create=True))
    (tmp_path / "papers.json.lock").unlink()
    opened(path, create=True).close()


def test_a_log_is_made_only_when_told_to(tmp_path: Path) -> None:
    path = tmp_path / "papers.json"
    assert refusal(path).exit_code == os.EX_NOINPUT
    assert refusal(path, read_only=True).exit_code == os.EX_NOINPUT
    assert not path.exists()
    opened(path, create=True).close()
    assert days_of(path) == 0


def test_opening_again_keeps_the_id_of_the_log(path: Path) -> None:
    with closing(TinyPaperLog.open(path, new_id="another", create=True)) as log:
        assert asyncio.run(log.id()) == "log"


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ({"log": {"1": {"id": "log", "schema": 2}}}, "schema 2"),
        ({"log": {"1": {"id": "log"}}}, "not a paper log"),
        ({"log": {}}, "not a paper log"),
        ({"other": {"1": {"a": 1}}}, "not a paper log"),
        ({"log": {"1": {"id": "log", "schema": 1}}, "seen": {"1": {"keys": 7}}}, "not a paper log"),
    ],
)
def test_a_file_of_a_later_version_or_of_something_else_is_refused(
    tmp_path: Path, tables: Tables, why: str
) -> None:  # F18
    path = tmp_path / "papers.json"
    path.write_bytes(serialise(tables))
    for how in ({"create": True}, {"read_only": True}):
        refused = refusal(path, **how)
        assert why in str(refused)
        assert refused.exit_code == os.EX_DATAERR
    path.write_bytes(serialise({"log": {"1": {"id": "log", "schema": 1}}}))
    opened(path).close()  # the refusals let go of the lock


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no" / "papers.json", create=True).exit_code == os.EX_IOERR


@pytest.mark.parametrize("how", [{"create": True}, {"read_only": True}])
def test_a_name_that_no_disk_can_hold_is_refused(tmp_path: Path, how: dict[str, bool]) -> None:
    assert refusal(tmp_path / ("x" * 300), **how).exit_code == os.EX_IOERR


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "papers.json").mkdir()
    assert refusal(tmp_path / "papers.json").exit_code == os.EX_IOERR


# --- one writer, many readers -----------------------------------------------


def test_a_second_writer_is_refused_and_the_first_goes_on(path: Path) -> None:
    with closing(opened(path)) as first:
        refused = refusal(path)
        assert refused.exit_code == os.EX_TEMPFAIL
        assert "another paperround is using" in str(refused)
        assert asyncio.run(one_day(first)).intake == 4
    opened(path).close()


def test_a_reader_needs_no_lock_and_sees_each_day_as_it_is_taken_in(path: Path) -> None:
    with closing(opened(path)) as writer, closing(opened(path, read_only=True)) as reader:
        for _ in range(5):
            assert asyncio.run(one_day(writer)) == asyncio.run(reader.end())


def test_a_reader_does_not_write(path: Path) -> None:
    before = content_of(path.parent)
    with closing(opened(path, read_only=True)) as reader, pytest.raises(Refused):
        asyncio.run(one_day(reader))
    assert content_of(path.parent) == before


def test_a_reader_says_so_when_the_file_breaks_or_goes_away(path: Path) -> None:
    with closing(opened(path, read_only=True)) as reader:
        path.write_bytes(b"{")
        with pytest.raises(Refused, match="checksum"):
            asyncio.run(reader.end())
        path.unlink()
        with pytest.raises(Refused, match="missing"):
            asyncio.run(reader.end())


def replaced(path: Path) -> None:
    generation(path, 1).rename(path)


def rewritten(path: Path) -> None:
    path.write_bytes(generation(path, 1).read_bytes())


def deleted(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [replaced, rewritten, deleted])
def test_a_writer_does_not_write_over_what_another_hand_has_put_there(
    path: Path, change: Callable[[Path], None]
) -> None:
    with closing(opened(path)) as writer:
        change(path)
        before = content_of(path.parent)
        for _ in range(2):
            with pytest.raises(Refused):
                asyncio.run(one_day(writer))
        assert content_of(path.parent) == before


def test_a_failed_write_is_the_last_of_that_writer(path: Path) -> None:  # F11
    in_the_way = path.parent / ".papers.json.tmp"
    with closing(opened(path)) as writer:
        in_the_way.mkdir()
        with pytest.raises(Refused) as first:
            asyncio.run(one_day(writer))
        assert first.value.exit_code == os.EX_IOERR
        in_the_way.rmdir()
        with pytest.raises(Refused) as second:
            asyncio.run(one_day(writer))
        assert second.value is first.value
    assert days_of(path) == 3
    with closing(opened(path)) as writer:
        assert asyncio.run(one_day(writer)).intake == 4


def test_a_link_to_the_file_is_followed_and_stays(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.json"
    link.parent.mkdir()
    link.symlink_to(path)
    with closing(opened(link)) as log:
        asyncio.run(one_day(log))
        assert refusal(path).exit_code == os.EX_TEMPFAIL
    assert link.is_symlink()
    assert days_of(path) == 4
