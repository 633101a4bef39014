"""Files put into the inbox by any number of hands."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from worker import letterbox


def test_writers_at_once_under_one_name_lose_nothing(tmp_path: Path) -> None:
    contents = [f"content {number}".encode() for number in range(200)]
    with ThreadPoolExecutor(8) as writers:
        paths = list(
            writers.map(lambda content: letterbox.put(tmp_path, "a.json", content), contents)
        )
    assert [path.read_bytes() for path in paths] == contents
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_a_file_can_be_read_by_a_daemon_that_is_somebody_else(tmp_path: Path) -> None:
    path = letterbox.put(tmp_path, "a.json", b"[]")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize("name", [".hidden", "a.part"])
def test_a_name_that_the_inbox_ignores_is_given_another(tmp_path: Path, name: str) -> None:
    path = letterbox.put(tmp_path, name, b"[]")
    assert path.name == f"handed-over-{name}.txt"
    assert path.read_bytes() == b"[]"


def test_a_name_as_long_as_names_can_be_is_no_obstacle(tmp_path: Path) -> None:
    names = {letterbox.put(tmp_path, "x" * 255, b"[]").name for _ in range(3)}
    assert len(names) == 3


def test_a_folder_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        letterbox.put(tmp_path / "gone", "a.json", b"[]")
