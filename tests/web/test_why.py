"""Why somebody got a paper, or not, in the browser: by looking nothing changes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from tests.made import MONDAY, NOON, paper, pick
from tests.web.owners import made, page_of
from tests.web.reading import as_he_is, deliveries, join, links, plan, take
from tests.web.served import Served, served
from tests.web.test_leaving import broken
from tests.web.unchanged import unchanged
from worker.core.clean import TITLE_LIMIT
from worker.core.links import DIGEST_HOLDS
from worker.digests import Receipt
from worker.model import Subscriber, SubscriberState


async def asked(site: Served, who: Subscriber, paper: str) -> str:
    """What the page says, its markup and marks taken off."""
    answer = await site.client.get(f"{page_of(site, who)}/why", params={"paper": paper})
    assert answer.status_code == 200
    return unescape(re.sub("<[^>]*>", "", answer.text.partition("<main")[2]))


async def test_the_way_to_it_is_on_his_page_and_on_that_of_a_digest(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        path = await plan(site, who, [paper(1, "Flow")], picks=(pick(1, "flow"),))
        for page in (page_of(site, who), path):
            shown = (await site.client.get(page)).text
            assert f'<form method="get" action="{page}/why">' in shown
            assert shown.count("Why did I get this, or not?") == (2 if page == path else 1)
            empty = await site.client.get(f"{page}/why")
            assert empty.status_code == 200
            assert "what your rules say of it, and what became of it" in empty.text
            assert f'<a href="{page}">Back to ' in empty.text


async def test_what_was_sent_is_explained_by_the_rules_of_then(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow", "sheep")
        await take(site, paper(1, "Flow matching", "All of the flow."))
        await site.opened.plan(site.clock)
        now = await as_he_is(site, who)
        assert await site.opened.subscribers.change(replace(now, rules=now.rules[1:]))
        said = await asked(site, who, "flow matching")
        assert "First listed on Monday, 8 September 2025." in said
        assert "the digest of Monday, 8 September 2025, which waits for its turn." in said
        assert "flow as it was then" in said
        assert "Said yes, because of flow." in said
        assert "No, it has no sheep." in said
        page = (await site.client.get(f"{page_of(site, who)}/why", params={"paper": "1"})).text
        assert "<mark>Flow</mark> matching" in page
        assert "All of the <mark>flow</mark>." in page


async def test_a_rule_with_a_weight_is_told_of_once(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "++flow")
        await take(site, paper(1, "Flow matching"))
        await site.opened.plan(site.clock)
        said = await asked(site, who, "1")
        assert "Said yes, because of flow." in said
        assert "Yes, because of flow." not in said
        assert "as it was then" not in said


async def test_what_was_over_the_cap_or_left_out_leads_to_its_place_on_the_page(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow -survey")
        papers = [paper(n, f"Flow survey {n}") for n in range(1, 203)]
        removed = tuple(pick(n, "flow -survey") for n in range(1, 102))
        rest = tuple(pick(n, "flow") for n in range(102, 203))
        await take(site, *papers)
        path = await plan(site, who, papers, rest=rest, removed=removed, receipt=Receipt())
        for number, place in ((101, "removed=2#removed"), (1, "removed=1#removed"),
                              (202, "page=2#rest")):  # fmt: skip
            answer = await site.client.get(f"{page_of(site, who)}/why?paper={number}")
            assert f'<a href="{path}?{place}">Monday, 8 September 2025</a>' in answer.text
        said = await asked(site, who, "101")
        assert "by a NOT, and no other rule caught it." in said
        assert "left out by the NOT of “flow -survey”" in said
        assert "No, left out by its NOT: survey." in said


async def test_several_papers_are_offered_and_none_is_said_so(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await take(site, *(paper(n, f"On flow {n}") for n in range(1, 13)), paper(13, "Sheep"))
        page = await site.client.get(f"{page_of(site, who)}/why", params={"paper": "on flow"})
        assert "12 papers have these words: which one?" in page.text
        assert f'<a href="{page_of(site, who)}/why?paper=12">On flow 12</a>' in page.text
        assert "These are the newest 10" in page.text
        near = await asked(site, who, "on sheep")
        assert "Never listed here; these are nearest" in near
        assert "Never listed here" in await asked(site, who, "2509.01234")
        assert "As your rules are now, it comes then" in await asked(site, who, "flow 3")


async def test_a_paper_is_found_by_its_id_when_the_log_has_let_go_of_it(tmp_path: Path) -> None:
    async with served(tmp_path, "[store]\nwindow_days = 1\n") as site:
        who = await join(site, "flow")
        old = replace(paper(1, "Old"), keys=("arxiv:2509.01234",))
        assert await site.opened.subscribers.change(replace(who, state=SubscriberState.REMOVED))
        await take(site, old)
        site.clock.at += timedelta(days=3)
        await take(site, paper(2, "New", day=MONDAY + timedelta(days=3)))
        now = await as_he_is(site, who)
        assert await site.opened.subscribers.change(replace(now, state=SubscriberState.ACTIVE))
        said = await asked(site, who, "arXiv:2509.01234v2")
        assert "Paper 1" in said
        assert "its text is no longer kept, so what the rules say of it cannot be told." in said
        assert "Never listed here" in await asked(site, who, "Old")


async def test_a_digest_is_asked_about_for_as_long_as_its_page_is_there(tmp_path: Path) -> None:
    async with served(tmp_path, "[store]\nwindow_days = 1\n") as site:
        who = await join(site, "flow")
        passed = replace(paper(1, "Sheep"), keys=("arxiv:2509.01234",))
        await take(site, passed, paper(2, "Flow"))
        old = await plan(site, who, [paper(2, "Flow")], picks=(pick(2, "flow"),))
        site.clock.at += timedelta(days=200)
        day = MONDAY + timedelta(days=200)
        await take(site, later := paper(3, "Flow again", day=day))
        new = await plan(site, await as_he_is(site, who), [later], picks=(pick(3, "flow"),))
        answer = await site.client.get(f"{old}/why", params={"paper": "flo"})
        assert f'<a href="{old}/why?paper=2">Flow</a>' in answer.text
        answer = await site.client.get(f"{old}/why", params={"paper": "2"})
        assert "is in the digest of Monday, 8 September 2025" in answer.text
        assert "Said yes, because of flow." in answer.text
        assert f'<a href="{old}">Monday, 8 September 2025</a>' in answer.text
        answer = await site.client.get(f"{old}/why", params={"paper": "2509.01234"})
        assert "its text is no longer kept, so what the rules say of it" in answer.text
        assert "no rule of yours caught it then" in answer.text
        site.clock.at = NOON + DIGEST_HOLDS
        assert (await site.client.get(f"{old}/why")).status_code == 404
        assert (await site.client.get(f"{new}/why")).status_code == 200


async def test_from_the_page_of_a_digest_nothing_leads_to_what_can_be_changed(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        for number in (1, 2):
            await take(site, paper(number, f"Flow {number}"))
            await site.opened.plan(site.clock)
        first, second = [
            links(site).digest(each.id, each.epoch, each.planned_at)
            for each in await deliveries(site)
        ]
        his = (await site.client.get(f"{page_of(site, who)}/why?paper=1")).text
        assert f'<a href="{second}">' in his
        shown = (await site.client.get(f"{first}/why?paper=2")).text
        assert "Flow 2" in shown
        assert second not in shown
        assert "/p/" not in shown


async def test_of_a_digest_only_its_reader_of_now_may_ask(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await take(site, paper(1, "Flow"))
        await site.opened.plan(site.clock)
        (one,) = await deliveries(site)
        path = links(site).digest(one.id, one.epoch, one.planned_at)
        bad = [links(site).digest(one.id, one.epoch + 1, one.planned_at),
               page_of(site, who).replace("/p/", "/d/"), path.replace("/d/", "/p/"),
               *(f"/d/{each}" for each in list(broken(path.removeprefix("/d/")))[::9])]  # fmt: skip
        async with unchanged(site.site.settings):
            answers = [await site.client.get(f"{each}/why?paper=1") for each in bad]
            assert {each.status_code for each in answers} == {404}
            assert len({each.content for each in answers}) == 1
            assert (await site.client.post(f"{path}/why?paper=1")).status_code == 405
        for change in ({"epoch": 1}, {"state": SubscriberState.UNSUBSCRIBED}):
            now = replace(await as_he_is(site, who), epoch=0, state=SubscriberState.ACTIVE)
            assert await site.opened.subscribers.change(replace(now, **change))
            assert (await site.client.get(f"{path}/why?paper=1")).content == answers[0].content


async def test_authors_that_cleaning_only_counted_are_counted_as_in_a_digest(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        names = tuple(f"Name {n}" for n in range(9))
        await take(site, replace(paper(1, "Flow"), authors=(*names, "and 4,991 more")))
        assert "Name 4, Name 5 and 4994 more" in await asked(site, who, "1")


async def test_who_left_is_told_so_and_of_others_nothing_is_said(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await take(site, paper(1, "Flow"))
        path = page_of(site, who).removeprefix("/p/")
        other = links(site).unsubscribe(who.uid).removeprefix("/u/")
        bad = [other, made(site, who.uid, NOON, 0).removeprefix("/p/"),
               made(site, 7, NOON + timedelta(days=1)).removeprefix("/p/"),
               *list(broken(path))[::7]]  # fmt: skip
        async with unchanged(site.site.settings):
            answers = [
                await site.client.get(f"/p/{each}/why", params={"paper": "1"}) for each in bad
            ]
            assert {each.status_code for each in answers} == {404}
            assert len({each.content for each in answers}) == 1
            for method in ("GET", "HEAD", "OPTIONS", "POST"):
                answer = await site.client.request(method, f"/p/{path}/why?paper=1")
                assert (answer.status_code == 200) == (method in ("GET", "HEAD"))
        left = replace(await as_he_is(site, who), state=SubscriberState.UNSUBSCRIBED)
        assert await site.opened.subscribers.change(left)
        gone = await site.client.get(f"/p/{path}/why", params={"paper": "1"})
        assert "unsubscribed" in gone.text
        assert "Flow" not in gone.text


@pytest.mark.parametrize("wanted", ["x" * 5000, "\x00\n\t", "%", "#0", "9" * 40, "“</main>”"])
async def test_whatever_is_asked_is_answered(tmp_path: Path, wanted: str) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await take(site, paper(1, "Flow"))
        page = await site.client.get(f"{page_of(site, who)}/why", params={"paper": wanted})
        assert page.status_code == 200
        assert "x" * (TITLE_LIMIT + 1) not in page.text
        assert page.text.count("</main>") == 1


async def test_it_takes_a_seat_of_those_for_readers(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await take(site, paper(1, "Flow"))
        site.site.kept_seats.waiting = 100
        for _ in range(2):
            await site.site.kept_seats.acquire()
        why = f"{page_of(site, who)}/why"
        assert (await site.client.get(why, params={"paper": "1"})).status_code == 503
        assert (await site.client.get(why)).status_code == 200
        for _ in range(2):
            site.site.kept_seats.release()
        assert (await site.client.get(why, params={"paper": "1"})).status_code == 200
