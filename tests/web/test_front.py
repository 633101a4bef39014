"""The front page."""

from __future__ import annotations

from pathlib import Path

from tests.web.served import served


async def test_the_front_page_is_there(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        answer = await site.client.get("/")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<h1>Get trending papers in your email inbox</h1>" in answer.text


async def test_its_style_is_too(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        answer = await site.client.get("/static/style.css")
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert answer.text.startswith("/*")
