"""Rules tried before anybody subscribes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.made import paper
from tests.web.filled import form_of
from tests.web.reading import take, take_in
from tests.web.served import Served, served
from tests.web.unchanged import unchanged
from tests.web.visitors import ADA, READ_IN, asks, subscribe
from worker.web import seats, trying
from worker.web.site import QUEUE, SEATS_OF_STRANGERS


async def tried(site: Served, rules: str) -> str:
    """The page that shows what these rules would have caught."""
    answer = await subscribe(site, "/try", address="", rules=rules)
    assert answer.status_code == 200
    return answer.text


async def test_what_they_would_have_caught_is_shown_rule_by_rule(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08", "2025-09-09")
        page = await tried(site, "Operators = neural operator -turbulent\nspectral\nopertor")
        assert "<h1>What these rules would have caught</h1>" in page
        assert "of 63 papers</strong> of the last 2 days" in page
        assert '<h2 id="rule-1"><bdi>Operators</bdi></h2>' in page
        assert "<code>neural operator -turbulent</code>" in page
        assert "left out" in page
        assert '<h2 id="rule-2"><bdi>spectral</bdi></h2>' in page
        assert "<mark>Spectral</mark>" in page
        assert "did you mean “operator”" in page


async def test_weeks_are_bars_with_their_numbers(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        for number, back in enumerate((28, 15, 8, 7, 0), start=1):
            day = date(2025, 9, 30) - timedelta(days=back)
            await take(site, paper(number, "Diffusion", day=day))
        page = await tried(site, "diffusion")
        label = (
            "Papers in the week from 2 Sep: 1 (1 day), 3 Sep: 0, 10 Sep: 1, 17 Sep: 2, 24 Sep: 1"
        )
        assert f'aria-label="{label}"' in page
        assert page.count("<rect") == 5
        assert "<strong>5 of 5 papers</strong> of the last 29 days, about 1 a week." in page


async def test_the_form_stands_below_ready_to_be_sent(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08")
        page = (
            await subscribe(site, "/try", **ADA, frequency="weekly", weekday="fri", at="16:00")
        ).text
        form = form_of(page, "/subscribe")
        assert form.fields["rules"] == ADA["rules"]
        assert form.fields["address"] == ADA["address"]
        site.clock.at += READ_IN
        await site.client.post("/subscribe", data=form.fields)
        (ask,) = await asks(site)
        assert ask.wanted
        assert [rule.query for rule in ask.wanted.rules] == [ADA["rules"]]


async def test_only_the_rules_matter(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        answer = await subscribe(
            site, "/try", rules="a b", address="x", at="99:99", timezone="Mars"
        )
        assert answer.status_code == 200
        assert 'value="Mars"' in answer.text
        answer = await subscribe(site, "/try", rules="(", at="99:99")
        assert answer.status_code == 422
        assert 'id="rules-wrong">Line 1, position 2: ' in answer.text
        assert 'id="at-wrong"' not in answer.text
        assert (await site.client.post("/try")).status_code == 422


async def test_without_any_paper_they_are_read_all_the_same(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        page = await tried(site, "diffusion")
        assert "No papers have come in yet" in page


async def test_ten_rules_are_tried_and_the_others_named_as_left_out(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08")
        page = await tried(site, "\n".join(f"word{number}" for number in range(12)))
        assert "The last 2 rules were not tried: here it is 10 at a time." in page
        assert page.count('<h2 id="rule-') == 10


async def test_a_rule_that_would_take_too_long_is_said_to_be_untried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "WORK", 0)
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08")
        page = await tried(site, "/diffusion/")
        assert "would take too long to try here" in page
        assert "0 papers</strong>, " not in page


async def test_what_papers_say_is_only_ever_text(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        hostile = "<script>alert(1)</script> diffusion {{7*7}}"
        await take(site, replace(paper(1, hostile, hostile), authors=('"><img src=x>',)))
        page = await tried(site, 'diffusion\n"<b>x" OR alert')
        assert "<script" not in page
        assert "<b>" not in page
        assert "<img src=x" not in page
        assert "<mark>diffusion</mark> {{7*7}}" in page


async def test_trying_changes_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await take_in(site, "2025-09-08")
        async with unchanged(site.opened.settings):
            await tried(site, "diffusion\n*\n-x y")
        assert site.woken == []


async def test_who_comes_while_others_take_long_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "PATIENCE", 0.01)
    async with served(tmp_path) as site:
        for _ in range(SEATS_OF_STRANGERS):
            await site.site.seats.acquire()
        answers = await asyncio.gather(*(subscribe(site, "/try", **ADA) for _ in range(3)))
        assert [answer.status_code for answer in answers] == [503, 503, 503]
        assert "<h1>Not just now</h1>" in answers[0].text
        for _ in range(SEATS_OF_STRANGERS):
            site.site.seats.release()
        await tried(site, "diffusion")


async def test_nobody_waits_for_the_rest_after_his_own_form_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "PATIENCE", 1.0)
    monkeypatch.setattr(seats, "REST", 1_000_000)
    async with served(tmp_path) as site:
        await tried(site, "diffusion")


async def test_who_comes_to_a_crowd_is_told_at_once(tmp_path: Path) -> None:
    """Each who waits has a connection, and there are not so many of these."""
    async with served(tmp_path) as site:
        for _ in range(SEATS_OF_STRANGERS):
            await site.site.seats.acquire()
        waiting = [asyncio.create_task(subscribe(site, "/try", **ADA)) for _ in range(QUEUE)]
        while site.site.seats.waiting < QUEUE:
            await asyncio.sleep(0)
        async with asyncio.timeout(seats.PATIENCE / 2):
            answer = await site.client.post("/try", json={"rules": "not even read"})
        assert answer.status_code == 503
        for _ in range(SEATS_OF_STRANGERS):
            site.site.seats.release()
        assert {(await each).status_code for each in waiting} <= {200, 503}


async def test_a_seat_rests_after_it_was_worked_at(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await seats.seated(site.site, lambda: time.sleep(0.05))
        assert site.site.seats._value == SEATS_OF_STRANGERS - 1
        async with asyncio.timeout(10):
            for _ in range(SEATS_OF_STRANGERS):
                await site.site.seats.acquire()
