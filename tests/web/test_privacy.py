"""What is kept, and who runs the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.served import served
from worker.web.privacy import runs_it


async def test_it_says_what_is_kept_and_for_how_long(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        answer = await site.client.get("/privacy")
        assert answer.status_code == 200
        assert "192.0.2.0/24, never your whole IP address</dt><dd>30 days." in answer.text
        assert "nobody confirmed</dt><dd>48 hours." in answer.text
        assert "mailto:" not in answer.text, "an address of the example is nobody's"


@pytest.mark.parametrize(
    ("reply_to", "named"),
    [
        ("editor@example.org", ""),
        ("editor@papers.example.org", ""),
        ("editor@anexample.org", "editor@anexample.org"),
        ("editor@lab.edu", "editor@lab.edu"),
    ],
)
def test_it_names_who_runs_it_once_that_is_somebody(reply_to: str, named: str) -> None:
    assert runs_it(reply_to) == named
