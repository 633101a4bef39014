"""An mbox that a mail server writes to meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postbox.test_postbox_contract import append, contents, mail
from worker.model import Refused
from worker.postbox.mbox import MboxPostbox


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mbox"


@pytest.fixture
def box(path: Path, tmp_path: Path) -> MboxPostbox:
    return MboxPostbox(path, tmp_path / "notes")


async def test_what_was_understood_leaves_and_the_rest_stays_byte_for_byte(
    path: Path, box: MboxPostbox
) -> None:
    odd = b"Subject: \xff\n\n>From here\nFrom there\n"
    for content in (mail(1), odd, mail(2)):
        append(path, content)
    kept = contents(path)[1]
    for found in await box.take(10):
        await box.done(found, understood=b"text" in found.mail.content)
    assert list(await box.take(10)) == []
    assert contents(path) == [kept]


async def test_nothing_is_remembered_of_what_is_gone(
    path: Path, box: MboxPostbox, tmp_path: Path
) -> None:
    append(path, mail(1))
    append(path, mail(2))
    one, two = await box.take(10)
    await box.done(one, understood=True)
    await box.done(two, understood=False)
    await box.take(10)
    assert len((tmp_path / "notes").read_text().splitlines()) == 1
    path.write_bytes(b"")
    await box.take(10)
    assert (tmp_path / "notes").read_text() == ""


async def test_the_same_bytes_twice_are_one_mail(path: Path, box: MboxPostbox) -> None:
    append(path, mail(1))
    append(path, mail(1))
    (found,) = await box.take(10)
    await box.done(found, understood=True)
    assert list(await box.take(10)) == []
    assert contents(path) == []


async def test_while_another_program_writes_nothing_is_touched(
    path: Path, box: MboxPostbox
) -> None:
    append(path, mail(1))
    before = path.read_bytes()
    script = "import mailbox, sys; mailbox.mbox(sys.argv[1]).lock(); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout
        writer.stdout.readline()
        with pytest.raises(Refused, match="another program has locked it") as refused:
            await box.take(10)
        writer.kill()
    assert refused.value.exit_code == os.EX_TEMPFAIL
    assert path.read_bytes() == before
    path.with_name("mbox.lock").unlink()
    assert len(await box.take(10)) == 1


async def test_mail_that_arrives_between_looking_and_doing_is_kept(
    path: Path, box: MboxPostbox
) -> None:
    append(path, mail(1))
    (found,) = await box.take(10)
    append(path, mail(2))
    await box.done(found, understood=True)
    append(path, mail(3))
    assert [each.mail.content for each in await box.take(10)] == [mail(2), mail(3)]
    assert contents(path) == [mail(2), mail(3)]


async def test_its_mode_stays_and_nothing_lies_about(path: Path, box: MboxPostbox) -> None:
    append(path, mail(1))
    path.chmod(0o640)
    (found,) = await box.take(10)
    await box.done(found, understood=True)
    await box.take(10)
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in path.parent.iterdir()) == ["mbox", "notes"]


@pytest.mark.parametrize("kind", ["folder", "notes"])
async def test_what_cannot_be_used_is_refused_for_now(
    path: Path, box: MboxPostbox, tmp_path: Path, kind: str
) -> None:
    if kind == "folder":
        path.mkdir()
    else:
        append(path, mail(1))
        (tmp_path / "notes").mkdir()
    with pytest.raises(Refused, match="this mbox cannot be used: Is a directory") as refused:
        await box.take(10)
    assert refused.value.exit_code == os.EX_TEMPFAIL
