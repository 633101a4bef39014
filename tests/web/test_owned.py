"""What somebody does with one button each: pause, weekly, move, links, erase, leave; his export."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.made import MONDAY, NOON, paper
from tests.web.owners import page_of, press, save
from tests.web.reading import as_he_is, deliveries, join, links, take
from tests.web.served import Served, served
from tests.web.unchanged import unchanged
from worker.asks import Ask, AskKind
from worker.core.due import parse_schedule
from worker.deliveries import DeliveryState, Reason
from worker.model import Subscriber, SubscriberState


async def put(site: Served, who: Subscriber) -> Subscriber:
    """Him as given, written down."""
    changed = await site.opened.subscribers.change(who)
    assert changed
    return changed


async def planned(site: Served, who: Subscriber) -> Subscriber:
    """Him, with a digest that waits."""
    await take(site, paper(1, "On flow"))
    await site.opened.plan(site.clock)
    assert [each.state for each in await deliveries(site)] == [DeliveryState.PLANNED]
    return await as_he_is(site, who)


# --- pause ------------------------------------------------------------------


async def test_a_pause_holds_the_next_digest_until_its_day(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        done = await press(site, who, "pause", until="2025-09-20")
        assert done.status_code == 200
        assert "<h1>Paused until Saturday, 20 September 2025</h1>" in done.text
        assert (await as_he_is(site, who)).paused_until == date(2025, 9, 20)
        await take(site, paper(1, "On flow"))
        site.clock.at = NOON + timedelta(days=11)
        await site.opened.plan(site.clock)
        assert await deliveries(site) == []
        site.clock.at = NOON + timedelta(days=12)
        await site.opened.plan(site.clock)
        (digest,) = await deliveries(site)
        assert [each.paper for each in digest.digest.picks] == [1]


async def test_a_pause_keeps_back_what_waits_and_it_comes_afterwards(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await planned(site, await join(site, "flow"))
        await press(site, who, "pause", until="2025-09-20")
        assert [each.state for each in await deliveries(site)] == [DeliveryState.CANCELLED]
        assert [each.paper for each in (await as_he_is(site, who)).held_over] == [1]


async def test_the_page_of_who_is_paused_says_so_and_ends_it(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, replace(await join(site, "flow"), paused_until=date(2025, 9, 20)))
        page = (await site.client.get(page_of(site, who))).text
        assert "You are paused: no digest comes before Saturday, 20 September 2025." in page
        done = await press(site, who, "pause", resume="yes")
        assert "<h1>Your pause is over</h1>" in done.text
        assert (await as_he_is(site, who)).paused_until is None


async def test_to_end_a_pause_that_is_none_is_no_fault(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        done = await press(site, who, "pause", resume="yes")
        assert "<h1>You were not paused</h1>" in done.text
        assert await as_he_is(site, who) == who


async def test_to_pause_twice_is_once(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        first = await press(site, who, "pause", until="2025-09-20")
        again = await press(site, who, "pause", until="2025-09-20")
        assert first.content == again.content
        assert (await as_he_is(site, who)).version == who.version + 1


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("2025-09-08", "not in the future"), ("2020-01-01", "not in the future"),
        ("2028-09-12", "more than three years away"), ("2025-02-30", "Write the day as in"),
        ("", "Write the day as in"), ("soon", "Write the day as in"),
        ("<script>1</script>", "Write the day as in"), ("9" * 9999, "Write the day as in"),
    ],
)  # fmt: skip
async def test_a_pause_that_cannot_be_is_refused(tmp_path: Path, until: str, why: str) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        refused = await press(site, who, "pause", until=until)
        assert refused.status_code == 422
        assert why in refused.text
        assert 'aria-describedby="until-wrong until-hint"' in refused.text
        assert "<script" not in refused.text
        assert await as_he_is(site, who) == who


# --- weekly -----------------------------------------------------------------


async def test_weekly_instead_is_on_his_weekday_at_his_time(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        site.clock.at = NOON.replace(hour=20)  # it is Tuesday already in Tokyo
        who = await join(site, "flow", schedule="daily 07:15", timezone="Asia/Tokyo")
        page = (await site.client.get(page_of(site, who))).text
        assert "every Tuesday at 07:15" in page
        done = await press(site, who, "weekly")
        assert "<h1>Once a week now</h1>" in done.text
        after = await as_he_is(site, who)
        assert after == replace(
            who, schedule=parse_schedule("weekly tue 07:15"), version=who.version + 1
        )


async def test_weekly_moves_the_next_slot_and_loses_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow", schedule="daily 08:00", last_slot=MONDAY)
        await press(site, who, "weekly")
        await take(site, paper(1, "On flow"))
        for days, due in ((1, 0), (6, 0), (7, 1)):
            site.clock.at = NOON + timedelta(days=days)
            await site.opened.plan(site.clock)
            assert len(await deliveries(site)) == due


async def test_who_is_weekly_is_not_offered_it_and_keeps_his_day(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow", schedule="weekly fri 16:00")
        assert "Weekly instead" not in (await site.client.get(page_of(site, who))).text
        await press(site, who, "weekly")
        assert await as_he_is(site, who) == who


# --- another address --------------------------------------------------------


async def asked(site: Served) -> list[Ask]:
    return list(await site.opened.signups.waiting(100))


async def test_another_address_is_only_asked_for(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        done = await press(site, who, "move", address="New@Example.NET")
        assert done.status_code == 200
        assert "<h1>Confirm it at the new address</h1>" in done.text
        (ask,) = await asked(site)
        assert (ask.kind, ask.address, ask.mover) == (AskKind.MOVE, "New@example.net", who.uid)
        assert ask.wanted is None
        assert await as_he_is(site, who) == who
        assert site.woken


async def test_the_answer_is_the_same_whoever_has_that_address(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await join(site, "gate", number=2, address="active@example.net")
        left = await join(site, "gate", number=3, address="left@example.net")
        await put(site, replace(left, state=SubscriberState.UNSUBSCRIBED))
        await site.opened.suppressions.suppress("never@example.net", Reason.COMPLAINT, NOON)
        addresses = ["new", "active", "left", "never", "new", "postmaster"]
        answers = {
            (answer.status_code, answer.content)
            for address in addresses
            for answer in [await press(site, who, "move", address=f"{address}@example.net")]
        }
        assert len(answers) == 1


@pytest.mark.parametrize(
    "address",
    ["", "a@b", "a@x.org\r\nRCPT TO:<v@x>", "A <a@x.org>", "a..b@example.org", "a@[127.0.0.1]",
     '"><script>alert(1)</script>@x.org', "x" * 65 + "@example.org"],
)  # fmt: skip
async def test_what_is_no_address_is_said_at_its_field(tmp_path: Path, address: str) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        refused = await press(site, who, "move", address=address)
        assert refused.status_code == 422
        assert 'id="address-wrong"' in refused.text
        assert "<script" not in refused.text
        assert await asked(site) == []


async def test_who_asks_for_others_is_not_looked_at(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        other = await join(site, "gate", number=2, address="other@example.org")
        await press(site, who, "move", address="new@example.net", mover=str(other.uid), kind="link")
        (ask,) = await asked(site)
        assert (ask.kind, ask.mover) == (AskKind.MOVE, who.uid)


async def test_when_the_site_is_closed_for_the_hour_it_says_so(tmp_path: Path) -> None:
    async with served(tmp_path, "confirmations_per_hour = 1\n") as site:
        who = await join(site, "flow")
        await press(site, who, "move", address="new@example.net")
        closed = await press(site, who, "move", address="new@example.com")
        assert closed.status_code == 503
        assert len(await asked(site)) == 1


# --- links ------------------------------------------------------------------


async def test_with_new_links_all_the_old_ones_end(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        old = page_of(site, who)
        done = await press(site, who, "links")
        assert done.status_code == 200
        after = await as_he_is(site, who)
        assert after.epoch == who.epoch + 1
        new = page_of(site, after)
        assert f'href="{new}"' in done.text
        assert f"{links(site).feed(who.uid, after.epoch)}.atom" in done.text
        nothing = await site.client.get("/p/nothing")
        for dead in (
            await site.client.get(old),
            await site.client.get(f"{old}/export.json"),
            await site.client.post(f"{old}/links"),
            await site.client.post(f"{old}/leave"),
        ):
            assert (dead.status_code, dead.content) == (404, nothing.content)
        assert (await site.client.get(new)).status_code == 200
        assert await as_he_is(site, who) == after


async def test_two_clicks_at_once_make_new_links_once(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        done = await asyncio.gather(*(press(site, who, "links") for _ in range(5)))
        after = await as_he_is(site, who)
        assert after.epoch == who.epoch + 1
        assert {each.status_code for each in done} <= {200, 404}
        assert any(page_of(site, after) in each.text for each in done)


# --- erased -----------------------------------------------------------------


async def test_who_wants_to_be_erased_has_to_say_that_he_is_sure(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        for sent in ({}, {"sure": ""}, {"sure": "no"}):
            refused = await press(site, who, "erase", **sent)
            assert refused.status_code == 422
            assert 'id="sure-wrong"' in refused.text
        assert await as_he_is(site, who) == who


async def test_erased_he_is_nowhere_but_on_the_list_of_hashes(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flowery", address="forgetme@example.org")
        await save(site, who, rules="flowery\nsecretrule")
        await take(site, paper(1, "On flowery things"))
        await site.opened.plan(site.clock)
        who = await as_he_is(site, who)
        done = await press(site, who, "erase", sure="yes")
        assert done.status_code == 200
        assert "<h1>Everything is erased</h1>" in done.text
        assert ">whoever runs this list</a>" in done.text
        listed = await site.opened.suppressions.find("forgetme@example.org")
        assert listed
        assert (listed.reason, listed.address) == (Reason.ERASED, "")
        for file in (site.site.settings.data).iterdir():
            if file.is_file():
                assert b"forgetme" not in file.read_bytes(), file.name
                assert b"secretrule" not in file.read_bytes(), file.name
        assert [each.state for each in await deliveries(site)] == [DeliveryState.CANCELLED]


@pytest.mark.parametrize("state", [SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED])
async def test_who_is_erased_has_no_page_any_more(tmp_path: Path, state: SubscriberState) -> None:
    async with served(tmp_path) as site:
        who = await put(site, replace(await join(site, "flow"), state=state))
        page = page_of(site, who)
        assert (await press(site, who, "erase", sure="yes")).status_code == 200
        nothing = await site.client.get("/p/nothing")
        for again in (
            await site.client.get(page),
            await site.client.get(f"{page}/export.json"),
            await site.client.post(f"{page}/erase", data={"sure": "yes"}),
        ):
            assert (again.status_code, again.content) == (404, nothing.content)


async def test_who_left_can_be_erased_too_if_he_is_sure(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, replace(await join(site, "flow"), state=SubscriberState.UNSUBSCRIBED))
        refused = await press(site, who, "erase")
        assert refused.status_code == 422
        assert "<h1>You are unsubscribed</h1>" in refused.text
        assert 'id="sure-wrong"' in refused.text
        assert (await press(site, who, "erase", sure="yes")).status_code == 200
        assert await site.opened.suppressions.find(who.address)


# --- leaves -----------------------------------------------------------------


async def test_who_leaves_is_gone_at_once_and_what_waits_is_cancelled(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await planned(site, await join(site, "flow"))
        done = await press(site, who, "leave")
        assert done.status_code == 200
        assert "<h1>You are unsubscribed</h1>" in done.text
        assert (await as_he_is(site, who)).state is SubscriberState.UNSUBSCRIBED
        assert [each.state for each in await deliveries(site)] == [DeliveryState.CANCELLED]
        again = await press(site, who, "leave")
        assert again.status_code == 200


# --- kept by the operator ---------------------------------------------------


async def test_who_is_kept_by_the_operator_pauses_leaves_and_has_his_data(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, replace(await join(site, "flow"), from_file=True))
        assert (await press(site, who, "weekly")).status_code == 403
        assert (await press(site, who, "move", address="new@example.net")).status_code == 403
        assert await asked(site) == []
        assert await as_he_is(site, who) == who
        assert (await press(site, who, "pause", until="2025-09-20")).status_code == 200
        assert (await press(site, who, "pause", resume="yes")).status_code == 200
        assert (await site.client.get(f"{page_of(site, who)}/export.json")).status_code == 200
        who = await as_he_is(site, who)
        assert (await press(site, who, "links")).status_code == 200
        who = await as_he_is(site, who)
        assert (await press(site, who, "leave")).status_code == 200
        assert (await press(site, who, "erase", sure="yes")).status_code == 200
        assert await site.opened.suppressions.find("reader@example.org")


# --- his data ---------------------------------------------------------------


async def exported(site: Served, who: Subscriber) -> dict[str, Any]:
    answer = await site.client.get(f"{page_of(site, who)}/export.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="paper-round.json"'
    document: dict[str, Any] = json.loads(answer.text)
    assert answer.text.startswith('{\n  "about": ')
    return document


async def test_the_export_has_what_he_was_sent_and_what_became_of_it(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow", max_papers=1)
        await take(site, paper(1, "Ström <flow>"), paper(2, "More flow"))
        await site.opened.plan(site.clock)
        document = await exported(site, who)
        assert document["subscriber"]["address"] == "reader@example.org"
        assert document["subscriber"]["rules"] == [{"name": "flow", "query": "flow"}]
        (one,) = document["deliveries"]
        assert one["state"] == "planned"
        assert one["planned_at"] == "2025-09-08T12:00:00+00:00"
        titles = [each["title"] for each in one["papers"]]
        held = [each["title"] for each in document["subscriber"]["held_over"]]
        assert sorted(titles + held) == ["More flow", "Ström <flow>"]


async def test_the_export_has_the_consent_that_was_given(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await press(site, who, "move", address="new@example.net")
        (ask,) = await asked(site)
        await site.site.signup.admit()
        assert await site.site.signup.confirm(ask.number)
        moved = await as_he_is(site, who)
        assert moved.address == "new@example.net"
        (consent,) = (await exported(site, moved))["asks"]
        assert (consent["kind"], consent["state"]) == ("move", "confirmed")
        assert consent["confirmed_at"] == "2025-09-08T12:00:00+00:00"


async def test_the_export_of_one_has_nothing_of_another_and_no_secret(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        other = await join(site, "secretword", number=2, address="other@example.org")
        await take(site, paper(1, "On flow"), paper(2, "On secretword"))
        await site.opened.plan(site.clock)
        text = json.dumps(await exported(site, who))
        keys = site.opened.composer.keys
        for secret in ("secretword", other.address, keys.secret.hex(), f'"{who.uid}"'):
            assert secret not in text


async def test_who_left_has_his_data_too(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, replace(await join(site, "flow"), state=SubscriberState.UNSUBSCRIBED))
        async with unchanged(site.site.settings):
            document = await exported(site, who)
        assert document["subscriber"]["state"] == "unsubscribed"
