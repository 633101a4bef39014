"""Rules that would take too long to try: no page says of them that they catch nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.web.owners import page_of, preview
from tests.web.reading import join, take_in
from tests.web.served import served
from tests.web.visitors import subscribe
from worker.core.difference import difference
from worker.core.trial import trial
from worker.web import advised, preferences, trying


@pytest.fixture(autouse=True)
def _little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "WORK", 0)
    monkeypatch.setattr(advised, "trial", partial(trial, work=0))
    monkeypatch.setattr(preferences, "difference", partial(difference, work=0))


async def test_a_stranger_is_told_that_they_were_not_tried(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08")
        page = (await subscribe(site, "/try", rules="/ga+te/")).text
        assert "would take too long to try here" in page
        assert "No papers" not in page
        assert "caught nothing" not in page


async def test_their_owner_is_told_so_beside_them_and_where_he_compares(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08")
        who = await join(site, "/ga+te/")
        page = (await site.client.get(page_of(site, who))).text
        assert "It would take too long to try it here." in page
        assert "0 papers" not in page
        page = (await preview(site, who, rules="/ga+tes/")).text
        assert "2 of the rules would take too long to try beside the others" in page
