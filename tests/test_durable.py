"""Files that are made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker import durable


def test_a_new_file_is_its_owners_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "new"
    assert durable.write_new(path, b"one")
    assert path.read_bytes() == b"one"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("there", ["file", "folder", "dangling link"])
def test_nothing_is_written_over_what_is_there(tmp_path: Path, there: str) -> None:
    path = tmp_path / "new"
    match there:
        case "file":
            path.write_bytes(b"mine")
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to("nowhere")
    before = path.lstat()
    assert not durable.write_new(path, b"other")
    assert path.lstat().st_ino == before.st_ino
    assert not path.is_file() or path.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [path]
