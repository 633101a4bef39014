"""How far each fetch has come: one contract, on files and in memory."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.plain.fetches import PlainFetches
from worker.core.fetching import Progress
from worker.model import Refused
from worker.ports import Fetches
from worker.store.fetches import FolderFetches

DONE = Progress(
    "https://papers.example.org/",
    date(2025, 9, 9), date(2025, 9, 9), (date(2025, 9, 8),), '"e"', "then", 2,
    datetime(2025, 9, 9, 7, tzinfo=UTC), datetime(2025, 9, 9, 6, tzinfo=UTC), "500",
)  # fmt: skip


@pytest.fixture(params=["plain", "folder"])
def fetches(request: pytest.FixtureRequest, tmp_path: Path) -> Fetches:
    return PlainFetches() if request.param == "plain" else FolderFetches(tmp_path / "fetches")


async def test_a_fetch_never_made_has_come_nowhere(fetches: Fetches) -> None:
    assert await fetches.progress("hf") == Progress()


async def test_what_was_noted_is_known_under_its_name_only(fetches: Fetches) -> None:
    await fetches.note("hf", Progress())
    await fetches.note("hf", DONE)
    assert await fetches.progress("hf") == DONE
    assert await fetches.progress("arxiv") == Progress()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"failures": "many"}', b"\xff"])
async def test_a_damaged_file_is_refused_with_the_way_out(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "hf.json").write_bytes(damage)
    with pytest.raises(Refused, match="remove it to begin anew") as refused:
        await FolderFetches(tmp_path).progress("hf")
    assert refused.value.exit_code == os.EX_TEMPFAIL
