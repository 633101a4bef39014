"""Somebody's preferences: shown, tried, saved (B63, B68, B75, B77-B79)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from tests.made import MONDAY, NOON, paper
from tests.web.filled import form_of
from tests.web.owners import form, made, page_of, preview, save
from tests.web.reading import as_he_is, deliveries, join, links, take
from tests.web.served import Served, served
from tests.web.unchanged import unchanged
from worker.core.due import parse_schedule
from worker.core.tokens import CONFIRM, DIGEST, FEED, FORM, OPERATOR, REPLY, UNSUBSCRIBE, token
from worker.deliveries import DeliveryId, DeliveryState, Settlement
from worker.manner import Abstracts, Language, Manner, Order, Relation
from worker.model import Cursor, PaperNumber, Rule, Subscriber, SubscriberState, WhenEmpty
from worker.web import seats
from worker.web.site import SEATS, SEATS_OF_STRANGERS

HELD = "2999-01-01"


async def daily(site: Served, *queries: str, number: int = 1) -> Subscriber:
    """Somebody who is mailed every day at eight."""
    return await join(
        site, *queries, schedule="daily 08:00", number=number, address=f"r{number}@example.org"
    )


async def put(site: Served, who: Subscriber) -> Subscriber:
    """Him as given, written down."""
    changed = await site.opened.subscribers.change(who)
    assert changed
    return changed


# --- shown ------------------------------------------------------------------


async def test_the_page_says_at_its_top_how_it_is_and_when_the_next_digest_comes(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        page = await site.client.get(page_of(site, who))
        assert page.status_code == 200
        assert "<h1>Your preferences</h1>" in page.text
        assert "A digest comes every day at 08:00 (Europe/Vienna)." in page.text
        assert "The next one is due now." in page.text
        await put(site, replace(who, last_slot=MONDAY))
        page = await site.client.get(page_of(site, who))
        assert "The next one: Tuesday, 9 September 2025, 08:00." in page.text


async def test_the_address_is_shown_masked_only(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow", address="nobody-else@example.org")
        page = await site.client.get(page_of(site, who))
        assert "n…@example.org" in page.text
        assert "nobody-else" not in page.text


async def test_beside_each_rule_stands_what_it_catches_and_what_to_know(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow", "flwo")
        await take(site, paper(1, "On flow"), paper(2, "On flow and more"), paper(3, "On gates"))
        page = (await site.client.get(page_of(site, who))).text
        assert '<code>flow</code> <span class="soft">2 papers on the last day</span>' in page
        assert "<code>flwo</code>\n" in page, "what it catches is said once, below"
        assert "It caught nothing" in page
        assert "did you mean “flow”" in page


async def test_his_page_is_there_however_many_try_their_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "PATIENCE", 0.01)
    async with served(tmp_path) as site:
        await take(site, paper(1, "On flow"))
        who = await daily(site, "flow")
        for _ in range(SEATS_OF_STRANGERS):
            await site.site.seats.acquire()
        page = await site.client.get(page_of(site, who))
        assert 'id="advised"' in page.text, "strangers are not in the way of readers"
        for _ in range(SEATS):
            await site.site.kept_seats.acquire()
        page = await site.client.get(page_of(site, who))
        assert page.status_code == 200
        assert 'id="advised"' not in page.text
        turned = await preview(site, who, rules="gate")
        assert turned.status_code == 503


async def test_his_digests_are_listed_with_their_pages(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        for number in range(1, 13):
            await take(site, paper(number, f"On flow {number}", day=MONDAY))
            await site.opened.plan(site.clock)
            for one in await site.opened.ledger.claim(site.clock.now(), 10):
                await _sent(site, one.id)
            site.clock.at += timedelta(days=1)
        page = (await site.client.get(page_of(site, await as_he_is(site, who)))).text
        shown = re.findall(r'<li><a href="(/d/[^"]+)">([^<]+)</a>', page)
        assert len(shown) == 10
        assert shown[0][1] == "Friday, 19 September 2025"
        newest = (await deliveries(site))[-1]
        assert shown[0][0] == links(site).digest(newest.id, who.epoch, newest.planned_at)


async def test_of_a_digest_it_tells_what_was_mailed_and_what_was_over_the_cap(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow", max_papers=1)
        await take(site, *(paper(number, f"On flow {number}") for number in (1, 2, 3)))
        await site.opened.plan(site.clock)
        page = (await site.client.get(page_of(site, who))).text
        assert "1 paper, 2 over your cap · waits to be sent" in page


async def test_how_rules_are_written_is_told_where_they_are_changed(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        page = (await site.client.get(page_of(site, await join(site, "flow")))).text
        assert '<a href="#language-of-rules">How rules are written</a>' in page
        assert '<details id="language-of-rules">' in page


async def _sent(site: Served, delivery: int) -> None:
    await site.opened.ledger.settle(
        [
            Settlement(
                DeliveryId(delivery), DeliveryState.SENT, None, 1, 0, "250 ok", site.clock.now()
            )
        ]
    )


async def test_what_is_on_its_way_already_is_said(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await take(site, paper(1, "On flow"))
        await site.opened.plan(site.clock)
        page = (await site.client.get(page_of(site, who))).text
        assert "One mail is on the way already and comes as it was made." in page


async def test_looking_changes_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await take(site, paper(1, "On flow"))
        await site.opened.plan(site.clock)
        page = page_of(site, who)
        async with unchanged(site.site.settings):
            for _ in range(3):
                for method in ("GET", "HEAD", "OPTIONS"):
                    await site.client.request(method, page)
                    await site.client.request(method, f"{page}/export.json")
                    for action in ("pause", "weekly", "move", "links", "erase", "leave"):
                        answer = await site.client.request(method, f"{page}/{action}")
                        assert answer.status_code == (405 if method == "OPTIONS" else 200)
            shown = await site.client.get(page)
        assert shown.status_code == 200


# --- saved ------------------------------------------------------------------


async def test_the_form_as_it_stands_changes_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow", "gate -survey")
        done = await save(site, who)
        assert done.status_code == 200
        assert "It is as you want it already." in done.text
        assert await as_he_is(site, who) == who


async def test_every_field_is_saved_and_said(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        done = await save(
            site, who, rules="gates = gate*\ncat:cs.CV", frequency="weekly", weekday="fri",
            at="16:30", timezone="Asia/Tokyo", when_empty="say so", max_papers="7",
            language="de", plain="on", abstracts="none", order="upvotes", replaced="on",
        )  # fmt: skip
        assert done.status_code == 200
        assert "<h1>Saved</h1>" in done.text
        assert "2 rules added, 1 removed." in done.text
        assert "Abstracts: titles only." in done.text
        assert "Told of papers that you had: new versions." in done.text
        assert "A digest comes every Friday at 16:30." in done.text
        assert "The next one: Friday, 12 September 2025, 16:30." in done.text
        assert await as_he_is(site, who) == replace(
            who,
            rules=(Rule("gates", "gate*"), Rule("cat:cs.CV", "cat:cs.CV")),
            schedule=parse_schedule("weekly fri 16:30"),
            timezone="Asia/Tokyo",
            when_empty=WhenEmpty.SAY_SO,
            max_papers=7,
            manner=Manner(
                Language.DE,
                plain=True,
                abstracts=Abstracts.NONE,
                order=Order.UPVOTES,
                related=frozenset({Relation.REPLACED}),
            ),
            version=who.version + 1,
        )


async def test_the_next_digest_follows_what_was_saved(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await save(site, who, rules="gate*")
        await take(site, paper(1, "On flow"), paper(2, "On gates"))
        await site.opened.plan(site.clock)
        (digest,) = await deliveries(site)
        assert [each.paper for each in digest.digest.picks] == [2]
        assert [each.rules[0].query for each in digest.digest.picks] == ["gate*"]


async def test_it_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        who = await put(
            site,
            replace(
                who, cursor=Cursor(PaperNumber(0), 0), last_slot=date(2025, 9, 7), epoch=3,
                paused_until=date(2025, 9, 20),
            ),
        )  # fmt: skip
        await save(site, who, frequency="monthly", monthday="31", rules="gate")
        after = await as_he_is(site, who)
        assert after.schedule == parse_schedule("monthly 31 08:00")
        kept = ("cursor", "held_over", "last_slot", "epoch", "paused_until", "address", "uid")
        assert [getattr(after, name) for name in kept] == [getattr(who, name) for name in kept]


async def test_papers_that_were_held_over_still_come(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow", max_papers=1)
        await take(site, paper(1, "On flow"), paper(2, "On more flow"))
        await site.opened.plan(site.clock)
        held = (await as_he_is(site, who)).held_over
        await save(site, who, rules="gate")
        assert (await as_he_is(site, who)).held_over == held != ()


async def test_saving_twice_is_saving_once(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        filled = await form(site, who)
        sent = {**filled.fields, "rules": "gate", "action": "save"}
        first = await site.client.post(filled.action, data=sent)
        again = await site.client.post(filled.action, data=sent)
        assert (first.status_code, again.status_code) == (200, 200)
        assert (await as_he_is(site, who)).version == who.version + 1


async def test_fields_that_are_none_of_its_form_are_not_looked_at(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who, other = await daily(site, "flow"), await daily(site, "gate", number=2)
        done = await save(
            site, who, rules="beam", status="pending", state="removed", confirmed="1",
            is_admin="1", id=str(other.id), uid=str(other.uid), subscriber=str(other.id),
            address="else@example.org", email="else@example.org", cursor_paper="0",
            last_slot="2030-01-01", epoch="9", version="0", from_file="1", paused_until=HELD,
        )  # fmt: skip
        assert done.status_code == 200
        assert await as_he_is(site, other) == other
        assert await as_he_is(site, who) == replace(
            who, rules=(Rule("beam", "beam"),), version=who.version + 1
        )


# --- two at once ------------------------------------------------------------


async def test_who_saves_what_another_page_changed_meanwhile_is_told_and_keeps_his_edit(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        filled = await form(site, who)
        await save(site, who, rules="beam")
        late = {**filled.fields, "rules": "gate", "max_papers": "9", "action": "save"}
        refused = await site.client.post(filled.action, data=late)
        assert refused.status_code == 409
        assert "changed meanwhile" in refused.text
        assert "<li>beam</li>" in refused.text
        assert ">\ngate</textarea>" in refused.text
        assert (await as_he_is(site, who)).rules == (Rule("beam", "beam"),)
        once_more = form_of(refused.text, filled.action)
        done = await site.client.post(once_more.action, data={**once_more.fields, "action": "save"})
        assert done.status_code == 200
        after = await as_he_is(site, who)
        assert (after.rules, after.max_papers) == ((Rule("gate", "gate"),), 9)


async def test_a_digest_that_is_planned_meanwhile_is_nothing_against_it(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        filled = await form(site, who)
        await take(site, paper(1, "On flow"))
        await site.opened.plan(site.clock)
        planned = await as_he_is(site, who)
        assert planned.version > who.version
        done = await site.client.post(
            filled.action, data={**filled.fields, "rules": "gate", "action": "save"}
        )
        assert done.status_code == 200
        assert await as_he_is(site, who) == replace(
            planned, rules=(Rule("gate", "gate"),), version=planned.version + 1
        )


async def test_of_two_who_save_at_the_same_time_one_is_told(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        filled = await form(site, who)

        async def saved(rules: str) -> int:
            sent = {**filled.fields, "rules": rules, "action": "save"}
            return (await site.client.post(filled.action, data=sent)).status_code

        codes = await asyncio.gather(*(saved(f"gate{number}") for number in range(8)))
        assert sorted(codes) == [200] + [409] * 7
        assert (await as_he_is(site, who)).version == who.version + 1


async def test_without_what_he_was_shown_nothing_is_saved(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        page = page_of(site, who)
        for seen in ({}, {"seen": ""}, {"seen": "0" * 16}):
            sent = {"rules": "gate", "action": "save", **seen}
            assert (await site.client.post(page, data=sent)).status_code == 409
        assert await as_he_is(site, who) == who


# --- tried ------------------------------------------------------------------


async def test_what_would_change_is_shown_and_nothing_is_saved(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        await take(site, paper(1, "On flow"), paper(2, "On a gate"), paper(3, "A second gate"))
        async with unchanged(site.site.settings):
            page = await preview(site, who, rules="gate", frequency="weekly", weekday="sun")
        assert page.status_code == 200
        assert "<strong>+2 / −1</strong>" in page.text
        added, lost = page.text.split("These would have come")[1].split("These would not")
        assert "A second <mark>gate</mark>" in added
        assert "· gate</span>" in added
        assert "On <mark>flow</mark>" in lost.partition("</section>")[0]
        assert "A digest comes every Sunday at 08:00." in page.text
        shown = form_of(page.text, page_of(site, who))
        assert shown.fields["rules"] == "gate"
        assert shown.fields["frequency"] == "weekly"
        done = await site.client.post(shown.action, data={**shown.fields, "action": "save"})
        assert "<h1>Saved</h1>" in done.text


async def test_the_same_papers_are_said_to_be_the_same(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        await take(site, paper(1, "On flow"))
        page = await preview(site, who, rules="flow*")
        assert "The same 1 paper would have come on the last day." in page.text


async def test_without_papers_there_is_nothing_to_compare_on(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        page = await preview(site, await daily(site, "flow"), rules="gate")
        assert "There are no papers yet to compare on." in page.text


async def test_a_wrong_form_is_not_tried(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        page = await preview(site, await daily(site, "flow"), rules="((")
        assert page.status_code == 422


# --- what cannot be taken ---------------------------------------------------

WRONG = [
    ("timezone", "../../etc/passwd"), ("timezone", "Mars/X"), ("timezone", "GMT+25"),
    ("timezone", ""), ("language", "xx"), ("language", "a" * 10_000), ("at", "24:00"),
    ("at", "-1:00"), ("at", ""), ("monthday", "30 Feb"), ("monthday", "32"), ("monthday", "0"),
    ("weekday", "feb"), ("frequency", "hourly"), ("max_papers", "0"), ("max_papers", "101"),
    ("max_papers", "-1"), ("max_papers", "1e9"), ("when_empty", "maybe"), ("rules", ""),
    ("rules", "(" * 1000), ("rules", '"open'), ("rules", "x" * 300), ("rules", "*\n" * 60),
]  # fmt: skip
NEEDS = {"monthday": "monthly", "weekday": "weekly"}


@pytest.mark.parametrize(("name", "value"), WRONG)
async def test_what_cannot_be_taken_is_said_at_its_field_and_nothing_is_saved(
    tmp_path: Path, name: str, value: str
) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        frequency = {"frequency": NEEDS[name]} if name in NEEDS else {}
        page = await save(site, who, **{"max_papers": "9", **frequency, name: value})
        assert page.status_code == 422
        assert f'id="{name}-wrong"' in page.text
        assert f'href="#{name}"' in page.text
        assert 'value="9"' in page.text or name == "max_papers"
        assert await as_he_is(site, who) == who


HOSTILE = [
    "</textarea><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "{{7*7}} ${7*7} %s {0.__class__}",
    "javascript:alert(1)",
    "--><iframe srcdoc=x>",
    "&lt;b&gt; &amp; <b>",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_rules_are_text_wherever_they_are_shown(tmp_path: Path, text: str) -> None:
    quoted = '"' + text.replace('"', "") + '"'
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        hostile = await put(site, replace(who, rules=(Rule(text, quoted), Rule(text, text))))
        await take(site, paper(1, text, f"Of {text}"))
        for page in (
            await site.client.get(page_of(site, hostile)),
            await preview(site, hostile, rules=f"{quoted}\npaper"),
            await save(site, hostile, rules=text + "\n((", timezone=text),
        ):
            assert "<script" not in page.text
            assert "<img src=x" not in page.text
            assert "<svg" not in page.text
            assert "<iframe" not in page.text
            assert "<b>" not in page.text
            assert page.text.count("<textarea") == page.text.count("</textarea>") == 1
            assert not re.search(r'href="\s*javascript', page.text)


async def test_ten_years_of_rules_are_shown_and_saved(tmp_path: Path) -> None:
    rules = "\n".join(f'rule{number} "</textarea><script>{number}"' for number in range(50))
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        done = await save(site, who, rules=rules)
        assert done.status_code == 200
        assert len((await as_he_is(site, who)).rules) == 50
        filled = await form(site, who)
        assert filled.fields["rules"] == rules


# --- whose it is ------------------------------------------------------------


def wrong_links(site: Served, who: Subscriber) -> list[str]:
    """Links below /p/ that are none, or not of this epoch, purpose, time."""
    right, now = page_of(site, who), site.clock.now()
    text = right.removeprefix("/p/")
    key = site.opened.composer.keys
    flipped = [f"{text[:at]}{'BA'[text[at] != 'A']}{text[at + 1 :]}" for at in range(40)]
    purposes = (CONFIRM, DIGEST, FEED, UNSUBSCRIBE, OPERATOR, REPLY, FORM)
    later = now + timedelta(days=9)
    other = [made(site, who.uid, later, purpose=purpose) for purpose in purposes]
    return [
        *(f"/p/{each}" for each in flipped),
        *other,
        f"/p/{text[:-1]}",
        f"/p/{text}A",
        f"/p/{text}%20",
        f"/p/{token(key.secret, key.newest, UNSUBSCRIBE, who.uid)}",
        f"/p/{who.uid}",
        f"/p/{'A' * 1000}",
        "/p/..%2f..%2fetc",
        "/p/%F0%9F%98%80",
        made(site, who.uid, now),
        made(site, who.uid, now - timedelta(seconds=1)),
        made(site, who.uid, later, epoch=who.epoch + 1),
        made(site, who.uid + 1, later),
        made(site, 0, later),
    ]


async def test_all_that_is_no_link_of_his_looks_the_same(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        pages: set[tuple[int, bytes]] = set()
        async with unchanged(site.site.settings):
            for path in wrong_links(site, who):
                answer = await site.client.get(path)
                pages.add((answer.status_code, answer.content))
            for path in wrong_links(site, who)[::4]:
                for answer in (
                    await site.client.get(f"{path}/export.json"),
                    await site.client.post(path, data={"action": "save", "rules": "gate"}),
                    await site.client.post(f"{path}/leave"),
                ):
                    pages.add((answer.status_code, answer.content))
        ((status, content),) = pages
        assert status == 404
        assert b"This link does not work" in content


@pytest.mark.parametrize("more", ["%00", "%0d%0aSet-Cookie:%20a=b", "A" * 9000, "?" + "a=b&" * 900])
async def test_what_is_no_address_at_all_is_turned_away_at_the_door(
    tmp_path: Path, more: str
) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        answer = await site.client.get(page_of(site, who) + more)
        assert answer.status_code == (200 if "?" in more else 404)
        assert "set-cookie" not in answer.headers


async def test_a_link_holds_for_thirty_days_and_not_a_second_longer(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await daily(site, "flow")
        page = page_of(site, who)
        site.clock.at = NOON + timedelta(days=30, seconds=-1)
        assert (await site.client.get(page)).status_code == 200
        site.clock.at = NOON + timedelta(days=30)
        assert (await site.client.get(page)).status_code == 404


GONE = [
    SubscriberState.PENDING, SubscriberState.UNLISTED,
    SubscriberState.REMOVED, SubscriberState.SUPPRESSED,
]  # fmt: skip


@pytest.mark.parametrize("state", GONE)
async def test_who_is_not_mailed_has_no_page(tmp_path: Path, state: SubscriberState) -> None:
    async with served(tmp_path) as site:
        who = await put(site, replace(await daily(site, "flow"), state=state))
        nothing = await site.client.get("/p/nothing")
        page = page_of(site, who)
        async with unchanged(site.site.settings):
            for answer in (
                await site.client.get(page),
                await site.client.get(f"{page}/export.json"),
                await site.client.post(page, data={"action": "save", "rules": "gate"}),
                *[
                    await site.client.post(f"{page}/{action}", data={"sure": "yes"})
                    for action in ("pause", "weekly", "move", "links", "erase", "leave")
                ],
            ):
                assert (answer.status_code, answer.content) == (404, nothing.content)


async def test_who_left_is_told_so_and_how_to_come_back(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(
            site, replace(await daily(site, "flow"), state=SubscriberState.UNSUBSCRIBED)
        )
        page = page_of(site, who)
        async with unchanged(site.site.settings):
            for answer in (
                await site.client.get(page),
                await site.client.post(page, data={"action": "save", "rules": "gate"}),
                *[
                    await site.client.post(f"{page}/{action}")
                    for action in ("pause", "weekly", "move", "links", "leave")
                ],
            ):
                assert answer.status_code == 200
                assert "<h1>You are unsubscribed</h1>" in answer.text
                assert 'href="/">subscribe again</a>' in answer.text
                assert "r1@example.org" not in answer.text


async def test_his_link_shows_and_changes_nothing_of_another(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        mine, other = await daily(site, "flow"), await daily(site, "secretword", number=2)
        await take(site, paper(1, "On secretword"))
        site.clock.at += timedelta(days=1)
        await site.opened.plan(site.clock)
        other = await as_he_is(site, other)
        page = page_of(site, mine)
        body = {"id": str(other.id), "uid": str(other.uid), "token": page_of(site, other),
                "address": other.address, "subscriber": str(other.id)}  # fmt: skip
        answers: list[httpx.Response] = [
            await site.client.get(page, params=body),
            await site.client.get(f"{page}/export.json", params=body),
            await save(site, mine, **{**body, "rules": "beam"}),
            await site.client.post(f"{page}/pause", data={**body, "until": "2025-10-01"}),
            await site.client.post(f"{page}/weekly", data=body),
            await site.client.post(f"{page}/links", data=body),
        ]
        mine = await as_he_is(site, mine)
        page = page_of(site, mine)
        answers += [
            await site.client.post(f"{page}/leave", data=body),
            await site.client.post(f"{page}/erase", data={**body, "sure": "yes"}),
        ]
        for answer in answers:
            assert answer.status_code == 200
            assert "secretword" not in answer.text
            assert other.address not in answer.text
        assert await as_he_is(site, other) == other


# --- kept by the operator ---------------------------------------------------


async def test_whose_rules_the_operator_keeps_sees_them_and_cannot_edit_them(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as site:
        who = await put(site, replace(await daily(site, "flow"), from_file=True))
        await take(site, paper(1, "On flow"))
        page = (await site.client.get(page_of(site, who))).text
        assert "kept by the operator of this list" in page
        assert "<code>flow</code>" in page
        assert "<textarea" not in page
        assert "Weekly instead" not in page
        assert 'name="address"' not in page
        refused = await site.client.post(
            page_of(site, who), data={"action": "save", "rules": "gate"}
        )
        assert refused.status_code == 403
        assert await as_he_is(site, who) == who
