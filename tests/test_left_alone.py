"""What the site's process keeps for long is not searched again and again for what may be let go."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import SetClock
from worker.cli.frontdesk import FrontDesk, left_alone
from worker.config.settings import read_settings
from worker.config.web import Listen
from worker.opening import opened


@pytest.fixture(autouse=True)
def searched_again() -> Iterator[None]:
    """What these tests leave alone is not left alone in others."""
    yield
    gc.unfreeze()


class Ring:
    """Holds itself: nothing but a search lets it go."""

    def __init__(self) -> None:
        self.itself = self


def searched_for() -> int:
    """How many are looked at in a search."""
    return len(gc.get_objects())


def test_what_is_there_is_searched_once_more_and_then_left_alone() -> None:
    ring = weakref.ref(Ring())
    left_alone()
    assert ring() is None
    assert searched_for() < 1000 < gc.get_freeze_count()


def test_what_was_left_alone_is_let_go_the_next_time() -> None:
    kept = Ring()
    ring = weakref.ref(kept)
    left_alone()
    del kept
    gc.collect()
    assert ring() is not None
    left_alone()
    assert ring() is None


async def test_the_site_leaves_its_index_alone_once_it_is_made(tmp_path: Path) -> None:
    config = tmp_path / "paperround.toml"
    config.write_text('[mail]\nfrom = "papers@example.org"\n')
    settings = read_settings(config, {}, tmp_path / "data")
    desk = FrontDesk(Listen("127.0.0.1", 0))
    try:
        async with opened(settings, None, SetClock()) as stores:
            desk.go_by(stores, SetClock())
            site = desk._site._desk.guard._inside.state.site  # type: ignore[union-attr]  # it is there
            gc.unfreeze()
            site.shelf.on_indexed()
            assert gc.get_freeze_count() > 1000
    finally:
        desk.close()
