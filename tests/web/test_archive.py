"""The archive by day, and the search of all that is kept."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.made import MONDAY, paper
from tests.web.browser import chromium, invalid, needs_axe, needs_chromium, needs_vnu, violations
from tests.web.hostile import ALL, CORPUS, literal
from tests.web.reading import take, take_in
from tests.web.scanner import scan
from tests.web.served import served
from tests.web.test_digest_page import headings
from tests.web.unchanged import unchanged
from worker.model import Paper

TUESDAY = MONDAY + timedelta(days=1)
PATHS = ("/archive", "/archive/2025-09-08", "/search", "/search?q=diffusion", "/search?q=(")


def rows(page: str) -> list[list[str]]:
    """The table, cell by cell."""
    found = re.findall("<tr>(.*?)</tr>", page, re.DOTALL)
    return [[re.sub("<[^>]*>", "", cell) for cell in re.findall("<t[dh].*?</t[dh]>", row)]
            for row in found]  # fmt: skip


def many(count: int, day: date = MONDAY) -> list[Paper]:
    return [paper(number, f"On flow {number}", day=day) for number in range(1, count + 1)]


# --- by day -----------------------------------------------------------------


async def test_each_day_is_there_with_what_was_listed_and_what_was_new(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08", "2025-09-09")
        page = (await site.client.get("/archive")).text
        assert rows(page) == [
            ["Day", "Listed", "New"],
            ["Tuesday, 9 September 2025", "20", "16"],
            ["Monday, 8 September 2025", "47", "47"],
        ]
        assert '<a href="/archive/2025-09-08">' in page
        assert "63 papers of 2 days are kept." in page


async def test_before_the_first_file_there_is_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        assert "No papers yet." in (await site.client.get("/archive")).text
        assert (await site.client.get("/archive/2025-09-08")).status_code == 404
        assert "<h2>No papers</h2>" in (await site.client.get("/search?q=*")).text


async def test_a_day_shows_the_papers_first_seen_on_it(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08", "2025-09-09")
        monday = await site.client.get("/archive/2025-09-08")
        tuesday = await site.client.get("/archive/2025-09-09")
        assert "<h1>Monday, 8 September 2025</h1>" in monday.text
        assert len(headings(monday.text)) == 47
        assert len(headings(tuesday.text)) == 16
        assert not set(headings(monday.text)) & set(headings(tuesday.text))
        assert monday.text.count('<a href="/archive/2025-09-09">Tuesday') == 2
        assert "/archive/2025-09-07" not in monday.text
        assert tuesday.text.count('<a href="/archive/2025-09-08">← Monday') == 2
        assert "20 listed · 16 new · 4 already seen" in tuesday.text


async def test_a_new_file_is_there_at_once(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take(site, paper(1))
        assert (await site.client.get("/archive/2025-09-09")).status_code == 404
        await take(site, paper(2, day=TUESDAY))
        assert (await site.client.get("/archive/2025-09-09")).status_code == 200


async def test_a_long_day_has_several_pages(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take(site, *many(205))
        pages = [
            (await site.client.get("/archive/2025-09-08", params={"page": page})).text
            for page in ("1", "2", "3", "4", "0", "-1", "x", "9" * 30)
        ]
        shown = [headings(page) for page in pages]
        assert [len(each) for each in shown] == [100, 100, 5, 5, 100, 100, 100, 100]
        assert [*shown[0], *shown[1], *shown[2]] == [f"On flow {n}" for n in range(1, 206)]
        assert '<a rel="next" href="?page=2">' in pages[0]
        assert '<a rel="prev" href="?page=2">' in pages[2]
        assert 'rel="next"' not in pages[2]


@pytest.mark.parametrize(
    "day",
    ["2025-09-10", "20250908", "2025-W37-1", "2025-9-8", "2025-02-30", "0000-00-00", "%00",
     "2025-09-08%0a", "٢٠٢٥-٠٩-٠٨", "<script>", "9" * 1500, "2025-09-08x", "-1"],
)  # fmt: skip
async def test_a_day_that_is_none_or_has_nothing_is_not_there(tmp_path: Path, day: str) -> None:
    async with served(tmp_path) as site:
        await take(site, paper(1))
        answer = await site.client.get(f"/archive/{day}")
        assert answer.status_code == 404
        assert "script>" not in answer.text


# --- search -----------------------------------------------------------------


async def test_what_is_found_is_marked_and_newest_first(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take(site, paper(1, "On flow", "Sheep."), paper(2, "On sheep", "They flow."))
        await take(site, paper(3, "Flows of water", day=TUESDAY), paper(4, "None", day=TUESDAY))
        page = await site.client.get("/search", params={"q": "flow -water OR water"})
        assert page.status_code == 200
        assert "<h2>3 papers, newest first</h2>" in page.text
        assert headings(page.text) == ["Flows of water", "On sheep", "On flow"]
        assert "They <mark>flow</mark>." in page.text
        assert 'value="flow -water OR water"' in page.text


async def test_the_search_speaks_the_language_of_rules(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08", "2025-09-09")
        for query, count in (("*", "63"), ("day:2025-09-09", "16"), ('"such words" -none', "No")):
            page = (await site.client.get("/search", params={"q": query})).text
            assert re.findall(r"<h2>(\w+) papers", page) == [count]


async def test_many_papers_have_many_pages(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take(site, *many(120))
        first, second, third = [
            (await site.client.get("/search", params={"q": '"flow" OR a&b', "page": page})).text
            for page in (1, 2, 3)
        ]
        assert [len(headings(each)) for each in (first, second, third)] == [50, 50, 20]
        assert headings(first)[0] == "On flow 120"
        ((after, _),) = re.findall('rel="next" href="([^"]+)">([^<]+)', first)
        assert after == "?q=%22flow%22%20OR%20a%26b&amp;page=2"
        assert (await site.client.get(f"/search{unescape(after)}")).text == second
        assert 'rel="next"' not in third


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("diffusion (video", "At character 11: the bracket is not closed."),
        ("-survey", "At character 1: "),
        ('"', "At character 1: "),
        ("x" * 257, "At character 257: it has at most 256 characters."),
        ("(" * 200, "At character "),
        ("/(a+)+$(/", "At character "),
        ("title:", "At character "),
    ],
)
async def test_a_query_that_cannot_be_read_is_told_where(
    tmp_path: Path, query: str, said: str
) -> None:
    async with served(tmp_path) as site:
        await take(site, paper(1))
        page = await site.client.get("/search", params={"q": query})
        assert page.status_code == 400
        (wrong,) = re.findall('<p class="wrong" id="q-wrong">([^<]*)</p>', page.text)
        assert unescape(wrong).startswith(said)
        assert 'aria-describedby="q-wrong q-hint" aria-invalid="true"' in page.text
        assert f'value="{literal(query)}"' in page.text


async def test_without_a_query_there_is_only_where_to_write_one(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        pages = [await site.client.get(f"/search{more}") for more in ("", "?q=", "?q=+++")]
        assert {each.status_code for each in pages} == {200}
        assert {each.content for each in pages} == {pages[0].content}
        assert "<h2>" not in pages[0].text


async def test_too_many_at_once_are_told_to_come_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.web.seats.PATIENCE", 0.05)
    async with served(tmp_path) as site:
        async with site.site.seats:
            answer = await site.client.get("/search?q=flow")
            assert answer.status_code == 503
        again = await asyncio.gather(*(site.client.get("/search?q=flow") for _ in range(3)))
        assert {each.status_code for each in again} <= {200, 503}
        assert (await site.client.get("/search?q=flow")).status_code == 200


# --- whatever is in them ----------------------------------------------------


async def test_whatever_papers_and_queries_say_is_shown_to_the_letter(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        evil = [replace(paper(n, text, ALL), authors=(text,)) for n, text in enumerate(CORPUS, 1)]
        await take(site, *evil)
        pages = [(await site.client.get("/archive/2025-09-08")).text]
        for text in CORPUS:
            quoted = (await site.client.get(f"/search?q={quote(text)}")).text
            assert f'value="{literal(text)}"' in quoted
            pages.append(quoted)
        assert all(literal(text) in pages[0] for text in CORPUS)
        for page in pages:
            assert not re.search("<(script|svg|iframe|textarea)", page)
            assert not re.search(r"<[^>]*\son\w+=", re.sub('value="[^"]*"', "", page))
            assert 'href="javascript' not in page


async def test_looking_and_posting_change_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08")
        async with unchanged(site.site.settings):
            for path in PATHS * 3:
                for method in ("GET", "HEAD", "OPTIONS", "POST"):
                    answer = await site.client.request(method, path)
                    fine = 400 if path.endswith("(") else 200
                    assert answer.status_code == (fine if method in ("GET", "HEAD") else 405)


@needs_chromium
@needs_axe
@needs_vnu
async def test_the_pages_are_in_order(tmp_path: Path) -> None:
    html = {}
    async with served(tmp_path, local=True) as site, chromium() as browser:
        await take_in(site, "2025-09-08", "2025-09-09")
        page = await browser.new_page(bypass_csp=True)
        for number, path in enumerate(PATHS):
            await page.goto(f"http://127.0.0.1:{site.port}{path}")
            assert await violations(page) == []
            html[str(number)] = (await site.client.get(path)).text
        async with unchanged(site.site.settings):
            assert set(await scan(site.port, PATHS)) == {200, 400}
    (tmp_path / "pages").mkdir()
    assert await invalid(html, tmp_path / "pages") == []
