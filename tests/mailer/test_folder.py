from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.deliveries import (
    Envelope,
)
from worker.mailer.folder import FolderMailer, file_name
from worker.outcomes import (
    Accepted,
    Unavailable,
)

any_text = st.text(st.characters(codec=None, exclude_categories=()))


def envelope(name: str, content: bytes = b"Subject: x\r\n\r\nx\r\n") -> Envelope:
    return Envelope("b@example.org", "ann@example.net", content, name)


async def test_the_file_has_the_name_of_the_envelope(tmp_path: Path) -> None:
    outcome = await FolderMailer(tmp_path).deliver(envelope("2025-09-08#47-ann"))
    assert outcome == Accepted("written to 2025-09-08#47-ann.eml")
    (file,) = tmp_path.iterdir()
    assert file.name == "2025-09-08#47-ann.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_the_same_name_again_is_the_same_file(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path)
    await mailer.deliver(envelope("a", b"old"))
    await mailer.deliver(envelope("a", b"new"))
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"new"]


async def test_messages_without_a_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path)
    for content in (b"one", b"two", b"one"):
        await mailer.deliver(envelope("", content))
    assert sorted(file.read_bytes() for file in tmp_path.iterdir()) == [b"one", b"two"]


@given(any_text)
def test_no_name_leaves_the_folder(name: str) -> None:
    file = file_name(envelope(name))
    assert Path(file).name == file
    assert file.isascii()
    assert file.isprintable()
    assert not file.startswith(".")
    assert file.endswith(".eml")
    assert len(file) <= 120


@given(any_text, any_text)
def test_different_names_are_different_files(one: str, other: str) -> None:
    assert (file_name(envelope(one)) == file_name(envelope(other))) == (one == other)


@pytest.mark.parametrize("name", ["..", "../x", "/etc/passwd", "a/b", "a\0b", "x" * 300])
async def test_a_hostile_name_stays_a_name(tmp_path: Path, name: str) -> None:
    assert isinstance(await FolderMailer(tmp_path / "out").deliver(envelope(name)), Accepted)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert len(list((tmp_path / "out").iterdir())) == 1


async def test_a_folder_that_cannot_be_written_is_nobodys_fault(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    outcome = await FolderMailer(tmp_path / "out").deliver(envelope("a"))
    assert isinstance(outcome, Unavailable)
    assert "File exists" in outcome.reply
