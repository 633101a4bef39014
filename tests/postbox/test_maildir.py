"""A Maildir that other programs use too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.model import Refused
from worker.postbox.maildir import MaildirPostbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.glob("*/*"))


async def test_what_became_of_a_mail_is_in_its_name(folder: Path) -> None:
    (folder / "new/1.a").write_bytes(b"one")
    (folder / "cur/2.b:2,R").write_bytes(b"two")
    box = MaildirPostbox(folder)
    one, two = await box.take(10)
    await box.done(one, understood=True)
    await box.done(two, understood=False)
    assert names(folder) == ["cur/1.a:2,S", "cur/2.b:2,FRS"]


async def test_what_a_person_saw_or_is_to_see_is_left_alone(folder: Path) -> None:
    for name in ("cur/1.a:2,S", "cur/2.b:2,F", "cur/3.c:2,T", "new/.hidden", "tmp/4.d"):
        (folder / name).write_bytes(b"mail")
    before = names(folder)
    assert list(await MaildirPostbox(folder).take(10)) == []
    assert names(folder) == before


async def test_what_is_no_file_is_never_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "new/1.pipe")
    (folder / "new/2.folder").mkdir()
    (folder / "new/3.link").symlink_to("/etc/hostname")
    (folder / "new/4.mail").write_bytes(b"mail")
    assert [found.mail.content for found in await MaildirPostbox(folder).take(1)] == [b"mail"]


async def test_a_mail_that_another_program_moved_is_done_where_it_is(folder: Path) -> None:
    (folder / "new/1.a").write_bytes(b"one")
    box = MaildirPostbox(folder)
    (found,) = await box.take(10)
    (folder / "new/1.a").rename(folder / "cur/1.a:2,")
    await box.done(found, understood=True)
    assert names(folder) == ["cur/1.a:2,S"]


async def test_a_mail_of_an_odd_name_is_done_and_nothing_else_is_moved(folder: Path) -> None:
    (folder / "new/:2,").write_bytes(b"odd")
    (folder / "new/1.a").write_bytes(b"one")
    box = MaildirPostbox(folder)
    (_, odd) = await box.take(10)
    await box.done(odd, understood=True)
    assert names(folder) == ["cur/:2,S", "new/1.a"]


async def test_of_very_many_that_were_done_few_are_looked_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        (folder / f"cur/0.{number}:2,S").touch()
    (folder / "new/1.a").write_bytes(b"one")
    box = MaildirPostbox(folder)
    (found,) = await box.take(10)
    monkeypatch.delattr(os, "scandir")
    await box.done(found, understood=True)
    assert (folder / "cur/1.a:2,S").exists()


async def test_a_mail_that_is_gone_is_done(folder: Path) -> None:
    (folder / "new/1.a").write_bytes(b"one")
    box = MaildirPostbox(folder)
    (found,) = await box.take(10)
    (folder / "new/1.a").unlink()
    await box.done(found, understood=True)
    assert names(folder) == []


async def test_a_folder_that_is_no_maildir_is_refused_for_now(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="this Maildir cannot be used: No such file") as refused:
        await MaildirPostbox(tmp_path / "none").take(10)
    assert refused.value.exit_code == os.EX_TEMPFAIL


async def test_mails_are_given_in_the_order_of_their_names(folder: Path) -> None:
    for name in ("new/1757307609.c", "cur/1757307607.a:2,", "new/1757307608.b"):
        (folder / name).write_bytes(name.encode())
    marks = [found.mark for found in await MaildirPostbox(folder).take(2)]
    assert marks == ["1757307607.a", "1757307608.b"]
