"""The front page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.made import paper
from tests.web.reading import take, take_in
from tests.web.served import served
from tests.web.unchanged import unchanged
from tests.web.visitors import opened_form


async def test_the_front_page_says_what_it_is_and_has_the_form(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        answer = await site.client.get("/")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text.count("<h1>Get trending papers in your email inbox</h1>") == 1
        assert "No daily file has come in yet." in answer.text
        form = await opened_form(site)
        assert form.fields == {
            "form": form.fields["form"], "website": "", "address": "", "rules": "",
            "frequency": "daily", "weekday": "mon", "monthday": "1", "at": "08:00",
            "timezone": "UTC", "when_empty": "skip", "max_papers": "100", "language": "en",
            "abstracts": "full", "order": "rules",
        }  # fmt: skip


async def test_its_style_is_there_too(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        answer = await site.client.get("/static/style.css")
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert answer.text.startswith("/*")


async def test_it_shows_ten_papers_of_the_newest_day(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08")
        page = (await site.client.get("/")).text
        assert "The papers of Monday, 8 September 2025" in page
        assert page.count('<h3 dir="auto">') == 10
        assert '<a href="/archive/2025-09-08">All 47 papers of that day</a>' in page
        await take_in(site, "2025-09-09")
        page = (await site.client.get("/")).text
        assert "The papers of Tuesday, 9 September 2025" in page
        assert '<a href="/archive/2025-09-09">All 16 papers of that day</a>' in page


async def test_a_day_of_few_papers_has_them_all_with_their_authors(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        first = replace(paper(1, "One"), authors=("Ada L.", "Grace H."), url="https://x.org/1")
        await take(site, first, paper(2, "Two", day=date(2025, 9, 8)))
        page = (await site.client.get("/")).text
        assert '<a href="https://x.org/1">One</a>' in page
        assert "Ada L., Grace H." in page
        assert '<a href="/archive/2025-09-08">That day in the archive</a>' in page


async def test_what_a_paper_is_called_is_only_ever_text(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        hostile = replace(
            paper(1, "<script>alert(1)</script> {{7*7}}"), authors=('"><img src=x onerror=1>',)
        )
        await take(site, hostile)
        page = (await site.client.get("/")).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in page
        assert "<script" not in page
        assert "<img src=x" not in page


async def test_the_form_begins_with_what_the_operator_finds_usual(tmp_path: Path) -> None:
    more = 'timezone = "Europe/Vienna"\n[digest]\nmax_papers = 30\nwhen_empty = "say so"\n'
    async with served(tmp_path, more) as site:
        fields = (await opened_form(site)).fields
        assert fields["timezone"] == "Europe/Vienna"
        assert fields["max_papers"] == "30"
        assert fields["when_empty"] == "say so"


async def test_it_needs_no_script_and_nothing_from_elsewhere(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        for path in ("/", "/link", "/privacy"):
            page = (await site.client.get(path)).text
            assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", page)
            found = re.findall(r'(?:src|href|action|formaction)="([^"]*)"', page)
            assert all(each.startswith(("/", "#")) for each in found), found
            assert page.count("<h1") == 1
            assert 'lang="en"' in page


async def test_looking_changes_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08")
        async with unchanged(site.opened.settings):
            for _ in range(3):
                for path in ("/", "/link", "/privacy"):
                    shown = await site.client.get(path)
                    head = await site.client.head(path)
                    assert (shown.status_code, head.status_code) == (200, 200)
                    assert head.content == b""
                assert (await site.client.get("/subscribe")).status_code == 405
                assert (await site.client.get("/try")).status_code == 405
        assert site.woken == []
