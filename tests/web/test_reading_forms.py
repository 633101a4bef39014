"""Forms are read beside the loop: fifty regexes that somebody wrote keep nobody else waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from tests.web.owners import save
from tests.web.served import Served, served
from tests.web.test_preferences import daily
from tests.web.visitors import ADA, asks, subscribe
from worker.core import form
from worker.core.named import MOST_RULES
from worker.core.rulesets import RuleSet, RuleSets
from worker.core.shared import shared
from worker.model import Preferences, Rule
from worker.web import ownpage, preferences, seats, signupform, subscribing, trying
from worker.web.offered import Offered, offered
from worker.web.site import FORMS, SEATS_OF_STRANGERS


def reads(
    monkeypatch: pytest.MonkeyPatch, page: ModuleType
) -> Callable[..., Preferences | form.Faults]:
    """Has that page read forms only while the loop turns; it fails on the loop itself."""
    loop = asyncio.get_running_loop()

    def read(*asked: object, **more: object) -> Preferences | form.Faults:
        turned = threading.Event()
        loop.call_soon_threadsafe(turned.set)
        assert turned.wait(5), "the loop turns meanwhile"
        return form.read(*asked, **more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(page, "read", read)
    return read


async def subscribed(site: Served) -> int:
    return (await subscribe(site, **ADA)).status_code


async def tried(site: Served) -> int:
    return (await site.client.post("/try", data={"rules": "/a{1,9}b/"})).status_code


async def saved(site: Served) -> int:
    return (await save(site, await daily(site, "flow"), rules="/a{1,9}b/")).status_code


@pytest.mark.parametrize(
    ("page", "sent"), [(subscribing, subscribed), (trying, tried), (preferences, saved)]
)
async def test_a_form_is_read_while_the_loop_turns(
    page: ModuleType, sent: Callable[[Served], asyncio.Future[int]],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async with served(tmp_path) as site:
        reads(monkeypatch, page)
        assert await sent(site) == 200


async def mistaken(site: Served) -> int:
    return (await subscribe(site, **ADA | {"rules": "("})).status_code


async def owners_mistake(site: Served) -> int:
    return (await save(site, await daily(site, "flow"), rules="(")).status_code


@pytest.mark.parametrize(("page", "sent"), [(signupform, mistaken), (ownpage, owners_mistake)])
async def test_a_form_that_is_shown_again_is_looked_at_while_the_loop_turns(
    page: ModuleType, sent: Callable[[Served], asyncio.Future[int]],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async with served(tmp_path) as site:
        before = asyncio.get_running_loop()

        def beside(sets: RuleSets, written: str) -> Sequence[Offered]:
            if written == "(":
                turned = threading.Event()
                before.call_soon_threadsafe(turned.set)
                assert turned.wait(5), "the loop turns meanwhile"
            return offered(sets, written)

        monkeypatch.setattr(page, "offered", beside)
        assert await sent(site) == 422


def test_what_is_written_is_read_once_however_many_sets_there_are_and_no_more_than_may_be() -> None:
    """What cannot be read is not remembered: so each time it would be read anew."""
    sets = tuple(RuleSet(f"set{n}", "", (Rule("a", "a"),)) for n in range(20))
    wrong = [f'set:{n} /x{n}/ "' for n in range(2 * MOST_RULES)]
    before = shared.cache_info().misses
    assert not any(one.had for one in offered(sets, "\n".join(wrong)))
    assert shared.cache_info().misses - before == MOST_RULES


async def test_of_the_forms_of_strangers_one_is_read_at_a_time_and_a_crowd_is_turned_away(
    tmp_path: Path,
) -> None:
    async with served(tmp_path, 'proxies = "127.0.0.1"\n') as site, asyncio.timeout(30):
        for _ in range(SEATS_OF_STRANGERS):
            await site.site.reading_seats.acquire()
        waiting = [asyncio.create_task(subscribe(site, **ADA)) for _ in range(FORMS)]
        while site.site.reading_seats.waiting < FORMS:
            await asyncio.sleep(0)
        async with asyncio.timeout(seats.PATIENCE / 2):
            assert (await subscribe(site, **ADA)).status_code == 503
        assert await asks(site) == []
        for _ in range(SEATS_OF_STRANGERS):
            site.site.reading_seats.release()
        assert {(await each).status_code for each in waiting} <= {200, 503}
        assert len(await asks(site)) == 1
