"""A digest in the browser: whole, its own reader's only, and by looking nothing changes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from tests.made import MONDAY, NOON, paper, pick
from tests.web.browser import chromium, invalid, needs_axe, needs_chromium, needs_vnu, violations
from tests.web.hostile import ALL, CORPUS, literal
from tests.web.reading import as_he_is, deliveries, join, links, plan, take, take_in
from tests.web.scanner import scan
from tests.web.served import Served, served
from tests.web.test_leaving import ONE_CLICK, broken
from tests.web.unchanged import unchanged
from worker.core.links import DIGEST_HOLDS
from worker.digests import Change, Mention, News, ReadFile, Receipt, Trend, Week
from worker.manner import Abstracts, Language, Manner, Order
from worker.model import PaperNumber, Rule, Subscriber, SubscriberState


async def planned(site: Served, who: Subscriber) -> str:
    """The link to his newest digest, which is planned first."""
    await site.opened.plan(site.clock)
    (*_, newest) = [each for each in await deliveries(site) if each.subscriber == who.id]
    return links(site).digest(newest.id, newest.epoch, newest.planned_at)


def headings(page: str) -> list[str]:
    return [unescape(re.sub("<[^>]*>", "", each)) for each in re.findall("<h3.*?</h3>", page)]


async def test_it_shows_each_paper_whole_under_its_rule(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        long = "flow " * 1900
        await take(site, paper(1, "On flow", f"{long}end"), paper(2, "On sheep", "Sheep flow."))
        who = await join(site, "sheep", "flow")
        page = await site.client.get(await planned(site, who))
        assert page.status_code == 200
        assert "<h1>Your digest, Monday, 8 September 2025</h1>" in page.text
        assert headings(page.text) == ["On sheep", "On flow"]
        assert '<h2 id="rule-1"><bdi>sheep</bdi></h2>' in page.text
        _, _, flow = page.text.partition('<a href="#rule-2"><bdi>flow</bdi></a></span>')
        assert re.search('<span class="many"><strong>([0-9]+)', flow)[1] == "1"  # type: ignore[index]
        assert page.text.count("<mark>flow</mark>") == 1900 + 2
        assert "end</p>" in page.text
        assert "2 for you</strong> · 2 listed on 8 September · 2 new · 0 already seen" in page.text


async def test_what_the_cap_kept_out_comes_after_it(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*", max_papers=12)
        await take_in(site, "2025-09-08")
        page = (await site.client.get(await planned(site, who))).text
        first, _, rest = page.partition("Also matched, over your cap")
        assert len(headings(first)) == 12
        assert len(headings(rest)) == 35
        assert "35 held over" in first
        assert "These are held over for your next digest" in rest
        assert len(set(headings(page))) == 47


async def test_what_is_over_the_cap_by_far_has_pages_of_its_own(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*", max_papers=2)
        await take(site, *(paper(n) for n in range(1, 223)))
        path = await planned(site, who)
        pages = [
            (await site.client.get(path, params={"page": page})).text
            for page in ("1", "2", "3", "4", "x")
        ]
        shown = [headings(page) for page in pages]
        assert [len(each) for each in shown] == [102, 100, 20, 20, 102]
        assert [*shown[0], *shown[1], *shown[2]] == [f"Paper {n}" for n in range(1, 223)]
        assert '<a rel="next" href="?page=2">' in pages[0]
        assert "Page 3 of 3: more of what matched" in pages[2]
        assert "Nothing matched" not in pages[2]
        assert "<title>Your digest, Monday, 8 September 2025, page 3 ·" in pages[2]


async def test_what_nots_left_out_is_listed_with_the_words_that_did(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow -survey")
        papers = [paper(n, f"Flow, a survey of {n}") for n in range(1, 105)]
        papers += [paper(105, "Flow"), paper(106, "A flow", "It surveys flows.")]
        removed = tuple(pick(n, "flow -survey") for n in (106, *range(1, 105)))
        receipt = Receipt(106, 106, 0, 1, removed=300)
        path = await plan(
            site, who, papers, picks=(pick(105, "flow -survey"),), removed=removed, receipt=receipt
        )
        page = (await site.client.get(path)).text
        first, _, out = page.partition('<h2 id="removed">Left out by your NOT</h2>')
        assert headings(first) == ["Flow"]
        assert headings(out) == ["A flow", *(f"Flow, a survey of {n}" for n in range(1, 100))]
        assert '<a href="#removed">Left out by your NOT</a>' in first
        assert "The first 105 of 300 are kept." in out
        assert "It <mark>surveys</mark> flows." in out
        assert "Flow, a <mark>survey</mark> of 1" in out
        flow = '<bdi>flow <span class="unbroken">-survey</span></bdi>'
        assert f"left out by {flow}, NOT <bdi>survey</bdi>" in out
        assert "<dt>removed by your NOT</dt><dd>300</dd>" in out
        second = (await site.client.get(path, params={"removed": "2"})).text
        assert headings(second) == [f"Flow, a survey of {n}" for n in range(100, 105)]
        assert "Page 2 of 2: more of what your NOT left out." in second
        assert "Receipt" not in second
        assert "Nothing matched" not in second


async def test_it_has_the_receipt_the_trends_the_week_and_the_news(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow", "sheep")
        papers = [paper(1, "Flow"), paper(2, "Had before")]
        file = ReadFile("2025-09-08.txt", MONDAY, NOON)
        trends = (
            Trend("flow", MONDAY, (0, 0, 0, 0, 0, 4, 2)),
            Trend("sheep", MONDAY, (0, 0, 0, 0, 0, 0, 1)),
        )
        news = Mention(News.TOOK_OFF, PaperNumber(2), 1, MONDAY, MONDAY, upvotes=40, before=3)
        path = await plan(
            site, who, papers, picks=(pick(1, "flow"),), trends=trends, mentions=(news,),
            receipt=Receipt(3, 2, 1, 1, days=(MONDAY,), files=(file,), read=2),
            week=Week((Change("flow", 4, 1),), (Change("sheep", 1, 3),), (("qubit", 5),)),
        )  # fmt: skip
        page = unescape((await site.client.get(path)).text)
        assert "<strong>Up</strong> <bdi>flow</bdi>: 4 this week, 1 the week before" in page
        assert "<strong>Down</strong> <bdi>sheep</bdi>: 1 this week" in page
        assert "<bdi>qubit</bdi> (5\xa0papers)" in page
        assert 'aria-label="Papers a day, the last 7 days: 0, 0, 0, 0, 0, 4, 2"' in page
        assert page.count("<rect ") == 3
        assert "has 40 upvotes now, 3 when you got it on 8 September." in page
        assert "<dt>listed on 8 September</dt><dd>3</dd>" in page
        assert "<bdi>2025-09-08.txt</bdi> of 8 September, at 12:00 UTC; and 1 more." in page


async def test_abstracts_are_whole_however_he_wants_them_in_his_mail(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        assert await site.opened.subscribers.change(
            replace(who, manner=Manner(abstracts=Abstracts.NONE, order=Order.UPVOTES))
        )
        await take(site, paper(1, "On flow", "All of it."))
        page = (await site.client.get(await planned(site, who))).text
        assert "All of it." in page
        assert "Rule: <bdi>*</bdi>" in page


async def test_a_digest_without_a_paper_says_so(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, '"no such thing"')
        broken_rule = replace(who, rules=(*who.rules, Rule("odd", "(")))
        assert await site.opened.subscribers.change(broken_rule)
        await take(site, paper(1))
        page = (await site.client.get(await planned(site, who))).text
        assert "Nothing matched your rules this time." in page
        assert "Your rule “odd” can no longer be read" in page


async def test_its_links_hold_for_as_long_as_those_of_the_mail(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        await take(site, paper(1))
        path, then = await planned(site, who), site.clock.at
        site.clock.at = NOON + DIGEST_HOLDS / 2
        page = (await site.client.get(path)).text
        its = links(site)
        his = its.preferences(who.uid, who.epoch, then)
        assert f'href="{his}"' in page
        assert (await site.client.get(his)).status_code == 404
        assert f'href="{its.unsubscribe(who.uid)}"' in page
        assert f'href="{its.feed(who.uid, who.epoch)}.atom"' in page
        assert f'href="{its.feed(who.uid, who.epoch)}.json"' in page
        assert who.address not in page


async def test_the_papers_are_there_when_the_log_has_let_go_of_them(tmp_path: Path) -> None:
    async with served(tmp_path, "[store]\nwindow_days = 1\n") as site:
        who = await join(site, "*", max_papers=1)
        await take(site, paper(1), paper(2))
        path = await planned(site, who)
        site.clock.at += timedelta(days=2)
        await take(site, paper(3))
        assert [each.number for each in await site.opened.papers.papers(PaperNumber(0))] == [3]
        assert headings((await site.client.get(path)).text) == ["Paper 1", "Paper 2"]


async def test_days_are_in_his_language(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        german = replace(who, manner=Manner(Language.DE))
        assert await site.opened.subscribers.change(german)
        await take(site, paper(1))
        page = (await site.client.get(await planned(site, who))).text
        assert '<span lang="de">Montag, 8. September 2025</span></h1>' in page
        assert '<span lang="de">8. September</span> ·' in page


async def test_its_links_begin_where_the_site_does(tmp_path: Path) -> None:
    async with served(tmp_path, base_url="https://papers.example.org/round") as site:
        who = await join(site, "*")
        await take(site, paper(1))
        page = await site.client.get("/round" + await planned(site, who))
        assert page.headers["cache-control"] == "no-store"
        local = [each for each in re.findall('href="([^"]*)"', page.text) if each[0] == "/"]
        assert len(local) > 6
        assert all(each.startswith("/round/") for each in local)
        (feed,) = [each for each in local if each.endswith(".json")]
        said = (await site.client.get(feed)).json()
        assert said["feed_url"] == f"https://papers.example.org{feed}"
        leave = await site.client.post(f"/round{links(site).unsubscribe(who.uid)}", data=ONE_CLICK)
        assert 'href="/round/">Subscribe again' in leave.text


# --- whose it is ------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(set(SubscriberState) - {SubscriberState.ACTIVE}))
async def test_who_left_or_was_erased_has_no_digests(
    tmp_path: Path, state: SubscriberState
) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        await take(site, paper(1))
        path = await planned(site, who)
        now = await as_he_is(site, who)
        assert await site.opened.subscribers.change(replace(now, state=state))
        status = 200 if state is SubscriberState.UNLISTED else 404
        assert (await site.client.get(path)).status_code == status
        assert await site.opened.suppressions.erase(who.address, NOON)
        assert (await site.client.get(path)).status_code == 404


async def test_links_that_are_none_or_no_more_lead_to_one_page(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        one = await join(site, "*")
        other = await join(site, "*", address="r2@example.org", number=2)
        await take(site, paper(1))
        path = await planned(site, one)
        first, second = await deliveries(site)
        its = links(site)
        bad = [
            its.digest(first.id, first.epoch + 1, NOON),
            its.digest(99, first.epoch, NOON),
            its.digest(second.id, second.epoch, NOON).replace("/d/", "/d/x"),
            its.preferences(one.uid, one.epoch, NOON).replace("/p/", "/d/"),
            its.unsubscribe(other.uid).replace("/u/", "/d/"),
            its.digest(first.id, first.epoch, NOON - DIGEST_HOLDS),
            "/d/",
            "/d/a/b%0a",
        ]
        bad += [
            f"/d/{text}" for text in [*broken(path.removeprefix("/d/"))][::5] if ".." not in text
        ]
        async with unchanged(site.site.settings):
            answers = [await site.client.get(each) for each in bad]
        assert {each.status_code for each in answers} == {404}
        assert len({each.content for each in answers}) == 1
        now = await as_he_is(site, one)
        assert await site.opened.subscribers.change(replace(now, epoch=now.epoch + 1))
        assert (await site.client.get(path)).content == answers[0].content


# --- looking ----------------------------------------------------------------


@needs_chromium
async def test_looking_changes_nothing_in_whatever_way(tmp_path: Path) -> None:
    async with served(tmp_path, local=True) as site:
        who = await join(site, "*", max_papers=5)
        await take_in(site, "2025-09-08")
        path = await planned(site, who)
        async with unchanged(site.site.settings):
            for method in ("GET", "HEAD", "OPTIONS", "POST") * 3:
                answer = await site.client.request(method, path)
                assert answer.status_code == (200 if method in ("GET", "HEAD") else 405)
            assert set(await scan(site.port, [path])) == {200}


async def test_whatever_papers_and_rules_say_is_shown_to_the_letter(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        evil = [replace(paper(n, text, ALL), authors=(text,)) for n, text in enumerate(CORPUS, 1)]
        rules = tuple(Rule(text, "*") for text in CORPUS)
        who = await join(site, "*", max_papers=4)
        assert await site.opened.subscribers.change(replace(who, rules=rules))
        await take(site, *evil)
        page = (await site.client.get(await planned(site, who))).text
        for text in CORPUS:
            assert page.count(literal(text)) > 3, text
        assert ALL in unescape(re.sub("</?mark>", "", page))
        drawn = page.replace('<svg class="spark"', "")
        assert not re.search("<(script|svg|iframe|textarea)", drawn)
        assert re.findall("<img [^>]*>", page) == [_ICON]
        assert not re.search(r"<[^>]*\son\w+=", page)
        assert 'href="javascript' not in page
        assert "49" not in re.sub("[0-9a-zA-Z_-]{30,}", "", page)


_ICON = '<img src="/static/icon.svg" alt="" width="22" height="22">'


@needs_vnu
async def test_vnu_finds_nothing_wrong(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "diffusion", "*", max_papers=12)
        await take_in(site, "2025-09-08")
        html = (await site.client.get(await planned(site, who))).text
    (tmp_path / "pages").mkdir()
    assert await invalid({"digest": html}, tmp_path / "pages") == []


@needs_chromium
@needs_axe
async def test_axe_finds_nothing_wrong(tmp_path: Path) -> None:
    async with served(tmp_path, local=True) as site, chromium() as browser:
        who = await join(site, "diffusion", "*", max_papers=12)
        await take_in(site, "2025-09-08")
        path = await planned(site, who)
        page = await browser.new_page(bypass_csp=True)
        await page.goto(f"http://127.0.0.1:{site.port}{path}")
        assert await violations(page) == []
