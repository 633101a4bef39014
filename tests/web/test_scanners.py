"""B69: whatever looks at the links of a mail, however often, changes nothing; they still work.

Every link of every kind of mail, and every page that can be reached from there.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from tests.web.browser import needs_chromium
from tests.web.reading import as_he_is, deliveries, join, take_in
from tests.web.scanner import scan
from tests.web.served import Served, served
from tests.web.unchanged import unchanged
from tests.web.visitors import confirmation, subscribe
from worker.core.sample import sample_answer
from worker.deliveries import Delivery, DeliveryKind
from worker.model import Subscriber, SubscriberState

NEW = "ada@x.org"
METHODS = ("GET", "HEAD", "OPTIONS")
TIMES = 3
MOST = 200
_URL = re.compile(r"https?://[^\s<>\"')]+")
_LINK = re.compile(r'(?:href|src|action)="([^"]*)"')


@dataclass(frozen=True)
class Mailed:
    """A site, who reads there, who is asked to confirm, and the links of each kind of mail."""

    site: Served
    who: Subscriber
    confirm: str
    links: Mapping[DeliveryKind, frozenset[str]]

    @property
    def all(self) -> list[str]:
        """The paths, each once."""
        return sorted(frozenset().union(*self.links.values()))


@asynccontextmanager
async def mailed(folder: Path) -> AsyncIterator[Mailed]:
    """A digest, a confirmation, a notice and an answer were mailed."""
    async with served(folder, local=True) as site:
        who = await join(site, "diffusion", "gate", max_papers=2)
        await take_in(site, "2025-09-08", "2025-09-09")
        await site.opened.plan(site.clock)
        for address in (NEW, who.address):
            await subscribe(site, address=address, rules="video")
            site.clock.at += timedelta(hours=1)
        confirm = await confirmation(site)
        found = await deliveries(site)
        answer = replace(sample_answer(), uid=who.uid, planned_at=site.clock.now())
        links = {each.kind: _links(site, each) for each in (*found, answer)}
        assert links.keys() == set(DeliveryKind)
        yield Mailed(site, who, confirm, links)


def _links(site: Served, delivery: Delivery) -> frozenset[str]:
    """The paths of this site that the mail links to, in its headers or in either part."""
    mail = message_from_bytes(site.opened.composer(delivery).content, policy=policy.default)
    texts = [str(value) for value in mail.values()]
    texts += [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    urls = {unescape(url).rstrip(".,>") for text in texts for url in _URL.findall(text)}
    here = f"127.0.0.1:{site.port}"
    return frozenset(urlsplit(url).path or "/" for url in urls if urlsplit(url).netloc == here)


async def _crawl(site: Served, paths: list[str]) -> dict[str, int]:
    """Look at all of these in every way, and at whatever their pages lead to: the GET's status."""
    seen, next_ = dict[str, int](), list(paths)
    while next_ and len(seen) < MOST:
        path = next_.pop(0)
        if path in seen:
            continue
        for method in METHODS * TIMES:
            answer = await site.client.request(method, path)
            if method == "GET":
                seen[path] = answer.status_code
                page = answer.text if "html" in answer.headers["content-type"] else ""
        next_ += [each for each in _linked(site, path, page) if each not in seen]
    return seen


def _linked(site: Served, path: str, page: str) -> list[str]:
    """Where its links and forms lead on this site, if they are followed by looking."""
    here = f"http://127.0.0.1:{site.port}"
    urls = [urljoin(f"{here}{path}", unescape(each)) for each in _LINK.findall(page)]
    return [url.removeprefix(here).partition("#")[0] for url in urls if url.startswith(f"{here}/")]


async def _still_work(mailed: Mailed) -> None:
    """The confirmation confirms, the preferences open, and one click is enough to leave."""
    site, who = mailed.site, mailed.who
    assert (await site.client.post(mailed.confirm)).status_code == 200
    fresh = await site.opened.subscribers.find(NEW)
    assert fresh
    assert fresh.state is SubscriberState.ACTIVE
    digest = mailed.links[DeliveryKind.DIGEST]
    (own,) = (each for each in digest if each.startswith("/p/"))
    (leave,) = (each for each in digest if each.startswith("/u/"))
    assert "<h1" in (await site.client.get(own)).text
    answer = await site.client.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert (await as_he_is(site, who)).state is SubscriberState.UNSUBSCRIBED


async def test_every_kind_of_mail_has_the_links_that_it_is_for(tmp_path: Path) -> None:
    async with mailed(tmp_path) as all_:
        kinds = {kind: {path[:3] for path in paths} for kind, paths in all_.links.items()}
    assert {"/d/", "/p/", "/u/"} <= kinds[DeliveryKind.DIGEST]
    assert {"/c/", "/u/"} <= kinds[DeliveryKind.CONFIRM]
    assert {"/p/", "/u/"} <= kinds[DeliveryKind.NOTICE]
    assert {"/p/", "/u/"} <= kinds[DeliveryKind.ANSWER]


async def test_looking_at_all_that_mails_lead_to_changes_nothing(tmp_path: Path) -> None:
    async with mailed(tmp_path) as all_:
        async with unchanged(all_.site.opened.settings):
            seen = await _crawl(all_.site, all_.all)
        assert set(all_.all) <= seen.keys()
        assert len(seen) > len(all_.all) + 5
        assert len(seen) < MOST
        wrong = {path: status for path, status in seen.items() if status not in (200, 405)}
        assert wrong == {}
        assert {seen[path] for path in all_.all} == {200}
        assert all_.site.woken[2:] == []
        await _still_work(all_)


@needs_chromium
async def test_a_whole_browser_that_looks_at_every_link_changes_nothing(tmp_path: Path) -> None:
    async with mailed(tmp_path) as all_:
        async with unchanged(all_.site.opened.settings):
            assert set(await scan(all_.site.port, all_.all, TIMES)) == {200}
        await _still_work(all_)
